/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model file and its row: sound, damaged, missing, changed.
 */
#include "page-fixture.h"

#include "stages/model/model-row.h"

static gboolean
is_known (AttuneModelFile *file)
{
  return !attune_model_file_is_loading (file);
}

static char *
tiny_path (void)
{
  return g_test_build_filename (G_TEST_DIST, "golden", "tiny-llama.gguf", NULL);
}

static void
test_sound (void)
{
  g_autofree char *path = tiny_path ();
  g_autoptr (AttuneModelFile) file = attune_model_file_new (path);

  g_assert_cmpstr (attune_model_file_get_name (file), ==,
                   "tiny-llama.gguf"); /* until it is known */
  g_assert_null (attune_model_file_get_config (file));
  test_loop_until (is_known, file);
  g_assert_null (attune_model_file_get_error (file));
  g_assert_cmpstr (attune_model_file_get_name (file), ==, "Tiny Llama for tests");
  g_assert_cmpint (attune_model_file_get_parameters (file), ==, 123200);
  g_assert_cmpint (attune_model_file_get_config (file)->n_layers, ==, 2);
  g_assert_null (attune_model_file_get_warnings (file)[0]);
  attune_model_file_refresh (file); /* nothing has changed: it is not looked at again */
  g_assert_false (attune_model_file_is_loading (file));
}

static void
test_damaged_and_mended (void)
{
  g_autofree char *folder = g_dir_make_tmp ("attune-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "m & n.gguf", NULL), *good = tiny_path ();
  g_autofree char *bytes = NULL;
  gsize size;
  g_autoptr (AttuneModelFile) file = NULL;

  g_assert_true (g_file_get_contents (good, &bytes, &size, NULL));
  g_assert_true (g_file_set_contents (path, bytes, size / 3, NULL));
  file = attune_model_file_new (path);
  test_loop_until (is_known, file);
  g_assert_nonnull (strstr (attune_model_file_get_error (file), "m & n.gguf"));
  g_assert_null (attune_model_file_get_config (file));
  g_assert_cmpint (attune_model_file_get_parameters (file), ==, 0);

  g_assert_true (g_file_set_contents (path, bytes, size, NULL));
  attune_model_file_refresh (file);
  test_loop_until (is_known, file);
  g_assert_null (attune_model_file_get_error (file));
  test_remove_folder (folder);
}

static void
count (int *n)
{
  (*n)++;
}

static void
test_row (void)
{
  g_autofree char *path = tiny_path ();
  g_autoptr (AttuneModelFile) file = attune_model_file_new (path);
  GtkWidget *window = gtk_window_new (), *list = gtk_list_box_new ();
  GtkWidget *row = attune_model_row_new (file, FALSE);
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  AttuneFitBar *bar = ATTUNE_FIT_BAR (find_widget (row, ATTUNE_TYPE_FIT_BAR));
  int chosen = 0;

  gtk_list_box_append (GTK_LIST_BOX (list), row);
  gtk_window_set_child (GTK_WINDOW (window), list);
  gtk_window_present (GTK_WINDOW (window));
  g_signal_connect_swapped (row, "chosen", G_CALLBACK (count), &chosen);
  test_loop_until (is_known, file);
  attune_model_row_show_fit (ATTUNE_MODEL_ROW (row), plan, NULL, 1000000000);
  g_assert_nonnull (strstr (attune_fit_bar_get_text (bar), "GB are free"));
  g_assert_null (strstr (attune_fit_bar_get_text (bar), "Too large"));
  attune_model_row_show_fit (ATTUNE_MODEL_ROW (row), plan, NULL, 1000);
  g_assert_nonnull (strstr (attune_fit_bar_get_text (bar), "Too large"));
  g_object_set (plan, "targets", "knee", NULL); /* the plan's fault, not the model's */
  attune_model_row_show_fit (ATTUNE_MODEL_ROW (row), plan, NULL, 1000000000);
  g_assert_null (strstr (attune_fit_bar_get_text (bar), "Too large"));

  attune_model_row_set_chosen (ATTUNE_MODEL_ROW (row), TRUE);
  g_assert_cmpint (chosen, ==, 0); /* nobody has */
  attune_model_row_set_chosen (ATTUNE_MODEL_ROW (row), FALSE);
  attune_model_row_choose (ATTUNE_MODEL_ROW (row));
  g_assert_cmpint (chosen, ==, 1);
  g_assert_true (attune_model_row_get_chosen (ATTUNE_MODEL_ROW (row)));

  g_object_add_weak_pointer (G_OBJECT (row), (gpointer *) &row);
  gtk_window_destroy (GTK_WINDOW (window));
  g_assert_null (row);
}

static gboolean
shows_damage (GtkWidget *row)
{
  return find_label (row, "It cannot be used") != NULL;
}

static void
test_damaged_row (void)
{
  g_autoptr (AttuneModelFile) file = attune_model_file_new ("/nowhere/at/all.gguf");
  GtkWidget *window = gtk_window_new (), *list = gtk_list_box_new ();
  GtkWidget *row = attune_model_row_new (file, TRUE);
  int chosen = 0, forgotten = 0;

  gtk_list_box_append (GTK_LIST_BOX (list), row);
  gtk_window_set_child (GTK_WINDOW (window), list);
  gtk_window_present (GTK_WINDOW (window));
  g_signal_connect_swapped (row, "chosen", G_CALLBACK (count), &chosen);
  g_signal_connect_swapped (row, "forgotten", G_CALLBACK (count), &forgotten);
  test_loop_until (shows_damage, row);
  g_assert_nonnull (find_label (row, "all.gguf"));
  attune_model_row_choose (ATTUNE_MODEL_ROW (row));
  g_assert_cmpint (chosen, ==, 0);
  g_assert_false (attune_model_row_get_chosen (ATTUNE_MODEL_ROW (row)));
  g_signal_emit_by_name (find_widget (row, GTK_TYPE_BUTTON), "clicked");
  g_assert_cmpint (forgotten, ==, 1);
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/model-file/sound", test_sound);
  g_test_add_func ("/model-file/damaged-and-mended", test_damaged_and_mended);
  g_test_add_func ("/model-row/sound", test_row);
  g_test_add_func ("/model-row/damaged", test_damaged_row);
  return g_test_run ();
}
