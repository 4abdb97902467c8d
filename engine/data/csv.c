/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * CSV and TSV: guessing the delimiter and the header, and reading rows as records.
 */
#include "data/csv-reader.h"
#include "data/import-private.h"

#include <string.h>

#define PREVIEW_ROWS 20

static GPtrArray *
new_fields (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

static char **
steal_row (GPtrArray *fields)
{
  char **row = g_new0 (char *, fields->len + 1);

  for (guint i = 0; i < fields->len; i++)
    row[i] = g_steal_pointer (&fields->pdata[i]);
  return row;
}

/* The first good rows, as GStrv. */
static GPtrArray *
first_rows (const AttuneSource *source, char delimiter, GError **error)
{
  g_autoptr (GInputStream) stream
      = attune_source_open_text (source->path, source->encoding, NULL, error);
  g_autoptr (AttuneCsvReader) reader
      = stream != NULL ? attune_csv_reader_new (stream, delimiter) : NULL;
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev),
                        fields = new_fields ();

  if (reader == NULL)
    return NULL;
  while (rows->len <= PREVIEW_ROWS)
    {
      const char *reason;
      const GString *text;
      guint64 line;
      const AttuneCsvResult result
          = attune_csv_reader_next (reader, fields, &line, &reason, &text, NULL, error);

      if (result == ATTUNE_CSV_ERROR)
        return NULL;
      if (result == ATTUNE_CSV_END)
        return g_steal_pointer (&rows);
      if (result == ATTUNE_CSV_ROW)
        g_ptr_array_add (rows, steal_row (fields));
    }
  return g_steal_pointer (&rows);
}

/* How well @rows hang together: rows of the commonest width, if that is more than one column. */
static guint
score (const GPtrArray *rows)
{
  guint best = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const guint width = g_strv_length (g_ptr_array_index (rows, i));
      guint same = 0;

      for (guint j = 0; j < rows->len; j++)
        same += g_strv_length (g_ptr_array_index (rows, j)) == width;
      if (width > 1)
        best = MAX (best, same * 16 + MIN (width, 15)); /* consistency first, then more columns */
    }
  return best;
}

/* A first row of names: one of them is known, or all are short and none is a number or empty. */
static gboolean
looks_like_header (char **row)
{
  gboolean all_short = row[0] != NULL;

  for (int i = 0; row[i] != NULL; i++)
    {
      if (attune_field_guess (row[i]) != ATTUNE_FIELD_NONE)
        return TRUE;
      all_short = all_short && row[i][0] != '\0' && g_utf8_strlen (row[i], -1) <= 24
                  && strpbrk (row[i], "?.!") == NULL && !g_ascii_isdigit (row[i][0]);
    }
  return all_short;
}

/* Which delimiters may be tried. */
static const char *
choose_delimiters (const AttuneSourceHints *hints, char *one)
{
  one[0] = g_strcmp0 (hints->format, "tsv") == 0 ? '\t' : hints->delimiter;
  one[1] = '\0';
  return one[0] != '\0' ? one : ",;\t|";
}

gboolean
attune_csv_probe (AttuneSource *source, const AttuneSourceHints *hints, GError **error)
{
  char one[2];
  const char *delimiters = choose_delimiters (hints, one);
  g_autoptr (GPtrArray) best = NULL;
  guint best_score = 0;
  char **head;

  for (int i = 0; delimiters[i] != '\0'; i++)
    {
      g_autoptr (GPtrArray) rows = first_rows (source, delimiters[i], error);

      if (rows == NULL)
        return FALSE;
      if (best == NULL || score (rows) > best_score)
        {
          best_score = score (rows);
          source->delimiter = delimiters[i];
          g_clear_pointer (&best, g_ptr_array_unref);
          best = g_steal_pointer (&rows);
        }
    }
  if (best->len == 0)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                   "“%s” holds no row that can be read.", source->path);
      return FALSE;
    }
  if (source->delimiter == '\t')
    g_set_str (&source->format, "tsv");
  head = g_ptr_array_index (best, 0);
  source->header = hints->header >= 0 ? hints->header : looks_like_header (head);
  for (int i = 0; head[i] != NULL; i++)
    g_ptr_array_add (source->columns,
                     source->header ? g_strdup (head[i]) : g_strdup_printf ("column %d", i + 1));
  if (source->header)
    g_ptr_array_remove_index (best, 0);
  while (best->len > PREVIEW_ROWS)
    g_ptr_array_remove_index (best, best->len - 1);
  g_clear_pointer (&source->preview, g_ptr_array_unref);
  source->preview = g_steal_pointer (&best);
  attune_source_guess_roles (source);
  return TRUE;
}

static gboolean
give_row (const AttuneReading *reading, GPtrArray *fields, guint64 line, const GString *text,
          GError **error)
{
  const GPtrArray *columns = reading->source->columns;
  AttuneRecord record = { .line = line };

  if (fields->len != columns->len)
    {
      g_autofree char *reason
          = g_strdup_printf (fields->len == 1 ? "It has %u column where the file has %u."
                                              : "It has %u columns where the file has %u.",
                             fields->len, columns->len);

      return attune_reading_bad (reading, line, text->str, text->len, reason, error);
    }
  for (guint i = 0; i < columns->len; i++)
    {
      const AttuneField role = g_array_index (reading->source->roles, AttuneField, i);

      if (role != ATTUNE_FIELD_NONE)
        record.fields[role] = g_ptr_array_index (fields, i); /* borrowed for the call */
    }
  return reading->on_record (&record, reading->data, error);
}

gboolean
attune_csv_read (const AttuneReading *reading, GError **error)
{
  const AttuneSource *source = reading->source;
  g_autoptr (GInputStream) stream
      = attune_source_open_text (source->path, source->encoding, reading->cancellable, error);
  g_autoptr (AttuneCsvReader) reader
      = stream != NULL ? attune_csv_reader_new (stream, source->delimiter) : NULL;
  g_autoptr (GPtrArray) fields = new_fields ();
  gboolean head = source->header, go_on = reader != NULL;

  while (go_on)
    {
      const char *reason;
      const GString *text;
      guint64 line;

      switch (attune_csv_reader_next (reader, fields, &line, &reason, &text, reading->cancellable,
                                      error))
        {
        case ATTUNE_CSV_END:
          return TRUE;
        case ATTUNE_CSV_BAD:
          go_on = attune_reading_bad (reading, line, text->str, text->len, reason, error);
          break;
        case ATTUNE_CSV_ROW:
          go_on = head || give_row (reading, fields, line, text, error);
          head = FALSE;
          break;
        case ATTUNE_CSV_ERROR:
        default:
          return FALSE;
        }
    }
  return FALSE;
}
