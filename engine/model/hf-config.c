/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads config.json by the table of families. Names and defaults: the configuration classes of
 * Hugging Face Transformers 4.57.
 */
#include "model/hf-config.h"
#include "model/model-error.h"

#include <math.h>
#include <string.h>

#define CONFIG_MAX (1 << 24)
#define ROTARY_BASE_DEFAULT 10000.0

typedef struct
{
  AttuneHfConfig *out;
  JsonObject *object;
  const char *path;
} Reader;

void
attune_hf_config_clear (AttuneHfConfig *self)
{
  g_clear_pointer (&self->short_factors, g_array_unref);
  g_clear_pointer (&self->long_factors, g_array_unref);
}

/* The value under the first of @names (NULL-terminated) that is there and not null. */
static JsonNode *
find_value (JsonObject *object, const char *const *names)
{
  for (; *names != NULL; names++)
    {
      JsonNode *node = json_object_get_member (object, *names);

      if (node != NULL && !JSON_NODE_HOLDS_NULL (node))
        return node;
    }
  return NULL;
}

#define NAMES(...) ((const char *const[]) { __VA_ARGS__, NULL })

/* @fallback < 0: it must be there. */
static gboolean
read_int (const Reader *self, const char *const *names, gint64 fallback, int *value, GError **error)
{
  JsonNode *node = find_value (self->object, names);
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
  if (number < 0 || number > CONFIG_MAX)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "says that its “%s” is %" G_GINT64_FORMAT ", which is impossible.",
                              names[0], number);
  *value = (int) number;
  return TRUE;
}

static gboolean
is_number (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node)
         && (json_node_get_value_type (node) == G_TYPE_INT64
             || json_node_get_value_type (node) == G_TYPE_DOUBLE);
}

/* @fallback < 0: it must be there. */
static gboolean
read_float (const Reader *self, JsonObject *object, const char *const *names, double fallback,
            float *value, GError **error)
{
  JsonNode *node = find_value (object, names);
  double number = fallback;

  if (node == NULL && fallback < 0)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "does not say its “%s”.", names[0]);
  if (node != NULL)
    number = is_number (node) ? json_node_get_double (node) : -1;
  if (!(number >= 0 && number < 1e12))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "says something impossible for its “%s”.", names[0]);
  *value = (float) number;
  return TRUE;
}

static gboolean
read_bool (const Reader *self, const char *name, gboolean fallback)
{
  JsonNode *node = find_value (self->object, NAMES (name));

  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_BOOLEAN
             ? json_node_get_boolean (node)
             : fallback;
}

static const char *
read_text (JsonObject *object, const char *const *names)
{
  JsonNode *node = find_value (object, names);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

static gboolean
refuse (const Reader *self, const char *what, GError **error)
{
  return attune_model_fail (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, self->path,
                            "%s, which this version of Attune cannot do.", what);
}

static gboolean
read_gate (const Reader *self, AttuneGate *gate, GError **error)
{
  static const struct
  {
    const char *name;
    AttuneGate gate;
  } gates[] = {
    { "silu", ATTUNE_GATE_SILU },
    { "swish", ATTUNE_GATE_SILU },
    { "gelu", ATTUNE_GATE_GELU },
    { "gelu_new", ATTUNE_GATE_GELU_TANH },
    { "gelu_pytorch_tanh", ATTUNE_GATE_GELU_TANH },
  };
  /* Gemma's own name comes first: some of its files say another under the common one. */
  const char *name = read_text (
      self->object, NAMES ("hidden_activation", "hidden_act", "activation_function", "activation"));
  const gboolean gemma = g_str_equal (self->out->family->name, "gemma");

  if (name == NULL || gemma) /* Gemma 1 was trained with the tanh form whatever its file says */
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (gates); i++)
    if (g_str_equal (gates[i].name, name))
      {
        *gate = gates[i].gate;
        return TRUE;
      }
  return attune_model_fail (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, self->path,
                            "uses the activation “%s”, which this version of Attune does not have.",
                            name);
}

