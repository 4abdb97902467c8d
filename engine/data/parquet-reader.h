/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What reads the rows of a Parquet file. Private to the two files that do.
 */
#pragma once
#include "data/parquet-text.h"

G_BEGIN_DECLS

typedef struct
{
  AttuneParquetFile *file;
  AttuneParquetColumn **columns; /* per leaf; %NULL: not used */
  gboolean *used;                /* per child of the root */
  gboolean *wanted;              /* the same: a person has said what it is */
  guint group;                   /* the next one */
  gint64 n_left;                 /* rows of the one at hand */
  gboolean nested;
  GString *text;      /* of the row or value at hand */
  gboolean at_wanted; /* of the column at hand */
  const char *fault;  /* (nullable): why the row at hand cannot be learned; static */
} AttuneParquetReader;

/* The leaf's next value; %NULL with @error. */
const AttuneParquetValue *attune_parquet_reader_peek (AttuneParquetReader *self, guint leaf,
                                                      GError **error);
/* The row at hand as JSON, into the text. */
gboolean attune_parquet_read_nested_row (AttuneParquetReader *self, GError **error);

static inline AttuneParquetNode *
attune_parquet_child (const AttuneParquetNode *node, guint i)
{
  return node->children->pdata[i];
}

G_END_DECLS
