/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A tokenizer from the files that Hugging Face models carry: tokenizer.json, and SentencePiece's
 * tokenizer.model.
 */
#pragma once
#include "text/tokenizer.h"

G_BEGIN_DECLS

/* What tokenizer_config.json says besides; each (nullable): what the file itself says holds. */
typedef struct
{
  const char *bos, *eos, *unknown, *pad; /* as they are spelled */
  gboolean adds_bos, adds_eos;           /* where @knows_adds */
  gboolean knows_adds;
} AttuneTokenNames;

/* @data: a whole tokenizer.json. @names: (nullable). Returns: (transfer full): errors:
 * #AttuneTextError, or the parser's. */
AttuneTokenizer *attune_tokenizer_new_from_json (const char *data, gsize length,
                                                 const AttuneTokenNames *names, GError **error);

/* @data: a whole tokenizer.model. Likewise. */
AttuneTokenizer *attune_tokenizer_new_from_sentence_piece (gconstpointer data, gsize length,
                                                           const AttuneTokenNames *names,
                                                           GError **error);

/* The largest file read: the largest in use has 33 MB. */
#define ATTUNE_TOKENIZER_FILE_MAX_BYTES (256 << 20)

G_END_DECLS
