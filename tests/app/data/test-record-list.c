/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A million records in a list: only what is looked at is read.
 */
#include "stages/data/record-list.h"
#include "stages/data/record-row.h"

#include "loop.h"
#include "many-records.h"

#include <adwaita.h>
#include <glib/gstdio.h>

#define MILLION 1000000
#define KEPT ((1u << ATTUNE_SPLIT_TRAIN))
#define ALL ((1u << ATTUNE_N_SPLITS) - 1)

static char *folder, *million; /* made once: it takes a while */

typedef struct
{
  AttuneRecords *records;
  AttuneRecordList *list;
  GListModel *model; /* the same */
  char *failure;
  guint n_failures, n_changes;
} Fixture;

static void
on_failed (Fixture *f, const char *text)
{
  g_free (f->failure);
  f->failure = g_strdup (text);
  f->n_failures++;
}

static void
on_items_changed (Fixture *f)
{
  f->n_changes++;
}

static void
open_list (Fixture *f, const char *path)
{
  g_autoptr (GError) error = NULL;

  f->records = attune_records_open (path, &error);
  g_assert_no_error (error);
  f->list = attune_record_list_new (f->records);
  f->model = G_LIST_MODEL (f->list);
  g_signal_connect_swapped (f->list, "failed", G_CALLBACK (on_failed), f);
  g_signal_connect_swapped (f->list, "items-changed", G_CALLBACK (on_items_changed), f);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  open_list (f, million);
}

static gboolean
is_gone (AttuneRecordList **list)
{
  return *list == NULL;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_object_add_weak_pointer (G_OBJECT (f->list), (gpointer *) &f->list);
  g_object_unref (f->list);
  test_loop_until (is_gone, &f->list); /* a search in its thread holds it for a moment */
  attune_records_unref (f->records);
  g_free (f->failure);
}

static gboolean
is_loaded (AttuneRecordItem *item)
{
  return attune_record_item_get_view (item) != NULL;
}

static void
assert_question (AttuneRecordItem *item, guint record)
{
  g_autofree char *question = g_strdup_printf ("Question %u", record);
  const AttuneRecordView *view;

  test_loop_until (is_loaded, item);
  view = attune_record_item_get_view (item);
  g_assert_cmpuint (attune_record_item_get_record (item), ==, record);
  g_assert_cmpstr (view->record.fields[ATTUNE_FIELD_QUESTION], ==, question);
  g_assert_cmpuint (view->record.line, ==, record + 2);
}

static void
test_open (void)
{
  const gint64 start = g_get_monotonic_time ();
  Fixture f = { 0 };
  double ms;

  open_list (&f, million);
  g_assert_cmpuint (g_list_model_get_n_items (f.model), ==, MILLION);
  ms = (g_get_monotonic_time () - start) / 1e3;
  g_test_minimized_result (ms, "a million records opened in %.0f ms", ms);
  g_assert_cmpuint (attune_record_list_get_n_reads (f.list), ==, 0); /* no text yet */
  tear_down (&f, NULL);
}

static void
test_blocks (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneRecordItem) first = g_list_model_get_item (f->model, 0);
  g_autoptr (AttuneRecordItem) again = g_list_model_get_item (f->model, 0);
  g_autoptr (AttuneRecordItem) near_by = NULL, last = NULL;
  gboolean loaded = TRUE;
  guint record = 1;

  g_assert_true (first == again);
  g_object_get (first, "loaded", &loaded, "record", &record, NULL);
  g_assert_false (loaded); /* it is read in a thread */
  g_assert_cmpuint (record, ==, 0);
  assert_question (first, 0);
  g_assert_cmpuint (attune_record_list_get_n_reads (f->list), ==, 1);
  near_by = g_list_model_get_item (f->model, ATTUNE_RECORD_LIST_BLOCK - 1);
  g_assert_true (is_loaded (near_by)); /* it came with the first */
  last = g_list_model_get_item (f->model, MILLION - 1);
  assert_question (last, MILLION - 1);
  g_assert_cmpuint (attune_record_list_get_n_reads (f->list), ==, 2);
  g_assert_null (g_list_model_get_item (f->model, MILLION));
  g_assert_true (g_list_model_get_item_type (f->model) == ATTUNE_TYPE_RECORD_ITEM);
}

