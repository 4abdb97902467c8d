/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog, and how the file is read; what its columns are for is in import-roles.c. A correction
 * has the file looked at again, in a thread; what comes late of an earlier
 * look is dropped.
 */
#include "stages/data/import-choices.h"
#include "stages/data/import-dialog-private.h"
#include "stages/data/preview.h"

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (AttuneImportDialog, attune_import_dialog, ADW_TYPE_DIALOG)

/* --- how the file is read */

static void
show_guess (AttuneImportDialog *self)
{
  const AttuneSource *source = self->source;
  const char delimiter[] = { source->delimiter, '\0' };
  const gboolean is_csv = g_str_equal (source->format, "csv");
  const gboolean is_fixed = attune_import_choices_is_fixed (source->format);
  const gboolean has_header = attune_import_choices_has_header (source->format);

  self->showing = TRUE;
  attune_import_choices_name (self->table_row, source->tables, source->table);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->table_row),
                                 g_str_equal (source->format, "data-folder") ? _ ("Part")
                                                                             : _ ("Table"));
  attune_import_choices_select (self->format_row, attune_import_formats, source->format);
  attune_import_choices_select (self->encoding_row, attune_import_encodings, source->encoding);
  attune_import_choices_select (self->delimiter_row, attune_import_delimiters, delimiter);
  adw_switch_row_set_active (self->header_row, source->header);
  gtk_widget_set_visible (GTK_WIDGET (self->format_row), !is_fixed);
  gtk_widget_set_visible (GTK_WIDGET (self->encoding_row), !is_fixed);
  gtk_widget_set_visible (GTK_WIDGET (self->delimiter_row), is_csv);
  gtk_widget_set_visible (GTK_WIDGET (self->header_row), has_header);
  gtk_widget_set_visible (GTK_WIDGET (self->reading_group),
                          !is_fixed || has_header
                              || gtk_widget_get_visible (GTK_WIDGET (self->table_row)));
  self->showing = FALSE;
}

static void look (AttuneImportDialog *self);

static void
on_hint (AttuneImportDialog *self, GParamSpec *pspec, GtkWidget *row)
{
  const char *delimiter;

  if (self->showing || self->path == NULL)
    return;
  if (row == GTK_WIDGET (self->format_row))
    self->hints = (AttuneSourceHints) {
      .format = attune_import_choices_get (self->format_row, attune_import_formats),
      .encoding = self->hints.encoding,
      .header = -1,
    };
  else if (row == GTK_WIDGET (self->encoding_row))
    self->hints.encoding = attune_import_choices_get (self->encoding_row, attune_import_encodings);
  else if (row == GTK_WIDGET (self->delimiter_row))
    {
      delimiter = attune_import_choices_get (self->delimiter_row, attune_import_delimiters);
      self->hints.delimiter = delimiter != NULL ? *delimiter : '\0';
      self->hints.header = -1; /* of other columns it may be something else */
    }
  else
    self->hints.header = adw_switch_row_get_active (self->header_row);
  look (self);
}

static void
on_table (AttuneImportDialog *self, GParamSpec *pspec, GtkWidget *row)
{
  GtkStringObject *chosen = adw_combo_row_get_selected_item (self->table_row);

  if (self->showing || chosen == NULL)
    return;
  self->hints.table = g_intern_string (gtk_string_object_get_string (chosen));
  look (self);
}

/* --- looking at the file */

typedef struct
{
  char *path;
  AttuneSourceHints hints;
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_free (look->path);
  g_free (look);
}

static void
probe (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  const Look *look = data;
  GError *error = NULL;
  AttuneSource *source = attune_source_probe_as (look->path, &look->hints, &error);

  if (source != NULL)
    g_task_return_pointer (task, source, (GDestroyNotify) attune_source_free);
  else
    g_task_return_error (task, error);
}

