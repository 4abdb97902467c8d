/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of keys against GLib's, also where it has to grow and where keys lie side by side.
 */
#include "data/key-table.h"

#define N 20000

static void
test_like_glib (gconstpointer data)
{
  g_autoptr (AttuneKeyTable) keys = attune_key_table_new (GPOINTER_TO_UINT (data), NULL, NULL);
  g_autoptr (GHashTable) expected
      = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  guint64 n_both = 0;
  GHashTableIter iter;
  gpointer value;

  for (guint i = 0; i < N; i++)
    {
      /* half of them in one place, and many twice; the lowest three bits do not count */
      const guint64 high = g_rand_boolean (rand) ? g_rand_int (rand) : G_MAXUINT32;
      const guint64 key = high << 32 | (guint64) g_rand_int_range (rand, 0, 3000) << 3;
      const guint bits = 1u << g_rand_int_range (rand, 0, 3);
      const guint found = GPOINTER_TO_UINT (g_hash_table_lookup (expected, &key));

      g_assert_cmpuint (attune_key_table_get (keys, key), ==, found);
      attune_key_table_set (keys, key, found | bits);
      g_hash_table_insert (expected, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (found | bits));
    }
  g_hash_table_iter_init (&iter, expected);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    n_both += (GPOINTER_TO_UINT (value) & 5) == 5;
  g_assert_cmpuint (n_both, >, 0);
  g_assert_cmpuint (attune_key_table_count (keys, 5), ==, n_both);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/data/key-table/grows", GUINT_TO_POINTER (0), test_like_glib);
  g_test_add_data_func ("/data/key-table/fits", GUINT_TO_POINTER (N), test_like_glib);
  return g_test_run ();
}
