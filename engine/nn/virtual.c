/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See virtual.h. They begin as tokens of the vocabulary, drawn at random: a prompt as the
 * embeddings of these, a prefix as their keys and values, with which both papers learn best.
 */
#include "nn/virtual.h"

#include "core/random.h"
#include "nn/cache.h"

#include <string.h>

/* --- forward and backward */

void
attune_virtual_embed (const AttuneDecoder *decoder, const AttuneTensor *x)
{
  const AttuneTensor rows = attune_first_rows (x, decoder->n_virtual);

  if (decoder->prompt.data != NULL && !decoder->base_only)
    decoder->be->copy (decoder->be, &rows, &decoder->prompt);
}

void
attune_virtual_embed_backward (const AttuneDecoder *decoder, const AttuneTensor *dx)
{
  const AttuneTensor rows = attune_first_rows (dx, decoder->n_virtual);

  if (decoder->d_prompt.data != NULL && !decoder->base_only)
    decoder->be->add (decoder->be, &decoder->d_prompt, &rows);
}

void
attune_virtual_attend (const AttuneDecoder *decoder, const AttuneDecoderLayer *layer,
                       const AttuneTensor *k, const AttuneTensor *v)
{
  const AttuneTensor keys = attune_first_rows (k, decoder->n_virtual),
                     values = attune_first_rows (v, decoder->n_virtual);

  if (layer->prefix_k.data == NULL || decoder->base_only)
    return;
  decoder->be->copy (decoder->be, &keys, &layer->prefix_k);
  decoder->be->copy (decoder->be, &values, &layer->prefix_v);
}

void
attune_virtual_attend_backward (const AttuneDecoder *decoder, const AttuneDecoderLayer *layer,
                                const AttuneTensor *dk, const AttuneTensor *dv)
{
  AttuneBackend *be = decoder->be;
  const AttuneTensor keys = attune_first_rows (dk, decoder->n_virtual),
                     values = attune_first_rows (dv, decoder->n_virtual);

  if (layer->prefix_k.data == NULL || decoder->base_only)
    return;
  if (layer->d_prefix_k.data != NULL)
    {
      be->add (be, &layer->d_prefix_k, &keys);
      be->add (be, &layer->d_prefix_v, &values);
    }
  be->zero (be, &keys); /* they are not what k and v have computed */
  be->zero (be, &values);
}

/* --- parameters */

static void
draw_tokens (const AttuneDecoder *decoder, guint64 seed, gint32 *tokens, int n)
{
  AttuneRandom random;

  attune_random_init (&random, seed, ATTUNE_RANDOM_INIT, 0);
  for (int i = 0; i < n; i++)
    tokens[i] = (gint32) attune_random_below (&random, decoder->config.n_vocab);
}

static AttuneParameters *
take_parameters (AttuneDecoder *decoder, const AttuneLoraConfig *config, gboolean trainable,
                 GError **error)
{
  const AttuneDecoderConfig *c = &decoder->config;
  const gint64 kv_heads = (gint64) c->n_kv_heads * c->head_dim;
  const gboolean prompt = config->kind == ATTUNE_ADAPTER_PROMPT;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) shapes = g_array_new (FALSE, FALSE, sizeof (gint64[2]));
  const gint64 shape[2] = { config->n_virtual, prompt ? c->n_embd : kv_heads };

  if (prompt)
    {
      g_ptr_array_add (names, g_strdup ("prompt"));
      g_array_append_val (shapes, shape);
    }
  for (int i = 0; !prompt && i < c->n_layers; i++)
    for (int j = 0; j < 2; j++)
      {
        g_ptr_array_add (names, g_strdup_printf ("blk.%d.prefix_%c", i, "kv"[j]));
        g_array_append_val (shapes, shape);
      }
  return attune_parameters_new (decoder->be, names->len, (const char *const *) names->pdata,
                                (const gint64 (*)[2]) shapes->data, trainable, error);
}

