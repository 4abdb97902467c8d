/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Encoding of the super-blocks (layouts: blocks-k.c). Each part of 16 or 32 values gets its own
 * best step; these become small whole numbers of a step that the whole block has, and as rounding
 * them moves what is best for a part, their neighbours are tried with the values rounded anew, and
 * the block's step is fitted to what was chosen. Without weights: the sum of squares is made small.
 */
#include "compute/blocks-private.h"
#include "compute/encode-fit.h"

#include <math.h>
#include <string.h>

#define BLOCK 256
#define MOST_PARTS 16
/* How often the block's step is fitted to the parts', and they to it. */
#define ROUNDS 2

/* What a block becomes before it is packed. */
typedef struct
{
  float d, dmin;
  int scales[MOST_PARTS], lows[MOST_PARTS];
  guint8 q[BLOCK];
} Numbers;

/* The number nearest to @x of @unit in @low … @high. */
static inline int
to_number (float x, float unit, int low, int high)
{
  const float q = unit != 0 ? x / unit : 0;

  return q > low ? q < high ? (int) floorf (q + 0.5f) : high : low;
}

/* --- step · q, with scales of either sign */

typedef struct
{
  int half;  /* values: -half … half - 1 */
  int scale; /* scales: -scale … scale - 1 */
} Even;

#define EVEN_PART 16

/* Tries the neighbours of each scale for the block's step @d. Returns: the sum of squares. */
static double
choose_even (const float *x, Even kind, Numbers *out)
{
  double total = 0;

  for (int part = 0; part < BLOCK / EVEN_PART; part++)
    {
      const int middle = out->scales[part];
      float least = INFINITY;

      for (int s = MAX (middle - 1, -kind.scale); s <= MIN (middle + 1, kind.scale - 1); s++)
        {
          const float left
              = attune_round_even (x + EVEN_PART * part, EVEN_PART, kind.half, out->d * s, NULL);

          if (left < least)
            {
              least = left;
              out->scales[part] = s;
            }
        }
      total += least;
    }
  return total;
}

static void
round_even (const float *x, Even kind, Numbers *out)
{
  for (int part = 0; part < BLOCK / EVEN_PART; part++)
    attune_round_even (x + EVEN_PART * part, EVEN_PART, kind.half, out->d * out->scales[part],
                       out->q + EVEN_PART * part);
}

/* The block's step that is best for the numbers chosen. */
static float
fit_even_block (const float *x, Even kind, const Numbers *out)
{
  double xx = 0, xy = 0;

  for (int i = 0; i < BLOCK; i++)
    {
      const double y = out->scales[i / EVEN_PART] * ((int) out->q[i] - kind.half);

      xx += y * y;
      xy += y * x[i];
    }
  return xx > 0 ? (float) (xy / xx) : 0;
}

static void
encode_even (const float *x, Even kind, Numbers *best)
{
  float steps[BLOCK / EVEN_PART], largest = 0;
  Numbers now;
  double least;

  for (int part = 0; part < BLOCK / EVEN_PART; part++)
    {
      steps[part] = attune_fit_even (x + EVEN_PART * part, EVEN_PART, kind.half);
      if (fabsf (steps[part]) > fabsf (largest))
        largest = steps[part];
    }
  now.d = attune_fit_to_f16 (-largest / kind.scale);
  for (int part = 0; part < BLOCK / EVEN_PART; part++)
    now.scales[part] = to_number (steps[part], now.d, -kind.scale, kind.scale - 1);
  least = choose_even (x, kind, &now);
  round_even (x, kind, &now);
  *best = now;
  for (int i = 1; i < ROUNDS; i++)
    {
      double left;

      now.d = attune_fit_to_f16 (fit_even_block (x, kind, &now));
      left = choose_even (x, kind, &now);
      if (!(left < least))
        return;
      least = left;
      round_even (x, kind, &now);
      *best = now;
    }
}

/* --- step · q - low */

