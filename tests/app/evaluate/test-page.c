/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page: empty, with scores, with an older evaluation, with a damaged one; and a real evaluation
 * of the tiny model, made from the page.
 */
#include "stages/evaluate/page.h"

#include "job/program.h"
#include "stages/evaluate/report-save.h"
#include "stages/evaluate/report.h"
#include "stages/evaluate/review-view.h"
#include "stages/evaluate/scores-view.h"

#include "desk.h"

#include <glib/gstdio.h>

static GtkWidget *
show_page (Desk *self)
{
  GtkWidget *page = g_object_new (ATTUNE_TYPE_EVALUATE_PAGE, NULL);

  attune_stage_page_set_session (ATTUNE_STAGE_PAGE (page), self->session);
  desk_show (self, page);
  return page;
}

static void
open_read (Desk *self)
{
  desk_open (self);
  test_loop_until (desk_has_read, self);
}

static void
test_empty (Desk *self, gconstpointer data)
{
  open_read (self);
  show_page (self);
  g_assert_true (desk_shows (self->window, "Not Evaluated Yet"));
  g_assert_true (desk_shows (self->window, "Tune the model first"));
  g_assert_false (desk_shows (self->window, "Perplexity"));
}

static gboolean
shows_scores (Desk *self)
{
  return desk_shows (self->window, "perplexity 12.3 instead of 45.1");
}

static gboolean
is_named_row (GtkWidget *widget, gconstpointer title)
{
  return ADW_IS_ACTION_ROW (widget)
         && strcmp (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)), title) == 0;
}

static gboolean
shows_first (Desk *self)
{
  return g_str_has_suffix (attune_session_get_evaluation_path (self->session), "0001.h5")
         && desk_shows (self->window, "Evaluation 1 (run 0001), ");
}

static void
test_scores (Desk *self, gconstpointer data)
{
  g_autofree char *first = desk_add_evaluation (self, "0001", 8),
                  *second = desk_add_evaluation (self, "0002", 8);
  GtkWidget *row, *scores;

  open_read (self);
  show_page (self);
  test_loop_until (shows_scores, self);
  g_assert_true (desk_shows (self->window, "Evaluation 2 (run 0002), "));
  g_assert_true (desk_shows (self->window, "Base: 45.1"));
  g_assert_true (desk_shows (self->window, "Not rated yet"));
  attune_session_rate (self->session, 0, ATTUNE_RATING_TUNED, FALSE);
  while (!desk_shows (self->window, "In 1 of 1 rated pair"))
    g_main_context_iteration (NULL, TRUE);

  row = desk_find (self->window, is_named_row, "Compare With");
  row = row != NULL ? row : desk_find (self->window, is_named_row, "_Compare With");
  g_assert_nonnull (row);
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), 1);
  g_assert_true (desk_shows (self->window, "Evaluation 1: 12.3"));
  scores = gtk_widget_get_ancestor (row, ATTUNE_TYPE_SCORES_VIEW);
  g_assert_cmpstr (attune_scores_view_get_compared (ATTUNE_SCORES_VIEW (scores))->path, ==, first);

  row = desk_find (self->window, is_named_row, "Evaluation 1 (run 0001)");
  g_signal_emit_by_name (row, "activated");
  test_loop_until (shows_first, self);
}

static gboolean
shows_labels (Desk *self)
{
  return desk_shows (self->window, "Label by Label");
}

static gboolean
is_stack (GtkWidget *widget, gconstpointer data)
{
  return ADW_IS_VIEW_STACK (widget);
}

static gboolean
is_review (GtkWidget *widget, gconstpointer data)
{
  return ATTUNE_IS_REVIEW_VIEW (widget);
}

static gboolean
shows_label (Desk *self)
{
  return desk_shows (self->window, "Label of the Tuned Model");
}

