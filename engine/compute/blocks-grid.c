/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decoding of the block formats of one to three bits whose values come in groups of four or eight
 * from a table ("grid") of the groups that are likely, with the signs apart. 256 values in eight
 * chunks of 32. Source: ggml-quants.c and ggml-common.h of llama.cpp.
 */
#include "compute/blocks-grid.h"
#include "compute/blocks-private.h"

/* The eighth sign makes the number of minus signs even, so that seven bits say all eight. */
static inline guint8
even_signs (guint8 seven)
{
  return seven | (__builtin_popcount (seven) & 1) << 7;
}

/* Eight values of a 2-bit grid; bit i of @signs: value i is negative. */
static inline void
put_eight (float *y, guint16 group, float step, guint8 signs)
{
  static const float values[4] = { 8, 25, 43, 0 }; /* the grid has no fourth */

  for (int i = 0; i < 8; i++)
    y[i] = step * values[group >> 2 * i & 3] * (signs >> i & 1 ? -1.0f : 1.0f);
}

/* IQ2_XXS, 66 bytes: f16 d; per chunk four bytes of groups and a u32 of four times seven signs and
 * a 4-bit scale. */
void
attune_chunk_iq2_xxs (float y[32], const guint8 *p, int chunk)
{
  const guint8 *q = p + 2 + 8 * chunk;
  const guint32 rest = get_u32 (q + 4);
  const float step = get_f16 (p) * (0.5f + (rest >> 28)) * 0.25f;

  for (int i = 0; i < 4; i++)
    put_eight (y + 8 * i, attune_grid_iq2_xxs[q[i]], step, even_signs (rest >> 7 * i & 127));
}

/* IQ2_XS, 74 bytes: f16 d; 32 u16 of a 9-bit group and seven signs; eight pairs of 4-bit scales. */
void
attune_chunk_iq2_xs (float y[32], const guint8 *p, int chunk)
{
  const guint8 scales = p[66 + chunk];
  const float d = get_f16 (p);

  for (int i = 0; i < 4; i++)
    {
      const guint16 q = get_u16 (p + 2 + 8 * chunk + 2 * i);

      put_eight (y + 8 * i, attune_grid_iq2_xs[q & 511],
                 d * (0.5f + (scales >> i / 2 * 4 & 15)) * 0.25f, even_signs (q >> 9));
    }
}

/* IQ2_S, 82 bytes: f16 d; 32 low bytes of groups; 32 of signs; 8 of two high bits each; eight pairs
 * of 4-bit scales. */
void
attune_chunk_iq2_s (float y[32], const guint8 *p, int chunk)
{
  const guint8 *q = p + 2 + 4 * chunk, *signs = p + 34 + 4 * chunk;
  const guint8 high = p[66 + chunk], scales = p[74 + chunk];
  const float d = get_f16 (p);

  for (int i = 0; i < 4; i++)
    put_eight (y + 8 * i, attune_grid_iq2_s[q[i] | (high >> 2 * i & 3) << 8],
               d * (0.5f + (scales >> i / 2 * 4 & 15)) * 0.25f, signs[i]);
}

/* Four values of a 3-bit grid: @factor · bits + @first, or 62 where the top one is apart. */
static inline void
put_four (float *y, guint16 group, const float values[8], float step, guint8 signs)
{
  for (int i = 0; i < 4; i++)
    y[i] = step * values[group >> 3 * i & 7] * (signs >> i & 1 ? -1.0f : 1.0f);
}

/* IQ3_XXS, 98 bytes: f16 d; 64 bytes of groups of four; per chunk a u32 as in IQ2_XXS. */
void
attune_chunk_iq3_xxs (float y[32], const guint8 *p, int chunk)
{
  static const float values[8] = { 4, 12, 20, 28, 36, 44, 52, 62 };
  const guint8 *q = p + 2 + 8 * chunk;
  const guint32 rest = get_u32 (p + 66 + 4 * chunk);
  const float step = get_f16 (p) * (0.5f + (rest >> 28)) * 0.5f;

  for (int i = 0; i < 8; i++)
    put_four (y + 4 * i, attune_grid_iq3_xxs[q[i]], values, step,
              even_signs (rest >> 7 * (i / 2) & 127) >> i % 2 * 4);
}

/* IQ3_S, 110 bytes: f16 d; 64 low bytes of groups of four; 8 bytes of their ninth bits; 32 of
 * signs; eight 4-bit scales. */
void
attune_chunk_iq3_s (float y[32], const guint8 *p, int chunk)
{
  static const float values[8] = { 1, 3, 5, 7, 9, 11, 13, 15 };
  const guint8 *q = p + 2 + 8 * chunk, *signs = p + 74 + 4 * chunk;
  const guint8 high = p[66 + chunk];
  const float step = get_f16 (p) * (1 + 2 * (p[106 + chunk / 2] >> chunk % 2 * 4 & 15));

  for (int i = 0; i < 8; i++)
    put_four (y + 4 * i, attune_grid_iq3_s[q[i] | (high >> i & 1) << 8], values, step,
              signs[i / 2] >> i % 2 * 4);
}

/* Eight values of -1, 0, 1, moved by @delta. */
static inline void
put_ternary (float *y, guint16 group, float step, float delta)
{
  for (int i = 0; i < 8; i++)
    y[i] = step * ((float) (group >> 2 * i & 3) - 1.0f + delta);
}

#define IQ1_DELTA 0.125f

/* IQ1_S, 50 bytes: f16 d; 32 low bytes of groups; per chunk a u16 of four times three high bits, a
 * 3-bit scale and the direction of the delta. */
void
attune_chunk_iq1_s (float y[32], const guint8 *p, int chunk)
{
  const guint8 *q = p + 2 + 4 * chunk;
  const guint16 high = get_u16 (p + 34 + 2 * chunk);
  const float step = get_f16 (p) * (2 * (high >> 12 & 7) + 1);

  for (int i = 0; i < 4; i++)
    put_ternary (y + 8 * i, attune_grid_iq1[q[i] | (high >> 3 * i & 7) << 8], step,
                 high & 0x8000 ? -IQ1_DELTA : IQ1_DELTA);
}

/* IQ1_M, 56 bytes: 32 low bytes of groups; 16 bytes of two times three high bits and a direction;
 * four u16 of four 3-bit scales each, with a quarter of the f16 d on top of each. */
void
attune_chunk_iq1_m (float y[32], const guint8 *p, int chunk)
{
  const guint8 *q = p + 4 * chunk, *high = p + 32 + 2 * chunk;
  guint16 d = 0, scales;

  for (int i = 0; i < 4; i++)
    d |= get_u16 (p + 48 + 2 * i) >> 12 << 4 * i;
  scales = get_u16 (p + 48 + chunk / 2 * 2) >> chunk % 2 * 6;
  for (int i = 0; i < 4; i++)
    {
      const guint8 part = high[i / 2] >> i % 2 * 4;
      const float step = attune_f16_to_f32 (d) * (2 * (scales >> i / 2 * 3 & 7) + 1);

      put_ternary (y + 8 * i, attune_grid_iq1[q[i] | (part & 7) << 8], step,
                   part & 8 ? -IQ1_DELTA : IQ1_DELTA);
    }
}
