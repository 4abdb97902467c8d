/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Virtual tokens in PEFT's format: one tensor, prompt_embeddings, of a prompt (P, C), of a prefix
 * (P, layers · 2 · G · D): keys and values of each layer as they are in the cache
 * (peft/tuners/prefix_tuning, peft/peft_model.py: get_prompt). Private to deploy/.
 */
#pragma once
#include "deploy/weights.h"

G_BEGIN_DECLS

#define ATTUNE_VIRTUAL_NAME "prompt_embeddings"

void attune_adapter_add_virtual (AttuneExport *self);
/* What adapter_config.json says. Returns: (transfer full). */
JsonNode *attune_adapter_virtual_config (const AttuneExport *self);

/* @object: adapter_config.json. Returns: whether it is of virtual tokens; then @lora says of which.
 */
gboolean attune_adapter_parse_virtual (JsonObject *object, AttuneLoraConfig *lora);
/* Puts what is stored into those of @decoder. FALSE where that has another shape. */
gboolean attune_adapter_read_virtual (AttuneDecoder *decoder, const AttuneTensor *stored);

G_END_DECLS
