/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Against bias: the penalty as PyTorch has it, and whole runs whose terms are exchanged.
 */
#include "tune/gap.h"
#include "tune/trainer-private.h"
#include "whole-run.h"

static void
test_golden (void)
{
  g_autoptr (JsonParser) parser = golden_load ("gap.json");
  JsonArray *cases = json_object_get_array_member (golden_root (parser), "cases");
  double worst = 0;

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *c = json_array_get_object_element (cases, i);
      JsonArray *list = json_object_get_array_member (c, "pairs");
      const int n = json_array_get_length (list);
      g_autofree AttuneGapPair *pairs = g_new (AttuneGapPair, n);
      g_autofree double (*slopes)[2] = g_malloc_n (n, sizeof *slopes);
      double loss, gap;

      for (int k = 0; k < n; k++)
        {
          JsonObject *p = json_array_get_object_element (list, k);

          pairs[k] = (AttuneGapPair) { json_object_get_double_member (p, "score"),
                                       json_object_get_double_member (p, "other_score"),
                                       json_object_get_double_member (p, "n"),
                                       json_object_get_double_member (p, "other_n") };
        }
      loss = attune_gap_loss (pairs, n, json_object_get_double_member (c, "weight"), slopes, &gap);
      worst = MAX (worst, fabs (loss - json_object_get_double_member (c, "loss")));
      worst = MAX (worst, fabs (gap - json_object_get_double_member (c, "gap")));
      for (int k = 0; k < n; k++)
        {
          JsonObject *p = json_array_get_object_element (list, k);

          worst = MAX (worst, fabs (slopes[k][0] - json_object_get_double_member (p, "d_score")));
          worst = MAX (worst, fabs (slopes[k][1] - json_object_get_double_member (p, "d_other")));
        }
    }
  g_test_message ("largest difference: %.2g", worst);
  g_assert_cmpfloat (worst, <, 1e-9);
  g_assert_cmpfloat (attune_gap_loss (NULL, 0, 1, NULL, NULL), ==, 0);
}

/* --- whole runs */

static double first_gap, last_gap;

static void
on_gap (gpointer data, const char *sentence)
{
  const char *number = strstr (sentence, "what is expected by ");

  if (number == NULL)
    return;
  last_gap = g_ascii_strtod (number + strlen ("what is expected by "), NULL);
  if (strstr (sentence, "step 0 ") != NULL)
    first_gap = last_gap;
}

static AttuneTrainerResult
run_told (Fixture *f, const char *checkpoint, gboolean resume, gint64 stop_after)
{
  g_autofree char *path = g_build_filename (f->folder, checkpoint, NULL);
  AttuneTrainerFuncs listening = funcs;
  Told told = { .stop_after = stop_after, .steps = resume ? 5 : 0 };
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;

  listening.on_message = on_gap;
  attune_trainer_run (f->plan, f->model, f->dataset, path, resume, &listening, &told, &result,
                      &error);
  g_assert_no_error (error);
  return result;
}

static double
run_with (Fixture *f, const char *name, gboolean learned, double weight)
{
  g_object_set (f->plan, "counterfactuals", learned, "gap-weight", weight, NULL);
  run_told (f, name, FALSE, 0);
  g_test_message ("%s: exchanging the terms changes %.4f nats, then %.4f", name, first_gap,
                  last_gap);
  return last_gap;
}

/* Stopped on the way it ends with the same bits. */
static void
check_resume (Fixture *f, const char *whole)
{
  g_autoptr (GBytes) expected = read_state (f, whole), got = NULL;

  run_told (f, "parts.h5", FALSE, 5);
  run_told (f, "parts.h5", TRUE, 0);
  got = read_state (f, "parts.h5");
  g_assert_true (g_bytes_equal (expected, got));
}

/* The answers follow from the group, of which two are exchanged: what is learned is far from what
 * is expected with them exchanged, unless that is learned, too, or costs something. */
