/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records that are nearly the same. The similarity of two is the share of pairs of neighbouring
 * words that they have in common (Jaccard), over question and answer in plain words. Records with
 * other numbers are never similar: “5 mg” and “50 mg” are two facts.
 *
 * Candidates come out of MinHash signatures that agree in a band (Broder 1997; Leskovec, Rajaraman
 * & Ullman, Mining of Massive Datasets, section 3.4), with bands so narrow that a pair at the limit
 * is met with 99 %; each is then compared exactly. What is compared lies in a file without a name,
 * and the index of some 250 bytes a record in a spill, which is in memory only up to a limit.
 */
#pragma once
#include "core/spill.h"
#include "data/sketch.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _AttuneSimilar AttuneSimilar;

typedef struct
{
  guint32 record; /* its number, in the order in which they were kept */
  float similarity;
} AttuneSimilarHit;

/**
 * attune_similar_new:
 * @limit: the least similarity that counts, 0.3 … 1
 * @n_records: how many are expected; more are slower, not wrong
 * @folder: where the file lies
 * @spill: (nullable): where the index lies, which is not freed before it; else in memory
 */
AttuneSimilar *attune_similar_new (double limit, guint64 n_records, const char *folder,
                                   AttuneSpill *spill, GError **error);
void attune_similar_free (AttuneSimilar *self);

/* What sketches of its records are made with. Borrowed. */
const AttuneSketcher *attune_similar_get_sketcher (const AttuneSimilar *self);

/**
 * attune_similar_find:
 * @sketch: of a record
 *
 * Returns: (transfer full): #AttuneSimilarHit: those kept that this record is similar to, the most
 * similar first; %NULL with a #GFileError where the disk fails
 */
GArray *attune_similar_find (AttuneSimilar *self, const AttuneSketch *sketch, GError **error);
/* Keeps the record, so that later ones find it. Errors: as attune_similar_find(). */
gboolean attune_similar_keep (AttuneSimilar *self, const AttuneSketch *sketch, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneSimilar, attune_similar_free)

G_END_DECLS
