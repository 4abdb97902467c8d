/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "folders.h"
#include "model-list.h"

#include "model/hub-cache.h"
#include "scratch-folder.h"

#include <glib/gstdio.h>

static void
touch (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
}

static void
make_folder (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
}

static void
touch_in (const char *folder, const char *name, const char *file)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  touch (path, file);
}

static void
test_folder (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_auto (GStrv) none = attune_list_model_files ("/nowhere/at/all"), files = NULL;

  g_assert_null (none[0]);
  touch (folder, "b.gguf");
  touch (folder, "a.gguf");
  touch (folder, "a.gguf.part");
  touch (folder, "notes.txt");
  /* folders: of a model, of none, and of one that is being fetched */
  make_folder (folder, "c");
  touch_in (folder, "c", "config.json");
  make_folder (folder, "d");
  make_folder (folder, "e.part");
  touch_in (folder, "e.part", "config.json");
  files = attune_list_model_files (folder);
  g_assert_cmpuint (g_strv_length (files), ==, 3);
  g_assert_true (g_str_has_suffix (files[0], "a.gguf"));
  g_assert_true (g_str_has_suffix (files[2], "/c"));
}

static void
test_added (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autoptr (GSettings) settings = attune_open_settings ();
  g_autofree char *inside = g_build_filename (folder, "a.gguf", NULL);
  g_auto (GStrv) files = NULL, after = NULL;

  touch (folder, "a.gguf");
  g_settings_set_string (settings, "models-folder", folder);
  attune_model_list_add (settings, inside); /* is there already */
  attune_model_list_add (settings, "/elsewhere/m.gguf");
  attune_model_list_add (settings, "/elsewhere/m.gguf");
  g_assert_true (attune_model_list_has (settings, "/elsewhere/m.gguf"));
  g_assert_false (attune_model_list_has (settings, inside));
  files = attune_list_models (settings, NULL);
  g_assert_cmpuint (g_strv_length (files), ==, 2);
  g_assert_cmpstr (files[1], ==, "/elsewhere/m.gguf");
  attune_model_list_remove (settings, "/elsewhere/m.gguf");
  after = attune_list_models (settings, NULL);
  g_assert_cmpuint (g_strv_length (after), ==, 1);
  g_settings_reset (settings, "models-folder");
}

/* What Hugging Face's own programs have fetched is there, too; once, if it was also added. */
static void
test_cache (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autoptr (GSettings) settings = attune_open_settings ();
  g_autofree char *repository = g_build_filename (folder, "models--o--m", NULL),
                  *snapshot = g_build_filename (repository, "snapshots", "abc", NULL),
                  *file = g_build_filename (snapshot, "m.gguf", NULL);
  g_auto (GStrv) files = NULL, cached = NULL;

  g_assert_cmpint (g_mkdir_with_parents (snapshot, 0700), ==, 0);
  touch (snapshot, "m.gguf");
  touch (snapshot, "config.json");
  cached = attune_hub_cache_list (folder);
  attune_model_list_add (settings, file);
  files = attune_list_models (settings, cached);
  attune_model_list_remove (settings, file);
  g_assert_cmpuint (g_strv_length (files), ==, 1);
  g_assert_cmpstr (files[0], ==, file);
}

static void
test_no_settings (void)
{
  g_auto (GStrv) files = NULL;

  attune_model_list_add (NULL, "/elsewhere/m.gguf");
  attune_model_list_remove (NULL, "/elsewhere/m.gguf");
  g_assert_false (attune_model_list_has (NULL, "/elsewhere/m.gguf"));
  files = attune_list_models (NULL, NULL);
  g_assert_null (files[0]); /* the home folder of the test is empty */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model-list/folder", test_folder);
  g_test_add_func ("/model-list/added", test_added);
  g_test_add_func ("/model-list/cache", test_cache);
  g_test_add_func ("/model-list/no-settings", test_no_settings);
  return g_test_run ();
}
