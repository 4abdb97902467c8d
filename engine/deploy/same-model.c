/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See same-model.h.
 */
#include "deploy/same-model.h"
#include "model/tokenizer-file.h"

#include <math.h>
#include <string.h>

/* Some values are computed again from others. */
static gboolean
is_near (float a, float b)
{
  return fabsf (a - b) <= 1e-5f * MAX (fabsf (a), fabsf (b));
}

static gboolean
same_set (const AttuneLayerSet *a, const AttuneLayerSet *b)
{
  return memcmp (a, b, sizeof *a) == 0;
}

static float
magnitude (const AttuneStretching *s)
{
  return s->magnitude > 0 ? s->magnitude : 1;
}

/* Llama 3's way is a list of angles elsewhere; lists are not compared here. */
static gboolean
same_stretch (const AttuneStretching *a, const AttuneStretching *b)
{
  const AttuneStretch kind = a->kind == ATTUNE_STRETCH_LLAMA3 ? ATTUNE_STRETCH_NONE : a->kind,
                      other = b->kind == ATTUNE_STRETCH_LLAMA3 ? ATTUNE_STRETCH_NONE : b->kind;

  if (kind != other)
    return FALSE;
  switch (kind)
    {
    case ATTUNE_STRETCH_LINEAR:
      return is_near (a->factor, b->factor);
    case ATTUNE_STRETCH_YARN:
      return is_near (a->factor, b->factor) && a->original == b->original
             && is_near (a->low, b->low) && is_near (a->high, b->high)
             && is_near (magnitude (a), magnitude (b));
    case ATTUNE_STRETCH_LONG:
      return a->original == b->original && is_near (magnitude (a), magnitude (b));
    case ATTUNE_STRETCH_NONE:
    case ATTUNE_STRETCH_LLAMA3:
    default:
      return TRUE;
    }
}

static gboolean
same_sizes (const AttuneDecoderConfig *a, const AttuneDecoderConfig *b)
{
  const gboolean dense = attune_dense_ff (a) > 0;

  return a->n_layers == b->n_layers && a->n_embd == b->n_embd && (!dense || a->n_ff == b->n_ff)
         && a->n_heads == b->n_heads && a->n_kv_heads == b->n_kv_heads && a->head_dim == b->head_dim
         && a->n_vocab == b->n_vocab && a->max_tokens == b->max_tokens
         && a->tied_head == b->tied_head;
}

static gboolean
same_experts (const AttuneDecoderConfig *a, const AttuneDecoderConfig *b)
{
  return a->n_experts == b->n_experts
         && (a->n_experts == 0
             || (a->n_experts_used == b->n_experts_used && a->expert_ff == b->expert_ff
                 && a->shared_ff == b->shared_ff && a->renormalise == b->renormalise));
}

/* What differs, as a part of a sentence; %NULL: nothing. */
static const char *
find_difference (const AttuneDecoderConfig *a, const AttuneDecoderConfig *b)
{
  const float sliding_a = a->sliding_rotary_base, sliding_b = b->sliding_rotary_base;

  if (!same_sizes (a, b))
    return "the sizes of its parts";
  if (!same_experts (a, b))
    return "how its experts are chosen";
  if (a->norm != b->norm || a->block != b->block || a->qk_norm != b->qk_norm
      || a->ungated != b->ungated || a->gate != b->gate
      || a->learned_positions != b->learned_positions || !is_near (a->norm_eps, b->norm_eps))
    return "how its layers are built";
  if (a->rotary_dim != b->rotary_dim || !is_near (a->rotary_base, b->rotary_base)
      || !same_set (&a->unturned, &b->unturned) || !same_stretch (&a->stretch, &b->stretch)
      || (sliding_a > 0) != (sliding_b > 0) || !is_near (sliding_a, sliding_b))
    return "how it marks positions";
  if (a->window != b->window || (a->window > 0 && !same_set (&a->sliding, &b->sliding)))
    return "how far each layer sees";
  if (!is_near (attune_attention_scale (a), attune_attention_scale (b))
      || !is_near (a->attn_cap, b->attn_cap) || !is_near (a->logit_cap, b->logit_cap)
      || !is_near (a->embedding_scale, b->embedding_scale))
    return "how its values are scaled";
  return NULL;
}

gboolean
attune_check_same_model (const AttuneExport *self, AttuneModel *written, const char *where,
                         GError **error)
{
  const char *part = find_difference (&self->decoder->config, attune_model_get_config (written));
  g_autofree char *text = attune_tokenizer_find_difference (
      attune_model_get_tokenizer (self->model), attune_model_get_tokenizer (written));

  if (part != NULL)
    g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
                 "%s has no words for %s, so the model would not answer as it does here. Export it "
                 "in another format.",
                 where, part);
  else if (text != NULL)
    g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
                 "%s has no words for how the model cuts text: “%s” would become other tokens. "
                 "Export it in another format.",
                 where, text);
  return part == NULL && text == NULL;
}
