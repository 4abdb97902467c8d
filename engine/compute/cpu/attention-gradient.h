/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What attention's gradient is cut into. Private to compute/cpu.
 */
#pragma once
#include "compute/cpu/attention.h"

/* What is wanted of rows and keys that see each other. What several samples have before them gives
 * them their dq; its own dk, dv come last, as they sum over the rows of all of them. */
typedef enum
{
  PASS_QUERIES = 1,
  PASS_KEYS = 2,
} Pass;

typedef struct
{
  AttuneCpu *cpu;
  const AttuneAttention *shape;
  const float *q, *k, *v, *dout, *out, *lse;
  float *dq, *dk, *dv;
  gsize ldq, ldkv;
  gint64 n_tokens;
  int block;    /* rows and keys of a block */
  int diagonal; /* of blocks, that is computed: 0 has each row's own key */
  double total; /* what it costs */
} Backward;

/* A sample and a key/value head: views of the first row. Keys that come before it, -n_prefix … -1,
 * lie elsewhere: key_at(). */
typedef struct
{
  const Backward *p;
  int length, n_prefix;
  int group, dim;
  const float *q, *dout, *out, *lse;
  float *dq;
  gsize own, prefix; /* where the first key of either lies in k, v, dk, dv */
} Head;

/* Keys that share a pass over the rows; of a part that has no more, their panels and a tile's
 * scores stay in a second-level cache of 1 MiB. */
#define GRADIENT_KEYS 256

/* What rows @i0 … @i1 and keys @k0 … @k1 of a head have to do with each other: ADDED to dq or to
 * dk, dv or to both. */
void LEVEL (backward_keys) (const Head *h, float *scratch, int i0, int i1, int k0, int k1,
                            Pass pass);
