/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The guide's answers, the list of models that can be got, and the dialog with all of them.
 */
#include "loop.h"
#include "scratch-folder.h"
#include "stages/model/catalogue-dialog.h"
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
check (AttuneModelGuide *guide, AttuneAnswers answers, guint memory_gb, guint hours,
       const char *language, const char *reason)
{
  attune_model_guide_answer (guide, answers, memory_gb, hours, language);
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
  gint64 large;

  gtk_window_present (GTK_WINDOW (window));
  adw_dialog_present (dialog, window);
  check (guide, ATTUNE_ANSWERS_LONG, 64, 0, "en", "Good for");
  large = attune_model_guide_get_model (guide)->parameters;
  check (guide, ATTUNE_ANSWERS_LONG, 64, 1, "en", "Good for");
  g_assert_cmpint (attune_model_guide_get_model (guide)->parameters, <, large);
  check (guide, ATTUNE_ANSWERS_LONG, 4, 1, "en", "Knows English");
  check (guide, ATTUNE_ANSWERS_SHORT, 0, 0, "de", "German");
  check (guide, ATTUNE_ANSWERS_SHORT, 64, 0, "tlh", "speaks this language");
  check (guide, ATTUNE_ANSWERS_LABELS, 8, 10, "en", "Tuning takes");

  g_signal_connect_swapped (guide, "taken", G_CALLBACK (remember), &taken);
  g_signal_emit_by_name (guide, "taken", attune_model_guide_get_model (guide)->id);
  g_assert_cmpstr (taken, ==, attune_model_guide_get_model (guide)->id);
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

  g_assert_cmpint (attune_model_guide_get_model (ATTUNE_MODEL_GUIDE (dialog))->parameters, <,
                   200000000);
  g_assert_nonnull (
      strstr (attune_model_guide_get_reason (ATTUNE_MODEL_GUIDE (dialog)), "smallest"));
  g_object_unref (dialog);
}

static gboolean
has_ended (AttuneDownload *download)
{
  return !attune_download_is_running (download);
}

/* Memory of a small computer. */
#define AVAILABLE 4000000000ull

static AttuneCatalogueList *
new_list (const char *models)
{
  g_autofree char *folder = shipped_folder ();
  AttuneCatalogueList *list
      = g_object_ref_sink (ATTUNE_CATALOGUE_LIST (attune_catalogue_list_new ()));

  attune_catalogue_list_load (list, folder, models);
  attune_catalogue_list_refresh (list, AVAILABLE);
  return list;
}

/* Few rows, of what fits, though the catalogue is long. */
static void
test_list (void)
{
  g_autoptr (ScratchFolder) models = scratch_folder_new ();
  AttuneCatalogueList *list = new_list (models);
  const AttuneCatalogueModel *first, *next;
  AttuneOfferRow *row;
  AttuneDownload *download;

  attune_catalogue_list_set_proxy (list, "http://127.0.0.1:1");
  g_assert_cmpuint (attune_catalogue_list_get_models (list)->len, >=, 40);
  g_assert_null (attune_catalogue_list_find (list, "nothing"));
  g_assert_nonnull (attune_catalogue_list_get_row (list, 2));
  g_assert_null (attune_catalogue_list_get_row (list, 3));
  row = attune_catalogue_list_get_row (list, 0);
  first = attune_offer_row_get_model (row);
  g_assert_cmpuint (first->bytes, <, AVAILABLE);
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), first->licence));
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), "to tune"));

  /* nobody listens at the hub: the row says so and offers to try again */
  g_setenv ("PIP_INDEX_URL", "http://127.0.0.1:1/simple", TRUE);
  g_setenv ("HF_ENDPOINT", "http://127.0.0.1:1", TRUE);
  download = attune_offer_row_get_download (row);
  g_assert_true (download == attune_catalogue_list_find (list, first->id));
  attune_download_start (download);
  test_loop_until (has_ended, download);
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), "127.0.0.1"));

  /* what is here already is not offered: the next one takes its place */
  next = attune_offer_row_get_model (attune_catalogue_list_get_row (list, 1));
  g_assert_true (g_file_set_contents (attune_download_get_path (download), "", 0, NULL));
  attune_catalogue_list_refresh (list, AVAILABLE);
  g_assert_true (attune_offer_row_get_model (attune_catalogue_list_get_row (list, 0)) == next);
  g_assert_nonnull (attune_catalogue_list_get_row (list, 2));

  /* where nothing fits, there is one all the same */
  attune_catalogue_list_refresh (list, 1000);
  g_assert_nonnull (attune_catalogue_list_get_row (list, 0));
  g_assert_null (attune_catalogue_list_get_row (list, 1));

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
  attune_catalogue_list_refresh (list, AVAILABLE);
  g_assert_cmpuint (attune_catalogue_list_get_models (list)->len, ==, 0);
  g_assert_true (is_shown (GTK_WIDGET (list), "m & n.json"));
  attune_catalogue_list_load (none, NULL, folder);
  g_assert_true (is_shown (GTK_WIDGET (none), "not installed"));
  g_object_unref (list);
  g_object_unref (none);
}

