/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cutting text into the words that byte-pair merging never crosses. A way of cutting is a chain of
 * rules: each rule cuts the pieces of the one before, as a sequence of pre-tokenizers does in the
 * reference.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _AttunePretokenizer AttunePretokenizer;

/* @name: as GGUF spells it ("smollm"). Returns: (nullable): static. */
const AttunePretokenizer *attune_pretokenizer_find (const char *name);

/* @word: not NUL-terminated; @length: in bytes, > 0 */
typedef void (*AttuneWordFunc) (const char *word, gsize length, gpointer data);

/* Calls @func for every word from front to back; together they are the text. Invalid UTF-8 counts
 * byte by byte as symbols. */
void attune_pretokenize (const AttunePretokenizer *self, const char *text, gsize length,
                         AttuneWordFunc func, gpointer data);

/* Whether a word that is a token as it stands is taken whole, without merging (the reference's
 * ignore_merges). */
gboolean attune_pretokenizer_prefers_whole (const AttunePretokenizer *self);

G_END_DECLS
