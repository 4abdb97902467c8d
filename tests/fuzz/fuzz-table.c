/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tables and records as text: CSV, TSV, JSON and JSON Lines, in whatever encoding is guessed. The
 * first byte says which of them the file is called.
 */
#include "data/rows.h"
#include "fuzz.h"

/* @size: 1 at least */
static void
read_file (const guint8 *data, gsize size)
{
  static const char *const names[] = { "a.csv", "a.json", "a.jsonl", "a.txt" };
  g_auto (Place) place = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GString) rows = g_string_new (NULL);

  place_init (&place, names[data[0] % G_N_ELEMENTS (names)]);
  g_assert_true (g_file_set_contents (place.path, (const char *) data + 1, size - 1, NULL));
  source = attune_source_probe (place.path, &error);
  g_assert_true ((source == NULL) == (error != NULL));
  if (source != NULL && attune_source_get_missing_role (source) == ATTUNE_FIELD_NONE)
    g_assert_true (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error)
                   == (error == NULL));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  if (size > 0)
    read_file (data, size);
  return 0;
}
