/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads tables (CSV, TSV, Excel, OpenDocument, Parquet), databases (SQLite, PostgreSQL, and
 * others by ODBC), JSON and JSONL, and documents (text, Markdown, HTML, Word, PDF) and folders of
 * these into records. Streams: a file is never whole in memory. A row or a document that cannot be
 * read is kept aside with its place and reason, never dropped in silence.
 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

#define ATTUNE_DATA_ERROR (attune_data_error_quark ())
typedef enum
{
  ATTUNE_DATA_ERROR_READ,     /* missing, no permission, vanished midway */
  ATTUNE_DATA_ERROR_FORMAT,   /* not such a file, or no row of it can be read */
  ATTUNE_DATA_ERROR_COLUMNS,  /* no column for a needed role */
  ATTUNE_DATA_ERROR_EMPTY,    /* nothing is left */
  ATTUNE_DATA_ERROR_READER,   /* prepared for a model that reads text in another way */
  ATTUNE_DATA_ERROR_VERSION,  /* made by a newer version of Attune */
  ATTUNE_DATA_ERROR_SETTINGS, /* settings that do not go together */
} AttuneDataError;
GQuark attune_data_error_quark (void);

typedef enum
{
  ATTUNE_FIELD_QUESTION,
  ATTUNE_FIELD_ANSWER,
  ATTUNE_FIELD_SYSTEM,
  ATTUNE_FIELD_LABEL,
  ATTUNE_FIELD_GROUP,
  ATTUNE_FIELD_REJECTED, /* a worse answer to the same question */
  ATTUNE_FIELD_DATE,     /* when it is from; see attune_date_parse() */
  ATTUNE_N_FIELDS,
  /* of a column, not of a record: a text that is learned from its beginning to its end. It becomes
   * the answer of a record without a question. */
  ATTUNE_FIELD_TEXT = ATTUNE_N_FIELDS,
  ATTUNE_FIELD_NONE = -1,
} AttuneField;

/* "question", "answer", "system", "label", "group", "rejected", "date", "text". */
const char *attune_field_get_name (AttuneField field);

/* A row as it was found; strings are owned, may be %NULL. */
typedef struct
{
  char *fields[ATTUNE_N_FIELDS];
  guint64 line;   /* of the source, from 1 */
  gint32 source;  /* its number, of a record of a data set */
  gboolean whole; /* its answer is a text that is learned whole: it answers nothing */
} AttuneRecord;
void attune_record_clear (AttuneRecord *record);

typedef struct
{
  guint64 line;
  char *reason; /* a sentence */
  char *text;   /* the start of the row, at most 200 bytes of valid UTF-8 */
} AttuneBadRow;

/* What was guessed of a file, to be shown and corrected before it is read. */
typedef struct
{
  char *path;
  char *format;    /* "csv", "tsv", "json", "jsonl", "parquet", "xlsx", "ods"; "text", "markdown",
                      "html", "docx", "pdf"; "folder": of documents; "data-folder": of a data set's
                      parts; "sqlite", "postgresql", "odbc" */
  char delimiter;  /* for csv */
  char *encoding;  /* "UTF-8", "UTF-16LE", "WINDOWS-1252" … */
  gboolean header; /* the first row names the columns */
  GPtrArray *columns; /* char*: names */
  GArray *roles;      /* AttuneField per column */
  GPtrArray *preview; /* GStrv per row, the first 20 rows */
  /* a person has said the encoding: it is no guess */
  gboolean encoding_said;
  /* of databases, and of the parts of a data set */
  GPtrArray *tables; /* (nullable): char*: that can be chosen */
  char *table;       /* (nullable): that is read */
  char *query;       /* (nullable): that is read instead of a table */
  char *address;     /* (nullable): of a server, with its password; @path is the same without */
} AttuneSource;

/* Whether it is the address of a database, as "postgresql://…" or "odbc:…", and no file. */
gboolean attune_source_is_address (const char *path);
/* Returns: (transfer full): that address with @password, which may be "". */
char *attune_source_join_password (const char *address, const char *password);
/* Looks at the start of a file, or at a database; @path: of the file, or an address. Returns:
 * (transfer full). */
AttuneSource *attune_source_probe (const char *path, GError **error);

/* What a person knows better than the guess. */
typedef struct
{
  const char *format;   /* "csv", "tsv", "json", "jsonl", "text", "markdown"; %NULL: guessed */
  const char *encoding; /* %NULL: guessed */
  char delimiter;       /* of csv; 0: guessed */
  int header;           /* of csv and tsv: 1 yes, 0 no; -1: guessed */
  const char *table;    /* of a database; %NULL: guessed */
  const char *query;    /* of a database: what is read instead of a table */
} AttuneSourceHints;

#define ATTUNE_SOURCE_NO_HINTS ((AttuneSourceHints) { .header = -1 })

/* attune_source_probe(), but held to what @hints says. */
AttuneSource *attune_source_probe_as (const char *path, const AttuneSourceHints *hints,
                                      GError **error);
void attune_source_free (AttuneSource *source);
/* Says that column @name is @field ("term" is the question). */
gboolean attune_source_set_role (AttuneSource *source, const char *column, AttuneField field,
                                 GError **error);
/* The same for the column with that number: names may be there twice. */
void attune_source_set_role_at (AttuneSource *source, guint column, AttuneField field);
/* The first role that a source must have and that no column holds (question, answer), or
 * %ATTUNE_FIELD_NONE where nothing is missing. */
AttuneField attune_source_get_missing_role (const AttuneSource *source);

/* Return FALSE from a callback to stop early. @record and @bad are borrowed for the call. */
typedef gboolean (*AttuneRecordFunc) (const AttuneRecord *record, gpointer data, GError **error);
typedef gboolean (*AttuneBadRowFunc) (const AttuneBadRow *bad, gpointer data, GError **error);

gboolean attune_source_read (const AttuneSource *source, AttuneRecordFunc on_record,
                             AttuneBadRowFunc on_bad, gpointer data, GCancellable *cancellable,
                             GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneSource, attune_source_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneRecord, attune_record_clear)

G_END_DECLS
