/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A column of a row group of a Parquet file, and the page of it that is in memory. Private to the
 * two files that read it.
 */
#pragma once
#include "data/parquet-private.h"

G_BEGIN_DECLS

enum
{
  PLAIN = 0,
  PLAIN_DICTIONARY = 2,
  RUNS = 3,
  DICTIONARY = 8,
};

struct _AttuneParquetColumn
{
  AttuneParquetFile *file;
  const AttuneParquetNode *leaf;
  AttuneParquetChunk chunk;
  guint64 at, end;  /* of the chunk, in the file */
  gint64 n_left;    /* values of the chunk that no page has had */
  gint64 n_in_page; /* values of the page */
  gint64 encoding;
  AttuneParquetBytes page, dictionary;
  AttuneParquetBytes entries; /* guint32: where each of the dictionary begins */
  gsize n_entries;
  AttuneParquetRuns reps, defs, keys;
  const guint8 *plain, *plain_end;
  guint n_bit; /* of a plain boolean */
  AttuneParquetValue value;
  gboolean has_value;
  GError *fault; /* nothing is read after it */
};

/* Goes on to a page that has values. */
gboolean attune_parquet_column_next_page (AttuneParquetColumn *self, GError **error);
/* Returns: FALSE. @what: goes on "its column “NAME” " */
gboolean attune_parquet_column_damaged (const AttuneParquetColumn *self, const char *what,
                                        GError **error);
/* The number at @p, which need not be aligned. */
guint32 attune_parquet_get_u32 (const guint8 *p);

G_END_DECLS
