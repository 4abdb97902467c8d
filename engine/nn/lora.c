/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Puts LoRA adapters on a decoder's linears. Source: Hu et al. 2021; start values as PEFT draws
 * them.
 */
#include "core/random.h"
#include "nn/decoder.h"

#include <math.h>

/* Uniform in ±1/√K for a; b stays zero, so that training starts at the base. */
static void
draw_start_values (AttuneParameters *parameters, guint64 seed)
{
  for (guint i = 0; i < parameters->n_items; i += 2)
    {
      const AttuneTensor *a = &parameters->items[i].value;
      const double bound = 1.0 / sqrt (attune_tensor_columns (a));
      const gint64 n = attune_tensor_count (a);
      float *values = a->data;
      AttuneRandom random;

      attune_random_init (&random, seed, ATTUNE_RANDOM_INIT, i);
      for (gint64 j = 0; j < n; j++)
        values[j] = (2 * attune_random_uniform (&random) - 1) * bound;
    }
}

static void
attach (AttuneLinear *linear, const AttuneParameter *pair, const AttuneLoraConfig *config,
        guint64 index)
{
  AttuneLora *lora = &linear->adapters[linear->n_adapters++];

  *lora = (AttuneLora) {
    .a = pair[0].value, .b = pair[1].value, .da = pair[0].grad, .db = pair[1].grad
  };
  lora->rank = config->rank;
  lora->scale
      = config->alpha / (config->rank_stabilised ? sqrtf (config->rank) : (float) config->rank);
  lora->dropout = config->dropout;
  lora->index = index;
}

AttuneParameters *
attune_decoder_add_lora (AttuneDecoder *self, const AttuneLoraConfig *config, guint64 seed,
                         gboolean trainable, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) shapes = g_array_new (FALSE, FALSE, sizeof (gint64[2]));
  g_autoptr (AttuneParameters) parameters = NULL;
  guint next = 0;

  g_return_val_if_fail (config->rank > 0 && (config->targets & ATTUNE_TARGETS_ALL) != 0, NULL);

  for (int layer = 0; layer < self->config.n_layers; layer++)
    for (int i = 0; i < attune_layer_linears (&self->config); i++)
      {
        const AttuneLinear *linear = attune_decoder_layer_linear (&self->layers[layer], i);
        const gint64 a[2] = { config->rank, attune_tensor_columns (&linear->weight) };
        const gint64 b[2] = { attune_tensor_rows (&linear->weight), config->rank };

        if (!(config->targets & 1u << attune_linear_target (i)) || linear->weight.data == NULL)
          continue;
        g_return_val_if_fail (linear->n_adapters < ATTUNE_MAX_ADAPTERS, NULL);
        g_ptr_array_add (names, g_strconcat (linear->name, ".lora_a", NULL));
        g_ptr_array_add (names, g_strconcat (linear->name, ".lora_b", NULL));
        g_array_append_val (shapes, a);
        g_array_append_val (shapes, b);
      }
  parameters = attune_parameters_new (self->be, names->len, (const char *const *) names->pdata,
                                      (const gint64 (*)[2]) shapes->data, trainable, error);
  if (parameters == NULL)
    return NULL;
  draw_start_values (parameters, seed);
  for (int layer = 0; layer < self->config.n_layers; layer++)
    for (int i = 0; i < attune_layer_linears (&self->config); i++)
      {
        AttuneLinear *linear = attune_decoder_layer_linear (&self->layers[layer], i);

        if (!(config->targets & 1u << attune_linear_target (i)) || linear->weight.data == NULL)
          continue;
        attach (linear, &parameters->items[next], config, next / 2);
        next += 2;
      }
  return g_steal_pointer (&parameters);
}

void
attune_decoder_remove_adapters (AttuneDecoder *self)
{
  for (int layer = 0; layer < self->config.n_layers; layer++)
    for (int i = 0; i < attune_layer_linears (&self->config); i++)
      attune_decoder_layer_linear (&self->layers[layer], i)->n_adapters = 0;
}
