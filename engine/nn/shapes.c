/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names, shapes and counts that follow from a configuration alone.
 */
#include "nn/decoder.h"

const char *const attune_linear_names[ATTUNE_LAYER_LINEARS] = {
  "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down",
};

int
attune_layer_linears (const AttuneDecoderConfig *config)
{
  return config->n_experts > 0 ? ATTUNE_LINEAR_EXPERTS + 3 * config->n_experts
                               : ATTUNE_LAYER_LINEARS;
}

char *
attune_linear_name (const AttuneDecoderConfig *config, int i)
{
  if (i == ATTUNE_LINEAR_ROUTER)
    return g_strdup ("ffn_gate_inp");
  if (i == ATTUNE_LINEAR_SHARED_GATE)
    return g_strdup ("ffn_gate_inp_shexp");
  if (i >= ATTUNE_LINEAR_EXPERTS)
    return g_strdup_printf (
        "%s.%d", attune_linear_names[ATTUNE_LINEAR_GATE + (i - ATTUNE_LINEAR_EXPERTS) % 3],
        (i - ATTUNE_LINEAR_EXPERTS) / 3);
  return g_strconcat (attune_linear_names[i],
                      config->n_experts > 0 && i >= ATTUNE_LINEAR_GATE ? "_shexp" : "", NULL);
}

int
attune_linear_target (int i)
{
  if (i >= ATTUNE_LINEAR_EXPERTS)
    return ATTUNE_LINEAR_GATE + (i - ATTUNE_LINEAR_EXPERTS) % 3;
  return MIN (i, ATTUNE_LINEAR_ROUTER);
}

void
attune_linear_shape (const AttuneDecoderConfig *c, int i, gint64 *rows, gint64 *columns)
{
  const gint64 heads = (gint64) c->n_heads * c->head_dim,
               kv_heads = (gint64) c->n_kv_heads * c->head_dim;
  const gint64 ff = i >= ATTUNE_LINEAR_EXPERTS ? c->expert_ff : attune_dense_ff (c);
  const gint64 shapes[ATTUNE_LINEAR_EXPERTS][2]
      = { { heads, c->n_embd }, { kv_heads, c->n_embd },     { kv_heads, c->n_embd },
          { c->n_embd, heads }, { ff, c->n_embd },           { ff, c->n_embd },
          { c->n_embd, ff },    { c->n_experts, c->n_embd }, { 1, c->n_embd } };
  const int place = i >= ATTUNE_LINEAR_EXPERTS ? attune_linear_target (i) : i;
  const gboolean of_ff = place >= ATTUNE_LINEAR_GATE && place < ATTUNE_LINEAR_ROUTER;
  const gboolean missing = (place == ATTUNE_LINEAR_GATE && c->ungated) || (of_ff && ff == 0)
                           || (place == ATTUNE_LINEAR_SHARED_GATE && c->shared_ff == 0);

  *rows = missing ? 0 : shapes[place][0];
  *columns = missing ? 0 : shapes[place][1];
}

int
attune_lora_shapes (const AttuneDecoderConfig *config, const AttuneLoraConfig *lora, int i,
                    gint64 shapes[3][2])
{
  const int target = attune_linear_target (i);
  gint64 rows, columns;

  attune_linear_shape (config, i, &rows, &columns);
  if (rows == 0 || lora->n_virtual > 0)
    return 0;
  if (lora->kind == ATTUNE_ADAPTER_IA3)
    { /* keys and values as they come out, what down reads: as the paper has it */
      const gboolean of_down = target == ATTUNE_LINEAR_GATE + 2;

      shapes[0][0] = 1;
      shapes[0][1] = of_down ? columns : rows;
      return of_down || target == 1 || target == 2;
    }
  if (!(lora->targets & 1u << target))
    return 0;
  shapes[0][0] = lora->rank;
  shapes[0][1] = columns;
  shapes[1][0] = rows;
  shapes[1][1] = lora->rank;
  shapes[2][0] = 1;
  shapes[2][1] = rows;
  return lora->kind == ATTUNE_ADAPTER_DORA ? 3 : 2;
}

/* The matrices of a prompt or a prefix, of the columns that each has. */
static gint64
count_virtual (const AttuneDecoderConfig *c, const AttuneLoraConfig *lora, gint64 *columns)
{
  const gboolean prompt = lora->kind == ATTUNE_ADAPTER_PROMPT;

  *columns = prompt ? c->n_embd : (gint64) c->n_kv_heads * c->head_dim;
  return prompt ? 1 : 2 * c->n_layers;
}

gint64
attune_lora_count (const AttuneDecoderConfig *config, const AttuneLoraConfig *lora)
{
  gint64 count = 0, shapes[3][2], n, columns;

  if (lora->n_virtual > 0)
    {
      n = count_virtual (config, lora, &columns);
      return n * lora->n_virtual * columns;
    }
  for (int i = 0; i < attune_layer_linears (config); i++)
    for (int j = attune_lora_shapes (config, lora, i, shapes) - 1; j >= 0; j--)
      count += shapes[j][0] * shapes[j][1];
  return count * config->n_layers + (gint64) lora->n_labels * config->n_embd;
}

gsize
attune_lora_extra_bytes (const AttuneDecoderConfig *config, const AttuneLoraConfig *lora)
{
  gint64 lengths = 0, widest = 0, shapes[3][2];

  if (lora->principal)
    {
      AttuneLoraConfig matrices = *lora;

      matrices.n_labels = 0;
      return attune_lora_count (config, &matrices) * sizeof (float);
    }
  if (lora->kind != ATTUNE_ADAPTER_DORA)
    return 0;
  for (int i = 0; i < attune_layer_linears (config); i++)
    if (attune_lora_shapes (config, lora, i, shapes) > 0)
      {
        lengths += shapes[2][1];
        widest = MAX (widest, shapes[0][1]);
      }
  return (lengths * config->n_layers + widest * ATTUNE_NORM_ROWS) * sizeof (float);
}

gint64
attune_lora_count_by_shape (const AttuneDecoderConfig *config, const AttuneLoraConfig *lora,
                            AttuneShapeCount count)
{
  gint64 sum = 0, shapes[3][2], n, columns;

  if (lora->n_virtual > 0)
    {
      n = count_virtual (config, lora, &columns);
      return n * count (lora->n_virtual, columns);
    }
  for (int i = 0; i < attune_layer_linears (config); i++)
    for (int j = attune_lora_shapes (config, lora, i, shapes) - 1; j >= 0; j--)
      sum += count (shapes[j][0], shapes[j][1]);
  return sum * config->n_layers + (lora->n_labels > 0 ? count (lora->n_labels, config->n_embd) : 0);
}
