/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See hub-data-dialog.h. Two questions, with one to the keyring and one to the hub in between.
 */
#include "stages/data/hub-data-dialog.h"

#include "stages/model/token.h"

#include <glib/gi18n.h>

typedef struct
{
  GtkWidget *parent; /* owned */
  AttuneSession *session;
  GtkEditable *entry; /* borrowed: a row of the first dialog, as long as that is there */
  char *hub, *name, *token, *proxy;
  AttuneHubData *found; /* (nullable): until it is fetched */
  AttuneHubDataFunc fetched;
  gpointer data;
  GDestroyNotify data_free;
} Asking;

static void
asking_free (Asking *asking)
{
  if (asking->data_free != NULL)
    asking->data_free (asking->data);
  g_object_unref (asking->parent);
  g_object_unref (asking->session);
  attune_hub_data_free (asking->found);
  g_free (asking->hub);
  g_free (asking->name);
  g_free (asking->token);
  g_free (asking->proxy);
  g_free (asking);
}

/* --- whether to fetch it */

static void
on_fetched (GObject *session, GAsyncResult *result, gpointer data)
{
  Asking *asking = data;
  g_autofree char *path = attune_session_fetch_data_finish (result);

  if (path != NULL)
    asking->fetched (asking->data, path);
  asking_free (asking);
}

static void
on_agreed (GObject *source, GAsyncResult *result, gpointer data)
{
  Asking *asking = data;

  if (g_strcmp0 (adw_alert_dialog_choose_finish (ADW_ALERT_DIALOG (source), result), "fetch") == 0)
    attune_session_fetch_data_async (asking->session, g_steal_pointer (&asking->found),
                                     asking->token, on_fetched, asking);
  else
    asking_free (asking);
}

static void
add_row (GtkWidget *group, const char *title, const char *text)
{
  GtkWidget *row = adw_action_row_new ();

  g_object_set (row, "use-markup", FALSE, "title", title, "subtitle", text, NULL);
  gtk_widget_add_css_class (row, "property");
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
}

/* What it is, before anything of it is fetched. */
static GtkWidget *
describe (const Asking *asking)
{
  const AttuneHubData *found = asking->found;
  GtkWidget *group = adw_preferences_group_new (),
            *link = gtk_link_button_new_with_label (found->page, _ ("Its Page at the Hub"));
  g_autofree char *size = g_format_size (found->bytes),
                  *files
                  = g_strdup_printf (ngettext ("%u file, %s", "%u files, %s", found->n_files),
                                     found->n_files, size);

  add_row (group, _ ("Licence"),
           found->model->licence != NULL ? found->model->licence : _ ("Not said; see its page"));
  if (found->configuration != NULL)
    add_row (group, _ ("Configuration"), found->configuration);
  add_row (group, _ ("To Fetch"), files);
  if (found->model->gated)
    add_row (group, _ ("Access"),
             _ ("Its terms must be accepted on its page first. The access token is entered in the "
                "preferences."));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), link);
  return group;
}

static void
ask_whether (Asking *asking)
{
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (asking->found->name, NULL));
  const gboolean may = !asking->found->model->gated || asking->token != NULL;

  adw_alert_dialog_set_extra_child (dialog, describe (asking));
  adw_alert_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "fetch", _ ("_Fetch"), NULL);
  adw_alert_dialog_set_response_appearance (dialog, "fetch", ADW_RESPONSE_SUGGESTED);
  adw_alert_dialog_set_response_enabled (dialog, "fetch", may);
  adw_alert_dialog_set_default_response (dialog, "fetch");
  adw_alert_dialog_set_close_response (dialog, "cancel");
  adw_alert_dialog_choose (dialog, asking->parent, NULL, on_agreed, asking);
}

/* --- what it is */

