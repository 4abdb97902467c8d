/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs a fuzz target on every file of a folder. Arguments: the folder, then GTest's own.
 */
#include "fuzz.h"

#include <time.h>

/* Of processor time, with the sanitizers; libFuzzer is told 10 s. */
#define LONGEST_S 20.0

static void
replay (gconstpointer path)
{
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  const clock_t start = clock ();
  gsize size;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  {
    g_autofree guint8 *copy = g_memdup2 (data, size); /* no NUL byte after it: reading on is seen */

    LLVMFuzzerTestOneInput (copy, size);
  }
  g_assert_cmpfloat ((double) (clock () - start) / CLOCKS_PER_SEC, <, LONGEST_S);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GDir) dir = argc > 1 ? g_dir_open (argv[1], 0, NULL) : NULL;
  const char *name;
  guint n = 0;

  g_test_init (&argc, &argv, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *title = g_strdup_printf ("/fuzz/%s", name);

      g_test_add_data_func_full (title, g_build_filename (argv[1], name, NULL), replay, g_free);
      n++;
    }
  g_assert_cmpuint (n, >, 0);
  return g_test_run ();
}
