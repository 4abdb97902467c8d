/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See label-format.h.
 */
#include "data/label-format.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

/* Whole numbers that are more than this are amounts, not marks. */
#define MOST_MARKS 20
/* Of all records, those with a mark in their label are no chance from here on. */
#define LEAST_SHARE 0.01
#define LEAST_RECORDS 2

GType
attune_label_reading_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_LABEL_READING_AUTO, "ATTUNE_LABEL_READING_AUTO", "auto" },
        { ATTUNE_LABEL_READING_ONE, "ATTUNE_LABEL_READING_ONE", "one" },
        { ATTUNE_LABEL_READING_SEVERAL, "ATTUNE_LABEL_READING_SEVERAL", "several" },
        { ATTUNE_LABEL_READING_NUMBER, "ATTUNE_LABEL_READING_NUMBER", "number" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttuneLabelReading", values));
    }
  return type;
}

static const char *const kind_names[] = { "one", "several", "number" };

const char *
attune_label_kind_get_name (AttuneLabelKind kind)
{
  return kind_names[kind];
}

AttuneLabelKind
attune_label_kind_of_name (const char *name)
{
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (kind_names); i++)
    if (g_str_equal (name, kind_names[i]))
      return i;
  return ATTUNE_LABELS_ONE;
}

gboolean
attune_label_parse_number (const char *text, double *number)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));
  const gsize n = strlen (copy);
  char *comma, *end;

  /* what strtod() takes beside: names of numbers, hexadecimal ones */
  if (n == 0 || strspn (copy, "0123456789+-.,eE") < n || strchr ("eE", copy[0]) != NULL)
    return FALSE;
  if ((comma = strchr (copy, ',')) != NULL && strchr (copy, '.') == NULL)
    *comma = '.';
  *number = g_ascii_strtod (copy, &end);
  return *end == '\0' && end > copy && isfinite (*number);
}

static gboolean
are_numbers (const char *const *labels, guint n)
{
  gboolean fractions = FALSE;

  for (guint i = 0; i < n; i++)
    {
      double number;

      if (!attune_label_parse_number (labels[i], &number))
        return FALSE;
      fractions = fractions || number != rint (number);
    }
  return n > 1 && (fractions || n > MOST_MARKS);
}

/* Whether the parts between @mark are labels: some are in more than one of the texts, and they are
 * no more than these. */
static gboolean
divides (char mark, const char *const *labels, const guint64 *counts, guint n)
{
  const AttuneLabelFormat format = { ATTUNE_LABELS_SEVERAL, mark };
  g_autoptr (GHashTable) parts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint64 divided = 0, all = 0;
  gboolean shared = FALSE;

  for (guint i = 0; i < n; i++)
    {
      g_auto (GStrv) of_text = attune_label_format_split (&format, labels[i]);

      all += counts[i];
      divided += strchr (labels[i], mark) != NULL ? counts[i] : 0;
      for (guint j = 0; of_text[j] != NULL; j++)
        shared = !g_hash_table_add (parts, g_strdup (of_text[j])) || shared;
    }
  return shared && divided >= LEAST_RECORDS && divided >= LEAST_SHARE * all
         && g_hash_table_size (parts) > 1 && g_hash_table_size (parts) <= n;
}

AttuneLabelFormat
attune_label_format_find (AttuneLabelReading reading, const char *const *labels,
                          const guint64 *counts, guint n)
{
  static const char marks[] = ";|,";

  if (reading == ATTUNE_LABEL_READING_NUMBER
      || (reading == ATTUNE_LABEL_READING_AUTO && are_numbers (labels, n)))
    return (AttuneLabelFormat) { .kind = ATTUNE_LABELS_NUMBER };
  if (reading == ATTUNE_LABEL_READING_ONE)
    return (AttuneLabelFormat) { .kind = ATTUNE_LABELS_ONE };
  for (const char *mark = marks; *mark != '\0'; mark++)
    {
      if (divides (*mark, labels, counts, n))
        return (AttuneLabelFormat) { ATTUNE_LABELS_SEVERAL, *mark };
      /* said to be several: the first mark there is */
      for (guint i = 0; reading == ATTUNE_LABEL_READING_SEVERAL && i < n; i++)
        if (strchr (labels[i], *mark) != NULL)
          return (AttuneLabelFormat) { ATTUNE_LABELS_SEVERAL, *mark };
    }
  return (AttuneLabelFormat) { reading == ATTUNE_LABEL_READING_SEVERAL ? ATTUNE_LABELS_SEVERAL
                                                                       : ATTUNE_LABELS_ONE,
                               marks[0] };
}

AttuneLabelFormat
attune_label_format_of_report (const char *report)
{
  g_autoptr (JsonNode) node = report != NULL ? json_from_string (report, NULL) : NULL;
  JsonObject *object
      = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *mark = NULL;

  if (object == NULL)
    return (AttuneLabelFormat) { .kind = ATTUNE_LABELS_ONE };
  mark = json_object_get_string_member_with_default (object, "label_mark", NULL);
  return (AttuneLabelFormat) {
    .kind = attune_label_kind_of_name (
        json_object_get_string_member_with_default (object, "label_kind", NULL)),
    .mark = mark != NULL && *mark != '\0' ? *mark : ';',
  };
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char **
attune_label_format_split (const AttuneLabelFormat *self, const char *text)
{
  const char marks[] = { self->mark, '\0' };
  g_auto (GStrv) parts
      = self->kind == ATTUNE_LABELS_SEVERAL ? g_strsplit (text, marks, -1) : g_new0 (char *, 2);
  const guint n = g_strv_length (parts);
  GPtrArray *kept = g_ptr_array_new ();

  if (self->kind != ATTUNE_LABELS_SEVERAL)
    g_ptr_array_add (kept, g_strdup (text));
  for (guint i = 0; i < n; i++)
    g_strstrip (parts[i]);
  qsort (parts, n, sizeof *parts, compare_texts);
  for (guint i = 0; i < n; i++)
    if (*parts[i] != '\0' && (i == 0 || !g_str_equal (parts[i], parts[i - 1])))
      g_ptr_array_add (kept, g_strdup (parts[i]));
  g_ptr_array_add (kept, NULL);
  return (char **) g_ptr_array_free (kept, FALSE);
}
