/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files of records for the tests of data/: a folder of their own, and what a file is read as, one
 * line of text per row, so that a test shows the whole of it.
 */
#pragma once
#include "data/import.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  char *folder, *path;
} Place;

/* @name: of the file that will be written, which tells its kind. */
static inline void
place_init (Place *place, const char *name)
{
  place->folder = g_dir_make_tmp ("attune-data-XXXXXX", NULL);
  place->path = g_build_filename (place->folder, name, NULL);
}

static inline void
place_clear (Place *place)
{
  g_autoptr (GDir) folder = g_dir_open (place->folder, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *child = g_build_filename (place->folder, name, NULL);

      g_assert_cmpint (g_remove (child), ==, 0);
    }
  g_assert_cmpint (g_rmdir (place->folder), ==, 0);
  g_free (place->folder);
  g_free (place->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static inline gboolean
rows_add_record (const AttuneRecord *record, gpointer data, GError **error)
{
  g_string_append_printf (data, "%" G_GUINT64_FORMAT ": ", record->line);
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    if (record->fields[i] != NULL)
      g_string_append_printf (data, "%s[%s]", i > 0 ? " " : "", record->fields[i]);
  g_string_append_c (data, '\n');
  return TRUE;
}

static inline gboolean
rows_add_bad (const AttuneBadRow *bad, gpointer data, GError **error)
{
  g_assert_true (g_utf8_validate (bad->text, -1, NULL));
  g_assert_cmpuint (strlen (bad->text), <=, 200);
  g_string_append_printf (data, "%" G_GUINT64_FORMAT "! %s\n", bad->line, bad->reason);
  return TRUE;
}

/* All rows of the file as text; @source: (nullable) (out): what was guessed. */
static inline char *
rows_read (const char *path, AttuneSource **source)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) found = attune_source_probe (path, &error);
  GString *rows = g_string_new (NULL);

  g_assert_no_error (error);
  g_assert_true (attune_source_read (found, rows_add_record, rows_add_bad, rows, NULL, &error));
  g_assert_no_error (error);
  if (source != NULL)
    *source = g_steal_pointer (&found);
  return g_string_free (rows, FALSE);
}

/* Writes @n bytes (-1: a string) as a file called @name and asserts what they are read as. */
static inline void
rows_assert (const char *name, const char *content, gssize n, const char *expected)
{
  g_auto (Place) place = { 0 };
  g_autofree char *found = NULL;

  place_init (&place, name);
  g_assert_true (g_file_set_contents (place.path, content, n, NULL));
  found = rows_read (place.path, NULL);
  g_assert_cmpstr (found, ==, expected);
}

/* The file cannot be taken: @part is in the sentence. */
static inline void
rows_assert_refused (const char *name, const char *content, gssize n, AttuneDataError code,
                     const char *part)
{
  g_auto (Place) place = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GString) rows = g_string_new (NULL);

  place_init (&place, name);
  g_assert_true (g_file_set_contents (place.path, content, n, NULL));
  source = attune_source_probe (place.path, &error);
  if (source != NULL)
    g_assert_false (attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, code);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_nonnull (strstr (error->message, name));
}
