/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A data set as messages for other programs: what stands in its files, and that they are read back
 * as what they were.
 */
#include "data/messages.h"
#include "data/dataset-fixture.h"
#include "scratch-folder.h"

static JsonObject *
line_at (char **lines, guint i, JsonNode **node)
{
  *node = json_from_string (lines[i], NULL);
  g_assert_nonnull (*node);
  return json_node_get_object (*node);
}

static const char *
content_of (JsonObject *object, const char *list, guint i, const char *role)
{
  JsonObject *message
      = json_array_get_object_element (json_object_get_array_member (object, list), i);

  g_assert_cmpstr (json_object_get_string_member (message, "role"), ==, role);
  return json_object_get_string_member (message, "content");
}

static void
test_messages (Fixture *f, gconstpointer data)
{
  g_autofree char *table = make_table (1, 60), *text = NULL, *path = NULL;
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  guint64 counts[3];
  JsonObject *first;

  g_object_set (f->settings, "system-prompt", "Be brief.", NULL);
  import_good (f, "table.csv", table);
  dataset = prepare_good (f);
  g_object_set (f->settings, "system-prompt", "Explain.", NULL); /* once it was prepared */
  g_assert_true (attune_dataset_save_messages (f->place.path, folder, FALSE, counts, NULL, &error));
  g_assert_no_error (error);
  for (int split = 0; split < 3; split++)
    g_assert_cmpuint (counts[split], ==, attune_dataset_count (dataset, split));
  path = g_build_filename (folder, "train.jsonl", NULL);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, counts[0] + 1);
  first = line_at (lines, 0, &node);
  g_assert_cmpstr (content_of (first, "messages", 0, "system"), ==, "Be brief.");
  g_assert_true (g_str_has_prefix (content_of (first, "messages", 1, "user"), "What is number "));
  g_assert_true (g_str_has_prefix (content_of (first, "messages", 2, "assistant"), "It is "));

  source = attune_source_probe (folder, &error); /* its parts, as Hugging Face lays them out */
  g_assert_no_error (error);
  g_assert_cmpstr (source->format, ==, "data-folder");
  g_assert_cmpstr (source->table, ==, "train");
  g_assert_cmpuint (source->preview->len, >, 0);
}

/* Pairs have both answers, and texts stand by themselves. */
static void
test_shapes (Fixture *f, gconstpointer data)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autofree char *path = g_build_filename (folder, "train.jsonl", NULL), *text = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (JsonNode) one = NULL, two = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  guint64 counts[3];

  g_object_set (f->settings, "validation-share", 0.0, "test-share", 0.0, NULL);
  import_good (f, "pairs.csv", "question,answer,rejected\nWhat is it?,It is good.,No idea.\n");
  import_good (f, "texts.csv", "text\nA guideline says what is to be done by whom.\n");
  dataset = prepare_good (f);
  g_assert_true (attune_dataset_save_messages (f->place.path, folder, FALSE, counts, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (counts[0], ==, 2);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpstr (content_of (line_at (lines, 0, &one), "prompt", 0, "user"), ==, "What is it?");
  g_assert_cmpstr (content_of (json_node_get_object (one), "chosen", 0, "assistant"), ==,
                   "It is good.");
  g_assert_cmpstr (content_of (json_node_get_object (one), "rejected", 0, "assistant"), ==,
                   "No idea.");
  g_assert_cmpstr (json_object_get_string_member (line_at (lines, 1, &two), "text"), ==,
                   "A guideline says what is to be done by whom.");
  g_clear_pointer (&text, g_free);
  text = g_build_filename (folder, "test.jsonl", NULL);
  g_assert_false (g_file_test (text, G_FILE_TEST_EXISTS));

  g_assert_false (
      attune_dataset_save_messages (f->place.path, "/proc/none", FALSE, counts, NULL, &error));
  g_assert_cmpstr (error->message, ==, "Could not create “/proc/none”: No such file or directory");
}

/* A person's files are left alone unless they may be replaced; then none of an earlier time is left
 * to look as if it was of these. */
static void
test_replace (Fixture *f, gconstpointer data)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autofree char *train = g_build_filename (folder, "train.jsonl", NULL),
                  *test = g_build_filename (folder, "test.jsonl", NULL),
                  *beside = g_strconcat (train, ".new", NULL), *table = make_table (1, 60),
                  *text = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  guint64 counts[3];

  g_object_set (f->settings, "test-share", 0.0, NULL);
  import_good (f, "table.csv", table);
  dataset = prepare_good (f);
  g_assert_true (g_file_set_contents (test, "mine", -1, NULL));
  g_assert_false (
      attune_dataset_save_messages (f->place.path, folder, FALSE, counts, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_assert_nonnull (strstr (error->message, "test.jsonl”"));
  g_clear_error (&error);
  g_assert_true (g_file_get_contents (test, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  g_assert_false (g_file_test (train, G_FILE_TEST_EXISTS));

  g_assert_true (attune_dataset_save_messages (f->place.path, folder, TRUE, counts, NULL, &error));
  g_assert_cmpuint (counts[ATTUNE_SPLIT_TEST], ==, 0);
  g_assert_true (g_file_test (train, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (test, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (beside, G_FILE_TEST_EXISTS));
}

#define CASE(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  CASE ("/messages/messages", test_messages);
  CASE ("/messages/shapes", test_shapes);
  CASE ("/messages/replace", test_replace);
  return g_test_run ();
}