/* A list of numbers as floats; @n of them. Returns: (transfer full) (nullable) */
static GArray *
read_factors (const Reader *self, JsonObject *object, const char *name, int n, GError **error)
{
  JsonNode *node = find_value (object, NAMES (name));
  JsonArray *list
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  g_autoptr (GArray) factors = g_array_new (FALSE, FALSE, sizeof (float));

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonNode *item = json_array_get_element (list, i);
      const float factor = is_number (item) ? (float) json_node_get_double (item) : 0;

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
read_long (const Reader *self, JsonObject *scaling, GError **error)
{
  AttuneDecoderConfig *c = &self->out->config;
  AttuneStretching *s = &c->stretch;
  const int n = (c->rotary_dim > 0 ? c->rotary_dim : c->head_dim) / 2;
  JsonNode *original = find_value (self->object, NAMES ("original_max_position_embeddings"));
  float factor, magnitude;

  s->kind = ATTUNE_STRETCH_LONG;
  if (!read_int (self, NAMES ("original_max_position_embeddings"), c->max_tokens, &s->original,
                 error)
      || !read_float (self, scaling, NAMES ("factor"), 1, &factor, error)
      || !read_float (self, scaling, NAMES ("attention_factor"), 0, &magnitude, error))
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
read_yarn (const Reader *self, JsonObject *scaling, GError **error)
{
  AttuneStretching *s = &self->out->config.stretch;
  float scale, all;

  s->kind = ATTUNE_STRETCH_YARN;
  if (!read_float (self, scaling, NAMES ("beta_slow"), 1, &s->low, error)
      || !read_float (self, scaling, NAMES ("beta_fast"), 32, &s->high, error)
      || !read_float (self, scaling, NAMES ("attention_factor"), 0, &s->magnitude, error)
      || !read_float (self, scaling, NAMES ("mscale"), 0, &scale, error)
      || !read_float (self, scaling, NAMES ("mscale_all_dim"), 0, &all, error))
    return FALSE;
  if (s->magnitude == 0 && scale > 0 && all > 0 && s->factor > 1)
    s->magnitude = (0.1f * scale * logf (s->factor) + 1) / (0.1f * all * logf (s->factor) + 1);
  else if (s->magnitude == 0)
    s->magnitude = s->factor > 1 ? 0.1f * logf (s->factor) + 1 : 1;
  return TRUE;
}

static gboolean
read_stretch (const Reader *self, GError **error)
{
  AttuneDecoderConfig *c = &self->out->config;
  AttuneStretching *s = &c->stretch;
  JsonNode *node = find_value (self->object, NAMES ("rope_scaling"));
  JsonObject *scaling;
  const char *type;
  float original;

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "does not describe its “rope_scaling”.");
  scaling = json_node_get_object (node);
  type = read_text (scaling, NAMES ("rope_type", "type"));
  if (type == NULL || g_str_equal (type, "default")
      || g_str_equal (type, "dynamic")) /* which stretches only beyond the model's context */
    return TRUE;
  if (g_str_equal (type, "longrope") || g_str_equal (type, "su"))
    return read_long (self, scaling, error);
  if (!read_float (self, scaling, NAMES ("factor"), -1, &s->factor, error)
      || !read_float (self, scaling, NAMES ("original_max_position_embeddings"), c->max_tokens,
                      &original, error)
      || !read_float (self, scaling, NAMES ("low_freq_factor"), 1, &s->low, error)
      || !read_float (self, scaling, NAMES ("high_freq_factor"), 4, &s->high, error))
    return FALSE;
  s->original = (int) MIN (original, CONFIG_MAX);
  if (g_str_equal (type, "yarn"))
    return read_yarn (self, scaling, error);
  if (g_str_equal (type, "linear"))
    s->kind = ATTUNE_STRETCH_LINEAR;
  else if (g_str_equal (type, "llama3"))
    s->kind = ATTUNE_STRETCH_LLAMA3;
  else
    return refuse (self, "stretches its positions (rope scaling) in a way", error);
  return TRUE;
}

/* Layer by layer, where the file says it: a list of words, or of 0 and 1. */
static void
read_layer_lists (const Reader *self)
{
  AttuneDecoderConfig *c = &self->out->config;
  JsonNode *types = find_value (self->object, NAMES ("layer_types")),
           *turned = find_value (self->object, NAMES ("no_rope_layers"));
  const int n = MIN (c->n_layers, ATTUNE_MAX_LAYERS);

  if (types != NULL && JSON_NODE_HOLDS_ARRAY (types)
      && json_array_get_length (json_node_get_array (types)) == (guint) n)
    {
      c->sliding = (AttuneLayerSet) { 0 };
      for (int i = 0; i < n && c->window > 0; i++)
        {
          JsonNode *type = json_array_get_element (json_node_get_array (types), i);

          if (JSON_NODE_HOLDS_VALUE (type)
              && g_strcmp0 (json_node_get_string (type), "sliding_attention") == 0)
            attune_layer_set_add (&c->sliding, i);
        }
    }
  if (turned != NULL && JSON_NODE_HOLDS_ARRAY (turned)
      && json_array_get_length (json_node_get_array (turned)) == (guint) n)
    {
      c->unturned = (AttuneLayerSet) { 0 };
      for (int i = 0; i < n; i++)
        {
          JsonNode *flag = json_array_get_element (json_node_get_array (turned), i);

          if (JSON_NODE_HOLDS_VALUE (flag) && json_node_get_int (flag) == 0)
            attune_layer_set_add (&c->unturned, i);
        }
    }
}

/* Heads, and what Falcon says in its own way. */
static gboolean
read_heads (const Reader *self, GError **error)
{
  AttuneDecoderConfig *c = &self->out->config;
  const gboolean falcon = g_str_equal (self->out->family->name, "falcon");
  float share;

  if (!read_int (self, NAMES ("num_attention_heads", "n_head"), -1, &c->n_heads, error)
      || !read_int (self, NAMES ("num_key_value_heads", "num_kv_heads"), c->n_heads, &c->n_kv_heads,
                    error))
    return FALSE;
  if (c->n_heads < 1)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "says that it has no attention heads.");
  if (falcon && !read_bool (self, "new_decoder_architecture", FALSE))
    c->n_kv_heads = read_bool (self, "multi_query", TRUE) ? 1 : c->n_heads;
  if (!read_int (self, NAMES ("head_dim"), c->n_embd / c->n_heads, &c->head_dim, error)
      || !read_float (self, self->object, NAMES ("partial_rotary_factor"), 1, &share, error))
    return FALSE;
  c->rotary_dim = share < 1 ? (int) (c->head_dim * share) : 0;
  if (falcon && read_bool (self, "alibi", FALSE))
    return refuse (self, "marks positions by distances (ALiBi)", error);
  if (falcon && !read_bool (self, "parallel_attn", TRUE))
    c->block = ATTUNE_BLOCK_PRE;
  if (read_bool (self, "use_parallel_residual", FALSE))
    c->block = ATTUNE_BLOCK_PARALLEL;
  if (read_bool (self, "qk_layernorm", FALSE))
    return refuse (self, "norms each head with gains of its own", error);
  return TRUE;
}

