/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Puts adapters on a decoder's linears. Source: Hu et al. 2021 (LoRA), Liu et al. 2024 (DoRA), Liu
 * et al. 2022 ((IA)³); start values as PEFT draws them.
 */
#include "core/random.h"
#include "nn/decoder.h"
#include "nn/principal.h"
#include "nn/rescaled.h"
#include "nn/virtual.h"

#include <math.h>

/* A linear that has an adapter, and the places of its parameters. */
typedef struct
{
  AttuneLinear *linear;
  AttuneParameter *items; /* one to three */
  int n;
} Adapted;

/* Uniform in ±1/√K. */
static void
draw_start_values (AttuneBackend *be, const AttuneTensor *a, guint64 seed, guint64 index)
{
  const double bound = 1.0 / sqrt (attune_tensor_columns (a));
  const gint64 n = attune_tensor_count (a);
  g_autofree float *values = g_new (float, n);
  AttuneRandom random;

  attune_random_init (&random, seed, ATTUNE_RANDOM_INIT, index);
  for (gint64 j = 0; j < n; j++)
    values[j] = (2 * attune_random_uniform (&random) - 1) * bound;
  attune_backend_upload (be, a->data, values, n * sizeof (float));
}

static void
fill_with_ones (AttuneBackend *be, const AttuneTensor *x)
{
  const gint64 n = attune_tensor_count (x);
  g_autofree float *values = g_new (float, n);

  for (gint64 i = 0; i < n; i++)
    values[i] = 1;
  attune_backend_upload (be, x->data, values, n * sizeof (float));
}

/* --- one linear */

static void
attach_ia3 (AttuneBackend *be, AttuneLinear *linear, const AttuneParameter *item, gboolean on_input)
{
  fill_with_ones (be, &item->value);
  if (on_input)
    {
      linear->in_scale = item->value;
      linear->d_in_scale = item->grad;
    }
  else
    {
      linear->out_scale = item->value;
      linear->d_out_scale = item->grad;
    }
}

/* @norms: (nullable): DoRA's room for as many floats as there are outputs */
static void
attach (AttuneBackend *be, const Adapted *adapted, const AttuneLoraConfig *config, guint64 seed,
        guint64 index, float *norms)
{
  AttuneLora *lora = &adapted->linear->adapters[adapted->linear->n_adapters++];
  AttuneParameter *items = adapted->items;

  *lora = (AttuneLora) {
    .a = items[0].value, .b = items[1].value, .da = items[0].grad, .db = items[1].grad
  };
  lora->rank = config->rank;
  lora->scale
      = config->alpha / (config->rank_stabilised ? sqrtf (config->rank) : (float) config->rank);
  lora->dropout = config->dropout;
  lora->index = index;
  items[1].rate = config->b_rate > 0 ? config->b_rate : 1;
  draw_start_values (be, &lora->a, seed, 2 * index);
  if (adapted->n < 3)
    return;
  lora->magnitude = items[2].value;
  lora->d_magnitude = items[2].grad;
  lora->inverse_norm = (AttuneTensor) { norms, 1, { items[2].value.dims[1] } };
}

/* Of a copy in 4 bits: what it has lost of @stored, where that is anything. @loss: (out): in the
 * backend's memory, which the caller releases, also after an error. */
static gboolean
find_loss (AttuneBackend *be, const AttuneLinear *linear, const AttuneLinear *stored,
           AttuneTensor *loss, GError **error)
{
  const gint64 rows = attune_tensor_rows (&linear->weight),
               columns = attune_tensor_columns (&linear->weight);
  const gsize bytes = rows * columns * sizeof (float);
  AttuneTensor copy = { NULL, 2, { rows, columns } };

  *loss = copy;
  if (stored->weight.data == linear->weight.data)
    return TRUE; /* it is no copy */
  loss->data = be->alloc (be, bytes);
  copy.data = be->alloc (be, bytes);
  if (loss->data != NULL && copy.data != NULL)
    {
      be->decode (be, loss, &stored->weight);
      be->decode (be, &copy, &linear->weight);
      be->scale (be, &copy, -1);
      be->add (be, loss, &copy);
    }
  if (copy.data != NULL)
    be->release (be, copy.data, bytes);
  return attune_backend_sync (be, error);
}

/* Puts the values in which @lora begins into it: the largest parts of the weight, or of what a copy
 * of @stored (nullable) has lost; it stays as drawn where that is nothing. */
static gboolean
find_start (AttuneBackend *be, const AttuneLinear *linear, const AttuneLinear *stored,
            const AttuneLora *lora, guint64 index, GError **error)
{
  AttuneTensor whole = linear->weight;
  gboolean found = TRUE;

  if (stored != NULL)
    found = find_loss (be, linear, stored, &whole, error);
  /* the same whatever the run's seed: it may have to be found again when the adapter is read */
  if (found && whole.data != NULL)
    found = attune_principal_parts (be, &lora->a, &lora->b, &whole, lora->scale, 0, 2 * index + 1,
                                    error);
  if (stored != NULL && whole.data != NULL)
    be->release (be, whole.data, attune_tensor_bytes (&whole));
  return found;
}

