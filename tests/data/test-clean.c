/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cleaning: each text function by itself, then the steps over records with their counts, examples
 * and reasons.
 */
#include "data/abbreviations.h"
#include "data/clean-text.h"
#include "data/clean.h"
#include "data/findings.h"
#include "data/rows.h"

/* @expected: %NULL where nothing has to change. */
#define assert_cleaned(function, text, expected)                                                   \
  do                                                                                               \
    {                                                                                              \
      g_autofree char *found = function (text);                                                    \
      g_assert_cmpstr (found, ==, expected);                                                       \
    }                                                                                              \
  while (0)

static void
test_unicode (void)
{
  assert_cleaned (attune_clean_unicode, "plain Größe\n\t", NULL);
  assert_cleaned (attune_clean_unicode,
                  "Gro\xcc\x88\xc3\x9f"
                  "e",
                  "Gr\xc3\xb6\xc3\x9f"
                  "e");
  assert_cleaned (attune_clean_unicode, "a\u200bb\u2060c\ufeffd\u00ade", "abcde");
  assert_cleaned (attune_clean_unicode, "5\u00a0mg\u202fx", "5 mg x");
  assert_cleaned (attune_clean_unicode, "a\r\nb\rc\001d", "a\nb\ncd");
  /* joiners mean something in emoji, Persian and Hindi */
  assert_cleaned (attune_clean_unicode, "\U0001F468\u200d\U0001F469", NULL);
  assert_cleaned (attune_clean_unicode, "می\u200cخواهم", NULL);
}

static void
test_space (void)
{
  assert_cleaned (attune_clean_space, "nothing to do\nhere", NULL);
  assert_cleaned (attune_clean_space, "  a \t b  ", "a b");
  assert_cleaned (attune_clean_space, "\n\na \n b\n\n\n\nc\n", "a\nb\n\nc");
  assert_cleaned (attune_clean_space, "a\u2003b\u00a0c", "a b c");
  assert_cleaned (attune_clean_space, " \t\n", "");
}

static void
test_html (void)
{
  g_autofree char *many = g_strnfill (1 << 20, '&'); /* must not take for ever */

  assert_cleaned (attune_clean_html, "plain & simple; so", NULL);
  assert_cleaned (attune_clean_html, "a &amp; b &lt;i&gt; &#39;&#x27;&#X41;&hellip;",
                  "a & b <i> ''A…");
  assert_cleaned (attune_clean_html, "&amp;lt;", "&lt;"); /* once, not twice */
  assert_cleaned (attune_clean_html, "&unknown; &#; &#x; &#xD800; &#1114112; &#0; &#1; &am p;",
                  NULL);
  assert_cleaned (attune_clean_html, "&#x10FFFF;&#10;x", "\U0010FFFF\nx");
  assert_cleaned (attune_clean_html, "at the end &am", NULL);
  assert_cleaned (attune_clean_html, many, NULL);
}

static void
test_mojibake (void)
{
  assert_cleaned (attune_clean_mojibake, "plain Größe “quoted” – 5 µg naïve", NULL);
  assert_cleaned (attune_clean_mojibake, "GrÃ¶ÃŸe", "Größe");
  assert_cleaned (attune_clean_mojibake, "GrÃ¶ÃŸe und Ã„rzte, Ã–l", "Größe und Ärzte, Öl");
  assert_cleaned (attune_clean_mojibake, "itâ€™s 5Â°C â€“ â€œwarmâ€\xc2\x9d", "it’s 5°C – “warm”");
  assert_cleaned (attune_clean_mojibake, "5 â‚¬, â‰¥ 3", "5 €, ≥ 3");
  assert_cleaned (attune_clean_mojibake, "smile ðŸ˜€", "smile 😀");
  assert_cleaned (attune_clean_mojibake, "GrÃƒÂ¶ÃƒÅ¸e", "Größe");  /* twice */
  assert_cleaned (attune_clean_mojibake, "f\u00c3\u00bcr", "für"); /* as Latin-1 */
  /* what people do write */
  assert_cleaned (attune_clean_mojibake, "MAÇÃ–LARANJA, “NÃO”", NULL);
  assert_cleaned (attune_clean_mojibake, "die Umlaute „Ä“ und „Ü–“", NULL);
  assert_cleaned (attune_clean_mojibake, "Ã alone at the end Ã", NULL);
  assert_cleaned (attune_clean_mojibake, "ЖИЗНЬ, Ελλάδα, 日本", NULL);
}