typedef struct
{
  int part;  /* values */
  int top;   /* values: 0 … top */
  int scale; /* scales and lows: 0 … scale */
} FromLow;

static double
choose_from_low (const float *x, FromLow kind, Numbers *out)
{
  double total = 0;

  for (int part = 0; part < BLOCK / kind.part; part++)
    {
      const int scale = out->scales[part], low = out->lows[part];
      float least = INFINITY;

      for (int s = MAX (scale - 1, 0); s <= MIN (scale + 1, kind.scale); s++)
        for (int l = MAX (low - 1, 0); l <= MIN (low + 1, kind.scale); l++)
          {
            const float left = attune_round_from_low (x + kind.part * part, kind.part, kind.top,
                                                      out->d * s, out->dmin * l, NULL);

            if (left < least)
              {
                least = left;
                out->scales[part] = s;
                out->lows[part] = l;
              }
          }
      total += least;
    }
  return total;
}

static void
round_from_low (const float *x, FromLow kind, Numbers *out)
{
  for (int part = 0; part < BLOCK / kind.part; part++)
    attune_round_from_low (x + kind.part * part, kind.part, kind.top, out->d * out->scales[part],
                           out->dmin * out->lows[part], out->q + kind.part * part);
}

/* Both of the block's steps that are best for the numbers chosen: two equations. */
static void
fit_from_low_block (const float *x, FromLow kind, Numbers *out)
{
  double aa = 0, ab = 0, bb = 0, ax = 0, bx = 0;

  for (int i = 0; i < BLOCK; i++)
    {
      const double a = out->scales[i / kind.part] * out->q[i], b = -out->lows[i / kind.part];

      aa += a * a;
      ab += a * b;
      bb += b * b;
      ax += a * x[i];
      bx += b * x[i];
    }
  if (aa * bb - ab * ab > 0)
    {
      out->d = (float) ((ax * bb - bx * ab) / (aa * bb - ab * ab));
      out->dmin = (float) ((bx * aa - ax * ab) / (aa * bb - ab * ab));
    }
  else if (aa > 0)
    out->d = (float) (ax / aa);
  out->d = attune_fit_to_f16 (out->d);
  out->dmin = attune_fit_to_f16 (out->dmin);
}

static void
encode_from_low (const float *x, FromLow kind, Numbers *best)
{
  const int n_parts = BLOCK / kind.part;
  float steps[MOST_PARTS], lows[MOST_PARTS], largest = 0, lowest = 0;
  Numbers now;
  double least;

  for (int part = 0; part < n_parts; part++)
    {
      steps[part]
          = attune_fit_from_low (x + kind.part * part, kind.part, kind.top, FALSE, &lows[part]);
      largest = MAX (largest, steps[part]);
      lowest = MAX (lowest, lows[part]);
    }
  now.d = attune_fit_to_f16 (largest / kind.scale);
  now.dmin = attune_fit_to_f16 (lowest / kind.scale);
  for (int part = 0; part < n_parts; part++)
    {
      now.scales[part] = to_number (steps[part], now.d, 0, kind.scale);
      now.lows[part] = to_number (lows[part], now.dmin, 0, kind.scale);
    }
  least = choose_from_low (x, kind, &now);
  round_from_low (x, kind, &now);
  *best = now;
  for (int i = 1; i < ROUNDS; i++)
    {
      double left;

      fit_from_low_block (x, kind, &now);
      left = choose_from_low (x, kind, &now);
      if (!(left < least))
        return;
      least = left;
      round_from_low (x, kind, &now);
      *best = now;
    }
}

/* --- the layouts */

