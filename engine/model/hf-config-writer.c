/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The other way round of hf-config.c: config.json of a model that did not come with one. Names and
 * defaults: the configuration classes of Hugging Face Transformers 4.57.
 */
#include "model/hf-config-writer.h"

#include "core/number.h"
#include "model/families.h"
#include "model/model-error.h"

#include <math.h>
#include <string.h>

/* Llama 3's stretching as all of its models have it (Llama 3.1 to 3.3), but for the factor; where
 * nothing else says the original context, it is theirs. */
#define LLAMA3_LOW 1.0f
#define LLAMA3_HIGH 4.0f
#define LLAMA3_ORIGINAL 8192

typedef struct
{
  AttuneModel *model;
  const AttuneDecoderConfig *config;
  JsonObject *out;
} Writing;

/* The model_type, and the class in "architectures". */
static const struct
{
  const char *family, *type, *class;
} kinds[] = {
  { "llama", "llama", "LlamaForCausalLM" },
  { "qwen2", "qwen2", "Qwen2ForCausalLM" },
  { "qwen3", "qwen3", "Qwen3ForCausalLM" },
  { "qwen2moe", "qwen2_moe", "Qwen2MoeForCausalLM" },
  { "qwen3moe", "qwen3_moe", "Qwen3MoeForCausalLM" },
  { "smollm3", "smollm3", "SmolLM3ForCausalLM" },
  { "gemma", "gemma", "GemmaForCausalLM" },
  { "gemma2", "gemma2", "Gemma2ForCausalLM" },
  { "gemma3", "gemma3_text", "Gemma3ForCausalLM" },
  { "phi3", "phi3", "Phi3ForCausalLM" },
  { "olmo2", "olmo2", "Olmo2ForCausalLM" },
  { "stablelm", "stablelm", "StableLmForCausalLM" },
  { "gpt2", "gpt2", "GPT2LMHeadModel" },
  { "falcon", "falcon", "FalconForCausalLM" },
};

static gboolean
is_family (const Writing *self, const char *name)
{
  return g_str_equal (self->config->family, name);
}

static void
set_int (const Writing *self, const char *name, gint64 value)
{
  json_object_set_int_member (self->out, name, value);
}

static void
set_bool (const Writing *self, const char *name, gboolean value)
{
  json_object_set_boolean_member (self->out, name, value);
}

static void
set_float (JsonObject *object, const char *name, float value)
{
  json_object_set_double_member (object, name, attune_shorten_float (value));
}

static gboolean
has_tensor (const Writing *self, const char *name)
{
  return attune_model_lookup (self->model, name) != NULL;
}

/* --- positions */

static void
set_factors (const Writing *self, JsonObject *scaling, const char *name, const char *tensor)
{
  const AttuneTensor *t = attune_model_lookup (self->model, tensor);
  JsonArray *list = json_array_new ();

  for (gint64 i = 0; t != NULL && i < attune_tensor_count (t); i++)
    json_array_add_double_element (list, attune_shorten_float (((const float *) t->data)[i]));
  json_object_set_array_member (scaling, name, list);
}

/* The context by which angle @i of @n, which is stretched by some of the factor, was: what
 * attune_stretch_llama3() does, the other way round. 0: it is stretched by all of it, or none. */
static double
find_original (const AttuneStretching *rule, double base, int i, int n, double divisor)
{
  const double wave_length = 2 * G_PI * pow (base, (double) i / n);
  const double share = (1 / divisor - 1 / rule->factor) / (1 - 1 / rule->factor);

  if (!(share > 1e-3 && share < 1 - 1e-3))
    return 0;
  return wave_length * (share * (rule->high - rule->low) + rule->low);
}

/* A GGUF file of Llama 3 has the divisors themselves; the numbers they came from are found again,
 * or it is said that they cannot be. */
