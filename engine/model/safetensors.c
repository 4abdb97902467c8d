/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The safetensors reader. As strict as the reference: offsets in the header must cover the file's
 * data without a gap or an overlap, so that nothing can hide in the file. Source: the format's
 * description and its Rust reference (huggingface/safetensors).
 */
#include "model/safetensors.h"
#include "model/model-error.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define HEADER_MAX_BYTES 100000000 /* the reference's own limit */

typedef struct
{
  char *name;
  AttuneTensor tensor; /* type is only set where usable */
  gboolean usable;     /* a type and shape that Attune computes with */
  guint64 begin, end;  /* in the data section */
  gsize width;         /* bytes of a value */
  void *copy;          /* owned; where the file does not align the values */
} Entry;

struct _AttuneSafetensors
{
  GBytes *bytes;
  gboolean mapped; /* bytes are the file's own pages */
  char *path;
  GArray *entries;   /* Entry, usable and not */
  GPtrArray *usable; /* Entry, borrowed, in the header's order */
  GHashTable *index; /* name to Entry, the usable ones; borrows both */
};

static const struct
{
  const char *name;
  gsize width;
  int type; /* -1: Attune does not compute with it */
} dtypes[] = {
  { "F32", 4, ATTUNE_TYPE_F32 },
  { "F16", 2, ATTUNE_TYPE_F16 },
  { "BF16", 2, ATTUNE_TYPE_BF16 },
  { "F64", 8, -1 },
  { "I64", 8, -1 },
  { "I32", 4, -1 },
  { "I16", 2, -1 },
  { "I8", 1, -1 },
  { "U64", 8, -1 },
  { "U32", 4, -1 },
  { "U16", 2, -1 },
  { "U8", 1, -1 },
  { "BOOL", 1, -1 },
  { "F8_E4M3", 1, -1 },
  { "F8_E5M2", 1, -1 },
};

static void
entry_clear (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  g_free (entry->copy);
}

void
attune_safetensors_close (AttuneSafetensors *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->index);
  g_ptr_array_unref (self->usable);
  g_array_unref (self->entries);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self->path);
  g_free (self);
}

static gboolean
fail (AttuneSafetensors *self, const char *name, const char *what, GError **error)
{
  return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                            "is damaged: its tensor “%s” %s.", name, what);
}

/* A whole number >= 0, or -1. */
static gint64
get_count (JsonArray *array, guint i)
{
  JsonNode *node = json_array_get_element (array, i);

  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return -1;
  return MAX (-1, json_node_get_int (node));
}

static JsonArray *
get_array (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static gboolean
read_type (AttuneSafetensors *self, Entry *entry, JsonObject *object, GError **error)
{
  const char *dtype = NULL;
  JsonNode *node = json_object_get_member (object, "dtype");

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING)
    dtype = json_node_get_string (node);
  if (dtype == NULL)
    return fail (self, entry->name, "has no type", error);
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (g_str_equal (dtypes[i].name, dtype))
      {
        entry->width = dtypes[i].width;
        entry->usable = dtypes[i].type >= 0;
        entry->tensor.type = MAX (0, dtypes[i].type);
        return TRUE;
      }
  return attune_model_fail (
      error, ATTUNE_MODEL_ERROR_UNSUPPORTED, self->path,
      "stores the tensor “%s” as %s, which this version of Attune cannot read.", entry->name,
      dtype);
}

static gboolean
read_entry (AttuneSafetensors *self, Entry *entry, JsonObject *object, GError **error)
{
  JsonArray *shape = get_array (object, "shape"), *offsets = get_array (object, "data_offsets");
  guint64 bytes;
  gint64 begin, end;
  guint n_dims;

  if (!read_type (self, entry, object, error))
    return FALSE;
  if (shape == NULL || offsets == NULL || json_array_get_length (offsets) != 2)
    return fail (self, entry->name, "has no shape or no place", error);

  bytes = entry->width;
  n_dims = json_array_get_length (shape);
  if (n_dims > ATTUNE_MAX_DIMS)
    entry->usable = FALSE;
  entry->tensor.n_dims = (int) MIN (n_dims, ATTUNE_MAX_DIMS);
  for (guint i = 0; i < n_dims; i++)
    {
      const gint64 dim = get_count (shape, i);

      if (dim < 0 || __builtin_mul_overflow (bytes, (guint64) dim, &bytes) || bytes > G_MAXINT64)
        return fail (self, entry->name, "has an impossible size", error);
      if (i < ATTUNE_MAX_DIMS)
        entry->tensor.dims[i] = dim;
    }

  begin = get_count (offsets, 0);
  end = get_count (offsets, 1);
  if (begin < 0 || end < begin || (guint64) (end - begin) != bytes)
    return fail (self, entry->name, "does not have the size of its shape", error);
  entry->begin = (guint64) begin;
  entry->end = (guint64) end;
  return TRUE;
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const Entry *x = *(Entry *const *) a, *y = *(Entry *const *) b;

  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  return x->end < y->end ? -1 : x->end > y->end;
}

