/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What wrong labels cost, from a table that people keep: a line for each label that is wanted, a
 * column for each that is said. Part of generate/labels.h.
 */
#include "generate/labels.h"

#include "data/csv-reader.h"
#include "plan/estimate.h"

#include <math.h>
#include <string.h>

/* A table of all labels that there can be is less than that. */
#define MOST_BYTES (16 << 20)

static gboolean refuse (GError **error, const char *path, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
static gboolean
refuse (GError **error, const char *path, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
               "The table of costs “%s” cannot be used: %s", path, reason);
  return FALSE;
}

/* What the first line has most of. */
static char
find_delimiter (const char *text)
{
  static const char marks[] = ",;\t";
  const gsize n = strcspn (text, "\n");
  char found = ',';
  gsize most = 0;

  for (const char *mark = marks; *mark != '\0'; mark++)
    {
      gsize times = 0;

      for (gsize i = 0; i < n; i++)
        times += text[i] == *mark;
      if (times > most)
        {
          most = times;
          found = *mark;
        }
    }
  return found;
}

/* Which label each column is; that of the first says what the lines are. */
static gboolean
read_head (const AttuneLabels *self, const char *path, const GPtrArray *fields, int *columns,
           GError **error)
{
  for (guint i = 1; i < fields->len; i++)
    {
      columns[i] = attune_labels_get_number (self, g_strstrip (fields->pdata[i]));
      if (columns[i] < 0)
        return refuse (error, path, "its column “%s” is none of the labels in the data.",
                       (const char *) fields->pdata[i]);
    }
  return TRUE;
}

static gboolean
read_line (AttuneLabels *self, const char *path, guint64 line, const GPtrArray *fields,
           const int *columns, guint n_columns, GError **error)
{
  const int wanted = attune_labels_get_number (self, g_strstrip (fields->pdata[0]));

  if (wanted < 0)
    return refuse (error, path,
                   "line %" G_GUINT64_FORMAT " is of “%s”, which is none of the labels "
                   "in the data.",
                   line, (const char *) fields->pdata[0]);
  if (fields->len != n_columns)
    return refuse (error, path,
                   "line %" G_GUINT64_FORMAT " has %u columns, and the first line has %u.", line,
                   fields->len, n_columns);
  for (guint i = 1; i < fields->len; i++)
    {
      double cost;

      if (!attune_label_parse_number (fields->pdata[i], &cost) || cost < 0 || cost > 1e6)
        return refuse (error, path,
                       "line %" G_GUINT64_FORMAT " holds “%s”, which is no cost. Costs are numbers "
                       "from 0 to a million.",
                       line, (const char *) fields->pdata[i]);
      self->costs[wanted * self->names->len + columns[i]] = cost;
    }
  return TRUE;
}

static gboolean
read_table (AttuneLabels *self, const char *path, AttuneCsvReader *reader, GError **error)
{
  const guint n = self->names->len;
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  g_autofree int *columns = NULL;
  guint n_columns = 0;

  for (;;)
    {
      const char *reason = NULL;
      const GString *text;
      guint64 line;
      const AttuneCsvResult result
          = attune_csv_reader_next (reader, fields, &line, &reason, &text, NULL, error);

      if (result == ATTUNE_CSV_ERROR)
        return FALSE;
      if (result == ATTUNE_CSV_BAD)
        return refuse (error, path, "line %" G_GUINT64_FORMAT ": %s", line, reason);
      if (result == ATTUNE_CSV_END)
        break;
      if (columns != NULL)
        {
          if (!read_line (self, path, line, fields, columns, n_columns, error))
            return FALSE;
          continue;
        }
      n_columns = fields->len;
      columns = g_new0 (int, n_columns + 1);
      if (!read_head (self, path, fields, columns, error))
        return FALSE;
    }
  for (guint i = 0; i < n * n; i++)
    if (self->costs[i] < 0)
      return refuse (error, path, "it does not say what it costs to say “%s” for “%s”.",
                     (const char *) self->names->pdata[i % n],
                     (const char *) self->names->pdata[i / n]);
  return TRUE;
}

gboolean
attune_labels_read_costs (AttuneLabels *self, const char *path, GError **error)
{
  const guint n = self->names->len;
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (AttuneCsvReader) reader = NULL;
  g_autoptr (GError) reason = NULL;
  g_autofree char *text = NULL;
  const char *begin;
  gboolean differ = FALSE;
  gsize length;

  if (self->format.kind != ATTUNE_LABELS_ONE)
    return refuse (error, path, "a record has %s here, and costs are of one label for another.",
                   self->format.kind == ATTUNE_LABELS_SEVERAL ? "several labels" : "a number");
  if (!g_file_get_contents (path, &text, &length, &reason))
    return refuse (error, path, "%s.", reason->message);
  if (length > MOST_BYTES || !g_utf8_validate (text, length, NULL))
    return refuse (error, path, "it is no small table in UTF-8.");
  begin = g_str_has_prefix (text, "\xef\xbb\xbf") ? text + 3 : text;
  stream = g_memory_input_stream_new_from_data (begin, length - (begin - text), NULL);
  reader = attune_csv_reader_new (stream, find_delimiter (begin));
  g_free (self->costs);
  self->costs = g_new (float, n *n);
  for (guint i = 0; i < n * n; i++) /* to say what is right costs nothing where it does not say */
    self->costs[i] = i % n == i / n ? 0 : -1;
  if (!read_table (self, path, reader, error))
    return FALSE;
  for (guint i = 0; i < n * n; i++)
    differ = differ || self->costs[i] != 0;
  return differ || refuse (error, path, "all costs are 0, so that any label would do.");
}
