/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The GGUF reader: header, metadata and the table of tensors, checked as a whole when the file is
 * opened, so that whoever holds an AttuneGguf can use every view without a further check. Source:
 * the format's description in ggml (docs/gguf.md), v2 and v3.
 */
#include "model/gguf-value.h"

#include <string.h>

#define VERSION_MIN 2
#define VERSION_MAX 3
#define KEY_MAX 65535        /* the format's own limit */
#define NAME_MAX_BYTES 255   /* ggml's limit is 64 */
#define ALIGNMENT_DEFAULT 32 /* the format's default */
#define ALIGNMENT_MAX (1 << 20)
/* The least that a pair and a tensor take up in the file: what bounds their counts. */
#define PAIR_MIN_BYTES (8 + 1 + 4 + 1)
#define TENSOR_MIN_BYTES (8 + 1 + 4 + 8 + 4 + 8)

typedef struct
{
  char *name;
  AttuneTensor tensor;
  guint64 offset, bytes; /* in the data section */
} Entry;

struct _AttuneGguf
{
  GBytes *bytes;
  gboolean mapped; /* bytes are the file's own pages */
  char *path;
  GHashTable *values; /* key to GgufValue, owned */
  GPtrArray *keys;    /* in the file's order; borrowed from values */
  GArray *entries;    /* Entry */
  GHashTable *index;  /* name to place in entries, plus one; borrows the names */
};

static void
entry_clear (gpointer entry)
{
  g_free (((Entry *) entry)->name);
}

void
attune_gguf_close (AttuneGguf *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_ptr_array_unref (self->keys);
  g_hash_table_unref (self->values);
  g_hash_table_unref (self->index);
  g_array_unref (self->entries);
  g_free (self->path);
  g_free (self);
}

static gboolean
read_start (GgufCursor *cursor, guint64 *n_tensors, guint64 *n_pairs, GError **error)
{
  const guint8 *magic;
  guint32 version;

  if (cursor->size == 0)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, cursor->path, "is empty.");
  if (cursor->size < 4
      || (memcmp (cursor->data, "GGUF", 4) != 0 && memcmp (cursor->data, "FUGG", 4) != 0))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, cursor->path,
                              "is not a GGUF model file.");
  if (!gguf_read_bytes (cursor, 4, &magic, error) || !gguf_read_uint32 (cursor, &version, error))
    return FALSE;
  if (magic[0] == 'F' || ((version & 0xffff) == 0 && version != 0))
    return attune_model_fail (
        error, ATTUNE_MODEL_ERROR_UNSUPPORTED, cursor->path,
        "was written for big-endian machines; get the little-endian file of the model.");
  if (version < VERSION_MIN || version > VERSION_MAX)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, cursor->path,
                              "is a GGUF file of version %u; Attune reads versions %d and %d.",
                              version, VERSION_MIN, VERSION_MAX);
  if (!gguf_read_uint64 (cursor, n_tensors, error) || !gguf_read_uint64 (cursor, n_pairs, error))
    return FALSE;
  if (*n_pairs > (cursor->size - cursor->position) / PAIR_MIN_BYTES
      || *n_tensors > (cursor->size - cursor->position) / TENSOR_MIN_BYTES
      || *n_tensors >= G_MAXUINT)
    return attune_model_fail (
        error, ATTUNE_MODEL_ERROR_FORMAT, cursor->path,
        "says that it has %" G_GUINT64_FORMAT " tensors and %" G_GUINT64_FORMAT
        " values, but is too short for them: it is damaged or was not copied completely.",
        *n_tensors, *n_pairs);
  return TRUE;
}

