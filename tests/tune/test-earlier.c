/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Against forgetting: earlier material is read again and has its share of the loss, a run holds
 * fast to it and tells what was forgotten, and what cannot be read is refused.
 */
#include "earlier-run.h"

#include <unistd.h>

/* What was told of earlier material: before, and last. */
static double earlier_first, earlier_last;

static void
on_earlier (gpointer data, const char *sentence)
{
  if (g_str_has_prefix (sentence, "Before tuning the loss on earlier material is "))
    earlier_first = earlier_last = g_ascii_strtod (strrchr (sentence, ' ') + 1, NULL);
  else if (strstr (sentence, "the loss on earlier material is ") != NULL)
    {
      earlier_last = g_ascii_strtod (strstr (sentence, " is ") + 4, NULL);
      g_assert_cmpfloat (g_ascii_strtod (strstr (sentence, " was ") + 5, NULL), ==, earlier_first);
    }
}

static AttuneTrainerResult
run_told (Fixture *f, const char *checkpoint, gboolean resume, gint64 stop_after)
{
  g_autofree char *path = g_build_filename (f->folder, checkpoint, NULL);
  AttuneTrainerFuncs listening = funcs;
  Told told = { .stop_after = stop_after };
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;

  if (resume)
    told.steps = 5;
  listening.on_message = on_earlier;
  attune_trainer_run (f->plan, f->model, f->dataset, path, resume, &listening, &told, &result,
                      &error);
  g_assert_no_error (error);
  return result;
}

/* @method: its run ends with the same bits where it was stopped on the way; then how far the loss
 * on earlier material has gone up. */
static double
check_method (Fixture *f, AttuneMethod method, const char *settings)
{
  g_autofree char *whole = g_strdup_printf ("whole-%d-%s.h5", method, settings),
                  *parts = g_strdup_printf ("parts-%d-%s.h5", method, settings);
  GBytes *(*const read) (Fixture *, const char *)
      = attune_method_adapts (method) ? read_state : read_full_state;
  g_autoptr (GBytes) expected = NULL, got = NULL;
  double forgotten;

  g_object_set (f->plan, "method", method, NULL);
  run_told (f, whole, FALSE, 0);
  forgotten = earlier_last - earlier_first;
  if (g_str_equal (settings, "plain"))
    return earlier_last - earlier_first;
  expected = read (f, whole);
  run_told (f, parts, FALSE, 5);
  earlier_last = 0;
  run_told (f, parts, TRUE, 0);
  g_assert_cmpfloat_with_epsilon (earlier_last - earlier_first, forgotten, 1e-9);
  got = read (f, parts);
  g_assert_true (g_bytes_equal (expected, got));
  g_test_message ("%s %s: the loss on earlier material %.4f, then %+.4f",
                  attune_method_get_name (method), settings, earlier_first, forgotten);
  return forgotten;
}

static void
check_settings (Fixture *f, AttuneMethod method, double ewc_weight)
{
  double plain, replay, held;

  g_object_set (f->plan, "replay-share", 0.0, "ewc-weight", 0.0, NULL);
  plain = check_method (f, method, "plain");
  g_object_set (f->plan, "replay-share", 0.2, NULL);
  replay = check_method (f, method, "replay");
  g_object_set (f->plan, "replay-share", 0.0, "ewc-weight", ewc_weight, "ewc-samples", 8, NULL);
  held = check_method (f, method, "held");
  g_assert_cmpfloat (replay, <, plain);
  g_assert_cmpfloat (fabs (held), <, 0.8 * fabs (plain));
}

static void
test_adapter (Fixture *f, gconstpointer data)
{
  g_autofree char *path = write_text (f, 160);

  g_object_set (f->plan, "earlier", path, "samples", 0, "learning-rate", 2e-2, "max-steps", 8,
                NULL);
  check_settings (f, ATTUNE_METHOD_LORA, 1e4);
}

static void
test_full (Fixture *f, gconstpointer data)
{
  g_autofree char *path = write_text (f, 160);

  g_object_set (f->plan, "earlier", path, "samples", 0, "learning-rate", 2e-3, "max-steps", 8,
                NULL);
  check_settings (f, ATTUNE_METHOD_FULL, 1e4);
}

/* The data of a project: its training records are read again, the others tell. */
static void
test_dataset (Fixture *f, gconstpointer data)
{
  const AttuneTokenizer *tokenizer = attune_model_get_tokenizer (f->model);
  const AttuneChatTemplate *chat = attune_model_get_template (f->model);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneEarlier) earlier
      = attune_earlier_open (f->folder, tokenizer, chat, &error); /* as that of a project */
  const guint64 validation = attune_dataset_count (f->dataset, ATTUNE_SPLIT_VALIDATION),
                test = attune_dataset_count (f->dataset, ATTUNE_SPLIT_TEST);
  g_auto (AttuneSample) got = { 0 }, expected = { 0 };

  g_assert_no_error (error);
  g_assert_cmpuint (test, >, 0);
  g_assert_cmpuint (attune_earlier_count (earlier, FALSE), ==,
                    attune_dataset_count (f->dataset, ATTUNE_SPLIT_TRAIN));
  g_assert_cmpuint (attune_earlier_count (earlier, TRUE), ==, validation + test);
  g_assert_true (attune_earlier_get_sample (earlier, TRUE, validation, 1000, &got, &error));
  g_assert_true (attune_dataset_get_sample (f->dataset, ATTUNE_SPLIT_TEST, 0, &expected, &error));
  g_assert_cmpmem (got.tokens, got.n * sizeof (gint32), expected.tokens,
                   expected.n * sizeof (gint32));
  g_assert_true (attune_earlier_get_sample (earlier, TRUE, validation, 5, &got, &error));
  g_assert_cmpuint (got.n, ==, 5);
  g_object_set (f->plan, "earlier", f->folder, "replay-share", 0.5, "ewc-weight", 1.0, NULL);
  run_told (f, "dataset.h5-run", FALSE, 0);
  g_assert_cmpfloat (earlier_last, <, earlier_first); /* it is what is learned */
}

