/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The browser.
 */
#include "stages/data/record-browser.h"

#include "stages/data/record-detail.h"
#include "stages/data/record-row.h"

#include <glib/gi18n.h>

#define ALL_SPLITS ((1u << ATTUNE_N_SPLITS) - 1)
#define BY_HAND (ATTUNE_N_SPLITS + 1) /* the choice after all records and each split */

struct _AttuneRecordBrowser
{
  AdwDialog parent_instance;

  AttuneSession *session;
  AttuneRecords *records; /* (nullable): until they are open */
  AttuneRecordList *list;
  GHashTable *by_hand; /* record → AttuneByHand + 1: what was changed here */

  AdwNavigationSplitView *split_view;
  AdwWindowTitle *window_title;
  GtkSearchEntry *search_entry;
  GtkDropDown *split_drop_down;
  GtkProgressBar *progress_bar;
  GtkStack *stack;
  AdwStatusPage *failed_page;
  GtkSingleSelection *selection;
  AttuneRecordDetail *detail;
};

G_DEFINE_FINAL_TYPE (AttuneRecordBrowser, attune_record_browser, ADW_TYPE_DIALOG)

/* --- what is listed */

static void
show_count (AttuneRecordBrowser *self)
{
  const guint n = g_list_model_get_n_items (G_LIST_MODEL (self->list));
  const double progress = attune_record_list_get_progress (self->list);
  g_autofree char *count = g_strdup_printf (ngettext ("%'u record", "%'u records", n), n);

  adw_window_title_set_subtitle (self->window_title, count);
  gtk_widget_set_visible (GTK_WIDGET (self->progress_bar), progress >= 0);
  gtk_progress_bar_set_fraction (self->progress_bar, MAX (0, progress));
  gtk_stack_set_visible_child_name (self->stack, n > 0 || progress >= 0 ? "records" : "nothing");
}

static guint
get_splits (AttuneRecordBrowser *self)
{
  const guint selected = gtk_drop_down_get_selected (self->split_drop_down);

  if (selected == BY_HAND)
    return ALL_SPLITS | ATTUNE_RECORDS_BY_HAND;
  if (selected > BY_HAND) /* then as AttuneFinding has them */
    return ALL_SPLITS | ATTUNE_RECORDS_FOUND (selected - BY_HAND - 1);
  return selected == 0 ? ALL_SPLITS : 1u << (selected - 1);
}

static void
on_narrowed (AttuneRecordBrowser *self)
{
  if (self->list != NULL)
    attune_record_list_show (self->list, get_splits (self),
                             gtk_editable_get_text (GTK_EDITABLE (self->search_entry)));
}

static void
fail (AttuneRecordBrowser *self, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  adw_status_page_set_description (self->failed_page, escaped);
  gtk_stack_set_visible_child_name (self->stack, "failed");
}

/* --- rows */

static void
on_setup (AttuneRecordBrowser *self, GtkListItem *item)
{
  gtk_list_item_set_child (item,
                           attune_record_row_new (attune_records_is_prepared (self->records)));
}

/* What a screen reader calls it. */
static void
name_item (GtkListItem *item)
{
  const AttuneRecordView *view = attune_record_item_get_view (gtk_list_item_get_item (item));
  g_autofree char *name
      = view != NULL ? attune_record_row_shorten (view->record.fields[ATTUNE_FIELD_QUESTION])
                     : NULL;

  gtk_list_item_set_accessible_label (item, name != NULL ? name : _ ("Being Read"));
}

static void
note_by_hand (AttuneRecordBrowser *self, AttuneRecordItem *item)
{
  const guint noted = GPOINTER_TO_UINT (
      g_hash_table_lookup (self->by_hand, GUINT_TO_POINTER (attune_record_item_get_record (item))));

  attune_record_item_set_by_hand (item, (int) noted - 1);
}

static void
on_by_hand (AttuneRecordBrowser *self, guint record, guint kind)
{
  AttuneRecordItem *item = attune_record_list_find_item (self->list, record);

  g_hash_table_insert (self->by_hand, GUINT_TO_POINTER (record), GUINT_TO_POINTER (kind + 1));
  if (item != NULL)
    note_by_hand (self, item);
}

static void
on_bind (AttuneRecordBrowser *self, GtkListItem *item)
{
  AttuneRecordItem *record = gtk_list_item_get_item (item);

  note_by_hand (self, record);
  attune_record_row_set_item (ATTUNE_RECORD_ROW (gtk_list_item_get_child (item)), record);
  g_signal_connect_object (record, "notify::loaded", G_CALLBACK (name_item), item,
                           G_CONNECT_SWAPPED);
  name_item (item);
}

static void
on_unbind (AttuneRecordBrowser *self, GtkListItem *item)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (item), name_item, item);
  attune_record_row_set_item (ATTUNE_RECORD_ROW (gtk_list_item_get_child (item)), NULL);
}

