/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model in a known shape whose weights are random: of the time and memory that tuning takes its
 * shape is all that counts.
 */
#pragma once
#include "nn/decoder.h"

G_BEGIN_DECLS

/* "135M" (SmolLM2), "1.1B" (TinyLlama), "8B" (Llama 3), and "tiny" for tests. */
extern const char *const attune_speed_shapes[]; /* ends with %NULL */

typedef struct _AttuneSpeedModel AttuneSpeedModel;

/* Returns: (transfer full) (nullable): %NULL where there is no such @shape. Weights are made when
 * they are asked for, in bf16 between ±1/32. */
AttuneSpeedModel *attune_speed_model_new (const char *shape, int max_tokens);
void attune_speed_model_free (AttuneSpeedModel *self);
const AttuneDecoderConfig *attune_speed_model_get_config (const AttuneSpeedModel *self);
/* An AttuneTensorLookup. */
const AttuneTensor *attune_speed_model_lookup (gpointer self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneSpeedModel, attune_speed_model_free)

G_END_DECLS
