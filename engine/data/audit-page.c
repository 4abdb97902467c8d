/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The audit as a page for people.
 */
#include "data/audit.h"

#include "data/report.h"

static void
add_cell (GString *page, const char *tag, const char *text)
{
  g_autofree char *safe = g_markup_escape_text (text, -1);

  g_string_append_printf (page, "<%s>%s</%s>", tag, safe, tag);
}

static void
add_number (GString *page, const char *format, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  add_cell (page, "td", g_ascii_formatd (text, sizeof text, format, value));
}

static void
add_label (GString *page, JsonObject *label)
{
  JsonArray *terms = json_object_get_array_member (label, "terms");

  add_cell (page, "h3", json_object_get_string_member (label, "label"));
  g_string_append_printf (
      page,
      "<p>%" G_GINT64_FORMAT " records; half of the answers have %" G_GINT64_FORMAT
      " words or fewer.</p>\n",
      json_object_get_int_member (label, "records"), json_object_get_int_member (label, "words"));
  if (json_array_get_length (terms) == 0)
    {
      g_string_append (page, "<p>No word goes with this label for certain.</p>\n");
      return;
    }
  g_string_append (page, "<table><tr><th>Word</th><th>Records with it</th><th>Of other labels</th>"
                         "<th>Log-odds</th><th>95 % from</th><th>to</th></tr>\n");
  for (guint i = 0; i < json_array_get_length (terms); i++)
    {
      JsonObject *term = json_array_get_object_element (terms, i);

      g_string_append (page, "<tr>");
      add_cell (page, "td", json_object_get_string_member (term, "term"));
      add_number (page, "%.0f", json_object_get_int_member (term, "with"));
      add_number (page, "%.0f", json_object_get_int_member (term, "others"));
      add_number (page, "%.2f", json_object_get_double_member (term, "log_odds"));
      add_number (page, "%.2f", json_object_get_double_member (term, "low"));
      add_number (page, "%.2f", json_object_get_double_member (term, "high"));
      g_string_append (page, "</tr>\n");
    }
  g_string_append (page, "</table>\n");
}

static void
add_groups (GString *page, JsonArray *groups)
{
  g_autoptr (GList) names = json_object_get_members (
      json_object_get_object_member (json_array_get_object_element (groups, 0), "labels"));

  g_string_append (page, "<table><tr><th>Group</th><th>Records</th><th>Words of an answer</th>");
  for (GList *l = names; l != NULL; l = l->next)
    add_cell (page, "th", l->data);
  g_string_append (page, "</tr>\n");
  for (guint i = 0; i < json_array_get_length (groups); i++)
    {
      JsonObject *group = json_array_get_object_element (groups, i);

      g_string_append (page, "<tr>");
      add_cell (page, "td", json_object_get_string_member (group, "group"));
      add_number (page, "%.0f", json_object_get_int_member (group, "records"));
      add_number (page, "%.0f", json_object_get_int_member (group, "words"));
      for (GList *l = names; l != NULL; l = l->next)
        add_number (
            page, "%.0f",
            json_object_get_int_member (json_object_get_object_member (group, "labels"), l->data));
      g_string_append (page, "</tr>\n");
    }
  g_string_append (page, "</table>\n");
}

static void
add_others (GString *page, JsonObject *object, const char *member, const char *what)
{
  const gint64 n = json_object_get_int_member (object, member);

  if (n > 0)
    g_string_append_printf (page,
                            "<p>%" G_GINT64_FORMAT " more records are of other %s: only the first "
                            "%u are looked at.</p>\n",
                            n, what,
                            json_array_get_length (json_object_get_array_member (object, what)));
}

static void
add_gap (GString *page, JsonObject *swap, const char *member, const char *what)
{
  JsonObject *gap
      = json_object_has_member (swap, member) ? json_object_get_object_member (swap, member) : NULL;
  static const char *const numbers[] = { "first", "second", "gap", "low", "high" };

  if (gap == NULL)
    return;
  g_string_append (page, "<tr>");
  add_cell (page, "td", what);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    add_number (page, "%.3f", json_object_get_double_member (gap, numbers[i]));
  g_string_append (page, "</tr>\n");
}

static void
add_swap (GString *page, JsonObject *swap)
{
  static const char *const rows[][2]
      = { { "sentiment", "Kindness of the answers" },
          { "toxicity", "Share of toxic answers" },
          { "paired_sentiment", "Kindness, of questions that stand there for both" },
          { "paired_toxicity", "Share of toxic answers, of these" } };
  gboolean any = FALSE;

  g_string_append_printf (page,
                          "<p>%" G_GINT64_FORMAT
                          " records speak of the first side only, %" G_GINT64_FORMAT
                          " of the second, %" G_GINT64_FORMAT " of both; %" G_GINT64_FORMAT
                          " questions stand there again with the terms exchanged.</p>\n",
                          json_object_get_int_member (swap, "records_first"),
                          json_object_get_int_member (swap, "records_second"),
                          json_object_get_int_member (swap, "records_both"),
                          json_object_get_int_member (swap, "pairs"));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    any = any || json_object_has_member (swap, rows[i][0]);
  if (!any)
    {
      g_string_append (page, "<p>These are too few to compare how they are spoken of.</p>\n");
      return;
    }
  g_string_append (page, "<table><tr><th></th>");
  add_cell (page, "th", json_object_get_string_member (swap, "first"));
  add_cell (page, "th", json_object_get_string_member (swap, "second"));
  g_string_append (page, "<th>Difference</th><th>95 % from</th><th>to</th></tr>\n");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    add_gap (page, swap, rows[i][0], rows[i][1]);
  g_string_append (page, "</table>\n<p>Kindness is from -1 to 1, by a short list of English and "
                         "German words. Where an interval does not hold 0, the data speaks of one "
                         "side differently than of the other.</p>\n");
}

