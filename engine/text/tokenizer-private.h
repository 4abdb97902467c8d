/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tokenizer's files share, and what chat templates need of it and nobody else: text of
 * mixed origin.
 */
#pragma once
#include "text/special-tokens.h"
#include "text/word-model.h"

G_BEGIN_DECLS

struct _AttuneTokenizer
{
  gatomicrefcount ref_count;
  AttuneVocabulary vocabulary; /* all of it owned */
  char *token_text, *merge_text;
  GHashTable *index; /* spelling to id + 1; borrows the spellings */
  AttuneTextRules *rules;
  AttuneWordModel *words;
  guint16 *lengths;       /* bytes of normalised text that each token stands for */
  AttuneSpecials *raw;    /* found before the text is normalised */
  AttuneSpecials *normal; /* found after */
};

/**
 * attune_tokenizer_encode_marked:
 * @marks: (nullable): @length bytes; 0 where the text is the template's own. Control tokens are
 * only found there, while the words of the text are cut as if it were all of one origin, as the
 * reference does. %NULL: all template
 * @ends: (inout) (nullable): GArray of gsize; where in @text each token ends, appended
 */
void attune_tokenizer_encode_marked (const AttuneTokenizer *self, const char *text,
                                     const guint8 *marks, gsize length, GArray *ids, GArray *ends);

/* Whether @id is a control token: one that ends turns, and that people's text never gives. */
gboolean attune_tokenizer_is_control (const AttuneTokenizer *self, gint32 id);

G_END_DECLS
