/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fine-tuning of the weights themselves, all or some: f32 copies that are trained in the place of
 * the stored ones.
 */
#include "nn/decoder.h"

/* The LM head and its norm have the layers before them, all others come before some layer. */
static gboolean
comes_before_a_layer (const AttuneDecoderTensor *tensor)
{
  return !g_str_has_prefix (tensor->name, "output");
}

/* Puts every tensor's stored or trained values in its place. */
static void
put_in_place (AttuneDecoder *self)
{
  self->first_trained = self->config.n_layers;
  for (guint i = 0; i < self->tensors->len; i++)
    {
      AttuneDecoderTensor *t = &g_array_index (self->tensors, AttuneDecoderTensor, i);
      const gboolean trained = t->trained.data != NULL && !self->base_only;

      *t->place = trained ? t->trained : t->base;
      *t->gradient = trained ? t->d_trained : (AttuneTensor) { 0 };
      if (t->gradient->data != NULL && comes_before_a_layer (t))
        self->first_trained = MIN (self->first_trained, attune_tensor_layer (t->name));
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

/* What learns of the base, by the number of its tensor. */
static GArray *
list_parts (const AttuneDecoder *self, const AttuneBaseParts *parts)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < self->tensors->len; i++)
    if (attune_base_parts_has (parts, g_array_index (self->tensors, AttuneDecoderTensor, i).name))
      g_array_append_val (list, i);
  return list;
}

static AttuneParameters *
make_parameters (AttuneDecoder *self, GArray *list, const AttuneBaseParts *parts,
                 gboolean trainable, GError **error)
{
  g_autofree const char **names = g_new (const char *, list->len);
  g_autofree gint64 (*shapes)[2] = g_malloc_n (list->len, sizeof *shapes);

  for (guint i = 0; i < list->len; i++)
    {
      const AttuneDecoderTensor *t
          = &g_array_index (self->tensors, AttuneDecoderTensor, g_array_index (list, guint, i));

      names[i] = t->name;
      shapes[i][0] = attune_tensor_rows (&t->base);
      shapes[i][1] = attune_tensor_columns (&t->base);
    }
  if (parts->half)
    return attune_parameters_new_partly (
        self->be, list->len, names, (const gint64 (*)[2]) shapes,
        trainable ? attune_base_parts_count_at_once (&self->config, parts) : 0, error);
  return attune_parameters_new (self->be, list->len, names, (const gint64 (*)[2]) shapes, trainable,
                                error);
}

AttuneParameters *
attune_decoder_train_parts (AttuneDecoder *self, const AttuneBaseParts *parts, gboolean trainable,
                            GError **error)
{
  g_autoptr (GArray) list = list_parts (self, parts);
  g_autoptr (AttuneParameters) parameters = NULL;

  g_return_val_if_fail (!attune_decoder_has_trained_base (self), NULL);

  if (list->len == 0)
    {
      g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                   "The model has none of the weights that are to learn.");
      return NULL;
    }
  if ((parameters = make_parameters (self, list, parts, trainable, error)) == NULL)
    return NULL;
  for (guint i = 0; i < list->len; i++)
    {
      AttuneDecoderTensor *t
          = &g_array_index (self->tensors, AttuneDecoderTensor, g_array_index (list, guint, i));

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

AttuneParameters *
attune_decoder_train_base (AttuneDecoder *self, gboolean trainable, GError **error)
{
  return attune_decoder_train_parts (self, &(AttuneBaseParts) { 0 }, trainable, error);
}

void
attune_decoder_choose_half (AttuneDecoder *self, AttuneParameters *parameters, guint64 seed,
                            guint64 round)
{
  g_autofree gboolean *learns = g_new (gboolean, parameters->n_items);

  g_return_if_fail (parameters->n_items == self->tensors->len);

  for (guint i = 0; i < parameters->n_items; i++)
    learns[i] = attune_base_half_learns (&self->config, seed, round, parameters->items[i].name);
  attune_parameters_choose (parameters, learns);
  for (guint i = 0; i < parameters->n_items; i++)
    g_array_index (self->tensors, AttuneDecoderTensor, i).d_trained.data
        = parameters->items[i].grad.data;
  put_in_place (self);
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
  for (guint i = 0; i < self->tensors->len; i++)
    if (g_array_index (self->tensors, AttuneDecoderTensor, i).trained.data != NULL)
      return TRUE;
  return FALSE;
}
