/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Train, validation or test, as it is drawn: a function of the seed and a key alone, which is a
 * record's group, or its question where it has none; or, by time, of when the record is from.
 * Adding rows changes no draw. What is similar to other records may be placed elsewhere than it was
 * drawn: see data/placement.h. Private to data/.
 */
#pragma once
#include "data/dataset.h"

G_BEGIN_DECLS

/* Whether @settings go together. */
gboolean attune_split_check (const AttuneDataValues *settings, GError **error);
/* Whether the final test is what is from a date on. */
gboolean attune_split_is_by_time (const AttuneDataValues *settings);
/* Adds "test_from" to @report where the split is by time, and "unused": the settings for shares
 * that are not as usual, but do nothing beside the others. */
void attune_split_report (const AttuneDataValues *settings, JsonObject *report);

/* Shares that hold for each label by itself, where that is wanted: a rare label is not missing in
 * the test by chance. How many of its draws are for the test is never more than one off, and for
 * validation, which comes second, never more than two; which, the key decides. Draws are counted
 * before anything is moved or left out for its similarity. Groups and folds are drawn without
 * regard to labels. What was drawn before rows were added at the end stays so. */
typedef struct _AttuneStrata AttuneStrata;

AttuneStrata *attune_strata_new (const AttuneDataValues *settings);
void attune_strata_free (AttuneStrata *self);
/* @key: of the group of @record, or of its question; one that has been placed is not drawn again.
 * @day: when the record is from, as attune_date_parse() has it. By time a draw is a function of
 * that day, and of the key where only the test is by time; %ATTUNE_SPLIT_EXCLUDED for 0 then. */
AttuneSplit attune_strata_draw (AttuneStrata *self, guint64 key, guint32 day,
                                const AttuneRecord *record);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneStrata, attune_strata_free)

G_END_DECLS
