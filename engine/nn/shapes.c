/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names, shapes and counts that follow from a configuration alone.
 */
#include "nn/decoder.h"

const char *const attune_linear_names[ATTUNE_LAYER_LINEARS] = {
  "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down",
};

void
attune_linear_shape (const AttuneDecoderConfig *c, int i, gint64 *rows, gint64 *columns)
{
  const gint64 heads = (gint64) c->n_heads * c->head_dim,
               kv_heads = (gint64) c->n_kv_heads * c->head_dim;
  const gint64 shapes[ATTUNE_LAYER_LINEARS][2]
      = { { heads, c->n_embd },  { kv_heads, c->n_embd }, { kv_heads, c->n_embd },
          { c->n_embd, heads },  { c->n_ff, c->n_embd },  { c->n_ff, c->n_embd },
          { c->n_embd, c->n_ff } };
  const gboolean missing = i == ATTUNE_LINEAR_GATE && c->ungated;

  *rows = missing ? 0 : shapes[i][0];
  *columns = missing ? 0 : shapes[i][1];
}

gint64
attune_lora_count (const AttuneDecoderConfig *config, const AttuneLoraConfig *lora)
{
  gint64 count = 0;

  for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
    if (lora->targets & 1u << i)
      {
        gint64 rows, columns;

        attune_linear_shape (config, i, &rows, &columns);
        count += lora->rank * (rows + columns);
      }
  return count * config->n_layers;
}