static gboolean
read_pairs (AttuneGguf *self, GgufCursor *cursor, guint64 n, GError **error)
{
  for (guint64 i = 0; i < n; i++)
    {
      g_autofree char *key = gguf_read_string (cursor, KEY_MAX, "a key", error);
      const gsize start = cursor->position;
      g_autoptr (GgufValue) value = NULL;

      if (key == NULL || (value = gguf_value_read (cursor, key, error)) == NULL)
        return FALSE;
      value->raw = cursor->data + start;
      value->raw_bytes = cursor->position - start;
      if (g_hash_table_contains (self->values, key))
        return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, cursor->path,
                                  "has the value “%s” twice.", key);
      g_ptr_array_add (self->keys, key);
      g_hash_table_insert (self->values, g_steal_pointer (&key), g_steal_pointer (&value));
    }
  return TRUE;
}

/* Names of ggml's types, for the sentence that says which one cannot be read. */
static const char *
type_name (guint32 type)
{
  static const char *const names[] = {
    "F32",   "F16",        "Q4_0",       "Q4_1",       "Q4_2",     "Q4_3",     "Q5_0",
    "Q5_1",  "Q8_0",       "Q8_1",       "Q2_K",       "Q3_K",     "Q4_K",     "Q5_K",
    "Q6_K",  "Q8_K",       "IQ2_XXS",    "IQ2_XS",     "IQ3_XXS",  "IQ1_S",    "IQ4_NL",
    "IQ3_S", "IQ2_S",      "IQ4_XS",     "I8",         "I16",      "I32",      "I64",
    "F64",   "IQ1_M",      "BF16",       "Q4_0_4_4",   "Q4_0_4_8", "Q4_0_8_8", "TQ1_0",
    "TQ2_0", "IQ4_NL_4_4", "IQ4_NL_4_8", "IQ4_NL_8_8", "MXFP4",
  };

  return type < G_N_ELEMENTS (names) ? names[type] : "an unknown type";
}

static gboolean
read_shape (Entry *entry, GgufCursor *cursor, GError **error)
{
  AttuneTensor *t = &entry->tensor;
  guint32 n_dims, type;
  const AttuneTypeInfo *info;
  guint64 count = 1;

  if (!gguf_read_uint32 (cursor, &n_dims, error))
    return FALSE;
  if (n_dims < 1 || n_dims > ATTUNE_MAX_DIMS)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, cursor->path,
                              "gives the tensor “%s” %u axes.", entry->name, n_dims);
  t->n_dims = (int) n_dims;
  for (guint i = 0; i < n_dims; i++)
    {
      guint64 dim;

      if (!gguf_read_uint64 (cursor, &dim, error))
        return FALSE;
      if (dim < 1 || dim > G_MAXINT64 || __builtin_mul_overflow (count, dim, &count)
          || count > G_MAXINT64 / 8)
        return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, cursor->path,
                                  "gives the tensor “%s” an impossible size.", entry->name);
      t->dims[n_dims - 1 - i] = (gint64) dim; /* GGUF: fastest axis first */
    }
  if (!gguf_read_uint32 (cursor, &type, error) || !gguf_read_uint64 (cursor, &entry->offset, error))
    return FALSE;
  if (type >= ATTUNE_TYPE_NF4 || (info = attune_type_info (type)) == NULL)
    return attune_model_fail (
        error, ATTUNE_MODEL_ERROR_UNSUPPORTED, cursor->path,
        "stores the tensor “%s” as %s (type %u), which this version of Attune cannot read.",
        entry->name, type_name (type), type);
  if (attune_tensor_columns (t) % info->block != 0)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, cursor->path,
                              "has a tensor “%s” whose rows of %" G_GINT64_FORMAT
                              " values are not whole blocks of its type %s.",
                              entry->name, attune_tensor_columns (t), info->name);
  t->type = type;
  entry->bytes = (guint64) attune_tensor_bytes (t);
  return TRUE;
}

static gboolean
read_entries (AttuneGguf *self, GgufCursor *cursor, guint64 n, GError **error)
{
  for (guint64 i = 0; i < n; i++)
    {
      char *name = gguf_read_string (cursor, NAME_MAX_BYTES, "a tensor's name", error);
      Entry *entry;

      if (name == NULL)
        return FALSE;
      g_array_append_val (self->entries, ((Entry) { .name = name }));
      entry = &g_array_index (self->entries, Entry, self->entries->len - 1);
      if (*name == 0)
        return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, cursor->path,
                                  "has a tensor without a name.");
      if (!g_hash_table_insert (self->index, name, GUINT_TO_POINTER (self->entries->len)))
        return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, cursor->path,
                                  "has the tensor “%s” twice.", name);
      if (!read_shape (entry, cursor, error))
        return FALSE;
    }
  return TRUE;
}

