/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking through the records of a real project.
 */
#include "page-fixture.h"

#include "stages/data/page.h"
#include "stages/data/record-browser.h"
#include "stages/data/record-detail.h"

typedef struct
{
  PageFixture page;
  AttuneRecordBrowser *browser; /* borrowed; %NULL once it is closed */
} Fixture;

static void
set_up (Fixture *f, gconstpointer prepared)
{
  test_project_set_up (&f->page.files, NULL);
  g_free (test_attunectl_good (&f->page.files, "new %P --model %M"));
  g_free (test_attunectl_good (&f->page.files, "import %P %T"));
  if (prepared != NULL)
    g_free (test_attunectl_good (&f->page.files, "prepare %P"));
  page_fixture_open (&f->page, ATTUNE_TYPE_DATA_PAGE);
}

static gboolean
is_closed (Fixture *f)
{
  return f->browser == NULL;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  adw_dialog_force_close (ADW_DIALOG (f->browser));
  test_loop_until (is_closed, f);
  page_fixture_close (&f->page);
  test_project_tear_down (&f->page.files, NULL);
}

static gboolean
is_ready (Fixture *f)
{
  return attune_session_get_data (f->page.session) != NULL
         && attune_session_get_model (f->page.session) != NULL && page_fixture_is_idle (&f->page);
}

static gboolean
is_open (Fixture *f)
{
  return attune_record_browser_get_list (f->browser) != NULL;
}

static void
open_browser (Fixture *f)
{
  test_loop_until (is_ready, f);
  f->browser = attune_record_browser_new (f->page.session);
  g_object_add_weak_pointer (G_OBJECT (f->browser), (gpointer *) &f->browser);
  adw_dialog_present (ADW_DIALOG (f->browser), f->page.page);
  test_loop_until (is_open, f);
}

static guint
count (Fixture *f)
{
  return g_list_model_get_n_items (G_LIST_MODEL (attune_record_browser_get_list (f->browser)));
}

static AttuneRecordDetail *
get_detail (Fixture *f)
{
  return ATTUNE_RECORD_DETAIL (find_widget (GTK_WIDGET (f->browser), ATTUNE_TYPE_RECORD_DETAIL));
}

static gboolean
shows_reading (Fixture *f)
{
  const char *text = attune_record_detail_get_reading (get_detail (f));

  return *text != '\0' && !g_str_equal (text, "…");
}

/* The label with what is read; its attributes mark what is learned. */
static GtkWidget *
find_reading_label (Fixture *f)
{
  return find_label (GTK_WIDGET (f->browser), attune_record_detail_get_reading (get_detail (f)));
}

static gboolean
shows_reading_label (Fixture *f)
{
  return find_reading_label (f) != NULL;
}

static char *
get_marked (Fixture *f)
{
  GtkLabel *label = GTK_LABEL (find_reading_label (f));
  g_autoptr (GString) marked = g_string_new (NULL);
  GSList *attributes = pango_attr_list_get_attributes (gtk_label_get_attributes (label));

  for (GSList *l = attributes; l != NULL; l = l->next)
    {
      const PangoAttribute *attribute = l->data;

      if (attribute->klass->type == PANGO_ATTR_UNDERLINE)
        g_string_append_len (marked, gtk_label_get_text (label) + attribute->start_index,
                             attribute->end_index - attribute->start_index);
    }
  g_slist_free_full (attributes, (GDestroyNotify) pango_attribute_destroy);
  return g_string_free (g_steal_pointer (&marked), FALSE);
}

static void
test_reading (Fixture *f, gconstpointer data)
{
  g_autofree char *marked = NULL;

  open_browser (f);
  g_assert_cmpuint (count (f), ==, 60);
  attune_record_browser_select (f->browser, 0);
  test_loop_until (shows_reading, f);
  g_assert_nonnull (strstr (attune_record_detail_get_reading (get_detail (f)), "cardiitis"));
  test_loop_until (shows_reading_label, f); /* the page with it comes in with the next frames */
  marked = get_marked (f);
  g_assert_cmpstr (marked, ==, "inflammation of the heart<|im_end|>");
  g_assert_nonnull (find_label (GTK_WIDGET (f->browser), "table.csv, line 2"));
}

static gboolean
shows_count (Fixture *f)
{
  return find_label (GTK_WIDGET (f->browser), "6 records") != NULL;
}

static gboolean
has_found (Fixture *f)
{
  return count (f) == 6
         && attune_record_list_get_progress (attune_record_browser_get_list (f->browser)) < 0;
}