/* What has scrolled past is not read: of a thousand blocks only those that are still looked at. */
static void
test_fling (Fixture *f, gconstpointer data)
{
  AttuneRecordItem *item = NULL;

  for (guint i = 0; i < MILLION; i += 1000)
    {
      g_clear_object (&item);
      item = g_list_model_get_item (f->model, i);
    }
  assert_question (item, MILLION - 1000);
  g_assert_cmpuint (attune_record_list_get_n_reads (f->list), <=, 2);
  g_object_unref (item);
}

/* --- in a list view */

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  gtk_list_item_set_child (item, attune_record_row_new (TRUE));
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  attune_record_row_set_item (ATTUNE_RECORD_ROW (gtk_list_item_get_child (item)),
                              gtk_list_item_get_item (item));
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  attune_record_row_set_item (ATTUNE_RECORD_ROW (gtk_list_item_get_child (item)), NULL);
}

static GtkWidget *
open_window (Fixture *f, GtkAdjustment **scroll)
{
  GtkWidget *window = gtk_window_new (), *scrolled = gtk_scrolled_window_new ();
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), NULL);
  gtk_scrolled_window_set_child (
      GTK_SCROLLED_WINDOW (scrolled),
      gtk_list_view_new (GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (f->model))),
                         factory));
  gtk_window_set_child (GTK_WINDOW (window), scrolled);
  gtk_window_set_default_size (GTK_WINDOW (window), 400, 700);
  gtk_window_present (GTK_WINDOW (window));
  *scroll = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));
  return window;
}

static gboolean
has_read (AttuneRecordList *list)
{
  return attune_record_list_get_n_reads (list) > 0;
}

/* Turns the loop for @ms; returns how long the longest turn took, in ms. */
static double
turn (double ms)
{
  const gint64 end = g_get_monotonic_time () + ms * 1000;
  gint64 longest = 0;

  while (g_get_monotonic_time () < end)
    {
      const gint64 start = g_get_monotonic_time ();

      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (500);
      else
        longest = MAX (longest, g_get_monotonic_time () - start);
    }
  return longest / 1e3;
}

/* From one end of a million records to the other: few blocks are read, and the loop turns on. */
static void
test_scroll (Fixture *f, gconstpointer data)
{
  const gint64 start = g_get_monotonic_time ();
  GtkAdjustment *scroll;
  GtkWidget *window = open_window (f, &scroll);
  double longest = 0;

  test_loop_until (has_read, f->list);
  g_test_message ("the first records of a million are shown after %.0f ms",
                  (g_get_monotonic_time () - start) / 1e3);
  for (int i = 0; i <= 100; i++)
    {
      const double range
          = gtk_adjustment_get_upper (scroll) - gtk_adjustment_get_page_size (scroll);

      gtk_adjustment_set_value (scroll, range * i / 100);
      longest = MAX (longest, turn (20));
    }
  g_test_minimized_result (longest, "longest turn of the loop while scrolling: %.1f ms", longest);
  g_assert_cmpuint (attune_record_list_get_n_reads (f->list), <=, 102 * 4);
  gtk_window_destroy (GTK_WINDOW (window));
  turn (20);
}

/* Only the latest blocks are kept. */
static void
test_forgetting (Fixture *f, gconstpointer data)
{
  const guint n = ATTUNE_RECORD_LIST_KEPT + 1;
  g_autoptr (AttuneRecordItem) recent = NULL, old = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (AttuneRecordItem) item
          = g_list_model_get_item (f->model, i * ATTUNE_RECORD_LIST_BLOCK);

      assert_question (item, i * ATTUNE_RECORD_LIST_BLOCK);
    }
  g_assert_cmpuint (attune_record_list_get_n_reads (f->list), ==, n);
  recent = g_list_model_get_item (f->model, (n - 1) * ATTUNE_RECORD_LIST_BLOCK);
  g_assert_true (is_loaded (recent));
  old = g_list_model_get_item (f->model, 0);
  g_assert_false (is_loaded (old));
  assert_question (old, 0);
  g_assert_cmpuint (attune_record_list_get_n_reads (f->list), ==, n + 1);
}

static void
test_items_go (Fixture *f, gconstpointer data)
{
  AttuneRecordItem *item = g_list_model_get_item (f->model, 5);

  assert_question (item, 5);
  g_object_add_weak_pointer (G_OBJECT (item), (gpointer *) &item);
  g_object_unref (item);
  g_assert_null (item); /* the list does not hold it */
}

