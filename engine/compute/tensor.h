/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A tensor is a view: it owns nothing. Row-major; the last axis is contiguous (and packed into
 * blocks where the type has them).
 */
#pragma once
#include "compute/types.h"

G_BEGIN_DECLS

#define ATTUNE_MAX_DIMS 4

/* What the blocks of a tensor share, where their scales are quantised again: see four-bits.h. */
typedef struct
{
  const guint8 *first; /* the tensor's first block, by which a block knows its place */
  const float *second;
  float offset;
} AttuneScales;

typedef struct
{
  void *data;
  int n_dims;
  gint64 dims[ATTUNE_MAX_DIMS];
  AttuneType type;            /* after these, so that { data, n, { … } } is an f32 tensor */
  const AttuneScales *scales; /* %NULL but for types that need them */
} AttuneTensor;

/* Values in all. */
static inline gint64
attune_tensor_count (const AttuneTensor *t)
{
  gint64 n = 1;

  for (int i = 0; i < t->n_dims; i++)
    n *= t->dims[i];
  return n;
}

/* Length of the last axis. */
static inline gint64
attune_tensor_columns (const AttuneTensor *t)
{
  return t->n_dims > 0 ? t->dims[t->n_dims - 1] : 1;
}

/* All axes but the last, as one. */
static inline gint64
attune_tensor_rows (const AttuneTensor *t)
{
  gint64 n = 1;

  for (int i = 0; i + 1 < t->n_dims; i++)
    n *= t->dims[i];
  return n;
}

static inline gint64
attune_tensor_bytes (const AttuneTensor *t)
{
  return attune_type_bytes (t->type, attune_tensor_count (t));
}

/* Bytes that AttuneBackend's pack_rounded() makes of @w: its own, with the rows filled up to whole
 * groups of any backend; 0 where it makes nothing. */
static inline gint64
attune_packed_bytes (const AttuneTensor *w)
{
  if (!attune_type_can_round (w->type) || w->type == ATTUNE_TYPE_NF4)
    return 0;
  return attune_type_bytes (w->type, attune_tensor_columns (w))
         * ((attune_tensor_rows (w) + 15) / 16 * 16);
}

/* A view of @n rows from @first of a tensor seen as (rows, columns). */
static inline AttuneTensor
attune_tensor_slice (const AttuneTensor *t, gint64 first, gint64 n)
{
  const gint64 columns = attune_tensor_columns (t);

  return (AttuneTensor) { (char *) t->data + attune_type_bytes (t->type, first * columns),
                          2,
                          { n, columns },
                          t->type,
                          t->scales };
}

G_END_DECLS
