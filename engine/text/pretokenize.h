/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cutting text into the words that merging never crosses. A way of cutting is a chain of steps:
 * each step cuts the pieces of the one before, as a sequence of pre-tokenizers does in the
 * reference. Immutable once made.
 */
#pragma once
#include "text/cut-rules.h"

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_CUT_ISOLATED, /* what matches is a piece, and what lies between is one */
  ATTUNE_CUT_REMOVED,  /* what matches is left out */
  ATTUNE_CUT_CONTIGUOUS,
  ATTUNE_CUT_WITH_PREVIOUS,
  ATTUNE_CUT_WITH_NEXT,
} AttuneCutBehavior;

typedef struct _AttunePretokenizer AttunePretokenizer;

/* @name: as GGUF spells it ("smollm"); %NULL: text is not cut. Returns: (transfer full)
 * (nullable): %NULL where the name is not known. */
AttunePretokenizer *attune_pretokenizer_new (const char *name);
AttunePretokenizer *attune_pretokenizer_new_empty (void);
void attune_pretokenizer_free (AttunePretokenizer *self);

/* Each adds a step to the end of the chain. @invert: what does not match counts as what matches. */
void attune_pretokenizer_add_rule (AttunePretokenizer *self, AttuneCutRule rule,
                                   AttuneCutBehavior behavior, gboolean invert);
void attune_pretokenizer_add_literal (AttunePretokenizer *self, const char *literal,
                                      AttuneCutBehavior behavior, gboolean invert);
/* @pattern: a regular expression in Oniguruma's spelling. One that is known is a rule, all others
 * are run by PCRE2, which gives up on a text that takes it too long: the rest is one piece then.
 * Errors: #AttuneTextError. */
gboolean attune_pretokenizer_add_pattern (AttunePretokenizer *self, const char *pattern,
                                          AttuneCutBehavior behavior, gboolean invert,
                                          GError **error);

/* The name of the chain as GGUF spells it, or %NULL where it has none. Static. @composes: whether
 * the text is put in Unicode's form NFC before. */
const char *attune_pretokenizer_get_name (const AttunePretokenizer *self, gboolean composes);
/* Whether the text is put in NFC before, in the chain of the name @name. */
gboolean attune_pretokenizer_name_composes (const char *name);
/* Whether a word that is a token as it stands is taken whole, without merging (the reference's
 * ignore_merges). */
gboolean attune_pretokenizer_prefers_whole (const AttunePretokenizer *self);
void attune_pretokenizer_set_prefers_whole (AttunePretokenizer *self, gboolean prefers_whole);

/* The chain of the name @name as regular expressions, each of which cuts out what it matches; for
 * writing them into a tokenizer.json. Returns: (transfer container) (nullable): of static strings;
 * %NULL where the name is not known or a step has no expression */
GPtrArray *attune_pretokenizer_list_patterns (const char *name);

/* @word: not NUL-terminated; @length: in bytes, > 0 */
typedef void (*AttuneWordFunc) (const char *word, gsize length, gpointer data);

/* Calls @func for every word from front to back; together they are the text, but for what is
 * removed. Invalid UTF-8 counts byte by byte as symbols. */
void attune_pretokenize (const AttunePretokenizer *self, const char *text, gsize length,
                         AttuneWordFunc func, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttunePretokenizer, attune_pretokenizer_free)

G_END_DECLS