static void
test_tags (void)
{
  g_autofree char *many = g_strnfill (1 << 20, '<'); /* must not take for ever */

  assert_cleaned (attune_clean_tags, "no tag: 3 < 5 > 2, <5 mg>, <name>, a <b and c> d", NULL);
  assert_cleaned (attune_clean_tags, "<p>One <b>bold</b> word.</p><p>Two</p>",
                  "One bold word.\nTwo");
  assert_cleaned (attune_clean_tags, "a<br>b<BR/>c<br />d", "a\nb\nc\nd");
  assert_cleaned (attune_clean_tags, "<a href=\"x?a>b\" title='<i>'>link</a>", "link");
  assert_cleaned (attune_clean_tags,
                  "x<script>if (a < b) alert('</p>');</SCRIPT >y<style>p{}</style>", "xy");
  /* where it has no end it is spoken of */
  assert_cleaned (attune_clean_tags, "The <script> tag is put in the head, as <style> is.", NULL);
  assert_cleaned (attune_clean_tags, "<b>The</b> <script> tag, not </scripts> or </script",
                  "The <script> tag, not </scripts> or </script");
  assert_cleaned (attune_clean_tags, "<!DOCTYPE html><!-- no\n<p> -->yes", "yes");
  assert_cleaned (attune_clean_tags, "<ul><li>one</li><li>two</li></ul>", "one\ntwo");
  assert_cleaned (attune_clean_tags, "cut <a href=\"x", NULL);
  assert_cleaned (attune_clean_tags, "cut <!-- x", NULL);
  assert_cleaned (attune_clean_tags, "&lt;b&gt;", NULL); /* meant to be read */
  assert_cleaned (attune_clean_tags, many, NULL);
}

/* Beginnings without an end, again and again: each end is looked for once. */
static void
test_no_end (void)
{
  static const char *const beginnings[]
      = { "<!--", "<script>", "<style>", "<!doctype", "<script></style>" };

  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autofree char *cleaned = NULL;
      const gint64 start = g_get_monotonic_time ();

      while (text->len < 1 << 20)
        g_string_append (text, beginnings[i]);
      cleaned = attune_clean_tags (text->str);
      g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
    }
}

/* Each element's name is found: the lists are sorted. */
static void
test_elements (void)
{
  static const char *const names[]
      = { "a",  "abbr", "article", "b",    "blockquote", "body", "br",     "div",
          "em", "h1",   "h6",      "hr",   "i",          "li",   "ol",     "p",
          "q",  "s",    "small",   "span", "sub",        "sup",  "strong", "table",
          "td", "th",   "tr",      "tt",   "u",          "ul",   "var" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *text = g_strdup_printf ("<%s>x", names[i]);

      assert_cleaned (attune_clean_tags, text, "x");
    }
}

