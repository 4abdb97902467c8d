/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * CSV and TSV: guessing the delimiter, and reading rows as records.
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
  if (source->delimiter == '\t')
    g_set_str (&source->format, "tsv");
  return attune_table_adopt (source, best, PREVIEW_ROWS, hints, error);
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
          go_on = head || attune_table_give (reading, fields, line, text->str, text->len, error);
          head = FALSE;
          break;
        case ATTUNE_CSV_ERROR:
        default:
          return FALSE;
        }
    }
  return FALSE;
}
