/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Import: what was there before, then the rows of one more source, into a new file that replaces
 * the old one.
 */
#include "data/dataset-private.h"
#include "data/folder.h"
#include "data/import-private.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  AttuneStore *store;
  gint32 source_index;
  guint64 n_rows, n_bad, bytes, file_bytes, block_bytes;
  GPtrArray *columns[ATTUNE_N_FIELDS]; /* the block at hand: char* */
  GArray *lines;                       /* gint64 */
  GPtrArray *bad_reasons, *bad_texts;  /* of the bad rows at hand: char* */
  GArray *bad_lines;                   /* gint64 */
  JsonArray *bad_shown;                /* the first bad rows, for the report */
  GChecksum *sum;                      /* (nullable): of the rows, of databases */
  AttuneProgressFunc progress;
  gpointer progress_data;
} Import;

#define SHOWN_BAD_ROWS 20

static void
import_clear (Import *self)
{
  g_clear_pointer (&self->store, attune_store_close);
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    g_clear_pointer (&self->columns[i], g_ptr_array_unref);
  g_clear_pointer (&self->lines, g_array_unref);
  g_clear_pointer (&self->bad_reasons, g_ptr_array_unref);
  g_clear_pointer (&self->bad_texts, g_ptr_array_unref);
  g_clear_pointer (&self->bad_lines, g_array_unref);
  g_clear_pointer (&self->bad_shown, json_array_unref);
  g_clear_pointer (&self->sum, g_checksum_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Import, import_clear)

/* Returns: (transfer full): @n times the source at hand. */
static gint32 *
repeat_source (const Import *self, guint n)
{
  gint32 *sources = g_new (gint32, MAX (1, n));

  for (guint i = 0; i < n; i++)
    sources[i] = self->source_index;
  return sources;
}

static gboolean
flush_bad (Import *self, GError **error)
{
  const guint n = self->bad_lines->len;
  g_autofree gint32 *sources = repeat_source (self, n);

  if (n == 0)
    return TRUE;
  if (!attune_bad_rows_append (self->store, n, (const char *const *) self->bad_reasons->pdata,
                               (const char *const *) self->bad_texts->pdata,
                               (const gint64 *) self->bad_lines->data, sources, error))
    return FALSE;
  g_ptr_array_set_size (self->bad_reasons, 0);
  g_ptr_array_set_size (self->bad_texts, 0);
  g_array_set_size (self->bad_lines, 0);
  return TRUE;
}

static gboolean
flush (Import *self, GError **error)
{
  g_autofree gint32 *sources = repeat_source (self, self->lines->len);
  AttuneRawBlock block
      = { .n = self->lines->len, .lines = (gint64 *) self->lines->data, .sources = sources };

  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    block.fields[i] = (char **) self->columns[i]->pdata;
  if (!attune_raw_block_append (self->store, &block, error))
    return FALSE;
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    g_ptr_array_set_size (self->columns[i], 0);
  g_array_set_size (self->lines, 0);
  self->block_bytes = 0;
  if (self->progress != NULL)
    self->progress (self->progress_data,
                    self->file_bytes > 0 ? MIN (0.99, (double) self->bytes / self->file_bytes) : 0,
                    "Reading records");
  return TRUE;
}

static gboolean
on_record (const AttuneRecord *record, gpointer data, GError **error)
{
  Import *self = data;
  const gint64 line = record->line;

  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    {
      const char *text = record->fields[i] != NULL ? record->fields[i] : "";

      g_ptr_array_add (self->columns[i], g_strdup (text));
      if (self->sum != NULL)
        g_checksum_update (self->sum, (const guchar *) text, strlen (text) + 1);
      self->bytes += strlen (text) + 1;
      self->block_bytes += strlen (text) + 1;
    }
  g_array_append_val (self->lines, line);
  self->n_rows++;
  return (self->lines->len < ATTUNE_DATASET_BLOCK && self->block_bytes < ATTUNE_DATASET_BLOCK_BYTES)
         || flush (self, error);
}

static gboolean
on_bad (const AttuneBadRow *bad, gpointer data, GError **error)
{
  Import *self = data;
  const gint64 line = bad->line;

  self->n_bad++;
  if (json_array_get_length (self->bad_shown) < SHOWN_BAD_ROWS)
    {
      JsonObject *shown = json_object_new ();

      json_object_set_int_member (shown, "line", line);
      json_object_set_string_member (shown, "reason", bad->reason);
      json_object_set_string_member (shown, "text", bad->text);
      json_array_add_object_element (self->bad_shown, shown);
    }
  g_ptr_array_add (self->bad_reasons, g_strdup (bad->reason));
  g_ptr_array_add (self->bad_texts, g_strdup (bad->text));
  g_array_append_val (self->bad_lines, line);
  self->bytes += strlen (bad->text);
  return self->bad_lines->len < ATTUNE_DATASET_BLOCK || flush_bad (self, error);
}

/* Rows of the earlier file, and its list of sources. */
static gboolean
copy_earlier (Import *self, const char *path, JsonArray *sources, GError **error)
{
  g_autoptr (AttuneStore) old
      = attune_store_open (path, ATTUNE_DATASET_KIND, ATTUNE_DATASET_VERSION, error);
  g_autofree char *text = old != NULL ? attune_store_get_string (old, "sources", error) : NULL;
  g_autoptr (JsonNode) list = text != NULL ? json_from_string (text, error) : NULL;
  gint64 n;

  if (list == NULL || (n = attune_store_count_text (old, "raw/question", error)) < 0)
    return FALSE;
  for (gint64 first = 0; first < n;)
    {
      g_auto (AttuneRawBlock) block = { 0 };

      if (!attune_raw_block_read (old, first, n - first, &block, error)
          || !attune_raw_block_append (self->store, &block, error))
        return FALSE;
      first += block.n;
    }
  if (JSON_NODE_HOLDS_ARRAY (list))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (list)); i++)
      json_array_add_element (
          sources, json_node_copy (json_array_get_element (json_node_get_array (list), i)));
  return attune_bad_rows_copy (self->store, old, error);
}

