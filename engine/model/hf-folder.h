/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A folder as Hugging Face Transformers saves a model: config.json and safetensors in one file or
 * several (with model.safetensors.index.json), memory-mapped, under GGUF's names. The tokenizer is
 * not looked at.
 */
#pragma once
#include "model/gguf.h"
#include "nn/decoder-config.h"

G_BEGIN_DECLS

typedef struct _AttuneHfFolder AttuneHfFolder;

/**
 * attune_hf_folder_open:
 * @folder: with config.json
 *
 * Maps the files. Copies only what is stored in another way than it is used: gains and biases that
 * are not f32, GPT-2's linears, which are transposed, and Falcon's, whose heads are mixed. Blocks.
 * Returns: (transfer full): errors name the file
 */
AttuneHfFolder *attune_hf_folder_open (const char *folder, GError **error);
void attune_hf_folder_close (AttuneHfFolder *self);

const AttuneDecoderConfig *attune_hf_folder_get_config (const AttuneHfFolder *self);
/* An AttuneTensorLookup for attune_decoder_new(); data is the AttuneHfFolder. */
const AttuneTensor *attune_hf_folder_lookup (gpointer folder, const char *name);

/* Its tensors, by GGUF's names in the order of the alphabet; lists of angles are among them.
 * Returns: (transfer container): NULL-terminated */
char **attune_hf_folder_list_tensors (const AttuneHfFolder *self);

/* The weights' files, names within the folder. NULL-terminated, borrowed. */
const char *const *attune_hf_folder_get_files (const AttuneHfFolder *self);

/* As attune_gguf_release_pages(). */
void attune_hf_folder_release_pages (const AttuneHfFolder *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneHfFolder, attune_hf_folder_close)

G_END_DECLS
