/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of families.
 */
#include "model/families.h"

#include <math.h>
#include <string.h>

const AttuneTensorName attune_tensor_names[] = {
  { "token_embd", "model.embed_tokens" },
  { "output_norm", "model.norm" },
  { "output", "lm_head" },
  { "blk.%d.attn_norm", "model.layers.%d.input_layernorm" },
  { "blk.%d.ffn_norm", "model.layers.%d.post_attention_layernorm" },
  { "blk.%d.attn_q", "model.layers.%d.self_attn.q_proj" },
  { "blk.%d.attn_k", "model.layers.%d.self_attn.k_proj" },
  { "blk.%d.attn_v", "model.layers.%d.self_attn.v_proj" },
  { "blk.%d.attn_output", "model.layers.%d.self_attn.o_proj" },
  { "blk.%d.attn_q_norm", "model.layers.%d.self_attn.q_norm" },
  { "blk.%d.attn_k_norm", "model.layers.%d.self_attn.k_norm" },
  { "blk.%d.ffn_gate", "model.layers.%d.mlp.gate_proj" },
  { "blk.%d.ffn_up", "model.layers.%d.mlp.up_proj" },
  { "blk.%d.ffn_down", "model.layers.%d.mlp.down_proj" },
  { NULL, NULL },
};

static const AttuneTensorName sandwich_names[] = {
  { "blk.%d.post_attention_norm", "model.layers.%d.post_attention_layernorm" },
  { "blk.%d.ffn_norm", "model.layers.%d.pre_feedforward_layernorm" },
  { "blk.%d.post_ffw_norm", "model.layers.%d.post_feedforward_layernorm" },
  { NULL, NULL },
};

static const AttuneTensorName phi3_names[] = {
  { "blk.%d.attn_qkv", "model.layers.%d.self_attn.qkv_proj" },
  { "blk.%d.ffn_up", "model.layers.%d.mlp.gate_up_proj" },
  { NULL, NULL },
};

static const AttuneTensorName gpt2_names[] = {
  { "token_embd", "transformer.wte" },
  { "position_embd", "transformer.wpe" },
  { "output_norm", "transformer.ln_f" },
  { "blk.%d.attn_norm", "transformer.h.%d.ln_1" },
  { "blk.%d.attn_qkv", "transformer.h.%d.attn.c_attn" },
  { "blk.%d.attn_output", "transformer.h.%d.attn.c_proj" },
  { "blk.%d.ffn_norm", "transformer.h.%d.ln_2" },
  { "blk.%d.ffn_up", "transformer.h.%d.mlp.c_fc" },
  { "blk.%d.ffn_down", "transformer.h.%d.mlp.c_proj" },
  { NULL, NULL },
};

/* The parallel block's norms: one for both, or attention's as the second. */
static const AttuneTensorName falcon_names[] = {
  { "token_embd", "transformer.word_embeddings" },
  { "output_norm", "transformer.ln_f" },
  { "blk.%d.attn_norm", "transformer.h.%d.input_layernorm" },
  { "blk.%d.attn_norm", "transformer.h.%d.ln_mlp" },
  { "blk.%d.attn_norm_2", "transformer.h.%d.ln_attn" },
  { "blk.%d.attn_qkv", "transformer.h.%d.self_attention.query_key_value" },
  { "blk.%d.attn_output", "transformer.h.%d.self_attention.dense" },
  { "blk.%d.ffn_up", "transformer.h.%d.mlp.dense_h_to_4h" },
  { "blk.%d.ffn_down", "transformer.h.%d.mlp.dense_4h_to_h" },
  { NULL, NULL },
};

static const AttuneTensorName mixtral_names[] = {
  { "blk.%d.ffn_gate_inp", "model.layers.%d.block_sparse_moe.gate" },
  { "blk.%d.ffn_gate.%d", "model.layers.%d.block_sparse_moe.experts.%d.w1" },
  { "blk.%d.ffn_down.%d", "model.layers.%d.block_sparse_moe.experts.%d.w2" },
  { "blk.%d.ffn_up.%d", "model.layers.%d.block_sparse_moe.experts.%d.w3" },
  { NULL, NULL },
};

static const AttuneTensorName qwen_moe_names[] = {
  { "blk.%d.ffn_gate_inp", "model.layers.%d.mlp.gate" },
  { "blk.%d.ffn_gate.%d", "model.layers.%d.mlp.experts.%d.gate_proj" },
  { "blk.%d.ffn_up.%d", "model.layers.%d.mlp.experts.%d.up_proj" },
  { "blk.%d.ffn_down.%d", "model.layers.%d.mlp.experts.%d.down_proj" },
  { "blk.%d.ffn_gate_inp_shexp", "model.layers.%d.mlp.shared_expert_gate" },
  { "blk.%d.ffn_gate_shexp", "model.layers.%d.mlp.shared_expert.gate_proj" },
  { "blk.%d.ffn_up_shexp", "model.layers.%d.mlp.shared_expert.up_proj" },
  { "blk.%d.ffn_down_shexp", "model.layers.%d.mlp.shared_expert.down_proj" },
  { NULL, NULL },
};

