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

typedef struct _AttuneCheckpoint AttuneCheckpoint;

/**
 * attune_checkpoint_open:
 * @folder: with config.json
 *
 * Maps the files. Copies only what is stored in another way than it is used: gains and biases that
 * are not f32, GPT-2's linears, which are transposed, and Falcon's, whose heads are mixed. Blocks.
 * Returns: (transfer full): errors name the file
 */
AttuneCheckpoint *attune_checkpoint_open (const char *folder, GError **error);
void attune_checkpoint_close (AttuneCheckpoint *self);

const AttuneDecoderConfig *attune_checkpoint_get_config (const AttuneCheckpoint *self);
/* An AttuneTensorLookup for attune_decoder_new(); data is the AttuneCheckpoint. */
const AttuneTensor *attune_checkpoint_lookup (gpointer checkpoint, const char *name);

/* Its tensors, by GGUF's names in the order of the alphabet; lists of angles are among them.
 * Returns: (transfer container): NULL-terminated */
char **attune_checkpoint_list_tensors (const AttuneCheckpoint *self);

/* The weights' files, names within the folder. NULL-terminated, borrowed. */
const char *const *attune_checkpoint_get_files (const AttuneCheckpoint *self);

/* As attune_gguf_release_pages(). */
void attune_checkpoint_release_pages (const AttuneCheckpoint *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneCheckpoint, attune_checkpoint_close)

G_END_DECLS
