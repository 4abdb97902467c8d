/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file row: without a file it says what one is good for.
 */
#include "widgets/file-row.h"

#include <glib/gi18n.h>

struct _AttuneFileRow
{
  AdwActionRow parent_instance;

  GObject *settings;
  GParamSpec *pspec;
  GtkWidget *clear_button; /* borrowed */
};

G_DEFINE_FINAL_TYPE (AttuneFileRow, attune_file_row, ADW_TYPE_ACTION_ROW)

static void
show_file (AttuneFileRow *self)
{
  g_autofree char *path = NULL, *name = NULL;

  g_object_get (self->settings, self->pspec->name, &path, NULL);
  if (*path != '\0')
    name = g_filename_display_basename (path);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self),
                               name != NULL ? name : _ (g_param_spec_get_blurb (self->pspec)));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), name != NULL ? path : NULL);
  gtk_widget_set_visible (self->clear_button, name != NULL);
}

static void
on_chosen (GObject *dialog, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneFileRow) self = data;
  g_autoptr (GFile) file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (dialog), result, NULL);

  if (file != NULL && g_file_peek_path (file) != NULL && self->settings != NULL)
    g_object_set (self->settings, self->pspec->name, g_file_peek_path (file), NULL);
}

static void
choose (AttuneFileRow *self)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();

  gtk_file_dialog_set_title (dialog, _ (g_param_spec_get_nick (self->pspec)));
  gtk_file_dialog_open (dialog, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), NULL,
                        on_chosen, g_object_ref (self));
}

static void
clear (AttuneFileRow *self)
{
  g_object_set (self->settings, self->pspec->name, "", NULL);
}

GtkWidget *
attune_file_row_new (GObject *settings, GParamSpec *pspec)
{
  AttuneFileRow *self;
  g_autofree char *signal = NULL;

  g_return_val_if_fail (G_IS_OBJECT (settings) && G_IS_PARAM_SPEC_STRING (pspec), NULL);

  self = g_object_new (ATTUNE_TYPE_FILE_ROW, NULL);
  self->settings = g_object_ref (settings);
  self->pspec = g_param_spec_ref (pspec);
  signal = g_strdup_printf ("notify::%s", pspec->name);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _ (g_param_spec_get_nick (pspec)));
  g_signal_connect_object (settings, signal, G_CALLBACK (show_file), self, G_CONNECT_SWAPPED);
  show_file (self);
  return GTK_WIDGET (self);
}

static GtkWidget *
add_button (AttuneFileRow *self, const char *icon, const char *tooltip, GCallback callback)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, tooltip);
  g_signal_connect_swapped (button, "clicked", callback, self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), button);
  return button;
}

static void
attune_file_row_dispose (GObject *object)
{
  AttuneFileRow *self = ATTUNE_FILE_ROW (object);

  g_clear_object (&self->settings);
  g_clear_pointer (&self->pspec, g_param_spec_unref);
  G_OBJECT_CLASS (attune_file_row_parent_class)->dispose (object);
}

static void
attune_file_row_class_init (AttuneFileRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = attune_file_row_dispose;
}

static void
attune_file_row_init (AttuneFileRow *self)
{
  GtkWidget *choose_button;

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  self->clear_button
      = add_button (self, "edit-clear-symbolic", _ ("Use No File"), G_CALLBACK (clear));
  choose_button
      = add_button (self, "document-open-symbolic", _ ("Choose a File…"), G_CALLBACK (choose));
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self), choose_button);
}
