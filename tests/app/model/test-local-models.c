/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Model page with a real project: choosing among good and damaged files.
 */
#include "page-fixture.h"

#include "folders.h"
#include "model-list.h"
#include "stages/model/local-models.h"
#include "stages/model/page.h"

typedef struct
{
  PageFixture base;
  GSettings *settings;
  char *other, *bad; /* in the folder for models */
  char *cached;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *bytes = NULL, *folder = NULL;
  gsize size;

  test_project_set_up (&f->base.files, NULL);
  g_free (test_attunectl_good (&f->base.files, "new %P --model %M"));
  folder = g_build_filename (f->base.files.folder, "models", NULL);
  f->other = g_build_filename (folder, "other.gguf", NULL);
  f->bad = g_build_filename (folder, "bad.gguf", NULL);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_true (g_file_get_contents (f->base.files.model, &bytes, &size, NULL));
  g_assert_true (g_file_set_contents (f->other, bytes, size, NULL));
  g_assert_true (g_file_set_contents (f->bad, bytes, size / 2, NULL));
  f->settings = attune_open_settings ();
  g_settings_set_string (f->settings, "models-folder", folder);
  page_fixture_open (&f->base, ATTUNE_TYPE_MODEL_PAGE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  page_fixture_close (&f->base);
  g_settings_reset (f->settings, "models-folder");
  g_settings_reset (f->settings, "model-files");
  g_settings_reset (f->settings, "last-model");
  g_clear_object (&f->settings);
  test_project_tear_down (&f->base.files, NULL);
  g_free (f->other);
  g_free (f->bad);
  g_free (f->cached);
}

static AttuneLocalModels *
get_list (Fixture *f)
{
  return ATTUNE_LOCAL_MODELS (find_widget (f->base.page, ATTUNE_TYPE_LOCAL_MODELS));
}

static AttuneModelRow *
get_row (Fixture *f, const char *path)
{
  AttuneModelRow *row = attune_local_models_find (get_list (f), path);

  g_assert_nonnull (row);
  return row;
}

static gboolean
all_are_known (Fixture *f)
{
  return page_fixture_is_idle (&f->base)
         && !attune_model_file_is_loading (attune_model_row_get_file (get_row (f, f->other)))
         && !attune_model_file_is_loading (attune_model_row_get_file (get_row (f, f->bad)))
         && !attune_model_file_is_loading (
             attune_model_row_get_file (get_row (f, f->base.files.model)));
}

static void
test_list (Fixture *f, gconstpointer data)
{
  test_loop_until (all_are_known, f);
  /* the project's own lies elsewhere and is shown all the same */
  g_assert_cmpuint (attune_local_models_get_n (get_list (f)), ==, 3);
  g_assert_true (attune_model_row_get_chosen (get_row (f, f->base.files.model)));
  g_assert_false (attune_model_row_get_chosen (get_row (f, f->other)));
  g_assert_nonnull (find_label (f->base.page, "bad.gguf"));
}

static gboolean
has_other (Fixture *f)
{
  AttuneModel *model = attune_session_get_model (f->base.session);

  return model != NULL && g_strcmp0 (attune_model_get_path (model), f->other) == 0;
}

static void
test_choose (Fixture *f, gconstpointer data)
{
  g_autofree char *last = NULL;

  test_loop_until (all_are_known, f);
  attune_model_row_choose (get_row (f, f->other));
  test_loop_until (has_other, f);
  last = g_settings_get_string (f->settings, "last-model");
  g_assert_cmpstr (last, ==, f->other);
  g_assert_true (attune_model_row_get_chosen (get_row (f, f->other)));

  attune_model_row_choose (get_row (f, f->bad));
  g_assert_cmpstr (attune_project_get_model (f->base.project), ==, f->other);
  g_assert_true (attune_model_row_get_chosen (get_row (f, f->other)));
}

static void
test_none (Fixture *f, gconstpointer data)
{
  test_loop_until (all_are_known, f);
  attune_session_set_model (f->base.session, NULL);
  attune_local_models_update (get_list (f));
  g_assert_false (attune_model_row_get_chosen (get_row (f, f->other)));
  g_assert_false (attune_model_row_get_chosen (get_row (f, f->base.files.model)));
}

static gboolean
bad_is_known (Fixture *f)
{
  AttuneModelRow *row = attune_local_models_find (get_list (f), f->bad);

  return row != NULL && !attune_model_file_is_loading (attune_model_row_get_file (row));
}

static void
test_add (Fixture *f, gconstpointer data)
{
  g_autofree char *elsewhere = g_build_filename (f->base.files.folder, "third.gguf", NULL);
  g_autofree char *bytes = NULL;
  gsize size;

  test_loop_until (all_are_known, f);
  attune_local_models_add (get_list (f), f->bad);
  test_loop_until (bad_is_known, f);
  g_assert_cmpstr (attune_project_get_model (f->base.project), ==, f->base.files.model);

  /* a sound one from elsewhere is chosen and remembered, and can be taken out again */
  g_assert_true (g_file_get_contents (f->other, &bytes, &size, NULL));
  g_assert_true (g_file_set_contents (elsewhere, bytes, size, NULL));
  attune_local_models_add (get_list (f), elsewhere);
  g_free (f->other);
  f->other = g_strdup (elsewhere);
  test_loop_until (has_other, f);
  g_assert_true (attune_model_list_has (f->settings, elsewhere));
  attune_session_set_model (f->base.session, NULL);
  g_signal_emit_by_name (get_row (f, elsewhere), "forgotten");
  g_assert_false (attune_model_list_has (f->settings, elsewhere));
  g_assert_null (attune_local_models_find (get_list (f), elsewhere));
  g_assert_true (g_file_test (elsewhere, G_FILE_TEST_EXISTS));
}

/* --- what other programs have fetched */

static gboolean
has_cached (Fixture *f)
{
  return attune_local_models_find (get_list (f), f->cached) != NULL;
}

/* Nothing waits for the cache to be listed: what is in it is shown later. */
static void
test_cache (Fixture *f, gconstpointer data)
{
  g_autofree char *cache = g_build_filename (f->base.files.folder, "hub", NULL),
                  *snapshot = g_build_filename (cache, "models--o--m", "snapshots", "abc", NULL),
                  *refs = g_build_filename (cache, "models--o--m", "refs", NULL),
                  *main = g_build_filename (refs, "main", NULL), *bytes = NULL;
  gsize size;

  test_loop_until (all_are_known, f);
  f->cached = g_build_filename (snapshot, "m.gguf", NULL);
  g_assert_cmpint (g_mkdir_with_parents (snapshot, 0700), ==, 0);
  g_assert_true (g_file_get_contents (f->other, &bytes, &size, NULL));
  g_assert_true (g_file_set_contents (f->cached, bytes, size, NULL));
  g_assert_cmpint (g_mkdir (refs, 0700), ==, 0);
  g_assert_true (g_file_set_contents (main, "abc", -1, NULL));
  g_setenv ("HF_HUB_CACHE", cache, TRUE);
  attune_local_models_rescan (get_list (f));
  g_assert_false (has_cached (f));
  test_loop_until (has_cached, f);
  g_assert_cmpuint (attune_local_models_get_n (get_list (f)), ==, 4);
  attune_local_models_rescan (get_list (f));
  g_assert_true (has_cached (f)); /* and stays meanwhile */
  g_unsetenv ("HF_HUB_CACHE");
}

/* --- a folder, as Transformers saves a model */

static const char tokenizer_json[]
    = "{\"version\": \"1.0\", \"added_tokens\": [], \"normalizer\": null,"
      "\"pre_tokenizer\": {\"type\": \"ByteLevel\", \"add_prefix_space\": false,"
      " \"trim_offsets\": true, \"use_regex\": true}, \"post_processor\": null,"
      "\"decoder\": {\"type\": \"ByteLevel\"}, \"model\": {\"type\": \"BPE\","
      " \"vocab\": {\"a\": 0, \"b\": 1, \"ab\": 2}, \"merges\": [\"a b\"]}}";

/* Returns: (transfer full): its path. */
static char *
make_folder (Fixture *f)
{
  g_autofree char *golden
      = g_test_build_filename (G_TEST_DIST, "golden", "families", "llama", NULL);
  char *folder = g_build_filename (f->base.files.folder, "Small Llama", NULL);
  g_autofree char *tokenizer = g_build_filename (folder, "tokenizer.json", NULL);
  g_autoptr (GDir) dir = g_dir_open (golden, 0, NULL);
  const char *name;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *from = g_build_filename (golden, name, NULL);
      g_autofree char *to = g_build_filename (folder, name, NULL), *content = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (from, &content, &length, NULL));
      g_assert_true (g_file_set_contents (to, content, (gssize) length, NULL));
    }
  g_assert_true (g_file_set_contents (tokenizer, tokenizer_json, -1, NULL));
  return folder;
}

