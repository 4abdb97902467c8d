/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A record as the set of its pairs of neighbouring words, and what of that is looked up to find
 * others like it: the bands of its MinHash signature. Made of one record by itself, by any thread.
 * Private to data/.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define ATTUNE_SKETCH_HASHES 128

/* What all sketches that are compared have in common. */
typedef struct
{
  guint n_rows, n_bands; /* hashes of a band; bands */
  guint32 factors[ATTUNE_SKETCH_HASHES], flips[ATTUNE_SKETCH_HASHES];
} AttuneSketcher;

/* @limit: the least similarity that must be met, with 99 % */
void attune_sketcher_init (AttuneSketcher *self, double limit);

typedef struct
{
  GArray *pairs;                       /* guint32, sorted, each once */
  guint32 numbers;                     /* stands for the numbers in it */
  guint64 bands[ATTUNE_SKETCH_HASHES]; /* n_bands keys; records with other numbers have others */
} AttuneSketch;

/* @sketch: (inout): zero, or of another record, whose room is used again; @question, @answer: in
 * plain words */
void attune_sketcher_run (const AttuneSketcher *self, const char *question, const char *answer,
                          AttuneSketch *sketch);
void attune_sketch_clear (AttuneSketch *sketch);

/* The share of pairs that two sets have in common (Jaccard). */
double attune_sketch_compare (const GArray *a, const GArray *b);
/* The exact similarity of two texts in plain words, for those who test. */
double attune_similarity (const char *a, const char *b);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneSketch, attune_sketch_clear)

G_END_DECLS
