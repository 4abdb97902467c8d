/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of block formats share. Blocks lie at any address: everything is read and written
 * byte by byte. Private to compute/.
 */
#pragma once
#include "compute/blocks.h"

static inline guint16
get_u16 (const guint8 *p)
{
  return p[0] | p[1] << 8;
}

static inline guint32
get_u32 (const guint8 *p)
{
  return get_u16 (p) | (guint32) get_u16 (p + 2) << 16;
}

static inline float
get_f16 (const guint8 *p)
{
  return attune_f16_to_f32 (get_u16 (p));
}

static inline void
put_f16 (guint8 *p, float x)
{
  const guint16 bits = attune_f32_to_f16 (x);

  p[0] = bits & 0xff;
  p[1] = bits >> 8;
}

/* The 6-bit scale and minimum of a chunk of Q4_K or Q5_K: @p its 12 bytes. The first four of each
 * lie in the low bits of bytes 0 … 3 and 4 … 7; the others' low nibbles share bytes 8 … 11, their
 * high bits are above the first four. */
static inline void
get_q4_k_scale (const guint8 *p, int chunk, int *scale, int *low)
{
  if (chunk < 4)
    {
      *scale = p[chunk] & 63;
      *low = p[chunk + 4] & 63;
    }
  else
    {
      *scale = (p[chunk + 4] & 15) | p[chunk - 4] >> 6 << 4;
      *low = p[chunk + 4] >> 4 | p[chunk] >> 6 << 4;
    }
}

/* As numbers: the chunk's values are step · q - low. @p: the block. */
static inline void
attune_q4_k_scale (const guint8 *p, int chunk, float *step, float *low)
{
  int s, m;

  get_q4_k_scale (p + 4, chunk, &s, &m);
  *step = get_f16 (p) * s;
  *low = get_f16 (p + 2) * m;
}
