/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * MurmurHash3_x64_128, as its author published it.
 */
#include "core/hash.h"

#include <string.h>

#define C1 G_GUINT64_CONSTANT (0x87c37b91114253d5)
#define C2 G_GUINT64_CONSTANT (0x4cf5ad432745937f)

static inline guint64
rotate (guint64 x, int bits)
{
  return x << bits | x >> (64 - bits);
}

static inline guint64
finish (guint64 k)
{
  k = (k ^ k >> 33) * G_GUINT64_CONSTANT (0xff51afd7ed558ccd);
  k = (k ^ k >> 33) * G_GUINT64_CONSTANT (0xc4ceb9fe1a85ec53);
  return k ^ k >> 33;
}

/* Eight bytes, the lowest first. */
static inline guint64
read_word (const guint8 *p)
{
  guint64 word;

  memcpy (&word, p, 8);
  return GUINT64_FROM_LE (word);
}

void
attune_hash (const void *bytes, gsize n, guint32 seed, guint64 hash[2])
{
  const guint8 *p = bytes;
  guint64 h1 = seed, h2 = seed, k1 = 0, k2 = 0;
  gsize rest = n;
  guint8 tail[16] = { 0 };

  for (; rest >= 16; p += 16, rest -= 16)
    {
      h1 ^= rotate (read_word (p) * C1, 31) * C2;
      h1 = (rotate (h1, 27) + h2) * 5 + 0x52dce729;
      h2 ^= rotate (read_word (p + 8) * C2, 33) * C1;
      h2 = (rotate (h2, 31) + h1) * 5 + 0x38495ab5;
    }
  if (rest > 0)
    {
      memcpy (tail, p, rest);
      k1 = read_word (tail);
      k2 = read_word (tail + 8);
      h2 ^= rotate (k2 * C2, 33) * C1;
      h1 ^= rotate (k1 * C1, 31) * C2;
    }
  h1 ^= n;
  h2 ^= n;
  h1 += h2;
  h2 += h1;
  h1 = finish (h1);
  h2 = finish (h2);
  h1 += h2;
  h2 += h1;
  hash[0] = h1;
  hash[1] = h2;
}
