/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Panels of bytes from stored weights. Each output's weights are rounded to steps of 1/127 of their
 * largest: the best that one scale per output can do, whatever the type they are stored in.
 */
#include "compute/cpu/int8.h"

/* What is next to nothing is nothing: its inverse would be infinite. */
INLINE float
step_of (float largest)
{
  return largest > 1e-30f ? largest / 127.0f : 0.0f;
}

INLINE float
inverse_of (float largest)
{
  return largest > 1e-30f ? 127.0f / largest : 0.0f;
}

/* Whole numbers of x · inverse, in -127 … 127, as OFFSET more. */
INLINE vi
round_up (vf x, vf inverse)
{
  return __builtin_convertvector (vround (x * inverse), vi) + OFFSET;
}

/* A row's values to bytes, each 4 · NR bytes from the last quad's. */
INLINE void
pack_row (const AttuneType type, const Stored *w, gint64 row, guint8 *out, float *scale,
          float *values)
{
  vf most = { 0 }, y[PARTS], inverse;
  guint8 *bytes = (guint8 *) values;

  for (gint64 k = 0; k < w->columns; k += CHUNK)
    {
      decode_some (type, y, w->data + row * w->row_bytes, w->scales, k, w->columns - k);
      for (int i = 0; i < PARTS; i++)
        {
          most = vmax (vmax (y[i], -y[i]), most);
          vstore (values + k + i * VL, y[i]);
        }
    }
  *scale = step_of (vlargest (most));
  inverse = vset (inverse_of (vlargest (most)));
  /* The bytes take the place of the values that they come from. */
  for (gint64 k = 0; k < w->columns; k += VL)
    _mm_storeu_si128 ((__m128i *) (bytes + k),
                      _mm512_cvtepi32_epi8 ((__m512i) round_up (vload (values + k), inverse)));
  for (gint64 quad = 0; quad < count_quads (w->columns); quad++)
    memcpy (out + quad * 4 * NR, bytes + 4 * quad, 4);
}

INLINE void
pack_nt (const AttuneType type, const Stored *w, gint64 n0, Panel8 *panel, float *values)
{
  const int n_rows = MIN (NR, w->rows - n0);

  if (n_rows < NR)
    {
      memset (panel->q, OFFSET, count_quads (w->columns) * 4 * NR);
      memset (panel->scale, 0, NR * sizeof *panel->scale);
    }
  for (int row = 0; row < n_rows; row++)
    pack_row (type, w, n0 + row, panel->q + 4 * row, panel->scale + row, values);
}

/* The largest of each column. */
INLINE void
measure_columns (const AttuneType type, const Stored *w, gint64 n0, vf most[PARTS])
{
  vf y[PARTS];

  for (int i = 0; i < PARTS; i++)
    most[i] = (vf) { 0 };

  for (gint64 row = 0; row < w->rows; row++)
    {
      decode_some (type, y, w->data + row * w->row_bytes, w->scales, n0, w->columns - n0);
      for (int i = 0; i < PARTS; i++)
        most[i] = vmax (vmax (y[i], -y[i]), most[i]);
    }
}

INLINE void
pack_nn (const AttuneType type, const Stored *w, gint64 n0, Panel8 *panel)
{
  vf most[PARTS], inverse[PARTS], y[PARTS];
  guint8 *out = panel->q;

  measure_columns (type, w, n0, most);
  for (int i = 0; i < NR; i++)
    {
      panel->scale[i] = step_of (most[i / VL][i % VL]);
      inverse[i / VL][i % VL] = inverse_of (most[i / VL][i % VL]);
    }
  for (gint64 row = 0; row < w->rows; row += 4, out += 4 * NR)
    {
      vi quad[PARTS] = { 0 };

      for (int part = 0; part < 4; part++)
        {
          if (row + part < w->rows)
            decode_some (type, y, w->data + (row + part) * w->row_bytes, w->scales, n0,
                         w->columns - n0);
          for (int i = 0; i < PARTS; i++)
            quad[i] |= (row + part < w->rows ? round_up (y[i], inverse[i]) : (vi) { 0 } + OFFSET)
                       << (8 * part);
        }
      memcpy (out, quad, sizeof quad);
    }
}

#define DEFINE(suffix, type)                                                                       \
  static void pack_nt_##suffix (const Stored *w, gint64 n0, Panel8 *panel, float *values)          \
  {                                                                                                \
    pack_nt (type, w, n0, panel, values);                                                          \
  }                                                                                                \
  static void pack_nn_##suffix (const Stored *w, gint64 n0, Panel8 *panel)                         \
  {                                                                                                \
    pack_nn (type, w, n0, panel);                                                                  \
  }
FOR_EACH_TYPE (DEFINE)
#undef DEFINE

void
attune_cpu_pack_nt_int8 (const Stored *w, gint64 n0, Panel8 *panel, float *values)
{
  switch (w->type)
    {
#define CASE(suffix, type)                                                                         \
  case type:                                                                                       \
    pack_nt_##suffix (w, n0, panel, values);                                                       \
    break;
      FOR_EACH_TYPE (CASE)
#undef CASE
    default:
      pack_nt (w->type, w, n0, panel, values);
      break;
    }
}

void
attune_cpu_pack_nn_int8 (const Stored *w, gint64 n0, Panel8 *panel)
{
  switch (w->type)
    {
#define CASE(suffix, type)                                                                         \
  case type:                                                                                       \
    pack_nn_##suffix (w, n0, panel);                                                               \
    break;
      FOR_EACH_TYPE (CASE)
#undef CASE
    default:
      pack_nn (w->type, w, n0, panel);
      break;
    }
}
