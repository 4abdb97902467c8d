/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which stored type each tensor of a GGUF export gets. Light. Private to deploy/.
 */
#pragma once
#include "deploy/export.h"

G_BEGIN_DECLS

/**
 * attune_gguf_choose_type:
 * @config: of the model
 * @name: GGUF's; @shape: its axes
 *
 * As llama.cpp's own llama-quantize would choose it for this format: some parts of a model take
 * rounding ill and get more bits, in the layers where it shows. Vectors and what decides over
 * others stay f32; rows that a type's blocks do not divide get the nearest that can hold them.
 * Pure. Source: llama_tensor_get_type() in llama-quant.cpp of llama.cpp (2026).
 */
AttuneType attune_gguf_choose_type (AttuneExportFormat format, const AttuneDecoderConfig *config,
                                    const char *name, const AttuneTensor *shape);

/* llama.cpp's number for the whole (llama_ftype). Pure. */
guint32 attune_gguf_file_type (AttuneExportFormat format);

G_END_DECLS
