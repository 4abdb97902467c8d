/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A column of a row group of a Parquet file, page by page: one page and one dictionary are in
 * memory. Encodings: plain, dictionary, runs (of booleans).
 */
#include "data/parquet-private.h"

#include <string.h>

/* Writers make pages of a megabyte; a page of one row group has been seen with some hundreds. */
#define MAX_PAGE_BYTES (512 << 20)
/* A page's head; longer where it says the least and the greatest of its texts. */
#define HEAD_BYTES 4096
#define MAX_HEAD_BYTES (1 << 20)

enum
{
  PLAIN = 0,
  PLAIN_DICTIONARY = 2,
  RUNS = 3,
  DICTIONARY = 8,
};

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

typedef struct
{
  guint8 *bytes;
  gsize n, n_allocated;
} Page;

struct _AttuneParquetColumn
{
  const AttuneParquetFile *file;
  const AttuneParquetNode *leaf;
  AttuneParquetChunk chunk;
  guint64 at, end;  /* of the chunk, in the file */
  gint64 n_left;    /* values of the chunk that no page has had */
  gint64 n_in_page; /* values of the page */
  gint64 encoding;
  Page packed, page, dictionary;
  GArray *entries; /* guint32: where each of the dictionary begins */
  AttuneParquetRuns reps, defs, keys;
  const guint8 *plain, *plain_end;
  guint n_bit; /* of a plain boolean */
  AttuneParquetValue value;
  gboolean has_value;
};

AttuneParquetColumn *
attune_parquet_column_new (const AttuneParquetFile *file, guint leaf,
                           const AttuneParquetChunk *chunk)
{
  AttuneParquetColumn *self = g_new0 (AttuneParquetColumn, 1);

  self->file = file;
  self->leaf = file->leaves->pdata[leaf];
  self->chunk = *chunk;
  self->at = chunk->start;
  self->end = chunk->start + chunk->bytes;
  self->n_left = chunk->n_values;
  self->entries = g_array_new (FALSE, FALSE, sizeof (guint32));
  return self;
}

void
attune_parquet_column_free (AttuneParquetColumn *self)
{
  if (self == NULL)
    return;
  g_free (self->packed.bytes);
  g_free (self->page.bytes);
  g_free (self->dictionary.bytes);
  g_array_unref (self->entries);
  g_free (self);
}

static gboolean
damaged (const AttuneParquetColumn *self, const char *what, GError **error)
{
  g_autofree char *text = g_strdup_printf ("its column “%s” %s", self->leaf->name, what);

  return attune_parquet_damaged (self->file, text, error);
}

static void
page_grow (Page *page, gsize n)
{
  if (n > page->n_allocated)
    {
      g_free (page->bytes);
      page->bytes = g_malloc (n);
      page->n_allocated = n;
    }
  page->n = n;
}

/* --- pages */

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
  for (gsize n = HEAD_BYTES;; n = MAX_HEAD_BYTES)
    {
      const gsize n_read = MIN (n, self->end - self->at);
      AttuneThrift t;

      page_grow (&self->packed, MAX (1, n_read));
      if (!attune_parquet_read_at (self->file, self->at, n_read, self->packed.bytes, error))
        return FALSE;
      t = (AttuneThrift) { self->packed.bytes, self->packed.bytes + n_read };
      parse_head (&t, head);
      if (!t.failed)
        {
          self->at += t.at - self->packed.bytes;
          break;
        }
      if (n == MAX_HEAD_BYTES || n_read < n)
        return damaged (self, "is damaged", error);
    }
  if (head->packed < 0 || head->unpacked < 0 || head->n_values < 0
      || (guint64) head->packed > self->end - self->at)
    return damaged (self, "is damaged", error);
  if (head->unpacked > MAX_PAGE_BYTES)
    return damaged (self, "has a page larger than any table needs", error);
  return TRUE;
}

/* Reads what follows the head into @page; the first @n_plain bytes are not packed. */
static gboolean
read_page (AttuneParquetColumn *self, const Head *head, gsize n_plain, Page *page, GError **error)
{
  const gint64 codec = head->is_packed ? self->chunk.codec : 0;

  if (!attune_parquet_knows_codec (codec))
    return damaged (self,
                    "is packed in a way that is not read; write it with Snappy, gzip or Zstandard",
                    error);
  page_grow (&self->packed, MAX (1, head->packed));
  page_grow (page, MAX (1, head->unpacked));
  page->n = head->unpacked;
  if (!attune_parquet_read_at (self->file, self->at, head->packed, self->packed.bytes, error))
    return FALSE;
  self->at += head->packed;
  if (n_plain > (gsize) head->packed || n_plain > page->n)
    return damaged (self, "is damaged", error);
  memcpy (page->bytes, self->packed.bytes, n_plain);
  if (n_plain == page->n /* nothing but levels: all is missing */
      || attune_parquet_unpack (codec, self->packed.bytes + n_plain, head->packed - n_plain,
                                page->bytes + n_plain, page->n - n_plain))
    return TRUE;
  return damaged (self, "is damaged: it cannot be unpacked", error);
}

static guint32
get_u32 (const guint8 *p)
{
  guint32 value;

  memcpy (&value, p, 4);
  return GUINT32_FROM_LE (value);
}

