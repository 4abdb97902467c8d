/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Languages: what is guessed, what is left open, and what the cleaning makes of it.
 */
#include "data/clean.h"
#include "data/import.h"
#include "data/language.h"
#include "data/report-view.h"

#include <string.h>

#define GERMAN                                                                                     \
  "Wie setze ich mein Passwort zurück? Klicken Sie auf „Passwort vergessen“ und folgen Sie den "   \
  "Anweisungen."
#define ENGLISH                                                                                    \
  "How do I reset my password? Click on “Forgot password” and follow the instructions in the "     \
  "e-mail."
#define FRENCH "Comment réinitialiser mon mot de passe ? Cliquez sur « Mot de passe oublié »."
#define DRUGS "ASS 100 mg 1-0-0, Ramipril 5 mg 1-0-1, Metformin 1000 mg 1-0-1"

static void
test_guess (void)
{
  static const struct
  {
    const char *text, *code;
  } texts[] = {
    { GERMAN, "de" },
    { ENGLISH, "en" },
    { FRENCH, "fr" },
    { "Hoe stel ik mijn wachtwoord opnieuw in? Klik op de link en volg de instructies.", "nl" },
    { "Jak mogę zresetować hasło? Kliknij w link i postępuj zgodnie z instrukcjami.", "pl" },
    { "Сегодня хорошая погода, пойдём гулять в парк и кормить уток.", "ru" },
    { "Сегодня хорошая погода, пойдём гулять.", NULL }, /* 38 letters of two bytes */
    { "今日はいい天気ですね。明日も晴れるでしょう。", "ja" },
    { "今天天气很好，我们去公园散步吧。明天也会很好。", "zh" },
    { "مرحبا كيف حالك اليوم؟ الطقس جميل جدا ونحن نذهب إلى السوق معا", "ar" },
    { "Wie hoch ist die Dosis?", NULL }, /* too short to rely on */
    { DRUGS, NULL },
    { "", NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneLanguages) languages = attune_languages_new ("", &error);
  g_autofree char *name = attune_language_get_name ("de", "en"),
                  *german = attune_language_get_name ("en", "de_DE.UTF-8"),
                  *none = attune_language_get_name ("zzz", "de");

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_cmpstr (attune_languages_guess (languages, texts[i].text), ==, texts[i].code);
  g_assert_cmpstr (name, ==, "German");
  g_assert_cmpstr (german, ==, "Englisch");
  g_assert_cmpstr (none, ==, "zzz");
}

static const char *
guess_with (const char *wanted, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneLanguages) languages = attune_languages_new (wanted, &error);

  g_assert_no_error (error);
  return g_intern_string (attune_languages_guess (languages, text));
}

/* Codes that people write, and languages of two alphabets or two forms. */
static void
test_codes (void)
{
  const char *latin
      = "Danas je lepo vreme i idemo u šetnju parkom, a sutra ćemo učiti zajedno sa "
        "decom iz škole.",
      *cyrillic = "Данас је лепо време и идемо у шетњу парком, а сутра ћемо учити заједно са "
                  "децом из школе.",
      *bokmal = "Hvordan tilbakestiller jeg passordet mitt? Klikk på lenken og følg "
                "anvisningene på skjermen.";

  g_assert_cmpstr (guess_with ("sr", latin), ==, "sr");
  g_assert_cmpstr (guess_with ("sr", cyrillic), ==, "sr");
  g_assert_cmpstr (guess_with ("no", bokmal), ==, "nb");
  g_assert_cmpstr (guess_with ("de_AT, en-US", GERMAN), ==, "de");
  g_assert_cmpstr (guess_with ("iw", ENGLISH), ==, "en");
}

/* Cut at any byte, a text is read no further than its end, and never within a character. */
static void
test_lengths (void)
{
  g_autoptr (AttuneLanguages) languages = attune_languages_new ("de", NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = 0; i < 600; i++)
    {
      g_autofree char *exact = g_strdup (text->str);

      attune_languages_look (languages, exact, exact);
      g_string_append (text, i % 7 == 6 ? " " : "ü");
    }
}

static void
test_refused (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_languages_new ("de, klingon", &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "klingon"));
  g_clear_error (&error);
  g_assert_null (attune_languages_new ("d", &error)); /* the beginning of a code is none */
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS);
}

static const char *
tidy (AttuneCleaner *cleaner, const char *question, const char *answer)
{
  g_auto (AttuneRecord) record = { 0 };
  g_auto (AttunePlainRecord) plain = { 0 };

  record.fields[ATTUNE_FIELD_QUESTION] = g_strdup (question);
  record.fields[ATTUNE_FIELD_ANSWER] = g_strdup (answer);
  return attune_cleaner_tidy (cleaner, &record, &plain);
}