/* Of one layer's cache of one sequence (G, P, D), into (P, G · D). */
static void
take_cached (const AttuneDecoder *decoder, const AttuneTensor *cache, const AttuneTensor *to)
{
  const int n = to->dims[0], g = decoder->config.n_kv_heads, d = decoder->config.head_dim;
  g_autofree float *from = g_new (float, (gsize) n *g *d), *rows = g_new (float, (gsize) n *g *d);

  attune_backend_download (decoder->be, from, cache->data, attune_tensor_bytes (cache));
  for (int head = 0; head < g; head++)
    for (int i = 0; i < n; i++)
      memcpy (rows + ((gsize) i * g + head) * d, from + ((gsize) head * n + i) * d,
              d * sizeof (float));
  attune_backend_upload (decoder->be, to->data, rows, attune_tensor_bytes (to));
}

/* What the decoder makes of drawn tokens. */
static gboolean
begin_prefix (AttuneDecoder *decoder, const AttuneParameters *parameters, const gint32 *tokens,
              int n, GError **error)
{
  const AttuneCacheShape shape = { .n_sequences = 1, .capacity = n, .max_rows = n };
  g_autoptr (AttuneCache) cache = attune_cache_new (decoder->be, &decoder->config, &shape, error);
  g_autofree gint32 *sequences = g_new0 (gint32, n), *positions = g_new (gint32, n);

  if (cache == NULL)
    return FALSE;
  for (int i = 0; i < n; i++)
    positions[i] = i;
  attune_decoder_decode (decoder, cache, n, tokens, sequences, positions, 0, NULL);
  if (!attune_backend_sync (decoder->be, error))
    return FALSE;
  for (int i = 0; i < decoder->config.n_layers; i++)
    {
      take_cached (decoder, &cache->k[i], &parameters->items[2 * i].value);
      take_cached (decoder, &cache->v[i], &parameters->items[2 * i + 1].value);
    }
  return TRUE;
}

static void
attach (AttuneDecoder *decoder, const AttuneLoraConfig *config, const AttuneParameters *parameters)
{
  decoder->n_virtual = config->n_virtual;
  if (config->kind == ATTUNE_ADAPTER_PROMPT)
    {
      decoder->prompt = parameters->items[0].value;
      decoder->d_prompt = parameters->items[0].grad;
      return;
    }
  for (int i = 0; i < decoder->config.n_layers; i++)
    {
      AttuneDecoderLayer *layer = &decoder->layers[i];

      layer->prefix_k = parameters->items[2 * i].value;
      layer->d_prefix_k = parameters->items[2 * i].grad;
      layer->prefix_v = parameters->items[2 * i + 1].value;
      layer->d_prefix_v = parameters->items[2 * i + 1].grad;
    }
}

AttuneParameters *
attune_virtual_add (AttuneDecoder *decoder, const AttuneLoraConfig *config, guint64 seed,
                    gboolean trainable, GError **error)
{
  g_autoptr (AttuneParameters) parameters = take_parameters (decoder, config, trainable, error);
  g_autofree gint32 *tokens = g_new (gint32, config->n_virtual);

  g_return_val_if_fail (config->n_virtual > 0 && config->n_labels == 0, NULL);
  g_return_val_if_fail (decoder->n_virtual == 0, NULL);

  if (parameters == NULL)
    return NULL;
  draw_tokens (decoder, seed, tokens, config->n_virtual);
  if (config->kind == ATTUNE_ADAPTER_PROMPT)
    decoder->be->gather (decoder->be, &parameters->items[0].value, &decoder->embedding, tokens);
  else if (!begin_prefix (decoder, parameters, tokens, config->n_virtual, error))
    return NULL;
  if (!attune_backend_sync (decoder->be, error))
    return NULL;
  attach (decoder, config, parameters);
  return g_steal_pointer (&parameters);
}

void
attune_virtual_remove (AttuneDecoder *decoder)
{
  static const AttuneTensor none = { 0 };

  decoder->n_virtual = 0;
  decoder->prompt = decoder->d_prompt = none;
  for (int i = 0; i < decoder->config.n_layers; i++)
    {
      AttuneDecoderLayer *layer = &decoder->layers[i];

      layer->prefix_k = layer->prefix_v = layer->d_prefix_k = layer->d_prefix_v = none;
    }
}
