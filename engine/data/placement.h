/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which split a record belongs to. Its draw is a function of the seed and of the record's group, or
 * of its question where it has none, so that adding rows at the end moves none; or a function of
 * when it is from: then what would have to leave its time to stand beside others of its group, or
 * beside what is similar to it, is left out. What is similar to
 * an earlier record stands in the same split as that: else the test would ask for what was learned
 * by heart. Records of one group stand in one split whatever they are similar to, and so do records
 * without a group that ask the same: one that would have to leave them is left out. Where that is
 * wanted, a record with an answer of five words or more stands where the first with that answer
 * does. Private to
 * data/.
 */
#pragma once
#include "data/clean.h"
#include "data/dataset.h"
#include "data/sketch.h"

G_BEGIN_DECLS

typedef struct _AttunePlacement AttunePlacement;

/* @n_records: at most; @folder, @spill: see attune_similar_new() */
AttunePlacement *attune_placement_new (const AttuneDataValues *settings, guint64 n_records,
                                       const char *folder, AttuneSpill *spill, GError **error);
void attune_placement_free (AttunePlacement *self);

/* @columns: (transfer full): AttuneDateColumn of each source: what its dates look like. To be said
 * before the first record. */
void attune_placement_take_dates (AttunePlacement *self, GArray *columns);
/* To be asked of each record before it is compared with earlier ones, so that one that cannot stand
 * anywhere takes no other's place. Returns: (nullable): why it cannot; a static sentence. */
const char *attune_placement_refuse (AttunePlacement *self, const AttuneRecord *record);

/**
 * attune_placement_place:
 * @record: cleaned, and not refused
 * @plain: the same in plain words
 * @sketch: of these
 * @split: (out): where it belongs
 * @reason: (out): where that is %ATTUNE_SPLIT_EXCLUDED, why; a static sentence
 *
 * Records are given in their order, each once. Errors: as attune_similar_find().
 */
gboolean attune_placement_place (AttunePlacement *self, const AttuneRecord *record,
                                 const AttunePlainRecord *plain, const AttuneSketch *sketch,
                                 AttuneSplit *split, const char **reason, GError **error);
/* Of each record that stands in a split, in their order, guint32s: which of these is the first of
 * those that it is similar to, directly or through others. Returns: (transfer full): %NULL where
 * none is, or they need not stand together. */
GArray *attune_placement_find_families (AttunePlacement *self);
/* Whether a record that stands in a split asks that, whatever its group. @key: attune_text_key() of
 * a question in plain words. Known where variants are made. */
gboolean attune_placement_is_asked (const AttunePlacement *self, guint64 key);
/* The number, among those that stand in a split, of the record that was placed last. */
guint32 attune_placement_get_last (const AttunePlacement *self);
/* That one and @other may not be parted by the parts of a cross-validation either. */
void attune_placement_join (AttunePlacement *self, guint32 other);
/* @tells: (out): whether what is learned would be similar to a record, of those so far, that checks
 * or tests; never where similar records need not stand together. Where not, the record that was
 * placed last, of which it was made, is joined with those that are learned from and similar to it.
 * Errors: as attune_similar_find(). */
gboolean attune_placement_tells (AttunePlacement *self, const AttuneSketch *sketch, gboolean *tells,
                                 GError **error);
/* What sketches are made with. Borrowed. */
const AttuneSketcher *attune_placement_get_sketcher (const AttunePlacement *self);

/* Whether records have dates where the split needs them, and @n_train are left to learn from; after
 * the last. */
gboolean attune_placement_check (const AttunePlacement *self, guint64 n_train, GError **error);
/* Adds its steps to those of the report: similar records, left out or found; those that were
 * brought to what they are similar to, or would have to be; and those that were left out since they
 * could stand nowhere: for what they are similar to, their answer, their time, or for want of one.
 * And "dates": see attune_timeline_report(). */
void attune_placement_report (const AttunePlacement *self, JsonObject *report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttunePlacement, attune_placement_free)

G_END_DECLS
