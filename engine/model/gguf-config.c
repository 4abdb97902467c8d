/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads a decoder's configuration from GGUF's metadata, by the table of families.
 */
#include "model/families.h"
#include "model/model-error.h"

#include <math.h>

/* What llama.cpp takes where a file is silent. */
#define ROTARY_BASE_DEFAULT 10000.0
#define CONFIG_MAX (1 << 24) /* what attune_decoder_config_check() calls sane */
/* Gemma 3's layers with a window; no file says it. */
#define GEMMA3_SLIDING_BASE 10000.0f

/* What a reading step needs; errors name @path. */
typedef struct
{
  const AttuneFamily *family;
  const AttuneGguf *gguf;
  const char *path;
} Reader;

static char *
make_key (const Reader *self, const char *key)
{
  return g_strdup_printf ("%s.%s", self->family->name, key);
}

/* @fallback: < 0: the key must be there. */
static gboolean
read_int (const Reader *self, const char *key, gint64 fallback, int *value, GError **error)
{
  g_autofree char *full = make_key (self, key);
  guint64 number;

  if (!attune_gguf_get_uint (self->gguf, full, &number))
    {
      if (fallback < 0)
        return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                                  "does not say its “%s”.", full);
      *value = (int) fallback;
      return TRUE;
    }
  if (number > CONFIG_MAX)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "says that its “%s” is %" G_GUINT64_FORMAT ", which is impossible.",
                              full, number);
  *value = (int) number;
  return TRUE;
}

static gboolean
read_float (const Reader *self, const char *key, double fallback, float *value, GError **error)
{
  g_autofree char *full = make_key (self, key);
  double number = fallback;

  if (!attune_gguf_get_double (self->gguf, full, &number) && fallback < 0)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "does not say its “%s”.", full);
  if (!(number > 0 && number < 1e12))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "says that its “%s” is %g, which is impossible.", full, number);
  *value = (float) number;
  return TRUE;
}

static gboolean
refuse (const Reader *self, const char *what, GError **error)
{
  return attune_model_fail (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, self->path,
                            "%s, which this version of Attune cannot do.", what);
}

/* @value: left as it is where the file is silent. */
static gboolean
read_optional (const Reader *self, const char *key, float *value, GError **error)
{
  g_autofree char *full = make_key (self, key);
  double number;

  if (!attune_gguf_get_double (self->gguf, full, &number))
    return TRUE;
  if (!(number >= 0 && number < 1e12))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "says that its “%s” is %g, which is impossible.", full, number);
  *value = (float) number;
  return TRUE;
}

/* How positions are stretched. What is a list of angles lies in tensors. */
static gboolean
read_stretch (const Reader *self, AttuneDecoderConfig *config, GError **error)
{
  AttuneStretching *s = &config->stretch;
  g_autofree char *key = make_key (self, "rope.scaling.type");
  const char *type = attune_gguf_get_string (self->gguf, key);

  if (!read_int (self, "rope.scaling.original_context_length", config->max_tokens, &s->original,
                 error)
      || !read_optional (self, "rope.scaling.factor", &s->factor, error)
      || !read_optional (self, "rope.scaling.attn_factor", &s->magnitude, error))
    return FALSE;
  if (attune_gguf_find_tensor (self->gguf, "rope_factors_long.weight") != NULL)
    s->kind = ATTUNE_STRETCH_LONG;
  if (type == NULL || g_str_equal (type, "none") || g_str_equal (type, "longrope"))
    return TRUE;
  if (g_str_equal (type, "linear"))
    {
      s->kind = ATTUNE_STRETCH_LINEAR;
      return TRUE;
    }
  if (!g_str_equal (type, "yarn"))
    return refuse (self, "stretches its positions (rope scaling) in a way", error);
  s->kind = ATTUNE_STRETCH_YARN;
  s->low = 1;
  s->high = 32;
  if (!read_optional (self, "rope.scaling.yarn_beta_slow", &s->low, error)
      || !read_optional (self, "rope.scaling.yarn_beta_fast", &s->high, error))
    return FALSE;
  /* What the factor brings comes on top of what the file says. */
  s->magnitude = (s->magnitude > 0 ? s->magnitude : 1.0f) * (0.1f * logf (s->factor) + 1.0f);
  return TRUE;
}

void
attune_family_fix_scale (const AttuneFamily *self, AttuneDecoderConfig *config)
{
  /* The 27B models: llama.cpp knows them by their depth, too. */
  if ((g_str_equal (self->name, "gemma2") && config->n_layers == 46)
      || (g_str_equal (self->name, "gemma3") && config->n_layers == 62))
    config->attn_scale = 1.0f / sqrtf ((float) config->n_embd / config->n_heads);
}

