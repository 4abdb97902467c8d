/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Deploy”: talk with what came out, and take it along.
 */
#include "stages/deploy/page.h"

#include "stages/deploy/chat-view.h"
#include "stages/deploy/export-card.h"
#include "widgets/gently.h"

/* Those that people choose from; attunectl knows more. */
#define N_CARDS 6

struct _AttuneDeployPage
{
  AttuneStagePage parent_instance;

  AttuneChatView *chat_view;        /* (nullable): until it is made; in chat_bin */
  AttuneExportCard *cards[N_CARDS]; /* in exports_page; borrowed */
  guint n_cards;                    /* made so far */
  gboolean talks;                   /* the chat has been shown the session */

  GtkStack *stack;
  AdwBin *chat_bin;
  AdwPreferencesPage *exports_page;
};

G_DEFINE_FINAL_TYPE (AttuneDeployPage, attune_deploy_page, ATTUNE_TYPE_STAGE_PAGE)

/* While a model is being tuned, none is kept in memory beside it, whatever page is shown. */
static void
on_changed (AttuneDeployPage *self, AttuneSession *session)
{
  if (self->chat_view != NULL && attune_session_get_missing (session, ATTUNE_STAGE_DEPLOY) != NULL)
    attune_chat_view_set_session (self->chat_view, NULL);
}

/* --- the parts, one after another */

static void
show_chat (AttuneDeployPage *self)
{
  AttuneSession *session = attune_stage_page_get_session (ATTUNE_STAGE_PAGE (self));
  const gboolean missing = attune_session_get_missing (session, ATTUNE_STAGE_DEPLOY) != NULL;

  attune_chat_view_set_session (self->chat_view, missing ? NULL : session);
}

static void
show_card (AttuneDeployPage *self, AttuneExportCard *card)
{
  AttuneSession *session = attune_stage_page_get_session (ATTUNE_STAGE_PAGE (self));
  const gboolean is_adapter = attune_export_card_get_format (card) == ATTUNE_EXPORT_ADAPTER;

  attune_export_card_update (card, session);
  gtk_widget_set_visible (GTK_WIDGET (card), !is_adapter || attune_session_has_adapter (session));
}

/* Returns: whether there are more to make. */
static gboolean
make_part (gpointer page)
{
  /* What most people want comes first. */
  static const AttuneExportFormat order[N_CARDS]
      = { ATTUNE_EXPORT_GGUF_Q8_0, ATTUNE_EXPORT_GGUF_Q5_K_M, ATTUNE_EXPORT_GGUF_Q4_K_M,
          ATTUNE_EXPORT_GGUF_F16,  ATTUNE_EXPORT_MERGED,      ATTUNE_EXPORT_ADAPTER };
  AttuneDeployPage *self = page;

  if (self->chat_view == NULL)
    {
      self->chat_view = g_object_new (ATTUNE_TYPE_CHAT_VIEW, NULL);
      adw_bin_set_child (self->chat_bin, GTK_WIDGET (self->chat_view));
    }
  else if (!self->talks)
    {
      self->talks = TRUE; /* it starts a program, which takes as long as the view itself */
      show_chat (self);
    }
  else if (self->n_cards < N_CARDS)
    {
      GtkWidget *card = attune_export_card_new (order[self->n_cards]);

      self->cards[self->n_cards++] = ATTUNE_EXPORT_CARD (card);
      adw_preferences_page_add (self->exports_page, ADW_PREFERENCES_GROUP (card));
      show_card (self, ATTUNE_EXPORT_CARD (card));
    }
  return self->n_cards < N_CARDS;
}

static void
attune_deploy_page_set_session (AttuneStagePage *page, AttuneSession *session)
{
  g_signal_connect_object (session, "changed", G_CALLBACK (on_changed), page, G_CONNECT_SWAPPED);
  attune_do_gently (page, make_part);
}

static void
attune_deploy_page_update (AttuneStagePage *page)
{
  AttuneDeployPage *self = ATTUNE_DEPLOY_PAGE (page);
  AttuneSession *session = attune_stage_page_get_session (page);
  const gboolean missing = attune_session_get_missing (session, ATTUNE_STAGE_DEPLOY) != NULL;

  if (self->talks)
    show_chat (self);
  for (guint i = 0; i < self->n_cards; i++)
    show_card (self, self->cards[i]);
  gtk_stack_set_visible_child_name (self->stack, missing ? "missing" : "ready");
}

/* --- the object */

static void
attune_deploy_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_DEPLOY_PAGE);
  G_OBJECT_CLASS (attune_deploy_page_parent_class)->dispose (object);
}

static void
attune_deploy_page_class_init (AttuneDeployPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_deploy_page_dispose;
  ATTUNE_STAGE_PAGE_CLASS (klass)->stage = ATTUNE_STAGE_DEPLOY;
  ATTUNE_STAGE_PAGE_CLASS (klass)->set_session = attune_deploy_page_set_session;
  ATTUNE_STAGE_PAGE_CLASS (klass)->update = attune_deploy_page_update;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/deploy/page.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneDeployPage, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneDeployPage, chat_bin);
  gtk_widget_class_bind_template_child (widget_class, AttuneDeployPage, exports_page);
}

static void
attune_deploy_page_init (AttuneDeployPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
