/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See label-format.h.
 */
#include "data/label-format.h"

#include <glib/gi18n.h> /* N_(): the window translates */
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

/* Whole numbers that are more than this are amounts, not marks. */
#define MOST_MARKS 20
/* Of all records, those with a mark in their label are no chance from here on. */
#define LEAST_SHARE 0.01
#define LEAST_RECORDS 2
/* Labels of which so many are numbers are meant to be; so few others are slips. Shares of records.
 */
#define MOSTLY 0.8
#define MOST_UNREAD 0.01

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

static const char *const doubt_names[] = { "", "marks", "codes", "mixed", "lists" };

const char *
attune_label_doubt_get_name (AttuneLabelDoubt doubt)
{
  return doubt_names[doubt];
}

AttuneLabelDoubt
attune_label_doubt_of_name (const char *name)
{
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (doubt_names); i++)
    if (g_str_equal (name, doubt_names[i]))
      return i;
  return ATTUNE_LABEL_DOUBT_NONE;
}

const char *
attune_label_doubt_get_text (AttuneLabelDoubt doubt)
{
  static const char *const texts[] = {
    "",
    N_ ("The labels are numbers, but whether points and commas divide thousands or fractions is "
        "not clear, so each was taken for a class of its own. Write them without thousands, or "
        "choose numbers as what labels are."),
    N_ ("The labels are numbers that look like codes, so each was taken for a class of its own. If "
        "they are amounts, choose numbers as what labels are."),
    N_ ("Most labels are numbers and others are not, so each was taken for a class of its own. If "
        "they are amounts, choose numbers as what labels are: nothing is learned from the others."),
    N_ ("Numbers with a comma between them were taken for several labels. If the comma divides a "
        "fraction, choose numbers as what labels are."),
  };

  return texts[doubt];
}

/* Whether the parts between @mark are labels: some are in more than one of the texts, and they are
 * no more than these. */
static gboolean
divides (char mark, const char *const *labels, const guint64 *counts, guint n)
{
  const AttuneLabelFormat format = { .kind = ATTUNE_LABELS_SEVERAL, .mark = mark };
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

/* What numbers among @labels say. Returns FALSE where they are no numbers, with the doubt that is
 * left in @self. */
static gboolean
read_numbers (AttuneLabelFormat *self, const char *const *labels, const guint64 *counts, guint n)
{
  guint64 all = 0, read = 0;
  guint different = 0;
  gboolean fractions = FALSE, clear;

  if (attune_label_are_lists (labels, n) && divides (',', labels, counts, n))
    {
      self->doubt = ATTUNE_LABEL_DOUBT_LISTS;
      return FALSE;
    }
  self->mark = attune_label_find_decimal (labels, n, &clear);
  for (guint i = 0; i < n; i++)
    {
      double number;

      all += counts[i];
      if (!attune_label_parse_number (clear ? self->mark : 0, labels[i], &number))
        continue;
      different++;
      read += counts[i];
      fractions = fractions || number != rint (number);
    }
  if (different < 2 || read < MOSTLY * all || (clear && !fractions && different <= MOST_MARKS))
    return FALSE;
  if (!clear)
    self->doubt = ATTUNE_LABEL_DOUBT_MARKS;
  else if (attune_label_are_codes (self->mark, labels, counts, n))
    self->doubt = ATTUNE_LABEL_DOUBT_CODES;
  else if (all - read > MOST_UNREAD * all)
    self->doubt = ATTUNE_LABEL_DOUBT_MIXED;
  return self->doubt == ATTUNE_LABEL_DOUBT_NONE;
}

/* Of what was said to be several, where nothing divides it well: the mark that is in most records,
 * the first of these. */
static char
find_most_frequent (const char *marks, const char *const *labels, const guint64 *counts, guint n)
{
  char found = marks[0];
  guint64 most = 0;

  for (const char *mark = marks; *mark != '\0'; mark++)
    {
      guint64 records = 0;

      for (guint i = 0; i < n; i++)
        records += strchr (labels[i], *mark) != NULL ? counts[i] : 0;
      if (records > most)
        {
          most = records;
          found = *mark;
        }
    }
  return found;
}

AttuneLabelFormat
attune_label_format_find (AttuneLabelReading reading, const char *const *labels,
                          const guint64 *counts, guint n)
{
  static const char marks[] = ";|,";
  AttuneLabelFormat format = { .kind = ATTUNE_LABELS_ONE, .mark = marks[0] };
  gboolean clear;

  if (reading == ATTUNE_LABEL_READING_NUMBER)
    return (AttuneLabelFormat) { .kind = ATTUNE_LABELS_NUMBER,
                                 .mark = attune_label_find_decimal (labels, n, &clear) };
  if (reading == ATTUNE_LABEL_READING_ONE)
    return format;
  if (reading == ATTUNE_LABEL_READING_AUTO && read_numbers (&format, labels, counts, n))
    {
      format.kind = ATTUNE_LABELS_NUMBER;
      return format;
    }
  format.mark = marks[0];
  if (format.doubt != ATTUNE_LABEL_DOUBT_NONE && format.doubt != ATTUNE_LABEL_DOUBT_LISTS)
    return format;
  for (const char *mark = marks; *mark != '\0'; mark++)
    if (divides (*mark, labels, counts, n))
      {
        format.kind = ATTUNE_LABELS_SEVERAL;
        format.mark = *mark;
        return format;
      }
  if (reading == ATTUNE_LABEL_READING_SEVERAL)
    return (AttuneLabelFormat) { .kind = ATTUNE_LABELS_SEVERAL,
                                 .mark = find_most_frequent (marks, labels, counts, n) };
  return (AttuneLabelFormat) { .kind = ATTUNE_LABELS_ONE, .mark = marks[0] };
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
