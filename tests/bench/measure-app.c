/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the window costs, against what it may cost. Each figure comes from a process of its own, so
 * that none begins with what another has warmed up; tests/bench/app gives it a display.
 *
 * Prints a line per figure: name, ours and the budget, ratio, goal, ok or short; and the histogram
 * of how late the main loop was, on standard error. Arguments: parts that a name must contain.
 */
#include "window.h"

#include "app/data/many-records.h"
#include "program.h"
#include "stages/data/record-browser.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define GOAL 1.0
#define STARTS 7
#define FIRST_WINDOW_MS 500.0
#define IDLE_MB 150.0
#define LONGEST_BLOCK_MS 50.0
#define MILLION_RECORDS_MS 1000.0
#define MILLION 1000000
#define LOOK_MS 5    /* how often the main loop is asked whether it is there */
#define SCENE_MS 500 /* a page of the scripted session */
#define SCENES 24
#define PAUSE_SCENE 22 /* somebody presses the button */
#define RUN_SCENE 1    /* from here on a run uses every core; before it the window opens */
#define TOLD_MS 25.0   /* with ATTUNE_BENCH_TELL set: what came later, and on which page */

typedef struct
{
  AttuneApplication *application;
  AttuneWindow *window;
  const char *project; /* (nullable) */
  gint64 begun_us;     /* when the parent started this process */
  GArray *late_ms;     /* double */
  gint64 looked_us;
  struct rusage usage; /* of this thread, when it last looked */
  int scene;
  AttuneRecordBrowser *browser; /* (nullable): until there is something to browse */
} Child;

static gboolean
say (const char *name, double ours, double budget)
{
  const double ratio = budget / ours;

  printf ("%s\t%.1f\t%.1f\t%.2f\t%.2f\t%s\n", name, ours, budget, ratio, GOAL,
          ratio >= GOAL ? "ok" : "short");
  fflush (stdout);
  return ratio >= GOAL;
}

/* --- in the child */

static void
finish (Child *self)
{
  attune_window_show_stage (self->window, ATTUNE_STAGE_DATA);
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_application_quit (G_APPLICATION (self->application));
}

static void
on_first_frame (GdkFrameClock *clock, Child *self)
{
  printf ("%.3f\n", (g_get_monotonic_time () - self->begun_us) / 1e3);
  fflush (stdout);
  _exit (0);
}

static gboolean
tell_memory (gpointer data)
{
  g_autofree char *status = NULL;
  const char *line;

  g_file_get_contents ("/proc/self/status", &status, NULL, NULL);
  line = status != NULL ? strstr (status, "VmRSS:") : NULL;
  printf ("%.3f\n",
          line != NULL ? g_ascii_strtod (line + strlen ("VmRSS:"), NULL) * 1024 / 1e6 : NAN);
  finish (data);
  return G_SOURCE_REMOVE;
}

/* The processor's time that this thread has had, or of it the kernel's: what is more of a block it
 * waited for others. */
static gint64
get_worked_us (const struct rusage *usage, gboolean kernel)
{
  const gint64 user = usage->ru_utime.tv_sec * G_USEC_PER_SEC + usage->ru_utime.tv_usec,
               system = usage->ru_stime.tv_sec * G_USEC_PER_SEC + usage->ru_stime.tv_usec;

  return kernel ? system : user + system;
}

static void
tell_block (const Child *self, const struct rusage *now, double late)
{
  fprintf (stderr,
           "  scene %d (%s): %.1f ms, of which it worked %.1f ms, %.1f ms in the kernel; %ld pages "
           "from disk\n",
           self->scene,
           attune_stage_get_title ((self->scene + ATTUNE_N_STAGES - 1) % ATTUNE_N_STAGES), late,
           (get_worked_us (now, FALSE) - get_worked_us (&self->usage, FALSE)) / 1e3,
           (get_worked_us (now, TRUE) - get_worked_us (&self->usage, TRUE)) / 1e3,
           now->ru_majflt - self->usage.ru_majflt);
}

