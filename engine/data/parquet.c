/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A Parquet file as a source of records. Where its columns are plain its rows are those of a table;
 * where some hold lists or structs, as conversations are stored, each row is read as the JSON
 * object that it would be. Columns that are not used are not read.
 */
#include "data/json-private.h"
#include "data/parquet-reader.h"

static void
forget_group (AttuneParquetReader *self)
{
  for (guint i = 0; self->columns != NULL && i < self->file->leaves->len; i++)
    g_clear_pointer (&self->columns[i], attune_parquet_column_free);
}

static void
reader_clear (AttuneParquetReader *self)
{
  if (self->file != NULL)
    forget_group (self);
  g_clear_pointer (&self->columns, g_free);
  g_clear_pointer (&self->used, g_free);
  g_clear_pointer (&self->wanted, g_free);
  g_clear_pointer (&self->file, attune_parquet_close);
  if (self->text != NULL)
    g_string_free (g_steal_pointer (&self->text), TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneParquetReader, reader_clear)

static gboolean
is_plain (const AttuneParquetNode *column)
{
  return column->is_leaf && column->max_rep == 0;
}

static gboolean
reader_open (AttuneParquetReader *self, const char *path, GError **error)
{
  if ((self->file = attune_parquet_open (path, error)) == NULL)
    return FALSE;
  self->text = g_string_new (NULL);
  self->columns = g_new0 (AttuneParquetColumn *, self->file->leaves->len);
  self->used = g_new (gboolean, self->file->root->children->len);
  self->wanted = g_new0 (gboolean, self->file->root->children->len);
  for (guint i = 0; i < self->file->root->children->len; i++)
    {
      self->used[i] = TRUE;
      self->nested |= !is_plain (attune_parquet_child (self->file->root, i));
    }
  return TRUE;
}

/* Returns: 1 where there is a row, 0 at the end of the file. */
static int
next_row (AttuneParquetReader *self)
{
  const AttuneParquetNode *root = self->file->root;

  while (self->n_left == 0)
    {
      const AttuneParquetGroup *group;

      if (self->group == self->file->groups->len)
        return 0;
      forget_group (self);
      group = self->file->groups->pdata[self->group++];
      self->n_left = group->n_rows;
      for (guint i = 0; i < root->children->len; i++)
        for (guint j = attune_parquet_child (root, i)->leaf;
             self->used[i] && j < attune_parquet_child (root, i)->end_leaf; j++)
          self->columns[j] = attune_parquet_column_new (self->file, j, &group->chunks[j]);
    }
  self->n_left--;
  return 1;
}

const AttuneParquetValue *
attune_parquet_reader_peek (AttuneParquetReader *self, guint leaf, GError **error)
{
  g_autoptr (GError) reason = NULL;
  const AttuneParquetValue *value = attune_parquet_column_peek (self->columns[leaf], &reason);

  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  else if (value == NULL)
    attune_parquet_damaged (self->file, "a column has fewer rows than the file says", error);
  return value;
}

/* --- rows of plain columns */

static gboolean
read_plain_row (AttuneParquetReader *self, AttuneTableRow *row, GError **error)
{
  const AttuneParquetNode *root = self->file->root;

  attune_table_row_begin (row);
  for (guint i = 0; i < root->children->len; i++)
    {
      const AttuneParquetNode *leaf = attune_parquet_child (root, i);
      const AttuneParquetValue *value = NULL;
      gboolean is_words;

      g_string_truncate (self->text, 0);
      if (self->used[i] && (value = attune_parquet_reader_peek (self, leaf->leaf, error)) == NULL)
        return FALSE;
      if (value == NULL || value->def < leaf->max_def)
        attune_table_row_add (row, "", 0);
      else if (attune_parquet_is_text (leaf))
        attune_table_row_add (row, value->text, value->n);
      else if (attune_parquet_append_text (self->text, leaf, value, &is_words))
        attune_table_row_add (row, self->text->str, self->text->len);
      else
        attune_table_row_refuse (
            row, g_strdup_printf (leaf->meaning == ATTUNE_PARQUET_DECIMAL
                                      ? "Its column “%s” holds a number too long to be read."
                                      : "Its column “%s” holds neither text nor a number.",
                                  leaf->name));
      if (value != NULL)
        attune_parquet_column_take (self->columns[leaf->leaf]);
    }
  return TRUE;
}

/* --- the source */

static gboolean
probe_plain (AttuneParquetReader *self, AttuneSource *source, GError **error)
{
  const AttuneParquetNode *root = self->file->root;
  g_auto (AttuneTableRow) row = { 0 };

  attune_table_row_init (&row, NULL);
  for (guint i = 0; i < root->children->len; i++)
    g_ptr_array_add (source->columns, g_strdup (attune_parquet_child (root, i)->name));
  while (source->preview->len < ATTUNE_PREVIEW_ROWS && next_row (self))
    {
      if (!read_plain_row (self, &row, error))
        return FALSE;
      attune_table_row_show (&row, source);
    }
  return TRUE;
}

static gboolean
probe_nested (AttuneParquetReader *self, AttuneSource *source, GError **error)
{
  g_autoptr (GPtrArray) objects
      = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);

  for (int tried = 0;
       objects->len < ATTUNE_PREVIEW_ROWS && tried < 10 * ATTUNE_PREVIEW_ROWS && next_row (self);
       tried++)
    {
      g_autoptr (GHashTable) texts
          = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

      if (!attune_parquet_read_nested_row (self, error))
        return FALSE;
      if (attune_json_read_object (self->text->str, self->text->len, FALSE, texts, source->columns)
          == NULL)
        g_ptr_array_add (objects, g_steal_pointer (&texts));
    }
  attune_json_show (source, objects);
  return TRUE;
}

