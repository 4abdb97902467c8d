/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A vocabulary that grows token by token while a file is read. Private to the readers.
 */
#pragma once
#include "text/tokenizer-json.h"

G_BEGIN_DECLS

typedef struct
{
  GPtrArray *tokens; /* owned; %NULL where a number is left out */
  GArray *kinds;     /* gint32 */
  GArray *scores;    /* float */
  GByteArray *flags; /* AttuneTokenFlags */
  GPtrArray *merges; /* owned */
  char *model, *pre, *rules;
  GByteArray *charsmap;        /* (nullable) */
  AttuneVocabulary vocabulary; /* the numbers; its lists are filled at the end */
} AttuneVocabularyBuilder;

AttuneVocabularyBuilder *attune_vocabulary_builder_new (void);
void attune_vocabulary_builder_free (AttuneVocabularyBuilder *self);

/* Puts a token at @id, in place of what is there. %FALSE with an error where the number cannot be
 * one. */
gboolean attune_vocabulary_builder_set (AttuneVocabularyBuilder *self, gint64 id, const char *token,
                                        AttuneTokenKind kind, float score, guint8 flags,
                                        GError **error);
/* The first token of that spelling, or -1. Goes through all. */
gint32 attune_vocabulary_builder_find (const AttuneVocabularyBuilder *self, const char *token);
/* @names: (nullable). Returns: (transfer full): or %NULL. */
AttuneTokenizer *attune_vocabulary_builder_end (AttuneVocabularyBuilder *self,
                                                const AttuneTokenNames *names, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneVocabularyBuilder, attune_vocabulary_builder_free)

G_END_DECLS
