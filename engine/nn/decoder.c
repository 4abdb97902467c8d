/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes a decoder of named tensors.
 */
#include "nn/decoder.h"

#include <math.h>

AttuneLinear *
attune_decoder_layer_linear (AttuneDecoderLayer *layer, int i)
{
  AttuneLinear *linears[ATTUNE_LAYER_LINEARS]
      = { &layer->q, &layer->k, &layer->v, &layer->o, &layer->gate, &layer->up, &layer->down };

  return linears[i];
}

typedef struct
{
  AttuneTensorLookup lookup;
  gpointer data;
} Source;

static void
tensor_clear (gpointer data)
{
  g_free (((AttuneDecoderTensor *) data)->name);
}

/* @rows: 0 for a vector of @columns. @out, @gradient: where it and its gradient stand in the
 * decoder. */
static gboolean
find_tensor (AttuneDecoder *self, const Source *source, const char *name, gint64 rows,
             gint64 columns, AttuneTensor *out, AttuneTensor *gradient, GError **error)
{
  const AttuneTensor *found = source->lookup (source->data, name);
  const int n_dims = rows > 0 ? 2 : 1;

  if (found == NULL)
    {
      g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                   "The model has no tensor “%s”.", name);
      return FALSE;
    }
  if (found->n_dims != n_dims || attune_tensor_columns (found) != columns
      || (rows > 0 && attune_tensor_rows (found) != rows)
      || (rows == 0 && found->type != ATTUNE_TYPE_F32))
    {
      g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                   "The model's tensor “%s” has another shape than its configuration says.", name);
      return FALSE;
    }
  *out = *found;
  g_array_append_val (
      self->tensors,
      ((AttuneDecoderTensor) {
          .name = g_strdup (name), .place = out, .gradient = gradient, .base = *found }));
  return TRUE;
}

static gboolean
find_layer (AttuneDecoder *self, const Source *source, int layer, GError **error)
{
  const AttuneDecoderConfig *c = &self->config;
  AttuneDecoderLayer *out = &self->layers[layer];
  g_autofree char *attn_norm = g_strdup_printf ("blk.%d.attn_norm.weight", layer);
  g_autofree char *ffn_norm = g_strdup_printf ("blk.%d.ffn_norm.weight", layer);

  if (!find_tensor (self, source, attn_norm, 0, c->n_embd, &out->attn_norm, &out->d_attn_norm,
                    error)
      || !find_tensor (self, source, ffn_norm, 0, c->n_embd, &out->ffn_norm, &out->d_ffn_norm,
                       error))
    return FALSE;
  for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
    {
      AttuneLinear *linear = attune_decoder_layer_linear (out, i);
      char *name = g_strdup_printf ("blk.%d.%s", layer, attune_linear_names[i]);
      g_autofree char *weight = g_strconcat (name, ".weight", NULL),
                      *bias = g_strconcat (name, ".bias", NULL);
      gint64 rows, columns;

      g_ptr_array_add (self->names, name);
      linear->name = name;
      attune_linear_shape (c, i, &rows, &columns);
      if (!find_tensor (self, source, weight, rows, columns, &linear->weight, &linear->d_weight,
                        error))
        return FALSE;
      if (source->lookup (source->data, bias) != NULL
          && !find_tensor (self, source, bias, 0, rows, &linear->bias, &linear->d_bias, error))
        return FALSE;
    }
  return TRUE;
}

AttuneDecoder *
attune_decoder_new (const AttuneDecoderConfig *config, AttuneBackend *be, AttuneTensorLookup lookup,
                    gpointer data, GError **error)
{
  const Source source = { lookup, data };
  g_autoptr (AttuneDecoder) self = g_new0 (AttuneDecoder, 1);

  self->config = *config;
  self->be = be;
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->tensors = g_array_new (FALSE, FALSE, sizeof (AttuneDecoderTensor));
  g_array_set_clear_func (self->tensors, tensor_clear);
  if (!attune_decoder_config_check (config, error))
    return NULL;
  self->layers = g_new0 (AttuneDecoderLayer, config->n_layers);
  self->frequencies = g_new (float, config->head_dim / 2);
  for (int i = 0; i < config->head_dim / 2; i++)
    self->frequencies[i] = 1.0f / powf (config->rotary_base, 2.0f * i / config->head_dim);

  if (!find_tensor (self, &source, "token_embd.weight", config->n_vocab, config->n_embd,
                    &self->embedding, &self->d_embedding, error)
      || !find_tensor (self, &source, "output_norm.weight", 0, config->n_embd, &self->output_norm,
                       &self->d_output_norm, error))
    return NULL;
  if (config->tied_head)
    self->head = self->embedding;
  else if (!find_tensor (self, &source, "output.weight", config->n_vocab, config->n_embd,
                         &self->head, &self->d_head, error))
    return NULL;
  for (int i = 0; i < config->n_layers; i++)
    if (!find_layer (self, &source, i, error))
      return NULL;
  return g_steal_pointer (&self);
}

void
attune_decoder_free (AttuneDecoder *self)
{
  if (self == NULL)
    return;
  g_free (self->layers);
  g_free (self->frequencies);
  g_ptr_array_unref (self->names);
  g_array_unref (self->tensors);
  g_free (self);
}
