/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See export-card.h.
 */
#include "stages/deploy/export-card.h"

#include "stages/deploy/export-words.h"

#include <glib/gi18n.h>

struct _AttuneExportCard
{
  AdwPreferencesGroup parent_instance;

  AttuneExportFormat format;
  AttuneSession *session;  /* (nullable) */
  char *path;              /* (nullable): of the export that is shown */
  char *measured;          /* (nullable): path of the model for which the size is shown */
  GPtrArray *command_rows; /* in how_row; borrowed */

  AdwSplitButton *export_button;
  AdwPreferencesRow *earlier_row;
  AdwActionRow *check_row;
  GtkImage *check_image;
  AdwActionRow *place_row;
  AdwExpanderRow *how_row;
};

G_DEFINE_FINAL_TYPE (AttuneExportCard, attune_export_card, ADW_TYPE_PREFERENCES_GROUP)

/* --- how other programs take it */

static void
copy_text (GtkButton *button, gpointer data)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)),
                          adw_action_row_get_subtitle (data));
  gtk_widget_activate_action (GTK_WIDGET (button), "win.toast", "s", _ ("Copied"));
}

/* @copy: (nullable): what a button to copy @text is called. */
static GtkWidget *
add_how (AttuneExportCard *self, const char *title, const char *text, const char *copy)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle_selectable (ADW_ACTION_ROW (row), TRUE);
  if (copy != NULL)
    {
      GtkWidget *button = gtk_button_new_from_icon_name ("edit-copy-symbolic");

      gtk_widget_set_tooltip_text (button, copy);
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (button, "flat");
      g_signal_connect (button, "clicked", G_CALLBACK (copy_text), row);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
    }
  adw_expander_row_add_row (self->how_row, row);
  g_ptr_array_add (self->command_rows, row);
  return row;
}

static void
show_how (AttuneExportCard *self, const AttuneExportRecord *record)
{
  g_autofree char *name = attune_session_get_title (self->session);
  g_autoptr (GPtrArray) commands = attune_export_list_commands (record, name);

  for (guint i = 0; i < self->command_rows->len; i++)
    adw_expander_row_remove (self->how_row, g_ptr_array_index (self->command_rows, i));
  g_ptr_array_set_size (self->command_rows, 0);
  if (record->format == ATTUNE_EXPORT_ADAPTER)
    add_how (self, _ ("For Programmers"),
             _ ("The folder holds a README.md, which shows how PEFT loads it."), NULL);
  for (guint i = 0; i < commands->len; i++)
    {
      const AttuneExportCommand *command = g_ptr_array_index (commands, i);

      gtk_widget_add_css_class (
          add_how (self, command->program, command->command, _ ("Copy the Command")),
          "command-row");
    }
  if (record->system != NULL && *record->system != '\0')
    add_how (self, _ ("System Prompt of the Training"), record->system,
             _ ("Copy the System Prompt"));
  adw_expander_row_set_subtitle (self->how_row,
                                 commands->len > 0 ? _ ("Commands for the terminal") : "");
}

/* --- what there is */

static void
show_record (AttuneExportCard *self, const AttuneExportRecord *record)
{
  g_autofree char *size = g_format_size (record->bytes), *detail = NULL;
  g_autofree char *check = attune_export_describe_check (record, &detail);
  g_autofree char *shown = g_filename_display_name (record->output);
  const gboolean sound = attune_export_is_sound (record);
  const char *style = sound ? "success" : record->checked ? "warning" : "dimmed";

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->check_row), check);
  adw_action_row_set_subtitle (self->check_row, detail);
  gtk_image_set_from_icon_name (self->check_image,
                                sound ? "object-select-symbolic" : "dialog-warning-symbolic");
  gtk_widget_set_css_classes (GTK_WIDGET (self->check_image), (const char *[]) { style, NULL });
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->place_row), size);
  adw_action_row_set_subtitle (self->place_row, shown);
  if (g_set_str (&self->path, record->output) || self->command_rows->len == 0)
    show_how (self, record);
}

/* What it is for, and how much room it will take. */
static void
show_purpose (AttuneExportCard *self, AttuneModel *model)
{
  const guint64 bytes = model != NULL ? attune_export_predict_bytes (self->format, model) : 0;
  g_autofree char *text = attune_export_describe_purpose (self->format, bytes);

  g_set_str (&self->measured, model != NULL ? attune_model_get_path (model) : NULL);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self), text);
}

AttuneExportFormat
attune_export_card_get_format (AttuneExportCard *self)
{
  g_return_val_if_fail (ATTUNE_IS_EXPORT_CARD (self), ATTUNE_EXPORT_ADAPTER);
  return self->format;
}

