/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stage 6: what was learned, in the formats others read.
 */
#pragma once
#include "data/dataset.h"
#include "model/model.h"
#include "nn/decoder.h"

G_BEGIN_DECLS

#define ATTUNE_DEPLOY_ERROR (attune_deploy_error_quark ())
typedef enum
{
  ATTUNE_DEPLOY_ERROR_TARGET,      /* what is at the path is not an export, so it is not replaced */
  ATTUNE_DEPLOY_ERROR_UNSUPPORTED, /* this format cannot hold this model or adapter */
  ATTUNE_DEPLOY_ERROR_NUMBERS,     /* weights or outputs are NaN or infinite */
} AttuneDeployError;
GQuark attune_deploy_error_quark (void);

typedef enum
{
  ATTUNE_EXPORT_ADAPTER, /* PEFT: a folder with adapter_model.safetensors and adapter_config.json */
  ATTUNE_EXPORT_MERGED,  /* a Hugging Face folder: config, tokenizer, model.safetensors: f32 below
                          * 500 M parameters, so that greedy answers stay the same, else bf16 */
  ATTUNE_EXPORT_GGUF_F16, /* one file for llama.cpp, Ollama, LM Studio; this one first … */
  ATTUNE_EXPORT_GGUF_Q8_0,
  ATTUNE_EXPORT_GGUF_F32,
  ATTUNE_EXPORT_GGUF_BF16,
  ATTUNE_EXPORT_GGUF_Q6_K, /* names and mixtures of types as llama.cpp's llama-quantize has them */
  ATTUNE_EXPORT_GGUF_Q5_K_M,
  ATTUNE_EXPORT_GGUF_Q5_K_S,
  ATTUNE_EXPORT_GGUF_Q5_1,
  ATTUNE_EXPORT_GGUF_Q5_0,
  ATTUNE_EXPORT_GGUF_Q4_K_M,
  ATTUNE_EXPORT_GGUF_Q4_K_S,
  ATTUNE_EXPORT_GGUF_Q4_1,
  ATTUNE_EXPORT_GGUF_Q4_0, /* … to this one */
  ATTUNE_N_EXPORTS,
} AttuneExportFormat;

/* "adapter", "merged", "gguf-f16", "gguf-q8_0" …; and a sentence on whom it is for. */
const char *attune_export_format_get_name (AttuneExportFormat format);
const char *attune_export_format_get_blurb (AttuneExportFormat format);
/* One file, not a folder. */
static inline gboolean
attune_export_format_is_gguf (AttuneExportFormat format)
{
  return format >= ATTUNE_EXPORT_GGUF_F16 && format <= ATTUNE_EXPORT_GGUF_Q4_0;
}
/* Returns FALSE where no format has this name. */
gboolean attune_export_format_find (const char *name, AttuneExportFormat *format);

/* Below this many parameters a merged model's weights are written as f32: bf16 keeps 8 bits of a
 * weight, fewer than the tuned 4-bit base and its adapter need to give the same greedy answers.
 * Above, the size on the disk counts more. */
#define ATTUNE_EXPORT_F32_PARAMETERS 500000000
AttuneType attune_export_merged_type (const AttuneModel *model);

/* How many bytes an export of @model will be, within some thousandths (the vocabulary is counted
 * roughly); 0 for the adapter, whose size is known from the plan. Light; takes some ms. */
guint64 attune_export_predict_bytes (AttuneExportFormat format, AttuneModel *model);

/* How many tokens llama.cpp and what is built on it should be given room for; 0: as many as one
 * likes. It chooses the two lists of angles of longrope by the room, where training and Hugging
 * Face choose by the text's length: with more room than the original context, short texts get the
 * angles of long ones. Pure. */
int attune_export_safe_context (const AttuneDecoderConfig *config);

/**
 * attune_export:
 * @decoder: with the adapter on it, or the trained weights in it
 * @lora: what the adapter was made with; rank 0 where there is none
 * @base_name: what adapter_config.json calls the base, e.g. "HuggingFaceTB/SmolLM2-135M-Instruct"
 * or a path
 * @path: a folder (adapter, merged) or file (GGUF); an existing one is replaced whole, but a folder
 * only where it holds nothing but an export
 *
 * Rotary pairs: the weights of q and k (and their lora_b) are brought into Hugging Face's order for
 * adapter and merged, and stay as they are for GGUF. Tensors are merged in f32 and written one by
 * one; scratch is the largest of them. On failure or when cancelled what was at @path stands and
 * nothing is left beside it. Blocks. Errors: #AttuneDeployError, #GFileError, #AttuneModelError,
 * %G_IO_ERROR_CANCELLED.
 */
gboolean attune_export (AttuneExportFormat format, AttuneModel *model, AttuneDecoder *decoder,
                        const AttuneLoraConfig *lora, const char *base_name, const char *path,
                        AttuneProgressFunc progress, gpointer data, GCancellable *cancellable,
                        GError **error);

G_END_DECLS