void
attune_encode_q2_k (void *y, const float *x, gint64 n)
{
  Numbers b;

  for (guint8 *p = y; n > 0; n -= BLOCK, p += 84, x += BLOCK)
    {
      encode_from_low (x, (FromLow) { 16, 3, 15 }, &b);
      memset (p, 0, 84);
      for (int s = 0; s < 16; s++)
        p[s] = b.scales[s] | b.lows[s] << 4;
      for (int i = 0; i < BLOCK; i++)
        p[16 + i / 128 * 32 + i % 32] |= b.q[i] << i / 32 % 4 * 2;
      put_f16 (p + 80, b.d);
      put_f16 (p + 82, b.dmin);
    }
}

void
attune_encode_q3_k (void *y, const float *x, gint64 n)
{
  Numbers b;

  for (guint8 *p = y; n > 0; n -= BLOCK, p += 110, x += BLOCK)
    {
      encode_even (x, (Even) { 4, 32 }, &b);
      memset (p, 0, 110);
      for (int i = 0; i < BLOCK; i++)
        {
          p[i % 32] |= b.q[i] >> 2 << i / 32;
          p[32 + i / 128 * 32 + i % 32] |= (b.q[i] & 3) << i / 32 % 4 * 2;
        }
      for (int s = 0; s < 16; s++)
        {
          const int scale = b.scales[s] + 32;

          p[96 + s % 8] |= s < 8 ? scale & 15 : (scale & 15) << 4;
          p[104 + s % 4] |= scale >> 4 << s / 4 * 2;
        }
      put_f16 (p + 108, b.d);
    }
}

/* What Q4_K and Q5_K have in common: f16 d, f16 dmin, the scales and lows. */
static void
put_q4_k_scales (guint8 *p, const Numbers *b)
{
  put_f16 (p, b->d);
  put_f16 (p + 2, b->dmin);
  for (int s = 0; s < 4; s++)
    {
      p[4 + s] = b->scales[s] | b->scales[s + 4] >> 4 << 6;
      p[8 + s] = b->lows[s] | b->lows[s + 4] >> 4 << 6;
      p[12 + s] = (b->scales[s + 4] & 15) | (b->lows[s + 4] & 15) << 4;
    }
}

void
attune_encode_q4_k (void *y, const float *x, gint64 n)
{
  Numbers b;

  for (guint8 *p = y; n > 0; n -= BLOCK, p += 144, x += BLOCK)
    {
      encode_from_low (x, (FromLow) { 32, 15, 63 }, &b);
      put_q4_k_scales (p, &b);
      memset (p + 16, 0, 128);
      for (int i = 0; i < BLOCK; i++)
        p[16 + i / 64 * 32 + i % 32] |= b.q[i] << i / 32 % 2 * 4;
    }
}

void
attune_encode_q5_k (void *y, const float *x, gint64 n)
{
  Numbers b;

  for (guint8 *p = y; n > 0; n -= BLOCK, p += 176, x += BLOCK)
    {
      encode_from_low (x, (FromLow) { 32, 31, 63 }, &b);
      put_q4_k_scales (p, &b);
      memset (p + 16, 0, 160);
      for (int i = 0; i < BLOCK; i++)
        {
          p[16 + i % 32] |= b.q[i] >> 4 << i / 32;
          p[48 + i / 64 * 32 + i % 32] |= (b.q[i] & 15) << i / 32 % 2 * 4;
        }
    }
}

void
attune_encode_q6_k (void *y, const float *x, gint64 n)
{
  Numbers b;

  for (guint8 *p = y; n > 0; n -= BLOCK, p += 210, x += BLOCK)
    {
      encode_even (x, (Even) { 32, 128 }, &b);
      memset (p, 0, 192);
      for (int i = 0; i < BLOCK; i++)
        {
          const int half = i / 128, j = i / 32 % 4;

          p[64 * half + 32 * (j % 2) + i % 32] |= (b.q[i] & 15) << j / 2 * 4;
          p[128 + 32 * half + i % 32] |= b.q[i] >> 4 << 2 * j;
        }
      for (int s = 0; s < 16; s++)
        p[192 + s] = (guint8) (gint8) b.scales[s];
      put_f16 (p + 208, b.d);
    }
}