/* Labels have their own scores, and their own tables. */
static void
test_labels (Desk *self, gconstpointer data)
{
  g_autoptr (AttuneEvaluation) evaluation = test_label_evaluation_new ();
  g_autoptr (AttuneProject) project = attune_project_open (self->project_path, NULL);
  g_autofree char *texts = desk_add_evaluation (self, "0001", 8), *path = NULL;
  guint counts[ATTUNE_N_RATINGS];
  AttuneReviewView *view;
  AttuneReview *review;
  GtkWidget *stack, *row;

  path = attune_evaluation_write (evaluation, project, NULL);
  g_assert_nonnull (path);
  open_read (self);
  show_page (self);
  test_loop_until (shows_labels, self);
  g_assert_true (desk_shows (self->window, "Right Labels"));
  g_assert_true (desk_shows (self->window, "Balanced Score"));
  g_assert_true (desk_shows (self->window, "Always the most frequent label: 73%"));
  g_assert_true (desk_shows (self->window, "taken for “Delivery” 2 times"));
  g_assert_true (desk_shows (self->window, "· right labels 64%"));
  g_assert_false (desk_shows (self->window, "Words in Common"));
  g_assert_false (desk_shows (self->window, "Win Rate"));
  /* an evaluation of texts is there, but not to compare with */
  g_assert_true (desk_shows (self->window, "Evaluation 1 (run 0001)"));
  g_assert_null (desk_find (self->window, is_named_row, "Compare With"));

  /* nobody asked the base model, and nobody rates what is right or wrong */
  stack = desk_find (self->window, is_stack, NULL);
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (stack), "answers");
  test_loop_until (shows_label, self);
  g_assert_true (desk_shows (self->window, "Expected label"));
  g_assert_false (desk_shows (self->window, "Base model"));
  g_assert_false (desk_shows (self->window, "Blind"));
  g_assert_false (desk_shows (self->window, "rated"));
  view = ATTUNE_REVIEW_VIEW (desk_find (stack, is_review, NULL));
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (view), "review.next", NULL));
  gtk_widget_activate_action (GTK_WIDGET (view), "review.rate", "i", 0);
  g_assert_cmpuint (attune_ratings_count (attune_session_get_ratings (self->session), counts), ==,
                    0);
  row = desk_find (self->window, is_named_row, "_Order");
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), 1);
  g_assert_true (desk_shows (self->window, "Another label was expected"));
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (stack), "scores");

  /* of labels an order is left that would tell in blind mode */
  review = attune_review_view_get_review (view);
  g_assert_cmpint (attune_review_get_order (review), ==, ATTUNE_REVIEW_WEAKEST);
  attune_review_set_blind (review, TRUE);
  attune_session_show_evaluation (self->session, texts);
  test_loop_until (shows_scores, self);
  g_assert_cmpint (attune_review_get_order (review), ==, ATTUNE_REVIEW_DIFFERENCE);
  g_assert_false (shows_labels (self));
  g_assert_true (desk_shows (self->window, "Win Rate"));
}

/* What cannot be read is said, and hides nothing else. */
static void
test_damaged (Desk *self, gconstpointer data)
{
  g_autofree char *first = desk_add_evaluation (self, "0001", 8),
                  *second = desk_add_evaluation (self, "0002", 8);

  g_assert_true (g_file_set_contents (second, "nonsense", -1, NULL));
  open_read (self);
  show_page (self);
  test_loop_until (shows_scores, self);
  g_assert_nonnull (attune_session_get_error (self->session, ATTUNE_STAGE_EVALUATE));
  g_assert_true (desk_shows (self->window, "Evaluation 1 (run 0001), "));
  g_assert_true (desk_shows (self->window, "0002.h5"));
}

/* --- saving */

