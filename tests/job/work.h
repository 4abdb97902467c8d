/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A worker as a child of the test, which may kill it, and what it leaves behind.
 */
#pragma once
#include "job/run-folder.h"
#include "program.h"
#include "store/store.h"

static inline char *
test_new_run (TestProject *self)
{
  g_autoptr (AttuneProject) project = attune_project_open (self->project, NULL);
  g_autoptr (GError) error = NULL;
  char *folder = attune_project_new_run (project, NULL, &error);

  g_assert_no_error (error);
  return folder;
}

/* The child is the caller's to wait for. */
static inline GPid
test_start_work (const char *folder)
{
  char *argv[] = { (char *) test_attunectl (), (char *) "work", (char *) folder, NULL };
  g_autoptr (GError) error = NULL;
  GPid pid = 0;

  g_spawn_async (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL,
                 NULL, &pid, &error);
  g_assert_no_error (error);
  return pid;
}

/* Returns: (transfer full): the vector @name of @store. */
static inline GBytes *
test_read_vector (AttuneStore *store, const char *name)
{
  AttuneStoreType type;
  gint64 dims[4];
  int n_dims;
  float *values;

  g_assert_true (attune_store_shape (store, name, &type, &n_dims, dims, NULL));
  values = g_new (float, dims[0]);
  g_assert_true (attune_store_get (store, name, ATTUNE_STORE_F32, 0, dims[0], values, NULL));
  return g_bytes_new_take (values, dims[0] * sizeof (float));
}

/* Returns: (transfer full): what a run has learned, as its checkpoint has it. */
static inline GBytes *
test_read_values (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "checkpoint.h5", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = attune_store_open (path, "checkpoint", 1, &error);

  g_assert_no_error (error);
  return test_read_vector (store, "values");
}
