/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which words two texts have in common, to mark them where they are shown. Words are compared as
 * token F1 does: without case, punctuation and articles.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint start, length; /* bytes of the text */
  gboolean common;     /* the other text has it, too */
} AttuneWord;

/**
 * attune_compare_words:
 * @expected: UTF-8
 * @answer: UTF-8
 * @expected_words: (out) (transfer full) (element-type AttuneWord): in order, without articles and
 *   what is punctuation alone
 * @answer_words: (out) (transfer full) (element-type AttuneWord)
 *
 * Common are the words of a longest common subsequence: "pain in the heart" and "heart pain" share
 * one. Between texts so long that this would take a while (more than 4 million pairs of words),
 * order does not matter.
 */
void attune_compare_words (const char *expected, const char *answer, GArray **expected_words,
                           GArray **answer_words);

G_END_DECLS