static gboolean
set_llama3 (const Writing *self, const AttuneTensor *divisors, GError **error)
{
  const AttuneDecoderConfig *c = self->config;
  const float *d = divisors->data;
  const int n = (int) attune_tensor_count (divisors);
  AttuneStretching rule = { .kind = ATTUNE_STRETCH_LLAMA3,
                            .factor = 1,
                            .low = LLAMA3_LOW,
                            .high = LLAMA3_HIGH,
                            .original = LLAMA3_ORIGINAL };
  JsonObject *scaling;

  for (int i = 0; i < n; i++)
    rule.factor = MAX (rule.factor, d[i]);
  for (int i = 0; i < n; i++)
    {
      const double original = find_original (&rule, c->rotary_base, i, n, d[i]);

      if (original >= 1 && original < G_MAXINT)
        rule.original = (int) round (original);
    }
  for (int i = 0; i < n; i++)
    {
      const float frequency = powf (c->rotary_base, -(float) i / n);

      if (fabsf (frequency / attune_stretch_llama3 (&rule, frequency) - d[i]) <= 1e-3f * d[i])
        continue;
      return attune_model_fail (error, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                                attune_model_get_path (self->model),
                                "stretches its positions in a way that Hugging Face's files have "
                                "no words for. Export the model as GGUF instead.");
    }
  scaling = json_object_new ();
  json_object_set_string_member (scaling, "rope_type", "llama3");
  set_float (scaling, "factor", rule.factor);
  set_float (scaling, "low_freq_factor", LLAMA3_LOW);
  set_float (scaling, "high_freq_factor", LLAMA3_HIGH);
  json_object_set_int_member (scaling, "original_max_position_embeddings", rule.original);
  json_object_set_object_member (self->out, "rope_scaling", scaling);
  return TRUE;
}

static void
set_yarn (const AttuneStretching *s, JsonObject *scaling)
{
  set_float (scaling, "factor", s->factor);
  set_float (scaling, "beta_slow", s->low);
  set_float (scaling, "beta_fast", s->high);
  if (s->magnitude > 0)
    set_float (scaling, "attention_factor", s->magnitude);
  json_object_set_int_member (scaling, "original_max_position_embeddings", s->original);
}

static gboolean
set_stretch (const Writing *self, GError **error)
{
  static const char *const names[] = { [ATTUNE_STRETCH_LINEAR] = "linear",
                                       [ATTUNE_STRETCH_YARN] = "yarn",
                                       [ATTUNE_STRETCH_LONG] = "longrope" };
  const AttuneStretching *s = &self->config->stretch;
  const AttuneTensor *divisors = attune_model_lookup (self->model, "rope_freqs.weight");
  JsonObject *scaling;

  if (divisors != NULL)
    return set_llama3 (self, divisors, error);
  if (s->kind == ATTUNE_STRETCH_NONE || s->kind == ATTUNE_STRETCH_LLAMA3)
    {
      json_object_set_null_member (self->out, "rope_scaling");
      return TRUE;
    }
  scaling = json_object_new ();
  json_object_set_string_member (scaling, s->kind == ATTUNE_STRETCH_LONG ? "type" : "rope_type",
                                 names[s->kind]);
  if (s->kind == ATTUNE_STRETCH_LINEAR)
    set_float (scaling, "factor", s->factor);
  else if (s->kind == ATTUNE_STRETCH_YARN)
    set_yarn (s, scaling);
  else
    {
      set_factors (self, scaling, "short_factor", "rope_factors_short.weight");
      set_factors (self, scaling, "long_factor", "rope_factors_long.weight");
      set_int (self, "original_max_position_embeddings", s->original);
    }
  json_object_set_object_member (self->out, "rope_scaling", scaling);
  return TRUE;
}

