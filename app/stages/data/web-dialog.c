/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See web-dialog.h.
 */
#include "stages/data/web-dialog.h"

#include "data/web.h"

#include <glib/gi18n.h>

#define MOST_PAGES 10000

typedef struct
{
  GtkEditable *address; /* borrowed: rows of the dialog */
  AdwSpinRow *pages;
  AttuneSession *session;
} Asking;

static char *
get_address (GtkEditable *entry)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (entry)));
}

static void
address_changed (AdwAlertDialog *dialog, GParamSpec *pspec, GtkEditable *entry)
{
  g_autofree char *address = get_address (entry);

  adw_alert_dialog_set_response_enabled (dialog, "fetch", attune_web_is_address (address));
}

static void
answered (GObject *source, GAsyncResult *result, gpointer data)
{
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (source);
  Asking *asking = data;
  g_autofree char *address = get_address (asking->address);

  if (g_strcmp0 (adw_alert_dialog_choose_finish (dialog, result), "fetch") == 0
      && attune_web_is_address (address))
    attune_session_fetch_pages (asking->session, address, adw_spin_row_get_value (asking->pages));
  g_object_unref (asking->session);
  g_free (asking);
}

void
attune_web_dialog_present (GtkWidget *parent, AttuneSession *session)
{
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (_ ("Add Web Pages"), NULL));
  GtkWidget *group = adw_preferences_group_new (), *address = adw_entry_row_new (),
            *pages = adw_spin_row_new_with_range (1, MOST_PAGES, 10);
  Asking *asking = g_new (Asking, 1);

  *asking = (Asking) { GTK_EDITABLE (address), ADW_SPIN_ROW (pages), g_object_ref (session) };
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (address), _ ("Address"));
  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (address), TRUE);
  adw_entry_row_set_input_purpose (ADW_ENTRY_ROW (address), GTK_INPUT_PURPOSE_URL);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (pages), _ ("Pages at Most"));
  adw_spin_row_set_value (ADW_SPIN_ROW (pages), attune_web_limits.max_pages);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), address);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), pages);
  adw_alert_dialog_set_body (
      dialog, _ ("The page at this address is read, and what lies below it on the same server, one "
                 "page in a second and only what the server allows programs to read. See that you "
                 "may use the texts."));
  adw_alert_dialog_set_extra_child (dialog, group);
  adw_alert_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "fetch", _ ("_Fetch"), NULL);
  adw_alert_dialog_set_response_appearance (dialog, "fetch", ADW_RESPONSE_SUGGESTED);
  adw_alert_dialog_set_response_enabled (dialog, "fetch", FALSE);
  adw_alert_dialog_set_default_response (dialog, "fetch");
  adw_alert_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_object (address, "notify::text", G_CALLBACK (address_changed), dialog,
                           G_CONNECT_SWAPPED);
  adw_alert_dialog_choose (dialog, parent, NULL, answered, asking);
  gtk_widget_grab_focus (address);
}
