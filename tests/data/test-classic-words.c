/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What classic text tasks do to words: of which languages, and what of a text changes.
 */
#include "data/asked-words.h"
#include "data/classic-words.h"
#include "data/clean.h"
#include "data/import.h"

#include <string.h>

static void
assert_words (const char *language, const char *text, const char *without_stops, const char *stems,
              const char *split)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneClassicWords) words = attune_classic_words_new (language, TRUE, TRUE, &error);
  g_autofree char *a = NULL, *b = NULL, *c = NULL;

  g_assert_no_error (error);
  a = attune_classic_words_drop_stops (words, text);
  b = attune_classic_words_stem (words, text);
  c = attune_classic_words_split (words, text);
  g_assert_cmpstr (a, ==, without_stops);
  g_assert_cmpstr (b, ==, stems);
  g_assert_cmpstr (c, ==, split);
}

static void
test_words (void)
{
  assert_words ("en", "The doctors, and 3 nurses, are not running.",
                "doctors, 3 nurses, not running.", "the doctor, and 3 nurs, are not run.",
                "The doctors , and 3 nurses , are not running .");
  assert_words ("de", "Die Ärzte liefen zu den Häusern", "Ärzte liefen Häusern",
                "die arzt lief zu den haus", NULL);
  assert_words ("en", "Isn’t it?", "Isn’t ?", "isn’t it?", "Isn’t it ?");
  assert_words ("en", "Stop the\nthe doctor", "Stop\ndoctor", "stop the\nthe doctor",
                "Stop the the doctor");
  assert_words ("en", "To the", NULL, "to the", NULL); /* nothing else would be left */
  assert_words ("en", "日本語です。", NULL, NULL, "日本語 です 。");
  assert_words ("en", "", NULL, NULL, NULL);
}

static void
test_languages (void)
{
  static const struct
  {
    const char *language, *part;
  } cases[] = { { "xx", "stop words of the language “xx”, only of: de, en" },
                { "english", "stop words" },
                { "sv", "stop words" } };
  g_autoptr (AttuneClassicWords) swedish = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) reason = NULL;

      g_assert_null (attune_classic_words_new (cases[i].language, TRUE, TRUE, &reason));
      g_assert_error (reason, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS);
      g_assert_nonnull (strstr (reason->message, cases[i].part));
    }
  swedish = attune_classic_words_new ("sv", FALSE, TRUE, &error);
  g_assert_no_error (error);
  g_assert_null (attune_classic_words_new ("english", FALSE, TRUE, &error));
  g_assert_nonnull (strstr (error->message, "stems of the language “english”"));
  g_assert_nonnull (strstr (error->message, "sv"));
}

/* What is asked later is treated as what was learned from. */
static void
assert_asked (const AttuneDataValues *values, const char *question, const char *learned)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneClassicWords) words = attune_asked_words_new (values, &error);
  g_autofree char *treated = attune_asked_words_treat (words, values, question),
                  *plain = attune_asked_words_treat (NULL, values, question);

  g_assert_no_error (error);
  g_assert_cmpstr (treated, ==, learned);
  g_assert_cmpstr (plain, ==, question);
}

/* As steps: of what is asked, or of a text that is learned whole; counted, and off by default. */
static void
test_steps (void)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  const AttuneDataValues *values = attune_data_settings_get_values (settings);
  g_autoptr (AttuneCleaner) cleaner = NULL;
  g_autoptr (GError) error = NULL;
  const AttuneCleanStep *steps;
  guint n, n_found = 0;

  g_assert_false (values->drop_stop_words || values->stem_words || values->split_words);
  g_object_set (settings, "drop-stop-words", TRUE, "stem-words", TRUE, "split-words", TRUE, NULL);
  cleaner = attune_cleaner_new (values, NULL, &error);
  g_assert_no_error (error);
  for (int whole = 0; whole < 2; whole++)
    {
      AttuneRecord record = { .whole = whole != 0 };
      g_auto (AttunePlainRecord) plain = { 0 };

      record.fields[ATTUNE_FIELD_QUESTION]
          = g_strdup (whole ? "" : "Are the doctors treating gout?");
      record.fields[ATTUNE_FIELD_ANSWER] = g_strdup ("The doctors are treating gout.");
      g_assert_null (attune_cleaner_run (cleaner, &record, &plain));
      g_assert_cmpstr (record.fields[ATTUNE_FIELD_QUESTION], ==,
                       whole ? "" : "doctor treat gout ?");
      if (!whole)
        assert_asked (values, "Are the doctors treating gout?",
                      record.fields[ATTUNE_FIELD_QUESTION]);
      g_assert_cmpstr (record.fields[ATTUNE_FIELD_ANSWER], ==,
                       whole ? "doctor treat gout ." : "The doctors are treating gout.");
      attune_record_clear (&record);
    }
  steps = attune_cleaner_get_steps (cleaner, &n);
  for (guint i = 0; i < n; i++)
    if (g_str_equal (steps[i].name, "drop-stop-words") || g_str_equal (steps[i].name, "stem-words")
        || g_str_equal (steps[i].name, "split-words"))
      {
        g_assert_cmpuint (steps[i].count, ==, 2);
        n_found++;
      }
  g_assert_cmpuint (n_found, ==, 3);
  g_object_set (settings, "word-language", "xx", NULL);
  g_assert_null (attune_cleaner_new (values, NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/classic-words/words", test_words);
  g_test_add_func ("/classic-words/languages", test_languages);
  g_test_add_func ("/classic-words/steps", test_steps);
  return g_test_run ();
}
