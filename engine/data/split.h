/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Train, validation or test, as it is drawn: a function of the seed and a key alone, which is a
 * record's group, or its question where it has none; adding rows changes no draw. What is similar
 * to other records may be placed elsewhere than it was drawn: see data/placement.h. Private to
 * data/.
 */
#pragma once
#include "data/dataset.h"

G_BEGIN_DECLS

/* Shares that hold for each label by itself, where that is wanted: a rare label is not missing in
 * the test by chance. How many of its draws are for the test is never more than one off, and for
 * validation, which comes second, never more than two; which, the key decides. Draws are counted
 * before anything is moved or left out for its similarity. Groups and folds are drawn without
 * regard to labels. What was drawn before rows were added at the end stays so. */
typedef struct _AttuneStrata AttuneStrata;

AttuneStrata *attune_strata_new (const AttuneDataValues *settings);
void attune_strata_free (AttuneStrata *self);
/* @key: of the group of @record, or of its question; one that has been placed is not drawn again */
AttuneSplit attune_strata_draw (AttuneStrata *self, guint64 key, const AttuneRecord *record);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneStrata, attune_strata_free)

G_END_DECLS
