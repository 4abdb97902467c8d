/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See word-marks.h.
 */
#include "stages/evaluate/word-marks.h"

#include "evaluate/compare-words.h"

/* A grey that is seen on light and dark, and lies lightly where every word is underlined. */
#define LINE 0x9a9a

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

static void
mark (PangoAttrList *marks, const AttuneWord *word, PangoAttribute *with)
{
  with->start_index = word->start;
  with->end_index = word->start + word->length;
  pango_attr_list_insert (marks, with);
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

      if (word->common)
        mark (marks, word, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
      else
        {
          mark (marks, word, pango_attr_underline_new (PANGO_UNDERLINE_SINGLE));
          mark (marks, word, pango_attr_underline_color_new (LINE, LINE, LINE));
        }
    }
  *missing = list_others (expected, expected_words);
  *beyond = list_others (answer, answer_words);
  return marks;
}
