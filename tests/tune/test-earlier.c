/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Against forgetting: what PyTorch finds that earlier material needs, and whole runs that read it
 * again, hold fast to it, and tell what was forgotten.
 */
#include "store/store.h"
#include "tune/trainer-private.h"
#include "whole-run.h"

#include <unistd.h>

#define SENTENCE "Item %d of the list has %d parts, and part %d is red.\n"

static char *
write_text (Fixture *f, int n)
{
  char *path = g_build_filename (f->folder, "earlier.txt", NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = 0; i < n; i++)
    g_string_append_printf (text, SENTENCE, i, i * 7 % 13, i % 5);
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
  return path;
}

/* --- golden */

/* A trainer of all weights that is at its beginning. */
static void
make_trainer (AttuneTrainer *self, Fixture *f)
{
  static const AttuneBaseParts parts = { 0 };
  static const AttuneTrainerFuncs silent = { 0 };
  static char checkpoint[200];
  const AttuneDecoderConfig *config = attune_model_get_config (f->model);
  const AttuneStepShape shape = { .max_tokens = ATTUNE_EARLIER_TOKENS,
                                  .max_targets = ATTUNE_EARLIER_TOKENS,
                                  .backward = TRUE };
  g_autoptr (GError) error = NULL;

  g_snprintf (checkpoint, sizeof checkpoint, "%s/golden.h5", f->folder);
  *self = (AttuneTrainer) { .plan_object = f->plan,
                            .checkpoint_path = checkpoint,
                            .key = (char *) "golden",
                            .plan = attune_plan_get_values (f->plan),
                            .model = f->model,
                            .funcs = &silent,
                            .n_ranks = 1,
                            .max_tokens = ATTUNE_EARLIER_TOKENS,
                            .be = attune_backend_cpu_new (2) };
  self->decoder = attune_decoder_new (config, self->be, attune_model_lookup, f->model, &error);
  g_assert_no_error (error);
  self->parameters = attune_decoder_train_parts (self->decoder, &parts, TRUE, &error);
  g_assert_no_error (error);
  self->activations = attune_activations_new (self->be, config, &shape, &error);
  g_assert_no_error (error);
  self->pack = attune_pack_new (shape.max_tokens, TRUE);
  self->losses = g_new (double, shape.max_tokens);
  attune_trainer_open_earlier (self, &error);
  g_assert_no_error (error);
  attune_trainer_set_up_earlier (self, &error);
  g_assert_no_error (error);
}

static void
free_trainer (AttuneTrainer *self)
{
  attune_trainer_clear_earlier (self);
  g_free (self->losses);
  attune_pack_free (self->pack);
  attune_activations_free (self->activations);
  attune_parameters_free (self->parameters);
  attune_decoder_free (self->decoder);
  attune_backend_free (self->be);
}

/* Of a tensor of f32: Σ x, Σ x · sin (0.11 i + 0.5). */
static void
sum_up (const float *x, gint64 n, double *sum, double *dot)
{
  *sum = *dot = 0;
  for (gint64 i = 0; i < n; i++)
    {
      *sum += x[i];
      *dot += x[i] * sin (0.11 * i + 0.5);
    }
}

static void
test_golden (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonParser) parser = golden_load ("consolidation.json");
  JsonObject *golden = golden_root (parser);
  JsonArray *tensors = json_object_get_array_member (golden, "tensors");
  g_autofree char *path = g_build_filename (f->folder, "earlier.txt", NULL);
  double worst = 0, worst_penalty = 0;
  AttuneTrainer self;

  g_assert_true (
      g_file_set_contents (path, json_object_get_string_member (golden, "text"), -1, NULL));
  g_object_set (f->plan, "earlier", path, "ewc-weight",
                json_object_get_double_member (golden, "weight"), "ewc-samples",
                (int) json_object_get_int_member (golden, "samples"), NULL);
  make_trainer (&self, f);
  g_assert_cmpuint (attune_earlier_count (self.earlier, TRUE)
                        + attune_earlier_count (self.earlier, FALSE),
                    ==, json_object_get_int_member (golden, "n_samples"));
  g_assert_cmpuint (json_array_get_length (tensors), ==, self.parameters->n_items);
  self.be->zero (self.be, &self.parameters->grads);
  for (guint k = 0; k < self.parameters->n_items; k++)
    {
      JsonObject *t = json_array_get_object_element (tensors, k);
      AttuneParameter *item
          = attune_parameters_find (self.parameters, json_object_get_string_member (t, "name"));
      float *values = item->value.data;
      const gint64 at = values - (float *) self.parameters->values.data;
      double sum, dot;

      sum_up ((float *) self.fisher.data + at, attune_tensor_count (&item->value), &sum, &dot);
      worst = MAX (worst, fabs (sum / json_object_get_double_member (t, "sum") - 1));
      worst = MAX (worst, fabs (dot - json_object_get_double_member (t, "dot"))
                              / json_object_get_double_member (t, "sum"));
      for (gint64 i = 0; i < attune_tensor_count (&item->value); i++)
        values[i] += 0.01f * sinf (0.3f * i + k);
    }
  attune_trainer_consolidate (&self);
  for (guint k = 0; k < self.parameters->n_items; k++)
    {
      JsonObject *t = json_array_get_object_element (tensors, k);
      AttuneParameter *item
          = attune_parameters_find (self.parameters, json_object_get_string_member (t, "name"));
      double sum, dot;

      sum_up (item->grad.data, attune_tensor_count (&item->value), &sum, &dot);
      worst_penalty
          = MAX (worst_penalty, fabs (dot - json_object_get_double_member (t, "penalty_dot"))
                                    / (0.01 * json_object_get_double_member (t, "sum")));
    }
  g_test_message ("relative to PyTorch: Fisher's diagonal %.2g, the penalty's gradient %.2g", worst,
                  worst_penalty);
  g_assert_cmpfloat (worst, <, 1e-3);
  g_assert_cmpfloat (worst_penalty, <, 1e-3);
  free_trainer (&self);
}

