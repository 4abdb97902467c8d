/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which adapter of a run is used: it tells whether what was made with one is still true.
 */
#include "job/run-folder.h"

#include "store/store.h"

gint64
attune_run_read_step (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "checkpoint.h5", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = NULL;
  gint64 step = -1;

  g_return_val_if_fail (folder != NULL, -1);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return -1;
  /* kind and version are those of tune/checkpoint.c */
  if ((store = attune_store_open (path, "checkpoint", 1, &error)) == NULL
      || !attune_store_get_int (store, "best-step", &step, &error))
    {
      g_debug ("%s", error->message);
      return -1;
    }
  return step;
}
