/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * MurmurHash3's own check, and values of it that others publish.
 */
#include "core/hash.h"

#include <string.h>

/* SMHasher's: the hash of the hashes of 0 … i - 1 with the seed 256 - i. */
static void
test_verification (void)
{
  guint8 bytes[256], hashes[256 * 16];
  guint64 hash[2];

  for (int i = 0; i < 256; i++)
    {
      bytes[i] = i;
      attune_hash (bytes, i, 256 - i, hash);
      hash[0] = GUINT64_TO_LE (hash[0]);
      hash[1] = GUINT64_TO_LE (hash[1]);
      memcpy (hashes + 16 * i, hash, 16);
    }
  attune_hash (hashes, sizeof hashes, 0, hash);
  g_assert_cmphex ((guint32) hash[0], ==, 0x6384BA69);
}

static void
test_empty (void)
{
  guint64 hash[2];

  attune_hash (NULL, 0, 0, hash);
  g_assert_cmphex (hash[0], ==, 0);
  g_assert_cmphex (hash[1], ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/hash/verification", test_verification);
  g_test_add_func ("/core/hash/empty", test_empty);
  return g_test_run ();
}