/* It asks for every LOOK_MS; what it comes later by is what the main loop was blocked. */
static gboolean
look (gpointer data)
{
  Child *self = data;
  const gint64 now = g_get_monotonic_time ();
  const double late = (now - self->looked_us) / 1e3 - LOOK_MS;
  struct rusage usage;

  getrusage (RUSAGE_THREAD, &usage);

  if (self->looked_us != 0 && self->scene >= RUN_SCENE)
    g_array_append_val (self->late_ms, late);
  if (self->looked_us != 0 && late > TOLD_MS && g_getenv ("ATTUNE_BENCH_TELL") != NULL)
    tell_block (self, &usage, late);
  self->looked_us = now;
  self->usage = usage;
  return G_SOURCE_CONTINUE;
}

static gboolean
next_scene (gpointer data)
{
  Child *self = data;

  if (self->scene == SCENES)
    {
      for (guint i = 0; i < self->late_ms->len; i++)
        printf ("%.3f\n", g_array_index (self->late_ms, double, i));
      finish (self);
      return G_SOURCE_REMOVE;
    }
  if (self->scene == RUN_SCENE)
    attune_session_start_run (attune_window_get_session (self->window));
  if (self->scene == PAUSE_SCENE)
    attune_session_pause_run (attune_window_get_session (self->window));
  attune_window_show_stage (self->window, self->scene++ % ATTUNE_N_STAGES);
  return G_SOURCE_CONTINUE;
}

/* --- a million records */

/* From pressing the button to the first rows on the screen. */
static void
on_browser_frame (GdkFrameClock *clock, Child *self)
{
  AttuneRecordList *list
      = self->browser != NULL ? attune_record_browser_get_list (self->browser) : NULL;
  g_autoptr (AttuneRecordItem) first = NULL;

  if (list == NULL || g_list_model_get_n_items (G_LIST_MODEL (list)) != MILLION)
    return;
  first = g_list_model_get_item (G_LIST_MODEL (list), 0);
  if (attune_record_item_get_view (first) == NULL)
    return;
  printf ("%.3f\n", (g_get_monotonic_time () - self->begun_us) / 1e3);
  fflush (stdout);
  _exit (0);
}

static void
open_browser (Child *self)
{
  AttuneSession *session = attune_window_get_session (self->window);

  if (self->browser != NULL || attune_session_get_data (session) == NULL)
    return;
  self->begun_us = g_get_monotonic_time ();
  self->browser = attune_record_browser_new (session);
  adw_dialog_present (ADW_DIALOG (self->browser), GTK_WIDGET (self->window));
}

static void
activate (Child *self, const char *what)
{
  self->window = attune_window_new (self->application);
  if (self->project != NULL)
    attune_window_open (self->window, self->project);
  gtk_window_present (GTK_WINDOW (self->window));
  if (strcmp (what, "first-window") == 0)
    g_signal_connect (
        gdk_surface_get_frame_clock (gtk_native_get_surface (GTK_NATIVE (self->window))),
        "after-paint", G_CALLBACK (on_first_frame), self);
  else if (strcmp (what, "million-records") == 0)
    {
      g_signal_connect_swapped (attune_window_get_session (self->window), "changed",
                                G_CALLBACK (open_browser), self);
      g_signal_connect (
          gdk_surface_get_frame_clock (gtk_native_get_surface (GTK_NATIVE (self->window))),
          "after-paint", G_CALLBACK (on_browser_frame), self);
    }
  else if (strcmp (what, "idle-memory") == 0)
    g_timeout_add_seconds (3, tell_memory, self);
  else
    {
      self->late_ms = g_array_new (FALSE, FALSE, sizeof (double));
      g_timeout_add_full (G_PRIORITY_HIGH, LOOK_MS, look, self, NULL);
      g_timeout_add (SCENE_MS, next_scene, self);
    }
}

static int
run_child (const char *what, const char *begun, const char *project)
{
  Child self = { .project = project, .begun_us = g_ascii_strtoll (begun, NULL, 10) };

  self.application = attune_application_new ();
  g_application_set_flags (G_APPLICATION (self.application),
                           G_APPLICATION_NON_UNIQUE | G_APPLICATION_HANDLES_OPEN);
  if (!g_application_register (G_APPLICATION (self.application), NULL, NULL))
    return 1;
  activate (&self, what);
  g_application_hold (G_APPLICATION (self.application));
  return g_application_run (G_APPLICATION (self.application), 0, NULL);
}

/* --- in the parent */

