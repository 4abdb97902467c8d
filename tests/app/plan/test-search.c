/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The search for good settings as a person does it: choose what to try, start, stop, resume, and
 * take the best into the plan; and the row of one setting.
 */
#include "page-fixture.h"

#include "charts/chart.h"
#include "core/settings.h"
#include "plan/search-space.h"
#include "stages/plan/page.h"
#include "stages/plan/search-dialog.h"
#include "stages/plan/search-row.h"
#include "stages/plan/search-trials.h"
#include "stages/plan/search-words.h"

/* --- one setting */

static void
count_change (gpointer row, int *n)
{
  (*n)++;
}

static GtkWidget *
find_entry (GtkWidget *row, const char *title)
{
  if (ADW_IS_ENTRY_ROW (row)
      && g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), title))
    return row;
  for (GtkWidget *child = gtk_widget_get_first_child (row); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_entry (child, title);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
assert_word (gpointer row, const char *word)
{
  g_autofree char *found = attune_search_row_get_word (row);

  g_assert_cmpstr (found, ==, word);
}

static const char *
get_subtitle (gpointer row)
{
  return adw_expander_row_get_subtitle (row);
}

static void
test_range_row (void)
{
  GtkWidget *row = g_object_ref_sink (attune_search_row_new ("epochs=1..4:linear", "2")),
            *low = find_entry (row, "Lowest");
  int n = 0;

  g_signal_connect (row, "changed", G_CALLBACK (count_change), &n);
  g_assert_cmpstr (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), ==, "Passes");
  assert_word (row, NULL);
  g_assert_cmpstr (get_subtitle (row), ==, "Stays at 2");
  attune_search_row_set_varied (ATTUNE_SEARCH_ROW (row), TRUE);
  assert_word (row, "epochs=1..4:linear");
  g_assert_cmpstr (get_subtitle (row), ==, "From 1 to 4");
  g_assert_cmpint (n, ==, 1);
  gtk_editable_set_text (GTK_EDITABLE (low), "1,5"); /* as many write it */
  assert_word (row, "epochs=1.5..4:linear");
  g_assert_false (gtk_widget_has_css_class (low, "error"));
  gtk_editable_set_text (GTK_EDITABLE (low), "five");
  g_assert_true (gtk_widget_has_css_class (low, "error"));
  g_assert_nonnull (strstr (get_subtitle (row), "Two numbers"));
  gtk_editable_set_text (GTK_EDITABLE (low), "1");
  g_assert_false (gtk_widget_has_css_class (low, "error"));
  g_object_unref (row);
}

static void
test_choice_row (void)
{
  GtkWidget *row = g_object_ref_sink (attune_search_row_new ("schedule=all", "cosine"));
  GtkWidget *check = find_widget (row, GTK_TYPE_CHECK_BUTTON);

  g_assert_cmpstr (get_subtitle (row), ==, "Stays at Cosine");
  attune_search_row_set_varied (ATTUNE_SEARCH_ROW (row), TRUE);
  assert_word (row, "schedule=cosine,linear,constant,restarts");
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), FALSE);
  assert_word (row, "schedule=linear,constant,restarts");
  g_assert_cmpstr (get_subtitle (row), ==, "Linear, Constant, Cosine, Begun Again");
  g_object_unref (row);
}

/* --- the dialog */

static void
set_up (PageFixture *f, gconstpointer data)
{
  test_project_set_up (&f->files, NULL);
  g_free (test_attunectl_good (&f->files, "new %P --model %M"));
  g_free (test_attunectl_good (&f->files, "import %P %T"));
  g_free (test_attunectl_good (&f->files, "prepare %P"));
  g_free (test_attunectl_good (&f->files, data));
  page_fixture_open (f, ATTUNE_TYPE_PLAN_PAGE);
}

static void
tear_down (PageFixture *f, gconstpointer data)
{
  page_fixture_close (f);
  test_project_tear_down (&f->files, NULL);
}

static gboolean
has_estimate (PageFixture *f)
{
  return attune_session_get_estimate (f->session) != NULL;
}

static gboolean
is_seen (GtkWidget *dialog)
{
  return find_label (dialog, "What to Try") != NULL || find_label (dialog, "Loss") != NULL;
}

