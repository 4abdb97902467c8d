/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Labels of like weight: how often each record is learned from. Rare labels are repeated until they
 * are as many as the most frequent one, or frequent ones are left out until they are as few as the
 * rarest; what counts are samples, so the variants of a record, too. Only what is learned from is
 * balanced: progress and result are measured on what there really is. Which records it concerns is
 * drawn from the seed and the record alone. Private to data/.
 */
#pragma once
#include "data/dataset.h"
#include "data/tally.h"

G_BEGIN_DECLS

typedef struct _AttuneBalance AttuneBalance;

AttuneBalance *attune_balance_new (const AttuneDataValues *settings);
void attune_balance_free (AttuneBalance *self);

/* Every record, in its order. @size: of its sample; zeros where it has none */
void attune_balance_add (AttuneBalance *self, AttuneSplit split, const AttuneRecord *record,
                         const AttuneSampleSize *size);

/* Before attune_balance_finish(): @record stands for so many samples, itself and its variants; one
 * where it is not said. */
void attune_balance_set_samples (AttuneBalance *self, guint32 record, guint n);

/* Call once, after the last one. Returns: (transfer full): guint8: how often each record is learned
 * from; %NULL where each is once, as nothing is to be balanced. */
GByteArray *attune_balance_finish (AttuneBalance *self);

/* After attune_balance_finish(): adds its step, and to "sizes" and "labels" what is learned. */
void attune_balance_report (const AttuneBalance *self, JsonObject *report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneBalance, attune_balance_free)

G_END_DECLS
