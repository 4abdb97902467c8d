/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A Parquet file's footer: the tree of its columns, and where each lies. All that it says of places
 * and sizes is checked against the file.
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
#define MAX_LEAVES 10000
#define MAX_DEPTH 32

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
node_free (gpointer data)
{
  AttuneParquetNode *node = data;

  g_free (node->name);
  g_clear_pointer (&node->children, g_ptr_array_unref);
  g_free (node);
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
    node_free (self->root);
  g_free (self->packed.bytes);
  g_ptr_array_unref (self->leaves);
  g_ptr_array_unref (self->groups);
  g_free (self);
}

/* --- the tree of columns */

/* ConvertedType: what was said before there were logical types. */
static void
set_converted (AttuneParquetNode *node, gint64 type)
{
  static const struct
  {
    gint64 type, unit;
    AttuneParquetMeaning meaning;
  } meanings[] = { { 0, 0, ATTUNE_PARQUET_TEXT },        { 3, 0, ATTUNE_PARQUET_LIST },
                   { 4, 0, ATTUNE_PARQUET_TEXT },        { 5, 0, ATTUNE_PARQUET_DECIMAL },
                   { 6, 0, ATTUNE_PARQUET_DATE },        { 9, 1000, ATTUNE_PARQUET_TIME },
                   { 10, 1000000, ATTUNE_PARQUET_TIME }, { 11, 0, ATTUNE_PARQUET_UNSIGNED },
                   { 12, 0, ATTUNE_PARQUET_UNSIGNED },   { 13, 0, ATTUNE_PARQUET_UNSIGNED },
                   { 14, 0, ATTUNE_PARQUET_UNSIGNED },   { 19, 0, ATTUNE_PARQUET_TEXT } };

  for (guint i = 0; i < G_N_ELEMENTS (meanings); i++)
    if (meanings[i].type == type)
      {
        node->meaning = meanings[i].meaning;
        node->unit = meanings[i].unit;
      }
}

/* TimestampType's unit: a union of empty structs. */
static void
read_unit (AttuneThrift *t, AttuneParquetNode *node)
{
  static const gint64 units[] = { 0, 1000, 1000000, 1000000000 };
  AttuneThriftType type;
  gint64 id = 0;

  while ((type = attune_thrift_field (t, &id)) != ATTUNE_THRIFT_STOP)
    {
      gint64 inner = 0;

      if (id != 2 || type != ATTUNE_THRIFT_STRUCT)
        {
          attune_thrift_skip (t, type);
          continue;
        }
      while ((type = attune_thrift_field (t, &inner)) != ATTUNE_THRIFT_STOP)
        {
          node->unit = inner >= 1 && inner <= 3 ? units[inner] : 0;
          attune_thrift_skip (t, type);
        }
    }
}

static void
read_scale (AttuneThrift *t, AttuneParquetNode *node)
{
  AttuneThriftType type;
  gint64 id = 0;

  while ((type = attune_thrift_field (t, &id)) != ATTUNE_THRIFT_STOP)
    if (id == 1)
      node->scale = attune_thrift_int (t);
    else
      attune_thrift_skip (t, type);
}

/* LogicalType: a union, of which one struct is there. */
static void
read_logical (AttuneThrift *t, AttuneParquetNode *node)
{
  AttuneThriftType type;
  gint64 id = 0;

  while ((type = attune_thrift_field (t, &id)) != ATTUNE_THRIFT_STOP)
    {
      if (id == 1 || id == 4 || id == 12)
        node->meaning = ATTUNE_PARQUET_TEXT;
      else if (id == 3)
        node->meaning = ATTUNE_PARQUET_LIST;
      else if (id == 5)
        node->meaning = ATTUNE_PARQUET_DECIMAL;
      else if (id == 8)
        node->meaning = ATTUNE_PARQUET_TIME;
      if (id == 5 && type == ATTUNE_THRIFT_STRUCT)
        read_scale (t, node);
      else if (id == 8 && type == ATTUNE_THRIFT_STRUCT)
        read_unit (t, node);
      else
        attune_thrift_skip (t, type);
    }
}

static AttuneParquetNode *
read_element (AttuneThrift *t)
{
  AttuneParquetNode *node = g_new0 (AttuneParquetNode, 1);
  AttuneThriftType type;
  gint64 id = 0, n_children = 0;

  node->type = -1;
  while ((type = attune_thrift_field (t, &id)) != ATTUNE_THRIFT_STOP)
    if (id == 1)
      node->type = attune_thrift_int (t);
    else if (id == 2)
      node->length = attune_thrift_int (t);
    else if (id == 3)
      node->repetition = attune_thrift_int (t);
    else if (id == 4 && type == ATTUNE_THRIFT_BINARY && node->name == NULL)
      node->name = attune_thrift_text (t);
    else if (id == 5)
      n_children = attune_thrift_int (t);
    else if (id == 6)
      set_converted (node, attune_thrift_int (t));
    else if (id == 7)
      node->scale = attune_thrift_int (t);
    else if (id == 10 && type == ATTUNE_THRIFT_STRUCT)
      read_logical (t, node);
    else
      attune_thrift_skip (t, type);
  node->n_children = CLAMP (n_children, 0, MAX_LEAVES);
  node->scale = CLAMP (node->scale, 0, 38); /* as many digits as a decimal can have */
  if (node->name == NULL)
    node->name = g_strdup ("");
  return node;
}

/* The next element and all that is in it, levels as they add up. %NULL: damaged. */
static AttuneParquetNode *
read_tree (AttuneParquetFile *self, AttuneThrift *t, guint64 *n_left,
           const AttuneParquetNode *parent, int depth)
{
  AttuneParquetNode *node;

  if (*n_left == 0 || depth > MAX_DEPTH || self->leaves->len >= MAX_LEAVES)
    return NULL;
  --*n_left;
  node = read_element (t);
  node->children = g_ptr_array_new_with_free_func (node_free);
  node->leaf = self->leaves->len;
  if (parent != NULL) /* the root has no levels */
    {
      node->max_def = parent->max_def + (node->repetition != 0);
      node->max_rep = parent->max_rep + (node->repetition == 2);
    }
  node->is_leaf = node->n_children == 0 && parent != NULL;
  if (node->is_leaf)
    g_ptr_array_add (self->leaves, node);
  for (guint i = 0; i < node->n_children && !t->failed; i++)
    {
      AttuneParquetNode *child = read_tree (self, t, n_left, node, depth + 1);

      if (child == NULL)
        {
          node_free (node);
          return NULL;
        }
      g_ptr_array_add (node->children, child);
    }
  node->end_leaf = self->leaves->len;
  return node;
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

        self->root = read_tree (self, t, &n, NULL, 0);
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
