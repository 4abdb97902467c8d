/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The values of GGUF's metadata and the checked cursor that reads them. Private to the reader
 * and the writer.
 */
#pragma once
#include "model/model-error.h"

G_BEGIN_DECLS

/* GGUF's numbers for the types of metadata values. */
typedef enum
{
  GGUF_UINT8 = 0,
  GGUF_INT8 = 1,
  GGUF_UINT16 = 2,
  GGUF_INT16 = 3,
  GGUF_UINT32 = 4,
  GGUF_INT32 = 5,
  GGUF_FLOAT32 = 6,
  GGUF_BOOL = 7,
  GGUF_STRING = 8,
  GGUF_ARRAY = 9,
  GGUF_UINT64 = 10,
  GGUF_INT64 = 11,
  GGUF_FLOAT64 = 12,
} GgufType;

/* Reads a file's bytes from the front; nothing is used before it is known to be there. */
typedef struct
{
  const guint8 *data;
  gsize size;
  gsize position; /* <= size */
  const char *path;
} GgufCursor;

gboolean gguf_read_uint32 (GgufCursor *self, guint32 *value, GError **error);
gboolean gguf_read_uint64 (GgufCursor *self, guint64 *value, GError **error);
/* Borrows @length bytes; not NUL-terminated. */
gboolean gguf_read_bytes (GgufCursor *self, guint64 length, const guint8 **bytes, GError **error);
/* A string without NUL bytes and not longer than @most. Returns: (transfer full): valid UTF-8. */
char *gguf_read_string (GgufCursor *self, gsize most, const char *what, GError **error);

typedef struct
{
  GgufType type; /* of the value, or of an array's items */
  gboolean is_array;
  union
  {
    gint64 i;
    guint64 u;
    double d;
    gboolean b;
    char *string;
  } one;
  guint n;           /* of an array */
  char **strings;    /* n + 1, all in one block that begins with the pointers */
  gint32 *ints;      /* n; %NULL where an item does not fit */
  float *floats;     /* n */
  const guint8 *raw; /* as in the file: the type and what follows; borrowed */
  gsize raw_bytes;
} GgufValue;

GgufValue *gguf_value_read (GgufCursor *cursor, const char *key, GError **error);
void gguf_value_free (GgufValue *self);

/* Borrowed; %NULL where there is no such key. */
const GgufValue *gguf_find_value (const AttuneGguf *gguf, const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GgufValue, gguf_value_free)

G_END_DECLS
