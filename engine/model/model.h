/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model as it lies on disk: weights (memory-mapped), configuration, tokenizer and chat template,
 * cross-checked when it is opened.
 */
#pragma once
#include "model/gguf.h"
#include "nn/decoder-config.h"
#include "text/chat-template.h"

G_BEGIN_DECLS

typedef struct _AttuneModel AttuneModel;

/**
 * attune_model_open:
 * @path: a GGUF file, or a folder as Hugging Face Transformers saves a model
 *
 * Cheap: maps the files, reads their heads, builds the tokenizer. Blocks.
 * Returns: (transfer full): errors say what is wrong with which file
 */
AttuneModel *attune_model_open (const char *path, GError **error);
void attune_model_close (AttuneModel *self);

const char *attune_model_get_path (const AttuneModel *self);
const char *attune_model_get_name (
    const AttuneModel *self); /* "SmolLM2 135M Instruct"; the file's name where it has none */
const AttuneDecoderConfig *attune_model_get_config (const AttuneModel *self);
AttuneTokenizer *attune_model_get_tokenizer (AttuneModel *self); /* borrowed */
const AttuneChatTemplate *attune_model_get_template (const AttuneModel *self);
gint64 attune_model_count_parameters (const AttuneModel *self);
gsize attune_model_get_bytes (const AttuneModel *self); /* of the weights, as stored */
/* What was odd but can be worked with, as sentences; NULL-terminated, borrowed. */
const char *const *attune_model_get_warnings (const AttuneModel *self);
/* SHA-256 of the file, hex (of a folder: of config.json and all weights, one after another);
 * computed on first use (blocks), then kept. Returns: (transfer none). */
const char *attune_model_get_hash (AttuneModel *self, GError **error);

/* An AttuneTensorLookup for attune_decoder_new(); data is the AttuneModel. f16/bf16/quantised norm
 * gains are decoded to f32 when the model is opened. */
const AttuneTensor *attune_model_lookup (gpointer model, const char *name);

/* The names of its tensors. Returns: (transfer container): NULL-terminated */
char **attune_model_list_tensors (const AttuneModel *self);

/* What was read of the weights counts no longer as this process's memory; it is read again where it
 * is needed. */
void attune_model_release_pages (const AttuneModel *self);

/* The file itself, for export. Borrowed; (nullable): the model is a folder. */
const AttuneGguf *attune_model_get_gguf (const AttuneModel *self);

/* Where models are kept: $XDG_DATA_HOME/attune/models. Returns: (transfer full). */
char *attune_model_folder (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneModel, attune_model_close)

G_END_DECLS
