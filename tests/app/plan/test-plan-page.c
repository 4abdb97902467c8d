/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Plan page with a real project: what it says, that it makes a plan fit, and that Undo takes
 * everything back.
 */
#include "page-fixture.h"

#include "charts/chart.h"
#include "core/settings.h"
#include "folders.h"
#include "plan/presets.h"
#include "stages/plan/page.h"
#include "stages/plan/preset-list.h"
#include "widgets/settings-form.h"

static void
set_up (PageFixture *f, gconstpointer data)
{
  test_project_set_up (&f->files, NULL);
  g_free (test_attunectl_good (&f->files, "new %P --model %M"));
  if (data != NULL)
    {
      g_free (test_attunectl_good (&f->files, "import %P %T"));
      g_free (test_attunectl_good (
          &f->files, g_str_equal (data, "cut") ? "prepare %P --max-tokens 70" : "prepare %P"));
    }
  page_fixture_open (f, ATTUNE_TYPE_PLAN_PAGE);
}

static void
tear_down (PageFixture *f, gconstpointer data)
{
  g_autoptr (GSettings) settings = attune_open_settings ();

  g_settings_reset (settings, "memory-limit");
  g_settings_reset (settings, "threads");
  page_fixture_close (f);
  test_project_tear_down (&f->files, NULL);
}

static AttunePlan *
get_plan (PageFixture *f)
{
  return attune_project_get_plan (f->project);
}

static gboolean
shows_steps (PageFixture *f)
{
  return find_label (f->page, "steps of 16 samples each") != NULL;
}

static gboolean
shows_problem (PageFixture *f)
{
  return find_label (f->page, "This Plan Does Not Fit") != NULL;
}

static gboolean
shows_no_problem (PageFixture *f)
{
  return attune_session_get_plan_problem (f->session) == NULL && !shows_problem (f);
}

static void
test_nothing_yet (PageFixture *f, gconstpointer data)
{
  test_loop_until (page_fixture_is_idle, f);
  g_assert_nonnull (find_label (f->page, "Shown as soon as data is prepared"));
  g_assert_nonnull (find_label (f->page, "Add your questions and answers first"));
  g_assert_nonnull (find_widget (f->page, ATTUNE_TYPE_SETTINGS_FORM));
}

static void
test_says_what_it_takes (PageFixture *f, gconstpointer data)
{
  AttuneChart *chart;

  test_loop_until (shows_steps, f);
  g_assert_nonnull (find_label (f->page, "are free"));
  g_assert_nonnull (find_label (f->page, "Not known yet"));
  g_assert_nonnull (find_label (f->page, "QLoRA")); /* most of the tiny model is in 8 bits */
  chart = ATTUNE_CHART (find_widget (f->page, ATTUNE_TYPE_CHART));
  g_assert_false (attune_figure_is_empty (attune_chart_get_figure (chart)));
}

static gboolean
shows_more_steps (PageFixture *f)
{
  return find_label (f->page, "steps of 8 samples each") != NULL;
}

static void
test_follows_settings (PageFixture *f, gconstpointer data)
{
  AttunePresetList *list = ATTUNE_PRESET_LIST (find_widget (f->page, ATTUNE_TYPE_PRESET_LIST));

  test_loop_until (shows_steps, f);
  g_assert_cmpint (attune_preset_list_get_preset (list), ==, ATTUNE_PRESET_BALANCED);
  g_object_set (get_plan (f), "batch-size", 8, NULL);
  test_loop_until (shows_more_steps, f);
  g_assert_cmpint (attune_preset_list_get_preset (list), ==, -1);
  g_assert_nonnull (find_label (f->page, "changed by hand"));
}

/* Clicks the button of the toast. */
static void
undo (PageFixture *f)
{
  GtkWidget *label = find_label (f->window, "Undo");

  g_assert_nonnull (label);
  g_signal_emit_by_name (gtk_widget_get_ancestor (label, GTK_TYPE_BUTTON), "clicked");
}

