/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names, counts and the draw of halves.
 */
#include "nn/base-parts.h"

#include "core/random.h"
#include "nn/quantise-base.h"

#include <stdio.h>
#include <string.h>

int
attune_tensor_layer (const char *name)
{
  int layer;

  return sscanf (name, "blk.%d.", &layer) == 1 ? layer : -1;
}

gboolean
attune_base_parts_has (const AttuneBaseParts *self, const char *name)
{
  const int layer = attune_tensor_layer (name);

  if (self->biases)
    return g_str_has_suffix (name, ".bias");
  return !self->some_layers
         || (layer >= 0 && layer < ATTUNE_MAX_LAYERS
             && attune_layer_set_has (&self->layers, layer));
}

/* Values of the first layer's vector @part, such as "attn_norm", with that ending. */
static gint64
count_vector (AttuneTensorLookup lookup, gpointer data, const char *part, const char *ending)
{
  g_autofree char *name = g_strconcat ("blk.0.", part, ending, NULL);
  const AttuneTensor *found = lookup (data, name);

  return found != NULL && found->n_dims == 1 ? found->dims[0] : 0;
}

/* The type that linear @i of @layer is stored in, by itself or joined with others; F32 where it is
 * not found. */
static AttuneType
find_linear_type (const AttuneDecoderConfig *config, AttuneTensorLookup lookup, gpointer data,
                  int layer, int i)
{
  const int target = attune_linear_target (i);
  g_autofree char *own = attune_linear_name (config, i);
  g_autofree char *experts = g_strconcat (attune_linear_names[MIN (target, 6)], "_exps", NULL);
  const char *const names[] = { own, i >= ATTUNE_LINEAR_EXPERTS ? experts
                                     : target < 3               ? "attn_qkv"
                                                                : "ffn_up" };

  for (guint j = 0; j < G_N_ELEMENTS (names); j++)
    {
      g_autofree char *name = g_strdup_printf ("blk.%d.%s.weight", layer, names[j]);
      const AttuneTensor *found = lookup (data, name);

      if (found != NULL)
        return found->type;
    }
  return ATTUNE_TYPE_F32;
}

static void
count_linears (AttuneDecoderConfig *config, AttuneTensorLookup lookup, gpointer data)
{
  config->linears_counted = TRUE;
  config->wide_linears = config->wide_bytes = config->small_linears = 0;
  for (int layer = 0; layer < config->n_layers; layer++)
    for (int i = 0; i < attune_layer_linears (config); i++)
      {
        AttuneType type;
        gint64 count;

        if (!attune_can_quantise (config, i, &count))
          continue;
        type = find_linear_type (config, lookup, data, layer, i);
        if (attune_type_has_int16 (type))
          config->small_linears += count;
        if (type != ATTUNE_TYPE_F32 && type != ATTUNE_TYPE_F16 && type != ATTUNE_TYPE_BF16)
          continue;
        config->wide_linears += count;
        config->wide_bytes += attune_type_bytes (type, count);
      }
}

void
attune_decoder_config_count_vectors (AttuneDecoderConfig *config, AttuneTensorLookup lookup,
                                     gpointer data)
{
  static const char *const norms[]
      = { "attn_norm",     "attn_norm_2", "ffn_norm",   "post_attention_norm",
          "post_ffw_norm", "attn_q_norm", "attn_k_norm" };
  static const char *const linears[] = { "attn_qkv",    "attn_q",   "attn_k", "attn_v",
                                         "attn_output", "ffn_gate", "ffn_up", "ffn_down" };
  const AttuneTensor *outer = lookup (data, "output_norm.bias"),
                     *own_head = lookup (data, "output.weight"),
                     *head = own_head != NULL ? own_head : lookup (data, "token_embd.weight");

  config->layer_gains = config->layer_biases = 0;
  for (guint i = 0; i < G_N_ELEMENTS (norms); i++)
    {
      /* as the decoder finds them: not all that a file may hold have a place */
      if ((g_str_equal (norms[i], "ffn_norm") && config->block == ATTUNE_BLOCK_PARALLEL)
          || (i < 3 && config->block == ATTUNE_BLOCK_POST))
        continue;
      config->layer_gains += count_vector (lookup, data, norms[i], ".weight");
      config->layer_biases += count_vector (lookup, data, norms[i], ".bias");
    }
  for (guint i = 0; i < G_N_ELEMENTS (linears); i++)
    config->layer_biases += count_vector (lookup, data, linears[i], ".bias");
  config->outer_biases = outer != NULL ? attune_tensor_count (outer) : 0;
  config->small_head = head != NULL && attune_type_has_int16 (head->type);
  count_linears (config, lookup, data);
}

/* Weights of a layer's linear @i. */
static gint64
count_linear (const AttuneDecoderConfig *config, int i)
{
  gint64 rows, columns;

  attune_linear_shape (config, i, &rows, &columns);
  return rows * columns;
}

static gint64
count_layer (const AttuneDecoderConfig *config)
{
  gint64 n = config->layer_gains + config->layer_biases;

  for (int i = 0; i < attune_layer_linears (config); i++)
    n += count_linear (config, i);
  return n;
}

/* Embedding, positions, LM head and last norm. */
static gint64
count_outside (const AttuneDecoderConfig *config)
{
  const gint64 table = (gint64) config->n_vocab * config->n_embd;

  return (config->tied_head ? 1 : 2) * table + config->n_embd + config->outer_biases
         + (config->learned_positions ? (gint64) config->max_tokens * config->n_embd : 0);
}

