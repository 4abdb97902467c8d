/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which words are marked as common.
 */
#include "evaluate/compare-words.h"

#include <string.h>

/* The words of @text, those that are common in brackets. */
static char *
show (const char *text, GArray *words)
{
  GString *shown = g_string_new (NULL);

  for (guint i = 0; i < words->len; i++)
    {
      const AttuneWord *word = &g_array_index (words, AttuneWord, i);

      g_assert_cmpuint (word->start + word->length, <=, strlen (text));
      g_string_append_printf (shown, word->common ? "%s[%.*s]" : "%s%.*s", i > 0 ? " " : "",
                              (int) word->length, text + word->start);
    }
  return g_string_free_and_steal (shown);
}

static void
check (const char *expected, const char *answer, const char *expected_shown,
       const char *answer_shown)
{
  g_autoptr (GArray) a = NULL, b = NULL;
  g_autofree char *shown_a = NULL, *shown_b = NULL;

  attune_compare_words (expected, answer, &a, &b);
  shown_a = show (expected, a);
  shown_b = show (answer, b);
  g_assert_cmpstr (shown_a, ==, expected_shown);
  g_assert_cmpstr (shown_b, ==, answer_shown);
}

static void
test_marks (void)
{
  check ("inflammation of the heart", "Inflammation of a  heart.", "[inflammation] [of] [heart]",
         "[Inflammation] [of] [heart.]");
  check ("pain in the heart", "heart pain", "pain in [heart]", "[heart] pain");
  check ("one two two", "two", "one [two] two", "[two]");
  check ("", "all new — words", "", "all new words");
  check ("nothing said", " \n\t", "nothing said", "");
  check ("an the a", "!?", "", "");
  /* composed and decomposed are the same letters; case follows Unicode, not the locale */
  check ("Café İSTANBUL", "Cafe\u0301", "[Café] İSTANBUL", "[Cafe\u0301]");
  check ("心臓 の 炎症", "心臓 炎症", "[心臓] の [炎症]", "[心臓] [炎症]");
}

/* Beyond the limit the order does not matter, and the numbers of words still do. */
static void
test_long (void)
{
  g_autoptr (GString) a = g_string_new ("last"), b = g_string_new (NULL);
  g_autoptr (GArray) words_a = NULL, words_b = NULL;
  guint n_common = 0;

  for (guint i = 0; i < 3000; i++)
    {
      g_string_append_printf (a, " word%u", i);
      g_string_append_printf (b, "word%u ", 2999 - i);
    }
  g_string_append (b, "last last");
  attune_compare_words (a->str, b->str, &words_a, &words_b);
  for (guint i = 0; i < words_b->len; i++)
    n_common += g_array_index (words_b, AttuneWord, i).common;
  g_assert_cmpuint (words_b->len, ==, 3002);
  g_assert_cmpuint (n_common, ==, 3001);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evaluate/compare-words/marks", test_marks);
  g_test_add_func ("/evaluate/compare-words/long", test_long);
  return g_test_run ();
}
