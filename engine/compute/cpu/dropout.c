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

/* High and low halves of the lanes' 64-bit products with @factor. */
INLINE void
multiply_wide (vu x, guint32 factor, vu *high, vu *low)
{
  const vu by = (vu) { 0 } + factor;
  const vul even = vmul_even (x, by), odd = vmul_even ((vu) ((vul) x >> 32), by);
  const guint64 upper = G_GUINT64_CONSTANT (0xffffffff00000000);

  *high = (vu) (even >> 32 | (odd & upper));
  *low = (vu) ((even & ~upper) | odd << 32);
}

/* VL blocks with consecutive numbers from @first: out[word][lane]; see core/random.c. */
INLINE void
philox (const Dropout *d, guint32 first, vu out[4])
{
  guint32 k0 = d->key[0], k1 = d->key[1];
  vu c0 = (vu) vlane () + first, c1 = (vu) { 0 } + d->counter[1], c2 = (vu) { 0 } + d->counter[2],
     c3 = (vu) { 0 } + d->counter[3];

  for (int round = 0; round < 10; round++)
    {
      vu high0, low0, high1, low1;

      multiply_wide (c0, 0xD2511F53u, &high0, &low0);
      multiply_wide (c2, 0xCD9E8D57u, &high1, &low1);
      c0 = high1 ^ c1 ^ k0;
      c1 = low1;
      c2 = high0 ^ c3 ^ k1;
      c3 = low0;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/* What 4 · VL elements from the block @first on are multiplied with: the blocks' words one after
 * another. */
INLINE void
draw_factors (const Dropout *d, guint32 first, float factors[4 * VL])
{
  vu words[4];
  vf f[4];

  philox (d, first, words);
  for (int i = 0; i < 4; i++)
    f[i] = vselect ((vi) (words[i] >= d->threshold), vset (d->scale), (vf) { 0 });
  for (int half = 0; half < 2; half++)
    {
      const vf even = vzip (f[0], f[2], half), odd = vzip (f[1], f[3], half);

      vstore (factors + 2 * half * VL, vzip (even, odd, FALSE));
      vstore (factors + (2 * half + 1) * VL, vzip (even, odd, TRUE));
    }
}

static void
dropout_task (gpointer data, int worker, int n_workers)
{
  const Dropout *d = data;
  gint64 from, to;
  int n;

  attune_split (d->n, 1024, worker, n_workers, &from, &to);
  for (gint64 i = from; i < to; i += n)
    {
      const guint64 index = d->offset + i;
      const int skip = index % 4; /* words of the first block that belong to elements before */
      float factors[4 * VL] __attribute__ ((aligned (64)));

      n = MIN (4 * VL - skip, to - i);
      draw_factors (d, index / 4, factors);
      /* A product, not a choice: a NaN stays one even where it is dropped. */
      for (int j = 0; j < n; j += VL)
        vstore_some (d->y + i + j,
                     vload_some (d->x + i + j, n - j) * vload_some (factors + skip + j, n - j),
                     n - j);
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