static gboolean
offers_undo (PageFixture *f)
{
  return find_label (f->window, "Undo") != NULL;
}

static void
test_preset_with_undo (PageFixture *f, gconstpointer data)
{
  g_autoptr (AttunePlan) before = NULL;
  GtkWidget *list = find_widget (f->page, ATTUNE_TYPE_PRESET_LIST);

  test_loop_until (shows_steps, f);
  g_object_set (get_plan (f), "learning-rate", 0.0123, "seed", (gint64) 7, NULL);
  before = attune_plan_copy (get_plan (f));
  g_signal_emit_by_name (list, "chosen", ATTUNE_PRESET_BEST);
  g_assert_cmpint (attune_preset_find (get_plan (f)), ==, ATTUNE_PRESET_BEST);
  test_loop_until (offers_undo, f);
  undo (f);
  g_assert_true (attune_settings_equal (G_OBJECT (before), G_OBJECT (get_plan (f))));
}

static void
test_make_it_fit (PageFixture *f, gconstpointer data)
{
  g_autoptr (GSettings) settings = attune_open_settings ();
  g_autoptr (AttunePlan) before = NULL;

  test_loop_until (shows_steps, f);
  before = attune_plan_copy (get_plan (f));
  g_settings_set_double (settings, "memory-limit",
                         (attune_session_get_estimate (f->session)->peak_bytes - 1000) / 1e9);
  test_loop_until (shows_problem, f);
  /* what the other pages say of it has no flags of the command line in it */
  g_assert_nonnull (attune_session_get_plan_problem (f->session));
  g_assert_null (strstr (attune_session_get_plan_problem (f->session), "--"));
  g_assert_nonnull (find_label (f->page, "Does not fit"));
  g_assert_nonnull (find_label (f->page, "Make It Fit"));

  gtk_widget_activate_action (f->page, "plan.make-fit", NULL);
  test_loop_until (shows_no_problem, f);
  g_assert_false (attune_settings_equal (G_OBJECT (before), G_OBJECT (get_plan (f))));
  test_loop_until (offers_undo, f);
  undo (f);
  g_assert_true (attune_settings_equal (G_OBJECT (before), G_OBJECT (get_plan (f))));
  test_loop_until (shows_problem, f);
}

static void
test_nothing_fits (PageFixture *f, gconstpointer data)
{
  g_autoptr (GSettings) settings = attune_open_settings ();

  test_loop_until (shows_steps, f);
  g_settings_set_double (settings, "memory-limit", 0.001);
  test_loop_until (shows_problem, f);
  g_assert_nonnull (find_label (f->page, "choose a smaller model"));
  g_assert_null (find_label (f->page, "Make It Fit"));
}

static gboolean
shows_bad_targets (PageFixture *f)
{
  return find_label (f->page, "This Plan Cannot Be Run") != NULL;
}

static void
test_contradiction (PageFixture *f, gconstpointer data)
{
  test_loop_until (shows_steps, f);
  g_object_set (get_plan (f), "targets", "knee & elbow", NULL);
  test_loop_until (shows_bad_targets, f);
  g_assert_nonnull (find_label (f->page, "knee"));
  g_assert_null (find_label (f->page, "Make It Fit"));
}

static gboolean
shows_whole_model (PageFixture *f)
{
  return find_label (f->page, "All of the model’s") != NULL;
}

static gboolean
shows_row (PageFixture *f, const char *name)
{
  AttuneSettingsForm *form
      = ATTUNE_SETTINGS_FORM (find_widget (f->page, ATTUNE_TYPE_SETTINGS_FORM));

  return gtk_widget_get_visible (GTK_WIDGET (attune_settings_form_get_row (form, name)));
}

