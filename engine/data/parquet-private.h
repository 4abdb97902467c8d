/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Apache Parquet, as far as tables of texts and numbers need it: its footer, its pages and rows
 * assembled from them. Debian packages no reader that could be linked (neither Arrow nor DuckDB).
 * Format: parquet.thrift and Encodings.md of apache/parquet-format 2.11. Private to data/.
 */
#pragma once
#include "data/import-private.h"

G_BEGIN_DECLS

/* --- Thrift's compact protocol, of bytes that nobody vouches for */

typedef struct
{
  const guint8 *at, *end;
  gboolean failed; /* all that is read from then on is 0 */
} AttuneThrift;

typedef enum
{
  ATTUNE_THRIFT_STOP,
  ATTUNE_THRIFT_TRUE,
  ATTUNE_THRIFT_FALSE,
  ATTUNE_THRIFT_BYTE,
  ATTUNE_THRIFT_I16,
  ATTUNE_THRIFT_I32,
  ATTUNE_THRIFT_I64,
  ATTUNE_THRIFT_DOUBLE,
  ATTUNE_THRIFT_BINARY,
  ATTUNE_THRIFT_LIST,
  ATTUNE_THRIFT_SET,
  ATTUNE_THRIFT_MAP,
  ATTUNE_THRIFT_STRUCT,
} AttuneThriftType;

guint64 attune_thrift_varint (AttuneThrift *self);
gint64 attune_thrift_int (AttuneThrift *self);
/* The next field of a struct. @id: (inout): 0 before the first */
AttuneThriftType attune_thrift_field (AttuneThrift *self, gint64 *id);
/* Returns: how many elements follow. */
guint64 attune_thrift_list (AttuneThrift *self);
/* Returns: (transfer full): a text; what is no UTF-8 is replaced. */
char *attune_thrift_text (AttuneThrift *self);
void attune_thrift_skip (AttuneThrift *self, AttuneThriftType type);

/* --- the footer */

typedef enum
{
  ATTUNE_PARQUET_BOOLEAN,
  ATTUNE_PARQUET_INT32,
  ATTUNE_PARQUET_INT64,
  ATTUNE_PARQUET_INT96,
  ATTUNE_PARQUET_FLOAT,
  ATTUNE_PARQUET_DOUBLE,
  ATTUNE_PARQUET_BYTES,
  ATTUNE_PARQUET_FIXED,
} AttuneParquetType;

/* What the bits of a value mean beyond its type. */
typedef enum
{
  ATTUNE_PARQUET_PLAIN,
  ATTUNE_PARQUET_TEXT,
  ATTUNE_PARQUET_UNSIGNED,
  ATTUNE_PARQUET_DATE,
  ATTUNE_PARQUET_TIME, /* a point in time, by the unit */
  ATTUNE_PARQUET_DECIMAL,
  ATTUNE_PARQUET_LIST,
} AttuneParquetMeaning;

typedef struct _AttuneParquetNode AttuneParquetNode;
struct _AttuneParquetNode
{
  char *name;
  gint64 type, length, repetition; /* 0 required, 1 optional, 2 repeated */
  gint64 scale, unit;              /* of decimals; per second, of times */
  AttuneParquetMeaning meaning;
  guint n_children;
  GPtrArray *children; /* AttuneParquetNode* */
  int max_def, max_rep;
  guint leaf;     /* of a leaf: its number; else that of the first in it */
  guint end_leaf; /* the one behind its last */
  gboolean is_leaf;
};

/* A column of a row group. */
typedef struct
{
  gint64 codec, n_values, start, bytes;
} AttuneParquetChunk;

typedef struct
{
  gint64 n_rows;
  AttuneParquetChunk *chunks; /* per leaf */
} AttuneParquetGroup;

typedef struct
{
  guint8 *bytes;
  gsize n, n_allocated;
} AttuneParquetBytes;

typedef struct
{
  int fd;
  guint64 bytes; /* of the file */
  const char *path;
  AttuneParquetNode *root;
  GPtrArray *leaves;         /* AttuneParquetNode*, borrowed */
  GPtrArray *groups;         /* AttuneParquetGroup* */
  AttuneParquetBytes packed; /* the page that is being read, of whichever column */
  gsize n_held;              /* bytes that its pages take in memory */
} AttuneParquetFile;

/* The next element and all that is in it, levels as they add up; @n_left: (inout): elements;
 * @parent: (nullable): of the root. Returns: (transfer full): %NULL: damaged. */
AttuneParquetNode *attune_parquet_read_tree (AttuneParquetFile *self, AttuneThrift *t,
                                             guint64 *n_left, const AttuneParquetNode *parent,
                                             int depth);
void attune_parquet_node_free (gpointer node);

AttuneParquetFile *attune_parquet_open (const char *path, GError **error);
void attune_parquet_close (AttuneParquetFile *self);
/* Returns: FALSE. @what: goes on "“PATH” cannot be read: " */
gboolean attune_parquet_damaged (const AttuneParquetFile *self, const char *what, GError **error);
/* Makes room for @n bytes; what was there is lost. Returns: FALSE where the file would take more
 * memory than any table does. */
gboolean attune_parquet_bytes_grow (AttuneParquetFile *self, AttuneParquetBytes *bytes, gsize n,
                                    GError **error);
void attune_parquet_bytes_clear (AttuneParquetFile *self, AttuneParquetBytes *bytes);
gboolean attune_parquet_read_at (const AttuneParquetFile *self, guint64 at, gsize n, guint8 *to,
                                 GError **error);

/* --- the values of a column of a row group, one by one */

typedef struct _AttuneParquetColumn AttuneParquetColumn;

typedef struct
{
  int rep, def;     /* levels; of a value that is there @def is the leaf's max_def */
  gint64 number;    /* of whole numbers and booleans */
  double real;      /* of FLOAT and DOUBLE */
  const char *text; /* of bytes; borrowed until the next value */
  gsize n;
} AttuneParquetValue;

AttuneParquetColumn *attune_parquet_column_new (AttuneParquetFile *file, guint leaf,
                                                const AttuneParquetChunk *chunk);
void attune_parquet_column_free (AttuneParquetColumn *self);
/* The next value, which stays until it is taken; %NULL at the end, or with @error, which is the
 * same from then on. */
const AttuneParquetValue *attune_parquet_column_peek (AttuneParquetColumn *self, GError **error);
void attune_parquet_column_take (AttuneParquetColumn *self);

/* Unpacks a page. @to: gets exactly @n_to bytes. */
gboolean attune_parquet_unpack (gint64 codec, const guint8 *from, gsize n_from, guint8 *to,
                                gsize n_to);
/* Whether that can be unpacked. */
gboolean attune_parquet_knows_codec (gint64 codec);

/* Runs and packed bits (Encodings.md, "RLE/bit-packing hybrid"), value by value. */
typedef struct
{
  const guint8 *at, *end;
  int width;      /* bits, 0 … 32 */
  guint64 n_run;  /* of the same value */
  guint64 n_bits; /* values that are packed */
  guint64 buffer; /* bits that have been read */
  int n_buffer;
  guint32 value;
  gboolean failed; /* the values have ended */
} AttuneParquetRuns;
guint32 attune_parquet_runs_next (AttuneParquetRuns *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneParquetFile, attune_parquet_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneParquetColumn, attune_parquet_column_free)

G_END_DECLS
