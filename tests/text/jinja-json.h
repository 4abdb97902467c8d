/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A template's variables from JSON. A message's texts are its author's.
 */
#pragma once
#include "text/jinja.h"

#include <json-glib/json-glib.h>
#include <string.h>

static inline JinjaValue
jinja_from_json (JinjaPool *pool, JsonNode *node, AttuneOrigin origin)
{
  JinjaValue value = jinja_none ();

  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      const char *role = json_object_get_string_member_with_default (object, "role", NULL);
      g_autoptr (GList) names = json_object_get_members (object);

      if (role != NULL)
        origin = g_str_equal (role, "assistant") ? ATTUNE_ORIGIN_ASSISTANT : ATTUNE_ORIGIN_PEOPLE;
      value = jinja_map (pool);
      for (GList *l = names; l != NULL; l = l->next)
        jinja_map_set (
            pool, value.map, *jinja_literal (pool, l->data).string,
            jinja_from_json (pool, json_object_get_member (object, l->data),
                             g_str_equal (l->data, "role") ? ATTUNE_ORIGIN_TEMPLATE : origin));
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      value = jinja_list (pool, json_array_get_length (array));
      for (guint i = 0; i < json_array_get_length (array); i++)
        value.list->items[i] = jinja_from_json (pool, json_array_get_element (array, i), origin);
    }
  else if (JSON_NODE_HOLDS_VALUE (node))
    switch (json_node_get_value_type (node))
      {
      case G_TYPE_BOOLEAN:
        return jinja_bool (json_node_get_boolean (node));
      case G_TYPE_INT64:
        return jinja_int (json_node_get_int (node));
      case G_TYPE_DOUBLE:
        return jinja_real (json_node_get_double (node));
      default:
        return jinja_string (pool, json_node_get_string (node),
                             strlen (json_node_get_string (node)), origin);
      }
  return value;
}
