/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decoding and encoding of the block formats; see blocks.h for their layout. Products and sums are
 * written apart: a fused multiply-add would change the last bit.
 */
#include "compute/blocks-private.h"
#include "compute/encode-fit.h"

#include <math.h>
#include <string.h>

void
attune_decode_f32 (float *y, const void *x, gint64 n)
{
  memcpy (y, x, n * sizeof *y);
}

void
attune_encode_f32 (void *y, const float *x, gint64 n)
{
  memcpy (y, x, n * sizeof *x);
}

void
attune_decode_f16 (float *y, const void *x, gint64 n)
{
  const guint8 *p = x;

  for (gint64 i = 0; i < n; i++)
    y[i] = get_f16 (p + 2 * i);
}

void
attune_encode_f16 (void *y, const float *x, gint64 n)
{
  guint8 *p = y;

  for (gint64 i = 0; i < n; i++)
    put_f16 (p + 2 * i, x[i]);
}

void
attune_decode_bf16 (float *y, const void *x, gint64 n)
{
  const guint8 *p = x;

  for (gint64 i = 0; i < n; i++)
    y[i] = attune_bf16_to_f32 (get_u16 (p + 2 * i));
}

void
attune_encode_bf16 (void *y, const float *x, gint64 n)
{
  guint8 *p = y;

  for (gint64 i = 0; i < n; i++)
    {
      const guint16 bits = attune_f32_to_bf16 (x[i]);

      p[2 * i] = bits & 0xff;
      p[2 * i + 1] = bits >> 8;
    }
}

void
attune_decode_q4_0 (float *y, const void *x, gint64 n)
{
  for (const guint8 *p = x; n > 0; n -= 32, p += 18, y += 32)
    {
      const float d = get_f16 (p);

      for (int j = 0; j < 16; j++)
        {
          y[j] = ((p[2 + j] & 15) - 8) * d;
          y[j + 16] = ((p[2 + j] >> 4) - 8) * d;
        }
    }
}

void
attune_decode_q4_1 (float *y, const void *x, gint64 n)
{
  for (const guint8 *p = x; n > 0; n -= 32, p += 20, y += 32)
    {
      const float d = get_f16 (p), m = get_f16 (p + 2);

      for (int j = 0; j < 16; j++)
        {
          y[j] = (p[4 + j] & 15) * d + m;
          y[j + 16] = (p[4 + j] >> 4) * d + m;
        }
    }
}

/* The 5-bit number of value @j: four bits from @quants, the fifth from @high. */
static inline int
five_bits (const guint8 *quants, guint32 high, int j)
{
  const int low = j < 16 ? quants[j] & 15 : quants[j - 16] >> 4;

  return low | (high >> j & 1) << 4;
}

void
attune_decode_q5_0 (float *y, const void *x, gint64 n)
{
  for (const guint8 *p = x; n > 0; n -= 32, p += 22, y += 32)
    {
      const float d = get_f16 (p);
      const guint32 high = get_u32 (p + 2);

      for (int j = 0; j < 32; j++)
        y[j] = (five_bits (p + 6, high, j) - 16) * d;
    }
}

void
attune_decode_q5_1 (float *y, const void *x, gint64 n)
{
  for (const guint8 *p = x; n > 0; n -= 32, p += 24, y += 32)
    {
      const float d = get_f16 (p), m = get_f16 (p + 2);
      const guint32 high = get_u32 (p + 4);

      for (int j = 0; j < 32; j++)
        y[j] = five_bits (p + 8, high, j) * d + m;
    }
}

void
attune_decode_q8_0 (float *y, const void *x, gint64 n)
{
  for (const guint8 *p = x; n > 0; n -= 32, p += 34, y += 32)
    {
      const float d = get_f16 (p);

      for (int j = 0; j < 32; j++)
        y[j] = (gint8) p[2 + j] * d;
    }
}

