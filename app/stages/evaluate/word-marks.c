/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See word-marks.h.
 */
#include "stages/evaluate/word-marks.h"

#include "evaluate/compare-words.h"

/* Returns: (transfer full) (nullable): the words of @text that are not common. */
static char *
list_others (const char *text, const GArray *words)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < words->len; i++)
    {
      const AttuneWord *word = &g_array_index (words, AttuneWord, i);

      if (!word->common)
        {
          g_string_append (list, list->len > 0 ? " " : "");
          g_string_append_len (list, text + word->start, word->length);
        }
    }
  return list->len > 0 ? g_string_free_and_steal (g_steal_pointer (&list)) : NULL;
}

PangoAttrList *
attune_word_marks_new (const char *expected, const char *answer, char **missing, char **beyond)
{
  PangoAttrList *marks = pango_attr_list_new ();
  g_autoptr (GArray) expected_words = NULL, answer_words = NULL;

  g_return_val_if_fail (expected != NULL && answer != NULL, marks);
  g_return_val_if_fail (missing != NULL && beyond != NULL, marks);

  attune_compare_words (expected, answer, &expected_words, &answer_words);
  for (guint i = 0; i < answer_words->len; i++)
    {
      const AttuneWord *word = &g_array_index (answer_words, AttuneWord, i);
      PangoAttribute *mark = word->common ? pango_attr_weight_new (PANGO_WEIGHT_BOLD)
                                          : pango_attr_underline_new (PANGO_UNDERLINE_SINGLE);

      mark->start_index = word->start;
      mark->end_index = word->start + word->length;
      pango_attr_list_insert (marks, mark);
    }
  *missing = list_others (expected, expected_words);
  *beyond = list_others (answer, answer_words);
  return marks;
}