static guint
count_rows (GtkWidget *root)
{
  guint n = ADW_IS_ACTION_ROW (root) && gtk_widget_get_child_visible (root);

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_rows (child);
  return n;
}

static gboolean
has_rows (AdwDialog *dialog)
{
  return count_rows (GTK_WIDGET (dialog))
         >= attune_catalogue_dialog_count (ATTUNE_CATALOGUE_DIALOG (dialog));
}

static gboolean
is_dead (AdwDialog **dialog)
{
  return *dialog == NULL;
}

static void
test_dialog (void)
{
  g_autoptr (ScratchFolder) models = scratch_folder_new ();
  AttuneCatalogueList *list = new_list (models);
  AdwDialog *dialog = attune_catalogue_dialog_new (list, AVAILABLE);
  AttuneCatalogueDialog *all = ATTUNE_CATALOGUE_DIALOG (dialog);
  const guint n = attune_catalogue_list_get_models (list)->len;
  GtkWidget *window = adw_window_new ();

  gtk_window_present (GTK_WINDOW (window));
  adw_dialog_present (dialog, window);
  test_loop_until (has_rows, dialog);
  g_assert_cmpuint (attune_catalogue_dialog_count (all), ==, n);
  attune_catalogue_dialog_search (all, "  MIXTRAL ");
  g_assert_cmpuint (attune_catalogue_dialog_count (all), ==, 1);
  attune_catalogue_dialog_search (all, "qwen apache german");
  g_assert_cmpuint (attune_catalogue_dialog_count (all), >, 5);
  g_assert_cmpuint (attune_catalogue_dialog_count (all), <, n);
  attune_catalogue_dialog_search (all, "bananas");
  g_assert_cmpuint (attune_catalogue_dialog_count (all), ==, 0);
  g_assert_true (is_shown (GTK_WIDGET (dialog), "Nothing Found"));
  attune_catalogue_dialog_search (all, "");
  g_assert_cmpuint (attune_catalogue_dialog_count (all), ==, n);

  /* before anything is fetched: what each method takes, and what may be done with it */
  attune_catalogue_dialog_open (all, "llama-2-70b");
  g_assert_true (is_shown (GTK_WIDGET (dialog), "Whole Model (Full Fine-Tuning)"));
  g_assert_true (is_shown (GTK_WIDGET (dialog), "too much for this computer"));
  g_assert_true (is_shown (GTK_WIDGET (dialog), "Llama 2 Community"));
  g_assert_true (is_shown (GTK_WIDGET (dialog), "meta-llama/Llama-2-70b-hf"));
  g_assert_true (is_shown (GTK_WIDGET (dialog), "accepted at the model"));
  attune_catalogue_dialog_open (all, "smollm2-135m-instruct");
  g_assert_true (is_shown (GTK_WIDGET (dialog), "for a thousand samples"));
  g_assert_false (is_shown (GTK_WIDGET (dialog), "too much for this computer"));

  g_object_unref (list); /* the dialog keeps it */
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  g_object_add_weak_pointer (G_OBJECT (list), (gpointer *) &list);
  adw_dialog_force_close (dialog);
  gtk_window_destroy (GTK_WINDOW (window));
  test_loop_until (is_dead, &dialog);
  g_assert_null (list);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/guide/answers", test_answers);
  g_test_add_func ("/guide/too-little-memory", test_too_little_memory);
  g_test_add_func ("/catalogue-list/list", test_list);
  g_test_add_func ("/catalogue-list/dialog", test_dialog);
  g_test_add_func ("/catalogue-list/bad", test_bad_catalogue);
  return g_test_run ();
}