/* Layer by layer: a list of words, or of 0 and 1. */
static void
set_layer_lists (const Writing *self)
{
  const AttuneDecoderConfig *c = self->config;
  const gboolean lists_types = is_family (self, "gemma2") || is_family (self, "gemma3");
  JsonArray *types = json_array_new (), *turned = json_array_new ();

  for (int i = 0; i < c->n_layers; i++)
    {
      json_array_add_string_element (
          types, attune_layer_set_has (&c->sliding, i) ? "sliding_attention" : "full_attention");
      json_array_add_int_element (turned, !attune_layer_set_has (&c->unturned, i));
    }
  if (lists_types)
    json_object_set_array_member (self->out, "layer_types", types);
  else
    json_array_unref (types);
  if (is_family (self, "smollm3"))
    json_object_set_array_member (self->out, "no_rope_layers", turned);
  else
    json_array_unref (turned);
}

static void
set_window (const Writing *self)
{
  if (self->config->window > 0)
    set_int (self, "sliding_window", self->config->window);
  else
    json_object_set_null_member (self->out, "sliding_window");
  if (g_str_has_prefix (self->config->family, "qwen") || is_family (self, "smollm3"))
    set_bool (self, "use_sliding_window", self->config->window > 0);
}

/* --- parts */

static void
set_experts (const Writing *self)
{
  const AttuneDecoderConfig *c = self->config;

  if (c->n_experts == 0)
    return;
  set_int (self, is_family (self, "llama") ? "num_local_experts" : "num_experts", c->n_experts);
  set_int (self, "num_experts_per_tok", c->n_experts_used);
  if (is_family (self, "llama"))
    {
      set_int (self, "intermediate_size", c->expert_ff);
      return;
    }
  set_int (self, "moe_intermediate_size", c->expert_ff);
  if (c->shared_ff > 0)
    set_int (self, "shared_expert_intermediate_size", c->shared_ff);
  set_bool (self, "norm_topk_prob", c->renormalise);
  set_int (self, "decoder_sparse_step", 1);
  json_object_set_array_member (self->out, "mlp_only_layers", json_array_new ());
}

static void
set_biases (const Writing *self)
{
  const gboolean attention
      = has_tensor (self, "blk.0.attn_q.bias") || has_tensor (self, "blk.0.attn_qkv.bias");

  if (is_family (self, "stablelm"))
    set_bool (self, "use_qkv_bias", attention);
  else if (is_family (self, "falcon"))
    set_bool (self, "bias", attention);
  else
    set_bool (self, "attention_bias", attention);
  if (is_family (self, "llama"))
    set_bool (self, "mlp_bias", has_tensor (self, "blk.0.ffn_up.bias"));
}

/* What a family says in its own way. */
static void
set_own (const Writing *self)
{
  const AttuneDecoderConfig *c = self->config;
  const float scale = attune_attention_scale (c);
  const gboolean two_norms = has_tensor (self, "blk.0.attn_norm_2.weight");

  if (is_family (self, "gemma2") || is_family (self, "gemma3"))
    set_float (self->out, "query_pre_attn_scalar", roundf (1 / (scale * scale)));
  if (is_family (self, "gemma2"))
    {
      set_float (self->out, "attn_logit_softcapping", c->attn_cap);
      set_float (self->out, "final_logit_softcapping", c->logit_cap);
    }
  if (is_family (self, "gemma3"))
    set_float (self->out, "rope_local_base_freq", c->sliding_rotary_base);
  if (is_family (self, "stablelm"))
    {
      set_bool (self, "use_parallel_residual", c->block == ATTUNE_BLOCK_PARALLEL);
      set_bool (self, "qk_layernorm", FALSE);
    }
  if (is_family (self, "falcon"))
    {
      set_bool (self, "alibi", FALSE);
      set_bool (self, "parallel_attn", c->block == ATTUNE_BLOCK_PARALLEL);
      set_bool (self, "new_decoder_architecture", two_norms || c->n_kv_heads > 1);
      set_bool (self, "multi_query", c->n_kv_heads == 1);
      set_int (self, "num_kv_heads", c->n_kv_heads);
      set_int (self, "num_ln_in_parallel_attn", two_norms ? 2 : 1);
      set_int (self, "ffn_hidden_size", c->n_ff);
    }
  if (c->rotary_dim > 0)
    set_float (self->out, "partial_rotary_factor", (float) c->rotary_dim / c->head_dim);
}

