/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A guess that a person corrects.
 */
#include "data/rows.h"

static AttuneSource *
probe_as (Place *place, const AttuneSourceHints *hints)
{
  g_autoptr (GError) error = NULL;
  AttuneSource *source = attune_source_probe_as (place->path, hints, &error);

  g_assert_no_error (error);
  return source;
}

static const char *
column (const AttuneSource *source, guint i)
{
  return g_ptr_array_index (source->columns, i);
}

static void
test_hints (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneSource) guess = NULL, parted = NULL, headless = NULL, tabs = NULL, lines = NULL;
  g_autoptr (GError) error = NULL;

  place_init (&place, "table.csv");
  g_assert_true (g_file_set_contents (place.path, "term,definition;x\na,b;c\nd,e;f\n", -1, NULL));
  guess = probe_as (&place, &ATTUNE_SOURCE_NO_HINTS);
  g_assert_cmpint (guess->delimiter, ==, ',');
  g_assert_true (guess->header);
  g_assert_cmpuint (guess->preview->len, ==, 2);

  parted = probe_as (&place, &(AttuneSourceHints) { .delimiter = ';', .header = -1 });
  g_assert_cmpstr (column (parted, 0), ==, "term,definition");
  g_assert_cmpstr (column (parted, 1), ==, "x");

  headless = probe_as (&place, &(AttuneSourceHints) { .header = 0 });
  g_assert_false (headless->header);
  g_assert_cmpstr (column (headless, 0), ==, "column 1");
  g_assert_cmpuint (headless->preview->len, ==, 3);

  tabs = probe_as (&place, &(AttuneSourceHints) { .format = "tsv", .header = 1 });
  g_assert_cmpstr (tabs->format, ==, "tsv");
  g_assert_cmpuint (tabs->columns->len, ==, 1);

  lines = attune_source_probe_as (place.path,
                                  &(AttuneSourceHints) { .format = "jsonl", .header = -1 }, &error);
  g_assert_null (lines);
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT);
}

static void
test_encoding (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneSource) guess = NULL, cyrillic = NULL;
  g_autoptr (GError) error = NULL;

  place_init (&place, "table.csv");
  g_assert_true (g_file_set_contents (place.path, "term,definition\n\xc4,\xd6\n", -1, NULL));
  guess = probe_as (&place, &ATTUNE_SOURCE_NO_HINTS);
  g_assert_cmpstr (guess->encoding, ==, "WINDOWS-1252");
  g_assert_cmpstr (((GStrv) guess->preview->pdata[0])[0], ==, "Ä");
  cyrillic = probe_as (&place, &(AttuneSourceHints) { .encoding = "WINDOWS-1251", .header = -1 });
  g_assert_cmpstr (((GStrv) cyrillic->preview->pdata[0])[0], ==, "Д");
  g_assert_null (attune_source_probe_as (
      place.path, &(AttuneSourceHints) { .encoding = "no-such", .header = -1 }, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);

  /* wide characters without a mark: nothing is lost */
  g_assert_true (g_file_set_contents (place.path, "t\0,\0d\0\n\0a\0,\0b\0\n\0", 16, NULL));
  g_clear_pointer (&guess, attune_source_free);
  guess = probe_as (&place, &(AttuneSourceHints) { .encoding = "UTF-16LE", .header = 1 });
  g_assert_cmpstr (column (guess, 0), ==, "t");
}

/* Each role has one column; names may be there twice. */
static void
test_roles (void)
{
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneSource) source = NULL;

  place_init (&place, "table.csv");
  g_assert_true (g_file_set_contents (place.path, "answer,x,x\na,b,c\nd,e,f\n", -1, NULL));
  source = probe_as (&place, &ATTUNE_SOURCE_NO_HINTS);
  attune_source_set_role_at (source, 2, ATTUNE_FIELD_ANSWER);
  g_assert_cmpint (g_array_index (source->roles, AttuneField, 0), ==, ATTUNE_FIELD_NONE);
  g_assert_cmpint (g_array_index (source->roles, AttuneField, 2), ==, ATTUNE_FIELD_ANSWER);
  attune_source_set_role_at (source, 1, ATTUNE_FIELD_QUESTION);
  g_assert_cmpint (attune_source_get_missing_role (source), ==, ATTUNE_FIELD_NONE);
  attune_source_set_role_at (source, 1, ATTUNE_FIELD_NONE);
  g_assert_cmpint (attune_source_get_missing_role (source), ==, ATTUNE_FIELD_QUESTION);
  attune_source_set_role_at (source, 1, ATTUNE_FIELD_QUESTION);
  attune_source_set_role_at (source, 2, ATTUNE_FIELD_LABEL);
  g_assert_cmpint (attune_source_get_missing_role (source), ==, ATTUNE_FIELD_ANSWER);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/source/hints", test_hints);
  g_test_add_func ("/data/source/encoding", test_encoding);
  g_test_add_func ("/data/source/roles", test_roles);
  return g_test_run ();
}
