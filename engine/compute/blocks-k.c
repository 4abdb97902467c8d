/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Decoding of the super-blocks: 256 values in eight chunks of 32, with scales of few bits per 16 or
 * 32 of them. Layouts are at each function, as offsets in bytes; chunk c holds the values from
 * 32 c. Source: ggml-quants.c of llama.cpp.
 */
#include "compute/blocks-private.h"

#include <string.h>

/* Q2_K, 84 bytes: 16 scales (low nibble) and minima (high), 64 bytes of two bits, f16 d, f16 dmin.
 */
void
attune_chunk_q2_k (float y[32], const guint8 *p, int chunk)
{
  const guint8 *q = p + 16 + chunk / 4 * 32;
  const float d = get_f16 (p + 80), dmin = get_f16 (p + 82);

  for (int half = 0; half < 2; half++)
    {
      const guint8 scale = p[2 * chunk + half];
      const float step = d * (scale & 15), low = dmin * (scale >> 4);

      for (int i = 16 * half; i < 16 * half + 16; i++)
        y[i] = step * (q[i] >> chunk % 4 * 2 & 3) - low;
    }
}

/* Q3_K, 110 bytes: 32 bytes of third bits (bit c: chunk c; a missing one takes 4 away), 64 of two
 * bits, 12 of sixteen 6-bit scales, f16 d. */
void
attune_chunk_q3_k (float y[32], const guint8 *p, int chunk)
{
  const guint8 *q = p + 32 + chunk / 4 * 32, *scales = p + 96;
  const float d = get_f16 (p + 108);

  for (int half = 0; half < 2; half++)
    {
      const int s = 2 * chunk + half;
      const int low = s < 8 ? scales[s] & 15 : scales[s - 8] >> 4,
                high = scales[8 + s % 4] >> s / 4 * 2 & 3;
      const float step = d * ((low | high << 4) - 32);

      for (int i = 16 * half; i < 16 * half + 16; i++)
        y[i] = step * ((q[i] >> chunk % 4 * 2 & 3) - (p[i] >> chunk & 1 ? 0 : 4));
    }
}

/* Q4_K, 144 bytes: f16 d, f16 dmin, 12 bytes of eight 6-bit scales and minima, 128 of nibbles: a
 * pair of chunks shares 32 bytes. */
void
attune_chunk_q4_k (float y[32], const guint8 *p, int chunk)
{
  const guint8 *q = p + 16 + chunk / 2 * 32;
  float step, low;

  attune_q4_k_scale (p, chunk, &step, &low);
  for (int i = 0; i < 32; i++)
    y[i] = step * (q[i] >> chunk % 2 * 4 & 15) - low;
}

/* Q5_K, 176 bytes: as Q4_K with 32 bytes of fifth bits (bit c: chunk c) before the nibbles. */
void
attune_chunk_q5_k (float y[32], const guint8 *p, int chunk)
{
  const guint8 *high = p + 16, *q = p + 48 + chunk / 2 * 32;
  float step, low;

  attune_q4_k_scale (p, chunk, &step, &low);
  for (int i = 0; i < 32; i++)
    y[i] = step * ((q[i] >> chunk % 2 * 4 & 15) | (high[i] >> chunk & 1) << 4) - low;
}

/* Q6_K, 210 bytes: 128 bytes of nibbles, 64 of two high bits, 16 signed scales, f16 d. */
void
attune_chunk_q6_k (float y[32], const guint8 *p, int chunk)
{
  const int n = chunk / 4, j = chunk % 4;
  const guint8 *low = p + 64 * n + 32 * (j % 2), *high = p + 128 + 32 * n;
  const float d = get_f16 (p + 208);

  for (int half = 0; half < 2; half++)
    {
      const float step = d * (gint8) p[192 + 2 * chunk + half];

      for (int i = 16 * half; i < 16 * half + 16; i++)
        y[i] = step * (((low[i] >> j / 2 * 4 & 15) | (high[i] >> 2 * j & 3) << 4) - 32);
    }
}

