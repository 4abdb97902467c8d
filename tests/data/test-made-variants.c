/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Variants that a program or a model makes: what is taken of them and what is not, and where they
 * are used.
 */
#include "data/dataset-fixture.h"
#include "data/report-view.h"
#include "data/translator.h"
#include "data/variant-check.h"
#include "data/written.h"

#include <string.h>

static void
test_check (void)
{
  static const struct
  {
    const char *text, *made;
    AttuneVariantFault fault;
  } cases[] = {
    { "Why is the sky blue?", "What makes the sky look blue?", ATTUNE_VARIANT_GOOD },
    { "Give 5 mg of it.", "Five mg of it are given.", ATTUNE_VARIANT_NUMBERS },
    { "Give 5 mg of it.", "Of it, 5 mg are given.", ATTUNE_VARIANT_GOOD },
    { "Give 5 mg of it.", "Of it, 5 µg are given.", ATTUNE_VARIANT_NUMBERS },
    { "Is -5 % too low?", "Would 5 % be too low?", ATTUNE_VARIANT_NUMBERS },
    { "Was it 3.4 or 4.3?", "Has it been 3.4 or 3.4?", ATTUNE_VARIANT_NUMBERS },
    { "Is an HbA1c > 7 too high?", "Is it too high, an HbA1c < 7?", ATTUNE_VARIANT_NUMBERS },
    { "Are doses ≤ 5 mg safe?", "Is a dose of ≥ 5 mg safe?", ATTUNE_VARIANT_NUMBERS },
    { "Is > 5 mg and < 9 mg fine?", "Would < 5 mg and > 9 mg be fine?", ATTUNE_VARIANT_NUMBERS },
    { "Is 5 % more enough?", "Would 5 more be enough?", ATTUNE_VARIANT_NUMBERS },
    { "Does it cost $5?", "Is the cost of it €5?", ATTUNE_VARIANT_NUMBERS },
    { "Does it cost 5€?", "Is the cost of it 5$?", ATTUNE_VARIANT_NUMBERS },
    { "Is 38 °C a fever?", "Would 38 °F be a fever?", ATTUNE_VARIANT_NUMBERS },
    { "Is 38 °C a fever?", "Would 38°C be a fever?", ATTUNE_VARIANT_GOOD },
    { "Is .5 mg enough?", "Would 5 mg be enough?", ATTUNE_VARIANT_NUMBERS },
    { "Is 5 mg/kg enough?", "Would 5 mg/l be enough?", ATTUNE_VARIANT_NUMBERS },
    { "Should I wait 30 minutes?", "Is 30 seconds what I should wait?", ATTUNE_VARIANT_NUMBERS },
    { "Is it taken for 1 day?", "Does one take it for 1 week?", ATTUNE_VARIANT_NUMBERS },
    { "When should metformin be stopped if the eGFR is < 30 for 1 week?",
      "If the eGFR is > 30 for 1 day, when should one stop metformin?", ATTUNE_VARIANT_NUMBERS },
    { "When should metformin be stopped if the eGFR is < 30 for 1 week?",
      "If the eGFR is < 30 for 1 week, when should one stop metformin?", ATTUNE_VARIANT_GOOD },
    { "Are 5 mg of morphine and 10 mg of diazepam safe?",
      "Is it safe to give 10 mg of morphine and 5 mg of diazepam?", ATTUNE_VARIANT_NUMBERS },
    { "Are 5 mg of morphine and 10 mg of diazepam safe?",
      "Is it safe to give 10 mg of diazepam and 5 mg of morphine?", ATTUNE_VARIANT_GOOD },
    { "Should he take two tablets?", "Are three tablets what he should take?",
      ATTUNE_VARIANT_NUMBERS },
    { "Is it taken once a day?", "Does one take it twice a day?", ATTUNE_VARIANT_NUMBERS },
    { "Is metformin safe at night?", "At night, is metoprolol safe?", ATTUNE_VARIANT_NAMES },
    { "Does the left lung have three lobes?", "Has the right lung got three lobes?",
      ATTUNE_VARIANT_NEGATION },
    { "What are signs of hypokalaemia?", "Which signs does hyperkalaemia show?",
      ATTUNE_VARIANT_NEGATION },
    { "Is it eaten before the pill?", "Should it be eaten after the pill?",
      ATTUNE_VARIANT_NEGATION },
    { "How should I look after a wound?", "In which way do I treat a wound?", ATTUNE_VARIANT_GOOD },
    { "What does Metformin do to patients?", "What do patients get from it?",
      ATTUNE_VARIANT_NAMES },
    { "What does Metformin do?", "What is Metformin good for?", ATTUNE_VARIANT_GOOD },
    { "What does a fever do?", "What is a Fever good for?", ATTUNE_VARIANT_NAMES },
    { "What is an MRI scan?", "What is a scan with magnets?", ATTUNE_VARIANT_NAMES },
    { "Should it not be taken?", "Should it be taken at all?", ATTUNE_VARIANT_NEGATION },
    { "Shouldn't he take it?", "Should he not be given it?", ATTUNE_VARIANT_GOOD },
    { "Soll er es nicht nehmen?", "Soll er es immer einnehmen?", ATTUNE_VARIANT_NEGATION },
    { "What is gout?", "Gout is what it is.", ATTUNE_VARIANT_QUESTION },
    { "What is gout?", "what is gout ?", ATTUNE_VARIANT_SAME },
    { "What is gout?", "Is gout what?", ATTUNE_VARIANT_SAME },
    { "Which joints does gout strike?", "How warm are summers?", ATTUNE_VARIANT_OTHER },
    { "What is gout?", "What is gout, which I have asked about again and again for many years?",
      ATTUNE_VARIANT_LENGTH },
    { "What is gout?", " ", ATTUNE_VARIANT_LOST },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s | %s", cases[i].text, cases[i].made);
      g_assert_cmpstr (attune_variant_fault_get_name (
                           attune_variant_check (cases[i].text, cases[i].made, "en", NULL)),
                       ==, attune_variant_fault_get_name (cases[i].fault));
    }
  /* German writes nouns like names */
  g_assert_cmpint (
      attune_variant_check ("Was hilft gegen Fieber?", "Was hilft bei hohem Fieber?", "de", NULL),
      ==, ATTUNE_VARIANT_GOOD);
  g_assert_cmpint (attune_variant_check ("Darf Herr Müller Ramipril nehmen?",
                                         "Darf Frau Schmidt Ramipril einnehmen?", "de", NULL),
                   ==, ATTUNE_VARIANT_NAMES);
  g_assert_cmpint (attune_variant_check ("Darf er heute Ramipril nehmen?",
                                         "Darf er heute Bisoprolol einnehmen?", "de", NULL),
                   ==, ATTUNE_VARIANT_NAMES);
  g_assert_cmpint (attune_variant_check ("Sind 38 °C schon Fieber?",
                                         "Hat man bei 38 °F schon Fieber?", "de", NULL),
                   ==, ATTUNE_VARIANT_NUMBERS);
  g_assert_cmpint (attune_variant_check ("Soll ich zwei Stunden warten?",
                                         "Muss ich drei Stunden warten?", "de", NULL),
                   ==, ATTUNE_VARIANT_NUMBERS);
  g_assert_cmpint (attune_variant_check ("Was tut das Mittel?", "Was tut die Arznei?", "de", NULL),
                   ==, ATTUNE_VARIANT_GOOD);
}

