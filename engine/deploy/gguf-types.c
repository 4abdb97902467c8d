/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See gguf-types.h.
 */
#include "deploy/gguf-types.h"

static const struct
{
  AttuneType type;
  guint32 file_type;
} formats[ATTUNE_N_EXPORTS] = {
  [ATTUNE_EXPORT_GGUF_F16] = { ATTUNE_TYPE_F16, 1 },
  [ATTUNE_EXPORT_GGUF_Q8_0] = { ATTUNE_TYPE_Q8_0, 7 },
  [ATTUNE_EXPORT_GGUF_F32] = { ATTUNE_TYPE_F32, 0 },
  [ATTUNE_EXPORT_GGUF_BF16] = { ATTUNE_TYPE_BF16, 32 },
  [ATTUNE_EXPORT_GGUF_Q4_1] = { ATTUNE_TYPE_Q4_1, 3 },
  [ATTUNE_EXPORT_GGUF_Q4_0] = { ATTUNE_TYPE_Q4_0, 2 },
};

guint32
attune_gguf_file_type (AttuneExportFormat format)
{
  return formats[format].file_type;
}

AttuneType
attune_gguf_choose_type (AttuneExportFormat format, const char *name, const AttuneTensor *shape)
{
  const AttuneType type = formats[format].type;

  if (shape->n_dims < 2 || g_str_has_suffix (name, ".ffn_gate_inp.weight")
      || g_str_equal (name, "position_embd.weight"))
    return ATTUNE_TYPE_F32;
  return attune_tensor_columns (shape) % attune_type_info (type)->block == 0 ? type
                                                                             : ATTUNE_TYPE_F16;
}