/* Returns: (transfer full): the numbers that a child prints. */
static GArray *
ask (const char *what, const char *project)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL), *out = NULL;
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, g_get_monotonic_time ());
  const char *const argv[] = { self, "--child", what, now, project, NULL };
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (double));
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, NULL,
                     &error))
    g_error ("%s", error->message);
  lines = g_strsplit (out, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\0')
      {
        const double number = g_ascii_strtod (lines[i], NULL);

        g_array_append_val (numbers, number);
      }
  if (numbers->len == 0)
    g_error ("%s has told nothing", what);
  return numbers;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
first_window (const char *project)
{
  double ms[STARTS];

  for (int i = -1; i < STARTS; i++) /* the first one warms the caches */
    {
      g_autoptr (GArray) told = ask ("first-window", project);

      if (i >= 0)
        ms[i] = g_array_index (told, double, 0);
    }
  qsort (ms, STARTS, sizeof *ms, compare_doubles);
  return ms[STARTS / 2];
}

/* Its data is made here: preparing a million rows would take a minute. */
static double
million_records (void)
{
  const char *project = g_getenv ("ATTUNE_BENCH_MILLION");
  g_autofree char *path = NULL;
  double ms[STARTS];

  if (project == NULL)
    g_error ("ATTUNE_BENCH_MILLION must name a project; ./dev bench app sets it");
  path = g_build_filename (project, "dataset.h5", NULL);
  write_many_records (path, MILLION, TRUE);
  for (int i = -1; i < STARTS; i++) /* the first one warms the caches */
    {
      g_autoptr (GArray) told = ask ("million-records", project);

      if (i >= 0)
        ms[i] = g_array_index (told, double, 0);
    }
  qsort (ms, STARTS, sizeof *ms, compare_doubles);
  return ms[STARTS / 2];
}

static double
longest_block (const char *project)
{
  static const double bounds[] = { 1, 2, 5, 10, 16, 25, 50, 100, INFINITY };
  g_autoptr (GArray) late = ask ("main-loop", project);
  guint counts[G_N_ELEMENTS (bounds)] = { 0 };
  double longest = 0;

  for (guint i = 0; i < late->len; i++)
    {
      const double ms = g_array_index (late, double, i);

      longest = MAX (longest, ms);
      for (guint k = 0; k < G_N_ELEMENTS (bounds); k++)
        if (ms < bounds[k])
          {
            counts[k]++;
            break;
          }
    }
  fprintf (stderr, "How late the main loop was while a run used every core, in ms:\n");
  for (guint k = 0; k < G_N_ELEMENTS (bounds); k++)
    fprintf (stderr, "  below %5.0f  %6u\n", bounds[k], counts[k]);
  return longest;
}

static gboolean
is_wanted (const char *name, char **parts)
{
  for (; *parts != NULL; parts++)
    if (strstr (name, *parts) == NULL)
      return FALSE;
  return TRUE;
}

int
main (int argc, char **argv)
{
  const char *project = g_getenv ("ATTUNE_BENCH_PROJECT");
  gboolean all = TRUE;

  if (argc >= 4 && strcmp (argv[1], "--child") == 0)
    return run_child (argv[2], argv[3], argv[4]);
  if (project == NULL)
    g_error ("ATTUNE_BENCH_PROJECT must name a project; ./dev bench app sets it");
  if (is_wanted ("first-window-ms", argv + 1))
    all = say ("first-window-ms", first_window (NULL), FIRST_WINDOW_MS) && all;
  if (is_wanted ("first-project-ms", argv + 1))
    all = say ("first-project-ms", first_window (project), FIRST_WINDOW_MS) && all;
  if (is_wanted ("idle-memory-mb", argv + 1))
    {
      g_autoptr (GArray) told = ask ("idle-memory", project);

      all = say ("idle-memory-mb", g_array_index (told, double, 0), IDLE_MB) && all;
    }
  if (is_wanted ("million-records-ms", argv + 1))
    all = say ("million-records-ms", million_records (), MILLION_RECORDS_MS) && all;
  if (is_wanted ("longest-block-ms", argv + 1))
    all = say ("longest-block-ms", longest_block (project), LONGEST_BLOCK_MS) && all;
  return all ? 0 : 1;
}