static void
test_plain_words (void)
{
  static const char *const same[][2] = {
    { "What is  Gout?", "what is gout" },
    { "STRASSE", "Straße" },
    { "5 mg.", "(5) MG" },
    { "yes, no", "Yes no" },
    { "5 %", "5%" },
    { "", " ?!" },
  };
  static const char *const other[][2] = {
    { "-5", "5" },
    { "\u2212"
      "5",
      "5" },
    { "0.5 mg", "5 mg" },
    { "0.5 mg", "05 mg" },
    { "1/2", "12" },
    { "1,5", "15" },
    { "<5", ">5" },
    { "≤5", "≥5" },
    { "A+", "A" },
    { "5 %", "5" },
    { "5 µg", "5 mg" },
    { "$5", "€5" },
    { "ab c", "a bc" },
    { "café", "cafe" },
    { "2 × 3", "2 + 3" },
    { "C#", "C" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (same); i++)
    {
      g_autofree char *a = attune_plain_words (same[i][0]), *b = attune_plain_words (same[i][1]);

      g_assert_cmpstr (a, ==, b);
    }
  for (guint i = 0; i < G_N_ELEMENTS (other); i++)
    {
      g_autofree char *a = attune_plain_words (other[i][0]), *b = attune_plain_words (other[i][1]);

      g_assert_cmpstr (a, !=, b);
    }
  /* of SHA-256, so that a split is the same on every machine and in every version */
  g_assert_cmphex (attune_text_key ("abc"), ==, G_GUINT64_CONSTANT (0xba7816bf8f01cfea));
}

/* --- the steps */

static const char *
run (AttuneCleaner *cleaner, const char *question, const char *answer)
{
  g_auto (AttuneRecord) record = { 0 };
  g_auto (AttunePlainRecord) plain = { 0 };
  const char *reason;

  record.fields[ATTUNE_FIELD_QUESTION] = g_strdup (question);
  record.fields[ATTUNE_FIELD_ANSWER] = g_strdup (answer);
  reason = attune_cleaner_run (cleaner, &record, &plain);
  g_assert_true ((reason == NULL) == (plain.question != NULL && plain.answer != NULL));
  return reason;
}

static const AttuneCleanStep *
find_step (const AttuneCleaner *cleaner, const char *name)
{
  guint n;
  const AttuneCleanStep *steps = attune_cleaner_get_steps (cleaner, &n);

  for (guint i = 0; i < n; i++)
    if (g_str_equal (steps[i].name, name))
      return &steps[i];
  g_assert_not_reached ();
}

static void
test_steps (void)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneCleaner) cleaner
      = attune_cleaner_new (attune_data_settings_get_values (settings), NULL, &error);
  g_autofree char *endless = g_strnfill (20001, 'x');
  g_auto (AttuneRecord) record = { 0 };
  g_auto (AttunePlainRecord) plain = { 0 };
  const AttuneCleanStep *step;

  g_assert_no_error (error);
  record.fields[ATTUNE_FIELD_QUESTION] = g_strdup (" What  is\u00a0gout? ");
  record.fields[ATTUNE_FIELD_ANSWER] = g_strdup ("A &amp; B&#8203;.");
  record.fields[ATTUNE_FIELD_LABEL] = g_strdup ("bones ");
  g_assert_null (attune_cleaner_run (cleaner, &record, &plain));
  g_assert_cmpstr (record.fields[ATTUNE_FIELD_QUESTION], ==, "What is gout?");
  g_assert_cmpstr (record.fields[ATTUNE_FIELD_ANSWER], ==, "A & B.");
  g_assert_cmpstr (record.fields[ATTUNE_FIELD_LABEL], ==, "bones");

  g_assert_cmpstr (run (cleaner, "What is gout?", "A & B."), ==, "The same record stands earlier.");
  g_assert_cmpstr (run (cleaner, "what is GOUT", "a & b"), ==,
                   "A record that differs only in case, blanks or punctuation stands earlier.");
  g_assert_null (run (cleaner, "What is gout?", "Something else."));
  g_assert_null (run (cleaner, "How cold?", "-5 degrees"));
  g_assert_null (run (cleaner, "How cold?", "5 degrees"));
  g_assert_null (run (cleaner, "How much?", "0.5 mg"));
  g_assert_null (run (cleaner, "How much?", "5 mg"));
  g_assert_cmpstr (run (cleaner, "a", NULL), ==, "It has no answer.");
  g_assert_cmpstr (run (cleaner, "a", " \t "), ==, "It has no answer.");
  g_assert_cmpstr (run (cleaner, "\u200b", "b"), ==, "It has no question.");
  g_assert_cmpstr (run (cleaner, "long", endless), ==,
                   "Its answer is shorter or longer than the settings allow.");

  g_assert_cmpuint (find_step (cleaner, "unescape-html")->count, ==, 1);
  g_assert_cmpuint (find_step (cleaner, "normalise-unicode")->count, ==, 2);
  g_assert_cmpuint (find_step (cleaner, "trim-space")->count, ==, 2);
  g_assert_cmpuint (find_step (cleaner, "drop-incomplete")->count, ==, 3);
  g_assert_cmpuint (find_step (cleaner, "max-answer-characters")->count, ==, 1);
  g_assert_cmpuint (find_step (cleaner, "drop-duplicates")->count, ==, 1);
  step = find_step (cleaner, "drop-near-duplicates");
  g_assert_cmpuint (step->count, ==, 1);
  g_assert_cmpuint (step->n_examples, ==, 1);
  g_assert_cmpstr (step->before[0], ==, "what is GOUT");
  g_assert_null (step->after[0]);
  step = find_step (cleaner, "unescape-html");
  g_assert_cmpstr (step->before[0], ==, "A &amp; B&#8203;.");
  g_assert_cmpstr (step->after[0], ==, "A & B\u200b.");
}

