/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A file of records: what kind it is, in which encoding, and reading it by its kind.
 */
#include "data/document.h"
#include "data/import-private.h"

#include <string.h>

/* Enough to tell an encoding. */
#define PROBE_BYTES (256 * 1024)
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
  g_free (source);
}

static gboolean
read_failed (const char *path, GError *reason, GError **error)
{
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ, "Could not read “%s”: %s", path,
               reason->message);
  return FALSE;
}

/* Hands @reason on; GIO's own name no file. Returns FALSE. */
static gboolean
hand_on (const char *path, GError *reason, GError **error)
{
  if (reason->domain == G_IO_ERROR && reason->code != G_IO_ERROR_CANCELLED)
    return read_failed (path, reason, error);
  g_propagate_error (error, g_error_copy (reason));
  return FALSE;
}

static gboolean
read_start (const char *path, GString *start, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) reason = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, &reason);
  gsize n = 0;

  if (stream == NULL)
    return read_failed (path, reason, error);
  g_string_set_size (start, PROBE_BYTES);
  if (!g_input_stream_read_all (G_INPUT_STREAM (stream), start->str, PROBE_BYTES, &n, NULL,
                                &reason))
    return read_failed (path, reason, error);
  g_string_set_size (start, n);
  return TRUE;
}

/* Bytes over 127 that are, and that are not, part of a UTF-8 character. */
static void
count_characters (const GString *text, guint *good, guint *bad_bytes)
{
  const char *p = text->str, *end = text->str + text->len;

  *good = *bad_bytes = 0;
  while (p < end)
    {
      const gunichar c = (guchar) *p < 0x80 ? (guchar) *p : g_utf8_get_char_validated (p, end - p);

      if (c == (gunichar) -2) /* cut off at the end of what was read */
        return;
      if (c == (gunichar) -1)
        {
          ++*bad_bytes;
          p++;
        }
      else
        {
          *good += (guchar) *p >= 0x80;
          p = g_utf8_next_char (p);
        }
    }
}

static const char *
guess_encoding (const GString *start)
{
  const guchar *b = (const guchar *) start->str;
  guint good, bad_bytes;

  if (start->len >= 2 && b[0] == 0xff && b[1] == 0xfe)
    return "UTF-16LE";
  if (start->len >= 2 && b[0] == 0xfe && b[1] == 0xff)
    return "UTF-16BE";
  count_characters (start, &good, &bad_bytes);
  /* Western text in an old encoding has many such bytes and no whole UTF-8 characters; a few bad
   * bytes in UTF-8 are bad rows. */
  return bad_bytes > 0 && good < bad_bytes ? "WINDOWS-1252" : "UTF-8";
}

const char *
attune_source_guess_encoding (const char *path, GError **error)
{
  g_autoptr (GString) start = g_string_new (NULL);

  return read_start (path, start, error) ? guess_encoding (start) : NULL;
}

GInputStream *
attune_source_open_text (const char *path, const char *encoding, GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) reason = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, &reason);
  g_autoptr (GCharsetConverter) converter = NULL;
  guchar mark[3] = { 0 };
  gsize n = 0;

  if (stream == NULL)
    {
      hand_on (path, reason, error);
      return NULL;
    }
  /* a byte order mark is no text */
  if (g_input_stream_read_all (G_INPUT_STREAM (stream), mark, 3, &n, cancellable, NULL))
    {
      const gboolean wide
          = n >= 2 && g_str_has_prefix (encoding, "UTF-16")
            && (memcmp (mark, "\xff\xfe", 2) == 0 || memcmp (mark, "\xfe\xff", 2) == 0);
      const goffset skip = n == 3 && memcmp (mark, "\xef\xbb\xbf", 3) == 0 ? 3 : wide ? 2 : 0;

      g_seekable_seek (G_SEEKABLE (stream), skip, G_SEEK_SET, cancellable, NULL);
    }
  if (g_str_equal (encoding, "UTF-8"))
    return G_INPUT_STREAM (g_steal_pointer (&stream));
  converter = g_charset_converter_new ("UTF-8", encoding, error);
  if (converter == NULL)
    return NULL;
  g_charset_converter_set_use_fallback (converter, TRUE);
  return g_converter_input_stream_new (G_INPUT_STREAM (stream), G_CONVERTER (converter));
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
  } kinds[] = { { "PK\003\004", "a ZIP or Office file of another kind" },
                { "\xd0\xcf\x11\xe0", "an old Excel file or one with a password" },
                { "%PDF", "a PDF file under another name" },
                { "GGUF", "a model" },
                { "\x89HDF", "an HDF5 file" },
                { "\x1f\x8b", "a compressed file" },
                { "SQLite format 3", "a database" },
                { "PAR1", "a Parquet file" } };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (start->len >= strlen (kinds[i].magic)
        && memcmp (start->str, kinds[i].magic, strlen (kinds[i].magic)) == 0)
      return kinds[i].name;
  return NULL;
}