static GtkWidget *
open_dialog (PageFixture *f)
{
  GtkWidget *dialog;

  test_loop_until (has_estimate, f);
  gtk_widget_activate_action (f->page, "plan.search", NULL);
  dialog = GTK_WIDGET (adw_window_get_visible_dialog (ADW_WINDOW (f->window)));
  g_assert_true (ATTUNE_IS_SEARCH_DIALOG (dialog));
  test_loop_until (is_seen, dialog);
  return dialog;
}

static void
set_trials (GtkWidget *dialog, double n)
{
  adw_spin_row_set_value (ADW_SPIN_ROW (find_widget (dialog, ADW_TYPE_SPIN_ROW)), n);
}

static gboolean
is_state (PageFixture *f, AttuneRunState state)
{
  const AttuneSearch *search = attune_session_get_search (f->session);

  return search != NULL && attune_session_get_search_state (f->session) == state
         && (state == ATTUNE_RUN_RUNNING || search->trials->len > 0);
}

static gboolean
is_learning (PageFixture *f)
{
  return is_state (f, ATTUNE_RUN_RUNNING)
         && attune_session_get_run_state (f->session) == ATTUNE_RUN_RUNNING
         && attune_session_get_news (f->session)->step.there;
}

static gboolean
is_stopped (PageFixture *f)
{
  return is_state (f, ATTUNE_RUN_STOPPED);
}

static gboolean
is_finished (PageFixture *f)
{
  return is_state (f, ATTUNE_RUN_FINISHED);
}

/* Whether there is a button that says @label, to be seen and clicked. */
static gboolean
offers (GtkWidget *root, const char *label)
{
  if (GTK_IS_BUTTON (root) && gtk_widget_get_mapped (root)
      && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (root)), label) == 0)
    return gtk_widget_is_sensitive (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (offers (child, label))
      return TRUE;
  return FALSE;
}

/* What the dialog is told comes when the main loop is idle. */
static gboolean
tells_stop (GtkWidget *dialog)
{
  return find_label (dialog, "of 3 trials are done") != NULL && offers (dialog, "_Resume");
}

static gboolean
tells_end (GtkWidget *dialog)
{
  return find_label (dialog, "The Search Is Done") != NULL;
}

typedef struct
{
  GtkWidget *root;
  const char *text;
} Wanted;

static gboolean
is_there (Wanted *wanted)
{
  return find_label (wanted->root, wanted->text) != NULL;
}

static void
test_search (PageFixture *f, gconstpointer data)
{
  AttunePlan *plan = attune_project_get_plan (f->project);
  GtkWidget *dialog = open_dialog (f);
  const AttuneSearch *search;
  g_autofree char *rate = NULL, *taken = NULL, *run = NULL, *said = NULL;
  int best;

  g_assert_nonnull (find_label (dialog, "What to Try"));
  g_assert_nonnull (find_label (dialog, "From 0.00005 to 0.005"));
  g_assert_nonnull (find_label (dialog, "of disk, with settings as they are"));
  g_assert_true (offers (dialog, "_Start the Search"));
  set_trials (dialog, 3);
  gtk_widget_activate_action (dialog, "search.start", NULL);
  g_assert_cmpint (attune_session_get_search_state (f->session), ==, ATTUNE_RUN_RUNNING);

  test_loop_until (is_learning, f);
  g_assert_true (offers (dialog, "_Stop"));
  g_assert_false (offers (dialog, "_Resume"));
  /* nobody else tunes meanwhile */
  run = g_strdup (attune_session_get_run (f->session));
  attune_session_start_run (f->session);
  g_assert_cmpstr (attune_session_get_run (f->session), ==, run);
  gtk_widget_activate_action (dialog, "search.stop", NULL);
  test_loop_until (is_stopped, f);
  test_loop_until (tells_stop, dialog);
  g_assert_false (offers (dialog, "_Stop"));
  gtk_widget_activate_action (dialog, "search.resume", NULL);
  test_loop_until (is_finished, f);
  test_loop_until (tells_end, dialog);

  search = attune_session_get_search (f->session);
  g_assert_cmpuint (search->trials->len, ==, 3);
  best = attune_search_find_best (search);
  g_assert_nonnull (find_label (dialog, "3 trials were made"));
  g_assert_nonnull (find_label (dialog, "Lower is better"));
  g_assert_false (attune_figure_is_empty (
      attune_chart_get_figure (ATTUNE_CHART (find_widget (dialog, ATTUNE_TYPE_CHART)))));
  rate = g_strdup (((AttuneSearchTrial *) search->trials->pdata[best])->texts[0]);
  said = attune_search_say_value ("learning-rate", rate);
  test_loop_until (is_there, (&(Wanted) { dialog, said }));
  gtk_widget_activate_action (dialog, "search.take", NULL);
  taken = attune_settings_get_text (G_OBJECT (plan), "learning-rate");
  g_assert_cmpfloat (g_ascii_strtod (taken, NULL), ==, g_ascii_strtod (rate, NULL));
  g_assert_cmpint (attune_plan_get_values (plan)->max_steps, ==, 20);
  test_loop_until (is_there, (&(Wanted) { f->page, "is the best so far" }));
}

