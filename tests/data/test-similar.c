/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Similar records: every planted pair is met, whatever stands between, and nothing else.
 */
#include "data/planted-pairs.h"

static AttuneSimilar *
open_index_in (double limit, guint n, AttuneSpill *spill)
{
  g_autoptr (GError) error = NULL;
  AttuneSimilar *index = attune_similar_new (limit, n, g_get_tmp_dir (), spill, &error);

  g_assert_no_error (error);
  return index;
}

static AttuneSimilar *
open_index (double limit, guint n)
{
  return open_index_in (limit, n, NULL);
}

static GArray *
add (AttuneSimilar *index, const char *question, const char *answer)
{
  g_autoptr (GError) error = NULL;
  g_auto (AttuneSketch) sketch = { 0 };
  GArray *hits;

  attune_sketcher_run (attune_similar_get_sketcher (index), question, answer, &sketch);
  hits = attune_similar_find (index, &sketch, &error);
  g_assert_no_error (error);
  attune_similar_keep (index, &sketch, &error);
  g_assert_no_error (error);
  return hits;
}

/* The record that @hits begins with, or -1. */
static int
first (GArray *hits)
{
  const int record = hits->len > 0 ? (int) g_array_index (hits, AttuneSimilarHit, 0).record : -1;

  g_array_unref (hits);
  return record;
}

static void
test_similarity (void)
{
  g_assert_cmpfloat (attune_similarity ("a b c", "a b c"), ==, 1);
  g_assert_cmpfloat (attune_similarity ("a b c", "d e f"), ==, 0);
  g_assert_cmpfloat (attune_similarity ("a", "a b"), <, 1);
  /* of start-a a-b b-c c-end, start-a and a-b are in both: 2 of 6 */
  g_assert_cmpfloat_with_epsilon (attune_similarity ("a b c", "a b d"), 2.0 / 6, 1e-6);
  g_assert_cmpfloat (attune_similarity ("a b c", "c b a"), ==, 0); /* in their order */
  g_assert_cmpfloat (attune_similarity ("give 5 mg now", "give 50 mg now"), ==, 0);
  g_assert_cmpfloat (attune_similarity ("", ""), ==, 1);
}

static void
test_plain (void)
{
  const char *long_answer = "a chronic disease of the joints with pain and swelling in the morning";
  const char *nearly = "a chronic disease of the joints with pain and swelling in the mornings";
  g_autoptr (AttuneSimilar) index = open_index (0.8, 10);

  g_assert_cmpint (first (add (index, "what is arthritis", long_answer)), ==, -1);
  g_assert_cmpint (first (add (index, "what is gout", "a disease")), ==, -1);
  g_assert_cmpint (first (add (index, "what is arthritis", nearly)), ==, 0);
  g_assert_cmpint (first (add (index, "what is arthritis", nearly)), ==, 2); /* the nearest one */
  g_assert_cmpint (first (add (index, "what is gout", "another thing")), ==, -1);
  g_assert_cmpint (first (add (index, "how much", "give 5 mg twice a day for two weeks")), ==, -1);
  g_assert_cmpint (first (add (index, "how much", "give 50 mg twice a day for two weeks")), ==, -1);
  g_assert_cmpint (first (add (index, "", "")), ==, -1);
  g_assert_cmpint (first (add (index, "", "")), ==, 7);
}

/* Pairs right at the limit, for several limits; every tenth record has one. @in_file: (nullable):
 * nothing of the index may be in memory */
static void
test_planted (gconstpointer in_file)
{
  static const double limits[] = { 0.5, 0.8, 0.95 };

  for (guint l = 0; l < G_N_ELEMENTS (limits); l++)
    {
      enum
      {
        N = 3000
      };
      g_autoptr (AttuneSpill) spill
          = in_file != NULL ? attune_spill_new (g_get_tmp_dir (), 0) : NULL;
      /* more come than expected */
      g_autoptr (AttuneSimilar) index = open_index_in (limits[l], 500, spill);
      g_autoptr (GPtrArray) copies = g_ptr_array_new_with_free_func (g_free);
      guint found = 0, wrong = 0;
      Planter planter;

      planter_init (&planter, 7, 60);
      for (guint i = 0; i < N; i++)
        {
          g_auto (GStrv) words = planter_words (&planter);
          g_autofree char *text = g_strjoinv (" ", words);

          wrong += first (add (index, text, "")) >= 0;
          if (i % 10 == 0)
            g_ptr_array_add (copies, planter_copy (&planter, text, limits[l]));
        }
      for (guint i = 0; i < copies->len; i++)
        found += first (add (index, copies->pdata[i], "")) == (int) i * 10;
      g_test_message ("limit %.2f: %u of %u found, %u wrong", limits[l], found, copies->len, wrong);
      g_assert_cmpuint (found, >=, copies->len * 0.95);
      g_assert_cmpuint (wrong, ==, 0);
    }
}

/* What is looked for and not kept is not found later, and counts for nothing. */
static void
test_not_kept (void)
{
  const char *text = "a chronic disease of the joints with pain and swelling in the morning";
  g_autoptr (AttuneSimilar) index = open_index (0.8, 10);
  g_auto (AttuneSketch) sketch = { 0 };
  g_autoptr (GError) error = NULL;

  attune_sketcher_run (attune_similar_get_sketcher (index), text, "", &sketch);
  g_assert_cmpint (first (attune_similar_find (index, &sketch, &error)), ==, -1);
  g_assert_cmpint (first (add (index, text, "")), ==, -1);
  for (guint i = 0; i < 600; i++)
    g_assert_cmpint (first (attune_similar_find (index, &sketch, &error)), ==, 0);
  g_assert_no_error (error);
}

/* A form that is filled in thousands of times must not be compared each with each. */
static void
test_forms (void)
{
  g_autoptr (AttuneSimilar) index = open_index (0.8, 5000);

  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *name
          = g_strdup_printf ("word%c%c%c", 'a' + i % 26, 'a' + i / 26 % 26, 'a' + i / 676);

      g_array_unref (add (index, "this is a form in which one word after many others is", name));
    }
}

static void
test_no_folder (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_similar_new (0.8, 10, "/no such folder", NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, "/no such folder"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/similar/similarity", test_similarity);
  g_test_add_func ("/data/similar/plain", test_plain);
  g_test_add_data_func ("/data/similar/planted", NULL, test_planted);
  g_test_add_data_func ("/data/similar/planted-in-file", "", test_planted);
  g_test_add_func ("/data/similar/not-kept", test_not_kept);
  g_test_add_func ("/data/similar/forms", test_forms);
  g_test_add_func ("/data/similar/no-folder", test_no_folder);
  return g_test_run ();
}