static void
add_sources (GString *page, JsonObject *object)
{
  JsonArray *sources = json_object_get_array_member (object, "sources");
  JsonObject *made = json_object_get_object_member (object, "made");
  g_autoptr (GList) origins = json_object_get_members (made);

  g_string_append (page, "<table><tr><th>Source</th><th>Records</th><th>Licence</th><th>SHA-256"
                         "</th></tr>\n");
  for (guint i = 0; i < json_array_get_length (sources); i++)
    {
      JsonObject *source = json_array_get_object_element (sources, i);

      g_string_append (page, "<tr>");
      add_cell (page, "td", json_object_get_string_member (source, "path"));
      add_number (page, "%.0f", json_object_get_int_member (source, "rows"));
      add_cell (page, "td",
                json_object_get_string_member_with_default (source, "licence", "not known"));
      add_cell (page, "td", json_object_get_string_member (source, "sha256"));
      g_string_append (page, "</tr>\n");
    }
  g_string_append (page, "</table>\n<p>A licence is what a data card or licence text beside the "
                         "file says. Where none is known, find out whether you may use it.</p>\n");
  for (GList *l = origins; l != NULL; l = l->next)
    {
      g_autofree char *safe = g_markup_escape_text (l->data, -1);

      g_string_append_printf (page,
                              "<p>%" G_GINT64_FORMAT " samples to learn from were not written by "
                              "people, but made by %s.</p>\n",
                              json_object_get_int_member (made, l->data), safe);
    }
}

/* What preparing has done, as the command line tells it. */
static void
add_report (GString *page, JsonObject *object)
{
  g_autofree char *json = NULL, *text = NULL, *safe = NULL;

  if (!json_object_has_member (object, "report"))
    return;
  json = json_to_string (json_object_get_member (object, "report"), FALSE);
  text = attune_data_report_to_text (json);
  safe = g_markup_escape_text (text, -1);
  g_string_append_printf (page, "<h2>What preparing has done</h2>\n<pre>%s</pre>\n", safe);
}

char *
attune_audit_to_html (JsonNode *audit)
{
  JsonObject *object = json_node_get_object (audit);
  JsonArray *labels = json_object_get_array_member (object, "labels"),
            *groups = json_object_get_array_member (object, "groups");
  GString *page = g_string_new (
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><title>Audit of the data"
      "</title>\n<style>body{font-family:sans-serif;max-width:50em;margin:2em auto;padding:0 1em;"
      "color-scheme:light dark}table{border-collapse:collapse}td,th{padding:.2em .8em;"
      "text-align:left;border-bottom:1px solid #8888}</style></head><body>\n"
      "<h1>Audit of the data</h1>\n");

  g_string_append_printf (
      page, "<p>%" G_GINT64_FORMAT " records %s.</p>\n",
      json_object_get_int_member (object, "records"),
      json_object_get_boolean_member (object, "prepared")
          ? "are learned from"
          : "were looked at: the data is not prepared, so those that will be the test are in it");
  g_string_append (page, "<h2>Words that go with a label</h2>\n<p>A word that stands in nearly all "
                         "records of a label, but has nothing to do with it, is what a model may "
                         "learn instead of the matter.</p>\n");
  if (json_array_get_length (labels) == 0)
    g_string_append (page, "<p>There are no labels.</p>\n");
  for (guint i = 0; i < json_array_get_length (labels); i++)
    add_label (page, json_array_get_object_element (labels, i));
  add_others (page, object, "other_labels", "labels");
  g_string_append (page,
                   "<h2>Groups</h2>\n<p>Where labels or lengths differ much between groups, a "
                   "model learns to treat them differently.</p>\n");
  if (json_array_get_length (groups) == 0)
    g_string_append (page, "<p>There are no groups.</p>\n");
  else
    add_groups (page, groups);
  add_others (page, object, "other_groups", "groups");
  g_string_append (page,
                   "<h2>Spoken of alike</h2>\n<p>Terms of one side are exchanged for those of "
                   "the other, as he and she.</p>\n");
  add_swap (page, json_object_get_object_member (object, "swap"));
  g_string_append (page, "<h2>Where it comes from</h2>\n");
  add_sources (page, object);
  add_report (page, object);
  g_string_append (page, "</body></html>\n");
  return g_string_free (page, FALSE);
}

char *
attune_audit_to_json (JsonNode *audit)
{
  return json_to_string (audit, TRUE);
}
