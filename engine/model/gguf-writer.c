/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The GGUF writer, v3. The head is put together in memory; the tensors are written one by one as
 * they are asked for.
 */
#include "model/gguf-value.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define VERSION 3
#define ALIGNMENT 32 /* the format's default, which need not be written into the file */

typedef struct
{
  char *key;
  GByteArray *bytes; /* the value's type and the value, as in the file */
} Pair;

typedef struct
{
  char *name;
  AttuneTensor shape;
} Entry;

struct _AttuneGgufWriter
{
  GArray *pairs;      /* Pair, in the order they were set */
  GHashTable *places; /* key (of the pair) → its place there + 1 */
  GArray *entries;    /* Entry */
};

static void
pair_clear (gpointer data)
{
  Pair *pair = data;

  g_free (pair->key);
  g_byte_array_unref (pair->bytes);
}

static void
entry_clear (gpointer data)
{
  g_free (((Entry *) data)->name);
}

AttuneGgufWriter *
attune_gguf_writer_new (void)
{
  AttuneGgufWriter *self = g_new0 (AttuneGgufWriter, 1);

  self->pairs = g_array_new (FALSE, FALSE, sizeof (Pair));
  self->places = g_hash_table_new (g_str_hash, g_str_equal);
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->pairs, pair_clear);
  g_array_set_clear_func (self->entries, entry_clear);
  return self;
}

void
attune_gguf_writer_free (AttuneGgufWriter *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->places);
  g_array_unref (self->pairs);
  g_array_unref (self->entries);
  g_free (self);
}

static void
put (GByteArray *bytes, const void *data, gsize size)
{
  g_byte_array_append (bytes, data, (guint) size);
}

static void
put_uint32 (GByteArray *bytes, guint32 value)
{
  put (bytes, &value, sizeof value);
}

static void
put_uint64 (GByteArray *bytes, guint64 value)
{
  put (bytes, &value, sizeof value);
}

static void
put_string (GByteArray *bytes, const char *string)
{
  const gsize length = strlen (string);

  put_uint64 (bytes, length);
  put (bytes, string, length);
}

/* The empty value of @key with its type in it; the one set before is forgotten, its place kept. */
static GByteArray *
begin (AttuneGgufWriter *self, const char *key, GgufType type)
{
  GByteArray *bytes = g_byte_array_new ();
  const guint place = GPOINTER_TO_UINT (g_hash_table_lookup (self->places, key));
  Pair pair = { NULL, bytes };

  put_uint32 (bytes, type);
  if (place > 0)
    {
      Pair *old = &g_array_index (self->pairs, Pair, place - 1);

      g_byte_array_unref (old->bytes);
      old->bytes = bytes;
      return bytes;
    }
  pair.key = g_strdup (key);
  g_array_append_val (self->pairs, pair);
  g_hash_table_insert (self->places, pair.key, GUINT_TO_POINTER (self->pairs->len));
  return bytes;
}

void
attune_gguf_writer_set_uint (AttuneGgufWriter *self, const char *key, guint32 value)
{
  put_uint32 (begin (self, key, GGUF_UINT32), value);
}

void
attune_gguf_writer_set_float (AttuneGgufWriter *self, const char *key, float value)
{
  put (begin (self, key, GGUF_FLOAT32), &value, sizeof value);
}

void
attune_gguf_writer_set_bool (AttuneGgufWriter *self, const char *key, gboolean value)
{
  const guint8 byte = value != FALSE;

  put (begin (self, key, GGUF_BOOL), &byte, sizeof byte);
}

void
attune_gguf_writer_set_string (AttuneGgufWriter *self, const char *key, const char *value)
{
  put_string (begin (self, key, GGUF_STRING), value);
}

void
attune_gguf_writer_set_strings (AttuneGgufWriter *self, const char *key, const char *const *values,
                                guint n)
{
  GByteArray *bytes = begin (self, key, GGUF_ARRAY);

  put_uint32 (bytes, GGUF_STRING);
  put_uint64 (bytes, n);
  for (guint i = 0; i < n; i++)
    put_string (bytes, values[i]);
}

static void
set_numbers (AttuneGgufWriter *self, const char *key, GgufType type, const void *values, gsize size,
             guint n)
{
  GByteArray *bytes = begin (self, key, GGUF_ARRAY);

  put_uint32 (bytes, type);
  put_uint64 (bytes, n);
  if (n > 0)
    put (bytes, values, n * size);
}

void
attune_gguf_writer_set_ints (AttuneGgufWriter *self, const char *key, const gint32 *values, guint n)
{
  set_numbers (self, key, GGUF_INT32, values, sizeof *values, n);
}

void
attune_gguf_writer_set_floats (AttuneGgufWriter *self, const char *key, const float *values,
                               guint n)
{
  set_numbers (self, key, GGUF_FLOAT32, values, sizeof *values, n);
}

