/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading what the hub answers, whose values may be of any type or missing. Private to model/.
 */
#pragma once
#include "model/hub.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

static inline JsonNode *
attune_hub_get_value (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? node : NULL;
}

static inline const char *
attune_hub_get_string (JsonObject *object, const char *name)
{
  JsonNode *node = attune_hub_get_value (object, name);

  return node != NULL ? json_node_get_string (node) : NULL;
}

static inline guint64
attune_hub_get_count (JsonObject *object, const char *name)
{
  JsonNode *node = attune_hub_get_value (object, name);

  return node != NULL ? MAX (0, json_node_get_int (node)) : 0;
}

static inline JsonObject *
attune_hub_get_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static inline JsonArray *
attune_hub_get_array (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

/* Takes @file, into one of the lists of @model or to be freed. */
typedef void (*AttuneHubSort) (AttuneHubModel *model, AttuneHubFile *file);
/* A repository of any kind. @parser: has its answer afterwards. Returns: (transfer full): %NULL
 * with a sentence. */
AttuneHubModel *attune_hub_read_answer (JsonParser *parser, GBytes *answer, AttuneHubSort sort,
                                        GError **error);
void attune_hub_file_free (AttuneHubFile *self);

G_END_DECLS
