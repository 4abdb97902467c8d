/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A Parquet file's footer: where its columns lie. All that it says of places and sizes is checked
 * against the file.
 */
#include "data/parquet-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The largest footers, of a hundred thousand row groups, have less. */
#define MAX_FOOTER_BYTES (64 << 20)
/* Columns of row groups; such a footer has no room for more that say where they lie. */
#define MAX_CHUNKS (2 << 20)
/* Pages that are in memory at once, of all columns. */
#define MAX_HELD_BYTES (1u << 30)

gboolean
attune_parquet_damaged (const AttuneParquetFile *self, const char *what, GError **error)
{
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT, "“%s” cannot be read: %s.",
               self->path, what);
  return FALSE;
}

gboolean
attune_parquet_read_at (const AttuneParquetFile *self, guint64 at, gsize n, guint8 *to,
                        GError **error)
{
  if (at > self->bytes || n > self->bytes - at)
    return attune_parquet_damaged (self, "it is cut off, or damaged", error);
  while (n > 0)
    {
      const gssize got = pread (self->fd, to, n, at);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        {
          g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ, "Could not read “%s”: %s.",
                       self->path, got < 0 ? g_strerror (errno) : "it has become shorter");
          return FALSE;
        }
      at += got;
      to += got;
      n -= got;
    }
  return TRUE;
}

gboolean
attune_parquet_bytes_grow (AttuneParquetFile *self, AttuneParquetBytes *bytes, gsize n,
                           GError **error)
{
  if (bytes->bytes == NULL || n > bytes->n_allocated)
    {
      attune_parquet_bytes_clear (self, bytes);
      if (n > MAX_HELD_BYTES - self->n_held)
        return attune_parquet_damaged (self, "its pages take more memory than any table needs",
                                       error);
      bytes->bytes = g_malloc (MAX (1, n));
      bytes->n_allocated = n;
      self->n_held += n;
    }
  bytes->n = n;
  return TRUE;
}

void
attune_parquet_bytes_clear (AttuneParquetFile *self, AttuneParquetBytes *bytes)
{
  self->n_held -= bytes->n_allocated;
  g_free (bytes->bytes);
  *bytes = (AttuneParquetBytes) { 0 };
}

static void
group_free (gpointer data)
{
  AttuneParquetGroup *group = data;

  g_free (group->chunks);
  g_free (group);
}

void
attune_parquet_close (AttuneParquetFile *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  if (self->root != NULL)
    attune_parquet_node_free (self->root);
  g_free (self->packed.bytes);
  g_ptr_array_unref (self->leaves);
  g_ptr_array_unref (self->groups);
  g_free (self);
}

/* --- where columns lie */

static void
read_chunk_meta (AttuneThrift *t, AttuneParquetChunk *chunk)
{
  gint64 id = 0, data = 0, dictionary = 0;
  AttuneThriftType type;

  while ((type = attune_thrift_field (t, &id)) != ATTUNE_THRIFT_STOP)
    if (id == 4)
      chunk->codec = attune_thrift_int (t);
    else if (id == 5)
      chunk->n_values = attune_thrift_int (t);
    else if (id == 7)
      chunk->bytes = attune_thrift_int (t);
    else if (id == 9)
      data = attune_thrift_int (t);
    else if (id == 11)
      dictionary = attune_thrift_int (t);
    else
      attune_thrift_skip (t, type);
  chunk->start = dictionary > 0 && dictionary < data ? dictionary : data;
}

static void
read_chunk (AttuneThrift *t, AttuneParquetChunk *chunk)
{
  AttuneThriftType type;
  gint64 id = 0;

  while ((type = attune_thrift_field (t, &id)) != ATTUNE_THRIFT_STOP)
    if (id == 3 && type == ATTUNE_THRIFT_STRUCT)
      read_chunk_meta (t, chunk);
    else
      attune_thrift_skip (t, type);
}