/* A good one is chosen like a file; of one that is none, the row says what is in it. */
static void
test_folder (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = make_folder (f);
  g_autofree char *none = g_build_filename (f->base.files.folder, "letters", NULL);

  test_loop_until (all_are_known, f);
  attune_local_models_add (get_list (f), folder);
  g_set_str (&f->other, folder);
  test_loop_until (has_other, f);
  g_assert_nonnull (find_label (f->base.page, "Small Llama"));
  g_assert_true (attune_model_list_has (f->settings, folder));

  g_assert_cmpint (g_mkdir (none, 0700), ==, 0);
  attune_local_models_add (get_list (f), none);
  g_set_str (&f->bad, none);
  test_loop_until (bad_is_known, f);
  g_assert_nonnull (find_label (f->base.page, "it has no config.json"));
  g_assert_cmpstr (attune_project_get_model (f->base.project), ==, folder);
}

static void
test_file_vanishes (Fixture *f, gconstpointer data)
{
  test_loop_until (all_are_known, f);
  g_assert_cmpint (g_unlink (f->other), ==, 0);
  attune_local_models_rescan (get_list (f));
  g_assert_null (attune_local_models_find (get_list (f), f->other));
}

#define CASE(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  CASE ("/local-models/list", test_list);
  CASE ("/local-models/choose", test_choose);
  CASE ("/local-models/none", test_none);
  CASE ("/local-models/add", test_add);
  CASE ("/local-models/cache", test_cache);
  CASE ("/local-models/folder", test_folder);
  CASE ("/local-models/file-vanishes", test_file_vanishes);
  return g_test_run ();
}
