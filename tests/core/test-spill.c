/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tables in memory and in a file: what is written stays, and what is held of it is bounded.
 */
#include "core/spill.h"

#include <string.h>
#include <unistd.h>

#define N (24u << 20) /* numbers: 96 MiB */

/* Of the process, in bytes. */
static guint64
held (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  fields = g_strsplit (text, " ", 3);
  return g_ascii_strtoull (fields[1], NULL, 10) * sysconf (_SC_PAGESIZE);
}

static void
test_values (gconstpointer in_memory)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSpill) spill = attune_spill_new (g_get_tmp_dir (), GPOINTER_TO_UINT (in_memory));
  guint32 *tables[3];

  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    {
      tables[t] = attune_spill_take (spill, 50000 * sizeof (guint32), &error);
      g_assert_no_error (error);
    }
  for (guint i = 0; i < 50000; i++)
    for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
      {
        g_assert_cmpuint (tables[t][i], ==, 0);
        tables[t][i] = i * 3 + t;
        attune_spill_touched (spill, 2);
      }
  for (guint i = 0; i < 50000; i++)
    for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
      g_assert_cmpuint (tables[t][i], ==, i * 3 + t);
}

static void
test_bounded (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSpill) spill = attune_spill_new (g_get_tmp_dir (), 0);
  const guint64 before = held ();
  guint64 most = 0;
  guint32 *table;

  for (guint t = 0; t < 3; t++)
    {
      table = attune_spill_take (spill, (guint64) N * sizeof *table, &error);
      g_assert_no_error (error);
      for (guint i = 0; i < N; i += 1024) /* a page each */
        {
          table[i] = i;
          attune_spill_touched (spill, 1);
          if (i % (1 << 20) == 0)
            most = MAX (most, held ());
        }
    }
  g_test_message ("%" G_GUINT64_FORMAT " MiB of 288", (most - before) >> 20);
  g_assert_cmpuint (most - before, <, 160 << 20);
}

static void
test_no_folder (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSpill) spill = attune_spill_new ("/no such folder", 1 << 20);

  g_assert_nonnull (attune_spill_take (spill, 1 << 20, &error)); /* in memory there is room */
  g_assert_null (attune_spill_take (spill, 1, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, "/no such folder"));
  g_assert_nonnull (strstr (error->message, "Could not make a file")); /* there may be room */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/spill/memory", GUINT_TO_POINTER (1 << 30), test_values);
  g_test_add_data_func ("/spill/file", GUINT_TO_POINTER (0), test_values);
  g_test_add_data_func ("/spill/both", GUINT_TO_POINTER (300000), test_values);
  g_test_add_func ("/spill/bounded", test_bounded);
  g_test_add_func ("/spill/no-folder", test_no_folder);
  return g_test_run ();
}
