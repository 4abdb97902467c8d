/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the readers of data/ share.
 */
#pragma once
#include "core/threads.h"
#include "data/import.h"

G_BEGIN_DECLS

/* A field longer than this is no text that a model could read: the row is kept aside. */
#define ATTUNE_MAX_FIELD_BYTES (1u << 20)
/* The same of a whole row. */
#define ATTUNE_MAX_ROW_BYTES (4u << 20)

AttuneField attune_field_guess (const char *column);
void attune_source_guess_roles (AttuneSource *source);
/* Where the text of a column with that role goes; a text that is learned whole makes the record one
 * of these. */
char **attune_record_find (AttuneRecord *record, AttuneField role);
/* Question and answer must have a column, or a text that is learned whole. */
gboolean attune_source_check_roles (const AttuneSource *source, GError **error);

/* Says that the file could not be read. Returns FALSE. */
gboolean attune_source_fail_read (const char *path, GError *reason, GError **error);
/* Hands @reason on; GIO's own name no file. Returns FALSE. */
gboolean attune_source_hand_on (const char *path, GError *reason, GError **error);
/* As much of the file's start as tells its kind and encoding. */
gboolean attune_source_read_start (const char *path, GString *start, GError **error);
/* Its encoding. Static. */
const char *attune_source_guess_encoding_of (const GString *start);
/* The encoding of a file of text, by its start. Static; %NULL with @error. */
const char *attune_source_guess_encoding (const char *path, GError **error);
/* Opens the file and converts it to UTF-8 by @encoding. Returns: (transfer full). */
GInputStream *attune_source_open_text (const char *path, const char *encoding,
                                       GCancellable *cancellable, GError **error);

/* What a reader calls, with the callbacks of attune_source_read(). */
typedef struct
{
  const AttuneSource *source;
  AttuneRecordFunc on_record;
  AttuneBadRowFunc on_bad;
  gpointer data;
  GCancellable *cancellable;
  AttunePool *pool; /* (nullable): idle threads */
} AttuneReading;

/* attune_source_read() with these threads. */
gboolean attune_source_read_with (AttunePool *pool, const AttuneSource *source,
                                  AttuneRecordFunc on_record, AttuneBadRowFunc on_bad,
                                  gpointer data, GCancellable *cancellable, GError **error);

/* Reports a bad row; takes the first bytes of @text (length @n, maybe invalid). */
gboolean attune_reading_bad (const AttuneReading *reading, guint64 line, const char *text, gsize n,
                             const char *reason, GError **error);

gboolean attune_csv_read (const AttuneReading *reading, GError **error);
gboolean attune_json_read (const AttuneReading *reading, GError **error);
gboolean attune_sheet_read (const AttuneReading *reading, GError **error);
gboolean attune_documents_read (const AttuneReading *reading, GError **error);
gboolean attune_parquet_read (const AttuneReading *reading, GError **error);
gboolean attune_data_folder_read (const AttuneReading *reading, GError **error);
gboolean attune_sql_read (const AttuneReading *reading, GError **error);
/* A row of a table as a record, or as a bad row where it has another number of columns; @text: the
 * row as it is shown then, @n bytes. */
gboolean attune_table_give (const AttuneReading *reading, GPtrArray *fields, guint64 line,
                            const char *text, gsize n, GError **error);

/* A row of a table that names and types its columns itself. */
typedef struct
{
  GPtrArray *fields;   /* char* */
  gsize bytes;         /* of all of them */
  guint64 line;        /* its number, from 1 */
  char *reason;        /* (nullable): a sentence: why it cannot be read */
  const GArray *roles; /* (nullable): of the columns: what is not used harms no row; borrowed */
} AttuneTableRow;
/* @roles: (nullable): %NULL: the row is only looked at */
void attune_table_row_init (AttuneTableRow *self, const GArray *roles);
void attune_table_row_clear (AttuneTableRow *self);
/* The next row. */
void attune_table_row_begin (AttuneTableRow *self);
/* Its next column: @n bytes that should be text in UTF-8; where they are none, the row is kept
 * aside. */
void attune_table_row_add (AttuneTableRow *self, const char *text, gsize n);
/* The next column is there, but not as text; the first reason stays. @reason: (transfer full). */
void attune_table_row_refuse (AttuneTableRow *self, char *reason);
gboolean attune_table_row_give (AttuneTableRow *self, const AttuneReading *reading, GError **error);
/* Keeps the row in the preview. */
void attune_table_row_show (const AttuneTableRow *self, AttuneSource *source);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneTableRow, attune_table_row_clear)

/* As many as a person can look at before choosing. */
#define ATTUNE_PREVIEW_ROWS 20

/* Fills columns and preview from the start of the file. */
gboolean attune_csv_probe (AttuneSource *source, const AttuneSourceHints *hints, GError **error);
gboolean attune_json_probe (AttuneSource *source, const AttuneSourceHints *hints, GError **error);
gboolean attune_document_probe (AttuneSource *source, const AttuneSourceHints *hints,
                                GError **error);
gboolean attune_sheet_probe (AttuneSource *source, const AttuneSourceHints *hints, GError **error);
gboolean attune_parquet_probe (AttuneSource *source, const AttuneSourceHints *hints,
                               GError **error);
/* Chooses the part or the table, too. */
gboolean attune_data_folder_probe (AttuneSource *source, const AttuneSourceHints *hints,
                                   GError **error);
gboolean attune_sql_probe (AttuneSource *source, const AttuneSourceHints *hints, GError **error);
/* Takes the first rows of a table (GStrv): the names, or as many columns, and the preview. */
gboolean attune_table_adopt (AttuneSource *source, GPtrArray *rows, guint n_preview,
                             const AttuneSourceHints *hints, GError **error);

G_END_DECLS
