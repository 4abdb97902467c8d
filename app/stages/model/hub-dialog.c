/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog asks in threads and shows what comes; a question that is overtaken is cancelled.
 */
#include "stages/model/hub-dialog.h"

#include "stages/model/hub-ask.h"
#include "stages/model/offer-row.h"
#include "stages/model/token.h"
#include "widgets/words.h"

#include <glib/gi18n.h>

struct _AttuneHubDialog
{
  AdwDialog parent_instance;

  char *folder, *proxy;
  char *address;             /* of the hub; the preferences may name another one meanwhile */
  char *token;               /* (nullable): of that hub */
  char *name;                /* (nullable): the repository that is shown */
  GCancellable *cancellable; /* (nullable): of the question that is out */
  GPtrArray *file_rows;      /* borrowed from the group */

  AdwNavigationView *view;
  AdwNavigationPage *model_page;
  GtkEditable *search_entry;
  GtkStack *search_stack, *model_stack;
  AdwStatusPage *search_status, *model_status;
  GtkListBox *results_list;
  AdwActionRow *licence_row;
  GtkLinkButton *page_button;
  GtkWidget *token_group;
  GtkEditable *token_row;
  AdwPreferencesGroup *files_group;
};

G_DEFINE_FINAL_TYPE (AttuneHubDialog, attune_hub_dialog, ADW_TYPE_DIALOG)

static guint got_signal;

/* The question before is forgotten. Returns: (transfer none). */
static GCancellable *
begin (AttuneHubDialog *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  return self->cancellable;
}

static AttuneFetch
get_access (AttuneHubDialog *self)
{
  return (AttuneFetch) { .url = self->address, .proxy = self->proxy, .token = self->token };
}

/* --- searching */

static GtkWidget *
make_result (const AttuneHubModel *model)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title",
                                 model->repository, "activatable", TRUE, NULL);
  g_autofree char *count = attune_say_count (model->downloads);
  g_autofree char *licence = model->licence != NULL
                                 ? g_strdup_printf (_ ("licence %s"), model->licence)
                                 : g_strdup (_ ("no licence given"));
  g_autofree char *text = g_strdup_printf (
      ngettext ("%s · fetched %s time", "%s · fetched %s times", (gulong) model->downloads),
      licence, count);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  if (model->gated)
    {
      GtkWidget *lock = gtk_image_new_from_icon_name ("channel-secure-symbolic");

      gtk_widget_set_tooltip_text (lock, _ ("Its licence must be accepted on its page first"));
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), lock);
    }
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  return row;
}

static void
show_status (AttuneHubDialog *self, const char *title, const char *text)
{
  adw_status_page_set_title (self->search_status, title);
  adw_status_page_set_description (self->search_status, NULL);
  if (text != NULL)
    {
      g_autofree char *escaped = g_markup_escape_text (text, -1); /* it takes markup only */

      adw_status_page_set_description (self->search_status, escaped);
    }
  gtk_stack_set_visible_child_name (self->search_stack, "status");
}

static void
searched (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneHubDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) models = attune_hub_search_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  gtk_list_box_remove_all (self->results_list);
  if (models == NULL)
    show_status (self, _ ("The Hub Did Not Answer"), error->message);
  else if (models->len == 0)
    show_status (self, _ ("Nothing Found"), _ ("Try another or a shorter name."));
  else
    gtk_stack_set_visible_child_name (self->search_stack, "results");
  for (guint i = 0; models != NULL && i < models->len; i++)
    gtk_list_box_append (self->results_list, make_result (models->pdata[i]));
}

static void
on_search (AttuneHubDialog *self)
{
  g_autofree char *query = g_strstrip (g_strdup (gtk_editable_get_text (self->search_entry)));
  const AttuneFetch access = get_access (self);

  if (*query == '\0')
    return;
  gtk_stack_set_visible_child_name (self->search_stack, "busy");
  attune_hub_search_async (&access, query, begin (self), searched, g_object_ref (self));
}

/* Escape, which the entry keeps for itself */
static void
on_stop (AttuneHubDialog *self)
{
  adw_dialog_close (ADW_DIALOG (self));
}