/* Cuts toward zero like C's conversion, but into 0 … @top whatever @x is: a NaN gives 0. */
static inline int
to_quant (float x, int top)
{
  return x > 0.0f ? x < top ? (int) x : top : 0;
}

void
attune_encode_q4_0 (void *y, const float *x, gint64 n)
{
  for (guint8 *p = y; n > 0; n -= 32, p += 18, x += 32)
    {
      float largest = 0.0f, d, inverse;

      for (int j = 0; j < 32; j++)
        if (fabsf (x[j]) > fabsf (largest))
          largest = x[j];
      /* The largest value keeps its sign and becomes -8: the side that has one step more. */
      d = largest / -8.0f;
      inverse = d != 0.0f ? 1.0f / d : 0.0f;
      put_f16 (p, d);
      for (int j = 0; j < 16; j++)
        p[2 + j]
            = to_quant (x[j] * inverse + 8.5f, 15) | to_quant (x[j + 16] * inverse + 8.5f, 15) << 4;
    }
}

void
attune_encode_q4_1 (void *y, const float *x, gint64 n)
{
  for (guint8 *p = y; n > 0; n -= 32, p += 20, x += 32)
    {
      float low = x[0], high = x[0], d, inverse;

      for (int j = 1; j < 32; j++)
        {
          low = MIN (low, x[j]);
          high = MAX (high, x[j]);
        }
      d = (high - low) / 15.0f;
      inverse = d != 0.0f ? 1.0f / d : 0.0f;
      put_f16 (p, d);
      put_f16 (p + 2, low);
      for (int j = 0; j < 16; j++)
        p[4 + j] = to_quant ((x[j] - low) * inverse + 0.5f, 15)
                   | to_quant ((x[j + 16] - low) * inverse + 0.5f, 15) << 4;
    }
}

/* The bits above the lowest four of 32 numbers, and those four as in Q4_0. */
static void
put_five_bits (guint8 *high, guint8 *quants, const guint8 *q)
{
  for (int i = 0; i < 4; i++)
    {
      high[i] = 0;
      for (int bit = 0; bit < 8; bit++)
        high[i] |= q[8 * i + bit] >> 4 << bit;
    }
  for (int j = 0; j < 16; j++)
    quants[j] = (q[j] & 15) | (q[j + 16] & 15) << 4;
}

void
attune_encode_q5_0 (void *y, const float *x, gint64 n)
{
  guint8 q[32];

  for (guint8 *p = y; n > 0; n -= 32, p += 22, x += 32)
    {
      const float d = attune_fit_to_f16 (attune_fit_even (x, 32, 16));

      attune_round_even (x, 32, 16, d, q);
      put_f16 (p, d);
      put_five_bits (p + 2, p + 6, q);
    }
}

void
attune_encode_q5_1 (void *y, const float *x, gint64 n)
{
  guint8 q[32];

  for (guint8 *p = y; n > 0; n -= 32, p += 24, x += 32)
    {
      float low;
      const float d = attune_fit_to_f16 (attune_fit_from_low (x, 32, 31, TRUE, &low));

      low = attune_fit_to_f16 (low);
      attune_round_from_low (x, 32, 31, d, low, q);
      put_f16 (p, d);
      put_f16 (p + 2, -low);
      put_five_bits (p + 4, p + 8, q);
    }
}

void
attune_encode_q8_0 (void *y, const float *x, gint64 n)
{
  for (guint8 *p = y; n > 0; n -= 32, p += 34, x += 32)
    {
      float largest = 0.0f, d, inverse;

      for (int j = 0; j < 32; j++)
        largest = MAX (largest, fabsf (x[j]));
      d = largest / 127.0f;
      inverse = d != 0.0f ? 1.0f / d : 0.0f;
      put_f16 (p, d);
      for (int j = 0; j < 32; j++)
        {
          const float q = roundf (x[j] * inverse);

          p[2 + j] = (guint8) (gint8) (q >= -128.0f && q <= 127.0f ? q : 0.0f);
        }
    }
}