static gboolean
shows_nothing_found (Fixture *f)
{
  return find_label (GTK_WIDGET (f->browser), "No Records Found") != NULL;
}

static void
test_search (Fixture *f, gconstpointer data)
{
  open_browser (f);
  attune_record_browser_search (f->browser, "THE LIVER");
  test_loop_until (has_found, f);
  test_loop_until (shows_count, f);
  attune_record_browser_search (f->browser, "the moon");
  test_loop_until (shows_nothing_found, f);
}

static gboolean
has_one (Fixture *f)
{
  return count (f) == 1
         && attune_record_list_get_progress (attune_record_browser_get_list (f->browser)) < 0;
}

static gboolean
says_found (Fixture *f)
{
  return find_label (GTK_WIDGET (f->browser), "Keys or passwords") != NULL;
}

static gboolean
has_none (Fixture *f)
{
  return count (f) == 0
         && attune_record_list_get_progress (attune_record_browser_get_list (f->browser)) < 0;
}

/* What was found in records is listed, kind by kind, though it is masked. */
static void
test_found (Fixture *f, gconstpointer data)
{
  g_autofree char *path = NULL, *command = NULL;
  GtkDropDown *choice;

  test_loop_until (is_ready, f);
  path = g_build_filename (f->page.files.folder, "found.csv", NULL);
  g_assert_true (
      g_file_set_contents (path,
                           "question,answer\nHow do I log in?,The password is s3cr3t%pa.\n"
                           "And then?,\"Wait, you idiot.\"\n",
                           -1, NULL));
  command = g_strdup_printf ("import %%P %s", path);
  g_free (test_attunectl_good (&f->page.files, command));
  g_free (test_attunectl_good (&f->page.files, "prepare %P"));
  open_browser (f);
  choice = GTK_DROP_DOWN (find_widget (GTK_WIDGET (f->browser), GTK_TYPE_DROP_DOWN));
  gtk_drop_down_set_selected (choice, 7); /* keys or passwords */
  test_loop_until (has_one, f);
  attune_record_browser_select (f->browser, 0);
  test_loop_until (says_found, f);
  gtk_drop_down_set_selected (choice, 8); /* toxic words */
  test_loop_until (has_one, f);
  gtk_drop_down_set_selected (choice, 6); /* personal data */
  test_loop_until (has_none, f);
}

/* Before it is prepared the records can be seen, but not what a model reads. */
static void
test_raw (Fixture *f, gconstpointer data)
{
  open_browser (f);
  attune_record_browser_select (f->browser, 7);
  test_loop_until (shows_reading, f);
  g_assert_nonnull (strstr (attune_record_detail_get_reading (get_detail (f)), "Prepare the data"));
  g_assert_false (
      gtk_widget_get_visible (find_widget (GTK_WIDGET (f->browser), GTK_TYPE_DROP_DOWN)));
}

static gboolean
has_no_model (Fixture *f)
{
  return attune_session_get_model (f->page.session) == NULL && page_fixture_is_idle (&f->page);
}

static void
test_no_model (Fixture *f, gconstpointer data)
{
  test_loop_until (is_ready, f);
  open_browser (f);
  attune_session_set_model (f->page.session, NULL);
  test_loop_until (has_no_model, f);
  attune_record_browser_select (f->browser, 1);
  test_loop_until (shows_reading, f);
  g_assert_nonnull (strstr (attune_record_detail_get_reading (get_detail (f)), "Choose a model"));
}

static gboolean
has_failed (Fixture *f)
{
  return find_label (GTK_WIDGET (f->browser), "Could Not Be Read") != NULL;
}

static void
test_gone (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->page.files.project, "dataset.h5", NULL);

  test_loop_until (is_ready, f);
  g_assert_true (g_file_set_contents (path, "something else", -1, NULL));
  f->browser = attune_record_browser_new (f->page.session);
  g_object_add_weak_pointer (G_OBJECT (f->browser), (gpointer *) &f->browser);
  adw_dialog_present (ADW_DIALOG (f->browser), f->page.page);
  test_loop_until (has_failed, f);
  g_assert_nonnull (find_label (GTK_WIDGET (f->browser), "dataset.h5"));
}

#define CASE(path, test, prepared) g_test_add (path, Fixture, prepared, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  CASE ("/record-browser/reading", test_reading, "prepared");
  CASE ("/record-browser/search", test_search, "prepared");
  CASE ("/record-browser/found", test_found, "prepared");
  CASE ("/record-browser/raw", test_raw, NULL);
  CASE ("/record-browser/no-model", test_no_model, "prepared");
  CASE ("/record-browser/gone", test_gone, "prepared");
  return g_test_run ();
}