void
attune_export_card_update (AttuneExportCard *self, AttuneSession *session)
{
  const AttuneExportRecord *record;
  AttuneModel *model;
  const char *folder;
  g_autofree char *run = NULL;
  gboolean may, now;

  g_return_if_fail (ATTUNE_IS_EXPORT_CARD (self) && ATTUNE_IS_SESSION (session));

  g_set_object (&self->session, session);
  record = attune_session_get_export (session, self->format);
  folder = attune_session_get_used_run (session);
  run = folder != NULL ? g_path_get_basename (folder) : NULL;
  now = attune_session_get_exporting (session) == (int) self->format;
  may = attune_session_get_exporting (session) < 0 && attune_session_get_read_only (session) == NULL
        && attune_session_get_missing (session, ATTUNE_STAGE_DEPLOY) == NULL;

  model = attune_session_get_model (session);
  if (g_strcmp0 (model != NULL ? attune_model_get_path (model) : NULL, self->measured) != 0)
    show_purpose (self, model);
  if (record != NULL)
    show_record (self, record);
  adw_split_button_set_label (self->export_button, now              ? _ ("Exporting…")
                                                   : record != NULL ? _ ("Export Again")
                                                                    : _ ("Export"));
  gtk_widget_set_visible (GTK_WIDGET (self->check_row), record != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->place_row), record != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->how_row), record != NULL);
  adw_preferences_row_set_title (self->earlier_row,
                                 record != NULL && g_strcmp0 (record->run, run) == 0
                                     ? _ ("From an Earlier State of the Run")
                                     : _ ("From an Earlier Run"));
  gtk_widget_set_visible (GTK_WIDGET (self->earlier_row),
                          record != NULL && run != NULL
                              && !attune_session_uses (session, record->run, record->step));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "card.export", may);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "card.save-elsewhere", may);
}

static void
copy_path (AttuneExportCard *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->path);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _ ("Path copied"));
}

static void
folder_shown (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneExportCard) self = data;
  g_autoptr (GError) error = NULL;

  if (!gtk_file_launcher_open_containing_folder_finish (GTK_FILE_LAUNCHER (source), result, &error)
      && !g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s",
                                _ ("The folder could not be shown. Copy its path instead."));
}

static void
show_folder (AttuneExportCard *self)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->path);
  g_autoptr (GtkFileLauncher) launcher = gtk_file_launcher_new (file);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  gtk_file_launcher_open_containing_folder (launcher,
                                            GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, NULL,
                                            folder_shown, g_object_ref (self));
}

/* --- making it */

static void
export_here (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneExportCard *self = ATTUNE_EXPORT_CARD (widget);

  attune_session_export (self->session, self->format, NULL);
}

/* "Nursing-gguf-q8_0.gguf". */
static char *
make_file_name (AttuneExportCard *self)
{
  g_autofree char *title = attune_session_get_title (self->session);
  const char *format = attune_export_format_get_name (self->format);

  return g_strdup_printf ("%s-%s%s", title, format,
                          attune_export_format_is_gguf (self->format) ? ".gguf" : "");
}

static void
export_to (AttuneExportCard *self, GFile *file)
{
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path != NULL && self->session != NULL)
    attune_session_export (self->session, self->format, path);
  else if (file != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s",
                                _ ("That place is not on this computer. Choose another one."));
}

static void
file_chosen (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneExportCard) self = data;
  g_autoptr (GFile) file = gtk_file_dialog_save_finish (GTK_FILE_DIALOG (source), result, NULL);

  export_to (self, file);
}

/* A new folder in the one that was chosen: nothing that lies there is replaced. */
static void
folder_chosen (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneExportCard) self = data;
  g_autoptr (GFile) folder
      = gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (source), result, NULL);
  g_autofree char *name = make_file_name (self);
  g_autoptr (GFile) file = folder != NULL ? g_file_get_child (folder, name) : NULL;

  export_to (self, file);
}

static void
save_elsewhere (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneExportCard *self = ATTUNE_EXPORT_CARD (widget);
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autofree char *name = make_file_name (self);
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkWindow *window = GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL;

  gtk_file_dialog_set_title (dialog, _ ("Save the Tuned Model"));
  gtk_file_dialog_set_accept_label (dialog, _ ("_Export"));
  if (g_str_has_suffix (name, ".gguf"))
    {
      gtk_file_dialog_set_initial_name (dialog, name);
      gtk_file_dialog_save (dialog, window, NULL, file_chosen, g_object_ref (self));
    }
  else
    gtk_file_dialog_select_folder (dialog, window, NULL, folder_chosen, g_object_ref (self));
}

/* --- the object */

GtkWidget *
attune_export_card_new (AttuneExportFormat format)
{
  AttuneExportCard *self;
  AdwPreferencesGroup *group;

  g_return_val_if_fail ((guint) format < ATTUNE_N_EXPORTS, NULL);

  self = g_object_new (ATTUNE_TYPE_EXPORT_CARD, NULL);
  group = ADW_PREFERENCES_GROUP (self);
  self->format = format;
  adw_preferences_group_set_title (group, attune_export_get_title (format));
  show_purpose (self, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->export_button),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  attune_export_get_title (format), -1);
  return GTK_WIDGET (self);
}

static void
attune_export_card_dispose (GObject *object)
{
  AttuneExportCard *self = ATTUNE_EXPORT_CARD (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_EXPORT_CARD);
  g_clear_object (&self->session);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->measured, g_free);
  g_clear_pointer (&self->command_rows, g_ptr_array_unref);
  G_OBJECT_CLASS (attune_export_card_parent_class)->dispose (object);
}

static void
attune_export_card_class_init (AttuneExportCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_export_card_dispose;
  gtk_widget_class_install_action (widget_class, "card.export", NULL, export_here);
  gtk_widget_class_install_action (widget_class, "card.save-elsewhere", NULL, save_elsewhere);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/deploy/export-card.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneExportCard, export_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneExportCard, earlier_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneExportCard, check_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneExportCard, check_image);
  gtk_widget_class_bind_template_child (widget_class, AttuneExportCard, place_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneExportCard, how_row);
  gtk_widget_class_bind_template_callback (widget_class, copy_path);
  gtk_widget_class_bind_template_callback (widget_class, show_folder);
}

static void
attune_export_card_init (AttuneExportCard *self)
{
  self->command_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
