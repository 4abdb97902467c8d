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
#include "store/store.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One that was made of a record. */
typedef struct
{
  char *text;              /* in the place of its question */
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
 * @before: the text that was varied; @ids, @learn: of its sample. Errors: as attune_similar_keep().
 */
gboolean attune_variants_add (AttuneVariants *self, guint32 record, const char *before,
                              const AttuneVariant *variant, const gint32 *ids, const guint8 *learn,
                              GError **error);
/* A record that checks or tests: those so far that are similar to it are not used. @sketch: of it.
 * Errors: as attune_similar_find(). */
gboolean attune_variants_mind (AttuneVariants *self, const AttuneSketch *sketch, GError **error);
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
