/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Full fine-tuning: f32 copies of a decoder's weights that are trained in the place of the stored
 * ones.
 */
#include "nn/decoder.h"

/* Puts every tensor's stored or trained values in its place. */
static void
put_in_place (AttuneDecoder *self)
{
  for (guint i = 0; i < self->tensors->len; i++)
    {
      AttuneDecoderTensor *t = &g_array_index (self->tensors, AttuneDecoderTensor, i);
      const gboolean trained = t->trained.data != NULL && !self->base_only;

      *t->place = trained ? t->trained : t->base;
      *t->gradient = trained ? t->d_trained : (AttuneTensor) { 0 };
    }
  for (int i = 0; i < self->config.n_layers; i++)
    if (self->layers[i].one_norm)
      self->layers[i].ffn_norm = self->layers[i].attn_norm; /* both add to one gradient */
  if (self->config.tied_head)
    {
      self->head = self->embedding;
      self->d_head = self->d_embedding;
    }
}

void
attune_decoder_set_base_only (AttuneDecoder *self, gboolean base_only)
{
  self->base_only = base_only;
  put_in_place (self);
}

const AttuneTensor *
attune_decoder_find_tensor (const AttuneDecoder *self, const char *name)
{
  for (guint i = 0; i < self->tensors->len; i++)
    {
      const AttuneDecoderTensor *t = &g_array_index (self->tensors, AttuneDecoderTensor, i);

      if (g_str_equal (t->name, name))
        return t->place;
    }
  return NULL;
}

/* A view of @data with the axes of @base. */
static AttuneTensor
make_view (const AttuneTensor *base, void *data)
{
  AttuneTensor view = *base;

  view.type = ATTUNE_TYPE_F32;
  view.data = data;
  return view;
}

AttuneParameters *
attune_decoder_train_base (AttuneDecoder *self, gboolean trainable, GError **error)
{
  const guint n = self->tensors->len;
  g_autofree const char **names = g_new (const char *, n);
  g_autofree gint64 (*shapes)[2] = g_malloc_n (n, sizeof *shapes);
  g_autoptr (AttuneParameters) parameters = NULL;

  g_return_val_if_fail (!attune_decoder_has_trained_base (self), NULL);

  for (guint i = 0; i < n; i++)
    {
      const AttuneDecoderTensor *t = &g_array_index (self->tensors, AttuneDecoderTensor, i);

      names[i] = t->name;
      shapes[i][0] = attune_tensor_rows (&t->base);
      shapes[i][1] = attune_tensor_columns (&t->base);
    }
  parameters
      = attune_parameters_new (self->be, n, names, (const gint64 (*)[2]) shapes, trainable, error);
  if (parameters == NULL)
    return NULL;
  for (guint i = 0; i < n; i++)
    {
      AttuneDecoderTensor *t = &g_array_index (self->tensors, AttuneDecoderTensor, i);

      t->trained = make_view (&t->base, parameters->items[i].value.data);
      t->d_trained = make_view (&t->base, parameters->items[i].grad.data);
      self->be->decode (self->be, &t->trained, &t->base);
    }
  put_in_place (self);
  if (!attune_backend_sync (self->be, error))
    {
      attune_decoder_remove_trained_base (self);
      return NULL;
    }
  return g_steal_pointer (&parameters);
}

void
attune_decoder_remove_trained_base (AttuneDecoder *self)
{
  for (guint i = 0; i < self->tensors->len; i++)
    {
      AttuneDecoderTensor *t = &g_array_index (self->tensors, AttuneDecoderTensor, i);

      t->trained.data = NULL;
    }
  put_in_place (self);
}

gboolean
attune_decoder_has_trained_base (const AttuneDecoder *self)
{
  return self->tensors->len > 0
         && g_array_index (self->tensors, AttuneDecoderTensor, 0).trained.data != NULL;
}
