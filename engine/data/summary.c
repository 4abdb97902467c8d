/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading the summary: attributes and lengths, no record.
 */
#include "data/summary.h"

#include "data/dataset-private.h"

/* The text @name as JSON of type @type, or %NULL with @error. */
static JsonNode *
read_json (AttuneStore *store, const char *path, const char *name, JsonNodeType type,
           GError **error)
{
  g_autofree char *text = attune_store_get_string (store, name, error);
  g_autoptr (JsonNode) node = text != NULL ? json_from_string (text, NULL) : NULL;

  if (text != NULL && (node == NULL || json_node_get_node_type (node) != type))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                   "The data set “%s” is damaged (“%s”). Import the data again.", path, name);
      return NULL;
    }
  return g_steal_pointer (&node);
}

static void
count_splits (AttuneDataSummary *self)
{
  static const char *const names[ATTUNE_N_SPLITS] = { "train", "validation", "test", "excluded" };
  JsonNode *node = json_object_get_member (json_node_get_object (self->report), "splits");

  for (int i = 0; node != NULL && JSON_NODE_HOLDS_OBJECT (node) && i < ATTUNE_N_SPLITS; i++)
    self->splits[i]
        = json_object_get_int_member_with_default (json_node_get_object (node), names[i], 0);
}

AttuneDataSummary *
attune_data_summary_read (const char *path, GError **error)
{
  g_autoptr (AttuneStore) store
      = attune_store_open (path, ATTUNE_DATASET_KIND, ATTUNE_DATASET_VERSION, error);
  g_autoptr (AttuneDataSummary) self = g_new0 (AttuneDataSummary, 1);
  gint64 n, n_bad = 0;

  if (store == NULL || (n = attune_store_count_text (store, "raw/question", error)) < 0
      || (attune_store_has (store, "bad/reason")
          && (n_bad = attune_store_count_text (store, "bad/reason", error)) < 0)
      || (self->sources = read_json (store, path, "sources", JSON_NODE_ARRAY, error)) == NULL)
    return NULL;
  self->n_records = n;
  self->n_bad = n_bad;
  self->prepared = attune_store_has (store, "tokens/offsets");
  if (!self->prepared)
    return g_steal_pointer (&self);
  if ((self->settings = read_json (store, path, "settings", JSON_NODE_OBJECT, error)) == NULL
      || (self->report = read_json (store, path, "report", JSON_NODE_OBJECT, error)) == NULL
      || (self->hash = attune_store_get_string (store, "hash", error)) == NULL)
    return NULL;
  if (attune_store_has (store, "text/reader")) /* data sets of before it was kept have none */
    self->reader = attune_store_get_string (store, "reader", NULL);
  if (attune_store_has (store, "text/changes"))
    self->changes = attune_store_get_string (store, "changes", NULL);
  count_splits (self);
  return g_steal_pointer (&self);
}

void
attune_data_summary_free (AttuneDataSummary *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->sources, json_node_unref);
  g_clear_pointer (&self->settings, json_node_unref);
  g_clear_pointer (&self->report, json_node_unref);
  g_free (self->hash);
  g_free (self->changes);
  g_free (self->reader);
  g_free (self);
}
