/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is done to a text before it is made into tokens, and afterwards to what tokens spell: by the
 * name that a GGUF file has for it, or as a tokenizer.json says it. Private to the tokenizer.
 */
#pragma once
#include "text/normalize.h"
#include "text/pretokenize.h"
#include "text/tokenizer.h"

G_BEGIN_DECLS

typedef struct
{
  AttuneNormalizer *normalizer;
  AttunePretokenizer *pretokenizer;
  gboolean byte_level;     /* tokens are spelled in the byte-level alphabet */
  gboolean spaces_as_bars; /* tokens spell a space as "▁" */
  gboolean strips_first;   /* a text's first space is the prefix, and no part of it */
  gboolean byte_fallback;  /* what has no token becomes its bytes */
  gboolean fuse_unknown;
} AttuneTextRules;

/* Returns: (transfer full): errors: #AttuneTextError. */
AttuneTextRules *attune_text_rules_new (const AttuneVocabulary *vocabulary, GError **error);
void attune_text_rules_free (AttuneTextRules *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTextRules, attune_text_rules_free)

/* The space as SentencePiece's tokens spell it. */
#define ATTUNE_BAR "\xe2\x96\x81"

G_END_DECLS