/* The tensors cover @size bytes exactly; then their views are made. */
static gboolean
place_entries (AttuneSafetensors *self, const guint8 *data, guint64 size, GError **error)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  guint64 covered = 0;

  for (guint i = 0; i < self->entries->len; i++)
    g_ptr_array_add (sorted, &g_array_index (self->entries, Entry, i));
  g_ptr_array_sort (sorted, compare_places);
  for (guint i = 0; i < sorted->len; i++)
    {
      const Entry *entry = sorted->pdata[i];

      if (entry->begin != covered)
        return fail (self, entry->name, "overlaps another or leaves a gap", error);
      if (entry->end > size)
        return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                                  "is too short: the tensor “%s” is missing or cut off. "
                                  "It was not copied or downloaded completely.",
                                  entry->name);
      covered = entry->end;
    }
  if (covered != size)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "has data after its last tensor.");

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = &g_array_index (self->entries, Entry, i);
      const guint8 *bytes = data + entry->begin;

      if (!entry->usable)
        continue;
      if ((guintptr) bytes % entry->width != 0 && entry->end > entry->begin)
        {
          entry->copy = g_try_malloc (entry->end - entry->begin);
          if (entry->copy == NULL)
            return attune_model_fail (error, ATTUNE_MODEL_ERROR_OPEN, self->path,
                                      "does not fit into memory.");
          memcpy (entry->copy, bytes, entry->end - entry->begin);
          bytes = entry->copy;
        }
      entry->tensor.data = (void *) bytes;
      g_ptr_array_add (self->usable, entry);
      g_hash_table_insert (self->index, entry->name, entry);
    }
  return TRUE;
}

/* json-glib lets the last of two equal names win; a file with two meanings is refused. So every
 * member that the parser meets is counted, and the counts of the tree must come to the same. */
static void
count_member (JsonParser *parser, JsonObject *object, const char *name, gpointer seen)
{
  ++*(guint *) seen;
}

static gboolean
read_header (AttuneSafetensors *self, const char *json, gsize length, GError **error)
{
  /* json-glib's immutable parser, here as elsewhere, is not for files: it ends the program over a
   * number with an object after it (1.10, seen with "1{}") */
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) reason = NULL;
  guint seen = 0, kept = 0;
  JsonObjectIter iter;
  const char *name;
  JsonNode *root, *node;

  g_signal_connect (parser, "object-member", G_CALLBACK (count_member), &seen);
  if (!g_utf8_validate_len (json, length, NULL)
      || !json_parser_load_from_data (parser, json, (gssize) length, &reason)
      || (root = json_parser_get_root (parser)) == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return attune_model_fail (
        error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
        "is not a safetensors file or is damaged: its header cannot be read.");

  json_object_iter_init_ordered (&iter, json_node_get_object (root));
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      Entry entry = { 0 };

      kept++;
      if (!JSON_NODE_HOLDS_OBJECT (node))
        return fail (self, name, "is not described", error);
      kept += json_object_get_size (json_node_get_object (node));
      if (g_str_equal (name, "__metadata__"))
        continue;
      entry.name = g_strdup (name);
      g_array_append_val (self->entries, entry);
      if (!read_entry (self, &g_array_index (self->entries, Entry, self->entries->len - 1),
                       json_node_get_object (node), error))
        return FALSE;
    }
  if (kept != seen)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "is damaged: its header gives one name twice.");
  return TRUE;
}

AttuneSafetensors *
attune_safetensors_open_bytes (GBytes *bytes, const char *path, GError **error)
{
  g_autoptr (AttuneSafetensors) self = g_new0 (AttuneSafetensors, 1);
  const guint8 *data;
  guint64 length;
  gsize size;

  g_return_val_if_fail (bytes != NULL && path != NULL, NULL);

  self->bytes = g_bytes_ref (bytes);
  self->path = g_strdup (path);
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->entries, entry_clear);
  self->usable = g_ptr_array_new ();
  self->index = g_hash_table_new (g_str_hash, g_str_equal);

  data = g_bytes_get_data (bytes, &size);
  if (size < sizeof length + 2)
    {
      attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path,
                         "is too short to be a safetensors file.");
      return NULL;
    }
  memcpy (&length, data, sizeof length);
  if (length > HEADER_MAX_BYTES || length > size - sizeof length)
    {
      attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path,
                         "is not a safetensors file, or it was not copied completely: its header "
                         "is longer than it.");
      return NULL;
    }
  data += sizeof length;
  size -= sizeof length;
  if (!read_header (self, (const char *) data, length, error)
      || !place_entries (self, data + length, size - length, error))
    return NULL;
  return g_steal_pointer (&self);
}

AttuneSafetensors *
attune_safetensors_open (const char *path, GError **error)
{
  g_autoptr (GMappedFile) map = NULL;
  g_autoptr (GBytes) bytes = NULL;
  AttuneSafetensors *self;

  g_return_val_if_fail (path != NULL, NULL);

  map = attune_model_map (path, error);
  if (map == NULL)
    return NULL;
  bytes = g_mapped_file_get_bytes (map);
  self = attune_safetensors_open_bytes (bytes, path, error);
  if (self != NULL)
    self->mapped = TRUE;
  return self;
}

void
attune_safetensors_release_pages (const AttuneSafetensors *self)
{
  if (self->mapped)
    attune_model_release_map (self->bytes, self->path);
}

guint
attune_safetensors_n_tensors (const AttuneSafetensors *self)
{
  return self->usable->len;
}

const char *
attune_safetensors_tensor_name (const AttuneSafetensors *self, guint i)
{
  g_return_val_if_fail (i < self->usable->len, NULL);
  return ((const Entry *) self->usable->pdata[i])->name;
}

const AttuneTensor *
attune_safetensors_find_tensor (const AttuneSafetensors *self, const char *name)
{
  const Entry *entry = g_hash_table_lookup (self->index, name);

  return entry != NULL ? &entry->tensor : NULL;
}
