/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows that are picked and placed, and whole tensors between stored types and f32.
 */
#include "compute/blocks.h"
#include "compute/cpu/entries.h"
#include "compute/cpu/vector.h"
#include "compute/four-bits.h"

typedef struct
{
  gint64 rows, columns;
  float *y;
  const float *x;
  AttuneTensor table;
  const gint32 *ids, *sequences, *positions;
} Rows;

/* To the nearest bf16, to even; NaN stays NaN. */
INLINE void
store_half (guint16 *y, const float *x, gint64 n)
{
  typedef guint16 Halves __attribute__ ((vector_size (2 * VL), aligned (2)));
  gint64 i = 0;

  for (; i + VL <= n; i += VL)
    {
      const vf value = vload (x + i);
      const vu bits = (vu) value, rounded = bits + 0x7fff + (bits >> 16 & 1),
               whole = (vu) vselect (value == value, (vf) rounded, (vf) (bits | 0x400000));

      *(Halves *) (y + i) = __builtin_convertvector (whole >> 16, Halves);
    }
  for (; i < n; i++)
    y[i] = attune_f32_to_bf16 (x[i]);
}

static void
cache_store_task (gpointer data, int worker, int n_workers)
{
  const Rows *p = data;
  gint64 from, to;

  attune_split (p->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    {
      const gint64 n_heads = p->table.dims[1], capacity = p->table.dims[2], dim = p->table.dims[3];

      for (gint64 head = 0; head < n_heads; head++)
        {
          const gint64 at
              = ((p->sequences[row] * n_heads + head) * capacity + p->positions[row]) * dim;
          const float *x = p->x + row * p->columns + head * dim;

          if (p->table.type == ATTUNE_TYPE_BF16)
            store_half ((guint16 *) p->table.data + at, x, dim);
          else if (p->table.type == ATTUNE_TYPE_Q8_0)
            attune_encode_q8_0 ((char *) p->table.data + attune_type_bytes (ATTUNE_TYPE_Q8_0, at),
                                x, dim);
          else
            memcpy ((float *) p->table.data + at, x, dim * sizeof *x);
        }
    }
}

void
LEVEL (cache_store) (AttuneBackend *be, const AttuneTensor *cache, const AttuneTensor *x,
                     const gint32 *sequences, const gint32 *positions)
{
  Rows p = { .rows = attune_tensor_rows (x),
             .columns = attune_tensor_columns (x),
             .table = *cache,
             .x = x->data,
             .sequences = sequences,
             .positions = positions };

  attune_cpu_run (attune_cpu (be), 0.2 * p.rows * p.columns, cache_store_task, &p);
}

static void
gather_task (gpointer data, int worker, int n_workers)
{
  const Rows *p = data;
  gint64 from, to;

  attune_split (p->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    attune_tensor_decode (p->y + row * p->columns, &p->table, p->ids[row] * p->columns, p->columns);
}

void
LEVEL (gather) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *table,
                const gint32 *ids)
{
  Rows p = { .rows = attune_tensor_rows (y),
             .columns = attune_tensor_columns (y),
             .y = y->data,
             .table = *table,
             .ids = ids };

  attune_cpu_run (attune_cpu (be), 0.5 * p.rows * p.columns, gather_task, &p);
}

/* By columns: two rows may go to the same place, and their order must not depend on the threads. */
static void
scatter_add_task (gpointer data, int worker, int n_workers)
{
  const Rows *p = data;
  gint64 from, to;

  attune_split (p->columns, 16, worker, n_workers, &from, &to);
  for (gint64 row = 0; row < p->rows; row++)
    {
      const float *x = p->x + row * p->columns;
      float *y = p->y + p->ids[row] * p->columns;

      for (gint64 i = from; i < to; i += VL)
        vstore_some (y + i, vload_some (y + i, to - i) + vload_some (x + i, to - i), to - i);
    }
}

void
LEVEL (scatter_add) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                     const gint32 *ids)
{
  Rows p = { .rows = attune_tensor_rows (x),
             .columns = attune_tensor_columns (x),
             .y = y->data,
             .x = x->data,
             .ids = ids };

  attune_cpu_run (attune_cpu (be), 0.5 * p.rows * p.columns, scatter_add_task, &p);
}

typedef struct
{
  const AttuneTypeInfo *info;
  gint64 blocks;
  float *values;
  const AttuneTensor *stored;
  gboolean encode;
} Conversion;

static void
convert_task (gpointer data, int worker, int n_workers)
{
  const Conversion *p = data;
  gint64 from, to;

  attune_split (p->blocks, 64, worker, n_workers, &from, &to);
  if (p->encode)
    p->info->encode ((char *) p->stored->data + from * p->info->bytes,
                     p->values + from * p->info->block, (to - from) * p->info->block);
  else
    attune_tensor_decode (p->values + from * p->info->block, p->stored, from * p->info->block,
                          (to - from) * p->info->block);
}

void
LEVEL (decode) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  const AttuneTypeInfo *info = attune_type_info (x->type);
  Conversion p = {
    .info = info, .blocks = attune_tensor_count (x) / info->block, .values = y->data, .stored = x
  };

  attune_cpu_run (attune_cpu (be), 0.5 * p.blocks * info->block, convert_task, &p);
}

void
LEVEL (encode) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  const AttuneTypeInfo *info = attune_type_info (y->type);
  Conversion p = { .info = info,
                   .blocks = attune_tensor_count (x) / info->block,
                   .values = x->data,
                   .stored = y,
                   .encode = TRUE };

  if (info->encode == NULL)
    attune_cpu_fail (attune_cpu (be), ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                     "The type %s can be read but not written", info->name);
  else
    attune_cpu_run (attune_cpu (be), 5.0 * p.blocks * info->block, convert_task, &p);
}
