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
/* A row of a table as a record, or as a bad row where it has another number of columns; @text: the
 * row as it is shown then, @n bytes. */
gboolean attune_table_give (const AttuneReading *reading, GPtrArray *fields, guint64 line,
                            const char *text, gsize n, GError **error);

/* Fills columns and preview from the start of the file. */
gboolean attune_csv_probe (AttuneSource *source, const AttuneSourceHints *hints, GError **error);
gboolean attune_json_probe (AttuneSource *source, GError **error);
gboolean attune_document_probe (AttuneSource *source, GError **error);
gboolean attune_sheet_probe (AttuneSource *source, const AttuneSourceHints *hints, GError **error);
/* Takes the first rows of a table (GStrv): the names, or as many columns, and the preview. */
gboolean attune_table_adopt (AttuneSource *source, GPtrArray *rows, guint n_preview,
                             const AttuneSourceHints *hints, GError **error);

G_END_DECLS
