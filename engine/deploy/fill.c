/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See weights.h: how the bytes of one exported tensor come about. Adapters are merged in f32, rows
 * put in order, and stored in the target's type.
 */
#include "deploy/weights.h"

#include <math.h>
#include <string.h>

/* The largest linear, which the shared room must hold. */
static gint64
largest_linear (const AttuneDecoderConfig *config)
{
  gint64 most = 0;

  for (int i = 0; i < attune_layer_linears (config); i++)
    {
      gint64 rows, columns;

      attune_linear_shape (config, i, &rows, &columns);
      most = MAX (most, rows * columns);
    }
  return most;
}

/* Merges @linear into the shared room. Returns: (nullable): its values. */
static const float *
merge (AttuneExport *self, const AttuneLinear *linear, GError **error)
{
  AttuneBackend *be = self->decoder->be;
  AttuneArena arena = ATTUNE_ARENA_MEASURE;
  AttuneContext context = { .be = be, .arena = &arena };
  AttuneTensor merged;

  if (self->merged.data == NULL)
    {
      self->merged = (AttuneTensor) { NULL, 1, { largest_linear (&self->decoder->config) } };
      self->merged.data = be->alloc (be, attune_tensor_bytes (&self->merged));
      if (self->merged.data == NULL)
        {
          attune_backend_sync (be, error);
          return NULL;
        }
    }
  merged = linear->weight;
  merged.type = ATTUNE_TYPE_F32;
  merged.data = self->merged.data;
  attune_linear_merge (linear, &context, &merged);
  return attune_backend_sync (be, error) ? merged.data : NULL;
}

static gboolean
is_finite (const float *x, gint64 n)
{
  gboolean finite = TRUE;

  for (gint64 i = 0; i < n; i++)
    finite &= isfinite (x[i]) != 0;
  return finite;
}

static gboolean
check_going_on (AttuneExport *self, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  if (self->progress != NULL)
    self->progress (self->data, (double) self->n_done / MAX (self->items->len, 1), "Writing");
  self->n_done++;
  return TRUE;
}

/* Rows on their way into the file, encoded many at a time: that is what threads are for. */
typedef struct
{
  AttuneExport *self;
  const AttuneExportItem *item;
  char *bytes; /* where the next ones go */
  float *values;
  gint64 columns, n, room; /* rows */
} Rows;

#define ROWS_AT_ONCE_VALUES (1 << 20)

static Rows
rows_begin (AttuneExport *self, const AttuneExportItem *item, char *bytes, gint64 columns)
{
  Rows rows = { .self = self,
                .item = item,
                .bytes = bytes,
                .columns = columns,
                .room = MIN (MAX (ROWS_AT_ONCE_VALUES / columns, 1),
                             attune_tensor_count (&item->shape) / columns) };

  rows.values = g_new (float, rows.room *columns);
  return rows;
}

static void
rows_clear (Rows *rows)
{
  g_free (rows->values);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Rows, rows_clear)

/* Encodes what has come together. */
static gboolean
rows_flush (Rows *rows, GError **error)
{
  AttuneBackend *be = rows->self->decoder->be;
  const AttuneTensor values = { rows->values, 2, { rows->n, rows->columns } },
                     stored
                     = { rows->bytes, 2, { rows->n, rows->columns }, rows->item->shape.type };

  if (rows->n == 0)
    return TRUE;
  if (!is_finite (rows->values, rows->n * rows->columns))
    {
      g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_NUMBERS,
                   "“%s” holds values that are not numbers; what was tuned is damaged.",
                   rows->item->name);
      return FALSE;
    }
  be->encode (be, &stored, &values);
  rows->bytes += attune_tensor_bytes (&stored);
  rows->n = 0;
  return attune_backend_sync (be, error);
}

/* Returns: (transfer none) (nullable): where the next row's values go. */
static float *
rows_next (Rows *rows, GError **error)
{
  if (rows->n == rows->room && !rows_flush (rows, error))
    return NULL;
  return rows->values + rows->n++ * rows->columns;
}

static gboolean
rows_add (Rows *rows, const float *row, GError **error)
{
  float *to = rows_next (rows, error);

  if (to == NULL)
    return FALSE;
  memcpy (to, row, rows->columns * sizeof *to);
  return TRUE;
}

gint64
attune_export_source_row (gint64 row, int head_dim)
{
  const gint64 head = row / head_dim, s = row % head_dim / (head_dim / 2), j = row % (head_dim / 2);

  return head * head_dim + 2 * j + s;
}

gint64
attune_export_source (const AttuneDecoderConfig *c, AttuneRowOrder order, gint64 row)
{
  const int d = c->head_dim, group = c->n_heads / c->n_kv_heads;
  const gint64 head = row / d, at = row % d, kv = head / (group + 2), i = head % (group + 2);

  switch (order)
    {
    case ATTUNE_ROWS_TO_HALVES:
      return attune_export_source_row (row, d);
    case ATTUNE_ROWS_TO_PAIRS:
      return head * d + at % 2 * (d / 2) + at / 2;
    case ATTUNE_ROWS_TO_GROUPS:
      return (i < group ? kv * group + i : c->n_heads + (i - group) * c->n_kv_heads + kv) * d + at;
    case ATTUNE_ROWS_AS_THEY_ARE:
    default:
      return row;
    }
}