/* Q8_K, 292 bytes: f32 d, 256 signed bytes, sixteen 16-bit sums that decoding does not need. */
void
attune_chunk_q8_k (float y[32], const guint8 *p, int chunk)
{
  float d;

  memcpy (&d, p, sizeof d);
  for (int i = 0; i < 32; i++)
    y[i] = d * (gint8) p[4 + 32 * chunk + i];
}

/* TQ1_0, 54 bytes: five values of three states in a byte (48 bytes), four in each of 4 more, f16
 * d. A digit comes out at the top of the byte when the lower ones are shifted out by powers of 3.
 */
void
attune_chunk_tq1_0 (float y[32], const guint8 *p, int chunk)
{
  static const guint8 powers[5] = { 1, 3, 9, 27, 81 };
  const float d = get_f16 (p + 52);

  for (int i = 0; i < 32; i++)
    {
      const int at = 32 * chunk + i;
      guint8 q;

      if (at < 160)
        q = p[i] * powers[chunk];
      else if (at < 240)
        q = p[32 + (at - 160) % 16] * powers[(at - 160) / 16];
      else
        q = p[48 + (at - 240) % 4] * powers[(at - 240) / 4];
      y[i] = d * ((q * 3 >> 8) - 1);
    }
}

/* TQ2_0, 66 bytes: 64 bytes of two bits, f16 d. */
void
attune_chunk_tq2_0 (float y[32], const guint8 *p, int chunk)
{
  const guint8 *q = p + chunk / 4 * 32;
  const float d = get_f16 (p + 64);

  for (int i = 0; i < 32; i++)
    y[i] = d * ((q[i] >> chunk % 4 * 2 & 3) - 1);
}

/* IQ4_XS, 136 bytes: f16 d, u16 of two high bits and 4 bytes of low nibbles: eight 6-bit scales;
 * 128 bytes of nibbles as in IQ4_NL. */
void
attune_chunk_iq4_xs (float y[32], const guint8 *p, int chunk)
{
  const guint8 *q = p + 8 + 16 * chunk;
  const int scale
      = (p[4 + chunk / 2] >> chunk % 2 * 4 & 15) | (get_u16 (p + 2) >> 2 * chunk & 3) << 4;
  const float step = get_f16 (p) * (scale - 32);

  for (int i = 0; i < 16; i++)
    {
      y[i] = step * attune_iq4_table[q[i] & 15];
      y[i + 16] = step * attune_iq4_table[q[i] >> 4];
    }
}

/* IQ4_NL, 18 bytes: Q4_0 with a table of values. @chunk is 0: a block is one chunk. */
void
attune_chunk_iq4_nl (float y[32], const guint8 *p, int chunk)
{
  const float d = get_f16 (p);

  for (int i = 0; i < 16; i++)
    {
      y[i] = d * attune_iq4_table[p[2 + i] & 15];
      y[i + 16] = d * attune_iq4_table[p[2 + i] >> 4];
    }
}

/* MXFP4, 17 bytes: a power of two (its exponent plus 127), nibbles of sign, two bits of exponent
 * and one of mantissa. The table holds twice the values, so the scale is halved. */
void
attune_chunk_mxfp4 (float y[32], const guint8 *p, int chunk)
{
  const guint32 bits = p[0] < 2 ? 0x00200000u << p[0] : (guint32) (p[0] - 1) << 23;
  float d;

  memcpy (&d, &bits, sizeof d);
  for (int i = 0; i < 16; i++)
    {
      y[i] = d * attune_mxfp4_table[p[1 + i] & 15];
      y[i + 16] = d * attune_mxfp4_table[p[1 + i] >> 4];
    }
}

const float attune_iq4_table[16]
    = { -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113 };
const float attune_mxfp4_table[16] = { 0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12 };
