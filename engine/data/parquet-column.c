/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The values of a column of a row group of a Parquet file, one by one. Encodings: plain,
 * dictionary, runs (of booleans).
 */
#include "data/parquet-page.h"

#include <string.h>

AttuneParquetColumn *
attune_parquet_column_new (AttuneParquetFile *file, guint leaf, const AttuneParquetChunk *chunk)
{
  AttuneParquetColumn *self = g_new0 (AttuneParquetColumn, 1);

  self->file = file;
  self->leaf = file->leaves->pdata[leaf];
  self->chunk = *chunk;
  self->at = chunk->start;
  self->end = chunk->start + chunk->bytes;
  self->n_left = chunk->n_values;
  return self;
}

void
attune_parquet_column_free (AttuneParquetColumn *self)
{
  if (self == NULL)
    return;
  attune_parquet_bytes_clear (self->file, &self->page);
  attune_parquet_bytes_clear (self->file, &self->dictionary);
  attune_parquet_bytes_clear (self->file, &self->entries);
  g_clear_error (&self->fault);
  g_free (self);
}

/* Bytes of a value of the type, of which each has as many; 0: they say it themselves. */
static gsize
value_bytes (const AttuneParquetNode *leaf)
{
  switch (leaf->type)
    {
    case ATTUNE_PARQUET_INT32:
    case ATTUNE_PARQUET_FLOAT:
      return 4;
    case ATTUNE_PARQUET_INT64:
    case ATTUNE_PARQUET_DOUBLE:
      return 8;
    case ATTUNE_PARQUET_INT96:
      return 12;
    case ATTUNE_PARQUET_FIXED:
      return CLAMP (leaf->length, 1, 1 << 20);
    default:
      return 0;
    }
}

/* The value that lies at @at. */
static void
take_value (AttuneParquetColumn *self, const guint8 *at, gsize n)
{
  AttuneParquetValue *value = &self->value;
  gint32 small;
  gint64 large;
  float single;

  value->text = (const char *) at;
  value->n = n;
  switch (self->leaf->type)
    {
    case ATTUNE_PARQUET_INT32:
      memcpy (&small, at, 4);
      small = GINT32_FROM_LE (small);
      value->number
          = self->leaf->meaning == ATTUNE_PARQUET_UNSIGNED ? (gint64) (guint32) small : small;
      break;
    case ATTUNE_PARQUET_INT64:
      memcpy (&large, at, 8);
      value->number = GINT64_FROM_LE (large);
      break;
    case ATTUNE_PARQUET_FLOAT:
      memcpy (&single, at, 4);
      value->real = single;
      break;
    case ATTUNE_PARQUET_DOUBLE:
      memcpy (&value->real, at, 8);
      break;
    default:
      break;
    }
}

static gboolean
read_plain (AttuneParquetColumn *self)
{
  const gsize n_left = self->plain_end - self->plain;
  gsize n = value_bytes (self->leaf), n_length = 0;

  if (self->leaf->type == ATTUNE_PARQUET_BOOLEAN)
    {
      if (n_left == 0)
        return FALSE;
      self->value.number = *self->plain >> self->n_bit & 1;
      self->n_bit = (self->n_bit + 1) % 8;
      self->plain += self->n_bit == 0;
      return TRUE;
    }
  if (n == 0)
    {
      n_length = 4;
      if (n_left < 4)
        return FALSE;
      n = attune_parquet_get_u32 (self->plain);
    }
  if (n > n_left - n_length)
    return FALSE;
  take_value (self, self->plain + n_length, n);
  self->plain += n_length + n;
  return TRUE;
}

static gboolean
read_key (AttuneParquetColumn *self)
{
  const guint32 key = attune_parquet_runs_next (&self->keys);
  const gsize n = value_bytes (self->leaf);

  if (self->keys.failed)
    return FALSE;
  if (self->encoding == RUNS)
    {
      self->value.number = key;
      return TRUE;
    }
  if (n > 0)
    {
      if (key >= self->dictionary.n / n)
        return FALSE;
      take_value (self, self->dictionary.bytes + key * n, n);
      return TRUE;
    }
  if (key >= self->n_entries)
    return FALSE;
  {
    const guint8 *at = self->dictionary.bytes + ((const guint32 *) self->entries.bytes)[key];

    take_value (self, at + 4, attune_parquet_get_u32 (at));
  }
  return TRUE;
}

static gboolean
read_value (AttuneParquetColumn *self, GError **error)
{
  const AttuneParquetNode *leaf = self->leaf;

  if (self->n_in_page == 0 && !attune_parquet_column_next_page (self, error))
    return FALSE;
  self->n_in_page--;
  self->value = (AttuneParquetValue) { .rep = 0 };
  if (leaf->max_rep > 0)
    self->value.rep = attune_parquet_runs_next (&self->reps);
  if (leaf->max_def > 0)
    self->value.def = attune_parquet_runs_next (&self->defs);
  if (self->reps.failed || self->defs.failed || self->value.rep > leaf->max_rep
      || self->value.def > leaf->max_def
      || (self->value.def == leaf->max_def
          && !(self->encoding == PLAIN ? read_plain (self) : read_key (self))))
    return attune_parquet_column_damaged (self, "is damaged", error);
  return TRUE;
}

/* After a fault the page is half read: nothing may be taken from it any more. */
const AttuneParquetValue *
attune_parquet_column_peek (AttuneParquetColumn *self, GError **error)
{
  if (self->fault == NULL && !self->has_value && (self->n_in_page > 0 || self->n_left > 0))
    self->has_value = read_value (self, &self->fault);
  if (self->fault != NULL && error != NULL)
    *error = g_error_copy (self->fault);
  return self->has_value ? &self->value : NULL;
}

void
attune_parquet_column_take (AttuneParquetColumn *self)
{
  self->has_value = FALSE;
}