gboolean
attune_parquet_probe (AttuneSource *source, const AttuneSourceHints *hints, GError **error)
{
  g_auto (AttuneParquetReader) self = { 0 };

  source->header = TRUE;
  if (!reader_open (&self, source->path, error)
      || !(self.nested ? probe_nested (&self, source, error) : probe_plain (&self, source, error)))
    return FALSE;
  if (source->preview->len == 0)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                   "“%s” holds no row that can be read.", source->path);
      return FALSE;
    }
  attune_source_guess_roles (source);
  return TRUE;
}

/* What nobody wants of a row is not read: pictures, say. What is not among the source's columns has
 * become others, and so have conversations, though they may be missing in a row that was looked at.
 */
static void
choose_columns (AttuneParquetReader *self, const AttuneSource *source)
{
  const AttuneParquetNode *root = self->file->root;

  for (guint i = 0; i < root->children->len; i++)
    {
      const char *name = attune_parquet_child (root, i)->name;
      guint at;

      if (!self->nested)
        at = i;
      else if (g_str_equal (name, "messages") || g_str_equal (name, "conversations")
               || !g_ptr_array_find_with_equal_func (source->columns, name, g_str_equal, &at))
        continue;
      self->used[i] = g_array_index (source->roles, AttuneField, at) != ATTUNE_FIELD_NONE;
      self->wanted[i] = self->used[i];
    }
}

/* Roles go by the number of a column. */
static gboolean
has_columns (const AttuneParquetReader *self, const AttuneSource *source)
{
  const GPtrArray *children = self->file->root->children;

  for (guint i = 0; children->len == source->columns->len && i < children->len; i++)
    if (!g_str_equal (attune_parquet_child (self->file->root, i)->name, source->columns->pdata[i]))
      return FALSE;
  return children->len == source->columns->len;
}

static gboolean
read_plain (AttuneParquetReader *self, const AttuneReading *reading, GError **error)
{
  g_auto (AttuneTableRow) row = { 0 };

  attune_table_row_init (&row, reading->source->roles);
  if (!has_columns (self, reading->source))
    return attune_parquet_damaged (self->file,
                                   "it has other columns than the file that was looked at", error);
  choose_columns (self, reading->source);
  while (next_row (self))
    if (g_cancellable_set_error_if_cancelled (reading->cancellable, error)
        || !read_plain_row (self, &row, error) || !attune_table_row_give (&row, reading, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_nested (AttuneParquetReader *self, const AttuneReading *reading, GError **error)
{
  g_autoptr (GHashTable) texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  choose_columns (self, reading->source);
  for (guint64 line = 1; next_row (self); line++)
    {
      g_auto (AttuneRecord) record = { .line = line };
      const char *fault;

      if (g_cancellable_set_error_if_cancelled (reading->cancellable, error)
          || !attune_parquet_read_nested_row (self, error))
        return FALSE;
      fault = self->fault;
      if (fault == NULL)
        fault = attune_json_read_object (self->text->str, self->text->len,
                                         self->text->len > ATTUNE_MAX_ROW_BYTES, texts, NULL);
      if (fault == NULL)
        attune_json_fill_record (reading->source, texts, &record);
      record.line = line;
      if (fault != NULL
              ? !attune_reading_bad (reading, line, self->text->str, self->text->len, fault, error)
              : !reading->on_record (&record, reading->data, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
attune_parquet_read (const AttuneReading *reading, GError **error)
{
  g_auto (AttuneParquetReader) self = { 0 };

  return reader_open (&self, reading->source->path, error)
         && (self.nested ? read_nested (&self, reading, error)
                         : read_plain (&self, reading, error));
}
