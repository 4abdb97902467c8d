/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The other halves of preference pairs: what the model reads of answers that are worse. Collected
 * and written while a data set is prepared. Private to data/.
 */
#pragma once
#include "data/dataset.h"
#include "data/tally.h"
#include "store/store.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct _AttunePairs AttunePairs;

AttunePairs *attune_pairs_new (void);
void attune_pairs_free (AttunePairs *self);
/* Of the next record: @ids and @learn of its worse answer, or %NULL where there is none. */
void attune_pairs_add (AttunePairs *self, AttuneSplit split, const gint32 *ids, const guint8 *learn,
                       const AttuneSampleSize *size);
/* Writes what was added since. */
gboolean attune_pairs_flush (AttunePairs *self, AttuneStore *store, GError **error);
/* Member "pairs" of the report: samples, rows, targets and longest of each split. */
void attune_pairs_report (const AttunePairs *self, JsonObject *report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttunePairs, attune_pairs_free)

G_END_DECLS
