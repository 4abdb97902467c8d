/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog: read once, when it is made.
 */
#include "stages/data/bad-rows-dialog.h"

#include "data/bad-rows.h"
#include "stages/data/count.h"

#include <glib/gi18n.h>

/* Whoever has more has to mend the table in another way. */
#define MAX_SHOWN 500

struct _AttuneBadRowsDialog
{
  AdwDialog parent_instance;

  char *dataset;
  guint source;

  AdwWindowTitle *window_title;
  GtkStack *stack;
  AdwStatusPage *failed_page;
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (AttuneBadRowsDialog, attune_bad_rows_dialog, ADW_TYPE_DIALOG)

static GtkWidget *
row_new (const AttuneKeptRow *kept)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *line = attune_count_to_text (kept->line);
  g_autofree char *title = g_strdup_printf (_ ("Line %s: %s"), line, kept->reason);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), kept->text);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 2);
  adw_action_row_set_subtitle_selectable (ADW_ACTION_ROW (row), TRUE);
  return row;
}

static void
read_rows (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  const AttuneBadRowsDialog *self = object; /* what is read here does not change */
  GError *error = NULL;
  GPtrArray *rows = attune_bad_rows_read (self->dataset, self->source, MAX_SHOWN, &error);

  if (rows != NULL)
    g_task_return_pointer (task, rows, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
rows_read (GObject *object, GAsyncResult *result, gpointer data)
{
  AttuneBadRowsDialog *self = ATTUNE_BAD_ROWS_DIALOG (object);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = g_task_propagate_pointer (G_TASK (result), &error);

  if (self->list == NULL)
    return; /* closed meanwhile */
  if (rows == NULL)
    {
      g_autofree char *text = g_markup_escape_text (error->message, -1);

      adw_status_page_set_description (self->failed_page, text);
    }
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    gtk_list_box_append (self->list, row_new (g_ptr_array_index (rows, i)));
  gtk_stack_set_visible_child_name (self->stack, rows != NULL ? "rows" : "failed");
}

GtkListBox *
attune_bad_rows_dialog_get_list (AttuneBadRowsDialog *self)
{
  g_return_val_if_fail (ATTUNE_IS_BAD_ROWS_DIALOG (self), NULL);
  return self->list;
}

AttuneBadRowsDialog *
attune_bad_rows_dialog_new (const char *dataset, guint source, const char *name)
{
  AttuneBadRowsDialog *self = g_object_new (ATTUNE_TYPE_BAD_ROWS_DIALOG, NULL);
  g_autoptr (GTask) task = g_task_new (self, NULL, rows_read, NULL);

  self->dataset = g_strdup (dataset);
  self->source = source;
  adw_window_title_set_subtitle (self->window_title, name);
  g_task_run_in_thread (task, read_rows);
  return self;
}

static void
attune_bad_rows_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_BAD_ROWS_DIALOG);
  G_OBJECT_CLASS (attune_bad_rows_dialog_parent_class)->dispose (object);
}

static void
attune_bad_rows_dialog_finalize (GObject *object)
{
  g_free (ATTUNE_BAD_ROWS_DIALOG (object)->dataset);
  G_OBJECT_CLASS (attune_bad_rows_dialog_parent_class)->finalize (object);
}

static void
attune_bad_rows_dialog_class_init (AttuneBadRowsDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_bad_rows_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_bad_rows_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/data/bad-rows-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneBadRowsDialog, window_title);
  gtk_widget_class_bind_template_child (widget_class, AttuneBadRowsDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneBadRowsDialog, failed_page);
  gtk_widget_class_bind_template_child (widget_class, AttuneBadRowsDialog, list);
}

static void
attune_bad_rows_dialog_init (AttuneBadRowsDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