/* No sample of a text is both read again and held out, and none is lost. */
static void
test_text (Fixture *f, gconstpointer data)
{
  g_autofree char *path = write_text (f, 160);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneEarlier) earlier = attune_earlier_open (
      path, attune_model_get_tokenizer (f->model), attune_model_get_template (f->model), &error);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint64 n = 0;

  g_assert_no_error (error);
  for (int held_out = 0; held_out < 2; held_out++)
    for (guint64 i = 0; i < attune_earlier_count (earlier, held_out); i++, n++)
      {
        g_auto (AttuneSample) sample = { 0 };

        attune_earlier_get_sample (earlier, held_out, i, 1000, &sample, &error);
        g_assert_no_error (error);
        g_assert_cmpuint (attune_sample_targets (&sample), ==, sample.n - 1);
        g_hash_table_add (seen, attune_tokenizer_decode (attune_model_get_tokenizer (f->model),
                                                         sample.tokens, sample.n, FALSE));
      }
  g_assert_cmpuint (g_hash_table_size (seen), ==, n);
}

/* However long earlier samples are, they have their share of the loss. */
static void
test_share (Fixture *f, gconstpointer data)
{
  g_autofree char *path = write_text (f, 160);
  guint32 chosen[2] = { 0, 1 };
  AttuneSample samples[3] = { 0 };
  AttuneTrainer self = { .plan = attune_plan_get_values (f->plan),
                         .model = f->model,
                         .chosen = chosen,
                         .samples = samples,
                         .max_tokens = 1000,
                         .n_new = 2 };
  g_autoptr (GError) error = NULL;
  double targets = 0, again = 0, all = 0, weight;

  g_object_set (f->plan, "earlier", path, "replay-share", 0.1, "batch-size", 2, NULL);
  attune_trainer_open_earlier (&self, &error);
  g_assert_no_error (error);
  g_assert_true (attune_trainer_set_up_earlier (&self, &error));
  for (int i = 0; i < 2; i++)
    {
      attune_dataset_get_sample (f->dataset, ATTUNE_SPLIT_TRAIN, i, &samples[i], &error);
      g_assert_no_error (error);
      targets += attune_sample_targets (&samples[i]);
    }
  g_assert_true (attune_trainer_read_replay (&self, 2, &targets, &error));
  g_assert_cmpint (self.n_read, ==, 3);
  g_assert_cmpfloat (attune_sample_targets (&samples[2]), >, 0.2 * targets);
  weight = targets;
  attune_trainer_weigh_replay (&self, &weight);
  attune_trainer_weigh_samples (&self, 3, weight);
  for (int i = 0; i < 3; i++)
    {
      const double counts = self.sample_weights[i] * attune_sample_targets (&samples[i]);

      all += counts;
      again += i == 2 ? counts : 0;
    }
  g_test_message ("of %.0f targets %d are earlier ones; they count for %.4f of %.4f", targets,
                  attune_sample_targets (&samples[2]), again, all);
  g_assert_cmpfloat_with_epsilon (again / all, 0.1, 1e-5);
  g_assert_cmpfloat_with_epsilon (all / weight, 1, 1e-5);
  attune_trainer_clear_earlier (&self);
  attune_trainer_clear_counterparts (&self);
  for (int i = 0; i < 3; i++)
    attune_sample_clear (&samples[i]);
}

static void
refuse_run (Fixture *f, const char *words)
{
  g_autofree char *path = g_build_filename (f->folder, "refused.h5", NULL);
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;
  Told told = { 0 };

  g_assert_false (attune_trainer_run (f->plan, f->model, f->dataset, path, FALSE, &funcs, &told,
                                      &result, &error));
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *path = write_text (f, 5), *missing = NULL, *binary = NULL, *other = NULL;

  missing = g_build_filename (f->folder, "missing.txt", NULL);
  binary = g_build_filename (f->folder, "binary.txt", NULL);
  other = g_build_filename (f->folder, "other.h5", NULL);
  g_object_set (f->plan, "replay-share", 0.2, NULL);
  refuse_run (f, "no Earlier Material");
  g_object_set (f->plan, "earlier", path, NULL);
  refuse_run (f, "too short");
  g_object_set (f->plan, "earlier", missing, NULL);
  refuse_run (f, "could not be read");
  g_assert_true (g_file_set_contents (binary, "\xff\xfe\x00x", 4, NULL));
  g_object_set (f->plan, "earlier", binary, NULL);
  refuse_run (f, "no text in UTF-8");
  g_assert_true (g_file_set_contents (other, "no data set", -1, NULL));
  g_object_set (f->plan, "earlier", other, NULL);
  refuse_run (f, "cannot be used");
  g_assert_true (g_file_set_contents (missing, "", 0, NULL));
  if (truncate (missing, G_GINT64_CONSTANT (1) << 40) == 0) /* of holes: it must not be read */
    {
      g_object_set (f->plan, "earlier", missing, NULL);
      refuse_run (f, "64 MB are enough");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("text", test_text);
  ADD ("dataset", test_dataset);
  ADD ("adapter", test_adapter);
  ADD ("full", test_full);
  ADD ("share", test_share);
  ADD ("refused", test_refused);
  return g_test_run ();
}
