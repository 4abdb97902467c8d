/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pages of a column of a Parquet file: one and a dictionary are in memory.
 */
#include "data/parquet-page.h"

#include <string.h>

/* Writers make pages of a megabyte; a page of one row group has been seen with some hundreds. */
#define MAX_PAGE_BYTES (512 << 20)
/* A page's head; longer where it says the least and the greatest of its texts. */
#define HEAD_BYTES 4096
#define MAX_HEAD_BYTES (1 << 20)

enum
{
  DATA_PAGE = 0,
  DICTIONARY_PAGE = 2,
  DATA_PAGE_2 = 3,
};

typedef struct
{
  gint64 type, unpacked, packed, n_values, encoding;
  gint64 def_bytes, rep_bytes; /* of version 2, which does not pack them */
  gboolean is_packed;
} Head;

gboolean
attune_parquet_column_damaged (const AttuneParquetColumn *self, const char *what, GError **error)
{
  g_autofree char *text = g_strdup_printf ("its column “%s” %s", self->leaf->name, what);

  return attune_parquet_damaged (self->file, text, error);
}

static void
parse_data_head (AttuneThrift *t, Head *head, gboolean second)
{
  AttuneThriftType type;
  gint64 id = 0;

  while ((type = attune_thrift_field (t, &id)) != ATTUNE_THRIFT_STOP)
    if (id == 1)
      head->n_values = attune_thrift_int (t);
    else if (id == (second ? 4 : 2))
      head->encoding = attune_thrift_int (t);
    else if (second && id == 5)
      head->def_bytes = attune_thrift_int (t);
    else if (second && id == 6)
      head->rep_bytes = attune_thrift_int (t);
    else if (second && id == 7)
      head->is_packed = type == ATTUNE_THRIFT_TRUE;
    else
      attune_thrift_skip (t, type);
}

static void
parse_head (AttuneThrift *t, Head *head)
{
  AttuneThriftType type;
  gint64 id = 0;

  *head = (Head) { .type = -1, .is_packed = TRUE };
  while ((type = attune_thrift_field (t, &id)) != ATTUNE_THRIFT_STOP)
    if (id == 1)
      head->type = attune_thrift_int (t);
    else if (id == 2)
      head->unpacked = attune_thrift_int (t);
    else if (id == 3)
      head->packed = attune_thrift_int (t);
    else if ((id == 5 || id == 7 || id == 8) && type == ATTUNE_THRIFT_STRUCT)
      parse_data_head (t, head, id == 8);
    else
      attune_thrift_skip (t, type);
}

/* Its length is not said: what was read may be too little. */
static gboolean
read_head (AttuneParquetColumn *self, Head *head, GError **error)
{
  AttuneParquetBytes *packed = &self->file->packed;

  for (gsize n = HEAD_BYTES;; n = MAX_HEAD_BYTES)
    {
      const gsize n_read = MIN (n, self->end - self->at);
      AttuneThrift t;

      if (!attune_parquet_bytes_grow (self->file, packed, n_read, error)
          || !attune_parquet_read_at (self->file, self->at, n_read, packed->bytes, error))
        return FALSE;
      t = (AttuneThrift) { packed->bytes, packed->bytes + n_read };
      parse_head (&t, head);
      if (!t.failed)
        {
          self->at += t.at - packed->bytes;
          break;
        }
      if (n == MAX_HEAD_BYTES || n_read < n)
        return attune_parquet_column_damaged (self, "is damaged", error);
    }
  if (head->packed < 0 || head->unpacked < 0 || head->n_values < 0
      || (guint64) head->packed > self->end - self->at)
    return attune_parquet_column_damaged (self, "is damaged", error);
  if (head->packed > MAX_PAGE_BYTES || head->unpacked > MAX_PAGE_BYTES)
    return attune_parquet_column_damaged (self, "has a page larger than any table needs", error);
  return TRUE;
}

/* Reads what follows the head into @page; the first @n_plain bytes are not packed. */
static gboolean
read_page (AttuneParquetColumn *self, const Head *head, gsize n_plain, AttuneParquetBytes *page,
           GError **error)
{
  AttuneParquetBytes *packed = &self->file->packed;
  const gint64 codec = head->is_packed ? self->chunk.codec : 0;

  if (!attune_parquet_knows_codec (codec))
    return attune_parquet_column_damaged (
        self, "is packed in a way that is not read; write it with Snappy, gzip or Zstandard",
        error);
  if (!attune_parquet_bytes_grow (self->file, packed, head->packed, error)
      || !attune_parquet_bytes_grow (self->file, page, head->unpacked, error)
      || !attune_parquet_read_at (self->file, self->at, head->packed, packed->bytes, error))
    return FALSE;
  self->at += head->packed;
  if (n_plain > (gsize) head->packed || n_plain > page->n)
    return attune_parquet_column_damaged (self, "is damaged", error);
  memcpy (page->bytes, packed->bytes, n_plain);
  if (n_plain == page->n /* nothing but levels: all is missing */
      || attune_parquet_unpack (codec, packed->bytes + n_plain, head->packed - n_plain,
                                page->bytes + n_plain, page->n - n_plain))
    return TRUE;
  return attune_parquet_column_damaged (self, "is damaged: it cannot be unpacked", error);
}

