/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads config.json by the table of families. Names and defaults: the configuration classes of
 * Hugging Face Transformers 4.57.
 */
#include "model/hf-config-private.h"
#include "model/model-error.h"

#include <math.h>
#include <string.h>

#define ROTARY_BASE_DEFAULT 10000.0

void
attune_hf_config_clear (AttuneHfConfig *self)
{
  g_clear_pointer (&self->short_factors, g_array_unref);
  g_clear_pointer (&self->long_factors, g_array_unref);
}

static gboolean
read_gate (const AttuneHfReader *self, AttuneGate *gate, GError **error)
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
  const char *name = attune_hf_get_text (
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

/* Layer by layer, where the file says it: a list of words, or of 0 and 1. */
static void
read_layer_lists (const AttuneHfReader *self)
{
  AttuneDecoderConfig *c = &self->out->config;
  JsonNode *types = attune_hf_find_value (self->object, NAMES ("layer_types")),
           *turned = attune_hf_find_value (self->object, NAMES ("no_rope_layers"));
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
read_heads (const AttuneHfReader *self, GError **error)
{
  AttuneDecoderConfig *c = &self->out->config;
  const gboolean falcon = g_str_equal (self->out->family->name, "falcon");
  float share;

  if (!attune_hf_get_int (self, NAMES ("num_attention_heads", "n_head"), -1, &c->n_heads, error)
      || !attune_hf_get_int (self, NAMES ("num_key_value_heads", "num_kv_heads"), c->n_heads,
                             &c->n_kv_heads, error))
    return FALSE;
  if (c->n_heads < 1)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "says that it has no attention heads.");
  if (falcon && !attune_hf_get_bool (self, "new_decoder_architecture", FALSE))
    c->n_kv_heads = attune_hf_get_bool (self, "multi_query", TRUE) ? 1 : c->n_heads;
  if (!attune_hf_get_int (self, NAMES ("head_dim"), c->n_embd / c->n_heads, &c->head_dim, error)
      || !attune_hf_get_float (self, self->object, NAMES ("partial_rotary_factor"), 1, &share,
                               error))
    return FALSE;
  c->rotary_dim = share < 1 ? (int) (c->head_dim * share) : 0;
  if (falcon && attune_hf_get_bool (self, "alibi", FALSE))
    return attune_hf_refuse (self, "marks positions by distances (ALiBi)", error);
  if (falcon && !attune_hf_get_bool (self, "parallel_attn", TRUE))
    c->block = ATTUNE_BLOCK_PRE;
  if (attune_hf_get_bool (self, "use_parallel_residual", FALSE))
    c->block = ATTUNE_BLOCK_PARALLEL;
  if (attune_hf_get_bool (self, "qk_layernorm", FALSE))
    return attune_hf_refuse (self, "norms each head with gains of its own", error);
  return TRUE;
}

static gboolean
read_experts (const AttuneHfReader *self, GError **error)
{
  AttuneDecoderConfig *c = &self->out->config;
  JsonNode *dense = attune_hf_find_value (self->object, NAMES ("mlp_only_layers"));
  int step;

  if (!attune_hf_get_int (self, NAMES ("num_local_experts", "num_experts"), 0, &c->n_experts,
                          error))
    return FALSE;
  if (c->n_experts == 0)
    return TRUE;
  if (!attune_hf_get_int (self, NAMES ("num_experts_per_tok"), -1, &c->n_experts_used, error)
      || !attune_hf_get_int (self, NAMES ("moe_intermediate_size"), c->n_ff, &c->expert_ff, error)
      || !attune_hf_get_int (self, NAMES ("shared_expert_intermediate_size"), 0, &c->shared_ff,
                             error)
      || !attune_hf_get_int (self, NAMES ("decoder_sparse_step"), 1, &step, error))
    return FALSE;
  c->renormalise = attune_hf_get_bool (self, "norm_topk_prob", c->renormalise);
  if (step != 1
      || (dense != NULL && JSON_NODE_HOLDS_ARRAY (dense)
          && json_array_get_length (json_node_get_array (dense)) > 0))
    return attune_hf_refuse (self, "has experts in some of its layers only", error);
  return TRUE;
}

static gboolean
read_window (const AttuneHfReader *self, GError **error)
{
  AttuneDecoderConfig *c = &self->out->config;

  if (!attune_hf_get_int (self, NAMES ("sliding_window"), 0, &c->window, error))
    return FALSE;
  if (!attune_hf_get_bool (self, "use_sliding_window", TRUE) || c->window >= c->max_tokens)
    c->window = 0;
  return TRUE;
}

static gboolean
read_numbers (const AttuneHfReader *self, GError **error)
{
  AttuneDecoderConfig *c = &self->out->config;
  float query_scale;

  return attune_hf_get_int (self, NAMES ("num_hidden_layers", "n_layer"), -1, &c->n_layers, error)
         && attune_hf_get_int (self, NAMES ("hidden_size", "n_embd"), -1, &c->n_embd, error)
         && attune_hf_get_int (self, NAMES ("intermediate_size", "n_inner", "ffn_hidden_size"),
                               4 * (gint64) c->n_embd, &c->n_ff, error)
         && attune_hf_get_int (self, NAMES ("max_position_embeddings", "n_positions"), 2048,
                               &c->max_tokens, error)
         && attune_hf_get_float (self, self->object,
                                 NAMES ("rms_norm_eps", "layer_norm_eps", "layer_norm_epsilon"), -1,
                                 &c->norm_eps, error)
         && attune_hf_get_float (self, self->object, NAMES ("rope_theta"), ROTARY_BASE_DEFAULT,
                                 &c->rotary_base, error)
         && attune_hf_get_float (self, self->object, NAMES ("rope_local_base_freq"), 0,
                                 &c->sliding_rotary_base, error)
         && attune_hf_get_float (self, self->object, NAMES ("attn_logit_softcapping"), 0,
                                 &c->attn_cap, error)
         && attune_hf_get_float (self, self->object, NAMES ("final_logit_softcapping"), 0,
                                 &c->logit_cap, error)
         && attune_hf_get_float (self, self->object, NAMES ("query_pre_attn_scalar"), 0,
                                 &query_scale, error)
         && (c->attn_scale = query_scale > 0 ? 1.0f / sqrtf (query_scale) : 0, TRUE);
}

static gboolean
read_config (const AttuneHfReader *self, GError **error)
{
  AttuneDecoderConfig *c = &self->out->config;

  c->rotary = ATTUNE_ROTARY_HALVES;
  if (!read_numbers (self, error) || !read_window (self, error))
    return FALSE;
  attune_family_apply (self->out->family, c);
  self->out->says_tied = attune_hf_get_bool (self, "tie_word_embeddings", FALSE);
  if (!read_heads (self, error) || !read_experts (self, error) || !read_gate (self, &c->gate, error)
      || !attune_hf_read_stretch (self, error))
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
  AttuneHfReader reader = { self, NULL, path };
  const char *type;
  JsonNode *root, *text;

  *self = (AttuneHfConfig) { 0 };
  if (!json_parser_load_from_data (parser, json, length, &reason)
      || (root = json_parser_get_root (parser)) == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path,
                              "is not a model's configuration: it is no JSON object.");
  reader.object = json_node_get_object (root);
  type = attune_hf_get_text (reader.object, NAMES ("model_type"));
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
  text = attune_hf_find_value (reader.object, NAMES ("text_config"));
  if (text != NULL && JSON_NODE_HOLDS_OBJECT (text))
    reader.object = json_node_get_object (text);
  if (read_config (&reader, error))
    return TRUE;
  attune_hf_config_clear (self);
  return FALSE;
}
