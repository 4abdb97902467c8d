/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of the 8-bit products of training: rows of bytes with a scale each, panels of bytes,
 * and the tiles that multiply them. Private to compute/cpu; built with AVX512-VNNI only.
 *
 * VNNI adds four products of neighbours in k to a lane, so that a quad of k is the unit: panels are
 * [quad][NR][4]. It takes unsigned times signed bytes: weights are stored 128 more than they are,
 * and 128 times the sum of the row of x is taken off again.
 */
#pragma once
#include "compute/cpu/cpu.h"
#include "compute/cpu/gemm.h"

#define OFFSET 128

/* A rounded matrix: q · scale of its row, rows @stride bytes apart and filled up with 0. */
typedef struct
{
  gint64 rows, columns;
  gsize stride;
  gint8 *q;
  float *scale;
  gint32 *sum; /* of the row's q */
} Rounded8;

/* Quads of @k values. */
INLINE gint64
count_quads (gint64 k)
{
  return (k + 3) / 4;
}

/* NR columns of weights. */
typedef struct
{
  guint8 *q;    /* [quads][NR][4] */
  float *scale; /* NR */
} Panel8;

/* The panel of w's rows @n0 … @n0 + NR: y = x · wᵀ. @values: padded_k (columns) floats of
 * scratch. */
void attune_cpu_pack_nt_int8 (const Stored *w, gint64 n0, Panel8 *panel, float *values);
/* The panel of w's columns @n0 … @n0 + NR: dx = dy · w. */
void attune_cpu_pack_nn_int8 (const Stored *w, gint64 n0, Panel8 *panel);
