/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checks of a decoder's configuration, so that no later arithmetic on its numbers can overflow; and
 * what follows from it by a formula alone.
 */
#include "nn/decoder-config.h"

#include <math.h>

/* No model comes near these; they keep every product of three of them inside a gint64. */
#define MAX_WIDTH (1 << 20)
#define MAX_VOCAB (1 << 23)

static gboolean
in_range (const char *name, gint64 value, gint64 low, gint64 high, GError **error)
{
  if (value >= low && value <= high)
    return TRUE;
  g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
               "The model's %s is %" G_GINT64_FORMAT "; it must be between %" G_GINT64_FORMAT
               " and %" G_GINT64_FORMAT ".",
               name, value, low, high);
  return FALSE;
}

gboolean
attune_decoder_config_check (const AttuneDecoderConfig *c, GError **error)
{
  if (!in_range ("number of layers", c->n_layers, 1, ATTUNE_MAX_LAYERS, error)
      || !in_range ("width", c->n_embd, 1, MAX_WIDTH, error)
      || !in_range ("feed-forward width", c->n_ff, 1, MAX_WIDTH, error)
      || !in_range ("number of attention heads", c->n_heads, 1, 4096, error)
      || !in_range ("number of key-value heads", c->n_kv_heads, 1, c->n_heads, error)
      || !in_range ("head size", c->head_dim, 2, 4096, error)
      || !in_range ("vocabulary size", c->n_vocab, 1, MAX_VOCAB, error)
      || !in_range ("context length", c->max_tokens, 1, G_MAXINT, error)
      || !in_range ("number of turned values", c->rotary_dim, 0, c->head_dim, error)
      || !in_range ("number of experts", c->n_experts, 0, 4096, error)
      || !in_range ("width of the shared expert", c->shared_ff, 0, MAX_WIDTH, error)
      || (c->n_experts > 0
          && (!in_range ("number of experts of a token", c->n_experts_used, 1, c->n_experts, error)
              || !in_range ("width of the experts", c->expert_ff, 1, MAX_WIDTH, error)))
      || !in_range ("window", c->window, 0, G_MAXINT, error))
    return FALSE;
  if (c->n_heads % c->n_kv_heads != 0 || c->head_dim % 2 != 0 || c->rotary_dim % 2 != 0)
    {
      g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                   "The model's attention heads do not fit each other (%d heads over %d key-value "
                   "heads of size %d).",
                   c->n_heads, c->n_kv_heads, c->head_dim);
      return FALSE;
    }
  if (c->n_experts > 0
      && (c->ungated || c->block == ATTUNE_BLOCK_SANDWICH || c->block == ATTUNE_BLOCK_POST))
    {
      g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                   "The model norms what its experts give, which no known family does.");
      return FALSE;
    }
  if (!(c->norm_eps > 0 && c->norm_eps < 1) || !(c->rotary_base > 1 && isfinite (c->rotary_base)))
    {
      g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                   "The model's norm epsilon (%g) or rotary base (%g) makes no sense.", c->norm_eps,
                   c->rotary_base);
      return FALSE;
    }
  if (c->stretch.kind != ATTUNE_STRETCH_NONE && c->stretch.kind != ATTUNE_STRETCH_LONG
      && !(c->stretch.factor >= 1 && c->stretch.factor < 1e6f))
    {
      g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                   "The model's positions are stretched by %g, which makes no sense.",
                   c->stretch.factor);
      return FALSE;
    }
  return TRUE;
}

float
attune_stretch_llama3 (const AttuneStretching *self, float frequency)
{
  const float wave_length = 2.0f * (float) G_PI / frequency;
  const float share = (self->original / wave_length - self->low) / (self->high - self->low);

  if (wave_length > self->original / self->low)
    return frequency / self->factor;
  if (wave_length < self->original / self->high)
    return frequency;
  return (1.0f - share) * frequency / self->factor + share * frequency;
}