static void
test_check_language (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneLanguages) languages = attune_languages_new ("en, de", &error);
  const char *text = "What should a nurse do when the patient cannot sleep in the night?";

  g_assert_no_error (error);
  g_assert_cmpint (attune_variant_check (text,
                                         "Was should a nurse machen, wenn the patient in der Nacht "
                                         "gar kein Auge zutun kann und wach liegt?",
                                         "de", languages),
                   ==, ATTUNE_VARIANT_LANGUAGE);
  g_assert_cmpint (
      attune_variant_check (text,
                            "When the patient cannot sleep in the night, what ought a nurse "
                            "to do about it?",
                            "en", languages),
      ==, ATTUNE_VARIANT_GOOD);
}

/* --- by translation and back */

static AttuneTranslator *
open_translator (void)
{
  g_autofree char *program = g_find_program_in_path ("apertium");
  g_autoptr (GError) error = NULL;
  AttuneTranslator *translator;

  if (program == NULL)
    {
      g_test_skip ("apertium is not installed");
      return NULL;
    }
  translator = attune_translator_new ("en", &error);
  if (translator == NULL)
    g_test_skip (error->message);
  return translator;
}

/* For real: many texts, each in its place, with what a text may hold. */
static void
test_translator (void)
{
  g_autoptr (AttuneTranslator) translator = open_translator ();
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free), turned = NULL, none = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  if (translator == NULL)
    return;
  g_test_message ("%s", attune_translator_get_name (translator));
  for (int i = 0; i < 200; i++)
    g_ptr_array_add (
        texts, g_strdup_printf ("The doctor has %d [small] ^house$s {and} @ \\ / <b>.", 1000 + i));
  g_ptr_array_add (texts, g_strdup (""));
  g_ptr_array_add (texts, g_strdup ("Why is the sky blue?"));
  turned = attune_translator_turn (translator, (const char *const *) texts->pdata, texts->len, NULL,
                                   &error);
  g_assert_no_error (error);
  g_assert_cmpuint (turned->len, ==, texts->len);
  for (int i = 0; i < 200; i++)
    {
      g_autofree char *number = g_strdup_printf ("%d", 1000 + i);

      g_assert_nonnull (strstr (turned->pdata[i], number));
    }
  g_assert_true (g_str_has_suffix (turned->pdata[201], "?"));
  g_assert_nonnull (strstr (turned->pdata[201], "blue"));
  g_test_message ("%s", (char *) turned->pdata[201]);
  none = attune_translator_turn (translator, NULL, 0, NULL, &error);
  g_assert_cmpuint (none->len, ==, 0);
  g_cancellable_cancel (cancelled);
  g_assert_null (attune_translator_turn (translator, (const char *const *) texts->pdata, 1,
                                         cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* What is missing is said with the package's name. */
static void
test_missing (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  g_autoptr (AttuneTranslator) translator = NULL;
  g_autoptr (GError) error = NULL;

  import_good (f, "table.csv", "question,answer\nWhat is it?,It is.\nWho is it?,I am.\n");
  g_object_set (f->settings, "variants", 1, "variants-by", ATTUNE_VARIANTS_TRANSLATION, NULL);
  g_setenv ("PATH", f->place.folder, TRUE);
  g_assert_false (prepare (f, NULL, NULL, &error));
  g_setenv ("PATH", path, TRUE);
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ);
  g_assert_nonnull (strstr (error->message, "apertium-eng-spa"));
  g_clear_error (&error);

  g_object_set (f->settings, "variants-by", ATTUNE_VARIANTS_MODEL, NULL);
  /* a model writes of prepared data: so that comes first, without */
  g_assert_true (prepare (f, NULL, NULL, &error));
  g_assert_no_error (error);

  if ((translator = open_translator ()) == NULL)
    return;
  g_assert_null (attune_translator_new ("xx", &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ);
  g_assert_nonnull (strstr (error->message, "“xx”"));
}

static const char *const subjects[]
    = { "the heart", "the liver", "a fever", "the skin", "a small child" };

static char *
make_question (int i)
{
  return i % 3 == 0   ? g_strdup_printf ("How should a nurse look after %s of patient %d?",
                                         subjects[i % 5], i)
         : i % 3 == 1 ? g_strdup_printf ("Why does %s hurt patient %d?", subjects[i % 5], i)
                      : g_strdup_printf ("What is the first sign that %s of patient %d is sick?",
                                         subjects[i % 5], i);
}

static void
import_questions (Fixture *f)
{
  g_autoptr (GString) table = g_string_new ("question,answer\n");

  for (int i = 0; i < 60; i++)
    {
      g_autofree char *question = make_question (i);

      g_string_append_printf (table, "%s,It is answer %d.\n", question, i);
    }
  import_good (f, "questions.csv", table->str);
}

/* Variants stand with what is learned alone, each with what made it. */
static guint
count_varied (AttuneDataset *dataset, const char *origin)
{
  guint n = 0;

  for (int split = ATTUNE_SPLIT_TRAIN; split <= ATTUNE_SPLIT_TEST; split++)
    for (guint64 i = 0; i < attune_dataset_count (dataset, split); i++)
      {
        g_autofree char *where = attune_dataset_describe (dataset, split, i);

        if (strstr (where, "varied by") == NULL)
          continue;
        g_assert_cmpint (split, ==, ATTUNE_SPLIT_TRAIN);
        g_assert_nonnull (strstr (where, origin));
        n++;
      }
  return n;
}

static void
test_translated (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneTranslator) translator = open_translator ();
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (AttuneReportView) view = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *refused = NULL;
  const AttuneReportStep *step;
  guint n;

  if (translator == NULL)
    return;
  import_questions (f);
  g_object_set (f->settings, "variants", 1, "variants-by", ATTUNE_VARIANTS_TRANSLATION,
                "similar-together", FALSE, NULL);
  dataset = prepare_good (f);
  n = count_varied (dataset, "Apertium eng-");
  node = json_from_string (attune_dataset_get_report (dataset), NULL);
  view = attune_report_view_new (node);
  step = attune_report_view_find_step (view, "variants");
  refused = json_to_string (
      json_object_get_member (json_node_get_object (node), "variants_refused"), FALSE);
  g_test_message ("%u variants of %u records, as “%s”; refused: %s", n,
                  (guint) view->splits[ATTUNE_SPLIT_TRAIN], step->after[0], refused);
  g_assert_cmpuint (n, >, 5);
  g_assert_cmpuint (n, ==, view->n_variants);
  g_assert_cmpstr (step->title, ==, "Variants made by translation and back");
}

/* --- written by a model */

static void
write_good (Fixture *f, const char *question, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (attune_written_append (f->place.path, question, text, "Tiny", &error));
  g_assert_no_error (error);
}

static void
test_written (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (AttuneReportView) view = NULL;
  g_autoptr (JsonNode) node = NULL;
  guint n_train;

  import_questions (f);
  for (int i = 0; i < 60; i++)
    {
      g_autofree char *question = make_question (i),
                      *good = g_strdup_printf ("In which way can one tell about %s of patient %d?",
                                               subjects[i % 5], i),
                      *bad = g_strdup_printf ("What of %s of patient %d?", subjects[i % 5], i + 1);

      write_good (f, question, good);
      write_good (f, question, good); /* is one */
      write_good (f, question, bad);
      write_good (f, question, "");
    }
  g_object_set (f->settings, "variants", 3, "variants-by", ATTUNE_VARIANTS_MODEL,
                "similar-together", FALSE, NULL);
  dataset = prepare_good (f);
  node = json_from_string (attune_dataset_get_report (dataset), NULL);
  view = attune_report_view_new (node);
  n_train = view->splits[ATTUNE_SPLIT_TRAIN];
  g_assert_cmpuint (count_varied (dataset, "Tiny"), ==, n_train);
  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (
                                                   json_node_get_object (node), "variants_refused"),
                                               "numbers"),
                   ==, 60);
}

