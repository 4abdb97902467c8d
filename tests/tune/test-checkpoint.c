/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch-folder.h"
#include "tune/checkpoint.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#define N 70000

static float vectors[4][N], loaded[4][N];

static AttuneCheckpoint
make_state (float (*v)[N], const char *key)
{
  return (AttuneCheckpoint) { .step = 7,
                              .base_loss = 3.5,
                              .best_loss = 2.25,
                              .best_step = 5,
                              .bad_validations = 1,
                              .seconds = 12.5,
                              .train_loss = 2.5,
                              .tokens = 900,
                              .target_tokens = 300,
                              .count = N,
                              .values = v[0],
                              .first_moment = v[1],
                              .second_moment = v[2],
                              .best = v[3],
                              .key = key };
}

static void
fill (float start)
{
  for (int i = 0; i < 4; i++)
    for (int j = 0; j < N; j++)
      vectors[i][j] = start + i + j * 1e-3f;
}

static void
save (const char *path, float start)
{
  g_autoptr (GError) error = NULL;
  AttuneCheckpoint state = make_state (vectors, "key");

  fill (start);
  attune_checkpoint_save (path, &state, &error);
  g_assert_no_error (error);
}

static void
test_round_trip (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autofree char *path = g_build_filename (folder, "checkpoint.h5", NULL);
  g_autofree char *names = NULL;
  g_autoptr (GError) error = NULL;
  AttuneCheckpoint state = { .count = N,
                             .values = loaded[0],
                             .first_moment = loaded[1],
                             .second_moment = loaded[2],
                             .best = loaded[3],
                             .key = "key" };
  gboolean found = TRUE;

  g_assert_true (attune_checkpoint_load (path, &state, &found, &error));
  g_assert_false (found);
  save (path, 1);
  save (path, 2); /* replaces */
  attune_checkpoint_load (path, &state, &found, &error);
  g_assert_no_error (error);
  g_assert_true (found);
  g_assert_cmpmem (vectors, sizeof vectors, loaded, sizeof loaded);
  g_assert_cmpint (state.step, ==, 7);
  g_assert_cmpint (state.best_step, ==, 5);
  g_assert_cmpint (state.bad_validations, ==, 1);
  g_assert_cmpfloat (state.best_loss, ==, 2.25);
  g_assert_cmpfloat (state.seconds, ==, 12.5);
  names = list_folder (folder);
  g_assert_cmpstr (names, ==, "checkpoint.h5"); /* nothing is left beside it */
}

static void
test_other_run (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autofree char *path = g_build_filename (folder, "checkpoint.h5", NULL);
  g_autoptr (GError) error = NULL;
  AttuneCheckpoint state = make_state (loaded, "another key");
  gboolean found;

  save (path, 1);
  g_assert_false (attune_checkpoint_load (path, &state, &found, &error));
  g_assert_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_CHECKPOINT);
  g_clear_error (&error);
  state.key = "key";
  state.count = N - 1;
  g_assert_false (attune_checkpoint_load (path, &state, &found, &error));
  g_assert_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_CHECKPOINT);
}

/* A byte of the weights flips on the disk: found by the checksum. */
static void
test_damaged (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autofree char *path = g_build_filename (folder, "checkpoint.h5", NULL), *bytes = NULL;
  g_autoptr (GError) error = NULL;
  AttuneCheckpoint state = make_state (loaded, "key");
  gboolean found;
  gsize n;

  save (path, 1);
  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  bytes[n - N * 2] ^= 4; /* the vectors are the end of the file */
  g_assert_true (g_file_set_contents (path, bytes, n, NULL));
  g_assert_false (attune_checkpoint_load (path, &state, &found, &error));
  g_assert_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_CHECKPOINT);
  g_assert_nonnull (strstr (error->message, "damaged"));
}

/* A limit on the size of files stands in for a full disk. */
static void
test_disk_full (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autofree char *path = g_build_filename (folder, "checkpoint.h5", NULL);
  struct rlimit old, limit;

  save (path, 1);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  for (gsize size = 0; size < sizeof vectors; size += 250000)
    {
      g_autoptr (GError) error = NULL, load_error = NULL;
      g_autofree char *names = NULL;
      AttuneCheckpoint state = make_state (vectors, "key"), back = make_state (loaded, "key");
      gboolean saved, found;

      fill (2);
      limit = old;
      limit.rlim_cur = size;
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
      saved = attune_checkpoint_save (path, &state, &error);
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);
      g_assert_false (saved);
      g_assert_nonnull (error);
      g_assert_nonnull (strstr (error->message, "checkpoint.h5"));
      attune_checkpoint_load (path, &back, &found, &load_error);
      g_assert_no_error (load_error);
      g_assert_true (found);
      g_assert_cmpfloat (loaded[0][0], ==, 1); /* the one from before */
      names = list_folder (folder);
      g_assert_cmpstr (names, ==, "checkpoint.h5");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tune/checkpoint/round-trip", test_round_trip);
  g_test_add_func ("/tune/checkpoint/other-run", test_other_run);
  g_test_add_func ("/tune/checkpoint/damaged", test_damaged);
  g_test_add_func ("/tune/checkpoint/disk-full", test_disk_full);
  return g_test_run ();
}
