/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decoding of the super-blocks in registers: chunk @chunk of the block at @p; layouts are in
 * compute/blocks-k.c. Part of decode.h.
 */
#pragma once
#include "compute/blocks-private.h"

/* The 16 bytes of @p that hold the values of half @half of a chunk, moved down by @shift. */
INLINE Bytes
load_bits (const guint8 *p, int half, int shift, guint8 mask)
{
  return load_bytes (p + 16 * half) >> (guint8) shift & mask;
}

INLINE void
decode_q2_k (vf y[PARTS], const guint8 *p, int chunk)
{
  const float d = load_f16 (p + 80), dmin = load_f16 (p + 82);

  for (int i = 0; i < PARTS; i++)
    {
      const int half = i / HALF_PARTS;
      const guint8 scale = p[2 * chunk + half];
      const Bytes q = load_bits (p + 16 + chunk / 4 * 32, half, chunk % 4 * 2, 3);

      y[i] = unsigned_part (q, i % HALF_PARTS) * (d * (scale & 15)) - dmin * (scale >> 4);
    }
}

INLINE void
decode_q3_k (vf y[PARTS], const guint8 *p, int chunk)
{
  const guint8 *scales = p + 96;
  const float d = load_f16 (p + 108);

  for (int i = 0; i < PARTS; i++)
    {
      const int half = i / HALF_PARTS, s = 2 * chunk + half;
      const int low = s < 8 ? scales[s] & 15 : scales[s - 8] >> 4,
                high = scales[8 + s % 4] >> s / 4 * 2 & 3;
      const Bytes q = load_bits (p + 32 + chunk / 4 * 32, half, chunk % 4 * 2, 3)
                      | load_bits (p, half, chunk, 1) << 2;

      y[i] = (unsigned_part (q, i % HALF_PARTS) - 4.0f) * (d * ((low | high << 4) - 32));
    }
}

/* The scale and minimum of a chunk of Q4_K or Q5_K. */
INLINE void
load_q4_k_scale (const guint8 *p, int chunk, float *step, float *low)
{
  int s, m;

  get_q4_k_scale (p + 4, chunk, &s, &m);
  *step = load_f16 (p) * s;
  *low = load_f16 (p + 2) * m;
}

INLINE void
decode_q4_k (vf y[PARTS], const guint8 *p, int chunk)
{
  float step, low;

  load_q4_k_scale (p, chunk, &step, &low);
  for (int i = 0; i < PARTS; i++)
    {
      const Bytes q = load_bits (p + 16 + chunk / 2 * 32, i / HALF_PARTS, chunk % 2 * 4, 15);

      y[i] = unsigned_part (q, i % HALF_PARTS) * step - low;
    }
}

INLINE void
decode_q5_k (vf y[PARTS], const guint8 *p, int chunk)
{
  float step, low;

  load_q4_k_scale (p, chunk, &step, &low);
  for (int i = 0; i < PARTS; i++)
    {
      const int half = i / HALF_PARTS;
      const Bytes q = load_bits (p + 48 + chunk / 2 * 32, half, chunk % 2 * 4, 15)
                      | load_bits (p + 16, half, chunk, 1) << 4;

      y[i] = unsigned_part (q, i % HALF_PARTS) * step - low;
    }
}

INLINE void
decode_q6_k (vf y[PARTS], const guint8 *p, int chunk)
{
  const int n = chunk / 4, j = chunk % 4;
  const float d = load_f16 (p + 208);

  for (int i = 0; i < PARTS; i++)
    {
      const int half = i / HALF_PARTS;
      const Bytes q = load_bits (p + 64 * n + 32 * (j % 2), half, j / 2 * 4, 15)
                      | load_bits (p + 128 + 32 * n, half, 2 * j, 3) << 4;

      y[i] = (unsigned_part (q, i % HALF_PARTS) - 32.0f) * (d * (gint8) p[192 + 2 * chunk + half]);
    }
}

/* The types that have no code of their own here. */
INLINE void
decode_other (AttuneType type, vf y[PARTS], const guint8 *row, gint64 chunk)
{
  const AttuneTypeInfo *info = attune_type_info (type);
  const int per_block = info->block / CHUNK;
  float values[CHUNK];

  info->chunk (values, row + chunk / per_block * info->bytes, chunk % per_block);
  for (int i = 0; i < PARTS; i++)
    y[i] = vload (values + i * VL);
}
