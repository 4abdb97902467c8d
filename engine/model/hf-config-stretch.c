/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a configuration says that positions are stretched (rope_scaling).
 */
#include "model/hf-config-private.h"
#include "model/model-error.h"

#include <math.h>

/* A list of numbers as floats; @n of them. Returns: (transfer full) (nullable) */
static GArray *
read_factors (const AttuneHfReader *self, JsonObject *object, const char *name, int n,
              GError **error)
{
  JsonNode *node = attune_hf_find_value (object, NAMES (name));
  JsonArray *list
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  g_autoptr (GArray) factors = g_array_new (FALSE, FALSE, sizeof (float));

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonNode *item = json_array_get_element (list, i);
      const float factor = attune_hf_is_number (item) ? (float) json_node_get_double (item) : 0;

      if (factor > 0 && isfinite (factor))
        g_array_append_val (factors, factor);
    }
  if ((int) factors->len == n)
    return g_steal_pointer (&factors);
  attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                     "does not give %d numbers for its “%s”.", n, name);
  return NULL;
}

static gboolean
read_long (const AttuneHfReader *self, JsonObject *scaling, GError **error)
{
  AttuneDecoderConfig *c = &self->out->config;
  AttuneStretching *s = &c->stretch;
  const int n = (c->rotary_dim > 0 ? c->rotary_dim : c->head_dim) / 2;
  JsonNode *original
      = attune_hf_find_value (self->object, NAMES ("original_max_position_embeddings"));
  float factor, magnitude;

  s->kind = ATTUNE_STRETCH_LONG;
  if (!attune_hf_get_int (self, NAMES ("original_max_position_embeddings"), c->max_tokens,
                          &s->original, error)
      || !attune_hf_get_float (self, scaling, NAMES ("factor"), 1, &factor, error)
      || !attune_hf_get_float (self, scaling, NAMES ("attention_factor"), 0, &magnitude, error))
    return FALSE;
  if (original != NULL && s->original > 0)
    factor = (float) c->max_tokens / s->original;
  if (magnitude == 0)
    magnitude = factor <= 1 ? 1 : sqrtf (1 + logf (factor) / logf (s->original));
  s->magnitude = magnitude;
  self->out->short_factors = read_factors (self, scaling, "short_factor", n, error);
  if (self->out->short_factors == NULL)
    return FALSE;
  self->out->long_factors = read_factors (self, scaling, "long_factor", n, error);
  return self->out->long_factors != NULL;
}

static gboolean
read_yarn (const AttuneHfReader *self, JsonObject *scaling, GError **error)
{
  AttuneStretching *s = &self->out->config.stretch;
  float scale, all;

  s->kind = ATTUNE_STRETCH_YARN;
  if (!attune_hf_get_float (self, scaling, NAMES ("beta_slow"), 1, &s->low, error)
      || !attune_hf_get_float (self, scaling, NAMES ("beta_fast"), 32, &s->high, error)
      || !attune_hf_get_float (self, scaling, NAMES ("attention_factor"), 0, &s->magnitude, error)
      || !attune_hf_get_float (self, scaling, NAMES ("mscale"), 0, &scale, error)
      || !attune_hf_get_float (self, scaling, NAMES ("mscale_all_dim"), 0, &all, error))
    return FALSE;
  if (s->magnitude == 0 && scale > 0 && all > 0 && s->factor > 1)
    s->magnitude = (0.1f * scale * logf (s->factor) + 1) / (0.1f * all * logf (s->factor) + 1);
  else if (s->magnitude == 0)
    s->magnitude = s->factor > 1 ? 0.1f * logf (s->factor) + 1 : 1;
  return TRUE;
}

gboolean
attune_hf_read_stretch (const AttuneHfReader *self, GError **error)
{
  AttuneDecoderConfig *c = &self->out->config;
  AttuneStretching *s = &c->stretch;
  JsonNode *node = attune_hf_find_value (self->object, NAMES ("rope_scaling"));
  JsonObject *scaling;
  const char *type;
  float original;

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "does not describe its “rope_scaling”.");
  scaling = json_node_get_object (node);
  type = attune_hf_get_text (scaling, NAMES ("rope_type", "type"));
  if (type == NULL || g_str_equal (type, "default")
      || g_str_equal (type, "dynamic")) /* which stretches only beyond the model's context */
    return TRUE;
  if (g_str_equal (type, "longrope") || g_str_equal (type, "su"))
    return read_long (self, scaling, error);
  if (!attune_hf_get_float (self, scaling, NAMES ("factor"), -1, &s->factor, error)
      || !attune_hf_get_float (self, scaling, NAMES ("original_max_position_embeddings"),
                               c->max_tokens, &original, error)
      || !attune_hf_get_float (self, scaling, NAMES ("low_freq_factor"), 1, &s->low, error)
      || !attune_hf_get_float (self, scaling, NAMES ("high_freq_factor"), 4, &s->high, error))
    return FALSE;
  s->original = (int) MIN (original, ATTUNE_HF_CONFIG_MAX);
  if (g_str_equal (type, "yarn"))
    return read_yarn (self, scaling, error);
  if (g_str_equal (type, "linear"))
    s->kind = ATTUNE_STRETCH_LINEAR;
  else if (g_str_equal (type, "llama3"))
    s->kind = ATTUNE_STRETCH_LLAMA3;
  else
    return attune_hf_refuse (self, "stretches its positions (rope scaling) in a way", error);
  return TRUE;
}