static int
count_layers (const AttuneDecoderConfig *config, const AttuneBaseParts *self)
{
  int n = 0;

  if (!self->some_layers)
    return config->n_layers;
  for (int i = 0; i < config->n_layers; i++)
    n += attune_layer_set_has (&self->layers, i);
  return n;
}

gint64
attune_base_parts_count (const AttuneDecoderConfig *config, const AttuneBaseParts *self)
{
  if (self->biases)
    return config->layer_biases * config->n_layers + config->outer_biases;
  return count_layers (config, self) * count_layer (config)
         + (self->some_layers ? 0 : count_outside (config));
}

gint64
attune_base_parts_count_by_shape (const AttuneDecoderConfig *config, const AttuneBaseParts *self,
                                  AttuneShapeCount count)
{
  gint64 of_layer = count (1, config->layer_gains + config->layer_biases),
         outside = (config->tied_head ? 1 : 2) * count (config->n_vocab, config->n_embd)
                   + count (1, config->n_embd + config->outer_biases)
                   + (config->learned_positions ? count (config->max_tokens, config->n_embd) : 0);

  if (self->biases)
    return count (1, attune_base_parts_count (config, self));
  for (int i = 0; i < attune_layer_linears (config); i++)
    {
      gint64 rows, columns;

      attune_linear_shape (config, i, &rows, &columns);
      of_layer += count (rows, columns);
    }
  return count_layers (config, self) * of_layer + (self->some_layers ? 0 : outside);
}

int
attune_base_parts_first_layer (const AttuneDecoderConfig *config, const AttuneBaseParts *self)
{
  int first = 0;

  while (self->some_layers && first < config->n_layers
         && !attune_layer_set_has (&self->layers, first))
    first++;
  return first;
}

/* --- halves */

/* Feed-forwards are numbered through all layers, the dense or shared one of a layer first. How many
 * of the three linears of one learn. */
static int
count_of_three (const AttuneDecoderConfig *config, int layer, int expert, guint64 round)
{
  const guint64 number = (guint64) layer * (config->n_experts + 1) + expert + 1;

  return (number + round) % 2 == 0 ? 2 : 1;
}

static gint64
count_half_of_round (const AttuneDecoderConfig *config, guint64 round)
{
  gint64 n = 0;

  for (int layer = 0; layer < config->n_layers; layer++)
    {
      n += count_linear (config, 0) + count_linear (config, 1);
      for (int expert = -1; expert < config->n_experts; expert++)
        n += (config->ungated ? 1 : count_of_three (config, layer, expert, round))
             * count_linear (config, expert < 0 ? ATTUNE_LINEAR_GATE + 1
                                                : ATTUNE_LINEAR_EXPERTS + 3 * expert + 1);
    }
  return n;
}

gint64
attune_base_parts_count_at_once (const AttuneDecoderConfig *config, const AttuneBaseParts *self)
{
  gint64 small = config->layer_gains + config->layer_biases;

  if (!self->half)
    return attune_base_parts_count (config, self);
  /* The small ones are not worth counting by the draw. */
  if (config->n_experts > 0)
    small += count_linear (config, ATTUNE_LINEAR_ROUTER)
             + count_linear (config, ATTUNE_LINEAR_SHARED_GATE);
  return MAX (count_half_of_round (config, 0), count_half_of_round (config, 1))
         + config->n_layers * small + count_outside (config);
}

/* Which linear the part of a name after "blk.N." is of, and which expert's (-1: of none); -1 where
 * it is no linear's. */
static int
find_linear (const char *part, int *expert)
{
  *expert = -1;
  for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
    {
      const gsize length = strlen (attune_linear_names[i]);

      if (strncmp (part, attune_linear_names[i], length) != 0)
        continue;
      if (part[length] == '.')
        {
          if (g_ascii_isdigit (part[length + 1]))
            *expert = (int) g_ascii_strtoull (part + length + 1, NULL, 10);
          return i;
        }
      if (g_str_has_prefix (part + length, "_shexp."))
        return i;
    }
  return -1;
}

gboolean
attune_base_half_learns (const AttuneDecoderConfig *config, guint64 seed, guint64 round,
                         const char *name)
{
  const int layer = attune_tensor_layer (name);
  const char *part = layer < 0 ? name : strchr (strchr (name, '.') + 1, '.') + 1;
  gboolean q_not_o, k_not_v, attention_norms;
  guint32 chosen = 0;
  AttuneRandom random;
  int expert, linear;

  if (layer < 0)
    return TRUE;
  attune_random_init (&random, seed, ATTUNE_RANDOM_HALF, round * ATTUNE_MAX_LAYERS + layer);
  q_not_o = attune_random_below (&random, 2);
  k_not_v = attune_random_below (&random, 2);
  attention_norms = attune_random_below (&random, 2);
  linear = find_linear (part, &expert);
  for (int i = -1; i <= expert; i++)
    chosen = attune_random_below (&random, config->ungated ? 2 : 3);
  switch (linear)
    {
    case -1:
      return (strstr (part, "attn") != NULL || strstr (part, "attention") != NULL)
             == attention_norms;
    case 0:
    case 3:
      return (linear == 0) == q_not_o;
    case 1:
    case 2:
      return (linear == 1) == k_not_v;
    default:
      if (config->ungated)
        return linear - ATTUNE_LINEAR_GATE - 1 == (int) chosen;
      return (linear - ATTUNE_LINEAR_GATE == (int) chosen)
             == (count_of_three (config, layer, expert, round) == 1);
    }
}
