/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Philox 4x32-10; constants and test vectors from Salmon et al. 2011 (Random123).
 */
#include "core/random.h"

#include <math.h>

static void
philox_round (guint32 c[4], const guint32 k[2])
{
  const guint64 p0 = (guint64) 0xD2511F53u * c[0], p1 = (guint64) 0xCD9E8D57u * c[2];
  const guint32 c1 = c[1], c3 = c[3];

  c[0] = (guint32) (p1 >> 32) ^ c1 ^ k[0];
  c[1] = (guint32) p1;
  c[2] = (guint32) (p0 >> 32) ^ c3 ^ k[1];
  c[3] = (guint32) p0;
}

static void
philox_block (const guint32 counter[4], const guint32 key[2], guint32 out[4])
{
  guint32 k[2] = { key[0], key[1] };

  for (int i = 0; i < 4; i++)
    out[i] = counter[i];
  for (int round = 0; round < 10; round++)
    {
      philox_round (out, k);
      k[0] += 0x9E3779B9u;
      k[1] += 0xBB67AE85u;
    }
}

void
attune_random_init (AttuneRandom *random, guint64 seed, AttuneRandomPurpose purpose, guint64 step)
{
  /* counter[0] runs; purpose and step are the rest of the counter, the seed is the key. */
  *random = (AttuneRandom) { .key = { (guint32) seed, (guint32) (seed >> 32) },
                             .counter
                             = { 0, (guint32) purpose, (guint32) step, (guint32) (step >> 32) },
                             .used = 4 };
}

guint32
attune_random_uint32 (AttuneRandom *random)
{
  if (random->used == 4)
    {
      philox_block (random->counter, random->key, random->block);
      random->counter[0]++;
      random->used = 0;
    }
  return random->block[random->used++];
}

guint32
attune_random_below (AttuneRandom *random, guint32 n)
{
  guint64 product;

  g_return_val_if_fail (n > 0, 0);

  /* Lemire 2019: the rejected low part is what would bias the result. */
  product = (guint64) attune_random_uint32 (random) * n;
  if ((guint32) product < n)
    {
      const guint32 reject = -n % n;

      while ((guint32) product < reject)
        product = (guint64) attune_random_uint32 (random) * n;
    }
  return product >> 32;
}

double
attune_random_uniform (AttuneRandom *random)
{
  const guint64 high = attune_random_uint32 (random) >> 5, low = attune_random_uint32 (random) >> 6;

  return (high * 67108864.0 + low) / 9007199254740992.0;
}

double
attune_random_normal (AttuneRandom *random)
{
  const double u = 1.0 - attune_random_uniform (random), v = attune_random_uniform (random);

  return sqrt (-2.0 * log (u)) * cos (2.0 * G_PI * v);
}

void
attune_random_shuffle (AttuneRandom *random, guint32 *items, guint n)
{
  for (guint i = n; i > 1; i--)
    {
      const guint j = attune_random_below (random, i);
      const guint32 keep = items[i - 1];

      items[i - 1] = items[j];
      items[j] = keep;
    }
}