/* The best one comes first, whatever the order of the trials. */
static void
test_table (PageFixture *f, gconstpointer data)
{
  GtkWidget *dialog, *view;
  GListModel *rows;
  double before = -INFINITY;

  g_free (test_attunectl_good (
      &f->files, "search %P --vary learning-rate=1e-9,1e-3,1e-2 --vary lora-rank=500,4 "
                 "--strategy grid"));
  test_loop_until (is_finished, f);
  dialog = open_dialog (f);
  view = find_widget (dialog, GTK_TYPE_COLUMN_VIEW);
  g_assert_cmpuint (g_list_model_get_n_items (gtk_column_view_get_columns (GTK_COLUMN_VIEW (view))),
                    ==, 5);
  rows = G_LIST_MODEL (gtk_column_view_get_model (GTK_COLUMN_VIEW (view)));
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 6);
  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (GtkStringList) cells = g_list_model_get_item (rows, i);
      const char *outcome = gtk_string_list_get_string (cells, 1);
      const double loss = g_ascii_strtod (gtk_string_list_get_string (cells, 2), NULL);

      g_assert_cmpstr (outcome, ==, i == 0 ? "Best" : i < 3 ? "Done" : "Not possible");
      g_assert_cmpstr (gtk_string_list_get_string (cells, 4), ==, i < 3 ? "4" : "500");
      if (i < 3)
        g_assert_cmpfloat (loss, >, before);
      before = loss;
    }
}

/* What cannot begin says why, beside the button. */
static void
test_obstacles (PageFixture *f, gconstpointer data)
{
  GtkWidget *dialog = open_dialog (f), *row = find_widget (dialog, ATTUNE_TYPE_SEARCH_ROW), *group;

  group = gtk_widget_get_parent (row);
  for (GtkWidget *child = gtk_widget_get_first_child (group); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    attune_search_row_set_varied (ATTUNE_SEARCH_ROW (child), FALSE);
  g_assert_nonnull (find_label (dialog, "Switch on a setting"));
  g_assert_false (offers (dialog, "_Start the Search"));
  attune_search_row_set_varied (ATTUNE_SEARCH_ROW (row), TRUE);
  g_assert_true (offers (dialog, "_Start the Search"));
  gtk_editable_set_text (GTK_EDITABLE (find_entry (row, "Highest")), "-1");
  g_assert_nonnull (find_label (dialog, "cannot be tried"));
  g_assert_false (offers (dialog, "_Start the Search"));
  adw_dialog_force_close (ADW_DIALOG (dialog));
}

#define CASE(path, data, test) g_test_add (path, PageFixture, data, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/plan-search/range-row", test_range_row);
  g_test_add_func ("/plan-search/choice-row", test_choice_row);
  CASE ("/plan-search/search", "plan %P --max-steps 20 --samples 0 --lora-rank 2", test_search);
  CASE ("/plan-search/table", "plan %P --max-steps 2 --samples 0", test_table);
  CASE ("/plan-search/obstacles", "plan %P --max-steps 2", test_obstacles);
  return g_test_run ();
}
