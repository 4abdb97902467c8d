/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Tune page with real runs of the tiny model: started, paused, killed, hung and resumed, left
 * and found again; and with workers that do not do what they should.
 */
#include "page-fixture.h"

#include "charts/chart.h"
#include "session-private.h"
#include "stages/tune/page.h"
#include "stages/tune/runs.h"

#include <glib/gstdio.h>
#include <unistd.h>

/* Long enough to be caught in the middle, also by a window that looks three times a second. */
#if defined(__SANITIZE_ADDRESS__)
#define LONG "40"
#else
#define LONG "150"
#endif
#define PLAN "--validate-every 20 --checkpoint-every 2 --patience 0 --max-steps "

static void
set_up (PageFixture *f, gconstpointer steps)
{
  g_autofree char *plan = g_strconcat (PLAN, steps, " --threads 1", NULL);

  test_project_set_up (&f->files, NULL);
  test_project_prepare (&f->files, plan);
  page_fixture_open (f, ATTUNE_TYPE_TUNE_PAGE);
}

static void
tear_down (PageFixture *f, gconstpointer steps)
{
  page_fixture_close (f);
  test_project_tear_down (&f->files, NULL);
}

/* What can be clicked for @action, or %NULL. */
static GtkWidget *
find_button (GtkWidget *root, const char *action)
{
  if (GTK_IS_ACTIONABLE (root) && gtk_widget_get_mapped (root) && gtk_widget_is_sensitive (root)
      && g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (root)), action) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_button (child, action);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* Returns: whether it could be clicked. */
static gboolean
act (PageFixture *f, const char *action)
{
  return find_button (f->page, action) != NULL
         && gtk_widget_activate_action (f->page, action, NULL);
}

static gboolean
can_start (PageFixture *f)
{
  GtkWidget *label = find_label (f->page, "Start");

  return attune_session_get_estimate (f->session) != NULL && label != NULL
         && gtk_widget_is_sensitive (label);
}

static gboolean
has_steps (PageFixture *f)
{
  return attune_session_get_run_state (f->session) == ATTUNE_RUN_RUNNING
         && attune_session_get_curves (f->session)->steps->len >= 5
         && find_label (f->page, "It learns from") != NULL
         && find_label (f->page, " of " LONG) != NULL; /* and it is shown */
}

#define STATE_FUNC(name, state, text)                                                              \
  static gboolean name (PageFixture *f)                                                            \
  {                                                                                                \
    return attune_session_get_run_state (f->session) == (state)                                    \
           && find_label (f->page, text) != NULL;                                                  \
  }
STATE_FUNC (has_crashed, ATTUNE_RUN_CRASHED, "Resume goes on after step")
STATE_FUNC (has_finished, ATTUNE_RUN_FINISHED, "a perplexity of")
STATE_FUNC (has_paused, ATTUNE_RUN_STOPPED, "Paused after step")
STATE_FUNC (has_not_begun, ATTUNE_RUN_NEW, "Tuning did not begin")
STATE_FUNC (has_failed, ATTUNE_RUN_FAILED, "Tuning could not go on")
STATE_FUNC (is_silent, ATTUNE_RUN_RUNNING, "It does not say anything any more")

static int
get_pid (PageFixture *f)
{
  const AttuneRunNews *news = attune_session_get_news (f->session);

  g_assert_cmpint (news->started.pid, >, 0);
  return news->started.pid;
}

static void
start (PageFixture *f)
{
  test_loop_until (can_start, f);
  g_assert_false (act (f, "tune.resume"));
  g_assert_true (act (f, "tune.start"));
  test_loop_until (has_steps, f);
}

/* --- */

static void
test_nothing_yet (PageFixture *f, gconstpointer steps)
{
  test_loop_until (can_start, f);
  g_assert_nonnull (find_label (f->page, "it goes on by itself"));
  g_assert_null (find_label (f->page, "Earlier Runs"));
}

/* Started by a click, killed, resumed by a click, and done. */
static void
test_killed (PageFixture *f, gconstpointer steps)
{
  start (f);
  g_assert_nonnull (find_label (f->page, "Pause"));
  g_assert_cmpint (kill (get_pid (f), SIGKILL), ==, 0);
  test_loop_until (has_crashed, f);
  g_assert_nonnull (find_label (f->page, "Tuning has stopped unexpectedly"));
  g_assert_nonnull (find_label (f->page, "Resume"));
  g_assert_nonnull (find_label (f->page, "Start Anew"));
  g_assert_true (act (f, "tune.resume"));
  test_loop_until (has_finished, f);
  g_assert_cmpuint (attune_session_get_curves (f->session)->steps->len, ==, atoi (LONG));
  g_assert_null (find_label (f->page, "Tuning has stopped unexpectedly"));
  g_assert_nonnull (find_label (f->page, "Evaluate"));
  g_assert_false (act (f, "tune.resume"));
}

