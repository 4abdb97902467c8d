/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values of a configuration, each of the type that it has to have.
 */
#include "model/hf-config-private.h"
#include "model/model-error.h"

JsonNode *
attune_hf_find_value (JsonObject *object, const char *const *names)
{
  for (; *names != NULL; names++)
    {
      JsonNode *node = json_object_get_member (object, *names);

      if (node != NULL && !JSON_NODE_HOLDS_NULL (node))
        return node;
    }
  return NULL;
}

gboolean
attune_hf_get_int (const AttuneHfReader *self, const char *const *names, gint64 fallback,
                   int *value, GError **error)
{
  JsonNode *node = attune_hf_find_value (self->object, names);
  gint64 number = fallback;

  if (node == NULL && fallback < 0)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "does not say its “%s”.", names[0]);
  if (node != NULL
      && (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "says something else than a whole number for its “%s”.", names[0]);
  if (node != NULL)
    number = json_node_get_int (node);
  if (number < 0 || number > ATTUNE_HF_CONFIG_MAX)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "says that its “%s” is %" G_GINT64_FORMAT ", which is impossible.",
                              names[0], number);
  *value = (int) number;
  return TRUE;
}

gboolean
attune_hf_is_number (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node)
         && (json_node_get_value_type (node) == G_TYPE_INT64
             || json_node_get_value_type (node) == G_TYPE_DOUBLE);
}

gboolean
attune_hf_get_float (const AttuneHfReader *self, JsonObject *object, const char *const *names,
                     double fallback, float *value, GError **error)
{
  JsonNode *node = attune_hf_find_value (object, names);
  double number = fallback;

  if (node == NULL && fallback < 0)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "does not say its “%s”.", names[0]);
  if (node != NULL)
    number = attune_hf_is_number (node) ? json_node_get_double (node) : -1;
  if (!(number >= 0 && number < 1e12))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "says something impossible for its “%s”.", names[0]);
  *value = (float) number;
  return TRUE;
}

gboolean
attune_hf_get_bool (const AttuneHfReader *self, const char *name, gboolean fallback)
{
  JsonNode *node = attune_hf_find_value (self->object, NAMES (name));

  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_BOOLEAN
             ? json_node_get_boolean (node)
             : fallback;
}

const char *
attune_hf_get_text (JsonObject *object, const char *const *names)
{
  JsonNode *node = attune_hf_find_value (object, names);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

gboolean
attune_hf_refuse (const AttuneHfReader *self, const char *what, GError **error)
{
  return attune_model_fail (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, self->path,
                            "%s, which this version of Attune cannot do.", what);
}