/* clang-format off: a row of choices a line or two */
static const AttuneFamily families[] = {
  { "llama", "llama mistral mixtral", ATTUNE_ROTARY_INTERLEAVED, ATTUNE_GATE_SILU,
    .flags = ATTUNE_FAMILY_RENORMALISED, .names = mixtral_names },
  { "qwen2", "qwen2", ATTUNE_ROTARY_HALVES, ATTUNE_GATE_SILU },
  { "qwen3", "qwen3", ATTUNE_ROTARY_HALVES, ATTUNE_GATE_SILU, .qk_norm = ATTUNE_QK_NORM_HEAD },
  { "qwen2moe", "qwen2_moe", ATTUNE_ROTARY_HALVES, ATTUNE_GATE_SILU, .names = qwen_moe_names },
  { "qwen3moe", "qwen3_moe", ATTUNE_ROTARY_HALVES, ATTUNE_GATE_SILU, .qk_norm = ATTUNE_QK_NORM_HEAD,
    .flags = ATTUNE_FAMILY_RENORMALISED, .names = qwen_moe_names },
  { "smollm3", "smollm3", ATTUNE_ROTARY_INTERLEAVED, ATTUNE_GATE_SILU, .unturned_every = 4 },
  { "gemma", "gemma", ATTUNE_ROTARY_HALVES, ATTUNE_GATE_GELU_TANH,
    .flags = ATTUNE_FAMILY_SCALED_EMBEDDING | ATTUNE_FAMILY_GAIN_PLUS_ONE },
  { "gemma2", "gemma2", ATTUNE_ROTARY_HALVES, ATTUNE_GATE_GELU_TANH, .block = ATTUNE_BLOCK_SANDWICH,
    .flags = ATTUNE_FAMILY_SCALED_EMBEDDING | ATTUNE_FAMILY_GAIN_PLUS_ONE, .full_every = 2,
    .names = sandwich_names },
  { "gemma3", "gemma3_text gemma3", ATTUNE_ROTARY_HALVES, ATTUNE_GATE_GELU_TANH,
    .block = ATTUNE_BLOCK_SANDWICH, .qk_norm = ATTUNE_QK_NORM_HEAD,
    .flags = ATTUNE_FAMILY_SCALED_EMBEDDING | ATTUNE_FAMILY_GAIN_PLUS_ONE, .full_every = 6,
    .names = sandwich_names },
  { "phi3", "phi3", ATTUNE_ROTARY_HALVES, ATTUNE_GATE_SILU, .names = phi3_names },
  { "olmo2", "olmo2", ATTUNE_ROTARY_HALVES, ATTUNE_GATE_SILU, .block = ATTUNE_BLOCK_POST,
    .qk_norm = ATTUNE_QK_NORM_ROW, .names = sandwich_names },
  { "stablelm", "stablelm", ATTUNE_ROTARY_HALVES, ATTUNE_GATE_SILU, .norm = ATTUNE_NORM_LAYER },
  { "gpt2", "gpt2", ATTUNE_ROTARY_HALVES, ATTUNE_GATE_GELU_TANH, .norm = ATTUNE_NORM_LAYER,
    .flags = ATTUNE_FAMILY_UNGATED | ATTUNE_FAMILY_LEARNED_POSITIONS | ATTUNE_FAMILY_TRANSPOSED,
    .names = gpt2_names },
  { "falcon", "falcon", ATTUNE_ROTARY_HALVES, ATTUNE_GATE_GELU, .norm = ATTUNE_NORM_LAYER,
    .block = ATTUNE_BLOCK_PARALLEL, .flags = ATTUNE_FAMILY_UNGATED, .names = falcon_names },
};
/* clang-format on */

const AttuneFamily *
attune_family_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (g_str_equal (families[i].name, name))
      return &families[i];
  return NULL;
}

const AttuneFamily *
attune_family_find_type (const char *model_type)
{
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    {
      g_auto (GStrv) types = g_strsplit (families[i].hugging_face, " ", -1);

      if (g_strv_contains ((const char *const *) types, model_type))
        return &families[i];
    }
  return NULL;
}

char *
attune_family_list (void)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", families[i].name);
  return g_string_free (list, FALSE);
}

