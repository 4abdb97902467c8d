/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Train, validation or test, for each record by itself: a function of the seed and its key alone,
 * which is its group, or its question in plain words where it has none. Records with one key stand
 * in one split, and adding rows moves none. Private to data/.
 */
#pragma once
#include "data/dataset.h"

G_BEGIN_DECLS

/* The split of a record with this question and no group. */
AttuneSplit attune_split_of (const char *question, const AttuneDataValues *settings);

/* Shares that hold for each label by itself, where that is wanted: a rare label is not missing in
 * the test by chance. How many of its records stand in the test is never more than one off, and in
 * validation, which comes second, never more than two; which, the draw decides. What was there
 * before rows were added at the end stays where it is. */
typedef struct _AttuneStrata AttuneStrata;

AttuneStrata *attune_strata_new (const AttuneDataValues *settings);
void attune_strata_free (AttuneStrata *self);
/* @question: of @record, in plain words */
AttuneSplit attune_strata_draw (AttuneStrata *self, const AttuneRecord *record,
                                const char *question);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneStrata, attune_strata_free)

G_END_DECLS
