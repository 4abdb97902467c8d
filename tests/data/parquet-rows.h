/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Parquet files of tests/golden/parquet and the rows of those that hold the same table.
 */
#pragma once
#include "data/rows.h"

static inline char *
parquet_find (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "golden", "parquet", name, NULL);
}

/* What make_parquet.py says of its rows. @n_before: other rows */
static inline void
parquet_add_expected (GString *rows, int n_before)
{
  for (int i = 0; i < 37; i++)
    {
      g_string_append_printf (rows, "%d: [", n_before + i + 1);
      if (i % 7 != 0)
        g_string_append_printf (rows, "What is %d?", i);
      g_string_append_printf (rows, "] [Answer %d ä] [class %d]\n", i % 3, i % 2);
    }
}
