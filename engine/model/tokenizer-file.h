/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tokenizer that a file holds: a GGUF file, with or without weights, or those of a Hugging Face
 * folder.
 */
#pragma once
#include "model/gguf.h"
#include "text/tokenizer.h"

G_BEGIN_DECLS

/**
 * attune_tokenizer_from_gguf:
 * @path: the name that errors show
 * @warnings: (nullable): GPtrArray of char *; sentences for the user are added
 *
 * Returns: (transfer full): errors: #AttuneModelError
 */
AttuneTokenizer *attune_tokenizer_from_gguf (const AttuneGguf *gguf, const char *path,
                                             GPtrArray *warnings, GError **error);

/**
 * attune_tokenizer_to_gguf:
 * @n_rows: tokens that the weights have room for; those without a name get one
 *
 * Sets the keys tokenizer.ggml.* of @writer. Errors: %ATTUNE_MODEL_ERROR_UNSUPPORTED where GGUF has
 * no words for how the tokenizer cuts text. Whether the words that it has say the same is for the
 * caller to try: see attune_tokenizer_find_difference().
 */
gboolean attune_tokenizer_to_gguf (const AttuneTokenizer *tokenizer, guint n_rows,
                                   AttuneGgufWriter *writer, GError **error);

/* A text of which two tokenizers make different tokens, out of some that bring every rule of real
 * tokenizers to work and of the vocabulary's own spellings. Returns: (transfer full) (nullable):
 * %NULL where there is none */
char *attune_tokenizer_find_difference (const AttuneTokenizer *a, const AttuneTokenizer *b);

/* As attune_tokenizer_from_gguf(), from a tokenizer.json, a tokenizer.model, or a folder that holds
 * one of them. What tokenizer_config.json beside it says of the tokens that begin and end a text
 * counts. Blocks. */
AttuneTokenizer *attune_tokenizer_from_folder (const char *path, GPtrArray *warnings,
                                               GError **error);

/* The chat template of such a folder, from chat_template.jinja or tokenizer_config.json. Returns:
 * (transfer full) (nullable): %NULL without @error set where there is none */
char *attune_template_from_folder (const char *folder, GError **error);

/* The same for any file that holds one. Blocks. */
AttuneTokenizer *attune_tokenizer_open (const char *path, GPtrArray *warnings, GError **error);

G_END_DECLS
