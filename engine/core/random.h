/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Philox 4x32-10 (Salmon et al. 2011): everything random in Attune comes from here, keyed by
 * (seed, purpose, step), so that the same seed gives the same run and resuming needs no state
 * beyond the step.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Numbers are part of the file format of a run: never reuse or renumber. */
typedef enum
{
  ATTUNE_RANDOM_SPLIT = 1,
  ATTUNE_RANDOM_ORDER = 2,    /* order of samples; step = epoch */
  ATTUNE_RANDOM_INIT = 3,     /* start values of adapters; step = index of the parameter */
  ATTUNE_RANDOM_DROPOUT = 4,  /* step = optimizer step */
  ATTUNE_RANDOM_SAMPLE = 5,   /* token sampling; step = index of the prompt */
  ATTUNE_RANDOM_SIDES = 6,    /* of answers in a blind review; step = index of the answer */
  ATTUNE_RANDOM_SIMILAR = 7,  /* signatures of records; step = 0 */
  ATTUNE_RANDOM_FOLD = 8,     /* of a cross-validation; step = key of the record */
  ATTUNE_RANDOM_BALANCE = 9,  /* of labels; step = key of the record */
  ATTUNE_RANDOM_VARIANT = 10, /* of a text; step = its key */
  ATTUNE_RANDOM_SMOTE = 12,   /* points of a rare label; step = key of its name */
  ATTUNE_RANDOM_HALF = 20,    /* what learns in half fine-tuning; step = round and layer */
  ATTUNE_RANDOM_NOISE = 21,   /* on embeddings; step = micro-batch and row */
  ATTUNE_RANDOM_SEARCH = 22,  /* of settings; step = trial */
  ATTUNE_RANDOM_MERGE = 23,   /* what merged adapters leave out; step = linear */
  ATTUNE_RANDOM_TEST = 99,
} AttuneRandomPurpose;

typedef struct
{
  guint32 key[2];
  guint32 counter[4];
  guint32 block[4];
  guint used;
} AttuneRandom;

void attune_random_init (AttuneRandom *random, guint64 seed, AttuneRandomPurpose purpose,
                         guint64 step);
guint32 attune_random_uint32 (AttuneRandom *random);
/* Uniform in 0 … @n - 1 without modulo bias; @n >= 1. */
guint32 attune_random_below (AttuneRandom *random, guint32 n);
/* Uniform in [0, 1), 53 bits. */
double attune_random_uniform (AttuneRandom *random);
/* Standard normal (Box-Muller). */
double attune_random_normal (AttuneRandom *random);
/* Fisher-Yates. */
void attune_random_shuffle (AttuneRandom *random, guint32 *items, guint n);

G_END_DECLS
