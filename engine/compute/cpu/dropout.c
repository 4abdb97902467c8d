/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Inverted dropout. Value i of the stream of (seed, DROPOUT, step) decides about element i, whoever
 * computes it: a Philox block gives four values and its number is its counter, so any part can be
 * drawn alone.
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/vector.h"
#include "core/random.h"

typedef struct
{
  gint64 n;
  float *y;
  const float *x;
  float scale;
  guint32 threshold; /* dropped below */
  guint64 offset;
  guint32 counter[4], key[2];
} Dropout;

typedef guint64 vul __attribute__ ((vector_size (8 * VL)));

/* VL blocks with consecutive numbers from @first: out[word][lane]; see core/random.c. */
INLINE void
philox (const Dropout *d, guint32 first, vu out[4])
{
  guint32 k0 = d->key[0], k1 = d->key[1];
  vu c0 = (vu) vlane () + first, c1 = (vu) { 0 } + d->counter[1], c2 = (vu) { 0 } + d->counter[2],
     c3 = (vu) { 0 } + d->counter[3];

  for (int round = 0; round < 10; round++)
    {
      const vul p0 = __builtin_convertvector (c0, vul) * G_GUINT64_CONSTANT (0xD2511F53),
                p1 = __builtin_convertvector (c2, vul) * G_GUINT64_CONSTANT (0xCD9E8D57);

      c0 = __builtin_convertvector (p1 >> 32, vu) ^ c1 ^ k0;
      c1 = __builtin_convertvector (p1, vu);
      c2 = __builtin_convertvector (p0 >> 32, vu) ^ c3 ^ k1;
      c3 = __builtin_convertvector (p0, vu);
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

static void
dropout_task (gpointer data, int worker, int n_workers)
{
  const Dropout *d = data;
  gint64 from, to;

  attune_split (d->n, 1024, worker, n_workers, &from, &to);
  for (gint64 i = from; i < to;)
    {
      const guint64 index = d->offset + i;
      const int skip = index % 4, n = MIN (4 * VL - skip, to - i);
      guint32 draws[4 * VL];
      vu words[4];

      philox (d, index / 4, words);
      for (int lane = 0; lane < VL; lane++)
        for (int word = 0; word < 4; word++)
          draws[4 * lane + word] = words[word][lane];
      /* A product, not a choice: a NaN stays one even where it is dropped. */
      for (int j = 0; j < n; j++)
        d->y[i + j] = d->x[i + j] * (draws[skip + j] >= d->threshold ? d->scale : 0.0f);
      i += n;
    }
}

void
LEVEL (dropout) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x, float rate,
                 guint64 seed, guint64 step, guint64 offset)
{
  AttuneRandom random;
  Dropout d = { .n = attune_tensor_count (x),
                .y = y->data,
                .x = x->data,
                .scale = 1.0f / (1.0f - rate),
                .threshold = (guint32) MIN (rate * 0x1p32, (double) G_MAXUINT32),
                .offset = offset };

  attune_random_init (&random, seed, ATTUNE_RANDOM_DROPOUT, step);
  memcpy (d.counter, random.counter, sizeof d.counter);
  memcpy (d.key, random.key, sizeof d.key);
  attune_cpu_run (attune_cpu (be), 1.0 * d.n, dropout_task, &d);
}
