/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A data set in a folder of its own, with a tiny model that it is prepared for.
 */
#pragma once
#include "data/dataset-private.h"
#include "data/rows.h"
#include "text/golden.h"

#define KIND "dataset"

typedef struct
{
  Place place; /* the path is dataset.h5 */
  AttuneModel *model;
  AttuneDataSettings *settings;
} Fixture;

static inline void
set_up (Fixture *f, gconstpointer data)
{
  place_init (&f->place, "dataset.h5");
  f->model = golden_tiny_model ();
  f->settings = attune_data_settings_new ();
}

static inline void
tear_down (Fixture *f, gconstpointer data)
{
  place_clear (&f->place);
  attune_model_close (f->model);
  g_object_unref (f->settings);
}

/* Takes in a table called @name. */
static inline gboolean
import (Fixture *f, const char *name, const char *table, GCancellable *cancellable,
        JsonNode **report, GError **error)
{
  g_autofree char *path = g_build_filename (f->place.folder, name, NULL);
  g_autoptr (AttuneSource) source = NULL;

  g_assert_true (g_file_set_contents (path, table, -1, NULL));
  source = attune_source_probe (path, error);
  return source != NULL
         && attune_dataset_import (f->place.path, source, NULL, NULL, cancellable, report, error);
}

static inline void
import_good (Fixture *f, const char *name, const char *table)
{
  g_autoptr (GError) error = NULL;

  import (f, name, table, NULL, NULL, &error);
  g_assert_no_error (error);
}

static inline gboolean
prepare (Fixture *f, GCancellable *cancellable, JsonNode **report, GError **error)
{
  return attune_dataset_prepare (f->place.path, f->settings, attune_model_get_tokenizer (f->model),
                                 attune_model_get_template (f->model), NULL, NULL, cancellable,
                                 report, error);
}

static inline AttuneDataset *
prepare_good (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  AttuneDataset *dataset;

  prepare (f, NULL, NULL, &error);
  g_assert_no_error (error);
  dataset = attune_dataset_open (f->place.path, &error);
  g_assert_no_error (error);
  return dataset;
}

/* @n questions from number @first on. */
static inline char *
make_table (int first, int n)
{
  g_autoptr (GString) table = g_string_new ("question,answer,topic\n");

  for (int i = first; i < first + n; i++)
    g_string_append_printf (table, "What is number %d?,It is %d.,%s\n", i, i, i % 3 ? "a" : "b");
  return g_string_free (g_steal_pointer (&table), FALSE);
}

static inline GBytes *
read_file (const char *path)
{
  char *bytes;
  gsize n;

  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  return g_bytes_new_take (bytes, n);
}

/* As it was, and nothing beside it. */
static inline void
assert_file (Fixture *f, GBytes *before)
{
  g_autoptr (GBytes) after = read_file (f->place.path);
  g_autofree char *part = g_strconcat (f->place.path, ".part", NULL);

  g_assert_true (g_bytes_equal (before, after));
  g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
}
