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

/* The same from a tokenizer.json, a tokenizer.model, or a folder that holds one of them. What
 * tokenizer_config.json beside it says of the tokens that begin and end a text counts. Blocks. */
AttuneTokenizer *attune_tokenizer_from_folder (const char *path, GError **error);

/* The chat template of such a folder, from chat_template.jinja or tokenizer_config.json. Returns:
 * (transfer full) (nullable): %NULL without @error set where there is none */
char *attune_template_from_folder (const char *folder, GError **error);

/* The same for any file that holds one. Blocks. */
AttuneTokenizer *attune_tokenizer_open (const char *path, GPtrArray *warnings, GError **error);

G_END_DECLS