static void
probed (GObject *object, GAsyncResult *result, gpointer data)
{
  AttuneImportDialog *self = ATTUNE_IMPORT_DIALOG (object);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_task_get_cancellable (G_TASK (result)) != self->looking)
    return; /* corrected again meanwhile, or closed */
  g_clear_object (&self->looking);
  if (source == NULL && g_str_equal (attune_import_dialog_get_state (self), "loading"))
    {
      g_autofree char *text = g_markup_escape_text (error->message, -1);

      adw_status_page_set_description (self->failed_page, text);
      gtk_stack_set_visible_child_name (self->stack, "failed");
    }
  if (source == NULL)
    {
      attune_preview_show (self->preview, self->rows, NULL);
      gtk_widget_set_visible (GTK_WIDGET (self->preview_group), FALSE);
      gtk_widget_set_visible (GTK_WIDGET (self->roles_group), FALSE);
      attune_import_dialog_show_problem (self, error->message);
      return;
    }
  g_clear_pointer (&self->source, attune_source_free);
  self->source = g_steal_pointer (&source);
  if (attune_source_is_address (self->path))
    adw_window_title_set_subtitle (self->window_title, self->source->path);
  show_guess (self);
  attune_import_dialog_show_columns (self);
  attune_preview_show (self->preview, self->rows, self->source);
  gtk_widget_set_visible (GTK_WIDGET (self->preview_group), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->roles_group), TRUE);
  gtk_stack_set_visible_child_name (self->stack, "table");
  attune_import_dialog_show_problem (self, NULL);
}

static void
look (AttuneImportDialog *self)
{
  g_autoptr (GTask) task = NULL;
  Look *about = g_new (Look, 1);

  *about = (Look) { g_strdup (self->path), self->hints };
  g_clear_object (&self->looking);
  self->looking = g_cancellable_new ();
  task = g_task_new (self, self->looking, probed, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, about, look_free);
  g_task_run_in_thread (task, probe);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "import.import", FALSE);
}

/* --- actions */

static void
cancel (GtkWidget *widget, const char *action, GVariant *parameter)
{
  adw_dialog_close (ADW_DIALOG (widget));
}

static void
import (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneImportDialog *self = ATTUNE_IMPORT_DIALOG (widget);

  attune_session_import (self->session, g_steal_pointer (&self->source));
  adw_dialog_close (ADW_DIALOG (self));
}

/* --- the object */

const char *
attune_import_dialog_get_state (AttuneImportDialog *self)
{
  g_return_val_if_fail (ATTUNE_IS_IMPORT_DIALOG (self), NULL);
  return gtk_stack_get_visible_child_name (self->stack);
}

AttuneImportDialog *
attune_import_dialog_new (AttuneSession *session, const char *path)
{
  AttuneImportDialog *self;
  g_autofree char *name = NULL;

  g_return_val_if_fail (ATTUNE_IS_SESSION (session) && path != NULL, NULL);

  self = g_object_new (ATTUNE_TYPE_IMPORT_DIALOG, NULL);
  self->session = g_object_ref (session);
  self->path = g_strdup (path);
  if (!attune_source_is_address (path)) /* it may hold a password */
    {
      name = g_filename_display_basename (path);
      adw_window_title_set_subtitle (self->window_title, name);
    }
  look (self);
  return self;
}

static void
attune_import_dialog_dispose (GObject *object)
{
  AttuneImportDialog *self = ATTUNE_IMPORT_DIALOG (object);

  g_clear_object (&self->looking);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_IMPORT_DIALOG);
  g_clear_object (&self->session);
  g_clear_pointer (&self->source, attune_source_free);
  g_clear_pointer (&self->path, g_free);
  G_OBJECT_CLASS (attune_import_dialog_parent_class)->dispose (object);
}

static void
attune_import_dialog_finalize (GObject *object)
{
  g_ptr_array_unref (ATTUNE_IMPORT_DIALOG (object)->role_rows);
  G_OBJECT_CLASS (attune_import_dialog_parent_class)->finalize (object);
}

static void
attune_import_dialog_class_init (AttuneImportDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_import_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_import_dialog_finalize;
  gtk_widget_class_install_action (widget_class, "import.cancel", NULL, cancel);
  gtk_widget_class_install_action (widget_class, "import.import", NULL, import);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/data/import-dialog.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, AttuneImportDialog, child)
  BIND (window_title);
  BIND (stack);
  BIND (failed_page);
  BIND (problem_box);
  BIND (problem_label);
  BIND (roles_group);
  BIND (reading_group);
  BIND (preview_group);
  BIND (preview);
  BIND (rows);
  BIND (table_row);
  BIND (format_row);
  BIND (encoding_row);
  BIND (delimiter_row);
  BIND (header_row);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_hint);
  gtk_widget_class_bind_template_callback (widget_class, on_table);
}

static void
attune_import_dialog_init (AttuneImportDialog *self)
{
  self->role_rows = g_ptr_array_new ();
  self->hints = ATTUNE_SOURCE_NO_HINTS;
  self->showing = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "import.import", FALSE);
  attune_import_choices_fill (self->format_row, attune_import_formats);
  attune_import_choices_fill (self->encoding_row, attune_import_encodings);
  attune_import_choices_fill (self->delimiter_row, attune_import_delimiters);
  self->showing = FALSE;
}