static int
compare_offsets (gconstpointer a, gconstpointer b)
{
  const Entry *x = *(const Entry *const *) a, *y = *(const Entry *const *) b;

  return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* No byte belongs to two tensors. */
static gboolean
check_overlap (AttuneGguf *self, GError **error)
{
  const guint n = self->entries->len;
  g_autofree const Entry **sorted = g_new (const Entry *, n + 1);

  for (guint i = 0; i < n; i++)
    sorted[i] = &g_array_index (self->entries, Entry, i);
  qsort (sorted, n, sizeof *sorted, compare_offsets);
  for (guint i = 1; i < n; i++)
    if (sorted[i - 1]->bytes > sorted[i]->offset - sorted[i - 1]->offset)
      return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                                "is damaged: its tensors “%s” and “%s” overlap.",
                                sorted[i - 1]->name, sorted[i]->name);
  return TRUE;
}

/* Finds where the tensors' bytes lie and that all of them are there. */
static gboolean
place_tensors (AttuneGguf *self, const GgufCursor *cursor, GError **error)
{
  guint64 alignment = ALIGNMENT_DEFAULT, start, room;

  if (g_hash_table_contains (self->values, "general.alignment")
      && (!attune_gguf_get_uint (self, "general.alignment", &alignment) || alignment < 8
          || alignment > ALIGNMENT_MAX || (alignment & (alignment - 1)) != 0))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "asks for an impossible alignment.");
  if (self->entries->len == 0)
    return TRUE;
  start = (cursor->position + alignment - 1) & ~(alignment - 1);
  room = start <= cursor->size ? cursor->size - start : 0;
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = &g_array_index (self->entries, Entry, i);

      if (entry->offset % alignment != 0)
        return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                                  "is damaged: its tensor “%s” does not begin where a tensor can.",
                                  entry->name);
      if (entry->offset > room || entry->bytes > room - entry->offset)
        return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                                  "is too short: the tensor “%s” is missing or cut off. "
                                  "It was not copied or downloaded completely.",
                                  entry->name);
      entry->tensor.data = (void *) (cursor->data + start + entry->offset);
    }
  return check_overlap (self, error);
}

AttuneGguf *
attune_gguf_open_bytes (GBytes *bytes, const char *path, GError **error)
{
  g_autoptr (AttuneGguf) self = g_new0 (AttuneGguf, 1);
  GgufCursor cursor = { .path = path };
  guint64 n_tensors, n_pairs;

  g_return_val_if_fail (bytes != NULL && path != NULL, NULL);

  self->bytes = g_bytes_ref (bytes);
  self->path = g_strdup (path);
  self->values
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) gguf_value_free);
  self->keys = g_ptr_array_new ();
  self->index = g_hash_table_new (g_str_hash, g_str_equal);
  self->entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  g_array_set_clear_func (self->entries, entry_clear);
  cursor.data = g_bytes_get_data (bytes, &cursor.size);

  if (!read_start (&cursor, &n_tensors, &n_pairs, error)
      || !read_pairs (self, &cursor, n_pairs, error)
      || !read_entries (self, &cursor, n_tensors, error) || !place_tensors (self, &cursor, error))
    return NULL;
  return g_steal_pointer (&self);
}

AttuneGguf *
attune_gguf_open (const char *path, GError **error)
{
  g_autoptr (GMappedFile) map = NULL;
  g_autoptr (GBytes) bytes = NULL;
  AttuneGguf *self;

  g_return_val_if_fail (path != NULL, NULL);

  map = attune_model_map (path, error);
  if (map == NULL)
    return NULL;
  bytes = g_mapped_file_get_bytes (map);
  self = attune_gguf_open_bytes (bytes, path, error);
  if (self != NULL)
    self->mapped = TRUE;
  return self;
}

