/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A whole step of the decoder: forward through the layers, the loss, and backward through them in
 * reverse.
 */
#include "nn/layer.h"
#include "nn/virtual.h"

static void
layer_forward (AttuneDecoder *decoder, AttuneActivations *act, const AttuneBatch *batch, int i)
{
  const AttuneTensor *next = i + 1 < decoder->config.n_layers ? &act->tapes[i + 1].x : &act->stream;
  const AttuneTensor out = attune_first_rows (next, batch->n_tokens);

  attune_attention_forward (decoder, i, act, &act->tapes[i], batch);
  attune_mlp_forward (decoder, i, act, &act->tapes[i], &out, batch->n_tokens);
}

/* With checkpointing the layers share one tape: computes layer @i's again from its kept x. */
static void
recompute (AttuneDecoder *decoder, AttuneActivations *act, const AttuneBatch *batch, int i)
{
  attune_attention_forward (decoder, i, act, &act->tapes[i], batch);
  attune_mlp_forward (decoder, i, act, &act->tapes[i], NULL, batch->n_tokens);
}

static gboolean
has_adapter (AttuneDecoder *decoder, int layer)
{
  if (decoder->layers[layer].d_prefix_k.data != NULL)
    return TRUE;
  for (int i = 0; i < attune_layer_linears (&decoder->config); i++)
    {
      const AttuneLinear *linear = attune_decoder_layer_linear (&decoder->layers[layer], i);

      if (linear->n_adapters > 0 || attune_linear_is_rescaled (linear))
        return TRUE;
    }
  return FALSE;
}

/* The lowest layer in which something learns; -1: what is before them all does. */
static int
find_first (AttuneDecoder *decoder)
{
  int first = 0;

  if (decoder->d_prompt.data != NULL)
    return -1;
  while (first < decoder->first_trained && !has_adapter (decoder, first))
    first++;
  return MIN (first, decoder->first_trained);
}

/* Whether layer @i's own input needs a gradient: something below it learns, or its first norm. */
static gboolean
propagates (const AttuneDecoder *decoder, int i, int first)
{
  const AttuneNorm *norm = &decoder->layers[i].attn_norm;

  return i > first || norm->d_gain.data != NULL || norm->d_bias.data != NULL;
}

static void
layer_backward (AttuneDecoder *decoder, AttuneActivations *act, const AttuneBatch *batch, int i,
                int first)
{
  const gboolean parallel = decoder->config.block == ATTUNE_BLOCK_PARALLEL;
  AttuneLayerTape *tape = &act->tapes[i];

  attune_mlp_backward (decoder, i, act, tape, batch->n_tokens);
  if (!parallel)
    attune_mlp_backward_norm (decoder, i, act, tape, batch->n_tokens);
  attune_attention_backward (decoder, i, act, tape, batch, propagates (decoder, i, first));
  if (parallel)
    attune_mlp_backward_norm (decoder, i, act, tape, batch->n_tokens);
}

/* NEFTune's noise on the tokens of texts, which goes by their length: virtual ones have no part in
 * it. */
static void
add_noise (AttuneDecoder *decoder, AttuneActivations *act, const AttuneTensor *x,
           const AttuneBatch *batch)
{
  const int n_virtual = attune_count_virtual (decoder);
  const gint64 columns = attune_tensor_columns (x);
  const AttuneTensor texts = { (float *) x->data + n_virtual * columns,
                               2,
                               { attune_tensor_rows (x) - n_virtual, columns } };

  decoder->be->add_noise (decoder->be, &texts,
                          n_virtual > 0 ? act->virtual_rows->own_segments : batch->segments,
                          batch->n_segments, decoder->noise, act->context.seed, act->context.step);
}

/* The first residual: the tokens' rows, scaled, and those of their positions. */
static void
embed (AttuneDecoder *decoder, AttuneActivations *act, const AttuneTensor *x,
       const AttuneBatch *batch)
{
  AttuneBackend *be = decoder->be;

  be->gather (be, x, &decoder->embedding, batch->tokens);
  if (decoder->noise > 0 && act->context.training)
    add_noise (decoder, act, x, batch);
  attune_virtual_embed (decoder, x);
  if (decoder->config.embedding_scale > 0)
    be->scale (be, x, decoder->config.embedding_scale);
  if (decoder->config.learned_positions)
    {
      const AttuneTensor rows = attune_first_rows (&act->normed, batch->n_tokens);

      be->gather (be, &rows, &decoder->positions, batch->positions);
      be->add (be, x, &rows);
    }
}

