/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random weights by name.
 */
#include "job/speed-model.h"

#include "model/families.h"
#include "nn/base-parts.h"

#include <string.h>

typedef struct
{
  const char *name;
  int n_layers, n_embd, n_ff, n_heads, n_kv_heads, n_vocab;
} Shape;

static const Shape shapes[] = {
  { "135M", 30, 576, 1536, 9, 3, 49152 },
  { "1.1B", 22, 2048, 5632, 32, 4, 32000 },
  { "8B", 32, 4096, 14336, 32, 8, 128256 },
  { "tiny", 2, 64, 128, 4, 2, 256 },
};

const char *const attune_speed_shapes[] = { "135M", "1.1B", "8B", "tiny", NULL };

struct _AttuneSpeedModel
{
  AttuneDecoderConfig config;
  GHashTable *tensors; /* by name: AttuneTensor */
  guint64 state;
};

static void
free_tensor (gpointer data)
{
  AttuneTensor *tensor = data;

  g_free (tensor->data);
  g_free (tensor);
}

AttuneSpeedModel *
attune_speed_model_new (const char *shape, int max_tokens)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    if (g_str_equal (shapes[i].name, shape))
      {
        const Shape *s = &shapes[i];
        AttuneSpeedModel *self = g_new0 (AttuneSpeedModel, 1);

        self->config = (AttuneDecoderConfig) { .n_layers = s->n_layers,
                                               .n_embd = s->n_embd,
                                               .n_ff = s->n_ff,
                                               .n_heads = s->n_heads,
                                               .n_kv_heads = s->n_kv_heads,
                                               .head_dim = s->n_embd / s->n_heads,
                                               .n_vocab = s->n_vocab,
                                               .max_tokens = max_tokens,
                                               .rotary_base = 10000.0f,
                                               .norm_eps = 1e-5f };
        attune_family_apply (attune_family_find ("llama"), &self->config);
        self->tensors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_tensor);
        self->state = 7;
        return self;
      }
  return NULL;
}

void
attune_speed_model_free (AttuneSpeedModel *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->tensors);
  g_free (self);
}

const AttuneDecoderConfig *
attune_speed_model_get_config (const AttuneSpeedModel *self)
{
  return &self->config;
}

/* Shape of what @name is; FALSE: the model has no such tensor. */
static gboolean
find_shape (const AttuneDecoderConfig *c, const char *name, AttuneTensor *out)
{
  const int layer = attune_tensor_layer (name);
  gint64 rows, columns;

  *out
      = (AttuneTensor) { .n_dims = 2, .dims = { c->n_vocab, c->n_embd }, .type = ATTUNE_TYPE_BF16 };
  if (g_str_equal (name, "token_embd.weight") || g_str_equal (name, "output.weight"))
    return TRUE;
  for (int i = 0; layer >= 0 && i < ATTUNE_LAYER_LINEARS; i++)
    {
      g_autofree char *own = g_strdup_printf ("blk.%d.%s.weight", layer, attune_linear_names[i]);

      if (!g_str_equal (name, own))
        continue;
      attune_linear_shape (c, i, &rows, &columns);
      out->dims[0] = rows;
      out->dims[1] = columns;
      return TRUE;
    }
  *out = (AttuneTensor) { .n_dims = 1, .dims = { c->n_embd }, .type = ATTUNE_TYPE_F32 };
  return g_str_equal (name, "output_norm.weight") || g_str_has_suffix (name, ".attn_norm.weight")
         || g_str_has_suffix (name, ".ffn_norm.weight");
}

static guint64
next (guint64 *state) /* xorshift64 (Marsaglia 2003) */
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static void
fill (AttuneSpeedModel *self, AttuneTensor *tensor)
{
  const gint64 count = attune_tensor_count (tensor), words = (count + 3) / 4;
  guint64 *bits = g_new (guint64, MAX (words, (count + 1) / 2));

  tensor->data = bits;
  if (tensor->type == ATTUNE_TYPE_F32)
    for (gint64 i = 0; i < count; i++)
      ((float *) tensor->data)[i] = 1;
  else /* of each bf16 the sign, the mantissa and an exponent of -7 or -6 */
    for (gint64 i = 0; i < words; i++)
      bits[i] = (next (&self->state) & 0x80ff80ff80ff80ff) | 0x3c003c003c003c00;
}

const AttuneTensor *
attune_speed_model_lookup (gpointer model, const char *name)
{
  AttuneSpeedModel *self = model;
  AttuneTensor *found = g_hash_table_lookup (self->tensors, name), tensor;

  if (found != NULL || !find_shape (&self->config, name, &tensor))
    return found;
  fill (self, &tensor);
  found = g_memdup2 (&tensor, sizeof tensor);
  g_hash_table_insert (self->tensors, g_strdup (name), found);
  return found;
}