/* The start in parts of the weight, which a second adapter that stays takes from it again, unless
 * it is in 4 bits and lacks them. @memory: for both matrices; @found: (nullable): where it began;
 * @stored: (nullable): what the weight is a copy of. */
static gboolean
begin_principal (AttuneDecoder *self, const Adapted *adapted, guint64 index, float *memory,
                 const float *found, const AttuneLinear *stored, GError **error)
{
  AttuneLinear *linear = adapted->linear;
  const AttuneLora *lora = &linear->adapters[linear->n_adapters - 1];
  AttuneLora start = { .a = lora->a, .b = lora->b, .rank = lora->rank, .scale = -lora->scale };
  const gint64 n_a = attune_tensor_count (&lora->a), n_b = attune_tensor_count (&lora->b);

  if (found != NULL)
    {
      attune_backend_upload (self->be, lora->a.data, found, n_a * sizeof (float));
      attune_backend_upload (self->be, lora->b.data, found + n_a, n_b * sizeof (float));
    }
  else if (!find_start (self->be, linear, stored, lora, index, error))
    return FALSE;
  start.a.data = memory;
  start.b.data = memory + n_a;
  self->be->copy (self->be, &start.a, &lora->a);
  self->be->copy (self->be, &start.b, &lora->b);
  if (stored == NULL)
    linear->adapters[linear->n_adapters++] = start;
  return attune_backend_sync (self->be, error);
}

/* --- all of them */

/* Calls @on_linear for each linear that @config adapts, in the order of their parameters. */
#define FOR_EACH_ADAPTED(self, config, layer, i, shapes, n)                                        \
  for (int layer = 0; layer < (self)->config.n_layers; layer++)                                    \
    for (int i = 0, n; i < attune_layer_linears (&(self)->config); i++)                            \
      if ((n = attune_lora_shapes (&(self)->config, config, i, shapes)) > 0)

/* The parameters, all zero. */
static AttuneParameters *
take_parameters (AttuneDecoder *self, const AttuneLoraConfig *config, gboolean trainable,
                 GError **error)
{
  static const char *const suffixes[] = { ".lora_a", ".lora_b", ".magnitude" };
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (gint64[2]));
  gint64 shapes[3][2];

  FOR_EACH_ADAPTED (self, config, layer, i, shapes, n)
  {
    const AttuneLinear *linear = attune_decoder_layer_linear (&self->layers[layer], i);

    g_return_val_if_fail (linear->n_adapters < ATTUNE_MAX_ADAPTERS, NULL);
    for (int j = 0; j < n; j++)
      {
        const char *suffix = config->kind == ATTUNE_ADAPTER_IA3 ? ".ia3" : suffixes[j];

        g_ptr_array_add (names, g_strconcat (linear->name, suffix, NULL));
        g_array_append_val (all, shapes[j]);
      }
  }
  if (config->n_labels > 0)
    {
      shapes[0][0] = config->n_labels;
      shapes[0][1] = self->config.n_embd;
      g_ptr_array_add (names, g_strdup (ATTUNE_LABEL_HEAD));
      g_array_append_val (all, shapes[0]);
    }
  return attune_parameters_new (self->be, names->len, (const char *const *) names->pdata,
                                (const gint64 (*)[2]) all->data, trainable, error);
}

/* DoRA's lengths, or where a principal adapter begins. */
static gboolean
take_extra (AttuneDecoder *self, const AttuneLoraConfig *config, GError **error)
{
  const gsize bytes = attune_lora_extra_bytes (&self->config, config);
  AttuneTensor *extra = config->principal ? &self->starts : &self->norms;

  if (bytes == 0)
    return TRUE;
  g_return_val_if_fail (extra->data == NULL, FALSE);
  *extra = (AttuneTensor) { self->be->alloc (self->be, bytes), 1, { bytes / sizeof (float) } };
  return extra->data != NULL || attune_backend_sync (self->be, error);
}

/* DoRA begins with the lengths that the base's weights have. */
static void
take_lengths (AttuneDecoder *self)
{
  for (int layer = 0; layer < self->config.n_layers; layer++)
    for (int i = 0; i < attune_layer_linears (&self->config); i++)
      {
        const AttuneLora *lora
            = &attune_decoder_layer_linear (&self->layers[layer], i)->adapters[0];
        const gint64 n = lora->inverse_norm.dims[0];
        g_autofree float *lengths = NULL;

        if (lora->magnitude.data == NULL)
          continue;
        lengths = g_new (float, n);
        attune_backend_download (self->be, lengths, lora->inverse_norm.data, n * sizeof (float));
        for (gint64 j = 0; j < n; j++)
          lengths[j] = lengths[j] > 0 ? 1 / lengths[j] : 0;
        attune_backend_upload (self->be, lora->magnitude.data, lengths, n * sizeof (float));
      }
}

