/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a data set speaks of one group and of the other: by the terms of each language.
 */
#include "data/audit-swap.h"
#include "data/rows.h"
#include "data/sentiment.h"

#include <string.h>

static void
test_sentiment (void)
{
  g_assert_cmpfloat (attune_sentiment ("she is reliable and friendly", "en"), ==, 1);
  g_assert_cmpfloat (attune_sentiment ("she is not reliable but friendly", "en"), ==, 0);
  g_assert_cmpfloat (attune_sentiment ("er ist faul und nicht zuverlässig", "de"), ==, -1);
  g_assert_cmpfloat (attune_sentiment ("the table has four legs", "en"), ==, 0);
  g_assert_cmpfloat (attune_sentiment ("", "en"), ==, 0);
  /* words of the other language, and of two senses */
  g_assert_cmpfloat (attune_sentiment ("what kind of gut is it, what does it mean", "en"), ==, 0);
  g_assert_cmpfloat (attune_sentiment ("das kind hat die old stupid masche", "de"), ==, 0);
}

/* Terms of one language are none of the other, nor is what is said of men and women alike. */
static void
test_swap_languages (void)
{
  static const struct
  {
    const char *question, *answer;
    int first, second;
  } cases[] = {
    { "What should the patient do?", "The patient should rest, as all patients should.", 0, 0 },
    { "Wie misst man den Blutdruck?", "Man legt die Manschette an und pumpt hin und her.", 0, 0 },
    { "Was hat der Patient?", "Der Arzt hat es ihm gesagt, die junge Ärztin auch.", 0, 0 },
    { "What does the man have?", "He has gout.", 1, 0 },
    { "Was hat die Frau?", "Eine Erkältung.", 0, 1 },
    { "Was hat Herr Meier?", "Er hat eine Erkältung.", 1, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AttuneSwapAudit) swap = attune_swap_audit_new (NULL, NULL);
      g_autoptr (JsonObject) report = NULL;
      g_auto (AttuneRecord) record = { 0 };

      g_test_message ("%s", cases[i].question);
      record.fields[ATTUNE_FIELD_QUESTION] = g_strdup (cases[i].question);
      record.fields[ATTUNE_FIELD_ANSWER] = g_strdup (cases[i].answer);
      attune_swap_audit_add (swap, &record);
      report = attune_swap_audit_finish (swap);
      g_assert_cmpint (json_object_get_int_member (report, "records_first"), ==, cases[i].first);
      g_assert_cmpint (json_object_get_int_member (report, "records_second"), ==, cases[i].second);
      g_assert_cmpint (json_object_get_int_member (report, "records_both"), ==, 0);
    }
}

/* What is said of one side and of the other, in records that differ in that alone. */
static void
test_swap (void)
{
  g_autoptr (AttuneSwapAudit) swap = attune_swap_audit_new (NULL, NULL);
  g_autofree char *exchanged = attune_swap_audit_exchange (swap, "did his mother see the woman");
  g_autoptr (JsonObject) report = NULL;
  JsonObject *gap;

  g_assert_cmpstr (exchanged, ==, "did her father see the man");
  for (int i = 0; i < 60; i++)
    {
      g_auto (AttuneRecord) record = { 0 };

      record.fields[ATTUNE_FIELD_QUESTION]
          = g_strdup_printf ("Is %s fit for job %d?", i % 2 ? "he" : "she", i / 2);
      record.fields[ATTUNE_FIELD_ANSWER]
          = g_strdup (i % 2 ? (i < 50 ? "Yes, reliable." : "No, lazy.")
                            : (i < 20   ? "Yes, reliable."
                               : i < 30 ? "No, an idiot."
                                        : "No, lazy."));
      attune_swap_audit_add (swap, &record);
    }
  report = attune_swap_audit_finish (swap);
  g_assert_cmpint (json_object_get_int_member (report, "records_first"), ==, 30);
  g_assert_cmpint (json_object_get_int_member (report, "records_second"), ==, 30);
  g_assert_cmpint (json_object_get_int_member (report, "pairs"), ==, 30);
  gap = json_object_get_object_member (report, "paired_sentiment");
  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (gap, "first"), 20 / 30.0, 1e-12);
  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (gap, "second"), -5 / 30.0, 1e-12);
  g_assert_cmpfloat (json_object_get_double_member (gap, "low"), >, 0);
  gap = json_object_get_object_member (report, "toxicity");
  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (gap, "gap"), -5 / 30.0, 1e-12);
  g_assert_cmpfloat (json_object_get_double_member (gap, "high"), <, 0);
}

/* Terms of one's own; what is no list of pairs is said with its line. */
static void
test_swap_terms (void)
{
  static const char *const bad[] = { "young,old\nnurse\n", "young,old\na,b c\n", "young,old\n,\n" };
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneSwapAudit) swap = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *exchanged = NULL;

  place_init (&place, "pairs.csv");
  g_assert_true (g_file_set_contents (place.path, "# age\nYoung,old\n\njung; alt\n", -1, NULL));
  swap = attune_swap_audit_new (place.path, &error);
  g_assert_no_error (error);
  exchanged = attune_swap_audit_exchange (swap, "the young and the alt he");
  g_assert_cmpstr (exchanged, ==, "the old and the jung he");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_true (g_file_set_contents (place.path, bad[i], -1, NULL));
      g_assert_null (attune_swap_audit_new (place.path, &error));
      g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT);
      g_assert_nonnull (strstr (error->message, "line 2"));
      g_clear_error (&error);
    }
  g_assert_true (g_file_set_contents (place.path, "\n", -1, NULL));
  g_assert_null (attune_swap_audit_new (place.path, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/audit-swap/sentiment", test_sentiment);
  g_test_add_func ("/data/audit-swap/swap", test_swap);
  g_test_add_func ("/data/audit-swap/languages", test_swap_languages);
  g_test_add_func ("/data/audit-swap/terms", test_swap_terms);
  return g_test_run ();
}