/* No more than three examples are kept, and every record counts. */
static void
test_examples (void)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (AttuneCleaner) cleaner
      = attune_cleaner_new (attune_data_settings_get_values (settings), NULL, NULL);
  const AttuneCleanStep *step;

  for (int i = 0; i < 10; i++)
    {
      g_autofree char *question = g_strdup_printf (" %d ", i);

      g_assert_null (run (cleaner, question, " x "));
    }
  step = find_step (cleaner, "trim-space");
  g_assert_cmpuint (step->count, ==, 10); /* records, though both texts of each changed */
  g_assert_cmpuint (step->n_examples, ==, ATTUNE_CLEAN_EXAMPLES);
  g_assert_cmpstr (step->before[2], ==, " 1 ");
  g_assert_cmpstr (step->after[2], ==, "1");
}

static void
test_steps_off (void)
{
  g_autoptr (AttuneDataSettings) settings = g_object_new (
      ATTUNE_TYPE_DATA_SETTINGS, "normalise-unicode", FALSE, "trim-space", FALSE, "repair-encoding",
      FALSE, "strip-tags", FALSE, "personal-data", ATTUNE_PERSONAL_KEEP, "unescape-html", FALSE,
      "drop-incomplete", FALSE, "drop-duplicates", FALSE, "drop-near-duplicates", FALSE,
      "max-answer-characters", 12, NULL);
  g_autoptr (AttuneCleaner) cleaner
      = attune_cleaner_new (attune_data_settings_get_values (settings), NULL, NULL);
  g_auto (AttuneRecord) record = { 0 };
  g_auto (AttunePlainRecord) plain = { 0 };

  record.fields[ATTUNE_FIELD_QUESTION] = g_strdup (" a\u200b&amp;<b>Ã¶ ");
  record.fields[ATTUNE_FIELD_ANSWER] = g_strdup (" b a@b.org");
  g_assert_null (attune_cleaner_run (cleaner, &record, &plain));
  g_assert_cmpstr (record.fields[ATTUNE_FIELD_QUESTION], ==, " a\u200b&amp;<b>Ã¶ ");
  g_assert_cmpstr (record.fields[ATTUNE_FIELD_ANSWER], ==, " b a@b.org");
  g_assert_null (run (cleaner, "x", "äöü")); /* characters, not bytes */
  g_assert_null (run (cleaner, "x", "äöü"));
  g_assert_null (run (cleaner, "X", "ÄÖÜ"));
  g_assert_null (run (cleaner, "", "b"));
  g_assert_nonnull (run (cleaner, "x", "abcdefghijklm"));
  g_assert_nonnull (run (cleaner, "x", "  ")); /* nothing can be learned from it */
}

