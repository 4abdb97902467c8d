/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A Parquet file, from its footer to its rows.
 */
#include "data/rows.h"
#include "fuzz.h"

/* A few bytes can say that a row is there a billion times. */
#define MAX_ROWS 2000

typedef struct
{
  GString *text;
  guint n;
} Rows;

static gboolean
add_record (const AttuneRecord *record, gpointer data, GError **error)
{
  Rows *rows = data;

  g_string_truncate (rows->text, 0);
  return rows_add_record (record, rows->text, error) && ++rows->n < MAX_ROWS;
}

static gboolean
add_bad (const AttuneBadRow *bad, gpointer data, GError **error)
{
  Rows *rows = data;

  return rows_add_bad (bad, rows->text, error) && ++rows->n < MAX_ROWS;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_auto (Place) place = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  Rows rows = { text, 0 };

  place_init (&place, "a.parquet");
  g_assert_true (g_file_set_contents (place.path, (const char *) data, size, NULL));
  source = attune_source_probe (place.path, &error);
  g_assert_true ((source == NULL) == (error != NULL));
  if (source != NULL && attune_source_get_missing_role (source) == ATTUNE_FIELD_NONE
      && !attune_source_read (source, add_record, add_bad, &rows, NULL, &error))
    g_assert_true (error != NULL || rows.n == MAX_ROWS);
  return 0;
}
