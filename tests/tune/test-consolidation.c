/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What earlier material needs: as PyTorch finds it, found once and kept, and left alone by who
 * stops.
 */
#include "earlier-run.h"
#include "store/store.h"

#include <unistd.h>

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("golden", test_golden);
  ADD ("stopped", test_stopped);
  ADD ("kept", test_kept);
  return g_test_run ();
}