/* Keys, personal data and toxic words of one record: each step by its own mode. */
static void
test_findings (void)
{
  g_autofree char *key = g_strconcat ("ghp_", "012345678901234567", "abcdefghijklmnopqr", NULL),
                  *answer = g_strdup_printf ("Ask a@b.org with %s.", key);
  const AttuneDataValues *values;

  for (int mode = ATTUNE_PERSONAL_KEEP; mode <= ATTUNE_PERSONAL_LEAVE_OUT; mode++)
    {
      g_autoptr (AttuneDataSettings) settings
          = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "secrets", mode, "toxic", mode, NULL);
      g_autoptr (AttuneCleaner) cleaner = NULL;
      g_autoptr (JsonObject) report = json_object_new ();
      g_auto (AttuneRecord) record = { 0 };
      g_auto (AttunePlainRecord) plain = { 0 };
      const char *reason;

      values = attune_data_settings_get_values (settings);
      cleaner = attune_cleaner_new (values, NULL, NULL);
      record.fields[ATTUNE_FIELD_QUESTION] = g_strdup ("How, you idiot?");
      record.fields[ATTUNE_FIELD_ANSWER] = g_strdup (answer);
      reason = attune_cleaner_run (cleaner, &record, &plain);
      if (mode == ATTUNE_PERSONAL_LEAVE_OUT)
        {
          g_assert_cmpstr (reason, ==, "It holds a key or password.");
          g_assert_cmpuint (attune_cleaner_get_found (cleaner), ==, 1u << ATTUNE_FOUND_SECRET);
          continue;
        }
      g_assert_null (reason);
      g_assert_cmpuint (attune_cleaner_get_found (cleaner), ==, (1u << ATTUNE_N_FINDINGS) - 1);
      g_assert_cmpstr (record.fields[ATTUNE_FIELD_QUESTION], ==,
                       mode == ATTUNE_PERSONAL_KEEP ? "How, you idiot?" : "How, you […]?");
      if (mode == ATTUNE_PERSONAL_MASK)
        g_assert_cmpstr (record.fields[ATTUNE_FIELD_ANSWER], ==, "Ask [E-MAIL] with [KEY].");
      else
        g_assert_nonnull (strstr (record.fields[ATTUNE_FIELD_ANSWER], key));
      g_assert_cmpuint (find_step (cleaner, "toxic")->count, ==, 1);
      g_assert_cmpuint (find_step (cleaner, "toxic")->n_examples, ==, 1);
      attune_cleaner_report (cleaner, report);
      g_assert_cmpint (
          json_object_get_int_member (json_object_get_object_member (report, "secrets"), "key"), ==,
          1);
      g_assert_cmpint (
          json_object_get_int_member (json_object_get_object_member (report, "toxic"), "insult"),
          ==, 1);
    }
}

