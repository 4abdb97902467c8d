/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The same for runs over pairs of answers.
 */
#pragma once
#include "whole-run.h"

/* Every question prefers its answer in the table to one of two that are always the same. */
static inline void
write_pairs (const char *path, int n)
{
  static const char *const answers[] = { "red and blue", "a small bone", "twice daily", "none" };
  static const char *const worse[] = { "I do not know", "this is a long story" };
  g_autoptr (GString) text = g_string_new ("prompt,chosen,rejected\n");

  for (int i = 0; i < n; i++)
    g_string_append_printf (text, "What is item %d of group %d?,%s,%s\n", i, i % 4, answers[i % 4],
                            worse[i % 2]);
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
}

static inline void
set_up_n_pairs (Fixture *f, gconstpointer data, int n)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (AttuneSource) source = NULL;
  g_autofree char *table = NULL, *path = NULL;
  g_autoptr (GError) error = NULL;

  set_up (f, data);
  table = g_build_filename (f->folder, "pairs.csv", NULL);
  path = g_build_filename (f->folder, "pairs.h5", NULL);
  write_pairs (table, n);
  source = attune_source_probe (table, &error);
  g_assert_no_error (error);
  attune_dataset_import (path, source, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  attune_dataset_prepare (path, settings, attune_model_get_tokenizer (f->model),
                          attune_model_get_template (f->model), NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  attune_dataset_close (f->dataset);
  f->dataset = attune_dataset_open (path, &error);
  g_assert_no_error (error);
}

static inline void
set_up_pairs (Fixture *f, gconstpointer data)
{
  set_up_n_pairs (f, data, ROWS);
}
