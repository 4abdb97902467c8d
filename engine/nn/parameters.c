/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Named parameters in one block of values and one of gradients.
 */
#include "nn/parameters.h"

static gboolean
take_block (AttuneBackend *be, gint64 count, AttuneTensor *block, GError **error)
{
  g_autoptr (GError) reason = NULL;

  *block = (AttuneTensor) { be->alloc (be, count * sizeof (float)), 1, { count } };
  if (block->data != NULL)
    return TRUE;
  attune_backend_sync (
      be, &reason); /* the block's own message is the better one: say what it was for */
  g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_MEMORY,
               "There is no memory for %.0f MB of trainable parameters.",
               count * sizeof (float) / 1e6);
  return FALSE;
}

AttuneParameters *
attune_parameters_new_partly (AttuneBackend *be, guint n, const char *const *names,
                              const gint64 (*shapes)[2], gint64 n_grads, GError **error)
{
  g_autoptr (AttuneParameters) self = g_new0 (AttuneParameters, 1);
  gint64 offset = 0;

  self->be = be;
  for (guint i = 0; i < n; i++)
    self->count += shapes[i][0] * shapes[i][1];
  if (!take_block (be, self->count, &self->values, error)
      || (n_grads > 0 && !take_block (be, n_grads, &self->grads, error)))
    return NULL;

  self->n_items = n;
  self->items = g_new0 (AttuneParameter, n);
  for (guint i = 0; i < n; i++)
    {
      AttuneParameter *item = &self->items[i];

      item->name = g_strdup (names[i]);
      item->rate = 1;
      item->value = (AttuneTensor) { (float *) self->values.data + offset,
                                     2,
                                     { shapes[i][0], shapes[i][1] } };
      item->grad = item->value;
      item->grad.data = NULL;
      offset += shapes[i][0] * shapes[i][1];
    }
  return g_steal_pointer (&self);
}

AttuneParameters *
attune_parameters_new (AttuneBackend *be, guint n, const char *const *names,
                       const gint64 (*shapes)[2], gboolean trainable, GError **error)
{
  g_autofree gboolean *learns = g_new (gboolean, n);
  AttuneParameters *self;
  gint64 count = 0;

  for (guint i = 0; i < n; i++)
    {
      count += shapes[i][0] * shapes[i][1];
      learns[i] = TRUE;
    }
  self = attune_parameters_new_partly (be, n, names, shapes, trainable ? count : 0, error);
  if (self != NULL && trainable)
    attune_parameters_choose (self, learns);
  return self;
}

void
attune_parameters_choose (AttuneParameters *self, const gboolean *learns)
{
  gint64 offset = 0;

  for (guint i = 0; i < self->n_items; i++)
    {
      AttuneParameter *item = &self->items[i];

      item->grad.data = NULL;
      if (!learns[i])
        continue;
      item->grad.data = (float *) self->grads.data + offset;
      offset += attune_tensor_count (&item->value);
      g_assert (offset <= self->grads.dims[0]);
    }
}

void
attune_parameters_free (AttuneParameters *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_items; i++)
    g_free (self->items[i].name);
  g_free (self->items);
  if (self->values.data != NULL)
    self->be->release (self->be, self->values.data, self->count * sizeof (float));
  if (self->grads.data != NULL)
    self->be->release (self->be, self->grads.data, self->grads.dims[0] * sizeof (float));
  g_free (self);
}

AttuneParameter *
attune_parameters_find (AttuneParameters *self, const char *name)
{
  for (guint i = 0; i < self->n_items; i++)
    if (g_strcmp0 (self->items[i].name, name) == 0)
      return &self->items[i];
  return NULL;
}
