/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See audit-origin.h.
 */
#include "data/audit-origin.h"

#include "data/dataset-private.h"
#include "data/licence.h"

#define BLOCK 4096

/* What the list of sources has, less than it does, and the licence. */
static JsonArray *
sources_array (JsonNode *sources)
{
  static const char *const texts[] = { "path", "format", "sha256" }, *const numbers[]
                                                                     = { "rows", "bad" };
  JsonArray *array = json_array_new (), *list = sources != NULL && JSON_NODE_HOLDS_ARRAY (sources)
                                                    ? json_node_get_array (sources)
                                                    : NULL;

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonNode *node = json_array_get_element (list, i);
      JsonObject *source = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL,
                 *object;
      g_autofree char *licence = NULL;
      const char *path;

      if (source == NULL)
        continue;
      object = json_object_new ();
      for (guint j = 0; j < G_N_ELEMENTS (texts); j++)
        json_object_set_string_member (
            object, texts[j], json_object_get_string_member_with_default (source, texts[j], ""));
      for (guint j = 0; j < G_N_ELEMENTS (numbers); j++)
        json_object_set_int_member (
            object, numbers[j], json_object_get_int_member_with_default (source, numbers[j], 0));
      path = json_object_get_string_member (object, "path");
      licence = g_path_is_absolute (path) ? attune_licence_find (path) : NULL;
      if (licence != NULL)
        json_object_set_string_member (object, "licence", licence);
      json_array_add_object_element (array, object);
    }
  return array;
}

/* How many variants each origin has, of those that are learned from. */
static JsonObject *
made_object (AttuneStore *store, GError **error)
{
  g_autoptr (JsonObject) made = json_object_new ();
  const gint64 n = attune_store_has (store, "variants/use")
                       ? attune_store_count_text (store, "variants/text", error)
                       : 0;

  if (n < 0)
    return NULL;
  for (gint64 first = 0; first < n; first += BLOCK)
    {
      const gint64 some = MIN (BLOCK, n - first);
      g_autofree guint8 *use = g_new (guint8, some);
      g_auto (GStrv) origins = NULL;

      if (!attune_store_get (store, "variants/use", ATTUNE_STORE_U8, first, some, use, error))
        return NULL;
      if (attune_store_has (store, "variants/origin")
          && (origins = attune_store_get_text (store, "variants/origin", first, some, error))
                 == NULL)
        return NULL;
      for (gint64 i = 0; i < some; i++)
        {
          const char *origin = origins != NULL ? origins[i] : "WordNet";

          if (use[i] != 0)
            json_object_set_int_member (
                made, origin, json_object_get_int_member_with_default (made, origin, 0) + 1);
        }
    }
  return g_steal_pointer (&made);
}

/* What was done in preparing, without the texts of records: an audit is handed on, and what stood
 * in a text before a key or an address was masked is in none. */
static JsonNode *
without_texts (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL); /* a damaged one says nothing */
  JsonObject *report;
  JsonNode *steps, *by_hand;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  report = json_node_get_object (node);
  steps = json_object_get_member (report, "steps");
  by_hand = json_object_get_member (report, "by_hand");
  for (guint i = 0; steps != NULL && JSON_NODE_HOLDS_ARRAY (steps)
                    && i < json_array_get_length (json_node_get_array (steps));
       i++)
    {
      JsonNode *step = json_array_get_element (json_node_get_array (steps), i);

      if (JSON_NODE_HOLDS_OBJECT (step))
        json_object_remove_member (json_node_get_object (step), "examples");
    }
  if (by_hand != NULL && JSON_NODE_HOLDS_OBJECT (by_hand))
    json_object_remove_member (json_node_get_object (by_hand), "gone_begin");
  return g_steal_pointer (&node);
}

gboolean
attune_audit_origin (AttuneRecords *records, JsonObject *report, GError **error)
{
  AttuneStore *store = attune_records_get_store (records);
  g_autofree char *text = attune_store_get_string (store, "sources", error), *engine = NULL,
                  *hash = NULL, *done = NULL;
  g_autoptr (JsonNode) sources = NULL, node = NULL;
  JsonObject *made;

  if (text == NULL || (made = made_object (store, error)) == NULL)
    return FALSE;
  sources = json_from_string (text, NULL); /* a damaged one says nothing */
  json_object_set_array_member (report, "sources", sources_array (sources));
  json_object_set_object_member (report, "made", made);
  if (!attune_records_is_prepared (records))
    return TRUE;
  if ((hash = attune_store_get_string (store, "hash", error)) == NULL
      || (done = attune_store_get_string (store, "report", error)) == NULL)
    return FALSE;
  if ((node = without_texts (done)) != NULL)
    json_object_set_member (report, "report", g_steal_pointer (&node));
  json_object_set_string_member (report, "hash", hash);
  if (attune_store_has (store, "text/engine")
      && (engine = attune_store_get_string (store, "engine", NULL)) != NULL)
    json_object_set_string_member (report, "engine", engine);
  return TRUE;
}
