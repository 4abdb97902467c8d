/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Builds GGUF files byte by byte, right and wrong ones, for tests of the reader.
 */
#pragma once
#include "model/gguf.h"

#include <string.h>

static inline void
head_u32 (GByteArray *b, guint32 value)
{
  g_byte_array_append (b, (const guint8 *) &value, sizeof value);
}

static inline void
head_u64 (GByteArray *b, guint64 value)
{
  g_byte_array_append (b, (const guint8 *) &value, sizeof value);
}

static inline void
head_string (GByteArray *b, const char *text, gsize length)
{
  head_u64 (b, length);
  g_byte_array_append (b, (const guint8 *) text, (guint) length);
}

/* Magic, version and counts. */
static inline GByteArray *
head_new (guint32 version, guint64 n_tensors, guint64 n_pairs)
{
  GByteArray *b = g_byte_array_new ();

  g_byte_array_append (b, (const guint8 *) "GGUF", 4);
  head_u32 (b, version);
  head_u64 (b, n_tensors);
  head_u64 (b, n_pairs);
  return b;
}

/* A pair's key and type; the value follows. */
static inline void
head_key (GByteArray *b, const char *key, guint32 type)
{
  head_string (b, key, strlen (key));
  head_u32 (b, type);
}

/* A tensor of two axes, fastest first as in the file. */
static inline void
head_tensor (GByteArray *b, const char *name, guint64 columns, guint64 rows, guint32 type,
             guint64 offset)
{
  head_string (b, name, strlen (name));
  head_u32 (b, 2);
  head_u64 (b, columns);
  head_u64 (b, rows);
  head_u32 (b, type);
  head_u64 (b, offset);
}

/* Zeros up to a multiple of 32, and @n more. */
static inline void
head_data (GByteArray *b, guint n)
{
  static const guint8 zero;

  while (b->len % 32 != 0)
    g_byte_array_append (b, &zero, 1);
  for (guint i = 0; i < n; i++)
    g_byte_array_append (b, &zero, 1);
}

/* Takes @b. Opens exactly its bytes, so that a sanitizer sees a read past their end. */
static inline AttuneGguf *
head_open (GByteArray *b, GError **error)
{
  g_autofree guint8 *copy = g_memdup2 (b->data, b->len);
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_steal_pointer (&copy), b->len);

  g_byte_array_unref (b);
  return attune_gguf_open_bytes (bytes, "dir/t.gguf", error);
}
