/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See gguf-types.h.
 */
#include "deploy/gguf-types.h"

#include <stdio.h>
#include <string.h>

/* @type: of most tensors. */
static const struct
{
  AttuneType type;
  guint32 file_type;
} formats[ATTUNE_N_EXPORTS] = {
  [ATTUNE_EXPORT_GGUF_F16] = { ATTUNE_TYPE_F16, 1 },
  [ATTUNE_EXPORT_GGUF_Q8_0] = { ATTUNE_TYPE_Q8_0, 7 },
  [ATTUNE_EXPORT_GGUF_F32] = { ATTUNE_TYPE_F32, 0 },
  [ATTUNE_EXPORT_GGUF_BF16] = { ATTUNE_TYPE_BF16, 32 },
  [ATTUNE_EXPORT_GGUF_Q6_K] = { ATTUNE_TYPE_Q6_K, 18 },
  [ATTUNE_EXPORT_GGUF_Q5_K_M] = { ATTUNE_TYPE_Q5_K, 17 },
  [ATTUNE_EXPORT_GGUF_Q5_K_S] = { ATTUNE_TYPE_Q5_K, 16 },
  [ATTUNE_EXPORT_GGUF_Q5_1] = { ATTUNE_TYPE_Q5_1, 9 },
  [ATTUNE_EXPORT_GGUF_Q5_0] = { ATTUNE_TYPE_Q5_0, 8 },
  [ATTUNE_EXPORT_GGUF_Q4_K_M] = { ATTUNE_TYPE_Q4_K, 15 },
  [ATTUNE_EXPORT_GGUF_Q4_K_S] = { ATTUNE_TYPE_Q4_K, 14 },
  [ATTUNE_EXPORT_GGUF_Q4_1] = { ATTUNE_TYPE_Q4_1, 3 },
  [ATTUNE_EXPORT_GGUF_Q4_0] = { ATTUNE_TYPE_Q4_0, 2 },
};

guint32
attune_gguf_file_type (AttuneExportFormat format)
{
  return formats[format].file_type;
}

/* Whether the tensor may be rounded at all. */
static gboolean
is_rounded (const char *name, const AttuneTensor *shape)
{
  return shape->n_dims >= 2 && g_str_has_suffix (name, "weight")
         && strstr (name, "_norm.weight") == NULL && strstr (name, "ffn_gate_inp.weight") == NULL
         && !g_str_equal (name, "position_embd.weight");
}

/* The layers that get more bits: the first and last eighth, and every third between. */
static gboolean
gets_more_bits (int layer, int n_layers)
{
  return layer < n_layers / 8 || layer >= 7 * n_layers / 8 || (layer - n_layers / 8) % 3 == 2;
}

/* Many queries share a value there, so that its matrix is small. */
static gboolean
is_70b (const AttuneDecoderConfig *c)
{
  return c->n_layers == 80
         && (g_str_equal (c->family, "qwen2")
             || (g_str_equal (c->family, "llama") && c->n_heads != c->n_kv_heads));
}

static gboolean
is_falcon (const AttuneDecoderConfig *c)
{
  return g_str_equal (c->family, "falcon");
}

/* The output layer, which may be the embedding. */
static AttuneType
choose_output (const AttuneDecoderConfig *c, AttuneType type, const AttuneTensor *shape)
{
  if (is_falcon (c) || attune_tensor_columns (shape) % attune_type_info (type)->block != 0)
    return ATTUNE_TYPE_Q8_0;
  return type != ATTUNE_TYPE_Q8_0 ? ATTUNE_TYPE_Q6_K : type;
}

/* Values, or queries, keys and values in one. */
static AttuneType
choose_values (AttuneExportFormat format, const AttuneDecoderConfig *c, AttuneType type, int layer)
{
  if (c->n_experts == 8)
    return ATTUNE_TYPE_Q8_0;
  if ((format == ATTUNE_EXPORT_GGUF_Q4_K_M || format == ATTUNE_EXPORT_GGUF_Q5_K_M)
      && gets_more_bits (layer, c->n_layers))
    type = ATTUNE_TYPE_Q6_K;
  else if (format == ATTUNE_EXPORT_GGUF_Q4_K_S && layer < 4)
    type = ATTUNE_TYPE_Q5_K;
  return is_70b (c) && type == ATTUNE_TYPE_Q4_K ? ATTUNE_TYPE_Q5_K : type;
}

static AttuneType
choose_down (AttuneExportFormat format, const AttuneDecoderConfig *c, AttuneType type, int layer)
{
  const gboolean more = gets_more_bits (layer, c->n_layers);

  if (format == ATTUNE_EXPORT_GGUF_Q4_K_M && is_falcon (c))
    return layer < c->n_layers / 16 ? ATTUNE_TYPE_Q6_K : more ? ATTUNE_TYPE_Q5_K : type;
  if ((format == ATTUNE_EXPORT_GGUF_Q4_K_M || format == ATTUNE_EXPORT_GGUF_Q5_K_M) && more)
    return ATTUNE_TYPE_Q6_K;
  if (format == ATTUNE_EXPORT_GGUF_Q4_K_S && !is_falcon (c) && layer < c->n_layers / 8)
    return ATTUNE_TYPE_Q5_K;
  return type;
}

static AttuneType
choose_by_part (AttuneExportFormat format, const AttuneDecoderConfig *c, const char *name,
                const AttuneTensor *shape)
{
  const AttuneType type = formats[format].type;
  int layer = 0;

  sscanf (name, "blk.%d.", &layer);
  if (g_str_equal (name, "output.weight")
      || (c->tied_head && g_str_equal (name, "token_embd.weight")))
    return choose_output (c, type, shape);
  if (strstr (name, "attn_v.weight") != NULL || strstr (name, "attn_qkv.weight") != NULL)
    return choose_values (format, c, type, layer);
  if (strstr (name, "attn_k.weight") != NULL && c->n_experts == 8)
    return ATTUNE_TYPE_Q8_0;
  if (strstr (name, "attn_output.weight") != NULL && c->n_experts == 8
      && (format == ATTUNE_EXPORT_GGUF_Q4_K_S || format == ATTUNE_EXPORT_GGUF_Q4_K_M))
    return ATTUNE_TYPE_Q5_K;
  if (strstr (name, "ffn_down") != NULL)
    return choose_down (format, c, type, layer);
  return type;
}

/* What can hold rows of @columns that @type cannot. */
static AttuneType
fall_back (AttuneType type, gint64 columns)
{
  if (columns % attune_type_info (type)->block == 0)
    return type;
  type = type == ATTUNE_TYPE_Q4_K   ? ATTUNE_TYPE_Q5_0
         : type == ATTUNE_TYPE_Q5_K ? ATTUNE_TYPE_Q5_1
         : type == ATTUNE_TYPE_Q6_K ? ATTUNE_TYPE_Q8_0
                                    : type;
  return columns % attune_type_info (type)->block == 0 ? type : ATTUNE_TYPE_F16;
}

AttuneType
attune_gguf_choose_type (AttuneExportFormat format, const AttuneDecoderConfig *config,
                         const char *name, const AttuneTensor *shape)
{
  if (!is_rounded (name, shape))
    return ATTUNE_TYPE_F32;
  if (attune_type_info (formats[format].type)->block == 1)
    return formats[format].type;
  return fall_back (choose_by_part (format, config, name, shape), attune_tensor_columns (shape));
}
