/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading the values of GGUF's metadata. A count in the file is believed only when the bytes that
 * it promises are there.
 */
#include "model/gguf-value.h"

#include <string.h>

G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN); /* the file's numbers are used where they lie */

/* Bytes of an item of @type in the file, at least; 0: no such type. */
static gsize
type_size (guint32 type)
{
  static const guint8 sizes[] = {
    [GGUF_UINT8] = 1,  [GGUF_INT8] = 1,    [GGUF_UINT16] = 2,  [GGUF_INT16] = 2,  [GGUF_UINT32] = 4,
    [GGUF_INT32] = 4,  [GGUF_FLOAT32] = 4, [GGUF_BOOL] = 1,    [GGUF_STRING] = 8, [GGUF_ARRAY] = 12,
    [GGUF_UINT64] = 8, [GGUF_INT64] = 8,   [GGUF_FLOAT64] = 8,
  };

  return type < G_N_ELEMENTS (sizes) ? sizes[type] : 0;
}

gboolean
gguf_read_bytes (GgufCursor *self, guint64 length, const guint8 **bytes, GError **error)
{
  if (length > self->size - self->position)
    {
      attune_model_fail (
          error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
          "ends in the middle of its header: it is damaged or was not copied completely.");
      return FALSE;
    }
  *bytes = self->data + self->position;
  self->position += length;
  return TRUE;
}

gboolean
gguf_read_uint32 (GgufCursor *self, guint32 *value, GError **error)
{
  const guint8 *bytes;

  if (!gguf_read_bytes (self, sizeof *value, &bytes, error))
    return FALSE;
  memcpy (value, bytes, sizeof *value);
  return TRUE;
}

gboolean
gguf_read_uint64 (GgufCursor *self, guint64 *value, GError **error)
{
  const guint8 *bytes;

  if (!gguf_read_bytes (self, sizeof *value, &bytes, error))
    return FALSE;
  memcpy (value, bytes, sizeof *value);
  return TRUE;
}

char *
gguf_read_string (GgufCursor *self, gsize most, const char *what, GError **error)
{
  const guint8 *bytes;
  guint64 length;

  if (!gguf_read_uint64 (self, &length, error) || !gguf_read_bytes (self, length, &bytes, error))
    return NULL;
  if (length > most)
    {
      attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                         "has %s of %" G_GUINT64_FORMAT " bytes; more than %" G_GSIZE_FORMAT
                         " are not allowed.",
                         what, length, most);
      return NULL;
    }
  if (memchr (bytes, 0, length) != NULL)
    {
      attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                         "has %s with a NUL byte in it.", what);
      return NULL;
    }
  return g_utf8_make_valid ((const char *) bytes, length);
}

void
gguf_value_free (GgufValue *self)
{
  if (self == NULL)
    return;
  if (self->type == GGUF_STRING && !self->is_array)
    g_free (self->one.string);
  g_free (self->strings);
  g_free (self->ints);
  g_free (self->floats);
  g_free (self);
}

/* The integer at @bytes; %FALSE where it does not fit a gint64. */
static gboolean
load_int (GgufType type, const guint8 *bytes, gint64 *value)
{
  union
  {
    guint8 u8;
    gint8 i8;
    guint16 u16;
    gint16 i16;
    guint32 u32;
    gint32 i32;
    guint64 u64;
    gint64 i64;
  } x;

  memcpy (&x, bytes, type_size (type));
  switch (type)
    {
    case GGUF_UINT8:
    case GGUF_BOOL:
      *value = x.u8;
      return TRUE;
    case GGUF_INT8:
      *value = x.i8;
      return TRUE;
    case GGUF_UINT16:
      *value = x.u16;
      return TRUE;
    case GGUF_INT16:
      *value = x.i16;
      return TRUE;
    case GGUF_UINT32:
      *value = x.u32;
      return TRUE;
    case GGUF_INT32:
      *value = x.i32;
      return TRUE;
    case GGUF_UINT64:
      *value = (gint64) x.u64;
      return x.u64 <= G_MAXINT64;
    default:
      *value = x.i64;
      return TRUE;
    }
}

static double
load_float (GgufType type, const guint8 *bytes)
{
  float single;
  double wide;

  if (type == GGUF_FLOAT32)
    {
      memcpy (&single, bytes, sizeof single);
      return single;
    }
  memcpy (&wide, bytes, sizeof wide);
  return wide;
}