static gboolean
read_experts (const Reader *self, GError **error)
{
  AttuneDecoderConfig *c = &self->out->config;
  JsonNode *dense = find_value (self->object, NAMES ("mlp_only_layers"));
  int step;

  if (!read_int (self, NAMES ("num_local_experts", "num_experts"), 0, &c->n_experts, error))
    return FALSE;
  if (c->n_experts == 0)
    return TRUE;
  if (!read_int (self, NAMES ("num_experts_per_tok"), -1, &c->n_experts_used, error)
      || !read_int (self, NAMES ("moe_intermediate_size"), c->n_ff, &c->expert_ff, error)
      || !read_int (self, NAMES ("shared_expert_intermediate_size"), 0, &c->shared_ff, error)
      || !read_int (self, NAMES ("decoder_sparse_step"), 1, &step, error))
    return FALSE;
  c->renormalise = read_bool (self, "norm_topk_prob", c->renormalise);
  if (step != 1
      || (dense != NULL && JSON_NODE_HOLDS_ARRAY (dense)
          && json_array_get_length (json_node_get_array (dense)) > 0))
    return refuse (self, "has experts in some of its layers only", error);
  return TRUE;
}

static gboolean
read_window (const Reader *self, GError **error)
{
  AttuneDecoderConfig *c = &self->out->config;

  if (!read_int (self, NAMES ("sliding_window"), 0, &c->window, error))
    return FALSE;
  if (!read_bool (self, "use_sliding_window", TRUE) || c->window >= c->max_tokens)
    c->window = 0;
  return TRUE;
}

