/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file of records: what kind it is, in which encoding, and reading it by its kind.
 */
#include "data/document.h"
#include "data/folder.h"
#include "data/import-private.h"
#include "data/sql.h"

#include <string.h>

/* Of a bad row. */
#define SHOWN_BYTES 200

void
attune_source_free (AttuneSource *source)
{
  if (source == NULL)
    return;
  g_free (source->path);
  g_free (source->format);
  g_free (source->encoding);
  g_ptr_array_unref (source->columns);
  g_array_unref (source->roles);
  if (source->preview != NULL)
    g_ptr_array_unref (source->preview);
  if (source->tables != NULL)
    g_ptr_array_unref (source->tables);
  g_free (source->table);
  g_free (source->query);
  g_free (source->address);
  g_free (source);
}

/* Whether the first line of what is called a text names columns that we know, as a table's does. */
static gboolean
looks_like_table (const char *start)
{
  g_autofree char *line = g_strndup (start, strcspn (start, "\r\n"));
  g_auto (GStrv) names = g_strsplit_set (line, ",;\t|", 64);
  guint n_known = 0;

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *name = g_strdup (g_strdelimit (g_strstrip (names[i]), "\"", ' '));

      n_known += attune_field_guess (g_strstrip (name)) != ATTUNE_FIELD_NONE;
    }
  return n_known >= 2 || strchr (line, '\t') != NULL;
}

/* Whether a text that begins with a bracket or brace goes on as records do: many a text begins with
 * "[1]" or "{name}". */
static gboolean
looks_like_json (const char *start)
{
  const char *p = start + 1;

  while (g_ascii_isspace (*p))
    p++;
  return *start == '[' ? *p == '{' || *p == ']' : *start == '{' && (*p == '"' || *p == '}');
}

/* The kind by the file's name, else by its first character. */
static const char *
guess_format (const char *path, const GString *start)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);
  const char *document = attune_document_guess_format (path);
  const char *p = start->str + (g_str_has_prefix (start->str, "\xef\xbb\xbf") ? 3 : 0);

  if (g_str_has_suffix (lower, ".jsonl") || g_str_has_suffix (lower, ".ndjson"))
    return "jsonl";
  if (g_str_has_suffix (lower, ".json"))
    return "json";
  if (g_str_has_suffix (lower, ".xlsx") || g_str_has_suffix (lower, ".xlsm"))
    return "xlsx";
  if (g_str_has_suffix (lower, ".ods"))
    return "ods";
  if (g_str_has_suffix (lower, ".parquet"))
    return "parquet";
  if (g_str_has_suffix (lower, ".sqlite") || g_str_has_suffix (lower, ".sqlite3")
      || g_str_has_suffix (lower, ".db"))
    return "sqlite";
  if (g_str_has_suffix (lower, ".csv") || g_str_has_suffix (lower, ".tsv")
      || g_str_has_suffix (lower, ".tab"))
    return "csv";
  if (document != NULL && !g_str_equal (document, "text"))
    return document;
  while (g_ascii_isspace (*p))
    p++;
  if ((*p == '{' || *p == '[') && (document == NULL || looks_like_json (p)))
    return *p == '{' ? "jsonl" : "json";
  return document != NULL && !looks_like_table (p) ? document : "csv";
}

/* What is plainly something else is said to be, instead of being read as one strange column. */
static const char *
known_binary (const GString *start)
{
  static const struct
  {
    const char *magic, *name;
  } binaries[] = { { "PK\003\004", "a ZIP or Office file of another kind" },
                   { "\xd0\xcf\x11\xe0", "an old Excel file or one with a password" },
                   { "%PDF", "a PDF file under another name" },
                   { "GGUF", "a model" },
                   { "\x89HDF", "an HDF5 file" },
                   { "\x1f\x8b", "a compressed file" } };

  for (guint i = 0; i < G_N_ELEMENTS (binaries); i++)
    if (start->len >= strlen (binaries[i].magic)
        && memcmp (start->str, binaries[i].magic, strlen (binaries[i].magic)) == 0)
      return binaries[i].name;
  return NULL;
}

