/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run of 100,000 steps: it is opened and followed without holding the window up. What counts is
 * the time that the main thread itself works in one turn of its loop, so that a busy machine makes
 * no difference.
 */
#include "page-fixture.h"

#include "stages/tune/page.h"

#include <time.h>

#define STEPS 100000
#define TURN_MS 50
#if defined(__SANITIZE_ADDRESS__)
#define SLOWER 5 /* 2 to 3 measured */
#else
#define SLOWER 1
#endif

static double
thread_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void
append_steps (GString *text, int first, int last)
{
  for (int step = first; step <= last; step++)
    {
      g_string_append_printf (
          text,
          "{\"time\":1795575128.5,\"event\":\"step\",\"tokens\":438,\"epoch\":%.6f,\"seconds\":0.8,"
          "\"steps\":%d,\"gradient_norm\":0.041,\"learning_rate\":7.6e-05,\"target_tokens\":122,"
          "\"step\":%d,\"seconds_left\":4.5,\"loss\":%.6f}\n",
          step / 1000.0, 2 * STEPS, step, 3 - 2.0 * step / STEPS);
      if (step % 1000 == 0)
        g_string_append_printf (
            text, "{\"event\":\"validation\",\"step\":%d,\"loss\":%f,\"best\":true}\n", step,
            3.1 - 2.0 * step / STEPS);
    }
}

static AttuneRunLock *
make_run (PageFixture *f, char **folder)
{
  g_autoptr (AttuneProject) project = attune_project_open (f->files.project, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  *folder = attune_project_new_run (project, attune_project_get_plan (project), &error);
  g_assert_no_error (error);
  path = g_build_filename (*folder, "events.jsonl", NULL);
  g_string_append_printf (text, "{\"event\":\"started\",\"records\":60,\"steps\":%d}\n", 2 * STEPS);
  append_steps (text, 1, STEPS);
  g_assert_true (g_file_set_contents (path, text->str, text->len, NULL));
  return attune_run_lock (*folder, &error); /* it runs */
}

/* Turns the loop until @n steps are known. Returns: the longest turn. */
static double
turn_until (PageFixture *f, guint n)
{
  const gint64 end = g_get_monotonic_time () + TEST_PATIENCE_US;
  double longest = 0;

  while (attune_session_get_curves (f->session)->steps->len < n)
    {
      double before;

      if (g_get_monotonic_time () > end)
        g_error ("Only %u steps were read", attune_session_get_curves (f->session)->steps->len);
      before = thread_ms ();
      g_main_context_iteration (NULL, TRUE);
      longest = MAX (longest, thread_ms () - before);
    }
  /* and is shown */
  for (int i = 0; i < 20; i++)
    {
      const double before = thread_ms ();

      g_main_context_iteration (NULL, FALSE);
      longest = MAX (longest, thread_ms () - before);
    }
  return longest;
}

static gboolean
is_running (PageFixture *f)
{
  return attune_session_get_run_state (f->session) == ATTUNE_RUN_RUNNING;
}

static void
test_long_run (void)
{
  PageFixture fixture = { 0 }, *f = &fixture;
  g_autoptr (AttuneRunLock) lock = NULL;
  g_autofree char *folder = NULL, *path = NULL;
  double opening, following = 0, turn;

  test_project_set_up (&f->files, NULL);
  test_project_prepare (&f->files, "--max-steps 10");
  lock = make_run (f, &folder);
  path = g_build_filename (folder, "events.jsonl", NULL);
  page_fixture_open (f, ATTUNE_TYPE_TUNE_PAGE);
  test_loop_until (is_running, f);
  opening = turn_until (f, STEPS);
  for (int i = 0; i < 10; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      FILE *file = fopen (path, "a");

      append_steps (text, STEPS + 1 + 50 * i, STEPS + 50 * (i + 1));
      fputs (text->str, file);
      fclose (file);
      turn = turn_until (f, STEPS + 50 * (i + 1));
      following = MAX (following, turn);
    }
  g_test_message ("longest turn: %.1f ms while opening, %.1f ms while following", opening,
                  following);
  g_assert_cmpfloat (opening, <, TURN_MS * SLOWER);
  g_assert_cmpfloat (following, <, TURN_MS * SLOWER);
  page_fixture_close (f);
  test_project_tear_down (&f->files, NULL);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/tune/long-run", test_long_run);
  return g_test_run ();
}
