/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The other way round of gguf-config.c: a decoder's configuration as GGUF's metadata, for models
 * that did not come as GGUF.
 */
#include "model/families.h"

#include <math.h>

typedef struct
{
  const AttuneDecoderConfig *config;
  AttuneGgufWriter *writer;
} Writing;

static void
set_uint (const Writing *self, const char *key, int value)
{
  g_autofree char *full = g_strdup_printf ("%s.%s", self->config->family, key);

  attune_gguf_writer_set_uint (self->writer, full, (guint32) value);
}

/* What is 0 is not said. */
static void
set_float (const Writing *self, const char *key, float value)
{
  g_autofree char *full = g_strdup_printf ("%s.%s", self->config->family, key);

  if (value > 0)
    attune_gguf_writer_set_float (self->writer, full, value);
}

/* Llama 3's way is a tensor, rope_freqs.weight. */
static void
write_stretch (const Writing *self)
{
  static const char *const types[] = { [ATTUNE_STRETCH_LINEAR] = "linear",
                                       [ATTUNE_STRETCH_YARN] = "yarn",
                                       [ATTUNE_STRETCH_LONG] = "longrope" };
  const AttuneStretching *s = &self->config->stretch;
  g_autofree char *key = g_strdup_printf ("%s.rope.scaling.type", self->config->family);
  float rest;

  if (s->kind == ATTUNE_STRETCH_NONE || s->kind == ATTUNE_STRETCH_LLAMA3)
    return;
  attune_gguf_writer_set_string (self->writer, key, types[s->kind]);
  set_float (self, "rope.scaling.factor", s->factor);
  if (s->original > 0)
    set_uint (self, "rope.scaling.original_context_length", s->original);
  if (s->kind == ATTUNE_STRETCH_LONG)
    set_float (self, "rope.scaling.attn_factor", s->magnitude);
  if (s->kind != ATTUNE_STRETCH_YARN)
    return;
  set_float (self, "rope.scaling.yarn_beta_slow", s->low);
  set_float (self, "rope.scaling.yarn_beta_fast", s->high);
  /* What the factor brings is added by whoever reads it. */
  rest = s->magnitude / (0.1f * logf (s->factor) + 1.0f);
  if (fabsf (rest - 1.0f) > 1e-5f)
    set_float (self, "rope.scaling.attn_factor", rest);
}

static void
write_heads (const Writing *self)
{
  const AttuneDecoderConfig *c = self->config;

  set_uint (self, "attention.head_count", c->n_heads);
  set_uint (self, "attention.head_count_kv", c->n_kv_heads);
  set_uint (self, "attention.key_length", c->head_dim);
  set_uint (self, "attention.value_length", c->head_dim);
  if (!c->learned_positions)
    set_uint (self, "rope.dimension_count", c->rotary_dim > 0 ? c->rotary_dim : c->head_dim);
  if (c->window > 0)
    set_uint (self, "attention.sliding_window", c->window);
  set_float (self, "rope.freq_base", c->rotary_base);
  set_float (self, "attn_logit_softcapping", c->attn_cap);
  set_float (self, "final_logit_softcapping", c->logit_cap);
}

static void
write_experts (const Writing *self)
{
  const AttuneDecoderConfig *c = self->config;

  if (c->n_experts == 0)
    return;
  set_uint (self, "expert_count", c->n_experts);
  set_uint (self, "expert_used_count", c->n_experts_used);
  set_uint (self, "expert_feed_forward_length", c->expert_ff);
  if (c->shared_ff > 0)
    set_uint (self, "expert_shared_feed_forward_length", c->shared_ff);
}

void
attune_family_write_config (const AttuneDecoderConfig *config, AttuneGgufWriter *writer)
{
  const Writing self = { config, writer };
  g_autofree char *parallel = g_strdup_printf ("%s.use_parallel_residual", config->family);

  attune_gguf_writer_set_string (writer, "general.architecture", config->family);
  set_uint (&self, "vocab_size", config->n_vocab);
  set_uint (&self, "block_count", config->n_layers);
  set_uint (&self, "context_length", config->max_tokens);
  set_uint (&self, "embedding_length", config->n_embd);
  set_uint (&self, "feed_forward_length", config->n_ff);
  set_float (&self,
             config->norm == ATTUNE_NORM_LAYER ? "attention.layer_norm_epsilon"
                                               : "attention.layer_norm_rms_epsilon",
             config->norm_eps);
  if (g_str_equal (config->family, "stablelm"))
    attune_gguf_writer_set_bool (writer, parallel, config->block == ATTUNE_BLOCK_PARALLEL);
  write_heads (&self);
  write_experts (&self);
  write_stretch (&self);
}
