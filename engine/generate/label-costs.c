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

static gboolean G_GNUC_PRINTF (3, 4)
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

/* What is read of a table. */
typedef struct
{
  AttuneLabels *labels;
  GHashTable *others; /* (nullable): in the data, but not learned */
  const char *path;
  char delimiter, decimal;
  int *columns; /* which label each is; -1: of @others */
  guint n_columns;
} Table;

static void
table_clear (Table *self)
{
  g_free (self->columns);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Table, table_clear)

/* What the first line has most of, outside of quotes. */
static char
find_delimiter (const char *text)
{
  static const char marks[] = ",;\t";
  gsize times[sizeof marks] = { 0 };
  gboolean quoted = FALSE;
  int found = 0;

  for (; *text != '\0' && (quoted || *text != '\n'); text++)
    {
      const char *mark = strchr (marks, *text);

      quoted = quoted != (*text == '"');
      if (!quoted && mark != NULL)
        times[mark - marks]++;
    }
  for (int i = 1; marks[i] != '\0'; i++)
    found = times[i] > times[found] ? i : found;
  return marks[found];
}

/* Which label @name is; -1 where it is one of the others. Returns FALSE: it is unknown. */
static gboolean
find_label (const Table *self, const char *name, int *label)
{
  *label = attune_labels_get_number (self->labels, name);
  return *label >= 0 || (self->others != NULL && g_hash_table_contains (self->others, name));
}

/* That of the first column says what the lines are. */
static gboolean
read_head (Table *self, const GPtrArray *fields, GError **error)
{
  self->n_columns = fields->len;
  self->columns = g_new0 (int, fields->len + 1);
  for (guint i = 1; i < fields->len; i++)
    {
      const char *name = g_strstrip (fields->pdata[i]);

      if (!find_label (self, name, &self->columns[i]))
        return refuse (error, self->path, "its column “%s” is none of the labels in the data.",
                       name);
      for (guint j = 1; j < i && self->columns[i] >= 0; j++)
        if (self->columns[j] == self->columns[i])
          return refuse (error, self->path, "it has two columns “%s”.", name);
    }
  return TRUE;
}

static gboolean
read_line (Table *self, guint64 line, const GPtrArray *fields, gboolean *seen, GError **error)
{
  const char *name = g_strstrip (fields->pdata[0]);
  int wanted;

  if (!find_label (self, name, &wanted))
    return refuse (error, self->path,
                   "line %" G_GUINT64_FORMAT " is of “%s”, which is none of the labels "
                   "in the data.",
                   line, name);
  if (fields->len != self->n_columns)
    return refuse (error, self->path,
                   "line %" G_GUINT64_FORMAT " has %u columns, and the first line has %u.", line,
                   fields->len, self->n_columns);
  if (wanted >= 0 && seen[wanted])
    return refuse (error, self->path, "it has two lines of “%s”.", name);
  for (guint i = 1; i < fields->len; i++)
    {
      double cost;

      if (!attune_label_parse_number (self->decimal, fields->pdata[i], &cost) || cost < 0
          || cost > 1e6)
        return refuse (error, self->path,
                       "line %" G_GUINT64_FORMAT " holds “%s”, which is no cost. Costs are numbers "
                       "from 0 to a million.",
                       line, (const char *) fields->pdata[i]);
      if (wanted >= 0 && self->columns[i] >= 0)
        self->labels->costs[wanted * self->labels->names->len + self->columns[i]] = cost;
    }
  if (wanted >= 0)
    seen[wanted] = TRUE;
  return TRUE;
}

