/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Packing: stored values become panels of f32 that the tiles of gemm-kernel.c walk through in
 * order. Decoding happens here, in registers, so that a 4-bit weight costs no more than an f32 one.
 */
#include "compute/cpu/gemm.h"

/* Rows of CHUNK floats, @stride apart, into the panels' rows. */
INLINE void
store_transposed (const float *rows, gsize stride, float *panels, gsize panel_stride)
{
  for (int group = 0; group < STRIP / VL; group++)
    {
      float *panel = panels + group * VL / NR * panel_stride + group * VL % NR;

      for (int k = 0; k < CHUNK; k += VL)
        {
          vf r[VL];

#pragma GCC unroll 16
          for (int i = 0; i < VL; i++)
            r[i] = vload (rows + (group * VL + i) * stride + k);
          vtranspose (r);
#pragma GCC unroll 16
          for (int i = 0; i < VL; i++)
            vstore (panel + (k + i) * NR, r[i]);
        }
    }
}

INLINE void
pack_nt (const AttuneType type, const Stored *w, gint64 n0, gint64 k0, int n_k, float *panels)
{
  const gsize panel_stride = padded_k (n_k) * NR;
  const int n_rows = MIN (STRIP, w->rows - n0);
  float rows[STRIP * CHUNK] __attribute__ ((aligned (64)));

  if (n_rows < STRIP)
    memset (rows + n_rows * CHUNK, 0, (STRIP - n_rows) * CHUNK * sizeof *rows);
  for (int k = 0; k < n_k; k += CHUNK)
    {
      if (type == ATTUNE_TYPE_F32 && n_rows == STRIP && n_k - k >= CHUNK)
        {
          store_transposed ((const float *) (w->data + n0 * w->row_bytes) + k0 + k,
                            w->row_bytes / sizeof (float), panels + k * NR, panel_stride);
          continue;
        }
      for (int row = 0; row < n_rows; row++)
        {
          vf y[PARTS];

          decode_some (type, y, w->data + (n0 + row) * w->row_bytes, w->scales, k0 + k, n_k - k);
          for (int i = 0; i < PARTS; i++)
            vstore (rows + row * CHUNK + i * VL, y[i]);
        }
      store_transposed (rows, CHUNK, panels + k * NR, panel_stride);
    }
}

INLINE void
pack_nn (const AttuneType type, const Stored *w, gint64 n0, gint64 k0, int n_k, float *panels)
{
  const gsize panel_stride = padded_k (n_k) * NR;
  const gint64 n = w->columns - n0;

  for (int k = 0; k < n_k; k++)
    {
      vf y[PARTS];

      decode_some (type, y, w->data + (k0 + k) * w->row_bytes, w->scales, n0, n);
      for (int i = 0; i < PARTS; i++)
        vstore (panels + i * VL / NR * panel_stride + k * NR + i * VL % NR, y[i]);
    }
}

#define DEFINE(suffix, type)                                                                       \
  static void pack_nt_##suffix (const Stored *w, gint64 n0, gint64 k0, int n_k, float *panels)     \
  {                                                                                                \
    pack_nt (type, w, n0, k0, n_k, panels);                                                        \
  }                                                                                                \
  static void pack_nn_##suffix (const Stored *w, gint64 n0, gint64 k0, int n_k, float *panels)     \
  {                                                                                                \
    pack_nn (type, w, n0, k0, n_k, panels);                                                        \
  }
FOR_EACH_TYPE (DEFINE)
#undef DEFINE

void
LEVEL (pack_nt) (const Stored *w, gint64 n0, gint64 k0, int n_k, float *panels)
{
  switch (w->type)
    {
#define CASE(suffix, type)                                                                         \
  case type:                                                                                       \
    pack_nt_##suffix (w, n0, k0, n_k, panels);                                                     \
    break;
      FOR_EACH_TYPE (CASE)
#undef CASE
    default:
      pack_nt (w->type, w, n0, k0, n_k, panels);
      break;
    }
}

void
LEVEL (pack_nn) (const Stored *w, gint64 n0, gint64 k0, int n_k, float *panels)
{
  switch (w->type)
    {
#define CASE(suffix, type)                                                                         \
  case type:                                                                                       \
    pack_nn_##suffix (w, n0, k0, n_k, panels);                                                     \
    break;
      FOR_EACH_TYPE (CASE)
#undef CASE
    default:
      pack_nn (w->type, w, n0, k0, n_k, panels);
      break;
    }
}