static void
test_filter (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneRecordItem) item = NULL, left_out = NULL;

  attune_record_list_show (f->list, KEPT, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (f->model), ==, MILLION / 10 * 9);
  g_assert_cmpuint (f->n_changes, ==, 1);
  item = g_list_model_get_item (f->model, 9); /* record 9 is left out */
  assert_question (item, 10);
  attune_record_list_show (f->list, 1u << ATTUNE_SPLIT_EXCLUDED, "");
  g_assert_cmpuint (g_list_model_get_n_items (f->model), ==, MILLION / 10);
  left_out = g_list_model_get_item (f->model, 1);
  assert_question (left_out, 19);
  attune_record_list_show (f->list, 1u << ATTUNE_SPLIT_TEST, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (f->model), ==, 0);
  attune_record_list_show (f->list, ALL, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (f->model), ==, MILLION);
}

static gboolean
has_searched (AttuneRecordList *list)
{
  return attune_record_list_get_progress (list) < 0;
}

static gboolean
has_some (GListModel *model)
{
  return g_list_model_get_n_items (model) > 0;
}

static void
test_search (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneRecordItem) first = NULL, last = NULL;
  gint64 start;

  /* hits come before the search has ended */
  attune_record_list_show (f->list, ALL, "question 1");
  test_loop_until (has_some, f->model);
  g_assert_false (has_searched (f->list));

  /* another word: what is still found of the first is dropped */
  start = g_get_monotonic_time ();
  attune_record_list_show (f->list, ALL, "QUESTION 99999");
  test_loop_until (has_searched, f->list);
  g_test_message ("a million records searched in %.0f ms", (g_get_monotonic_time () - start) / 1e3);
  g_assert_cmpuint (g_list_model_get_n_items (f->model), ==, 11);
  first = g_list_model_get_item (f->model, 0);
  last = g_list_model_get_item (f->model, 10);
  assert_question (first, 99999);
  assert_question (last, 999999);

  attune_record_list_show (f->list, KEPT, "question 99999");
  test_loop_until (has_searched, f->list);
  g_assert_cmpuint (g_list_model_get_n_items (f->model), ==, 9); /* two end in 9 */
  g_assert_cmpuint (f->n_failures, ==, 0);
}

/* Nothing comes after the list has gone; and it goes while it is searched. */
static void
test_closing (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneRecordItem) item = g_list_model_get_item (f->model, 77);

  g_object_add_weak_pointer (G_OBJECT (f->list), (gpointer *) &f->list);
  g_object_unref (f->list);
  g_assert_null (f->list); /* though a block is being read */
  attune_records_unref (f->records);
  open_list (f, million);
  attune_record_list_show (f->list, ALL, "1");
  tear_down (f, NULL);
  open_list (f, million);
  for (int i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (is_loaded (item));
}

static gboolean
has_failed (Fixture *f)
{
  return f->n_failures > 0;
}

static void
test_damaged (void)
{
  g_autofree char *path = g_build_filename (folder, "damaged.h5", NULL);
  Fixture f = { 0 };
  AttuneRecordItem *item;

  write_many_records (path, 300, FALSE);
  open_list (&f, path);
  item = g_list_model_get_item (f.model, 0);
  test_loop_until (has_failed, &f);
  g_assert_nonnull (strstr (f.failure, "damaged.h5"));
  g_assert_false (is_loaded (item));
  g_object_unref (item);
  tear_down (&f, NULL);
  g_assert_cmpint (g_remove (path), ==, 0);
}

#define CASE(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  adw_init ();
  folder = g_dir_make_tmp ("attune-records-XXXXXX", NULL);
  million = g_build_filename (folder, "dataset.h5", NULL);
  write_many_records (million, MILLION, TRUE);
  g_test_add_func ("/record-list/open", test_open);
  CASE ("/record-list/blocks", test_blocks);
  CASE ("/record-list/fling", test_fling);
  CASE ("/record-list/scroll", test_scroll);
  CASE ("/record-list/forgetting", test_forgetting);
  CASE ("/record-list/items-go", test_items_go);
  CASE ("/record-list/filter", test_filter);
  CASE ("/record-list/search", test_search);
  CASE ("/record-list/closing", test_closing);
  g_test_add_func ("/record-list/damaged", test_damaged);
  status = g_test_run ();
  g_remove (million);
  g_rmdir (folder);
  g_free (million);
  g_free (folder);
  return status;
}
