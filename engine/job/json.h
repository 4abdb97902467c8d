/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading members of JSON that somebody else wrote: what is missing or of another type is nothing,
 * never a warning.
 */
#pragma once
#include <json-glib/json-glib.h>
#include <math.h>

G_BEGIN_DECLS

static inline JsonNode *
attune_json_get_value (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? node : NULL;
}

/* %NULL where there is no such string. Borrowed. */
static inline const char *
attune_json_get_string (JsonObject *object, const char *name)
{
  JsonNode *node = attune_json_get_value (object, name);

  return node != NULL ? json_node_get_string (node) : NULL;
}

/* 0 where there is no such number. */
static inline gint64
attune_json_get_int (JsonObject *object, const char *name)
{
  JsonNode *node = attune_json_get_value (object, name);

  return node != NULL ? json_node_get_int (node) : 0;
}

static inline double
attune_json_get_double (JsonObject *object, const char *name)
{
  JsonNode *node = attune_json_get_value (object, name);

  return node != NULL ? json_node_get_double (node) : 0;
}

static inline gboolean
attune_json_get_boolean (JsonObject *object, const char *name)
{
  JsonNode *node = attune_json_get_value (object, name);

  return node != NULL && json_node_get_boolean (node);
}

static inline JsonObject *
attune_json_get_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* JSON has no NaN and no infinity: null stands for them. */
static inline void
attune_json_set_double (JsonObject *object, const char *name, double value)
{
  if (isfinite (value))
    json_object_set_double_member (object, name, value);
  else
    json_object_set_null_member (object, name);
}

G_END_DECLS
