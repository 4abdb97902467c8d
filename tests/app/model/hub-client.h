/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Downloads from the server of hub-server.h, and what is expected of them.
 */
#pragma once
#include "model/hub-server.h"

static inline gboolean
has_ended (AttuneDownload *download)
{
  return !attune_download_is_running (download);
}

static inline void
run (AttuneDownload *download)
{
  attune_download_start (download);
  g_assert_true (attune_download_is_running (download));
  test_loop_until (has_ended, download);
}

/* Breaks off after @bytes, for longer than a fetch tries by itself. */
static inline void
run_broken (Fixture *f, AttuneDownload *download, gsize bytes)
{
  f->break_after = bytes;
  f->dies = TRUE;
  run (download);
  f->dies = f->dead = FALSE;
}

static inline void
assert_done (Fixture *f, AttuneDownload *download)
{
  g_autofree char *bytes = NULL;
  gsize size;

  g_assert_cmpstr (attune_download_get_error (download), ==, NULL);
  g_assert_true (attune_download_is_done (download));
  g_assert_true (g_file_get_contents (attune_download_get_path (download), &bytes, &size, NULL));
  g_assert_cmpmem (bytes, size, g_bytes_get_data (f->model, NULL), MODEL_BYTES);
}

static inline void
assert_failed (AttuneDownload *download, const char *word)
{
  g_assert_false (attune_download_is_done (download));
  g_assert_nonnull (attune_download_get_error (download));
  if (strstr (attune_download_get_error (download), word) == NULL)
    g_error ("no “%s” in: %s", word, attune_download_get_error (download));
  g_assert_false (g_file_test (attune_download_get_path (download), G_FILE_TEST_EXISTS));
}

/* A model of the catalogue that is a whole folder of the hub, not one file. */
static inline AttuneDownload *
new_folder (Fixture *f, const char *repository)
{
  const AttuneCatalogueModel model = { .name = (char *) "M",
                                       .file = (char *) "m",
                                       .bytes = MODEL_BYTES,
                                       .repository = (char *) repository };

  return attune_download_new (&model, f->folder);
}

#define CASE(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
