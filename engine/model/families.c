/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of families, and the reading of a decoder's configuration from GGUF's metadata by it.
 */
#include "model/families.h"
#include "model/model-error.h"

#include <string.h>

/* What llama.cpp takes where a file is silent. */
#define ROTARY_BASE_DEFAULT 10000.0
#define CONFIG_MAX (1 << 24) /* what attune_decoder_config_check() calls sane */

static const char *const llama_tensors[]
    = { "token_embd.weight", "output_norm.weight", "output.weight", NULL };
static const char *const llama_per_layer[] = {
  "attn_norm.weight", "attn_q.weight",   "attn_k.weight", "attn_v.weight",   "attn_output.weight",
  "ffn_norm.weight",  "ffn_gate.weight", "ffn_up.weight", "ffn_down.weight", NULL,
};

static const AttuneFamily families[] = {
  { "llama", ATTUNE_ROTARY_INTERLEAVED, ATTUNE_GATE_SILU, llama_tensors, llama_per_layer },
};

const AttuneFamily *
attune_family_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (g_str_equal (families[i].name, name))
      return &families[i];
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

/* Values that would make the decoder compute something else than the model. */
static gboolean
check_choices (const Reader *self, const AttuneDecoderConfig *config, GError **error)
{
  g_autofree char *scaling = make_key (self, "rope.scaling.type");
  const char *type = attune_gguf_get_string (self->gguf, scaling);
  int experts, rotary, key, value, window;

  if (!read_int (self, "expert_count", 0, &experts, error)
      || !read_int (self, "rope.dimension_count", config->head_dim, &rotary, error)
      || !read_int (self, "attention.key_length", config->head_dim, &key, error)
      || !read_int (self, "attention.value_length", config->head_dim, &value, error)
      || !read_int (self, "attention.sliding_window", 0, &window, error))
    return FALSE;
  if (experts > 0)
    return refuse (self, "is a mixture of experts", error);
  if (rotary != config->head_dim)
    return refuse (self, "turns only a part of each head by position", error);
  if (key != value)
    return refuse (self, "has keys and values of different sizes", error);
  if (window > 0 && window < config->max_tokens)
    return refuse (self, "sees text through a sliding window", error);
  if (type != NULL && !g_str_equal (type, "none"))
    return refuse (self, "stretches its positions (rope scaling)", error);
  return TRUE;
}

/* "blk.12.attn_q.weight" to "attn_q.weight" where 12 < @n_layers; else %NULL. */
static const char *
layer_part (const char *name, int n_layers)
{
  char *end;
  guint64 layer;

  if (!g_str_has_prefix (name, "blk.") || !g_ascii_isdigit (name[4]))
    return NULL;
  layer = g_ascii_strtoull (name + 4, &end, 10);
  return *end == '.' && layer < (guint64) n_layers ? end + 1 : NULL;
}

/* A tensor that the decoder would not use changes what the model computes: rotary factors, biases,
 * experts. */
static gboolean
check_tensors (const Reader *self, const AttuneDecoderConfig *config, GError **error)
{
  for (guint i = 0; i < attune_gguf_n_tensors (self->gguf); i++)
    {
      const char *name = attune_gguf_tensor_name (self->gguf, i),
                 *part = layer_part (name, config->n_layers);

      if (part != NULL ? !g_strv_contains (self->family->per_layer, part)
                       : !g_strv_contains (self->family->tensors, name))
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

  *config = (AttuneDecoderConfig) { .rotary = self->rotary, .gate = self->gate };
  g_strlcpy (config->family, self->name, sizeof config->family);
  if (!read_int (&reader, "block_count", -1, &config->n_layers, error)
      || !read_int (&reader, "embedding_length", -1, &config->n_embd, error)
      || !read_int (&reader, "feed_forward_length", -1, &config->n_ff, error)
      || !read_int (&reader, "attention.head_count", -1, &config->n_heads, error)
      || !read_int (&reader, "attention.head_count_kv", config->n_heads, &config->n_kv_heads, error)
      || !read_int (&reader, "context_length", -1, &config->max_tokens, error)
      || !read_float (&reader, "attention.layer_norm_rms_epsilon", -1, &config->norm_eps, error)
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

  if (!check_choices (&reader, config, error) || !check_tensors (&reader, config, error))
    return FALSE;
  if (!attune_decoder_config_check (config, &reason))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path, "contradicts itself: %s",
                              reason->message);
  return TRUE;
}
