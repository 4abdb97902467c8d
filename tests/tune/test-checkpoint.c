/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch-folder.h"
#include "tune/checkpoint-private.h"

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
                              .best = v[1],
                              .state_count = 2 * N,
                              .state = v[2],
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
                             .best = loaded[1],
                             .state_count = 2 * N,
                             .state = loaded[2],
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

/* A file of before: both moments by themselves, the checksum over all in the order of that time. */
static void
test_older (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autofree char *path = g_build_filename (folder, "checkpoint.h5", NULL);
  static const char *const names[] = { "values", "first-moment", "second-moment", "best" };
  static const char *const ints[]
      = { "step", "best-step", "bad-validations", "tokens", "target-tokens" };
  static const char *const doubles[] = { "base-loss", "best-loss", "train-loss", "seconds" };
  AttuneCheckpoint state = { .count = N,
                             .values = loaded[0],
                             .best = loaded[3],
                             .state_count = 2 * N,
                             .state = loaded[1],
                             .key = "key" };
  guint64 sum = ATTUNE_CHECKPOINT_SUM;
  g_autoptr (GError) error = NULL;
  const gint64 n = N;
  AttuneStore *store;
  gboolean found;

  fill (5);
  store = attune_store_create (path, "checkpoint", 1, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (ints); i++)
    g_assert_true (attune_store_set_int (store, ints[i], 7, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (doubles); i++)
    g_assert_true (attune_store_set_double (store, doubles[i], 2.5, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      sum = attune_checkpoint_sum (sum, vectors[i], N);
      g_assert_true (attune_store_put (store, names[i], ATTUNE_STORE_F32, 1, &n, vectors[i], NULL));
    }
  g_assert_true (attune_store_set_int (store, "checksum", (gint64) sum, NULL));
  g_assert_true (attune_store_set_string (store, "key", "key", NULL));
  g_assert_true (attune_store_commit (store, NULL));
  attune_store_close (store);

  memset (loaded, 0, sizeof loaded);
  attune_checkpoint_load (path, &state, &found, &error);
  g_assert_no_error (error);
  g_assert_true (found);
  g_assert_cmpmem (vectors, sizeof vectors, loaded, sizeof loaded);
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

/* Where an adapter began is kept beside the rest, and checked by itself; older files do not say. */
static void
test_starts (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autofree char *path = g_build_filename (folder, "checkpoint.h5", NULL), *bytes = NULL;
  g_autofree float *starts = NULL;
  AttuneCheckpoint state = make_state (vectors, "key"), back = make_state (loaded, "key");
  g_autoptr (GError) error = NULL;
  gboolean found;
  char *place;
  gsize n;

  save (path, 1);
  g_assert_null (attune_checkpoint_read_starts (path, N, &error));
  g_assert_no_error (error);
  state.starts = vectors[3];
  state.starts_count = N;
  attune_checkpoint_save (path, &state, &error);
  g_assert_no_error (error);
  starts = attune_checkpoint_read_starts (path, N, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (starts, sizeof vectors[3], vectors[3], sizeof vectors[3]);
  g_assert_null (attune_checkpoint_read_starts (path, N - 1, &error));
  g_assert_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_CHECKPOINT);
  g_clear_error (&error);

  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  /* the optimizer's state ends with the same values: the last of them in the file are the starts */
  place = bytes;
  for (char *at = bytes; (at = memmem (at, bytes + n - at, vectors[3], 4000)) != NULL; at++)
    place = at;
  g_assert_true (place != bytes);
  place[400] ^= 4;
  g_assert_true (g_file_set_contents (path, bytes, n, NULL));
  g_assert_null (attune_checkpoint_read_starts (path, N, &error));
  g_assert_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_CHECKPOINT);
  g_clear_error (&error);
  attune_checkpoint_load (path, &back, &found, &error); /* the rest is as it was */
  g_assert_no_error (error);
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
  g_test_add_func ("/tune/checkpoint/older", test_older);
  g_test_add_func ("/tune/checkpoint/other-run", test_other_run);
  g_test_add_func ("/tune/checkpoint/damaged", test_damaged);
  g_test_add_func ("/tune/checkpoint/starts", test_starts);
  g_test_add_func ("/tune/checkpoint/disk-full", test_disk_full);
  return g_test_run ();
}