static void
test_paused (PageFixture *f, gconstpointer steps)
{
  start (f);
  g_assert_true (act (f, "stage.cancel"));
  g_assert_true (attune_session_is_pausing (f->session));
  test_loop_until (has_paused, f);
  g_assert_false (attune_session_is_pausing (f->session));
  g_assert_nonnull (find_label (f->page, "Resume"));
  g_assert_true (act (f, "tune.resume"));
  test_loop_until (has_finished, f);
}

/* The window is closed; the run goes on, and another window finds it. */
static void
test_left_and_found (PageFixture *f, gconstpointer steps)
{
  guint before;
  int pid;

  start (f);
  pid = get_pid (f);
  before = attune_session_get_curves (f->session)->steps->len;
  page_fixture_close (f);
  g_assert_cmpint (kill (pid, 0), ==, 0);
  page_fixture_open (f, ATTUNE_TYPE_TUNE_PAGE);
  test_loop_until (has_finished, f);
  g_assert_cmpuint (attune_session_get_curves (f->session)->steps->len, >, before);
}

/* It holds its lock and does nothing, not even stop: it is ended. */
static void
test_hangs (PageFixture *f, gconstpointer steps)
{
  int pid;

  start (f);
  pid = get_pid (f);
  f->session->silence_limit = 0.5;
  f->session->end_seconds = 1;
  g_assert_cmpint (kill (pid, SIGSTOP), ==, 0);
  test_loop_until (is_silent, f);
  g_assert_nonnull (find_label (f->page, "Stop This Run"));
  g_assert_true (act (f, "tune.end"));
  g_assert_true (attune_session_is_ending (f->session));
  test_loop_until (has_crashed, f);
  g_assert_false (attune_session_is_ending (f->session));
  f->session->silence_limit = 0;
  g_assert_true (act (f, "tune.resume"));
  test_loop_until (has_finished, f);
}

static void
append (PageFixture *f, const char *text)
{
  g_autofree char *path
      = g_build_filename (attune_session_get_run (f->session), "events.jsonl", NULL);
  FILE *file = g_fopen (path, "a");

  g_assert_nonnull (file);
  fputs (text, file);
  fclose (file);
}

static void
test_garbage (PageFixture *f, gconstpointer steps)
{
  start (f);
  append (f,
          "rubbish\n{\"event\":\"step\",\"step\":\"x\"}\n{\"event\":\"step\",\"step\":99999999}\n"
          "{\"event\":\"sample\",\"step\":0}\n{\"event\":\"started\"}\n\xff\xfe\n[]\n"
          "{\"event\":\"validation\",\"step\":1,\"loss\":null}\n");
  test_loop_until (has_finished, f);
  g_assert_cmpuint (attune_session_get_curves (f->session)->steps->len, ==, atoi (LONG));
}

/* The message of the engine may hold anything, and is shown as it is. */
static void
test_fails (PageFixture *f, gconstpointer steps)
{
  start (f);
  g_assert_cmpint (kill (get_pid (f), SIGKILL), ==, 0);
  test_loop_until (has_crashed, f);
  append (f, "\n{\"event\":\"failed\",\"text\":\"Step 12 gave a loss that is not a number, while "
             "learning from <b>a & b.csv</b>, line 17\"}\n");
  test_loop_until (has_failed, f);
  g_assert_nonnull (find_label (f->page, "<b>a & b.csv</b>, line 17"));
  g_assert_true (act (f, "tune.resume"));
  test_loop_until (has_finished, f);
}

/* A program that ends at once and says why. */
static void
test_never_starts (PageFixture *f, gconstpointer steps)
{
  g_autofree char *program = g_strdup (g_getenv ("ATTUNECTL")),
                  *broken = g_build_filename (f->files.folder, "broken", NULL);

  test_loop_until (can_start, f);
  g_assert_true (g_file_set_contents_full (broken, "#!/bin/sh\necho no such library >&2\nexit 1\n",
                                           -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
  g_setenv ("ATTUNECTL", broken, TRUE);
  g_assert_true (act (f, "tune.start"));
  test_loop_until (has_not_begun, f);
  g_assert_nonnull (find_label (f->page, "Last Lines of the Log"));
  {
    GtkWidget *view = find_widget (f->page, GTK_TYPE_TEXT_VIEW);
    GtkTextIter start_iter, end_iter;
    g_autofree char *log = NULL;
    GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));

    gtk_text_buffer_get_bounds (buffer, &start_iter, &end_iter);
    log = gtk_text_buffer_get_text (buffer, &start_iter, &end_iter, FALSE);
    g_assert_cmpstr (log, ==, "no such library");
  }
  g_setenv ("ATTUNECTL", program, TRUE);
  g_assert_true (act (f, "tune.resume"));
  test_loop_until (has_finished, f);
}

static gboolean
is_stale (PageFixture *f)
{
  return find_label (f->page, "has changed since") != NULL;
}