static void
set_gpt2 (const Writing *self)
{
  const AttuneDecoderConfig *c = self->config;

  set_int (self, "n_layer", c->n_layers);
  set_int (self, "n_embd", c->n_embd);
  set_int (self, "n_head", c->n_heads);
  set_int (self, "n_inner", c->n_ff);
  set_int (self, "n_positions", c->max_tokens);
  json_object_set_string_member (self->out, "activation_function", "gelu_new");
  set_float (self->out, "layer_norm_epsilon", c->norm_eps);
}

static void
set_sizes (const Writing *self)
{
  const AttuneDecoderConfig *c = self->config;
  const char *gate = c->gate == ATTUNE_GATE_SILU   ? "silu"
                     : c->gate == ATTUNE_GATE_GELU ? "gelu"
                                                   : "gelu_pytorch_tanh";

  set_int (self, "num_hidden_layers", c->n_layers);
  set_int (self, "hidden_size", c->n_embd);
  if (!is_family (self, "falcon"))
    set_int (self, "intermediate_size", c->n_ff);
  set_int (self, "num_attention_heads", c->n_heads);
  if (!is_family (self, "falcon"))
    set_int (self, "num_key_value_heads", c->n_kv_heads);
  if (!is_family (self, "phi3") && !is_family (self, "stablelm") && !is_family (self, "falcon"))
    set_int (self, "head_dim", c->head_dim); /* the others divide the width by the heads */
  set_int (self, "max_position_embeddings", c->max_tokens);
  json_object_set_string_member (self->out,
                                 is_family (self, "falcon") ? "activation" : "hidden_act", gate);
  if (g_str_has_prefix (c->family, "gemma"))
    json_object_set_string_member (self->out, "hidden_activation", gate);
  set_float (self->out,
             is_family (self, "falcon")     ? "layer_norm_epsilon"
             : c->norm == ATTUNE_NORM_LAYER ? "layer_norm_eps"
                                            : "rms_norm_eps",
             c->norm_eps);
  set_float (self->out, "rope_theta", c->rotary_base);
}

static void
set_kind (const Writing *self)
{
  const AttuneDecoderConfig *c = self->config;
  const char *type = NULL, *class = NULL;
  JsonArray *list = json_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (is_family (self, kinds[i].family))
      {
        type = kinds[i].type;
        class = kinds[i].class;
      }
  if (is_family (self, "llama") && c->n_experts > 0)
    {
      type = "mixtral";
      class = "MixtralForCausalLM";
    }
  else if (is_family (self, "llama") && c->window > 0)
    {
      type = "mistral";
      class = "MistralForCausalLM";
    }
  json_array_add_string_element (list, class);
  json_object_set_array_member (self->out, "architectures", list);
  json_object_set_string_member (self->out, "model_type", type);
}

JsonObject *
attune_hf_config_make (AttuneModel *model, GError **error)
{
  g_autoptr (JsonObject) out = json_object_new ();
  const Writing self = { model, attune_model_get_config (model), out };

  set_kind (&self);
  set_int (&self, "vocab_size", self.config->n_vocab);
  set_bool (&self, "tie_word_embeddings", self.config->tied_head);
  set_bool (&self, "use_cache", TRUE);
  if (is_family (&self, "gpt2"))
    {
      set_gpt2 (&self);
      return g_steal_pointer (&out);
    }
  set_sizes (&self);
  set_window (&self);
  set_layer_lists (&self);
  set_biases (&self);
  set_experts (&self);
  set_own (&self);
  return set_stretch (&self, error) ? g_steal_pointer (&out) : NULL;
}