static JsonNode *
describe_source (const Import *self, const AttuneSource *source, const char *hash)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new (), *roles = json_object_new ();

  json_object_set_string_member (object, "path", source->path);
  json_object_set_string_member (object, "format", source->format);
  json_object_set_string_member (object, "encoding", source->encoding);
  json_object_set_int_member (object, "bytes", self->file_bytes);
  json_object_set_string_member (object, "sha256", hash);
  json_object_set_int_member (object, "rows", self->n_rows);
  json_object_set_int_member (object, "bad", self->n_bad);
  for (guint i = 0; i < source->columns->len; i++)
    {
      const AttuneField role = g_array_index (source->roles, AttuneField, i);

      if (role != ATTUNE_FIELD_NONE)
        json_object_set_string_member (roles, attune_field_get_name (role),
                                       g_ptr_array_index (source->columns, i));
    }
  json_object_set_object_member (object, "roles", roles);
  if (source->query != NULL)
    json_object_set_string_member (object, "query", source->query);
  else if (source->table != NULL)
    json_object_set_string_member (object, "table", source->table);
  json_node_take_object (node, object);
  return node;
}

/* A sentence that says why the first bad row could not be read, or "". */
static const char *
first_reason (const Import *self)
{
  return json_array_get_length (self->bad_shown) > 0
             ? json_object_get_string_member (json_array_get_object_element (self->bad_shown, 0),
                                              "reason")
             : "";
}

static gboolean
read_source (Import *self, const AttuneSource *source, AttunePool *pool, GCancellable *cancellable,
             GError **error)
{
  if (!attune_source_read_with (pool, source, on_record, on_bad, self, cancellable, error)
      || !flush (self, error) || !flush_bad (self, error))
    return FALSE;
  if (self->n_rows > 0)
    return TRUE;
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
               "No record of “%s” could be read (%" G_GUINT64_FORMAT " were kept aside)%s%s",
               source->path, self->n_bad, self->n_bad > 0 ? ": " : ".", first_reason (self));
  return FALSE;
}

gboolean
attune_dataset_import_with (AttunePool *pool, const char *path, const AttuneSource *source,
                            AttuneProgressFunc progress, gpointer data, GCancellable *cancellable,
                            JsonNode **report, GError **error)
{
  g_auto (Import) self = { .progress = progress, .progress_data = data };
  g_autoptr (JsonArray) sources = json_array_new ();
  g_autoptr (JsonNode) list = json_node_new (JSON_NODE_ARRAY);
  g_autofree char *hash = NULL, *text = NULL;
  g_autoptr (JsonNode) about = NULL;

  if (source->address != NULL || g_str_equal (source->format, "sqlite"))
    {
      GStatBuf file;

      /* a server is no file, and of SQLite some rows may stand in a log beside it */
      self.sum = g_checksum_new (G_CHECKSUM_SHA256);
      if (source->address == NULL && g_stat (source->path, &file) == 0)
        self.file_bytes = file.st_size;
    }
  else if ((hash = attune_source_hash (source->path, &self.file_bytes, error)) == NULL)
    return FALSE;
  self.bad_shown = json_array_new ();
  self.lines = g_array_new (FALSE, FALSE, sizeof (gint64));
  self.bad_lines = g_array_new (FALSE, FALSE, sizeof (gint64));
  self.bad_reasons = g_ptr_array_new_with_free_func (g_free);
  self.bad_texts = g_ptr_array_new_with_free_func (g_free);
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    self.columns[i] = g_ptr_array_new_with_free_func (g_free);
  self.store = attune_store_create (path, ATTUNE_DATASET_KIND, ATTUNE_DATASET_VERSION, error);
  if (self.store != NULL)
    attune_store_set_pool (self.store, pool);
  if (self.store == NULL
      || (g_file_test (path, G_FILE_TEST_EXISTS) && !copy_earlier (&self, path, sources, error)))
    return FALSE;
  self.source_index = json_array_get_length (sources);
  if (!read_source (&self, source, pool, cancellable, error))
    return FALSE;

  about = describe_source (&self, source, hash != NULL ? hash : g_checksum_get_string (self.sum));
  json_array_add_object_element (sources, json_object_ref (json_node_get_object (about)));
  json_node_set_array (list, sources);
  text = json_to_string (list, FALSE);
  if (!attune_store_set_string (self.store, "sources", text, error)
      || !attune_store_set_string (self.store, "engine", ATTUNE_VERSION, error)
      || !attune_store_commit (self.store, error))
    return FALSE;
  json_object_set_array_member (json_node_get_object (about), "bad_rows",
                                json_array_ref (self.bad_shown));
  if (report != NULL)
    *report = g_steal_pointer (&about);
  return TRUE;
}

gboolean
attune_dataset_import (const char *path, const AttuneSource *source, AttuneProgressFunc progress,
                       gpointer data, GCancellable *cancellable, JsonNode **report, GError **error)
{
  g_autoptr (AttunePool) pool = attune_pool_new (0);

  return attune_dataset_import_with (pool, path, source, progress, data, cancellable, report,
                                     error);
}