static gint64
source_row (const AttuneExport *self, const AttuneExportItem *item, gint64 row)
{
  return attune_export_source (&self->decoder->config, item->order, row);
}

/* Part by part, for what need not be in memory as a whole: experts can be large. */
static gboolean
fill_parts (AttuneExport *self, const AttuneExportItem *item, char *bytes, GError **error)
{
  g_auto (Rows) to = rows_begin (self, item, bytes, attune_tensor_columns (&item->shape));

  for (int part = 0; part < item->n_linears; part++)
    {
      const gint64 rows = attune_tensor_count (&item->linears[part]->weight) / to.columns;
      const float *merged = merge (self, item->linears[part], error);

      if (merged == NULL)
        return FALSE;
      for (gint64 i = 0; i < rows; i++)
        if (!rows_add (&to, merged + source_row (self, item, i) * to.columns, error))
          return FALSE;
    }
  return rows_flush (&to, error);
}

/* All of the tensor in f32 as it is here. Returns: (transfer full) (nullable) */
static float *
load_whole (AttuneExport *self, const AttuneExportItem *item, GError **error)
{
  g_autofree float *all = g_try_new (float, attune_tensor_count (&item->shape));
  gint64 done = 0;

  if (all == NULL)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM, "“%s” does not fit into memory.",
                   item->name);
      return NULL;
    }
  if (item->n_linears == 0)
    attune_type_info (item->tensor->type)
        ->decode (all, item->tensor->data, attune_tensor_count (item->tensor));
  for (int part = 0; part < item->n_linears; part++)
    {
      const gint64 n = attune_tensor_count (&item->linears[part]->weight);
      const float *merged = merge (self, item->linears[part], error);

      if (merged == NULL)
        return NULL;
      memcpy (all + done, merged, n * sizeof *all);
      done += n;
    }
  return g_steal_pointer (&all);
}

/* A vector of values in another order: they are its rows. */
static gboolean
is_sorted_vector (const AttuneExportItem *item)
{
  return item->shape.n_dims == 1 && item->order != ATTUNE_ROWS_AS_THEY_ARE;
}

/* What is turned or mixed across its parts. */
static gboolean
fill_whole (AttuneExport *self, const AttuneExportItem *item, char *bytes, GError **error)
{
  const gint64 columns = is_sorted_vector (item) ? 1 : attune_tensor_columns (&item->shape),
               rows = attune_tensor_count (&item->shape) / columns;
  g_autofree float *all = load_whole (self, item, error);
  g_auto (Rows) to = rows_begin (self, item, bytes, columns);

  if (all == NULL)
    return FALSE;
  for (gint64 i = 0; i < rows; i++)
    {
      float *row = rows_next (&to, error);

      if (row == NULL)
        return FALSE;
      if (item->transposed)
        for (gint64 j = 0; j < columns; j++)
          row[j] = all[j * rows + i];
      else
        memcpy (row, all + source_row (self, item, i) * columns, columns * sizeof *row);
    }
  return rows_flush (&to, error);
}

static gboolean
fill_copy (AttuneExport *self, const AttuneExportItem *item, char *bytes, GError **error)
{
  const gint64 columns = attune_tensor_columns (&item->shape),
               rows = attune_tensor_count (&item->shape) / columns;
  const AttuneTensor *from = item->tensor;
  g_auto (Rows) to = rows_begin (self, item, bytes, columns);

  if (from->type == item->shape.type && item->shape.type != ATTUNE_TYPE_F32
      && item->order == ATTUNE_ROWS_AS_THEY_ARE)
    {
      memcpy (bytes, from->data, attune_tensor_bytes (&item->shape));
      return TRUE;
    }
  for (gint64 i = 0; i < rows; i++)
    {
      const gint64 at = source_row (self, item, i) * columns;
      float *row = rows_next (&to, error);

      if (row == NULL)
        return FALSE;
      attune_type_info (from->type)
          ->decode (row, (char *) from->data + attune_type_bytes (from->type, at), columns);
      for (gint64 j = 0; item->minus_one && j < columns; j++)
        row[j] -= 1.0f;
    }
  return rows_flush (&to, error);
}

gboolean
attune_export_fill (gpointer data, const char *name, void *bytes, GError **error)
{
  AttuneExport *self = data;
  const AttuneExportItem *item = g_hash_table_lookup (self->by_name, name);

  if (!check_going_on (self, error))
    return FALSE;
  if (item->transposed || item->order == ATTUNE_ROWS_TO_GROUPS || is_sorted_vector (item))
    return fill_whole (self, item, bytes, error);
  return item->n_linears > 0 ? fill_parts (self, item, bytes, error)
                             : fill_copy (self, item, bytes, error);
}