/* Reads the lines of @text; with @cells only collects what stands in them. */
static gboolean
read_lines (Table *self, const char *text, GPtrArray *cells, GError **error)
{
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (text, strlen (text), NULL);
  g_autoptr (AttuneCsvReader) reader = attune_csv_reader_new (stream, self->delimiter);
  g_autoptr (GPtrArray) fields = g_ptr_array_new_with_free_func (g_free);
  g_autofree gboolean *seen = g_new0 (gboolean, self->labels->names->len + 1);

  for (guint n = 0;; n++)
    {
      const char *reason = NULL;
      const GString *whole;
      guint64 line;
      const AttuneCsvResult result
          = attune_csv_reader_next (reader, fields, &line, &reason, &whole, NULL, error);

      if (result == ATTUNE_CSV_ERROR)
        return FALSE;
      if (result == ATTUNE_CSV_BAD)
        return refuse (error, self->path, "line %" G_GUINT64_FORMAT ": %s", line, reason);
      if (result == ATTUNE_CSV_END)
        return TRUE;
      for (guint i = 1; cells != NULL && n > 0 && i < fields->len; i++)
        g_ptr_array_add (cells, g_strdup (fields->pdata[i]));
      if (cells == NULL && n == 0 && !read_head (self, fields, error))
        return FALSE;
      if (cells == NULL && n > 0 && !read_line (self, line, fields, seen, error))
        return FALSE;
    }
}

/* How the numbers of the table are written is told by all of them. */
static gboolean
find_decimal (Table *self, const char *text, GError **error)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);
  gboolean clear;

  if (!read_lines (self, text, cells, error))
    return FALSE;
  self->decimal
      = attune_label_find_decimal ((const char *const *) cells->pdata, cells->len, &clear);
  return clear
         || refuse (error, self->path,
                    "whether its points and commas divide thousands or fractions is not clear. "
                    "Write costs without thousands.");
}

static gboolean
fill_costs (Table *self, const char *text, GError **error)
{
  AttuneLabels *labels = self->labels;
  const guint n = labels->names->len;
  gboolean differ = FALSE;

  labels->costs = g_new (float, n *n);
  for (guint i = 0; i < n * n; i++) /* to say what is right costs nothing where it does not say */
    labels->costs[i] = i % n == i / n ? 0 : -1;
  if (!find_decimal (self, text, error) || !read_lines (self, text, NULL, error))
    return FALSE;
  for (guint i = 0; i < n * n; i++)
    if (labels->costs[i] < 0)
      return refuse (error, self->path, "it does not say what it costs to say “%s” for “%s”.",
                     (const char *) labels->names->pdata[i % n],
                     (const char *) labels->names->pdata[i / n]);
  for (guint i = 0; i < n * n; i++)
    differ = differ || labels->costs[i] != 0;
  return differ || refuse (error, self->path, "all costs are 0, so that any label would do.");
}

/* Returns: (transfer full) (nullable): what is in the file, which is small and UTF-8 */
static char *
load (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) reason = NULL;
  g_autoptr (GFileInfo) info
      = g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_STANDARD_TYPE,
                           G_FILE_QUERY_INFO_NONE, NULL, &reason);
  g_autofree char *text = NULL;
  gsize length = 0;

  if (info == NULL)
    refuse (error, path, "%s.", reason->message);
  else if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR
           || g_file_info_get_size (info) > MOST_BYTES)
    refuse (error, path, "it is no small table in UTF-8.");
  else if (!g_file_get_contents (path, &text, &length, &reason))
    refuse (error, path, "%s.", reason->message);
  else if (length > MOST_BYTES || !g_utf8_validate (text, length, NULL))
    refuse (error, path, "it is no small table in UTF-8.");
  else
    return g_steal_pointer (&text);
  return NULL;
}

gboolean
attune_labels_read_costs (AttuneLabels *self, const char *path, GHashTable *others, GError **error)
{
  g_auto (Table) table = { .labels = self, .others = others, .path = path };
  g_autofree char *text = NULL;
  const char *begin;

  if (self->format.kind != ATTUNE_LABELS_ONE)
    return refuse (error, path, "a record has %s here, and costs are of one label for another.",
                   self->format.kind == ATTUNE_LABELS_SEVERAL ? "several labels" : "a number");
  if ((text = load (path, error)) == NULL)
    return FALSE;
  begin = g_str_has_prefix (text, "\xef\xbb\xbf") ? text + 3 : text;
  table.delimiter = find_delimiter (begin);
  g_clear_pointer (&self->costs, g_free);
  if (fill_costs (&table, begin, error))
    return TRUE;
  g_clear_pointer (&self->costs, g_free);
  return FALSE;
}