static gboolean
read_numbers (const Reader *self, GError **error)
{
  AttuneDecoderConfig *c = &self->out->config;
  float query_scale;

  return read_int (self, NAMES ("num_hidden_layers", "n_layer"), -1, &c->n_layers, error)
         && read_int (self, NAMES ("hidden_size", "n_embd"), -1, &c->n_embd, error)
         && read_int (self, NAMES ("intermediate_size", "n_inner", "ffn_hidden_size"),
                      4 * (gint64) c->n_embd, &c->n_ff, error)
         && read_int (self, NAMES ("max_position_embeddings", "n_positions"), 2048, &c->max_tokens,
                      error)
         && read_float (self, self->object,
                        NAMES ("rms_norm_eps", "layer_norm_eps", "layer_norm_epsilon"), -1,
                        &c->norm_eps, error)
         && read_float (self, self->object, NAMES ("rope_theta"), ROTARY_BASE_DEFAULT,
                        &c->rotary_base, error)
         && read_float (self, self->object, NAMES ("rope_local_base_freq"), 0,
                        &c->sliding_rotary_base, error)
         && read_float (self, self->object, NAMES ("attn_logit_softcapping"), 0, &c->attn_cap,
                        error)
         && read_float (self, self->object, NAMES ("final_logit_softcapping"), 0, &c->logit_cap,
                        error)
         && read_float (self, self->object, NAMES ("query_pre_attn_scalar"), 0, &query_scale, error)
         && (c->attn_scale = query_scale > 0 ? 1.0f / sqrtf (query_scale) : 0, TRUE);
}

static gboolean
read_config (const Reader *self, GError **error)
{
  AttuneDecoderConfig *c = &self->out->config;

  c->rotary = ATTUNE_ROTARY_HALVES;
  if (!read_numbers (self, error) || !read_window (self, error))
    return FALSE;
  attune_family_apply (self->out->family, c);
  self->out->says_tied = read_bool (self, "tie_word_embeddings", FALSE);
  if (!read_heads (self, error) || !read_experts (self, error) || !read_gate (self, &c->gate, error)
      || !read_stretch (self, error))
    return FALSE;
  read_layer_lists (self);
  return TRUE;
}

gboolean
attune_hf_config_parse (AttuneHfConfig *self, const char *json, gssize length, const char *path,
                        GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) reason = NULL;
  Reader reader = { self, NULL, path };
  const char *type;
  JsonNode *root, *text;

  *self = (AttuneHfConfig) { 0 };
  if (!json_parser_load_from_data (parser, json, length, &reason)
      || (root = json_parser_get_root (parser)) == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path,
                              "is not a model's configuration: it is no JSON object.");
  reader.object = json_node_get_object (root);
  type = read_text (reader.object, NAMES ("model_type"));
  if (type == NULL)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path,
                              "does not say which kind of model it is (model_type).");
  self->family = attune_family_find_type (type);
  if (self->family == NULL)
    {
      g_autofree char *list = attune_family_list ();

      return attune_model_fail (
          error, ATTUNE_MODEL_ERROR_UNSUPPORTED, path,
          "is of a model of the family “%s”; this version of Attune can use: %s.", type, list);
    }
  /* A model of pictures and text has the latter's part inside. */
  text = find_value (reader.object, NAMES ("text_config"));
  if (text != NULL && JSON_NODE_HOLDS_OBJECT (text))
    reader.object = json_node_get_object (text);
  if (read_config (&reader, error))
    return TRUE;
  attune_hf_config_clear (self);
  return FALSE;
}