/* Values that would make the decoder compute something else than the model. */
static gboolean
check_choices (const Reader *self, AttuneDecoderConfig *config, GError **error)
{
  int key, value;

  if (!read_int (self, "expert_count", 0, &config->n_experts, error)
      || !read_int (self, "expert_used_count", 0, &config->n_experts_used, error)
      || !read_int (self, "expert_feed_forward_length", config->n_ff, &config->expert_ff, error)
      || !read_int (self, "expert_shared_feed_forward_length", 0, &config->shared_ff, error)
      || !read_int (self, "rope.dimension_count", config->head_dim, &config->rotary_dim, error)
      || !read_int (self, "attention.key_length", config->head_dim, &key, error)
      || !read_int (self, "attention.value_length", config->head_dim, &value, error))
    return FALSE;
  if (config->rotary_dim == config->head_dim)
    config->rotary_dim = 0; /* all of it */
  if (key != value)
    return refuse (self, "has keys and values of different sizes", error);
  return TRUE;
}

static gboolean
read_choices (const Reader *self, AttuneDecoderConfig *config, GError **error)
{
  g_autofree char *parallel = make_key (self, "use_parallel_residual");
  gboolean is_parallel;

  if (!read_int (self, "attention.sliding_window", 0, &config->window, error)
      || !read_optional (self, "attn_logit_softcapping", &config->attn_cap, error)
      || !read_optional (self, "final_logit_softcapping", &config->logit_cap, error)
      || !read_stretch (self, config, error) || !check_choices (self, config, error))
    return FALSE;
  if (config->window >= config->max_tokens)
    config->window = 0; /* nothing is longer */
  attune_family_apply (self->family, config);
  attune_family_fix_scale (self->family, config);
  if (g_str_equal (self->family->name, "gemma3"))
    config->sliding_rotary_base = GEMMA3_SLIDING_BASE;
  if (attune_gguf_get_bool (self->gguf, parallel, &is_parallel) && is_parallel)
    config->block = ATTUNE_BLOCK_PARALLEL;
  return TRUE;
}

/* A tensor that the decoder would not use changes what the model computes: experts, say. */
static gboolean
check_tensors (const Reader *self, const AttuneDecoderConfig *config, GError **error)
{
  for (guint i = 0; i < attune_gguf_n_tensors (self->gguf); i++)
    {
      const char *name = attune_gguf_tensor_name (self->gguf, i);

      if (!attune_family_uses_tensor (config, name))
        return attune_model_fail (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, self->path,
                                  "has a tensor “%s”, which this version of Attune cannot use.",
                                  name);
    }
  return TRUE;
}

gboolean
attune_family_read_config (const AttuneFamily *self, const AttuneGguf *gguf, const char *path,
                           AttuneDecoderConfig *config, GError **error)
{
  const Reader reader = { self, gguf, path };
  const AttuneTensor *embedding = attune_gguf_find_tensor (gguf, "token_embd.weight");
  g_autoptr (GError) reason = NULL;

  const char *eps = self->norm == ATTUNE_NORM_LAYER ? "attention.layer_norm_epsilon"
                                                    : "attention.layer_norm_rms_epsilon";

  *config = (AttuneDecoderConfig) { .rotary = self->rotary };
  if (!read_int (&reader, "block_count", -1, &config->n_layers, error)
      || !read_int (&reader, "embedding_length", -1, &config->n_embd, error)
      || !read_int (&reader, "feed_forward_length", -1, &config->n_ff, error)
      || !read_int (&reader, "attention.head_count", -1, &config->n_heads, error)
      || !read_int (&reader, "attention.head_count_kv", config->n_heads, &config->n_kv_heads, error)
      || !read_int (&reader, "context_length", -1, &config->max_tokens, error)
      || !read_float (&reader, eps, -1, &config->norm_eps, error)
      || !read_float (&reader, "rope.freq_base", ROTARY_BASE_DEFAULT, &config->rotary_base, error))
    return FALSE;
  if (config->n_heads < 1)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path,
                              "says that it has no attention heads.");
  if (!read_int (&reader, "attention.key_length", config->n_embd / config->n_heads,
                 &config->head_dim, error))
    return FALSE;
  if (embedding == NULL || embedding->n_dims != 2 || embedding->dims[0] > CONFIG_MAX
      || embedding->dims[1] != config->n_embd)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path,
                              "has no table of tokens (token_embd.weight) with rows of %d values.",
                              config->n_embd);
  config->n_vocab = (int) embedding->dims[0];
  config->tied_head = attune_gguf_find_tensor (gguf, "output.weight") == NULL;

  if (!read_choices (&reader, config, error) || !check_tensors (&reader, config, error))
    return FALSE;
  if (!attune_decoder_config_check (config, &reason))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path, "contradicts itself: %s",
                              reason->message);
  return TRUE;
}
