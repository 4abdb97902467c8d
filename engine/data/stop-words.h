/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Words that say nothing of what a text is about: articles, pronouns, prepositions, conjunctions,
 * auxiliary verbs. "not" and its like stay, and so do question words: a question hangs on them.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Returns: (nullable): those of a language, parted by blanks, in small letters; static. */
const char *attune_stop_words_get (const char *language);
/* The languages that there are some of: "de, en, …"; static. */
const char *attune_stop_words_get_languages (void);

G_END_DECLS