/* What cannot be read of the user's own words is said before anything is done. */
static void
test_words_file (void)
{
  g_autoptr (AttuneDataSettings) settings
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "toxic-words", "/no such file", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_cleaner_new (attune_data_settings_get_values (settings), NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

static void
test_abbreviations_file (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneDataSettings) settings = NULL;
  g_autoptr (AttuneCleaner) cleaner = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (AttuneRecord) record = { 0 };
  g_auto (AttunePlainRecord) plain = { 0 };

  place_init (&place, "abbreviations.csv");
  g_assert_true (g_file_set_contents (
      place.path, "abbreviation,expansion\nMI,myocardial infarction\nENT, \"ear, nose\"\n", -1,
      NULL));
  settings = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "abbreviations", place.path, NULL);
  cleaner = attune_cleaner_new (attune_data_settings_get_values (settings), NULL, &error);
  g_assert_no_error (error);
  record.fields[ATTUNE_FIELD_QUESTION] = g_strdup ("MI after MI?");
  record.fields[ATTUNE_FIELD_ANSWER] = g_strdup ("No MI.");
  record.fields[ATTUNE_FIELD_LABEL] = g_strdup ("MI");
  g_assert_null (attune_cleaner_run (cleaner, &record, &plain));
  g_assert_cmpstr (record.fields[ATTUNE_FIELD_QUESTION], ==,
                   "myocardial infarction after myocardial infarction?");
  g_assert_cmpstr (record.fields[ATTUNE_FIELD_LABEL], ==, "MI"); /* a name stays */
  g_assert_cmpuint (find_step (cleaner, "abbreviations")->count, ==, 1);
  g_assert_cmpuint (find_step (cleaner, "abbreviations")->changes, ==, 3);

  g_object_set (settings, "abbreviations", "/nowhere/a.csv", NULL);
  g_assert_null (attune_cleaner_new (attune_data_settings_get_values (settings), NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (place.path, "one column\nonly\n", -1, NULL));
  g_object_set (settings, "abbreviations", place.path, NULL);
  g_assert_null (attune_cleaner_new (attune_data_settings_get_values (settings), NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS);
}

/* What is done at a glance, for texts of ASCII and for tidy ones, comes to what is done letter by
 * letter: a letter that Unicode has to be asked about, put behind, changes nothing of the rest. */
static void
test_glances (void)
{
  static const char characters[] = "aB9 \n\t.,-/#%$+<=>|~^`'\"&;:_()\\\x01\x7f";
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);

  for (int round = 0; round < 20000; round++)
    {
      char text[13] = { 0 };
      g_autofree char *longer = NULL, *plain = NULL, *longer_plain = NULL, *rest = NULL;
      g_autofree char *tidy = NULL, *longer_tidy = NULL, *spaced = NULL, *longer_spaced = NULL;

      for (int i = 0; i < 12; i++)
        text[i] = characters[g_rand_int_range (rand, 0, sizeof characters - 1)];
      longer = g_strconcat (text, " \u0378x\u0301z", NULL); /* unassigned; a mark to be composed */
      plain = attune_plain_words (text);
      longer_plain = attune_plain_words (longer);
      rest = g_strconcat (plain, *plain != '\0' ? " " : "", "x\u0301z", NULL);
      g_assert_cmpstr (longer_plain, ==, rest);
      tidy = attune_clean_unicode (text);
      longer_tidy = attune_clean_unicode (longer);
      g_assert_true (g_str_has_prefix (longer_tidy != NULL ? longer_tidy : longer,
                                       tidy != NULL ? tidy : text));
      spaced = attune_clean_space (text);
      if (spaced == NULL) /* then each word by itself is found with the same between */
        {
          longer_spaced = g_strconcat (" ", text, NULL);
          rest = (g_free (rest), attune_clean_space (longer_spaced));
          g_assert_cmpstr (rest, ==, text);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/clean/unicode", test_unicode);
  g_test_add_func ("/data/clean/space", test_space);
  g_test_add_func ("/data/clean/html", test_html);
  g_test_add_func ("/data/clean/mojibake", test_mojibake);
  g_test_add_func ("/data/clean/tags", test_tags);
  g_test_add_func ("/data/clean/no-end", test_no_end);
  g_test_add_func ("/data/clean/elements", test_elements);
  g_test_add_func ("/data/clean/plain-words", test_plain_words);
  g_test_add_func ("/data/clean/glances", test_glances);
  g_test_add_func ("/data/clean/steps", test_steps);
  g_test_add_func ("/data/clean/examples", test_examples);
  g_test_add_func ("/data/clean/steps-off", test_steps_off);
  g_test_add_func ("/data/clean/abbreviations-file", test_abbreviations_file);
  g_test_add_func ("/data/clean/findings", test_findings);
  g_test_add_func ("/data/clean/words-file", test_words_file);
  return g_test_run ();
}
