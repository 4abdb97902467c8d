/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is made of the events of a run: its curves, and what a list of runs says of it.
 */
#include "job/run-curves.h"
#include "job/run-summary.h"
#include "run-fixture.h"
#include "store/store.h"

#include <math.h>

/* Steps that were done again after a crash are there once; run.h5 holds what the events say. */
static void
test_curves (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AttuneRunCurves) curves = attune_run_curves_new ();
  g_autoptr (JsonObject) result = json_object_new ();
  g_autofree char *path = g_build_filename (fixture->folder, "run.h5", NULL);
  g_autoptr (AttuneStore) store = NULL;
  g_auto (GStrv) answers = NULL;
  g_autoptr (GError) error = NULL;
  gint64 steps[4];
  double losses[4];

  append (fixture,
          "{\"event\": \"validation\", \"step\": 0, \"loss\": 5, \"best\": true}\n"
          "{\"event\": \"step\", \"step\": 1, \"loss\": 4}\n"
          "{\"event\": \"step\", \"step\": 2, \"loss\": 3}\n"
          "{\"event\": \"step\", \"step\": 3, \"loss\": 2.5}\n"
          "{\"event\": \"validation\", \"step\": 3, \"loss\": 3.5, \"best\": true}\n"
          "{\"event\": \"sample\", \"step\": 3, \"question\": \"q\", \"answer\": \"old\"}\n"
          "{\"event\": \"started\"}\n"
          "{\"event\": \"step\", \"step\": 3, \"loss\": 2.25}\n");
  g_assert_true (attune_run_curves_read (curves, fixture->folder, &error));
  g_assert_cmpuint (curves->steps->len, ==, 3);
  g_assert_cmpuint (curves->validations->len, ==, 1);
  g_assert_cmpuint (curves->samples->len, ==, 0);
  append (fixture,
          "{\"event\": \"validation\", \"step\": 3, \"loss\": 3.25, \"best\": true}\n"
          "{\"event\": \"sample\", \"step\": 3, \"question\": \"q\", \"answer\": \"new\"}\n"
          "{\"event\": \"step\", \"step\": 4, \"loss\": 2}\n");
  g_assert_true (attune_run_curves_read (curves, fixture->folder, &error));
  g_assert_cmpuint (curves->steps->len, ==, 4);
  g_assert_cmpuint (curves->validations->len, ==, 2);
  g_assert_cmpuint (curves->samples->len, ==, 1);

  g_assert_true (attune_run_curves_write (curves, fixture->folder, result, &error));
  g_assert_no_error (error);
  store = attune_store_open (path, "run", 1, &error);
  g_assert_no_error (error);
  g_assert_true (attune_store_get (store, "train/step", ATTUNE_STORE_I64, 0, 4, steps, &error));
  g_assert_true (attune_store_get (store, "train/loss", ATTUNE_STORE_F64, 0, 4, losses, &error));
  g_assert_cmpint (steps[3], ==, 4);
  g_assert_cmpfloat (losses[2], ==, 2.25);
  answers = attune_store_get_text (store, "samples/answer", 0, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (answers[0], ==, "new");
}

/* What a list of runs says, also of one that has crashed or is damaged. */
static void
test_summary (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AttuneRunSummary) none = attune_run_summary_read (fixture->folder), crashed = NULL,
                               rewarded = NULL, finished = NULL;

  g_assert_cmpint (none->state, ==, ATTUNE_RUN_NEW);
  g_assert_cmpfloat (none->begun, ==, 0);
  g_assert_cmpint (none->best_step, ==, -1);
  g_assert_true (isnan (none->best_loss));
  g_assert_null (none->plan);

  append (fixture, "{\"event\": \"started\", \"time\": 1795575128.5}\n"
                   "{\"event\": \"validation\", \"step\": 0, \"loss\": 5}\n"
                   "{\"event\": \"validation\", \"step\": 10, \"loss\": 2}\n"
                   "{\"event\": \"validation\", \"step\": 20, \"loss\": 3}\n"
                   "{\"event\": \"validation\", \"step\": 30, \"loss\": null}\n");
  crashed = attune_run_summary_read (fixture->folder);
  g_assert_cmpint (crashed->state, ==, ATTUNE_RUN_CRASHED);
  g_assert_cmpfloat (crashed->begun, ==, 1795575128.5);
  g_assert_cmpint (crashed->best_step, ==, 10);
  g_assert_cmpfloat (crashed->best_loss, ==, 2);

  append (fixture, "{\"event\": \"finished\", \"best_loss\": -0.5, \"best_reward\": 1.5, "
                   "\"best_step\": 30}\n");
  rewarded = attune_run_summary_read (fixture->folder);
  g_assert_cmpfloat (rewarded->best_loss, ==, -0.5);
  g_assert_cmpfloat (rewarded->best_reward, ==, 1.5);
  append (fixture, "{\"event\": \"finished\", \"best_loss\": 1.5, \"best_step\": 40}\n");
  finished = attune_run_summary_read (fixture->folder);
  g_assert_cmpint (finished->state, ==, ATTUNE_RUN_FINISHED);
  g_assert_cmpint (finished->best_step, ==, 40);
  g_assert_cmpfloat (finished->best_loss, ==, 1.5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/run-folder/curves", test_curves);
  ADD ("/run-folder/summary", test_summary);
  return g_test_run ();
}