static void
look (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Asking *asking = data;
  const AttuneFetch access = { .url = asking->hub, .token = asking->token, .proxy = asking->proxy };
  GError *error = NULL;
  AttuneHubData *found = attune_hub_data_look (&access, asking->name, cancellable, &error);

  if (found != NULL)
    g_task_return_pointer (task, found, (GDestroyNotify) attune_hub_data_free);
  else
    g_task_return_error (task, error);
}

/* The window may be gone by then. */
static void
on_looked (GObject *session, GAsyncResult *result, gpointer data)
{
  Asking *asking = data;
  g_autoptr (GError) error = NULL;

  asking->found = g_task_propagate_pointer (G_TASK (result), &error);
  if (error != NULL)
    attune_session_fail (asking->session, ATTUNE_STAGE_DATA, error->message);
  if (asking->found != NULL && gtk_widget_get_root (asking->parent) != NULL)
    ask_whether (asking);
  else
    asking_free (asking);
}

static void
on_token (GObject *session, GAsyncResult *result, gpointer data)
{
  Asking *asking = data;
  g_autoptr (GTask) task = g_task_new (session, NULL, on_looked, asking);

  asking->token = attune_token_lookup_finish (result, NULL);
  g_task_set_task_data (task, asking, NULL);
  g_task_run_in_thread (task, look);
}

/* --- its name */

static char *
get_name (GtkEditable *entry)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (entry)));
}

static void
name_changed (AdwAlertDialog *dialog, GParamSpec *pspec, GtkEditable *entry)
{
  g_autofree char *name = get_name (entry);

  adw_alert_dialog_set_response_enabled (dialog, "look", *name != '\0');
}

static void
on_named (GObject *source, GAsyncResult *result, gpointer data)
{
  Asking *asking = data;
  g_autoptr (GError) error = NULL;

  asking->name = get_name (asking->entry);
  if (g_strcmp0 (adw_alert_dialog_choose_finish (ADW_ALERT_DIALOG (source), result), "look") != 0)
    {
      asking_free (asking);
      return;
    }
  asking->proxy = attune_session_dup_proxy (asking->session, &error);
  if (error != NULL)
    {
      attune_session_fail (asking->session, ATTUNE_STAGE_DATA, error->message);
      asking_free (asking);
      return;
    }
  attune_session_say (asking->session, _ ("Asking the hub"));
  attune_token_lookup_async (asking->hub, asking->session, on_token, asking);
}

void
attune_hub_data_dialog_present (GtkWidget *parent, AttuneSession *session,
                                AttuneHubDataFunc fetched, gpointer data, GDestroyNotify data_free)
{
  AdwAlertDialog *dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (_ ("Add from the Hub"), NULL));
  GtkWidget *group = adw_preferences_group_new (), *name = adw_entry_row_new ();
  Asking *asking = g_new0 (Asking, 1);

  *asking = (Asking) { .parent = g_object_ref (parent),
                       .session = g_object_ref (session),
                       .entry = GTK_EDITABLE (name),
                       .hub = attune_hub_get_address (),
                       .fetched = fetched,
                       .data = data,
                       .data_free = data_free };
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (name), _ ("Name"));
  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (name), TRUE);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), name);
  adw_alert_dialog_set_body (
      dialog,
      _ ("The name of a data set at the Hugging Face hub is written as OWNER/NAME, or "
         "OWNER/NAME/CONFIGURATION where it has several. Its licence and its size are shown "
         "before it is fetched."));
  adw_alert_dialog_set_extra_child (dialog, group);
  adw_alert_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "look", _ ("_Look"), NULL);
  adw_alert_dialog_set_response_appearance (dialog, "look", ADW_RESPONSE_SUGGESTED);
  adw_alert_dialog_set_response_enabled (dialog, "look", FALSE);
  adw_alert_dialog_set_default_response (dialog, "look");
  adw_alert_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_object (name, "notify::text", G_CALLBACK (name_changed), dialog,
                           G_CONNECT_SWAPPED);
  adw_alert_dialog_choose (dialog, parent, NULL, on_named, asking);
  gtk_widget_grab_focus (name);
}
