/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The guide's answers, and the list of models that can be got.
 */
#include "loop.h"
#include "scratch-folder.h"
#include "stages/model/catalogue-list.h"
#include "stages/model/guide.h"

#include <string.h>

static char *
shipped_folder (void)
{
  return g_test_build_filename (G_TEST_DIST, "..", "data", "models", NULL);
}

static GPtrArray *
load_shipped (void)
{
  g_autofree char *folder = shipped_folder ();
  g_autoptr (GError) error = NULL;
  GPtrArray *catalogue = attune_catalogue_load (folder, &error);

  g_assert_no_error (error);
  return catalogue;
}

static void
check (AttuneModelGuide *guide, AttuneAnswers answers, guint memory_gb, const char *language,
       const char *id, const char *reason)
{
  attune_model_guide_answer (guide, answers, memory_gb, language);
  g_assert_cmpstr (attune_model_guide_get_model (guide)->id, ==, id);
  if (strstr (attune_model_guide_get_reason (guide), reason) == NULL)
    g_error ("no “%s” in: %s", reason, attune_model_guide_get_reason (guide));
}

static void
remember (char **taken, const char *id)
{
  g_set_str (taken, id);
}

static void
test_answers (void)
{
  g_autoptr (GPtrArray) catalogue = load_shipped ();
  AdwDialog *dialog = g_object_ref_sink (attune_model_guide_new (catalogue, 3000000000));
  AttuneModelGuide *guide = ATTUNE_MODEL_GUIDE (dialog);
  GtkWidget *window = adw_window_new ();
  g_autofree char *taken = NULL;

  gtk_window_present (GTK_WINDOW (window));
  adw_dialog_present (dialog, window);
  check (guide, ATTUNE_ANSWERS_LABELS, 64, "en", "smollm2-135m-instruct", "Knows English");
  check (guide, ATTUNE_ANSWERS_LONG, 64, "en", "smollm2-1.7b-instruct", "Tuning takes");
  check (guide, ATTUNE_ANSWERS_LONG, 0, "en", "smollm2-360m-instruct", "does not fit");
  check (guide, ATTUNE_ANSWERS_SHORT, 64, "de", "smollm2-360m-instruct", "speaks this language");
  check (guide, ATTUNE_ANSWERS_SHORT, 64, "tlh", "smollm2-360m-instruct", "GGUF");

  g_signal_connect_swapped (guide, "taken", G_CALLBACK (remember), &taken);
  g_signal_emit_by_name (guide, "taken", attune_model_guide_get_model (guide)->id);
  g_assert_cmpstr (taken, ==, "smollm2-360m-instruct");
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  adw_dialog_force_close (dialog);
  gtk_window_destroy (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (guide);
  g_assert_null (dialog);
}

static void
test_too_little_memory (void)
{
  g_autoptr (GPtrArray) catalogue = load_shipped ();
  AdwDialog *dialog = g_object_ref_sink (attune_model_guide_new (catalogue, 1000000));

  g_assert_cmpstr (attune_model_guide_get_model (ATTUNE_MODEL_GUIDE (dialog))->id, ==,
                   "smollm2-135m-instruct");
  g_assert_nonnull (
      strstr (attune_model_guide_get_reason (ATTUNE_MODEL_GUIDE (dialog)), "smallest"));
  g_object_unref (dialog);
}

static gboolean
has_ended (AttuneDownload *download)
{
  return !attune_download_is_running (download);
}

static void
test_list (void)
{
  g_autoptr (ScratchFolder) models = scratch_folder_new ();
  g_autofree char *folder = shipped_folder (), *got = NULL;
  AttuneCatalogueList *list
      = g_object_ref_sink (ATTUNE_CATALOGUE_LIST (attune_catalogue_list_new ()));
  AttuneOfferRow *row;
  AttuneDownload *download;

  attune_catalogue_list_load (list, folder, models);
  attune_catalogue_list_set_access (list, "http://127.0.0.1:1", NULL);
  g_assert_cmpuint (attune_catalogue_list_get_models (list)->len, >=, 3);
  g_assert_null (attune_catalogue_list_find (list, "nothing"));
  row = attune_catalogue_list_find (list, "smollm2-135m-instruct");
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), "Apache-2.0"));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (row)));

  /* nobody listens at the index: the row says so and offers to try again */
  g_setenv ("PIP_INDEX_URL", "http://127.0.0.1:1/simple", TRUE);
  download = attune_offer_row_get_download (row);
  attune_download_start (download);
  test_loop_until (has_ended, download);
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), "127.0.0.1"));

  /* what is here already is not offered */
  g_assert_true (g_file_set_contents (attune_download_get_path (download), "", 0, NULL));
  attune_catalogue_list_refresh (list);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (row)));

  g_object_add_weak_pointer (G_OBJECT (list), (gpointer *) &list);
  g_object_unref (list);
  g_assert_null (list);
}

static gboolean
is_shown (GtkWidget *root, const char *part)
{
  if (GTK_IS_LABEL (root) && strstr (gtk_label_get_text (GTK_LABEL (root)), part) != NULL)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (is_shown (child, part))
      return TRUE;
  return FALSE;
}

static void
test_bad_catalogue (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autofree char *path = g_build_filename (folder, "m & n.json", NULL);
  AttuneCatalogueList *list
      = g_object_ref_sink (ATTUNE_CATALOGUE_LIST (attune_catalogue_list_new ()));
  AttuneCatalogueList *none
      = g_object_ref_sink (ATTUNE_CATALOGUE_LIST (attune_catalogue_list_new ()));

  g_assert_true (g_file_set_contents (path, "{", -1, NULL));
  attune_catalogue_list_load (list, folder, folder);
  g_assert_cmpuint (attune_catalogue_list_get_models (list)->len, ==, 0);
  g_assert_true (is_shown (GTK_WIDGET (list), "m & n.json"));
  attune_catalogue_list_load (none, NULL, folder);
  g_assert_true (is_shown (GTK_WIDGET (none), "not installed"));
  g_object_unref (list);
  g_object_unref (none);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/guide/answers", test_answers);
  g_test_add_func ("/guide/too-little-memory", test_too_little_memory);
  g_test_add_func ("/catalogue-list/list", test_list);
  g_test_add_func ("/catalogue-list/bad", test_bad_catalogue);
  return g_test_run ();
}
