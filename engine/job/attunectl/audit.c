/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl data audit, attunectl data agreement: what should be known before data is learned from.
 */
#include "audit.h"
#include "output.h"

#include "data/agreement.h"
#include "data/audit.h"

#include <math.h>

static void
tell_label (JsonObject *label)
{
  JsonArray *terms = json_object_get_array_member (label, "terms");

  attune_output_heading ("%s (%" G_GINT64_FORMAT " records)",
                         json_object_get_string_member (label, "label"),
                         json_object_get_int_member (label, "records"));
  for (guint i = 0; i < json_array_get_length (terms); i++)
    {
      JsonObject *term = json_array_get_object_element (terms, i);
      g_autofree char *name = attune_format_line (json_object_get_string_member (term, "term"), 18);

      attune_output_row (name,
                         "%5" G_GINT64_FORMAT " with it, %5" G_GINT64_FORMAT
                         " of other labels; log-odds %.2f (%.2f to %.2f)",
                         json_object_get_int_member (term, "with"),
                         json_object_get_int_member (term, "others"),
                         json_object_get_double_member (term, "log_odds"),
                         json_object_get_double_member (term, "low"),
                         json_object_get_double_member (term, "high"));
    }
}

static void
tell_others (JsonObject *audit, const char *member, const char *what)
{
  const gint64 n = json_object_get_int_member (audit, member);

  if (n > 0)
    attune_output_line ("%" G_GINT64_FORMAT " records are of other %s: only the first %u are "
                        "looked at.",
                        n, what,
                        json_array_get_length (json_object_get_array_member (audit, what)));
}

static void
tell_gap (JsonObject *swap, const char *member, const char *what)
{
  JsonObject *gap
      = json_object_has_member (swap, member) ? json_object_get_object_member (swap, member) : NULL;

  if (gap != NULL)
    attune_output_row (
        what, "%.3f and %.3f; difference %.3f (%.3f to %.3f)",
        json_object_get_double_member (gap, "first"), json_object_get_double_member (gap, "second"),
        json_object_get_double_member (gap, "gap"), json_object_get_double_member (gap, "low"),
        json_object_get_double_member (gap, "high"));
}

static void
tell_swap (JsonObject *swap)
{
  attune_output_heading ("Spoken of alike: %s, %s", json_object_get_string_member (swap, "first"),
                         json_object_get_string_member (swap, "second"));
  attune_output_row ("Records",
                     "%" G_GINT64_FORMAT " and %" G_GINT64_FORMAT "; %" G_GINT64_FORMAT
                     " of both, %" G_GINT64_FORMAT " with the terms exchanged",
                     json_object_get_int_member (swap, "records_first"),
                     json_object_get_int_member (swap, "records_second"),
                     json_object_get_int_member (swap, "records_both"),
                     json_object_get_int_member (swap, "pairs"));
  tell_gap (swap, "sentiment", "Kindness");
  tell_gap (swap, "toxicity", "Toxic");
  tell_gap (swap, "paired_sentiment", "Kindness, pairs");
  tell_gap (swap, "paired_toxicity", "Toxic, pairs");
}

static void
tell_origin (JsonObject *audit)
{
  JsonArray *sources = json_object_get_array_member (audit, "sources");
  JsonObject *made = json_object_get_object_member (audit, "made");
  g_autoptr (GList) origins = json_object_get_members (made);

  attune_output_heading ("Where it comes from");
  for (guint i = 0; i < json_array_get_length (sources); i++)
    {
      JsonObject *source = json_array_get_object_element (sources, i);
      g_autofree char *name = g_path_get_basename (json_object_get_string_member (source, "path")),
                      *shown = attune_format_line (name, 18);

      attune_output_row (
          shown, "%" G_GINT64_FORMAT " records; licence: %s",
          json_object_get_int_member (source, "rows"),
          json_object_get_string_member_with_default (source, "licence", "not known"));
    }
  for (GList *l = origins; l != NULL; l = l->next)
    attune_output_row ("Made", "%" G_GINT64_FORMAT " samples, by %s",
                       json_object_get_int_member (made, l->data), (char *) l->data);
}

int
attune_audit_data (AttuneProject *project, const char *html, const char *pairs)
{
  g_autofree char *path = attune_project_get_file (project, "dataset.h5"), *page = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) audit = attune_audit_run (path, pairs, NULL, &error);
  JsonArray *labels, *groups;

  if (audit == NULL)
    return attune_output_fail (error);
  if (html != NULL)
    {
      page = attune_audit_to_html (audit);
      if (!g_file_set_contents (html, page, -1, &error))
        return attune_output_fail (error);
    }
  labels = json_object_get_array_member (json_node_get_object (audit), "labels");
  groups = json_object_get_array_member (json_node_get_object (audit), "groups");
  for (guint i = 0; i < json_array_get_length (labels); i++)
    tell_label (json_array_get_object_element (labels, i));
  attune_output_heading ("Groups");
  for (guint i = 0; i < json_array_get_length (groups); i++)
    {
      JsonObject *group = json_array_get_object_element (groups, i);
      g_autofree char *name
          = attune_format_line (json_object_get_string_member (group, "group"), 18);

      attune_output_row (name, "%" G_GINT64_FORMAT " records, %" G_GINT64_FORMAT " words an answer",
                         json_object_get_int_member (group, "records"),
                         json_object_get_int_member (group, "words"));
    }
  if (json_array_get_length (groups) == 0)
    attune_output_line ("There are no groups.");
  tell_others (json_node_get_object (audit), "other_labels", "labels");
  tell_others (json_node_get_object (audit), "other_groups", "groups");
  tell_swap (json_object_get_object_member (json_node_get_object (audit), "swap"));
  tell_origin (json_node_get_object (audit));
  if (!json_object_get_boolean_member (json_node_get_object (audit), "prepared"))
    attune_output_line ("The data is not prepared: those that will be the test are in it.");
  if (json_array_get_length (labels) == 0)
    attune_output_line ("There are no labels.");
  if (html != NULL)
    attune_output_row ("Page", "%s", html);
  attune_output_json (json_node_dup_object (audit));
  return ATTUNE_EXIT_OK;
}

int
attune_audit_agreement (const char *table, char **columns)
{
  g_autoptr (GError) error = NULL;
  AttuneAgreement found;
  JsonObject *object;

  if (!attune_agreement_read (table, (const char *const *) columns, &found, &error))
    return attune_output_fail (error);
  attune_output_row ("Records", "%u, of which %.1f %% have one label from all", found.n_records,
                     100 * found.agreed);
  attune_output_row ("Without a label", "%u", found.n_missing);
  if (isnan (found.kappa))
    attune_output_row ("Kappa", "none: there is one label only");
  else
    attune_output_row ("Kappa", "%.3f (%s; 1: always, 0: as by chance)", found.kappa,
                       g_strv_length (columns) == 2 ? "Cohen" : "Fleiss");
  object = json_object_new ();
  json_object_set_int_member (object, "records", found.n_records);
  json_object_set_int_member (object, "missing", found.n_missing);
  json_object_set_int_member (object, "labels", found.n_classes);
  json_object_set_double_member (object, "agreed", found.agreed);
  if (!isnan (found.kappa))
    json_object_set_double_member (object, "kappa", found.kappa);
  attune_output_json (object);
  return ATTUNE_EXIT_OK;
}
