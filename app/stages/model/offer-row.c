/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model of the catalogue or a file of the hub, with how far it is on its way.
 */
#include "stages/model/offer-row.h"

#include "model/hub.h"
#include "stages/model/model-words.h"
#include "stages/model/token.h"

#include <glib/gi18n.h>

struct _AttuneOfferRow
{
  AdwActionRow parent_instance;

  const AttuneCatalogueModel *model; /* (nullable); borrowed */
  AttuneDownload *download;
  char *facts;

  GtkWidget *get_button, *cancel_button;
  GtkProgressBar *bar;
};

G_DEFINE_FINAL_TYPE (AttuneOfferRow, attune_offer_row, ADW_TYPE_ACTION_ROW)

static guint got_signal;

/* --- how far it is */

static void
show (AttuneOfferRow *self)
{
  const gboolean runs = attune_download_is_running (self->download);
  const gboolean here
      = self->model != NULL && !runs
        && g_file_test (attune_download_get_path (self->download), G_FILE_TEST_EXISTS);
  const char *error = attune_download_get_error (self->download);
  g_autofree char *text
      = runs            ? attune_download_get_text (self->download)
        : error != NULL ? g_strdup (error)
        : here          ? g_strdup_printf ("%s\n%s", self->facts, _ ("It is on this computer."))
                        : g_strdup (self->facts);
  g_autofree char *label
      = g_strdup_printf (error != NULL ? _ ("Try Again to Get %s") : _ ("Get %s"),
                         adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self)));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->get_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text);
  gtk_widget_set_visible (self->get_button, !runs && !here);
  gtk_widget_set_visible (self->cancel_button, runs);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), runs);
  gtk_progress_bar_set_fraction (self->bar, attune_download_get_fraction (self->download));
  gtk_button_set_label (GTK_BUTTON (self->get_button), error != NULL         ? _ ("Try _Again")
                                                       : self->model != NULL ? _ ("_Get…")
                                                                             : _ ("_Get"));
}

static void
on_ended (AttuneOfferRow *self)
{
  show (self);
  if (attune_download_is_done (self->download))
    g_signal_emit (self, got_signal, 0, attune_download_get_path (self->download));
}

/* --- asking */

/* What was asked about: where its page has gone meanwhile nobody would hear of the download. */
typedef struct
{
  GWeakRef download;
  gboolean gated;
  char *hub; /* (nullable): the one whose token is looked up */
} Offer;

static Offer *
offer_new (AttuneDownload *download, gboolean gated)
{
  Offer *self = g_new0 (Offer, 1);

  g_weak_ref_init (&self->download, download);
  self->gated = gated;
  return self;
}

static void
offer_free (Offer *self)
{
  g_weak_ref_clear (&self->download);
  g_free (self->hub);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Offer, offer_free)

static void
token_found (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Offer) offer = data;
  g_autoptr (AttuneDownload) download = g_weak_ref_get (&offer->download);
  g_autofree char *token = attune_token_lookup_finish (result, NULL);

  if (download == NULL || attune_download_is_running (download))
    return;
  attune_download_set_hub (download, offer->hub, token);
  attune_download_start (download);
}

/* The keyring may ask the person, so it is asked only where a token is needed. */
static void
start (AttuneDownload *download, gboolean gated)
{
  if (gated)
    {
      Offer *offer = offer_new (download, TRUE);

      offer->hub = attune_hub_get_address ();
      attune_token_lookup_async (offer->hub, NULL, token_found, offer);
    }
  else
    attune_download_start (download);
}

static void
answered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Offer) offer = data;
  g_autoptr (AttuneDownload) download = g_weak_ref_get (&offer->download);
  const char *response = adw_alert_dialog_choose_finish (ADW_ALERT_DIALOG (source), result);

  if (download != NULL && g_strcmp0 (response, "get") == 0)
    start (download, offer->gated);
}

/* Who made it, what one may do with it, and where it comes from. */
static char *
say_terms (const AttuneCatalogueModel *model)
{
  g_autofree char *size = attune_model_say_size (model);
  const char *source = model->pypi_package != NULL     ? _ ("the index of Python packages")
                       : model->hub_repository != NULL ? model->hub_repository
                                                       : model->repository;
  const char *gate
      = model->gated ? _ (" Its maker wants it to be accepted at the model's page first.") : "";

  return g_strdup_printf (_ ("%s made it and gives it away under the licence %s. %s%s\n\n"
                             "To be fetched: %s, from %s."),
                          model->author, model->licence, _ (attune_terms_get_text (model->terms)),
                          gate, size, source);
}