static AttuneReportView *
view_of (const AttuneCleaner *cleaner)
{
  g_autoptr (JsonObject) report = json_object_new ();
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), report);

  attune_cleaner_report (cleaner, report);
  return attune_report_view_new (node);
}

/* What is in another language is left out, counted and shown; two threads count as one does. */
static void
test_filter (void)
{
  g_autoptr (AttuneDataSettings) settings
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "language", " DE,fr", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneCleaner) cleaner
      = attune_cleaner_new (attune_data_settings_get_values (settings), NULL, &error);
  g_autoptr (AttuneReportView) view = NULL;
  const AttuneReportStep *step;

  g_assert_no_error (error);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (AttuneCleaner) helper = attune_cleaner_new_helper (cleaner);

      g_assert_null (tidy (helper, GERMAN, "x"));
      g_assert_cmpstr (tidy (helper, ENGLISH, "x"), ==, "It is written in another language.");
      g_assert_cmpstr (tidy (helper, "x", ENGLISH), ==, "It is written in another language.");
      g_assert_null (tidy (helper, FRENCH, "x"));
      g_assert_null (tidy (helper, "What is gout?", "A & B."));
      g_assert_null (tidy (helper, DRUGS, "x"));
      attune_cleaner_gather (cleaner, helper);
    }
  view = view_of (cleaner);
  step = attune_report_view_find_step (view, "language");
  g_assert_true (step->enabled);
  g_assert_cmpint (step->deed, ==, ATTUNE_CLEAN_LEAVES_OUT);
  g_assert_cmpuint (step->count, ==, 4);
  g_assert_cmpuint (step->n_examples, ==, 3);
  g_assert_cmpuint (view->n_languages_looked_at, ==, 12);
  g_assert_cmpuint (view->n_languages_undecided, ==, 4);
  g_assert_cmpuint (view->languages->len, ==, 3);
  g_assert_cmpstr (((AttuneReportLanguage *) view->languages->pdata[0])->code, ==, "en");
  g_assert_cmpuint (((AttuneReportLanguage *) view->languages->pdata[0])->count, ==, 4);
  g_assert_cmpstr (((AttuneReportLanguage *) view->languages->pdata[1])->code, ==, "de");
}

static const char *
run (AttuneCleaner *cleaner, const char *question, const char *answer)
{
  g_auto (AttuneRecord) record = { 0 };
  g_auto (AttunePlainRecord) plain = { 0 };

  record.fields[ATTUNE_FIELD_QUESTION] = g_strdup (question);
  record.fields[ATTUNE_FIELD_ANSWER] = g_strdup (answer);
  return attune_cleaner_run (cleaner, &record, &plain);
}

/* Without a choice all stay, and the mix is told all the same, of some of them where there are
 * many. */
static void
test_mix (void)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (AttuneCleaner) cleaner
      = attune_cleaner_new (attune_data_settings_get_values (settings), NULL, NULL);
  static const char *const numbers[]
      = { "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten" };
  g_autoptr (AttuneReportView) all = NULL, some = NULL;

  for (int i = 0; i < 10; i++)
    g_assert_null (run (cleaner, i < 7 ? GERMAN : ENGLISH, numbers[i]));
  all = view_of (cleaner);
  g_assert_false (attune_report_view_find_step (all, "language")->enabled);
  g_assert_cmpuint (all->n_languages_looked_at, ==, 10);
  g_assert_cmpuint (all->languages->len, ==, 2);
  g_assert_cmpuint (((AttuneReportLanguage *) all->languages->pdata[0])->count, ==, 7);

  g_assert_true (attune_cleaner_expect (cleaner, 20000, NULL, NULL));
  for (int i = 0; i < 2000; i++)
    {
      g_autofree char *answer = g_strdup_printf ("%d", i);

      g_assert_null (run (cleaner, GERMAN, answer));
    }
  some = view_of (cleaner);
  g_assert_cmpuint (some->n_languages_looked_at, >, 10 + 20);
  g_assert_cmpuint (some->n_languages_looked_at, <, 10 + 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/language/guess", test_guess);
  g_test_add_func ("/data/language/codes", test_codes);
  g_test_add_func ("/data/language/lengths", test_lengths);
  g_test_add_func ("/data/language/refused", test_refused);
  g_test_add_func ("/data/language/filter", test_filter);
  g_test_add_func ("/data/language/mix", test_mix);
  return g_test_run ();
}