static void
on_result (AttuneHubDialog *self, GtkListBoxRow *row)
{
  attune_hub_dialog_open (self, adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)));
}

/* --- one model */

static void
on_got (AttuneHubDialog *self, const char *path)
{
  g_signal_emit (self, got_signal, 0, path);
}

/* What a file is, or why it is of no use here. */
static char *
say_file (const AttuneHubModel *model, const AttuneHubFile *file, AttuneHubJudgement judgement)
{
  g_autofree char *size = file->bytes > 0 ? g_format_size (file->bytes) : g_strdup ("?");

  switch (judgement)
    {
    case ATTUNE_HUB_OTHER_FAMILY:
      return g_strdup_printf (_ ("%s · a model of the family “%s”, which Attune cannot use yet"),
                              size, model->architecture);
    case ATTUNE_HUB_OTHER_TYPE:
      return g_strdup_printf (_ ("%s · stored in a way that Attune cannot use yet"), size);
    case ATTUNE_HUB_PART:
      return g_strdup_printf (_ ("%s · one of several parts, which Attune cannot use"), size);
    case ATTUNE_HUB_GOOD:
    default:
      return g_steal_pointer (&size);
    }
}

static GtkWidget *
make_file (AttuneHubDialog *self, const AttuneHubModel *model, const AttuneHubFile *file)
{
  const AttuneHubJudgement judgement = attune_hub_model_judge (model, file);
  g_autofree char *text = say_file (model, file, judgement);
  g_autoptr (AttuneDownload) download = NULL;
  GtkWidget *row;

  if (judgement != ATTUNE_HUB_GOOD)
    return g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", file->name, "subtitle",
                         text, "subtitle-lines", 0, "sensitive", FALSE, NULL);
  download = attune_download_new_hub (model->repository, file->name, self->folder);
  attune_download_set_proxy (download, self->proxy);
  attune_download_set_hub (download, self->address, self->token);
  row = attune_offer_row_new_file (file->name, text, download);
  g_signal_connect_object (row, "got", G_CALLBACK (on_got), self, G_CONNECT_SWAPPED);
  return row;
}

static void
show_model (AttuneHubDialog *self, const AttuneHubModel *model)
{
  g_autofree char *page = attune_hub_get_page_url (self->address, model->repository), *text = NULL;
  const char *licence = model->licence != NULL ? model->licence : _ ("Not given: ask on its page");

  text = model->gated ? g_strdup_printf (_ ("%s. It must be accepted on its page first; then an "
                                            "access token is needed here."),
                                         licence)
                      : g_strdup (licence);
  adw_action_row_set_subtitle (self->licence_row, text);
  gtk_link_button_set_uri (self->page_button, page);
  gtk_widget_set_visible (self->token_group, model->gated || self->token != NULL);
  for (guint i = 0; i < self->file_rows->len; i++)
    adw_preferences_group_remove (self->files_group, self->file_rows->pdata[i]);
  g_ptr_array_set_size (self->file_rows, 0);
  for (guint i = 0; i < model->files->len; i++)
    {
      GtkWidget *row = make_file (self, model, model->files->pdata[i]);

      adw_preferences_group_add (self->files_group, row);
      g_ptr_array_add (self->file_rows, row);
    }
  adw_preferences_group_set_description (
      self->files_group, model->files->len > 0 ? NULL : _ ("It has no file in the GGUF format."));
  gtk_stack_set_visible_child_name (self->model_stack, "model");
}

static void
looked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneHubDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneHubModel) model = attune_hub_look_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (model != NULL)
    show_model (self, model);
  else
    {
      g_autofree char *escaped = g_markup_escape_text (error->message, -1);

      adw_status_page_set_description (self->model_status, escaped);
      gtk_widget_set_visible (self->token_group,
                              g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED));
      gtk_stack_set_visible_child_name (self->model_stack, "status");
    }
}

void
attune_hub_dialog_open (AttuneHubDialog *self, const char *name)
{
  AttuneFetch access;

  g_return_if_fail (ATTUNE_IS_HUB_DIALOG (self) && name != NULL);

  g_set_str (&self->name, name);
  adw_navigation_page_set_title (self->model_page, self->name);
  if (adw_navigation_view_get_visible_page (self->view) != self->model_page)
    adw_navigation_view_push (self->view, self->model_page);
  /* after the push: the other way round something in GTK 4.18 keeps the dialog for ever (seen) */
  gtk_stack_set_visible_child_name (self->model_stack, "busy");
  access = get_access (self);
  attune_hub_look_async (&access, self->name, begin (self), looked, g_object_ref (self));
}