/* Of texts the dictionary's places are noted; others lie in a row. */
static gboolean
read_dictionary (AttuneParquetColumn *self, const Head *head, GError **error)
{
  gsize at = 0;

  if (!read_page (self, head, 0, &self->dictionary, error))
    return FALSE;
  g_array_set_size (self->entries, 0);
  for (gint64 i = 0; self->leaf->type == ATTUNE_PARQUET_BYTES && i < head->n_values; i++)
    {
      const guint32 place = at;

      if (self->dictionary.n - at < 4
          || get_u32 (self->dictionary.bytes + at) > self->dictionary.n - at - 4)
        return damaged (self, "is damaged", error);
      g_array_append_val (self->entries, place);
      at += 4 + get_u32 (self->dictionary.bytes + at);
    }
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
  if (end - *at < 4 || (n = get_u32 (*at)) > end - *at - 4)
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
        return damaged (self, "is damaged", error);
      self->encoding = DICTIONARY;
    }
  else
    return damaged (self, "is written in a way that is not read; write it without delta encodings",
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
    return damaged (self, "is damaged", error);
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
    return damaged (self, "is damaged", error);
  self->n_in_page = MIN (head->n_values, self->n_left);
  self->n_left -= self->n_in_page;
  self->encoding = head->encoding;
  return begin_values (self, at, error);
}

/* Goes on to a page that has values. */
static gboolean
next_page (AttuneParquetColumn *self, GError **error)
{
  while (self->n_in_page == 0)
    {
      Head head;

      if (self->at >= self->end)
        return damaged (self, "is cut off", error);
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

/* --- values */

/* Bytes of a value of the type, of which each has as many; 0: they say it themselves. */
static gsize
value_bytes (const AttuneParquetNode *leaf)
{
  switch (leaf->type)
    {
    case ATTUNE_PARQUET_INT32:
    case ATTUNE_PARQUET_FLOAT:
      return 4;
    case ATTUNE_PARQUET_INT64:
    case ATTUNE_PARQUET_DOUBLE:
      return 8;
    case ATTUNE_PARQUET_INT96:
      return 12;
    case ATTUNE_PARQUET_FIXED:
      return CLAMP (leaf->length, 1, 1 << 20);
    default:
      return 0;
    }
}

/* The value that lies at @at. */
static void
take_value (AttuneParquetColumn *self, const guint8 *at, gsize n)
{
  AttuneParquetValue *value = &self->value;
  gint32 small;
  gint64 large;
  float single;

  value->text = (const char *) at;
  value->n = n;
  switch (self->leaf->type)
    {
    case ATTUNE_PARQUET_INT32:
      memcpy (&small, at, 4);
      small = GINT32_FROM_LE (small);
      value->number
          = self->leaf->meaning == ATTUNE_PARQUET_UNSIGNED ? (gint64) (guint32) small : small;
      break;
    case ATTUNE_PARQUET_INT64:
      memcpy (&large, at, 8);
      value->number = GINT64_FROM_LE (large);
      break;
    case ATTUNE_PARQUET_FLOAT:
      memcpy (&single, at, 4);
      value->real = single;
      break;
    case ATTUNE_PARQUET_DOUBLE:
      memcpy (&value->real, at, 8);
      break;
    default:
      break;
    }
}

static gboolean
read_plain (AttuneParquetColumn *self)
{
  const gsize n_left = self->plain_end - self->plain;
  gsize n = value_bytes (self->leaf), n_length = 0;

  if (self->leaf->type == ATTUNE_PARQUET_BOOLEAN)
    {
      if (n_left == 0)
        return FALSE;
      self->value.number = *self->plain >> self->n_bit & 1;
      self->n_bit = (self->n_bit + 1) % 8;
      self->plain += self->n_bit == 0;
      return TRUE;
    }
  if (n == 0)
    {
      n_length = 4;
      if (n_left < 4)
        return FALSE;
      n = get_u32 (self->plain);
    }
  if (n > n_left - n_length)
    return FALSE;
  take_value (self, self->plain + n_length, n);
  self->plain += n_length + n;
  return TRUE;
}

static gboolean
read_key (AttuneParquetColumn *self)
{
  const guint32 key = attune_parquet_runs_next (&self->keys);
  const gsize n = value_bytes (self->leaf);

  if (self->keys.failed)
    return FALSE;
  if (self->encoding == RUNS)
    {
      self->value.number = key;
      return TRUE;
    }
  if (n > 0)
    {
      if (key >= self->dictionary.n / n)
        return FALSE;
      take_value (self, self->dictionary.bytes + key * n, n);
      return TRUE;
    }
  if (key >= self->entries->len)
    return FALSE;
  {
    const guint8 *at = self->dictionary.bytes + g_array_index (self->entries, guint32, key);

    take_value (self, at + 4, get_u32 (at));
  }
  return TRUE;
}

const AttuneParquetValue *
attune_parquet_column_peek (AttuneParquetColumn *self, GError **error)
{
  const AttuneParquetNode *leaf = self->leaf;

  if (self->has_value)
    return &self->value;
  if (self->n_in_page == 0 && self->n_left == 0)
    return NULL;
  if (self->n_in_page == 0 && !next_page (self, error))
    return NULL;
  self->n_in_page--;
  self->value = (AttuneParquetValue) { .rep = 0 };
  if (leaf->max_rep > 0)
    self->value.rep = attune_parquet_runs_next (&self->reps);
  if (leaf->max_def > 0)
    self->value.def = attune_parquet_runs_next (&self->defs);
  if (self->reps.failed || self->defs.failed || self->value.rep > leaf->max_rep
      || self->value.def > leaf->max_def
      || (self->value.def == leaf->max_def
          && !(self->encoding == PLAIN ? read_plain (self) : read_key (self))))
    {
      damaged (self, "is damaged", error);
      return NULL;
    }
  self->has_value = TRUE;
  return &self->value;
}

void
attune_parquet_column_take (AttuneParquetColumn *self)
{
  self->has_value = FALSE;
}
