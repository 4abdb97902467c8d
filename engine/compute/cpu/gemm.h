/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of the product C (m, n) = alpha · A (m, k) · B (k, n) + beta · C: panels of B, packed
 * and decoded from a stored type, and the tiles that multiply them. Private to compute/cpu.
 *
 * B is cut into panels of NR columns, each laid out [k][NR], the last one filled up with zeros. A
 * is read where it lies, by rows or by columns. A tile of MR x NR results stays in registers over
 * all of k.
 */
#pragma once
#include "compute/cpu/cpu.h"
#include "compute/cpu/decode.h"

#define NR (2 * VL)
#if ATTUNE_LEVEL == 4
#define MR                                                                                         \
  14 /* 28 of 32 registers for results, two for B, the factors of A straight from memory           \
      */
#else
#define MR 6 /* 12 of 16 registers */
#endif

/* X (1) … X (MR): the tiles are made once for each number of rows. */
#if MR == 14
#define FOR_EACH_ROWS(X)                                                                           \
  X (1) X (2) X (3) X (4) X (5) X (6) X (7) X (8) X (9) X (10) X (11) X (12) X (13) X (14)
#else
#define FOR_EACH_ROWS(X) X (1) X (2) X (3) X (4) X (5) X (6)
#endif

/* How many of @left rows the next tile takes: what is left is shared by two of them rather than to
 * leave one with a single row. */
static inline int
rows_of_tile (gint64 left)
{
  return left >= 2 * MR || left == MR ? MR : left > MR ? (left + 1) / 2 : left;
}

static inline gint64
divide_up (gint64 a, gint64 b)
{
  return (a + b - 1) / b;
}

/* Columns packed at once: whole panels at every level, and a chunk of the decoder. */
#define STRIP CHUNK
#define STRIP_PANELS (STRIP / NR)

/* Values of k in a panel at most: A's tile (MR · MAX_K floats) then fits the first-level cache. */
#define MAX_K 640

/* A packed panel's rows: k, filled up so that packing can write whole chunks. */
static inline gsize
padded_k (gint64 k)
{
  return divide_up (k, CHUNK) * CHUNK;
}

/* A stored matrix, (rows, columns). */
typedef struct
{
  const guint8 *data;
  gint64 rows, columns;
  gsize row_bytes;
  AttuneType type;
  const AttuneScales *scales; /* (nullable) */
} Stored;

static inline Stored
stored_tensor (const AttuneTensor *w)
{
  const gint64 columns = attune_tensor_columns (w);

  return (Stored) { w->data, attune_tensor_rows (w),
                    columns, attune_type_bytes (w->type, columns),
                    w->type, w->scales };
}

/* An f32 matrix whose rows are @ld floats apart. */
static inline Stored
stored_f32 (const float *data, gint64 rows, gint64 columns, gint64 ld)
{
  return (Stored) { (const guint8 *) data, rows, columns, ld * sizeof (float), ATTUNE_TYPE_F32 };
}

/* The same of any type. */
static inline Stored
stored_rows (AttuneType type, const guint8 *data, gint64 rows, gint64 columns, gsize row_bytes)
{
  return (Stored) { data, rows, columns, row_bytes, type };
}

/**
 * pack_nt:
 * @panels: (out): STRIP_PANELS panels [padded_k (n_k)][NR]: B = wᵀ, for w's rows @n0 … @n0 + STRIP
 * (missing ones are 0) and columns @k0 … @k0 + @n_k; @k0 a multiple of CHUNK
 */
void LEVEL (pack_nt) (const Stored *w, gint64 n0, gint64 k0, int n_k, float *panels);

/* The same for B = w: its columns @n0 … @n0 + STRIP, rows @k0 … @k0 + @n_k; @n0 a multiple of
 * CHUNK. */
void LEVEL (pack_nn) (const Stored *w, gint64 n0, gint64 k0, int n_k, float *panels);

typedef struct
{
  int m, n, k;
  const float *a;
  gsize lda; /* between rows, or between columns where @a_by_columns */
  gboolean a_by_columns;
  const float *b; /* panel p at b + p · panel_stride, its rows ldb apart */
  gsize ldb, panel_stride;
  float *c;
  gsize ldc;
  float alpha, beta; /* beta 0: what stands in C is not read */
} Tiles;

/* Multiplies; @copy: MR · MAX_K floats of scratch for rows of A that would fight for the same cache
 * sets. */
void LEVEL (multiply_tiles) (const Tiles *t, float *copy);

/* y (m, n) = alpha · x (m, k) · wᵀ + beta · y for few rows, rows @n0 … @n1 of w; decodes as it
 * goes. */
#define GEMV_MAX_ROWS 8
void LEVEL (gemv) (const Stored *w, gint64 n0, gint64 n1, int m, const float *x, gint64 ldx,
                   float *y, gint64 ldy, float alpha, float beta);