/* The method is a setting as any other: the rate goes along, what has no say is hidden. */
static void
test_full (PageFixture *f, gconstpointer data)
{
  test_loop_until (shows_steps, f);
  g_assert_true (shows_row (f, "lora-rank"));
  g_object_set (get_plan (f), "method", ATTUNE_METHOD_FULL, NULL);
  test_loop_until (shows_whole_model, f);
  g_assert_cmpfloat (attune_plan_get_values (get_plan (f))->learning_rate, ==, 2e-5);
  g_assert_nonnull (find_label (f->page, "Every weight of the model learns"));
  g_assert_nonnull (find_label (f->page, "rounded to"));
  g_assert_false (shows_row (f, "lora-rank") || shows_row (f, "targets"));
  g_assert_true (shows_row (f, "learning-rate"));
  g_object_set (get_plan (f), "method", ATTUNE_METHOD_LORA, NULL);
  g_assert_true (shows_row (f, "lora-rank"));
  g_assert_cmpfloat (attune_plan_get_values (get_plan (f))->learning_rate, ==, 5e-4);
  g_assert_false (shows_row (f, "cycles"));
  g_object_set (get_plan (f), "schedule", ATTUNE_SCHEDULE_RESTARTS, NULL);
  g_assert_true (shows_row (f, "cycles"));
  g_assert_false (shows_row (f, "replay-share"));
  g_object_set (get_plan (f), "earlier", "/nowhere/earlier.txt", NULL);
  g_assert_true (shows_row (f, "replay-share"));
  g_object_set (get_plan (f), "earlier", "", NULL);
}

static gboolean
warns_of_cuts (PageFixture *f)
{
  return find_label (f->page, "longer than 70 tokens: their ends are not learned") != NULL;
}

static void
test_notes (PageFixture *f, gconstpointer data)
{
  test_loop_until (warns_of_cuts, f);
  g_assert_nonnull (find_label (f->page, "Worth Knowing"));
}

static void
test_no_notes (PageFixture *f, gconstpointer data)
{
  test_loop_until (shows_steps, f);
  g_assert_null (find_label (f->page, "Worth Knowing"));
}

static gboolean
has_run (PageFixture *f)
{
  return attune_session_get_run (f->session) != NULL
         && attune_session_get_run_state (f->session) == ATTUNE_RUN_FINISHED;
}

/* What the plan leaves open the preferences say, and plan.json tells what was used. */
static void
test_threads_of_preferences (PageFixture *f, gconstpointer data)
{
  g_autoptr (GSettings) settings = attune_open_settings ();
  g_autofree char *text = NULL, *path = NULL;

  test_loop_until (shows_steps, f);
  g_settings_set_int (settings, "threads", 1);
  g_object_set (get_plan (f), "max-steps", 2, "samples", 0, "lora-rank", 2, NULL);
  attune_session_start_run (f->session);
  test_loop_until (has_run, f);
  path = g_build_filename (attune_session_get_run (f->session), "plan.json", NULL);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "\"threads\" : 1"));
  g_assert_cmpint (attune_plan_get_values (get_plan (f))->threads, ==, 0);
  g_assert_cmpint (attune_session_get_state (f->session, ATTUNE_STAGE_TUNE), ==,
                   ATTUNE_STAGE_STATE_DONE); /* and not stale */
}

#define CASE(path, data, test) g_test_add (path, PageFixture, data, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  CASE ("/plan-page/nothing-yet", NULL, test_nothing_yet);
  CASE ("/plan-page/says-what-it-takes", "data", test_says_what_it_takes);
  CASE ("/plan-page/follows-settings", "data", test_follows_settings);
  CASE ("/plan-page/preset-with-undo", "data", test_preset_with_undo);
  CASE ("/plan-page/make-it-fit", "data", test_make_it_fit);
  CASE ("/plan-page/nothing-fits", "data", test_nothing_fits);
  CASE ("/plan-page/contradiction", "data", test_contradiction);
  CASE ("/plan-page/full", "data", test_full);
  CASE ("/plan-page/notes", "cut", test_notes);
  CASE ("/plan-page/no-notes", "data", test_no_notes);
  CASE ("/plan-page/threads-of-preferences", "data", test_threads_of_preferences);
  return g_test_run ();
}
