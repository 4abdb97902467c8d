/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The labels of a run, as its checkpoint keeps them.
 */
#include "generate/labels-private.h"

#include "plan/estimate.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

static void
add_kind (const AttuneLabels *self, JsonObject *object)
{
  const char mark[] = { self->format.mark, '\0' };

  json_object_set_string_member (object, "kind", attune_label_kind_get_name (self->format.kind));
  json_object_set_int_member (object, "samples", self->n_samples);
  /* numbers of data that do not say how they are written have none */
  if (self->format.kind == ATTUNE_LABELS_SEVERAL || self->format.mark == '.'
      || self->format.mark == ',')
    json_object_set_string_member (object, "mark", mark);
  if (self->format.kind == ATTUNE_LABELS_NUMBER)
    {
      json_object_set_double_member (object, "mean", self->mean);
      json_object_set_double_member (object, "spread", self->spread);
    }
}

static void
add_costs (const AttuneLabels *self, JsonObject *object)
{
  JsonArray *costs = json_array_new ();

  for (guint i = 0; i < self->names->len * self->names->len; i++)
    json_array_add_double_element (costs, self->costs[i]);
  json_object_set_array_member (object, "costs", costs);
}

char *
attune_labels_to_json (const AttuneLabels *self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonArray *names = json_array_new (), *counts = json_array_new ();

  for (guint i = 0; i < self->names->len; i++)
    {
      json_array_add_string_element (names, self->names->pdata[i]);
      json_array_add_int_element (counts, g_array_index (self->counts, guint64, i));
    }
  json_object_set_array_member (object, "names", names);
  json_object_set_array_member (object, "counts", counts);
  json_object_set_boolean_member (object, "whole", self->whole);
  if (self->format.kind != ATTUNE_LABELS_ONE)
    add_kind (self, object);
  if (self->costs != NULL)
    add_costs (self, object);
  json_node_set_object (node, object);
  return json_to_string (node, FALSE);
}

/* Whether the arrays are what attune_labels_to_json() writes: the file may be a foreign one. */
static gboolean
take_arrays (AttuneLabels *self, JsonObject *object)
{
  JsonNode *names = json_object_get_member (object, "names"),
           *counts = json_object_get_member (object, "counts");
  guint n;

  if (names == NULL || counts == NULL || !JSON_NODE_HOLDS_ARRAY (names)
      || !JSON_NODE_HOLDS_ARRAY (counts))
    return FALSE;
  n = json_array_get_length (json_node_get_array (names));
  if (n != json_array_get_length (json_node_get_array (counts)) || n > ATTUNE_LABELS_MAX)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      JsonNode *name = json_array_get_element (json_node_get_array (names), i),
               *count = json_array_get_element (json_node_get_array (counts), i);

      if (json_node_get_value_type (name) != G_TYPE_STRING
          || json_node_get_value_type (count) != G_TYPE_INT64 || json_node_get_int (count) < 0)
        return FALSE;
      /* they are looked up by halves */
      if (strcmp (i > 0 ? self->names->pdata[i - 1] : "", json_node_get_string (name)) >= 0)
        return FALSE;
      attune_labels_add (self, json_node_get_string (name), json_node_get_int (count));
    }
  return TRUE;
}

/* One label each where it does not say. */
static gboolean
take_kind (AttuneLabels *self, JsonObject *object)
{
  const char *mark = json_object_get_string_member_with_default (object, "mark", ";");
  const gint64 n = json_object_get_int_member_with_default (object, "samples", 0);

  self->format.kind = attune_label_kind_of_name (
      json_object_get_string_member_with_default (object, "kind", NULL));
  self->format.mark = mark != NULL ? *mark : ';';
  self->n_samples = MAX (n, 0);
  for (guint i = 0; self->format.kind == ATTUNE_LABELS_ONE && i < self->counts->len; i++)
    self->n_samples += g_array_index (self->counts, guint64, i);
  self->mean = json_object_get_double_member_with_default (object, "mean", 0);
  self->spread = json_object_get_double_member_with_default (object, "spread", 1);
  return mark != NULL && *mark != '\0' && isfinite (self->mean)
         && attune_labels_check (self, G_MAXINT64, NULL);
}

static gboolean
take_costs (AttuneLabels *self, JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "costs");
  const guint n = self->names->len * self->names->len;

  if (node == NULL)
    return TRUE;
  if (self->format.kind != ATTUNE_LABELS_ONE || !JSON_NODE_HOLDS_ARRAY (node)
      || json_array_get_length (json_node_get_array (node)) != n)
    return FALSE;
  self->costs = g_new (float, n);
  for (guint i = 0; i < n; i++)
    {
      JsonNode *cost = json_array_get_element (json_node_get_array (node), i);

      if (!JSON_NODE_HOLDS_VALUE (cost))
        return FALSE;
      self->costs[i] = json_node_get_double (cost);
      if (!(self->costs[i] >= 0) || !isfinite (self->costs[i]))
        return FALSE;
    }
  return TRUE;
}

AttuneLabels *
attune_labels_of_json (const char *json, GError **error)
{
  g_autoptr (AttuneLabels) self = attune_labels_new ((AttuneLabelFormat) { 0 });
  g_autoptr (JsonNode) node = json_from_string (json, NULL);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node)
      || !take_arrays (self, json_node_get_object (node))
      || !take_kind (self, json_node_get_object (node))
      || !take_costs (self, json_node_get_object (node)))
    {
      g_set_error_literal (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                           "The run’s list of labels is damaged. Start the run anew.");
      return NULL;
    }
  self->whole
      = json_object_get_boolean_member_with_default (json_node_get_object (node), "whole", FALSE);
  attune_labels_begin_rows (self);
  return g_steal_pointer (&self);
}