void
attune_offer_ask (GtkWidget *parent, const AttuneCatalogueModel *model, AttuneDownload *download)
{
  AdwAlertDialog *dialog;
  g_autofree char *heading = NULL, *body = NULL;

  g_return_if_fail (GTK_IS_WIDGET (parent) && model != NULL && ATTUNE_IS_DOWNLOAD (download));

  heading = g_strdup_printf (_ ("Get %s?"), model->name);
  body = say_terms (model);
  dialog = ADW_ALERT_DIALOG (adw_alert_dialog_new (heading, body));
  adw_alert_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "get", _ ("_Download"), NULL);
  adw_alert_dialog_set_response_appearance (dialog, "get", ADW_RESPONSE_SUGGESTED);
  adw_alert_dialog_set_default_response (dialog, "get");
  adw_alert_dialog_set_close_response (dialog, "cancel");
  if (model->licence_url != NULL)
    adw_alert_dialog_set_extra_child (
        dialog, gtk_link_button_new_with_label (model->licence_url, _ ("Read the Licence")));
  adw_alert_dialog_choose (dialog, parent, NULL, answered, offer_new (download, model->gated));
}

static void
on_get (AttuneOfferRow *self)
{
  /* the licence was shown beside it, or the first time */
  if (self->model == NULL || attune_download_get_error (self->download) != NULL)
    start (self->download, self->model != NULL && self->model->gated);
  else
    attune_offer_ask (GTK_WIDGET (self), self->model, self->download);
}

static void
on_cancel (AttuneOfferRow *self)
{
  attune_download_cancel (self->download);
}

/* --- doors */

const AttuneCatalogueModel *
attune_offer_row_get_model (AttuneOfferRow *self)
{
  g_return_val_if_fail (ATTUNE_IS_OFFER_ROW (self), NULL);
  return self->model;
}

AttuneDownload *
attune_offer_row_get_download (AttuneOfferRow *self)
{
  g_return_val_if_fail (ATTUNE_IS_OFFER_ROW (self), NULL);
  return self->download;
}

static GtkWidget *
make_row (const AttuneCatalogueModel *model, const char *title, const char *facts,
          AttuneDownload *download)
{
  AttuneOfferRow *self = g_object_new (ATTUNE_TYPE_OFFER_ROW, "use-markup", FALSE, "title", title,
                                       "subtitle-lines", 0, NULL);
  g_autofree char *cancel = g_strdup_printf (_ ("Cancel Getting %s"), title);

  self->model = model;
  self->facts = g_strdup (facts);
  self->download = g_object_ref (download);
  gtk_widget_set_tooltip_text (self->cancel_button, cancel);
  g_signal_connect_object (download, "changed", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (download, "ended", G_CALLBACK (on_ended), self, G_CONNECT_SWAPPED);
  show (self);
  return GTK_WIDGET (self);
}

GtkWidget *
attune_offer_row_new (const AttuneGuideChoice *choice, AttuneDownload *download)
{
  g_autofree char *facts = NULL, *fit = NULL, *text = NULL;

  g_return_val_if_fail (choice != NULL && ATTUNE_IS_DOWNLOAD (download), NULL);

  facts = attune_model_say_facts (choice->model);
  fit = attune_model_say_fit (choice);
  text = g_strdup_printf ("%s\n%s", facts, fit);
  return make_row (choice->model, choice->model->name, text, download);
}

GtkWidget *
attune_offer_row_new_file (const char *title, const char *facts, AttuneDownload *download)
{
  g_return_val_if_fail (title != NULL && facts != NULL && ATTUNE_IS_DOWNLOAD (download), NULL);
  return make_row (NULL, title, facts, download);
}

static void
attune_offer_row_dispose (GObject *object)
{
  AttuneOfferRow *self = ATTUNE_OFFER_ROW (object);

  if (self->download != NULL && self->model == NULL)
    attune_download_cancel (self->download); /* nobody would hear of it any more */
  g_clear_object (&self->download);
  g_clear_pointer (&self->facts, g_free);
  G_OBJECT_CLASS (attune_offer_row_parent_class)->dispose (object);
}

static void
attune_offer_row_class_init (AttuneOfferRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = attune_offer_row_dispose;
  got_signal = g_signal_new ("got", ATTUNE_TYPE_OFFER_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                             G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
attune_offer_row_init (AttuneOfferRow *self)
{
  self->bar = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->bar), GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (GTK_WIDGET (self->bar), 60, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Progress"), -1);
  self->get_button = gtk_button_new_with_mnemonic (_ ("_Get…"));
  self->cancel_button = gtk_button_new_from_icon_name ("process-stop-symbolic");
  gtk_widget_set_valign (self->get_button, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->cancel_button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->cancel_button, "flat");
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), GTK_WIDGET (self->bar));
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->get_button);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->cancel_button);
  g_signal_connect_swapped (self->get_button, "clicked", G_CALLBACK (on_get), self);
  g_signal_connect_swapped (self->cancel_button, "clicked", G_CALLBACK (on_cancel), self);
}
