/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What stands in an evaluation file is not learned from.
 */
#include "data/clean.h"
#include "data/rows.h"

#define LONG "one two three four five six seven eight nine ten eleven twelve thirteen"

/* Why the cleaner leaves the record out, or %NULL. */
static const char *
clean (AttuneCleaner *cleaner, const char *question, const char *answer)
{
  g_auto (AttuneRecord) record = { 0 };
  AttunePlainRecord plain = { 0 };
  const char *reason;

  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    record.fields[i] = g_strdup ("");
  g_set_str (&record.fields[ATTUNE_FIELD_QUESTION], question);
  g_set_str (&record.fields[ATTUNE_FIELD_ANSWER], answer);
  reason = attune_cleaner_run (cleaner, &record, &plain);
  attune_plain_record_clear (&plain);
  return reason;
}

static void
test_found (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (GError) error = NULL;
  AttuneCleaner *cleaner;
  const AttuneCleanStep *steps;
  guint n;

  place_init (&place, "test.csv");
  g_assert_true (g_file_set_contents (
      place.path, "question,answer\nWhat is gout?,A disease\nLong?,\"" LONG " fourteen\"\n", -1,
      NULL));
  g_object_set (settings, "evaluation-file", place.path, NULL);
  cleaner = attune_cleaner_new (attune_data_settings_get_values (settings), NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (clean (cleaner, "what is  Gout", "Something else"));
  g_assert_nonnull (clean (cleaner, "Another?", "Before, " LONG ", and more"));
  g_assert_nonnull (clean (cleaner, "zero " LONG, "x"));
  g_assert_null (clean (cleaner, "What is gout not?", "A disease"));
  g_assert_null (clean (cleaner, "Another?",
                        "two three four five six seven eight nine ten eleven twelve thirteen x"));
  g_assert_null (clean (cleaner, "A disease", "What is gout?"));
  steps = attune_cleaner_get_steps (cleaner, &n);
  for (guint i = 0; i < n; i++)
    if (g_str_equal (steps[i].name, "evaluation-file"))
      g_assert_cmpuint (steps[i].count, ==, 3);
  attune_cleaner_free (cleaner);
}

/* Records are compared with it after they have been cleaned. */
static void
test_cleaned (void)
{
  g_auto (Place) place = { 0 };
  g_autofree char *abbreviations = NULL;
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneCleaner) cleaner = NULL;

  place_init (&place, "test.csv");
  abbreviations = g_build_filename (place.folder, "abbreviations.csv", NULL);
  g_assert_true (g_file_set_contents (
      place.path, "question,answer\nWhat does BP mean?,A pressure\nAsk anna@example.org?,No\n", -1,
      NULL));
  g_assert_true (
      g_file_set_contents (abbreviations, "abbreviation,expansion\nBP,blood pressure\n", -1, NULL));
  g_object_set (settings, "evaluation-file", place.path, "abbreviations", abbreviations,
                "personal-data", ATTUNE_PERSONAL_MASK, NULL);
  cleaner = attune_cleaner_new (attune_data_settings_get_values (settings), NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (clean (cleaner, "What does BP mean?", "Something else"));
  g_assert_nonnull (clean (cleaner, "What does blood pressure mean?", "Something else"));
  g_assert_nonnull (clean (cleaner, "Ask anna@example.org?", "Something else"));
  g_assert_null (clean (cleaner, "What does pulse mean?", "Something else"));
}

static void
assert_refused (const char *path, AttuneDataError code, const char *part)
{
  g_autoptr (AttuneDataSettings) settings
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "evaluation-file", path, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_cleaner_new (attune_data_settings_get_values (settings), NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, code);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_null (strstr (error->message, "hunter2"));
}

/* Questions are enough; a row that cannot be read is told, for it would be learned from. */
static void
test_rows (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneCleaner) cleaner = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  place_init (&place, "test.csv");
  g_assert_true (
      g_file_set_contents (place.path, "number,question\n1,What is gout?\n2,Why?\n", -1, NULL));
  g_object_set (settings, "evaluation-file", place.path, NULL);
  cleaner = attune_cleaner_new (attune_data_settings_get_values (settings), NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (clean (cleaner, "What is gout?", "A disease"));
  g_assert_null (clean (cleaner, "A disease?", "What is gout?"));

  g_cancellable_cancel (cancellable);
  g_assert_null (
      attune_cleaner_new (attune_data_settings_get_values (settings), cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  g_assert_true (g_file_set_contents (
      place.path, "question,answer\nWhat is gout?,A\nWhy?,B,C,D\nWho?,E\n", -1, NULL));
  assert_refused (place.path, ATTUNE_DATA_ERROR_FORMAT, "Row 3 of the evaluation file");
}

/* Settings are kept in the project, and so a password would be. */
static void
test_address (void)
{
  assert_refused ("postgresql://anna:hunter2@db.example.org/tickets", ATTUNE_DATA_ERROR_SETTINGS,
                  "password would stand in the project");
}

static void
test_no_file (void)
{
  g_autoptr (AttuneDataSettings) settings
      = g_object_new (ATTUNE_TYPE_DATA_SETTINGS, "evaluation-file", "/no such file.csv", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_cleaner_new (attune_data_settings_get_values (settings), NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ);
  g_assert_nonnull (strstr (error->message, "/no such file.csv"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/contamination/found", test_found);
  g_test_add_func ("/contamination/cleaned", test_cleaned);
  g_test_add_func ("/contamination/rows", test_rows);
  g_test_add_func ("/contamination/address", test_address);
  g_test_add_func ("/contamination/no-file", test_no_file);
  return g_test_run ();
}
