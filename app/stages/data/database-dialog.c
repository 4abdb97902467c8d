/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See database-dialog.h.
 */
#include "stages/data/database-dialog.h"

#include "data/import.h"

#include <glib/gi18n.h>

typedef struct
{
  GtkEditable *address, *password; /* borrowed: rows of the dialog */
  AttuneDatabaseFunc chosen;
  gpointer data;
  GDestroyNotify data_free;
} Asking;

static void
asking_free (gpointer data)
{
  Asking *asking = data;

  if (asking->data_free != NULL)
    asking->data_free (asking->data);
  g_free (asking);
}

static char *
get_text (GtkEditable *entry)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (entry)));
}

static void
address_changed (AdwAlertDialog *dialog, GParamSpec *pspec, GtkEditable *entry)
{
  g_autofree char *address = get_text (entry);

  adw_alert_dialog_set_response_enabled (dialog, "look", attune_source_is_address (address));
}

static void
answered (GObject *source, GAsyncResult *result, gpointer data)
{
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (source);
  Asking *asking = data;
  g_autofree char *address = get_text (asking->address), *whole = NULL;

  whole = attune_source_join_password (address, gtk_editable_get_text (asking->password));
  if (g_strcmp0 (adw_alert_dialog_choose_finish (dialog, result), "look") == 0
      && attune_source_is_address (whole))
    asking->chosen (asking->data, whole);
  asking_free (asking);
}

static GtkWidget *
add_row (GtkWidget *group, GtkWidget *row, const char *title)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (row), TRUE);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return row;
}

void
attune_database_dialog_present (GtkWidget *parent, AttuneDatabaseFunc chosen, gpointer data,
                                GDestroyNotify data_free)
{
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (_ ("Add Database"), NULL));
  GtkWidget *group = adw_preferences_group_new (),
            *address = add_row (group, adw_entry_row_new (), _ ("Address")),
            *password = add_row (group, adw_password_entry_row_new (), _ ("Password"));
  Asking *asking = g_new (Asking, 1);

  *asking = (Asking) { GTK_EDITABLE (address), GTK_EDITABLE (password), chosen, data, data_free };
  adw_alert_dialog_set_body (
      dialog, _ ("The address of a PostgreSQL server is written as "
                 "postgresql://USER@HOST/DATABASE, that of any other as odbc:NAME, by its name in "
                 "the ODBC set-up of this computer. The database is only read, and the password "
                 "is not kept. For an SQLite database add its file."));
  adw_alert_dialog_set_extra_child (dialog, group);
  adw_alert_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "look", _ ("_Look"), NULL);
  adw_alert_dialog_set_response_appearance (dialog, "look", ADW_RESPONSE_SUGGESTED);
  adw_alert_dialog_set_response_enabled (dialog, "look", FALSE);
  adw_alert_dialog_set_default_response (dialog, "look");
  adw_alert_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_object (address, "notify::text", G_CALLBACK (address_changed), dialog,
                           G_CONNECT_SWAPPED);
  adw_alert_dialog_choose (dialog, parent, NULL, answered, asking);
  gtk_widget_grab_focus (address);
}