void
attune_gguf_writer_set_bytes (AttuneGgufWriter *self, const char *key, const guint8 *values,
                              guint n)
{
  set_numbers (self, key, GGUF_UINT8, values, sizeof *values, n);
}

void
attune_gguf_writer_copy (AttuneGgufWriter *self, const AttuneGguf *gguf, const char *key)
{
  const GgufValue *value = gguf_find_value (gguf, key);
  GByteArray *bytes;

  g_return_if_fail (value != NULL);

  bytes = begin (self, key, GGUF_UINT8); /* its own type comes with it */
  g_byte_array_set_size (bytes, 0);
  put (bytes, value->raw, value->raw_bytes);
}

void
attune_gguf_writer_add_tensor (AttuneGgufWriter *self, const char *name, const AttuneTensor *shape)
{
  Entry entry = { NULL, *shape };

  g_return_if_fail (name != NULL && *name != 0);
  g_return_if_fail (shape->n_dims >= 1 && shape->n_dims <= ATTUNE_MAX_DIMS
                    && attune_tensor_count (shape) > 0);
  g_return_if_fail (shape->type < ATTUNE_TYPE_NF4 && attune_type_info (shape->type) != NULL);
  g_return_if_fail (attune_tensor_columns (shape) % attune_type_info (shape->type)->block == 0);

  entry.name = g_strdup (name);
  entry.shape.data = NULL;
  g_array_append_val (self->entries, entry);
}

static guint64
padding (guint64 position)
{
  return (ALIGNMENT - position % ALIGNMENT) % ALIGNMENT;
}

/* Everything before the first tensor's bytes. */
static GByteArray *
build_head (AttuneGgufWriter *self)
{
  static const guint8 zeros[ALIGNMENT];
  GByteArray *head = g_byte_array_new ();
  guint64 offset = 0;

  put (head, "GGUF", 4);
  put_uint32 (head, VERSION);
  put_uint64 (head, self->entries->len);
  put_uint64 (head, self->pairs->len);
  for (guint i = 0; i < self->pairs->len; i++)
    {
      const Pair *pair = &g_array_index (self->pairs, Pair, i);

      put_string (head, pair->key);
      put (head, pair->bytes->data, pair->bytes->len);
    }
  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = &g_array_index (self->entries, Entry, i);
      const AttuneTensor *t = &entry->shape;

      put_string (head, entry->name);
      put_uint32 (head, (guint32) t->n_dims);
      for (int d = t->n_dims - 1; d >= 0; d--)
        put_uint64 (head, (guint64) t->dims[d]);
      put_uint32 (head, t->type);
      put_uint64 (head, offset);
      offset += (guint64) attune_tensor_bytes (t);
      offset += padding (offset);
    }
  put (head, zeros, padding (head->len));
  return head;
}

/* @buffer grows to the largest tensor. */
static gboolean
write_tensor (FILE *file, const char *path, const Entry *entry, char **buffer, gsize *room,
              AttuneTensorFill fill, gpointer data, GError **error)
{
  static const guint8 zeros[ALIGNMENT];
  const gsize bytes = (gsize) attune_tensor_bytes (&entry->shape);

  if (bytes > *room)
    {
      g_free (*buffer);
      *room = 0;
      *buffer = g_try_malloc (bytes);
      if (*buffer == NULL)
        return attune_model_fail_errno (error, path, "could not be written", ENOMEM);
      *room = bytes;
    }
  if (!fill (data, entry->name, *buffer, error))
    return FALSE;
  if (fwrite (*buffer, 1, bytes, file) != bytes
      || fwrite (zeros, 1, padding (bytes), file) != padding (bytes))
    return attune_model_fail_errno (error, path, "could not be written", errno);
  return TRUE;
}

gboolean
attune_gguf_writer_write (AttuneGgufWriter *self, const char *path, AttuneTensorFill fill,
                          gpointer data, GError **error)
{
  g_autoptr (GByteArray) head = NULL;
  g_autofree char *buffer = NULL;
  gsize room = 0;
  gboolean ok;
  FILE *file;

  g_return_val_if_fail (path != NULL && (fill != NULL || self->entries->len == 0), FALSE);

  file = g_fopen (path, "wbe");
  if (file == NULL)
    return attune_model_fail_errno (error, path, "could not be created", errno);
  head = build_head (self);
  ok = fwrite (head->data, 1, head->len, file) == head->len
       || attune_model_fail_errno (error, path, "could not be written", errno);
  for (guint i = 0; ok && i < self->entries->len; i++)
    ok = write_tensor (file, path, &g_array_index (self->entries, Entry, i), &buffer, &room, fill,
                       data, error);
  if (fclose (file) != 0 && ok)
    ok = attune_model_fail_errno (error, path, "could not be written", errno);
  return ok;
}
