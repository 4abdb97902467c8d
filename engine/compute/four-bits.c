/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * NF4, FP4 and their scales; see four-bits.h. Products and sums are written apart, and rounded as
 * bitsandbytes rounds them.
 */
#include "compute/four-bits.h"

#include <math.h>
#include <string.h>

const float attune_nf4_table[16] = {
  -1.0f,
  -0.6961928009986877f,
  -0.5250730514526367f,
  -0.39491748809814453f,
  -0.28444138169288635f,
  -0.18477343022823334f,
  -0.09105003625154495f,
  0.0f,
  0.07958029955625534f,
  0.16093020141124725f,
  0.24611230194568634f,
  0.33791524171829224f,
  0.44070982933044434f,
  0.5626170039176941f,
  0.7229568362236023f,
  1.0f,
};

/* Sign, two bits of exponent, one of fraction. */
const float attune_fp4_table[16] = {
  0.0f, 0.0625f / 12,  8.0f / 12,  1.0f,  4.0f / 12,  0.5f,  2.0f / 12,  0.25f,
  0.0f, -0.0625f / 12, -8.0f / 12, -1.0f, -4.0f / 12, -0.5f, -2.0f / 12, -0.25f,
};

/* The numbers by what they stand for, as bitsandbytes sorts them: of the two zeros that below is
 * for zero itself. */
static const guint8 nf4_order[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
                    fp4_order[16] = { 11, 10, 13, 12, 15, 14, 9, 0, 8, 1, 6, 7, 4, 5, 2, 3 };

/* Below it the inverse would be infinite. */
#define LEAST_ABSMAX 1e-38f

static void
decode_block (float *y, const guint8 *p, const float *table, float absmax)
{
  for (int j = 0; j < ATTUNE_FOUR_BITS_BLOCK / 2; j++)
    {
      y[2 * j] = table[p[j] >> 4] * absmax;
      y[2 * j + 1] = table[p[j] & 15] * absmax;
    }
}

static void
decode (float *y, const guint8 *p, const float *table, gint64 n)
{
  for (; n > 0; n -= ATTUNE_FOUR_BITS_BLOCK, p += 36, y += ATTUNE_FOUR_BITS_BLOCK)
    {
      float absmax;

      memcpy (&absmax, p + 32, sizeof absmax);
      decode_block (y, p, table, absmax);
    }
}

/* The nearest entries: a value is above as many midpoints as there are entries below its own; in
 * the middle the lower one wins. */
static void
encode (guint8 *p, const float *x, const float *table, const guint8 *order, gint64 n)
{
  float midpoints[15];

  for (int i = 0; i < 15; i++)
    midpoints[i] = (table[order[i]] + table[order[i + 1]]) / 2.0f;
  for (; n > 0; n -= ATTUNE_FOUR_BITS_BLOCK, p += 36, x += ATTUNE_FOUR_BITS_BLOCK)
    {
      float absmax = 0.0f, inverse, scaled[ATTUNE_FOUR_BITS_BLOCK];
      int rank[ATTUNE_FOUR_BITS_BLOCK] = { 0 };

      for (int j = 0; j < ATTUNE_FOUR_BITS_BLOCK; j++)
        absmax = MAX (absmax, fabsf (x[j]));
      inverse = 1.0f / MAX (absmax, LEAST_ABSMAX);
      for (int j = 0; j < ATTUNE_FOUR_BITS_BLOCK; j++)
        scaled[j] = x[j] * inverse;
      for (int i = 0; i < 15; i++)
        for (int j = 0; j < ATTUNE_FOUR_BITS_BLOCK; j++)
          rank[j] += scaled[j] > midpoints[i];
      for (int j = 0; j < ATTUNE_FOUR_BITS_BLOCK / 2; j++)
        p[j] = order[rank[2 * j]] << 4 | order[rank[2 * j + 1]];
      memcpy (p + 32, &absmax, sizeof absmax);
    }
}

void
attune_decode_nf4 (float *y, const void *x, gint64 n)
{
  decode (y, x, attune_nf4_table, n);
}

void
attune_decode_fp4 (float *y, const void *x, gint64 n)
{
  decode (y, x, attune_fp4_table, n);
}

void
attune_encode_nf4 (void *y, const float *x, gint64 n)
{
  encode (y, x, attune_nf4_table, nf4_order, n);
}

void
attune_encode_fp4 (void *y, const float *x, gint64 n)
{
  encode (y, x, attune_fp4_table, fp4_order, n);
}

/* --- scales of scales */

float
attune_scales_mean (const float *absmax, gint64 n)
{
  double sum = 0;

  for (gint64 i = 0; i < n; i++)
    sum += absmax[i];
  return n > 0 ? (float) (sum / n) : 0;
}

void
attune_quantise_scales (guint8 *blocks, const float *absmax, gint64 n, float offset, float *second)
{
  for (gint64 from = 0; from < n; from += ATTUNE_SECOND_BLOCK)
    {
      const gint64 to = MIN (n, from + ATTUNE_SECOND_BLOCK);
      float most = 0.0f, inverse;

      for (gint64 i = from; i < to; i++)
        most = MAX (most, fabsf (absmax[i] - offset));
      inverse = 1.0f / MAX (most, LEAST_ABSMAX);
      for (gint64 i = from; i < to; i++)
        blocks[i * 33 + 32]
            = attune_dynamic_nearest (attune_dynamic_table, (absmax[i] - offset) * inverse);
      second[from / ATTUNE_SECOND_BLOCK] = most;
    }
}

void
attune_tensor_decode (float *y, const AttuneTensor *x, gint64 first, gint64 n)
{
  const AttuneTypeInfo *info = attune_type_info (x->type);
  const guint8 *p = (const guint8 *) x->data + attune_type_bytes (x->type, first);

  if (!attune_type_is_double (x->type))
    {
      info->decode (y, p, n);
      return;
    }
  for (; n > 0; n -= ATTUNE_FOUR_BITS_BLOCK, p += 33, y += ATTUNE_FOUR_BITS_BLOCK)
    decode_block (y, p, x->type == ATTUNE_TYPE_NF4_DOUBLE ? attune_nf4_table : attune_fp4_table,
                  attune_double_scale (p, x->scales));
}
