/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * kill -9 at any instant, resume, and the adapter at the end is bit for bit that of a run that was
 * left alone.
 */
#include "core/random.h"
#include "job/run-plan.h"
#include "work.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#define KILLS 20
#define SEED 20 /* of the instants: a failure can be replayed, as far as a kernel lets it */

/* Long enough to be killed many times, with many checkpoints. */
#define PLAN "--max-steps 60 --batch-size 4 --validate-every 20 --checkpoint-every 3 --patience 0"
/* Better weights are found more often than a checkpoint names them. */
#define FULL_PLAN                                                                                  \
  "--method full --learning-rate 1e-3 --max-steps 40 --batch-size 4 --validate-every 2 "           \
  "--checkpoint-every 5 --patience 0"

/* Returns: whether it had ended by itself. */
static gboolean
finish (GPid pid)
{
  int status;

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  if (WIFEXITED (status))
    g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  else
    g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);
  return WIFEXITED (status);
}

static void
read_vector (GByteArray *all, AttuneStore *store, const char *name)
{
  g_autoptr (GBytes) vector = test_read_vector (store, name);

  g_byte_array_append (all, g_bytes_get_data (vector, NULL), g_bytes_get_size (vector));
}

/* Of a full run, the best weights that its checkpoint names; they are the only ones there. */
static void
read_best_weights (GByteArray *all, const char *folder, gint64 step)
{
  g_autofree char *name = g_strdup_printf ("checkpoint-best-%d.h5", (int) step);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = attune_store_open (path, "best-weights", 1, &error);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *other;

  g_assert_no_error (error);
  read_vector (all, store, "values");
  while ((other = g_dir_read_name (dir)) != NULL)
    g_assert_true (!g_str_has_prefix (other, "checkpoint-best-") || g_str_equal (other, name));
}

/* Everything that the run depends on and has learned: all vectors of its checkpoint, and the step.
 */
static GBytes *
read_checkpoint (const char *folder)
{
  static const char *const vectors[] = { "values", "optimizer" };
  g_autofree char *path = g_build_filename (folder, "checkpoint.h5", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = attune_store_open (path, "checkpoint", 1, &error);
  GByteArray *all = g_byte_array_new ();
  gint64 step, best_step;

  g_assert_no_error (error);
  g_assert_true (attune_store_get_int (store, "step", &step, NULL));
  g_assert_true (attune_store_get_int (store, "best-step", &best_step, NULL));
  g_byte_array_append (all, (const guint8 *) &step, sizeof step);
  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    read_vector (all, store, vectors[i]);
  if (attune_store_has (store, "best"))
    read_vector (all, store, "best");
  else
    read_best_weights (all, folder, best_step);
  return g_byte_array_free_to_bytes (all);
}

/* An uninterrupted run. @seconds: (out): how long it took, the start included. */
static GBytes *
run_alone (TestProject *self, double *seconds)
{
  g_autofree char *folder = test_new_run (self);
  const gint64 begun = g_get_monotonic_time ();

  g_assert_true (finish (test_start_work (folder)));
  *seconds = (g_get_monotonic_time () - begun) / 1e6;
  return read_checkpoint (folder);
}

static void
test_any_instant (TestProject *self, gconstpointer data)
{
  g_autoptr (GBytes) alone = NULL;
  g_autofree char *folder = NULL;
  AttuneRandom random;
  double seconds;
  int kills = 0, runs = 1;

  test_project_prepare (self, data);
  alone = run_alone (self, &seconds);
  folder = test_new_run (self);
  attune_random_init (&random, SEED, ATTUNE_RANDOM_TEST, 0);
  while (kills < KILLS)
    {
      const GPid pid = test_start_work (folder);

      /* From before it has begun to some way into the run. */
      g_usleep ((gulong) (attune_random_uniform (&random) * seconds * 0.5 * G_USEC_PER_SEC));
      kill (pid, SIGKILL);
      if (!finish (pid))
        {
          kills++;
          g_assert_cmpint (attune_run_get_state (folder), !=, ATTUNE_RUN_RUNNING);
          continue;
        }
      /* It was done before it could be killed: compare, and begin another. */
      g_assert_cmpint (attune_run_get_state (folder), ==, ATTUNE_RUN_FINISHED);
      {
        g_autoptr (GBytes) killed = read_checkpoint (folder);

        g_assert_true (g_bytes_equal (alone, killed));
      }
      g_free (folder);
      folder = test_new_run (self);
      runs++;
    }
  g_assert_true (finish (test_start_work (folder)));
  g_assert_cmpint (attune_run_get_state (folder), ==, ATTUNE_RUN_FINISHED);
  {
    g_autoptr (GBytes) killed = read_checkpoint (folder);

    g_assert_true (g_bytes_equal (alone, killed));
  }
  g_test_message ("%d kills over %d runs of %.1f s", kills, runs, seconds);
}

/* Stops the worker as soon as it has made a file beside checkpoint.h5. Returns: FALSE where it
 * ended first. */
static gboolean
stop_while_writing (const char *folder, GPid pid, int watch)
{
  for (;;)
    {
      union
      {
        struct inotify_event event;
        char bytes[4096];
      } buffer;
      const gssize n = read (watch, buffer.bytes, sizeof buffer);
      gssize at = 0;

      while (at < n)
        {
          const struct inotify_event *event = (const struct inotify_event *) (buffer.bytes + at);

          if (event->len > 0 && g_str_has_prefix (event->name, "checkpoint.h5.")
              && kill (pid, SIGSTOP) == 0)
            return TRUE;
          at += sizeof *event + event->len;
        }
      if (n < 0 && attune_run_get_state (folder) == ATTUNE_RUN_FINISHED)
        return FALSE;
      if (n < 0)
        g_usleep (100);
    }
}

static gboolean
has_unfinished_checkpoint (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "checkpoint.h5."))
      return TRUE;
  return FALSE;
}

