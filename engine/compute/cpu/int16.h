/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of the 16-bit products of training: what stored weights are as whole numbers, and the
 * panels that these are laid out in. Private to compute/cpu; from level 2 on.
 *
 * The instructions add the products of two neighbours in k to a lane, so that a pair of k is the
 * unit: a panel is [pair][NR][2].
 */
#pragma once
#include "compute/cpu/cpu.h"
#include "compute/cpu/gemm.h"

/* Values of k in a panel at most: the rows of x beside it then fit the first-level cache. */
#define MAX_K16 768
/* Values of k that share a step of x: a block of w where k runs along w's rows, else more, which
 * saves conversions to floats. */
#define ROW_BLOCK CHUNK
#define COLUMN_BLOCK (2 * CHUNK)

/* 4 · 32767 · LOW_PARTS fits 31 bits. */
#define LOW_PARTS 16384

typedef gint16 vh16 __attribute__ ((vector_size (4 * VL))); /* 2 · VL lanes */
typedef gint16 vh16_any __attribute__ ((vector_size (4 * VL), aligned (2), may_alias));

/* A strip of STRIP columns of B over @k values of k, as panels of NR columns. */
typedef struct
{
  gint32 *pairs; /* STRIP_PANELS times [padded k / 2][NR] of two numbers each */
  /* B = wᵀ: [k / CHUNK][STRIP]; w = step · number + low */
  float *step, *low;
  /* B = w: [padded k] in parts of 1/32768 of step[block], and whole multiples of low[block], of at
   * most LOW_PARTS */
  gint16 *steps, *lows;
} Strip16;

/* Rows of x over a block of k, rounded. */
typedef struct
{
  gint16 *q;    /* rows [k], @ldq apart */
  float *step;  /* rows of a number for each of their blocks, @ld apart */
  float *total; /* the same: step · Σ q */
  gsize ldq, ld;
} Rounded16;

/* COLUMN_BLOCKs of k at most, filled up to whole vectors. */
#define MAX_COLUMN_BLOCKS 16

/* Some rows of x times a strip. */
typedef struct
{
  gboolean transposed; /* k runs along w's rows */
  gboolean low;
  int n_rows; /* at most MR */
  int n_k;    /* whole blocks */
  Rounded16 x;
  Strip16 strip;
  Rounded16 folded; /* scratch where k runs across w's rows: x times the strip's steps */
  float *y;
  gsize ldy;
  int columns; /* that are written, of STRIP */
  float beta;
} StripProduct16;

/* y = x · strip + beta · y */
void ROUNDED (multiply_strip_int16) (const StripProduct16 *p);

/* Whether w = step · number + low has a low part. */
INLINE gboolean
has_low (AttuneType type)
{
  return type == ATTUNE_TYPE_Q4_1 || type == ATTUNE_TYPE_Q5_1 || type == ATTUNE_TYPE_Q4_K
         || type == ATTUNE_TYPE_Q5_K;
}

/* The largest number that x may become, so that a block's sum fits 31 bits: numbers of Q6_K go to
 * 4096, those of the other types to 128. */
INLINE int
largest_of_x (AttuneType type, int block)
{
  return type == ATTUNE_TYPE_Q6_K ? 16383 * ROW_BLOCK / block : 32767;
}

/* The types whose products can be had in 16 bits: X (suffix, type). */
#define FOR_EACH_INT16_TYPE(X)                                                                     \
  X (q4_0, ATTUNE_TYPE_Q4_0)                                                                       \
  X (q4_1, ATTUNE_TYPE_Q4_1)                                                                       \
  X (q5_0, ATTUNE_TYPE_Q5_0)                                                                       \
  X (q5_1, ATTUNE_TYPE_Q5_1)                                                                       \
  X (q8_0, ATTUNE_TYPE_Q8_0)                                                                       \
  X (q4_k, ATTUNE_TYPE_Q4_K)                                                                       \
  X (q5_k, ATTUNE_TYPE_Q5_K)                                                                       \
  X (q6_k, ATTUNE_TYPE_Q6_K)

/* The largest step of a row of w, or its largest low part, which is 16 steps in most types, where
 * that is more; 0 where all is 0. */
float LEVEL (size_row_int16) (const Stored *w, gint64 row);

/* Without @sizes (nullable) B = wᵀ: rows @n0 … @n0 + STRIP of w, missing ones 0, and columns @k0 …
 * @k0 + @n_k, both multiples of CHUNK. Else B = w, in multiples of its rows' @sizes: columns @n0 …
 * @n0 + STRIP, and rows @k0 … @k0 + @n_k, filled up with 0 to whole COLUMN_BLOCKs. */
void LEVEL (pack_int16) (const Stored *w, const float *sizes, gint64 n0, gint64 k0, int n_k,
                         Strip16 *strip);