void
attune_family_apply (const AttuneFamily *self, AttuneDecoderConfig *config)
{
  g_strlcpy (config->family, self->name, sizeof config->family);
  config->gate = self->gate;
  config->norm = self->norm;
  config->block = self->block;
  config->qk_norm = self->qk_norm;
  config->renormalise = (self->flags & ATTUNE_FAMILY_RENORMALISED) != 0;
  config->ungated = (self->flags & ATTUNE_FAMILY_UNGATED) != 0;
  config->learned_positions = (self->flags & ATTUNE_FAMILY_LEARNED_POSITIONS) != 0;
  if (self->flags & ATTUNE_FAMILY_SCALED_EMBEDDING)
    config->embedding_scale = sqrtf (config->n_embd);
  for (int layer = 0; layer < MIN (config->n_layers, ATTUNE_MAX_LAYERS); layer++)
    {
      if (config->window > 0 && (self->full_every == 0 || (layer + 1) % self->full_every != 0))
        attune_layer_set_add (&config->sliding, layer);
      if (self->unturned_every > 0 && (layer + 1) % self->unturned_every == 0)
        attune_layer_set_add (&config->unturned, layer);
    }
}

/* "blk.12.attn_q.weight" to "attn_q" where 12 < @n_layers, "output.weight" to "output"; else %NULL.
 * @in_layer: (out). Returns: (transfer full) (nullable) */
static char *
name_part (const char *name, int n_layers, gboolean *in_layer)
{
  const char *start = name;
  char *end;

  *in_layer = g_str_has_prefix (name, "blk.");
  if (*in_layer)
    {
      const guint64 layer = g_ascii_strtoull (name + 4, &end, 10);

      if (!g_ascii_isdigit (name[4]) || *end != '.' || layer >= (guint64) n_layers)
        return NULL;
      start = end + 1;
    }
  if (g_str_has_suffix (start, ".weight"))
    return g_strndup (start, strlen (start) - strlen (".weight"));
  if (g_str_has_suffix (start, ".bias"))
    return g_strndup (start, strlen (start) - strlen (".bias"));
  return NULL;
}

/* "ffn_gate.3", or all of them in "ffn_gate_exps"; the router, and the shared expert. */
static gboolean
is_of_experts (const AttuneDecoderConfig *c, const char *part)
{
  static const char *const kinds[] = { "ffn_gate", "ffn_up", "ffn_down" };

  if (g_str_equal (part, "ffn_gate_inp"))
    return TRUE;
  if (g_str_equal (part, "ffn_gate_inp_shexp"))
    return c->shared_ff > 0;
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_has_prefix (part, kinds[i]))
      {
        const char *rest = part + strlen (kinds[i]);

        return g_str_equal (rest, "_exps") || (c->shared_ff > 0 && g_str_equal (rest, "_shexp"))
               || (*rest == '.' && g_ascii_isdigit (rest[1])
                   && g_ascii_strtoull (rest + 1, NULL, 10) < (guint64) c->n_experts);
      }
  return FALSE;
}

gboolean
attune_family_uses_tensor (const AttuneDecoderConfig *c, const char *name)
{
  static const char *const linears[]
      = { "attn_q", "attn_k", "attn_v", "attn_qkv", "attn_output", "ffn_up", "ffn_down", NULL };
  static const char *const outside[] = { "token_embd",        "output_norm", "rope_factors_short",
                                         "rope_factors_long", "rope_freqs",  NULL };
  static const char *const pre[] = { "attn_norm", "attn_norm_2", "ffn_norm", NULL };
  static const char *const post[] = { "post_attention_norm", "post_ffw_norm", NULL };
  static const char *const qk[] = { "attn_q_norm", "attn_k_norm", NULL };
  gboolean in_layer;
  g_autofree char *part = name_part (name, c->n_layers, &in_layer);

  if (part == NULL)
    return FALSE;
  if (!in_layer)
    return g_strv_contains (outside, part) || (g_str_equal (name, "output.weight"))
           || (c->learned_positions && g_str_equal (part, "position_embd"));
  if (c->n_experts > 0 && g_str_has_prefix (part, "ffn_") && !g_str_equal (part, "ffn_norm"))
    return is_of_experts (c, part);
  return g_strv_contains (linears, part) || (!c->ungated && g_str_equal (part, "ffn_gate"))
         || (c->block != ATTUNE_BLOCK_POST && g_strv_contains (pre, part))
         || ((c->block == ATTUNE_BLOCK_SANDWICH || c->block == ATTUNE_BLOCK_POST)
             && g_strv_contains (post, part))
         || (c->qk_norm != ATTUNE_QK_NORM_NONE && g_strv_contains (qk, part));
}
