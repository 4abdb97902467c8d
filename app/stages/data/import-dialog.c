/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog. A correction has the file looked at again, in a thread; what comes late of an earlier
 * look is dropped.
 */
#include "stages/data/import-dialog.h"

#include "stages/data/import-choices.h"
#include "stages/data/preview.h"

#include <glib/gi18n.h>

struct _AttuneImportDialog
{
  AdwDialog parent_instance;

  AttuneSession *session;
  char *path;
  AttuneSourceHints hints; /* what was corrected; its strings are static */
  AttuneSource *source;    /* (nullable) */
  GCancellable *looking;   /* (nullable): the look that counts */
  gboolean showing;        /* the rows are being set by us */
  GPtrArray *role_rows;    /* of the columns; borrowed */

  AdwWindowTitle *window_title;
  GtkStack *stack;
  AdwStatusPage *failed_page;
  GtkWidget *problem_box;
  GtkLabel *problem_label;
  AdwPreferencesGroup *roles_group, *preview_group, *reading_group;
  GtkColumnView *preview;
  GListStore *rows;
  AdwComboRow *table_row, *format_row, *encoding_row, *delimiter_row;
  AdwSwitchRow *header_row;
};

G_DEFINE_FINAL_TYPE (AttuneImportDialog, attune_import_dialog, ADW_TYPE_DIALOG)

/* In the order of the list that is shown. */
static const struct
{
  AttuneField field;
  const char *title;
} roles[] = {
  { ATTUNE_FIELD_NONE, N_ ("Not Used") },
  { ATTUNE_FIELD_QUESTION, N_ ("Question") },
  { ATTUNE_FIELD_ANSWER, N_ ("Answer") },
  { ATTUNE_FIELD_SYSTEM, N_ ("Instruction") },
  { ATTUNE_FIELD_LABEL, N_ ("Label") },
  { ATTUNE_FIELD_GROUP, N_ ("Group") },
  { ATTUNE_FIELD_TEXT, N_ ("Text to Learn Whole") },
  { ATTUNE_FIELD_REJECTED, N_ ("Worse Answer") },
  { ATTUNE_FIELD_DATE, N_ ("Date") },
};

/* --- what is missing */

static const char *
find_problem (AttuneImportDialog *self)
{
  if (self->source == NULL)
    return NULL;
  switch (attune_source_get_missing_role (self->source))
    {
    case ATTUNE_FIELD_QUESTION:
      return self->source->columns->len < 2
                 ? _ ("There is one column only; a question and an answer are needed. If there "
                      "are more, change how the file is read. Or say that it is a text to learn "
                      "whole.")
                 : _ ("Say which column holds the question.");
    case ATTUNE_FIELD_ANSWER:
      return self->source->columns->len < 2
                 ? _ ("There is one column only; a question and an answer are needed. If there "
                      "are more, change how the file is read. Or say that it is a text to learn "
                      "whole.")
                 : _ ("Say which column holds the answer.");
    default:
      return NULL;
    }
}

static void
show_problem (AttuneImportDialog *self, const char *problem)
{
  const char *shown = problem != NULL ? problem : find_problem (self);

  gtk_label_set_text (self->problem_label, shown != NULL ? shown : "");
  gtk_widget_set_visible (self->problem_box, shown != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "import.import",
                                 self->source != NULL && self->looking == NULL && shown == NULL);
}

/* --- the columns */

static void
show_roles (AttuneImportDialog *self)
{
  self->showing = TRUE;
  for (guint i = 0; i < self->role_rows->len; i++)
    {
      const AttuneField field = g_array_index (self->source->roles, AttuneField, i);

      for (guint j = 0; j < G_N_ELEMENTS (roles); j++)
        if (roles[j].field == field)
          adw_combo_row_set_selected (g_ptr_array_index (self->role_rows, i), j);
    }
  self->showing = FALSE;
}

static void
on_role (AdwComboRow *row, GParamSpec *pspec, AttuneImportDialog *self)
{
  const guint selected = adw_combo_row_get_selected (row);
  guint column;

  if (self->showing || selected >= G_N_ELEMENTS (roles)
      || !g_ptr_array_find (self->role_rows, row, &column))
    return;
  attune_source_set_role_at (self->source, column, roles[selected].field);
  show_roles (self); /* another column may have lost that role */
  show_problem (self, NULL);
}

static GtkWidget *
role_row_new (AttuneImportDialog *self, guint column)
{
  const char *name = g_ptr_array_index (self->source->columns, column);
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    gtk_string_list_append (names, _ (roles[i].title));
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), *name != '\0' ? name : _ ("No Name"));
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (names));
  g_signal_connect_object (row, "notify::selected", G_CALLBACK (on_role), self, G_CONNECT_DEFAULT);
  return row;
}

static void
show_columns (AttuneImportDialog *self)
{
  for (guint i = 0; i < self->role_rows->len; i++)
    adw_preferences_group_remove (self->roles_group, g_ptr_array_index (self->role_rows, i));
  g_ptr_array_set_size (self->role_rows, 0);
  for (guint i = 0; self->source != NULL && i < self->source->columns->len; i++)
    {
      GtkWidget *row = role_row_new (self, i);

      g_ptr_array_add (self->role_rows, row);
      adw_preferences_group_add (self->roles_group, row);
    }
  if (self->source != NULL)
    show_roles (self);
}

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
      show_problem (self, error->message);
      return;
    }
  g_clear_pointer (&self->source, attune_source_free);
  self->source = g_steal_pointer (&source);
  if (attune_source_is_address (self->path))
    adw_window_title_set_subtitle (self->window_title, self->source->path);
  show_guess (self);
  show_columns (self);
  attune_preview_show (self->preview, self->rows, self->source);
  gtk_widget_set_visible (GTK_WIDGET (self->preview_group), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->roles_group), TRUE);
  gtk_stack_set_visible_child_name (self->stack, "table");
  show_problem (self, NULL);
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