/* Killed between making the new checkpoint and putting it in its place: the one before is there,
 * whole, and used. */
static void
test_while_a_checkpoint_is_written (TestProject *self, gconstpointer data)
{
  g_autoptr (GBytes) alone = NULL, killed = NULL;
  g_autofree char *folder = NULL, *checkpoint = NULL;
  int midway = 0;
  double seconds;

  test_project_prepare (self, PLAN);
  alone = run_alone (self, &seconds);
  folder = test_new_run (self);
  checkpoint = g_build_filename (folder, "checkpoint.h5", NULL);
  for (int i = 0; i < 10; i++)
    {
      const int watch = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
      GPid pid;
      gboolean stopped;

      g_assert_cmpint (inotify_add_watch (watch, folder, IN_CREATE), >=, 0);
      pid = test_start_work (folder);
      stopped = stop_while_writing (folder, pid, watch);
      close (watch);
      if (stopped && has_unfinished_checkpoint (folder))
        {
          midway++;
          if (g_file_test (checkpoint, G_FILE_TEST_EXISTS)) /* not the very first */
            g_bytes_unref (read_checkpoint (folder));
        }
      kill (pid, SIGKILL);
      if (finish (pid))
        break;
    }
  g_test_message ("%d of the kills were in the middle of writing", midway);
  g_assert_cmpint (midway, >, 0);
  g_assert_true (finish (test_start_work (folder)));
  g_assert_false (has_unfinished_checkpoint (folder)); /* what the kills left has been used up */
  killed = read_checkpoint (folder);
  g_assert_true (g_bytes_equal (alone, killed));
}

#define ADD(name, plan, function)                                                                  \
  g_test_add (name, TestProject, plan, test_project_set_up, function, test_project_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/kill/any-instant", PLAN, test_any_instant);
  ADD ("/kill/any-instant/full", FULL_PLAN, test_any_instant);
  ADD ("/kill/while-a-checkpoint-is-written", PLAN, test_while_a_checkpoint_is_written);
  return g_test_run ();
}