/* --- whole runs */

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

static guint asked;

static gboolean
stop_at_third (gpointer data)
{
  return ++asked == 3;
}

/* Who stops while it is found out what is needed does not wait for all of it, and goes on later. */
static void
test_stopped (Fixture *f, gconstpointer data)
{
  g_autofree char *path = write_text (f, 160),
                  *checkpoint = g_build_filename (f->folder, "stopped.h5", NULL);
  AttuneTrainerFuncs stopping = funcs;
  Told told = { 0 };
  g_autoptr (GBytes) expected = NULL, got = NULL;
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;

  g_object_set (f->plan, "earlier", path, "ewc-weight", 1e4, "ewc-samples", 6, "samples", 0,
                "max-steps", 2, "validate-every", 2, NULL);
  stopping.should_stop = stop_at_third;
  asked = 0;
  attune_trainer_run (f->plan, f->model, f->dataset, checkpoint, FALSE, &stopping, &told, &result,
                      &error);
  g_assert_no_error (error);
  g_assert_cmpint (result.end, ==, ATTUNE_END_STOPPED);
  g_assert_cmpuint (asked, ==, 3);
  g_assert_cmpint (told.steps, ==, 0);
  run (f, "stopped.h5", TRUE, &told);
  got = read_state (f, "stopped.h5");
  told = (Told) { 0 };
  run (f, "whole.h5", FALSE, &told);
  expected = read_state (f, "whole.h5");
  g_assert_true (g_bytes_equal (expected, got));
}

static guint searches; /* for what is needed */

static void
count_searches (gpointer data, const char *sentence)
{
  searches += g_str_has_prefix (sentence, "Finding out");
}

static gboolean
stop_after_two (gpointer data)
{
  return ((Told *) data)->steps >= 2;
}

static GBytes *
run_counted (Fixture *f, const char *checkpoint, gboolean resume, gboolean stop)
{
  g_autofree char *path = g_build_filename (f->folder, checkpoint, NULL);
  AttuneTrainerFuncs counting = { .on_step = on_step,
                                  .on_message = count_searches,
                                  .should_stop = stop ? stop_after_two : NULL };
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;
  Told told = { .steps = resume ? 2 : 0 };

  attune_trainer_run (f->plan, f->model, f->dataset, path, resume, &counting, &told, &result,
                      &error);
  g_assert_no_error (error);
  return stop ? NULL : read_state (f, checkpoint);
}

/* What was kept, of which only the first half was written. */
static void
leave_half (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) from = attune_store_open (path, "needed", 1, &error), to = NULL;
  g_autofree char *key = NULL;
  g_autofree float *values = NULL;
  AttuneStoreType type;
  gint64 dims[4];
  int n_dims;

  g_assert_no_error (error);
  key = attune_store_get_string (from, "key", &error);
  g_assert_true (attune_store_shape (from, "fisher", &type, &n_dims, dims, &error));
  values = g_new (float, dims[0]);
  g_assert_true (attune_store_get (from, "fisher", ATTUNE_STORE_F32, 0, dims[0], values, &error));
  g_clear_pointer (&from, attune_store_close);
  to = attune_store_create (path, "needed", 1, &error);
  g_assert_true (attune_store_set_string (to, "key", key, &error)
                 && attune_store_put (to, "fisher", ATTUNE_STORE_F32, 1, dims, values, &error)
                 && attune_store_commit (to, &error));
}

/* What is needed is found once, and a run that goes on reads it; where it is lost, or another's, it
 * is found again, and is the same. */
static void
test_kept (Fixture *f, gconstpointer data)
{
  g_autofree char *path = write_text (f, 160),
                  *needed = g_build_filename (f->folder, "parts-needed.h5", NULL);
  g_autoptr (GBytes) whole = NULL;

  g_object_set (f->plan, "earlier", path, "ewc-weight", 1e4, "ewc-samples", 6, "samples", 0,
                "max-steps", 4, "validate-every", 4, NULL);
  searches = 0;
  whole = run_counted (f, "whole.h5", FALSE, FALSE);
  g_assert_cmpuint (searches, ==, 1);
  for (int damage = 0; damage < 4; damage++)
    {
      g_autoptr (GBytes) parts = NULL;

      searches = 0;
      run_counted (f, "parts.h5", FALSE, TRUE);
      g_assert_cmpuint (searches, ==, 1);
      g_assert_true (g_file_test (needed, G_FILE_TEST_EXISTS));
      if (damage == 1)
        g_assert_cmpint (unlink (needed), ==, 0);
      if (damage == 3)
        leave_half (needed);
      if (damage == 2)
        g_assert_true (g_file_set_contents (needed, "no file of this kind", -1, NULL));
      parts = run_counted (f, "parts.h5", TRUE, FALSE);
      g_assert_cmpuint (searches, ==, damage == 0 ? 1 : 2);
      g_assert_true (g_bytes_equal (whole, parts));
    }
}

/* --- bad input */

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

#define ADD(name, function)                                                                        \
  g_test_add ("/tune/earlier/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("golden", test_golden);
  ADD ("text", test_text);
  ADD ("dataset", test_dataset);
  ADD ("adapter", test_adapter);
  ADD ("full", test_full);
  ADD ("share", test_share);
  ADD ("stopped", test_stopped);
  ADD ("kept", test_kept);
  ADD ("refused", test_refused);
  return g_test_run ();
}