static gboolean
read_strings (GgufValue *self, GgufCursor *cursor, const char *key, GError **error)
{
  const gsize start = cursor->position;
  gsize total = 0;
  char *text = NULL;

  for (int pass = 0; pass < 2; pass++)
    {
      if (pass == 1)
        {
          /* n <= size / 8 and total <= size: no overflow */
          self->strings = g_try_malloc ((self->n + 1) * sizeof (char *) + total + self->n);
          if (self->strings == NULL)
            return attune_model_fail (error, ATTUNE_MODEL_ERROR_OPEN, cursor->path,
                                      "has a list “%s” that does not fit into memory.", key);
          text = (char *) (self->strings + self->n + 1);
          cursor->position = start;
        }
      for (guint i = 0; i < self->n; i++)
        {
          const guint8 *bytes;
          guint64 length;

          if (!gguf_read_uint64 (cursor, &length, error)
              || !gguf_read_bytes (cursor, length, &bytes, error))
            return FALSE;
          total += length;
          if (pass == 0 && memchr (bytes, 0, length) != NULL)
            return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, cursor->path,
                                      "has a NUL byte in item %u of “%s”.", i, key);
          if (pass == 0)
            continue;
          self->strings[i] = text;
          memcpy (text, bytes, length);
          text[length] = 0;
          text += length + 1;
        }
    }
  self->strings[self->n] = NULL;
  return TRUE;
}

static gboolean
read_numbers (GgufValue *self, GgufCursor *cursor, const char *key, GError **error)
{
  const gsize size = type_size (self->type);
  const gboolean is_float = self->type == GGUF_FLOAT32 || self->type == GGUF_FLOAT64;
  const guint8 *bytes;
  void *items;

  if (!gguf_read_bytes (cursor, (guint64) self->n * size, &bytes, error)) /* n < 2³²: no overflow */
    return FALSE;
  items = g_try_malloc (MAX (1, (gsize) self->n * sizeof (gint32)));
  if (items == NULL)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_OPEN, cursor->path,
                              "has a list “%s” that does not fit into memory.", key);
  if (is_float)
    {
      self->floats = items;
      for (guint i = 0; i < self->n; i++)
        self->floats[i] = (float) load_float (self->type, bytes + i * size);
      return TRUE;
    }
  self->ints = items;
  for (guint i = 0; i < self->n; i++)
    {
      gint64 value;

      if (!load_int (self->type, bytes + i * size, &value) || value < G_MININT32
          || value > G_MAXINT32)
        {
          g_clear_pointer (&self->ints, g_free); /* no key that Attune reads has such items */
          break;
        }
      self->ints[i] = (gint32) value;
    }
  return TRUE;
}

static gboolean
read_array (GgufValue *self, GgufCursor *cursor, const char *key, GError **error)
{
  guint32 type;
  guint64 n;

  if (!gguf_read_uint32 (cursor, &type, error) || !gguf_read_uint64 (cursor, &n, error))
    return FALSE;
  if (type_size (type) == 0 || type == GGUF_ARRAY)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, cursor->path,
                              "has a list “%s” of an unknown type (%u).", key, type);
  if (n > (cursor->size - cursor->position) / type_size (type) || n >= G_MAXUINT)
    return attune_model_fail (
        error, ATTUNE_MODEL_ERROR_FORMAT, cursor->path,
        "says that “%s” has %" G_GUINT64_FORMAT
        " items, but is too short for them: it is damaged or was not copied completely.",
        key, n);
  self->type = type;
  self->is_array = TRUE;
  self->n = (guint) n;
  return type == GGUF_STRING ? read_strings (self, cursor, key, error)
                             : read_numbers (self, cursor, key, error);
}

GgufValue *
gguf_value_read (GgufCursor *cursor, const char *key, GError **error)
{
  g_autoptr (GgufValue) self = g_new0 (GgufValue, 1);
  const guint8 *bytes;
  guint32 type;

  if (!gguf_read_uint32 (cursor, &type, error))
    return NULL;
  if (type_size (type) == 0)
    {
      attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, cursor->path,
                         "has a value “%s” of an unknown type (%u).", key, type);
      return NULL;
    }
  if (type == GGUF_ARRAY)
    return read_array (self, cursor, key, error) ? g_steal_pointer (&self) : NULL;
  if (type == GGUF_STRING)
    {
      self->one.string = gguf_read_string (cursor, G_MAXSIZE, key, error);
      self->type = GGUF_STRING;
      return self->one.string != NULL ? g_steal_pointer (&self) : NULL;
    }

  self->type = type;
  if (!gguf_read_bytes (cursor, type_size (type), &bytes, error))
    return NULL;
  if (type == GGUF_BOOL && *bytes > 1)
    {
      attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, cursor->path,
                         "has a value “%s” that is neither yes nor no.", key);
      return NULL;
    }
  if (type == GGUF_BOOL)
    self->one.b = *bytes;
  else if (type == GGUF_FLOAT32 || type == GGUF_FLOAT64)
    self->one.d = load_float (type, bytes);
  else if (type == GGUF_UINT64)
    memcpy (&self->one.u, bytes, sizeof self->one.u);
  else
    load_int (type, bytes, &self->one.i);
  return g_steal_pointer (&self);
}