static gboolean
is_sheet (const char *format)
{
  return g_str_equal (format, "xlsx") || g_str_equal (format, "ods");
}

static gboolean
is_packed (const char *format)
{
  return g_str_equal (format, "docx") || g_str_equal (format, "pdf");
}

/* Spreadsheets say themselves what they are: there is nothing to hint but the header. Takes
 * @owned. */
static AttuneSource *
probe_sheet (AttuneSource *owned, const AttuneSourceHints *hints, const GString *start,
             GError **error)
{
  g_autoptr (AttuneSource) source = owned;

  source->encoding = g_strdup ("UTF-8");
  source->format = g_strdup (guess_format (source->path, start));
  return attune_sheet_probe (source, hints, error) ? g_steal_pointer (&source) : NULL;
}

/* Documents whose text is not at hand, and folders of them. Takes @owned. */
static AttuneSource *
probe_document (AttuneSource *owned, const char *format, GError **error)
{
  g_autoptr (AttuneSource) source = owned;

  source->encoding = g_strdup ("UTF-8");
  source->format = g_strdup (format);
  return attune_document_probe (source, error) ? g_steal_pointer (&source) : NULL;
}

/* What names itself: the name says the kind and the first bytes agree. */
static const char *
packed_format (const char *path, const GString *start)
{
  const char *format = attune_document_guess_format (path);

  if (g_strcmp0 (format, "docx") == 0 && g_str_has_prefix (start->str, "PK\003\004"))
    return format;
  return g_strcmp0 (format, "pdf") == 0 && memmem (start->str, MIN (start->len, 1024), "%PDF", 4)
             ? format
             : NULL;
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
  g_autoptr (GString) start = g_string_new (NULL);
  g_autoptr (GError) reason = NULL;

  source->path = g_strdup (path);
  source->columns = g_ptr_array_new_with_free_func (g_free);
  source->roles = g_array_new (FALSE, TRUE, sizeof (AttuneField));
  source->preview = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return probe_document (g_steal_pointer (&source), "folder", error);
  if (!read_start (path, start, error))
    return NULL;
  if (start->len == 0)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY, "“%s” is empty.", path);
      return NULL;
    }
  if (is_sheet (guess_format (path, start)) && g_str_has_prefix (start->str, "PK\003\004"))
    return probe_sheet (g_steal_pointer (&source), hints, start, error);
  if (packed_format (path, start) != NULL)
    return probe_document (g_steal_pointer (&source), packed_format (path, start), error);
  if (known_binary (start) != NULL)
    {
      g_set_error (
          error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
          "“%s” is %s. Attune reads Excel (.xlsx), OpenDocument (.ods), CSV, TSV, JSON and "
          "JSONL files, and documents: text, Markdown, HTML, Word (.docx) and PDF. Save it as one "
          "of these.",
          path, known_binary (start));
      return NULL;
    }
  if (is_sheet (guess_format (path, start)))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                   "“%s” is called a spreadsheet, but it is none. Is it a table of text? Then give "
                   "it a name that ends in .csv.",
                   path);
      return NULL;
    }
  source->encoding_said = hints->encoding != NULL;
  source->encoding = g_strdup (hints->encoding != NULL ? hints->encoding : guess_encoding (start));
  source->format = g_strdup (hints->format != NULL ? hints->format : guess_format (path, start));
  if (is_packed (source->format))
    {
      g_set_error (
          error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
          "“%s” is called a Word or PDF file, but it is none. Is it a text? Then give it a "
          "name that ends in .txt.",
          path);
      return NULL;
    }
  if (g_str_has_prefix (source->format, "json")    ? attune_json_probe (source, &reason)
      : attune_document_is_format (source->format) ? attune_document_probe (source, &reason)
                                                   : attune_csv_probe (source, hints, &reason))
    return g_steal_pointer (&source);
  hand_on (path, reason, error);
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
  if (is_sheet (source->format)                   ? attune_sheet_read (&reading, &reason)
      : g_str_has_prefix (source->format, "json") ? attune_json_read (&reading, &reason)
      : g_str_equal (source->format, "folder") || attune_document_is_format (source->format)
          ? attune_documents_read (&reading, &reason)
          : attune_csv_read (&reading, &reason))
    return TRUE;
  return hand_on (source->path, reason, error);
}