static gboolean
read_group (AttuneParquetFile *self, AttuneThrift *t)
{
  AttuneParquetGroup *group = g_new0 (AttuneParquetGroup, 1);
  gboolean good = FALSE;
  AttuneThriftType type;
  gint64 id = 0;

  g_ptr_array_add (self->groups, group);
  if (self->groups->len > MAX_CHUNKS / MAX (1, self->leaves->len))
    return FALSE;
  while ((type = attune_thrift_field (t, &id)) != ATTUNE_THRIFT_STOP)
    if (id == 1 && type == ATTUNE_THRIFT_LIST && group->chunks == NULL)
      {
        good = attune_thrift_list (t) == self->leaves->len;
        group->chunks = g_new0 (AttuneParquetChunk, self->leaves->len);
        for (guint i = 0; good && i < self->leaves->len; i++)
          read_chunk (t, &group->chunks[i]);
        if (!good)
          return FALSE;
      }
    else if (id == 3)
      group->n_rows = attune_thrift_int (t);
    else
      attune_thrift_skip (t, type);
  for (guint i = 0; good && i < self->leaves->len; i++)
    {
      const AttuneParquetChunk *chunk = &group->chunks[i];

      good = chunk->start >= 0 && chunk->bytes >= 0 && (guint64) chunk->start <= self->bytes
             && (guint64) chunk->bytes <= self->bytes - chunk->start && chunk->n_values >= 0;
    }
  /* a run says the same value as often as one likes: rows cost a file nothing */
  return good && group->n_rows >= 0 && group->n_rows <= G_MAXINT32;
}

static gboolean
read_footer (AttuneParquetFile *self, AttuneThrift *t)
{
  AttuneThriftType type;
  gint64 id = 0, n_rows = 0;

  while ((type = attune_thrift_field (t, &id)) != ATTUNE_THRIFT_STOP)
    if (id == 2 && type == ATTUNE_THRIFT_LIST && self->root == NULL)
      {
        guint64 n = attune_thrift_list (t);

        self->root = attune_parquet_read_tree (self, t, &n, NULL, 0);
        if (self->root == NULL || n != 0)
          return FALSE;
      }
    else if (id == 3)
      n_rows = attune_thrift_int (t);
    else if (id == 4 && type == ATTUNE_THRIFT_LIST)
      {
        for (guint64 n = attune_thrift_list (t); n > 0; n--)
          if (self->root == NULL || t->failed || !read_group (self, t))
            return FALSE;
      }
    else
      attune_thrift_skip (t, type);
  for (guint i = 0; i < self->groups->len && n_rows >= 0; i++)
    n_rows -= ((AttuneParquetGroup *) self->groups->pdata[i])->n_rows;
  return self->root != NULL && self->leaves->len > 0 && !t->failed && n_rows == 0;
}

AttuneParquetFile *
attune_parquet_open (const char *path, GError **error)
{
  g_autoptr (AttuneParquetFile) self = g_new0 (AttuneParquetFile, 1);
  g_autofree guint8 *footer = NULL;
  guint8 tail[8];
  guint32 n;
  goffset size;

  self->path = path;
  self->leaves = g_ptr_array_new ();
  self->groups = g_ptr_array_new_with_free_func (group_free);
  self->fd = open (path, O_RDONLY | O_CLOEXEC);
  size = self->fd >= 0 ? lseek (self->fd, 0, SEEK_END) : -1;
  if (size < 0)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ, "Could not read “%s”: %s.",
                   path, g_strerror (errno));
      return NULL;
    }
  self->bytes = size;
  if (size < 12 || !attune_parquet_read_at (self, size - 8, 8, tail, error))
    {
      if (size < 12)
        attune_parquet_damaged (self, "it is cut off", error);
      return NULL;
    }
  memcpy (&n, tail, 4);
  n = GUINT32_FROM_LE (n);
  if (memcmp (tail + 4, "PARE", 4) == 0)
    attune_parquet_damaged (self, "it is encrypted", error);
  else if (memcmp (tail + 4, "PAR1", 4) != 0 || n > MAX_FOOTER_BYTES || n > self->bytes - 12)
    attune_parquet_damaged (self, "it is cut off, or damaged", error);
  else
    {
      AttuneThrift t = { footer = g_malloc (MAX (1, n)), footer + n };

      if (!attune_parquet_read_at (self, size - 8 - n, n, footer, error))
        return NULL;
      t.end = footer + n;
      if (read_footer (self, &t))
        return g_steal_pointer (&self);
      attune_parquet_damaged (self, "its list of columns is damaged", error);
    }
  return NULL;
}