static char *
read_file (const char *path)
{
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static gboolean
exists (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
on_toast (GtkWidget *widget, GVariant *parameter, gpointer data)
{
  g_string_assign (data, g_variant_get_string (parameter, NULL));
}

static gboolean
has_said (GString *said)
{
  return said->len > 0;
}

static void
toast_activated (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  on_toast (NULL, parameter, data);
}

static void
test_save (Desk *self, gconstpointer data)
{
  g_autofree char *evaluation = desk_add_evaluation (self, "0001", 8),
                  *csv = g_build_filename (self->folder, "a.csv", NULL),
                  *pdf = g_build_filename (self->folder, "a.pdf", NULL),
                  *nowhere = g_build_filename (self->folder, "no", "a.pdf", NULL), *text = NULL;
  g_autoptr (GFile) csv_file = g_file_new_for_path (csv), pdf_file = g_file_new_for_path (pdf),
                    bad_file = g_file_new_for_path (nowhere);
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();
  g_autoptr (GSimpleAction) toast = g_simple_action_new ("toast", G_VARIANT_TYPE_STRING);
  g_autoptr (GString) said = g_string_new (NULL);
  GtkWidget *page;

  open_read (self);
  page = show_page (self);
  g_signal_connect (toast, "activate", G_CALLBACK (toast_activated), said);
  g_action_map_add_action (G_ACTION_MAP (actions), G_ACTION (toast));
  gtk_widget_insert_action_group (self->window, "win", G_ACTION_GROUP (actions));

  attune_session_rate (self->session, 1, ATTUNE_RATING_BASE, FALSE);
  attune_report_save_to (page, self->session, NULL, ATTUNE_REPORT_CSV, csv_file);
  test_loop_until (has_said, said);
  g_assert_cmpstr (said->str, ==, "Saved as “a.csv”");
  text = read_file (csv);
  g_assert_nonnull (strstr (text, ",base,no\r\n")); /* a rating of this moment */

  g_string_assign (said, "");
  attune_report_save_to (page, self->session, NULL, ATTUNE_REPORT_PDF, pdf_file);
  test_loop_until (has_said, said);
  g_assert_true (exists (pdf));

  g_string_assign (said, "");
  attune_report_save_to (page, self->session, NULL, ATTUNE_REPORT_PDF, bad_file);
  test_loop_until (has_said, said);
  g_assert_true (g_str_has_prefix (said->str, "Nothing was saved: "));
}

static void
test_finalisation (Desk *self, gconstpointer data)
{
  g_autofree char *path = desk_add_evaluation (self, "0001", 8);
  gpointer page;

  open_read (self);
  page = show_page (self);
  test_loop_until (shows_scores, self);
  g_object_add_weak_pointer (page, &page);
  gtk_window_destroy (GTK_WINDOW (g_steal_pointer (&self->window)));
  test_loop_until (desk_is_gone, &page);
}

/* --- with the tiny model */

static gboolean
is_idle (Desk *self)
{
  for (int i = 0; i < ATTUNE_N_STAGES; i++)
    if (attune_session_get_state (self->session, i) == ATTUNE_STAGE_STATE_RUNNING)
      return FALSE;
  return attune_session_get_run_state (self->session) != ATTUNE_RUN_NEW
         && attune_session_get_data (self->session) != NULL;
}

static gboolean
has_evaluated (Desk *self)
{
  const GPtrArray *list = attune_session_get_evaluations (self->session);

  return list != NULL && list->len == 1 && desk_shows (self->window, "What the Scores Say");
}

static gboolean
is_stopped (Desk *self)
{
  return attune_session_get_progress (self->session, ATTUNE_STAGE_EVALUATE) < 0;
}

/* What the report says of the data. */
static void
assert_describes_data (Desk *self)
{
  const AttuneDataSummary *data = attune_session_get_data (self->session);
  g_autofree char *unknown = attune_report_describe_data (data, NULL),
                  *same = attune_report_describe_data (data, data->hash),
                  *other = attune_report_describe_data (data, "another hash");

  g_assert_cmpstr (unknown, ==, "table.csv (60 rows)");
  g_assert_cmpstr (same, ==, "table.csv (60 rows)");
  g_assert_cmpstr (other, ==, "table.csv (60 rows); prepared anew since the model was tuned");
}

static void
test_real (Desk *self, gconstpointer data)
{
  TestProject files = { 0 };
  const AttuneEvaluation *evaluation;
  GtkWidget *page;

  test_project_set_up (&files, NULL);
  test_project_prepare (&files, "--epochs 1");
  g_free (test_attunectl_good (&files, "tune %P"));
  g_set_str (&self->project_path, files.project);
  open_read (self);
  test_loop_until (is_idle, self);
  page = show_page (self);
  g_assert_true (desk_shows (self->window, "Not Evaluated Yet"));
  g_assert_cmpfloat (attune_session_get_evaluate_seconds (self->session, ATTUNE_SPLIT_TEST, 4, 8),
                     >, 0);
  gtk_widget_activate_action (page, "evaluate.start", NULL);
  g_assert_cmpfloat (attune_session_get_progress (self->session, ATTUNE_STAGE_EVALUATE), >=, 0);
  test_loop_until (has_evaluated, self);
  evaluation = attune_session_get_evaluation (self->session);
  assert_describes_data (self);
  g_assert_cmpuint (evaluation->tuned_answers->len, >, 0);
  g_assert_cmpfloat (evaluation->base.loss_seconds, >, 0);
  g_assert_cmpfloat (evaluation->tuned.answer_seconds, >, 0);
  g_assert_cmpint (attune_session_get_state (self->session, ATTUNE_STAGE_EVALUATE), ==,
                   ATTUNE_STAGE_STATE_DONE);

  /* what is cancelled leaves the old one */
  gtk_widget_activate_action (page, "evaluate.start", NULL);
  gtk_widget_activate_action (page, "stage.cancel", NULL);
  test_loop_until (is_stopped, self);
  g_assert_null (attune_session_get_error (self->session, ATTUNE_STAGE_EVALUATE));
  g_assert_true (has_evaluated (self));
  desk_close (self);
  g_set_str (&self->project_path, NULL);
  test_project_tear_down (&files, NULL);
}

static gboolean
is_ready (Desk *self)
{
  return attune_session_get_missing (self->session, ATTUNE_STAGE_TUNE) == NULL;
}

static gboolean
has_paused (Desk *self)
{
  return attune_session_get_run_state (self->session) == ATTUNE_RUN_STOPPED;
}

static gboolean
has_finished (Desk *self)
{
  return attune_session_get_run_state (self->session) == ATTUNE_RUN_FINISHED;
}

static gboolean
has_exported (Desk *self)
{
  return attune_session_get_export (self->session, ATTUNE_EXPORT_ADAPTER) != NULL;
}

static AttuneStageState
get_state (Desk *self, AttuneStage stage)
{
  return attune_session_get_state (self->session, stage);
}

static gboolean
is_told_to_be_old (Desk *self)
{
  return desk_shows (self->window, "Run 0001 has learned more since this evaluation");
}

/* What was made of a run that was paused is out of date once the run has gone on; and so it is
 * still when the project is opened again. */
static void
test_resumed (Desk *self, gconstpointer data)
{
  TestProject files = { 0 };

  test_project_set_up (&files, NULL);
  test_project_prepare (&files, "--max-steps 20");
  g_set_str (&self->project_path, files.project);
  open_read (self);
  test_loop_until (is_ready, self);
  show_page (self);
  attune_session_start_run (self->session);
  attune_session_pause_run (self->session);
  test_loop_until (has_paused, self);
  attune_session_evaluate (self->session, ATTUNE_SPLIT_TEST, 2, 8);
  test_loop_until (has_evaluated, self);
  attune_session_export (self->session, ATTUNE_EXPORT_ADAPTER, NULL);
  test_loop_until (has_exported, self);
  g_assert_cmpint (get_state (self, ATTUNE_STAGE_EVALUATE), ==, ATTUNE_STAGE_STATE_DONE);
  g_assert_cmpint (get_state (self, ATTUNE_STAGE_DEPLOY), ==, ATTUNE_STAGE_STATE_DONE);
  g_assert_false (is_told_to_be_old (self));

  attune_session_resume_run (self->session);
  test_loop_until (has_finished, self);
  test_loop_until (is_told_to_be_old, self);
  for (int again = 0; again < 2; again++)
    {
      g_assert_cmpint (get_state (self, ATTUNE_STAGE_EVALUATE), ==, ATTUNE_STAGE_STATE_STALE);
      g_assert_cmpint (get_state (self, ATTUNE_STAGE_DEPLOY), ==, ATTUNE_STAGE_STATE_STALE);
      desk_close (self);
      open_read (self);
      show_page (self);
      test_loop_until (is_told_to_be_old, self);
    }
  desk_close (self);
  g_set_str (&self->project_path, NULL);
  test_project_tear_down (&files, NULL);
}

/* An evaluation of an earlier run, and a part of the data without questions: both are said. */
static void
test_earlier_run (Desk *self, gconstpointer data)
{
  TestProject files = { 0 };
  g_autofree char *first = NULL;

  test_project_set_up (&files, NULL);
  test_project_prepare (&files, "--max-steps 1");
  g_free (test_attunectl_good (&files, "prepare %P --test-share 0"));
  g_free (test_attunectl_good (&files, "tune %P"));
  g_free (test_attunectl_good (&files, "tune %P"));
  g_set_str (&self->project_path, files.project);
  first = desk_add_evaluation (self, "0001", 8);
  open_read (self);
  show_page (self);
  test_loop_until (is_idle, self);
  while (!desk_shows (self->window, "This evaluation is of run 0001, and run 0002 has been tuned"))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (get_state (self, ATTUNE_STAGE_EVALUATE), ==, ATTUNE_STAGE_STATE_STALE);
  g_assert_true (desk_shows (self->window, "There are no questions in this part of the data."));
  desk_close (self);
  g_set_str (&self->project_path, NULL);
  test_project_tear_down (&files, NULL);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
#define ADD(name, func)                                                                            \
  g_test_add ("/evaluate/page/" name, Desk, NULL, desk_set_up, func, desk_tear_down)
  ADD ("empty", test_empty);
  ADD ("scores", test_scores);
  ADD ("labels", test_labels);
  ADD ("damaged", test_damaged);
  ADD ("save", test_save);
  ADD ("finalisation", test_finalisation);
  ADD ("real", test_real);
  ADD ("resumed", test_resumed);
  ADD ("earlier-run", test_earlier_run);
  return g_test_run ();
}