AttuneParameters *
attune_decoder_add_lora (AttuneDecoder *self, const AttuneLoraConfig *config, guint64 seed,
                         gboolean trainable, GError **error)
{
  g_autoptr (AttuneParameters) parameters = NULL;
  guint next = 0, index = 0;
  float *norms, *starts;
  gint64 shapes[3][2];

  g_return_val_if_fail (attune_lora_is_there (config), NULL);
  if (config->n_virtual > 0)
    return attune_virtual_add (self, config, seed, trainable, error);
  g_return_val_if_fail (
      config->kind == ATTUNE_ADAPTER_IA3 || (config->targets & ATTUNE_TARGETS_ALL) != 0, NULL);

  g_return_val_if_fail (!config->principal || config->kind == ATTUNE_ADAPTER_LORA, NULL);

  if (!take_extra (self, config, error)
      || (parameters = take_parameters (self, config, trainable, error)) == NULL)
    return NULL;
  norms = self->norms.data;
  starts = self->starts.data;
  FOR_EACH_ADAPTED (self, config, layer, i, shapes, n)
  {
    const Adapted adapted
        = { attune_decoder_layer_linear (&self->layers[layer], i), &parameters->items[next], n };

    if (config->kind == ATTUNE_ADAPTER_IA3)
      attach_ia3 (self->be, adapted.linear, adapted.items,
                  attune_linear_target (i) == ATTUNE_LINEAR_GATE + 2);
    else
      attach (self->be, &adapted, config, seed, index, norms);
    if (config->principal
        && !begin_principal (
            self, &adapted, index, starts,
            config->starts == NULL ? NULL : config->starts + (starts - (float *) self->starts.data),
            config->stored == NULL
                ? NULL
                : attune_decoder_layer_linear (&config->stored->layers[layer], i),
            error))
      {
        attune_decoder_remove_adapters (self);
        return NULL;
      }
    if (config->principal)
      starts += shapes[0][0] * shapes[0][1] + shapes[1][0] * shapes[1][1];
    norms += n == 3 ? shapes[2][1] : 0;
    next += n;
    index++;
  }
  if (config->n_labels > 0)
    {
      self->labels.weight = parameters->items[next].value;
      self->labels.d_weight = parameters->items[next].grad;
    }
  if (config->kind == ATTUNE_ADAPTER_DORA)
    {
      attune_decoder_update_norms (self);
      if (!attune_backend_sync (self->be, error))
        return NULL;
      take_lengths (self);
    }
  return g_steal_pointer (&parameters);
}

void
attune_decoder_update_norms (AttuneDecoder *self)
{
  AttuneTensor scratch = self->norms;

  if (self->norms.data == NULL)
    return;
  for (int pass = 0; pass < 2; pass++) /* the lengths come first, what is left is scratch */
    for (int layer = 0; layer < self->config.n_layers; layer++)
      for (int i = 0; i < attune_layer_linears (&self->config); i++)
        {
          const AttuneLinear *linear = attune_decoder_layer_linear (&self->layers[layer], i);

          if (linear->adapters[0].inverse_norm.data == NULL)
            continue;
          if (pass == 0)
            {
              scratch.data = (float *) scratch.data + linear->adapters[0].inverse_norm.dims[0];
              scratch.dims[0] -= linear->adapters[0].inverse_norm.dims[0];
            }
          else
            attune_linear_update_norms (linear, self->be, &scratch);
        }
}

gboolean
attune_decoder_is_rescaled (const AttuneDecoder *self)
{
  for (int layer = 0; layer < self->config.n_layers; layer++)
    for (int i = 0; i < attune_layer_linears (&self->config); i++)
      if (attune_linear_is_rescaled (attune_decoder_layer_linear (&self->layers[layer], i)))
        return TRUE;
  return FALSE;
}

void
attune_decoder_remove_adapters (AttuneDecoder *self)
{
  for (int layer = 0; layer < self->config.n_layers; layer++)
    for (int i = 0; i < attune_layer_linears (&self->config); i++)
      {
        AttuneLinear *linear = attune_decoder_layer_linear (&self->layers[layer], i);

        linear->n_adapters = 0;
        linear->adapters[0] = linear->adapters[1] = (AttuneLora) { 0 };
        linear->in_scale = linear->d_in_scale = (AttuneTensor) { 0 };
        linear->out_scale = linear->d_out_scale = (AttuneTensor) { 0 };
      }
  self->labels = (AttuneLabelHead) { 0 };
  attune_virtual_remove (self);
  if (self->norms.data != NULL)
    self->be->release (self->be, self->norms.data, attune_tensor_bytes (&self->norms));
  self->norms.data = NULL;
  if (self->starts.data != NULL)
    self->be->release (self->be, self->starts.data, attune_tensor_bytes (&self->starts));
  self->starts.data = NULL;
}