static void
on_selected (AttuneRecordBrowser *self)
{
  AttuneRecordItem *item = gtk_single_selection_get_selected_item (self->selection);

  if (self->records == NULL)
    return;
  attune_record_detail_show (self->detail, self->session, self->records, item);
  if (item != NULL)
    adw_navigation_split_view_set_show_content (self->split_view, TRUE);
}

/* So that the same record can be chosen again. */
static void
on_back (AttuneRecordBrowser *self)
{
  if (adw_navigation_split_view_get_collapsed (self->split_view)
      && !adw_navigation_split_view_get_show_content (self->split_view))
    gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
}

/* --- opening */

static void
open_records (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  AttuneRecords *records = attune_records_open (data, &error);

  if (records != NULL)
    g_task_return_pointer (task, records, (GDestroyNotify) attune_records_unref);
  else
    g_task_return_error (task, error);
}

static void
opened (GObject *object, GAsyncResult *result, gpointer data)
{
  AttuneRecordBrowser *self = ATTUNE_RECORD_BROWSER (object);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneRecords) records = g_task_propagate_pointer (G_TASK (result), &error);

  if (self->session == NULL)
    return; /* closed meanwhile */
  if (records == NULL)
    {
      fail (self, error->message);
      return;
    }
  self->records = g_steal_pointer (&records);
  self->list = attune_record_list_new (self->records);
  g_signal_connect_object (self->list, "notify", G_CALLBACK (show_count), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "failed", G_CALLBACK (fail), self, G_CONNECT_SWAPPED);
  gtk_widget_set_visible (GTK_WIDGET (self->split_drop_down),
                          attune_records_is_prepared (self->records));
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->list));
  on_narrowed (self); /* what was typed meanwhile */
}

AttuneRecordList *
attune_record_browser_get_list (AttuneRecordBrowser *self)
{
  g_return_val_if_fail (ATTUNE_IS_RECORD_BROWSER (self), NULL);
  return self->list;
}

GtkWidget *
attune_record_browser_get_detail (AttuneRecordBrowser *self)
{
  g_return_val_if_fail (ATTUNE_IS_RECORD_BROWSER (self), NULL);
  return GTK_WIDGET (self->detail);
}

void
attune_record_browser_search (AttuneRecordBrowser *self, const char *text)
{
  g_return_if_fail (ATTUNE_IS_RECORD_BROWSER (self) && text != NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), text);
}

void
attune_record_browser_select (AttuneRecordBrowser *self, guint position)
{
  g_return_if_fail (ATTUNE_IS_RECORD_BROWSER (self));
  gtk_single_selection_set_selected (self->selection, position);
}

AttuneRecordBrowser *
attune_record_browser_new (AttuneSession *session)
{
  AttuneRecordBrowser *self = g_object_new (ATTUNE_TYPE_RECORD_BROWSER, NULL);
  g_autoptr (GTask) task = g_task_new (self, NULL, opened, NULL);

  self->session = g_object_ref (session);
  g_task_set_task_data (
      task, attune_project_get_file (attune_session_get_project (session), "dataset.h5"), g_free);
  g_task_run_in_thread (task, open_records);
  return self;
}

/* --- the object */

static void
attune_record_browser_dispose (GObject *object)
{
  AttuneRecordBrowser *self = ATTUNE_RECORD_BROWSER (object);

  /* the parent class would unparent a child that dispose_template() has freed: it has an id */
  adw_dialog_set_child (ADW_DIALOG (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_RECORD_BROWSER);
  g_clear_object (&self->list);
  g_clear_pointer (&self->records, attune_records_unref);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (attune_record_browser_parent_class)->dispose (object);
}

static void
attune_record_browser_finalize (GObject *object)
{
  g_hash_table_unref (ATTUNE_RECORD_BROWSER (object)->by_hand);
  G_OBJECT_CLASS (attune_record_browser_parent_class)->finalize (object);
}

static void
attune_record_browser_class_init (AttuneRecordBrowserClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_record_browser_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_record_browser_finalize;
  g_type_ensure (ATTUNE_TYPE_RECORD_DETAIL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/data/record-browser.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, AttuneRecordBrowser, child)
  BIND (split_view);
  BIND (window_title);
  BIND (search_entry);
  BIND (split_drop_down);
  BIND (progress_bar);
  BIND (stack);
  BIND (failed_page);
  BIND (selection);
  BIND (detail);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_narrowed);
  gtk_widget_class_bind_template_callback (widget_class, on_setup);
  gtk_widget_class_bind_template_callback (widget_class, on_bind);
  gtk_widget_class_bind_template_callback (widget_class, on_unbind);
  gtk_widget_class_bind_template_callback (widget_class, on_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_back);
  gtk_widget_class_bind_template_callback (widget_class, on_by_hand);
}

static void
attune_record_browser_init (AttuneRecordBrowser *self)
{
  self->by_hand = g_hash_table_new (NULL, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
}