static gboolean
lists_run_one (PageFixture *f)
{
  return find_label (f->page, "Earlier Runs") != NULL && find_label (f->page, "Run 1") != NULL;
}

static int
count_series (PageFixture *f)
{
  GtkWidget *chart = find_widget (f->page, ATTUNE_TYPE_CHART);
  AttuneFigure *figure = attune_chart_get_figure (ATTUNE_CHART (chart));

  return ATTUNE_FIGURE_GET_CLASS (figure)->count_series (figure);
}

static gboolean
shows_three (PageFixture *f)
{
  return count_series (f) == 3;
}

/* Another plan: the page says so, and the new run lists the old one with what was different. */
static void
test_earlier_runs (PageFixture *f, gconstpointer steps)
{
  AttunePlan *plan = attune_project_get_plan (f->project);
  GtkWidget *row;

  test_loop_until (can_start, f);
  g_assert_true (act (f, "tune.start"));
  test_loop_until (has_finished, f);
  g_object_set (plan, "lora-rank", 2, NULL);
  test_loop_until (is_stale, f);
  g_assert_nonnull (find_label (f->page, "Evaluate")); /* the old result is there */
  test_loop_until (can_start, f);
  g_assert_true (act (f, "tune.start"));
  test_loop_until (lists_run_one, f);
  g_assert_nonnull (find_label (f->page, "Run 2"));
  g_assert_nonnull (find_label (f->page, "Finished, best loss"));
  g_assert_nonnull (find_label (f->page, "Rank 4"));
  test_loop_until (has_finished, f);

  g_assert_cmpint (count_series (f), ==, 2);
  row = find_widget (f->page, ADW_TYPE_SWITCH_ROW);
  adw_switch_row_set_active (ADW_SWITCH_ROW (row), TRUE);
  test_loop_until (shows_three, f);
  adw_switch_row_set_active (ADW_SWITCH_ROW (row), FALSE);
  g_assert_cmpint (count_series (f), ==, 2);
}

/* A second window looks only. */
static void
test_read_only (PageFixture *f, gconstpointer steps)
{
  PageFixture second = { .files = f->files };

  start (f);
  page_fixture_open (&second, ATTUNE_TYPE_TUNE_PAGE);
  test_loop_until (has_steps, &second);
  g_assert_false (act (&second, "stage.cancel"));
  attune_session_pause_run (second.session);
  g_assert_false (attune_run_has_request (attune_session_get_run (f->session), "stop"));
  test_loop_until (has_finished, &second);
  g_assert_false (act (&second, "tune.start"));
  page_fixture_close (&second);
  test_loop_until (has_finished, f);
}

/* Where nothing can be written, that is what is said, and nothing is half made. */
static void
test_no_room_for_a_run (PageFixture *f, gconstpointer steps)
{
  g_autofree char *runs = g_build_filename (f->files.project, "runs", NULL);

  test_loop_until (can_start, f);
  g_rmdir (runs);
  g_assert_true (g_file_set_contents (runs, "in the way", -1, NULL));
  g_assert_true (act (f, "tune.start"));
  g_assert_nonnull (attune_session_get_error (f->session, ATTUNE_STAGE_TUNE));
  g_assert_cmpint (attune_session_get_run_state (f->session), ==, ATTUNE_RUN_NEW);
}

static gboolean
has_ended_badly (PageFixture *f)
{
  return has_crashed (f) || has_failed (f);
}

/* A limit on the size of the worker's files stands in for a full disk. Once there is room again the
 * run goes on. */
static void
test_full_disk (PageFixture *f, gconstpointer steps)
{
  struct rlimit before, small;

  test_loop_until (can_start, f);
  getrlimit (RLIMIT_FSIZE, &before);
  small = before;
  small.rlim_cur = 40000; /* a checkpoint has no room */
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  g_assert_true (act (f, "tune.start"));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  test_loop_until (has_ended_badly, f);
  g_assert_true (act (f, "tune.resume"));
  test_loop_until (has_finished, f);
}

#define CASE(path, steps, test) g_test_add (path, PageFixture, steps, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  signal (SIGXFSZ, SIG_IGN);
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  CASE ("/tune/nothing-yet", "20", test_nothing_yet);
  CASE ("/tune/killed", LONG, test_killed);
  CASE ("/tune/paused", LONG, test_paused);
  CASE ("/tune/left-and-found", LONG, test_left_and_found);
  CASE ("/tune/hangs", LONG, test_hangs);
  CASE ("/tune/garbage", LONG, test_garbage);
  CASE ("/tune/fails", LONG, test_fails);
  CASE ("/tune/never-starts", "20", test_never_starts);
  CASE ("/tune/earlier-runs", "20", test_earlier_runs);
  CASE ("/tune/read-only", LONG, test_read_only);
  CASE ("/tune/full-disk", LONG, test_full_disk);
  CASE ("/tune/no-room-for-a-run", "20", test_no_room_for_a_run);
  return g_test_run ();
}