static gboolean
is_sheet (const char *format)
{
  return g_str_equal (format, "xlsx") || g_str_equal (format, "ods");
}

/* How each kind is looked at and read. */
typedef struct
{
  const char *format;
  gboolean (*probe) (AttuneSource *source, const AttuneSourceHints *hints, GError **error);
  gboolean (*read) (const AttuneReading *reading, GError **error);
} Kind;

static const Kind kinds[] = {
  { "csv", attune_csv_probe, attune_csv_read },
  { "tsv", attune_csv_probe, attune_csv_read },
  { "json", attune_json_probe, attune_json_read },
  { "jsonl", attune_json_probe, attune_json_read },
  { "xlsx", attune_sheet_probe, attune_sheet_read },
  { "ods", attune_sheet_probe, attune_sheet_read },
  { "parquet", attune_parquet_probe, attune_parquet_read },
  { "sqlite", attune_sql_probe, attune_sql_read },
  { "postgresql", attune_sql_probe, attune_sql_read },
  { "odbc", attune_sql_probe, attune_sql_read },
  { "text", attune_document_probe, attune_documents_read },
  { "markdown", attune_document_probe, attune_documents_read },
  { "html", attune_document_probe, attune_documents_read },
  { "docx", attune_document_probe, attune_documents_read },
  { "pdf", attune_document_probe, attune_documents_read },
  { "folder", attune_document_probe, attune_documents_read },
  { "data-folder", attune_data_folder_probe, attune_data_folder_read },
};

static const Kind *
find_kind (const char *format)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (kinds[i].format, format) == 0)
      return &kinds[i];
  return &kinds[0];
}

/* What says itself how it is to be read: the name says the kind and the first bytes agree; of a
 * database these say it alone. %NULL: something else. */
static const char *
packed_format (const char *path, const GString *start)
{
  const char *format = guess_format (path, start);
  const gboolean is_zip = g_str_has_prefix (start->str, "PK\003\004");

  if (start->len >= 16 && memcmp (start->str, "SQLite format 3", 16) == 0)
    return "sqlite";
  if (g_str_has_prefix (start->str, "PAR1"))
    return "parquet";
  if (is_zip && (is_sheet (format) || g_str_equal (format, "docx")))
    return format;
  return g_str_equal (format, "pdf") && memmem (start->str, MIN (start->len, 1024), "%PDF", 4)
             ? format
             : NULL;
}

/* What is not what it is called, or nothing that is read. */
static gboolean
check_start (const char *path, const char *format, const GString *start, GError **error)
{
  if (start->len == 0)
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY, "“%s” is empty.", path);
  else if (known_binary (start) != NULL)
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                 "“%s” is %s. Attune reads Excel (.xlsx), OpenDocument (.ods), CSV, TSV, JSON and "
                 "JSONL and Parquet files, SQLite databases, and documents: text, Markdown, HTML, "
                 "Word (.docx) and "
                 "PDF. Save it as one of these.",
                 path, known_binary (start));
  else if (is_sheet (format))
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                 "“%s” is called a spreadsheet, but it is none. Is it a table of text? Then give "
                 "it a name that ends in .csv.",
                 path);
  else if (g_str_equal (format, "docx") || g_str_equal (format, "pdf"))
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                 "“%s” is called a Word or PDF file, but it is none. Is it a text? Then give it a "
                 "name that ends in .txt.",
                 path);
  else if (g_str_equal (format, "parquet"))
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                 "“%s” is called a Parquet file, but it is none.%s", path,
                 g_str_has_prefix (start->str, "version https://git-lfs")
                     ? " It is a note where to fetch it; fetch it with Git LFS."
                     : "");
  else if (g_str_equal (format, "sqlite"))
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                 "“%s” is called a database, but it is none that can be read: it is damaged, or "
                 "has a password.",
                 path);
  else
    return TRUE;
  return FALSE;
}