static void
test_runs (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "terms.csv", NULL);
  double plain, learned, held;

  g_assert_true (g_file_set_contents (path, "0,1\n2,3\n", -1, NULL));
  g_object_set (f->plan, "term-pairs", path, "samples", 0, "lora-dropout", 0.1,
                "micro-batch-tokens", 200, "learning-rate", 1e-2, "max-steps", 40, "validate-every",
                40, NULL);
  plain = run_with (f, "plain.h5", FALSE, 0); /* it is told alone */
  learned = run_with (f, "learned.h5", TRUE, 0);
  held = run_with (f, "held.h5", FALSE, 100);
  g_object_set (f->plan, "max-steps", 7, "validate-every", 4, NULL);
  run_with (f, "both.h5", TRUE, 20);
  check_resume (f, "both.h5");
  g_assert_cmpfloat (learned, <, 0.5 * plain); /* seen: 0.20, 0.16 */
  g_assert_cmpfloat (held, <, 0.5 * plain);
}

/* Terms that no record has are refused: the run would be one without them. */
static void
test_unused (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "terms.csv", NULL),
                  *checkpoint = g_build_filename (f->folder, "unused.h5", NULL);
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;
  Told told = { 0 };

  g_assert_true (g_file_set_contents (path, "king,queen\n", -1, NULL));
  g_object_set (f->plan, "samples", 0, "max-steps", 2, "term-pairs", path, NULL);
  g_assert_false (attune_trainer_run (f->plan, f->model, f->dataset, checkpoint, FALSE, &funcs,
                                      &told, &result, &error));
  g_assert_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_DATA);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "--term-pairs"));
}

/* A message about samples names the record whose terms are exchanged, and no other memory. */
static void
test_described (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "terms.csv", NULL), *text = NULL;
  guint32 chosen[3] = { 4, 2, 7 };
  AttuneSample samples[7] = { 0 };
  AttuneTrainer self = { .plan = attune_plan_get_values (f->plan),
                         .model = f->model,
                         .dataset = f->dataset,
                         .chosen = chosen,
                         .samples = samples,
                         .max_tokens = 1000,
                         .n_new = 3,
                         .n_read = 4 };
  g_auto (GStrv) parts = NULL;
  g_autoptr (GError) error = NULL;
  double targets = 0;
  int n;

  g_assert_true (g_file_set_contents (path, "item,thing\n", -1, NULL));
  /* room for one of earlier material, which is not opened */
  g_object_set (f->plan, "term-pairs", path, "batch-size", 3, "earlier", "none.txt", "replay-share",
                0.2, NULL);
  attune_trainer_open_counterparts (&self, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 4; i++) /* the last as if it were of earlier material */
    attune_dataset_get_sample (f->dataset, ATTUNE_SPLIT_TRAIN, i < 3 ? chosen[i] : 9, &samples[i],
                               &error);
  g_assert_no_error (error);
  n = attune_trainer_read_counterparts (&self, 4, &targets);
  g_assert_cmpint (n, ==, 7);
  text = attune_trainer_describe_samples (&self, 3, n);
  g_test_message ("%s", text);
  parts = g_strsplit (text, "; ", -1);
  g_assert_cmpuint (g_strv_length (parts), ==, 4);
  g_assert_cmpstr (parts[0], ==, "earlier material");
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *record = attune_dataset_describe (f->dataset, ATTUNE_SPLIT_TRAIN, chosen[i]),
                      *expected = g_strconcat (record, " (terms exchanged)", NULL);

      g_assert_cmpstr (parts[i + 1], ==, expected);
    }
  attune_trainer_clear_counterparts (&self);
  for (int i = 0; i < n; i++)
    attune_sample_clear (&samples[i]);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/tune/counterparts/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tune/counterparts/golden", test_golden);
  ADD ("runs", test_runs);
  ADD ("unused", test_unused);
  ADD ("described", test_described);
  return g_test_run ();
}
