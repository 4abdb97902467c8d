/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One tensor's name in GGUF and in Hugging Face's files, by the tables of families.h.
 */
#pragma once
#include "model/families.h"

G_BEGIN_DECLS

/* "blk.3.attn_q.weight" of "model.layers.3.self_attn.q_proj.weight". @part: (out): without layer
 * and ".weight". Returns: (transfer full) (nullable): %NULL for a name that the family does not
 * have */
char *attune_tensor_name_from_hugging_face (const AttuneFamily *family, const char *name,
                                            const char **part);

/* The other way round. @two_norms: where a family has two names for one, depending on how many
 * norms a layer has, the last. Returns: (transfer full) (nullable) */
char *attune_tensor_name_to_hugging_face (const AttuneFamily *family, const char *name,
                                          gboolean two_norms);

G_END_DECLS