/* What kind it is, and in which encoding. */
static gboolean
tell_kind (AttuneSource *source, const AttuneSourceHints *hints, GError **error)
{
  g_autoptr (GString) start = g_string_new (NULL);
  const char *format = NULL, *encoding = "UTF-8";

  if (attune_postgresql_is_address (source->path))
    format = "postgresql";
  else if (attune_odbc_is_address (source->path))
    format = "odbc";
  else if (g_file_test (source->path, G_FILE_TEST_IS_DIR))
    {
      g_autoptr (GPtrArray) files = attune_data_folder_list (source->path);

      format = files != NULL ? "data-folder" : "folder";
    }
  else if (!attune_source_read_start (source->path, start, error))
    return FALSE;
  else
    format = packed_format (source->path, start);
  if (format == NULL)
    {
      format = hints->format != NULL ? hints->format : guess_format (source->path, start);
      source->encoding_said = hints->encoding != NULL;
      encoding
          = hints->encoding != NULL ? hints->encoding : attune_source_guess_encoding_of (start);
      if (!check_start (source->path, guess_format (source->path, start), start, error))
        return FALSE;
    }
  source->encoding = g_strdup (encoding);
  source->format = g_strdup (format);
  return TRUE;
}

AttuneSource *
attune_source_probe (const char *path, GError **error)
{
  return attune_source_probe_as (path, &ATTUNE_SOURCE_NO_HINTS, error);
}

AttuneSource *
attune_source_probe_as (const char *path, const AttuneSourceHints *hints, GError **error)
{
  g_autoptr (AttuneSource) source = g_new0 (AttuneSource, 1);
  g_autoptr (GError) reason = NULL;

  source->path = g_strdup (path);
  source->columns = g_ptr_array_new_with_free_func (g_free);
  source->roles = g_array_new (FALSE, TRUE, sizeof (AttuneField));
  source->preview = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  if (!tell_kind (source, hints, error))
    return NULL;
  if (find_kind (source->format)->probe (source, hints, &reason))
    return g_steal_pointer (&source);
  attune_source_hand_on (path, reason, error);
  return NULL;
}

gboolean
attune_reading_bad (const AttuneReading *reading, guint64 line, const char *text, gsize n,
                    const char *reason, GError **error)
{
  g_autofree char *shown = g_utf8_make_valid (text, MIN (n, SHOWN_BYTES));
  const AttuneBadRow row = { .line = line, .reason = (char *) reason, .text = shown };

  if (strlen (shown) > SHOWN_BYTES) /* each byte that is no character has become three */
    *g_utf8_find_prev_char (shown, shown + SHOWN_BYTES + 1) = '\0';
  g_strdelimit (shown, "\r\n", ' ');
  return reading->on_bad == NULL || reading->on_bad (&row, reading->data, error);
}

gboolean
attune_source_read (const AttuneSource *source, AttuneRecordFunc on_record, AttuneBadRowFunc on_bad,
                    gpointer data, GCancellable *cancellable, GError **error)
{
  return attune_source_read_with (NULL, source, on_record, on_bad, data, cancellable, error);
}

gboolean
attune_source_read_with (AttunePool *pool, const AttuneSource *source, AttuneRecordFunc on_record,
                         AttuneBadRowFunc on_bad, gpointer data, GCancellable *cancellable,
                         GError **error)
{
  const AttuneReading reading = { source, on_record, on_bad, data, cancellable, pool };
  g_autoptr (GError) reason = NULL;

  if (!attune_source_check_roles (source, error))
    return FALSE;
  if (find_kind (source->format)->read (&reading, &reason))
    return TRUE;
  return attune_source_hand_on (source->path, reason, error);
}
