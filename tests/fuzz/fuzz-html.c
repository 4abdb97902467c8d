/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A web page as a document: its encoding, its mark-up, and what of it is text.
 */
#include "data/rows.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_auto (Place) place = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GString) rows = g_string_new (NULL);

  place_init (&place, "a.html");
  g_assert_true (g_file_set_contents (place.path, (const char *) data, size, NULL));
  source = attune_source_probe (place.path, &error);
  g_assert_true ((source == NULL) == (error != NULL));
  if (source != NULL && attune_source_get_missing_role (source) == ATTUNE_FIELD_NONE)
    g_assert_true (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error)
                   == (error == NULL));
  return 0;
}