void
attune_gguf_release_pages (const AttuneGguf *self)
{
  if (self->mapped)
    attune_model_release_map (self->bytes, self->path);
}

guint
attune_gguf_n_tensors (const AttuneGguf *self)
{
  return self->entries->len;
}

const char *
attune_gguf_tensor_name (const AttuneGguf *self, guint i)
{
  g_return_val_if_fail (i < self->entries->len, NULL);
  return g_array_index (self->entries, Entry, i).name;
}

const AttuneTensor *
attune_gguf_find_tensor (const AttuneGguf *self, const char *name)
{
  const guint place = GPOINTER_TO_UINT (g_hash_table_lookup (self->index, name));

  return place > 0 ? &g_array_index (self->entries, Entry, place - 1).tensor : NULL;
}

gsize
attune_gguf_get_size (const AttuneGguf *self)
{
  return g_bytes_get_size (self->bytes);
}

guint
attune_gguf_n_keys (const AttuneGguf *self)
{
  return self->keys->len;
}

const char *
attune_gguf_key (const AttuneGguf *self, guint i)
{
  g_return_val_if_fail (i < self->keys->len, NULL);
  return g_ptr_array_index (self->keys, i);
}

const GgufValue *
gguf_find_value (const AttuneGguf *gguf, const char *key)
{
  return g_hash_table_lookup (gguf->values, key);
}

static const GgufValue *
find_value (const AttuneGguf *self, const char *key, gboolean is_array)
{
  const GgufValue *value = gguf_find_value (self, key);

  return value != NULL && value->is_array == is_array ? value : NULL;
}

gboolean
attune_gguf_get_uint (const AttuneGguf *self, const char *key, guint64 *value)
{
  const GgufValue *v = find_value (self, key, FALSE);

  if (v == NULL || v->type == GGUF_FLOAT32 || v->type == GGUF_FLOAT64 || v->type == GGUF_BOOL
      || v->type == GGUF_STRING)
    return FALSE;
  if (v->type != GGUF_UINT64 && v->one.i < 0)
    return FALSE;
  *value = v->type == GGUF_UINT64 ? v->one.u : (guint64) v->one.i;
  return TRUE;
}

gboolean
attune_gguf_get_double (const AttuneGguf *self, const char *key, double *value)
{
  const GgufValue *v = find_value (self, key, FALSE);

  if (v == NULL || (v->type != GGUF_FLOAT32 && v->type != GGUF_FLOAT64))
    return FALSE;
  *value = v->one.d;
  return TRUE;
}

gboolean
attune_gguf_get_bool (const AttuneGguf *self, const char *key, gboolean *value)
{
  const GgufValue *v = find_value (self, key, FALSE);

  if (v == NULL || v->type != GGUF_BOOL)
    return FALSE;
  *value = v->one.b;
  return TRUE;
}

const char *
attune_gguf_get_string (const AttuneGguf *self, const char *key)
{
  const GgufValue *v = find_value (self, key, FALSE);

  return v != NULL && v->type == GGUF_STRING ? v->one.string : NULL;
}

const char *const *
attune_gguf_get_strings (const AttuneGguf *self, const char *key, guint *n)
{
  const GgufValue *v = find_value (self, key, TRUE);

  if (v == NULL || v->strings == NULL)
    return NULL;
  *n = v->n;
  return (const char *const *) v->strings;
}

const gint32 *
attune_gguf_get_ints (const AttuneGguf *self, const char *key, guint *n)
{
  const GgufValue *v = find_value (self, key, TRUE);

  if (v == NULL || v->ints == NULL)
    return NULL;
  *n = v->n;
  return v->ints;
}

const float *
attune_gguf_get_floats (const AttuneGguf *self, const char *key, guint *n)
{
  const GgufValue *v = find_value (self, key, TRUE);

  if (v == NULL || v->floats == NULL)
    return NULL;
  *n = v->n;
  return v->floats;
}
