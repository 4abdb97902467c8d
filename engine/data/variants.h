/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Variants of records: more samples to learn from, made of those there are. They stand beside the
 * records, not among them, each with the record that it was made of; so they are in no split but
 * training. Collected and written while a data set is prepared. Private to data/.
 */
#pragma once
#include "data/clean.h"
#include "data/dataset.h"
#include "data/placement.h"
#include "data/tally.h"
#include "data/variant-check.h"
#include "store/store.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One that was made of a record. */
typedef struct
{
  char *text;              /* in the place of its question */
  char *origin;            /* what made it: "WordNet", "Apertium eng-spa, spa-eng", a model */
  AttunePlainRecord plain; /* the record with that question */
  AttuneSketch sketch;     /* of these */
  guint first;             /* its sample's first token, in the arrays of whoever made it */
  AttuneSampleSize size;
  guint64 hash[2]; /* of its sample */
} AttuneVariant;
void attune_variant_clear (gpointer variant);

typedef struct _AttuneVariants AttuneVariants;

/* @folder, @spill: see attune_similar_new() */
AttuneVariants *attune_variants_new (const AttuneDataValues *settings, guint64 n_records,
                                     const char *folder, AttuneSpill *spill, GError **error);
void attune_variants_free (AttuneVariants *self);
/* @record: the number of the one that it was made of, which is learned from; in their order.
 * @placed: see attune_placement_get_last()
 * @before: the text that was varied; @ids, @learn: of its sample. Errors: as attune_similar_keep().
 */
gboolean attune_variants_add (AttuneVariants *self, guint32 record, guint32 placed,
                              const char *before, const AttuneVariant *variant, const gint32 *ids,
                              const guint8 *learn, GError **error);
/* One was made and not taken, for that. */
void attune_variants_refuse (AttuneVariants *self, AttuneVariantFault fault);
/* A record that checks or tests: those so far that are similar to it are not used. @sketch: of it.
 * Errors: as attune_similar_find(). */
gboolean attune_variants_mind (AttuneVariants *self, const AttuneSketch *sketch, GError **error);
/* A record that is learned from, and was placed last: those so far that are similar to it tell
 * where it is checked with, as by a part of a cross-validation: it is joined with what they were
 * made of. Errors: likewise. */
gboolean attune_variants_join (AttuneVariants *self, const AttuneSketch *sketch,
                               AttunePlacement *placement, GError **error);
/* Writes what was added since. */
gboolean attune_variants_flush (AttuneVariants *self, AttuneStore *store, GError **error);
/* After the last record: writes which of them are used: those that ask what a record asks, or are
 * similar to one that checks or tests, are not. Returns: (transfer full): guint8s, one each; %NULL
 * with @error. */
GByteArray *attune_variants_finish (AttuneVariants *self, const AttunePlacement *placement,
                                    AttuneStore *store, GError **error);
/* After that: how many of a record are used. @first: (inout): where to look from, at first 0; asked
 * of ascending records. */
guint attune_variants_count (const AttuneVariants *self, guint32 record, guint *first);
/* After that: adds its step, and to "sizes" what is learned of them. @times: (nullable): how often
 * each record is learned from */
void attune_variants_report (const AttuneVariants *self, const GByteArray *times,
                             JsonObject *report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneVariants, attune_variants_free)

G_END_DECLS