/* What two questions are said as alike is learned once, whatever their answers. */
static void
test_equal (Fixture *f, gconstpointer data)
{
  static const char *const parts[] = { "heart", "liver",  "skin",   "knee",   "elbow",
                                       "neck",  "back",   "hand",   "foot",   "jaw",
                                       "tooth", "ear",    "ankle",  "wrist",  "thumb",
                                       "chest", "throat", "spleen", "kidney", "lung" };
  g_autoptr (GString) table = g_string_new ("question,answer\n");
  g_autoptr (AttuneDataset) dataset = NULL;
  guint n;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *one = g_strdup_printf ("Why does the %s hurt?", parts[i]),
                      *two = g_strdup_printf ("The %s: what reason has it to hurt?", parts[i]),
                      *made = g_strdup_printf ("For what reason does the %s hurt?", parts[i]);

      g_string_append_printf (table, "%s,It is answer %u.\n%s,It may be answer %u.\n", one, i, two,
                              i + 100);
      write_good (f, one, made);
      write_good (f, two, made);
    }
  import_good (f, "equal.csv", table->str);
  g_object_set (f->settings, "variants", 1, "variants-by", ATTUNE_VARIANTS_MODEL,
                "similar-together", FALSE, NULL);
  dataset = prepare_good (f);
  n = count_varied (dataset, "Tiny");
  g_test_message ("%u", n);
  g_assert_cmpuint (n, >, 10);
  g_assert_cmpuint (n, <=, G_N_ELEMENTS (parts));
}

