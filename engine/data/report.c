/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report as text: what was read, what each step did, what is left, how long the samples are.
 */
#include "data/report.h"

#include <json-glib/json-glib.h>

#define LABELS_SHOWN 10

/* Reports come out of files: a part may be missing, or be something else. */
static JsonObject *
object_part (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* The objects of an array. */
static GPtrArray *
array_part (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  JsonArray *array
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  GPtrArray *objects = g_ptr_array_new ();

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (JSON_NODE_HOLDS_OBJECT (json_array_get_element (array, i)))
      g_ptr_array_add (objects, json_array_get_object_element (array, i));
  return objects;
}

static gint64
number (JsonObject *object, const char *name)
{
  if (object == NULL)
    return 0;
  return json_object_get_int_member_with_default (object, name, 0);
}

static void
add_line (GString *text, const char *title, gint64 value)
{
  const char *shown = title != NULL ? title : "";
  const int pad = 32 - (int) g_utf8_strlen (shown, -1);

  g_string_append_printf (text, "  %s%*s%8" G_GINT64_FORMAT "\n", shown, MAX (1, pad), "", value);
}

static void
add_steps (GString *text, JsonObject *report)
{
  g_autoptr (GPtrArray) steps = array_part (report, "steps");
  gboolean clean = TRUE;

  for (guint i = 0; i < steps->len; i++)
    {
      JsonObject *step = g_ptr_array_index (steps, i);

      if (!json_object_get_boolean_member_with_default (step, "enabled", FALSE)
          || number (step, "count") <= 0)
        continue;
      add_line (text, json_object_get_string_member_with_default (step, "title", ""),
                number (step, "count"));
      clean = FALSE;
    }
  if (clean)
    g_string_append (text, "  There was nothing to clean.\n");
}

static void
add_labels (GString *text, JsonObject *report)
{
  g_autoptr (GPtrArray) labels = array_part (report, "labels");

  if (labels->len < 2)
    return;
  g_string_append (text, "Labels\n");
  for (guint i = 0; i < MIN (labels->len, LABELS_SHOWN); i++)
    {
      JsonObject *label = g_ptr_array_index (labels, i);

      add_line (text, json_object_get_string_member_with_default (label, "label", ""),
                number (label, "count"));
    }
  if (labels->len > LABELS_SHOWN)
    g_string_append_printf (text, "  … and %u more\n", labels->len - LABELS_SHOWN);
}

char *
attune_data_report_to_text (const char *json)
{
  g_autoptr (JsonNode) root = json_from_string (json, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  JsonObject *report, *splits, *tokens;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return g_strdup ("");
  report = json_node_get_object (root);
  splits = object_part (report, "splits");
  tokens = object_part (report, "tokens");

  g_string_append (text, "Records\n");
  add_line (text, "Read", number (report, "read"));
  if (number (report, "bad") > 0)
    add_line (text, "Rows that could not be read", number (report, "bad"));
  g_string_append (text, "Cleaning\n");
  add_steps (text, report);
  g_string_append (text, "What is left\n");
  add_line (text, "To learn from", number (splits, "train"));
  add_line (text, "To check the progress with", number (splits, "validation"));
  add_line (text, "For the final test", number (splits, "test"));
  g_string_append (text, "Length of a sample in tokens\n");
  g_string_append_printf (text,
                          "  from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                          ", half of them up to %" G_GINT64_FORMAT ", 95 %% up to %" G_GINT64_FORMAT
                          "\n",
                          number (tokens, "min"), number (tokens, "max"), number (tokens, "median"),
                          number (tokens, "p95"));
  add_line (text, "Tokens in all", number (tokens, "total"));
  add_line (text, "of these learned (answers)", number (tokens, "learned"));
  if (number (tokens, "cut") > 0)
    add_line (text, "Samples cut for their length", number (tokens, "cut"));
  if (number (tokens, "too_long") > 0)
    add_line (text, "Left out for their length", number (tokens, "too_long"));
  if (number (report, "shared_answers") > 0)
    add_line (text, "Answers both learned and tested", number (report, "shared_answers"));
  add_labels (text, report);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