guint32
attune_parquet_get_u32 (const guint8 *p)
{
  guint32 value;

  memcpy (&value, p, 4);
  return GUINT32_FROM_LE (value);
}

/* Of texts the dictionary's places are noted; others lie in a row. */
static gboolean
read_dictionary (AttuneParquetColumn *self, const Head *head, GError **error)
{
  guint32 at = 0, *entries;
  gint64 n;

  if (!read_page (self, head, 0, &self->dictionary, error))
    return FALSE;
  self->n_entries = 0;
  n = self->leaf->type == ATTUNE_PARQUET_BYTES ? head->n_values : 0;
  if (n > (gint64) self->dictionary.n / 4) /* each says its length */
    return attune_parquet_column_damaged (self, "is damaged", error);
  if (!attune_parquet_bytes_grow (self->file, &self->entries, 4 * n, error))
    return FALSE;
  entries = (guint32 *) self->entries.bytes;
  for (gint64 i = 0; i < n; i++)
    {
      if (self->dictionary.n - at < 4
          || attune_parquet_get_u32 (self->dictionary.bytes + at) > self->dictionary.n - at - 4)
        return attune_parquet_column_damaged (self, "is damaged", error);
      entries[i] = at;
      at += 4 + attune_parquet_get_u32 (self->dictionary.bytes + at);
    }
  self->n_entries = n;
  return TRUE;
}

/* Bits that hold numbers up to @most. */
static int
width_of (int most)
{
  return most > 0 ? g_bit_storage (most) : 0;
}

/* Levels of version 1 say their length first. */
static gboolean
begin_levels (AttuneParquetRuns *runs, int most, const guint8 **at, const guint8 *end)
{
  guint32 n;

  *runs = (AttuneParquetRuns) { .width = width_of (most) };
  if (most == 0)
    return TRUE;
  if (end - *at < 4 || (n = attune_parquet_get_u32 (*at)) > end - *at - 4)
    return FALSE;
  runs->at = *at + 4;
  runs->end = *at += 4 + n;
  return TRUE;
}

static gboolean
begin_values (AttuneParquetColumn *self, const guint8 *at, GError **error)
{
  const guint8 *end = self->page.bytes + self->page.n;
  const gboolean is_boolean = self->leaf->type == ATTUNE_PARQUET_BOOLEAN;

  self->plain = at;
  self->plain_end = end;
  self->n_bit = 0;
  if (self->encoding == PLAIN)
    return TRUE;
  if (self->encoding == RUNS && is_boolean && end - at >= 4)
    self->keys = (AttuneParquetRuns) { .at = at + 4, .end = end, .width = 1 };
  else if ((self->encoding == DICTIONARY || self->encoding == PLAIN_DICTIONARY) && !is_boolean)
    {
      /* a page without values may end here */
      self->keys
          = (AttuneParquetRuns) { .at = at < end ? at + 1 : end, .end = end, .failed = at == end };
      self->keys.width = at < end ? *at : 0;
      if (self->keys.width > 32)
        return attune_parquet_column_damaged (self, "is damaged", error);
      self->encoding = DICTIONARY;
    }
  else
    return attune_parquet_column_damaged (
        self,
        "is stored in a way that is not read; save the table again as CSV, or in Parquet "
        "with the plain encoding",
        error);
  return TRUE;
}

static gboolean
begin_page (AttuneParquetColumn *self, const Head *head, GError **error)
{
  const gboolean second = head->type == DATA_PAGE_2;
  const guint8 *at;

  if (head->rep_bytes < 0 || head->def_bytes < 0 || head->rep_bytes > MAX_PAGE_BYTES
      || head->def_bytes > MAX_PAGE_BYTES)
    return attune_parquet_column_damaged (self, "is damaged", error);
  if (!read_page (self, head, second ? head->rep_bytes + head->def_bytes : 0, &self->page, error))
    return FALSE;
  at = self->page.bytes;
  if (second)
    {
      self->reps = (AttuneParquetRuns) { at, at + head->rep_bytes, width_of (self->leaf->max_rep) };
      at += head->rep_bytes;
      self->defs = (AttuneParquetRuns) { at, at + head->def_bytes, width_of (self->leaf->max_def) };
      at += head->def_bytes;
    }
  else if (!begin_levels (&self->reps, self->leaf->max_rep, &at, self->page.bytes + self->page.n)
           || !begin_levels (&self->defs, self->leaf->max_def, &at,
                             self->page.bytes + self->page.n))
    return attune_parquet_column_damaged (self, "is damaged", error);
  self->n_in_page = MIN (head->n_values, self->n_left);
  self->n_left -= self->n_in_page;
  self->encoding = head->encoding;
  return begin_values (self, at, error);
}

gboolean
attune_parquet_column_next_page (AttuneParquetColumn *self, GError **error)
{
  while (self->n_in_page == 0)
    {
      Head head;

      if (self->at >= self->end)
        return attune_parquet_column_damaged (self, "is cut off", error);
      if (!read_head (self, &head, error))
        return FALSE;
      if (head.type == DICTIONARY_PAGE)
        {
          if (!read_dictionary (self, &head, error))
            return FALSE;
        }
      else if (head.type == DATA_PAGE || head.type == DATA_PAGE_2)
        {
          if (!begin_page (self, &head, error))
            return FALSE;
        }
      else
        self->at += head.packed; /* an index */
    }
  return TRUE;
}