/* A file that was damaged is named with the line; a line without its end is passed over. */
static void
test_written_file (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->place.folder, "dataset.variants.jsonl", NULL);
  g_autoptr (AttuneWritten) none = attune_written_read (f->place.path, NULL), good = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *texts;

  g_assert_cmpuint (attune_written_count (none), ==, 0);
  g_assert_null (attune_written_find (none, "a?"));
  write_good (f, "a?", "b “c”\n?");
  write_good (f, "d?", "");
  {
    g_autofree char *text = NULL, *cut = NULL;

    g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
    cut = g_strconcat (text, "{\"question\": \"e", NULL);
    g_assert_true (g_file_set_contents (path, cut, -1, NULL));
  }
  good = attune_written_read (f->place.path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (attune_written_count (good), ==, 1);
  g_assert_cmpuint (attune_written_count_questions (good), ==, 2);
  texts = attune_written_find (good, "a?");
  g_assert_cmpuint (texts->len, ==, 1);
  g_assert_cmpstr (((AttuneWrittenText *) texts->pdata[0])->text, ==, "b “c”\n?");
  g_assert_cmpuint (attune_written_find (good, "d?")->len, ==, 0); /* asked about, in vain */

  g_clear_pointer (&good, attune_written_free);
  write_good (f, "f?", "g?"); /* after the half line, which is gone then */
  good = attune_written_read (f->place.path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (attune_written_count (good), ==, 2);

  g_assert_true (g_file_set_contents (path, "{}\n", -1, NULL));
  g_assert_null (attune_written_read (f->place.path, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "line 1"));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/data/made-variants/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/made-variants/check", test_check);
  g_test_add_func ("/data/made-variants/check-language", test_check_language);
  g_test_add_func ("/data/made-variants/translator", test_translator);
  ADD ("missing", test_missing);
  ADD ("translated", test_translated);
  ADD ("written", test_written);
  ADD ("equal", test_equal);
  ADD ("written-file", test_written_file);
  return g_test_run ();
}
