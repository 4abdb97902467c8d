/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl is stopped, cancelled, or out of disk: nothing is lost, and what goes on ends with the
 * same bits.
 */
#include "work.h"

#include <unistd.h>

static void
assert_exists (TestProject *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->project, name, NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_error ("%s is missing", path);
}

/* The adapter as it is at the end of a run. Returns: (transfer full). */
static GBytes *
read_adapter (TestProject *self, const char *run)
{
  g_autofree char *folder = g_build_filename (self->project, "runs", run, NULL);

  return test_read_values (folder);
}

static void
assert_same_adapter (TestProject *self, const char *a, const char *b)
{
  g_autoptr (GBytes) left = read_adapter (self, a), right = read_adapter (self, b);

  g_assert_true (g_bytes_equal (left, right));
}

static AttuneRunState
state_of (TestProject *self, const char *run)
{
  g_autofree char *folder = g_build_filename (self->project, "runs", run, NULL);

  return attune_run_get_state (folder);
}

/* In the background: watched, stopped, resumed; the same bits as without the break. */
static void
test_background (TestProject *self, gconstpointer data)
{
  g_autofree char *watched = NULL, *resumed = NULL;

  test_project_prepare (self, "--max-steps 600 --validate-every 100");
  g_free (test_attunectl_good (self, "tune %P"));
  g_free (test_attunectl_good (self, "tune %P --background"));
  g_assert_cmpint (state_of (self, "0002"), ==, ATTUNE_RUN_RUNNING);
  test_attunectl_bad (self, "tune %P --resume", 1, "already works");
  g_free (test_attunectl_good (self, "tune %P --stop"));
  watched = test_attunectl_good (self, "tune %P --follow");
  g_assert_nonnull (strstr (watched, "Stopped after step"));
  g_assert_cmpint (state_of (self, "0002"), ==, ATTUNE_RUN_STOPPED);

  resumed = test_attunectl_good (self, "tune %P --resume");
  g_assert_nonnull (strstr (resumed, "Going on after step"));
  g_assert_cmpint (state_of (self, "0002"), ==, ATTUNE_RUN_FINISHED);
  assert_same_adapter (self, "0001", "0002");
  test_attunectl_bad (self, "tune %P --resume", 1, "is finished");
}

/* Ctrl+C in the terminal. */
static void
test_interrupt (TestProject *self, gconstpointer data)
{
  char *argv[] = { (char *) test_attunectl (), (char *) "tune", self->project, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_build_filename (self->project, "runs", "0001", NULL);
  GPid pid;
  int status;

  test_project_prepare (self, "--max-steps 100000 --validate-every 100000");
  g_assert_true (g_spawn_async (NULL, argv, NULL,
                                G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                                &pid, &error));
  for (int i = 0; i < 500; i++)
    {
      g_autoptr (JsonNode) step = attune_run_find_event (folder, "step");

      if (step != NULL)
        break;
      g_usleep (20000);
    }
  g_assert_cmpint (kill (pid, SIGINT), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_assert_cmpint (state_of (self, "0001"), ==, ATTUNE_RUN_STOPPED);
  assert_exists (self, "runs/0001/checkpoint.h5");
}

/* Told to end while it exports, it takes back what was begun; an export that was there stands. */
static void
test_export_cancelled (TestProject *self, gconstpointer data)
{
  char *argv[]
      = { (char *) test_attunectl (), (char *) "export", self->project, (char *) "--format",
          (char *) "merged",          (char *) "--json", NULL };
  g_autofree char *folder = g_build_filename (self->project, "exports", NULL);
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;
  const char *name;
  char byte;
  GPid pid;
  int status, errors;

  test_project_prepare (self, "--max-steps 4");
  g_free (test_attunectl_good (self, "tune %P"));
  g_free (test_attunectl_good (self, "export %P --format merged"));
  g_assert_true (g_spawn_async_with_pipes (NULL, argv, NULL,
                                           G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
                                           NULL, NULL, &pid, NULL, NULL, &errors, &error));
  g_assert_cmpint (read (errors, &byte, 1), ==, 1); /* it has begun */
  g_assert_cmpint (kill (pid, SIGTERM), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  close (errors);
  g_assert_true (WIFEXITED (status)); /* 1, or 0 where it was done before */
  assert_exists (self, "exports/0001-merged/model.safetensors");
  dir = g_dir_open (folder, 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (strcmp (name, "0001-merged") != 0 && strcmp (name, "0001-merged.json") != 0)
      g_error ("“%s” is left", name);
}

static char *
read_whole (TestProject *self, const char *name, gsize *n)
{
  g_autofree char *path = g_build_filename (self->project, name, NULL);
  char *bytes = NULL;

  g_assert_true (g_file_get_contents (path, &bytes, n, NULL));
  return bytes;
}

/* The disk fills up while a checkpoint is written: said in a sentence, the one before is whole, and
 * the run goes on. */
static void
test_full_disk (TestProject *self, gconstpointer data)
{
  g_autofree char *before = NULL, *after = NULL;
  g_auto (TestRun) full = { 0 };
  gsize n_before, n_after;

  test_project_prepare (self, "--max-steps 20 --validate-every 5 --lora-rank 64");
  g_free (test_attunectl_good (self, "tune %P"));
  g_free (test_attunectl_good (self, "tune %P --background"));
  g_free (test_attunectl_good (self, "tune %P --stop"));
  g_free (test_attunectl_good (self, "tune %P --follow"));
  before = read_whole (self, "runs/0002/checkpoint.h5", &n_before);

  /* Events are shorter than this, a checkpoint longer. */
  g_assert_cmpuint (n_before, >, 1 << 20);
  full = test_attunectl_limited (self, 1 << 20, "tune %P --resume");
  g_assert_cmpint (full.status, ==, 1);
  g_assert_nonnull (strstr (full.err, "checkpoint.h5"));
  g_assert_nonnull (strstr (full.err, g_strerror (EFBIG)));
  g_assert_cmpint (state_of (self, "0002"), ==, ATTUNE_RUN_FAILED);
  after = read_whole (self, "runs/0002/checkpoint.h5", &n_after);
  g_assert_cmpmem (before, n_before, after, n_after);

  g_free (test_attunectl_good (self, "tune %P --resume"));
  g_assert_cmpint (state_of (self, "0002"), ==, ATTUNE_RUN_FINISHED);
  assert_same_adapter (self, "0001", "0002");
}

#define ADD(name, function)                                                                        \
  g_test_add (name, TestProject, NULL, test_project_set_up, function, test_project_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/attunectl/background", test_background);
  ADD ("/attunectl/interrupt", test_interrupt);
  ADD ("/attunectl/export-cancelled", test_export_cancelled);
  ADD ("/attunectl/full-disk", test_full_disk);
  return g_test_run ();
}