/* Uses up act->d_stream. */
static void
embed_backward (AttuneDecoder *decoder, AttuneActivations *act, const AttuneBatch *batch)
{
  AttuneBackend *be = decoder->be;
  const AttuneTensor d_stream = attune_first_rows (&act->d_stream, batch->n_tokens);

  if (decoder->d_positions.data != NULL)
    be->scatter_add (be, &decoder->d_positions, &d_stream, batch->positions);
  if (decoder->config.embedding_scale > 0)
    be->scale (be, &d_stream, decoder->config.embedding_scale);
  attune_virtual_embed_backward (decoder, &d_stream);
  if (decoder->d_embedding.data != NULL)
    be->scatter_add (be, &decoder->d_embedding, &d_stream, batch->tokens);
}

void
attune_decoder_watch (AttuneDecoder *self, AttuneLayerDone done, gpointer data)
{
  self->layer_done = done;
  self->layer_done_data = data;
}

static void
tell_done (AttuneDecoder *self, int layer)
{
  if (self->layer_done != NULL)
    self->layer_done (self->layer_done_data, layer);
}

/* Through all layers; what they give is in act->stream. @learning: gradients follow. Returns: the
 * batch with the rows of virtual tokens, good until the next. */
static const AttuneBatch *
forward (AttuneDecoder *self, AttuneActivations *act, const AttuneBatch *batch, gboolean training,
         gboolean learning, guint64 seed, guint64 step)
{
  AttuneTensor embedded;

  batch = attune_virtual_rows_add (act->virtual_rows, batch, attune_count_virtual (self));
  embedded = attune_first_rows (&act->tapes[0].x, batch->n_tokens);
  act->context.training = training;
  act->context.base_only = self->base_only;
  act->context.int8 = self->int8 && act->shape.int8 && self->be->matmul_nt_int8 != NULL;
  act->context.int16 = training && learning && self->be->matmul_nt_int16 != NULL;
  act->context.seed = seed;
  act->context.step = step;

  embed (self, act, &embedded, batch);
  for (int i = 0; i < self->config.n_layers; i++)
    layer_forward (self, act, batch, i);
  return batch;
}

void
attune_decoder_forward_backward (AttuneDecoder *self, AttuneActivations *act,
                                 const AttuneBatch *batch, double *losses, float gradient_scale,
                                 gboolean training, guint64 seed, guint64 step)
{
  const int first = gradient_scale != 0 ? find_first (self) : self->config.n_layers;

  g_return_if_fail (batch->n_tokens > 0 && batch->n_tokens <= act->shape.max_tokens);
  g_return_if_fail (batch->n_targets > 0 && batch->n_targets <= act->shape.max_targets);
  g_return_if_fail (gradient_scale == 0
                    || (act->shape.backward && MAX (0, first) >= act->shape.first_layer));
  g_return_if_fail (act->shape.n_virtual >= attune_count_virtual (self));

  batch = forward (self, act, batch, training, gradient_scale != 0, seed, step);
  attune_lm_head_loss (self, act, batch, losses, gradient_scale);
  if (gradient_scale == 0)
    return;
  tell_done (self, self->config.n_layers);
  for (int i = self->config.n_layers - 1; i >= MAX (0, first); i--)
    {
      /* The last layer's tape still stands from the forward pass. */
      if (act->shape.checkpoint && i + 1 < self->config.n_layers)
        recompute (self, act, batch, i);
      layer_backward (self, act, batch, i, first);
      tell_done (self, i);
    }
  if (first < 0)
    embed_backward (self, act, batch);
}

gboolean
attune_decoder_read_states (AttuneDecoder *self, AttuneActivations *act, const AttuneBatch *batch,
                            float *states, GError **error)
{
  const gsize row = self->config.n_embd * sizeof (float);

  g_return_val_if_fail (batch->n_tokens > 0 && batch->n_tokens <= act->shape.max_tokens, FALSE);
  g_return_val_if_fail (batch->n_targets > 0 && batch->n_targets <= act->shape.max_targets, FALSE);
  g_return_val_if_fail (act->shape.n_virtual >= attune_count_virtual (self), FALSE);

  batch = forward (self, act, batch, FALSE, FALSE, 0, 0);
  attune_lm_head_normalise (self, act, batch);
  if (!attune_backend_sync (self->be, error))
    return FALSE;
  attune_backend_download (self->be, states, act->rows_normed.data, row * batch->n_targets);
  return TRUE;
}