void
attune_hub_dialog_search (AttuneHubDialog *self, const char *query)
{
  g_return_if_fail (ATTUNE_IS_HUB_DIALOG (self) && query != NULL);

  gtk_editable_set_text (self->search_entry, query);
  on_search (self);
}

/* --- the token */

static void
token_stored (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!attune_token_store_finish (result, &error))
    gtk_widget_activate_action (GTK_WIDGET (source), "win.toast", "s", error->message);
}

void
attune_hub_dialog_set_token (AttuneHubDialog *self, const char *token)
{
  g_return_if_fail (ATTUNE_IS_HUB_DIALOG (self) && token != NULL);

  g_set_str (&self->token, *token != '\0' ? token : NULL);
  attune_token_store_async (self->address, token, self, token_stored, NULL);
  if (self->name != NULL)
    attune_hub_dialog_open (self, self->name); /* again, with it */
}

static void
on_token (AttuneHubDialog *self)
{
  g_autofree char *token = g_strstrip (g_strdup (gtk_editable_get_text (self->token_row)));

  attune_hub_dialog_set_token (self, token);
}

static void
token_found (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneHubDialog *self = ATTUNE_HUB_DIALOG (source);
  g_autofree char *token = attune_token_lookup_finish (result, NULL);

  if (token != NULL && self->token == NULL)
    self->token = g_steal_pointer (&token);
}

/* --- the object */

AdwDialog *
attune_hub_dialog_new (const char *folder, const char *proxy)
{
  AttuneHubDialog *self;

  g_return_val_if_fail (folder != NULL, NULL);

  self = g_object_new (ATTUNE_TYPE_HUB_DIALOG, NULL);
  self->folder = g_strdup (folder);
  self->proxy = g_strdup (proxy);
  self->address = attune_hub_get_address ();
  attune_token_lookup_async (self->address, self, token_found, NULL);
  return ADW_DIALOG (self);
}

static void
attune_hub_dialog_closed (AdwDialog *dialog)
{
  AttuneHubDialog *self = ATTUNE_HUB_DIALOG (dialog);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

static void
attune_hub_dialog_dispose (GObject *object)
{
  AttuneHubDialog *self = ATTUNE_HUB_DIALOG (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_HUB_DIALOG);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (attune_hub_dialog_parent_class)->dispose (object);
}

static void
attune_hub_dialog_finalize (GObject *object)
{
  AttuneHubDialog *self = ATTUNE_HUB_DIALOG (object);

  g_ptr_array_unref (self->file_rows);
  g_free (self->folder);
  g_free (self->proxy);
  g_free (self->address);
  g_free (self->token);
  g_free (self->name);
  G_OBJECT_CLASS (attune_hub_dialog_parent_class)->finalize (object);
}

static void
attune_hub_dialog_class_init (AttuneHubDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_hub_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_hub_dialog_finalize;
  ADW_DIALOG_CLASS (klass)->closed = attune_hub_dialog_closed;
  got_signal = g_signal_new ("got", ATTUNE_TYPE_HUB_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                             G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/model/hub-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDialog, view);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDialog, model_page);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDialog, search_entry);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDialog, search_stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDialog, search_status);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDialog, results_list);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDialog, model_stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDialog, model_status);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDialog, licence_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDialog, page_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDialog, token_group);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDialog, token_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneHubDialog, files_group);
  gtk_widget_class_bind_template_callback (widget_class, on_search);
  gtk_widget_class_bind_template_callback (widget_class, on_stop);
  gtk_widget_class_bind_template_callback (widget_class, on_result);
  gtk_widget_class_bind_template_callback (widget_class, on_token);
}

static void
attune_hub_dialog_init (AttuneHubDialog *self)
{
  self->file_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_stack_set_visible_child_name (self->search_stack, "status");
}
