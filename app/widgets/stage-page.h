/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of a stage: what went wrong, the content, and one primary action with what is still
 * missing beside it; the title is that of the navigation page around it. Each room of app/stages/
 * derives its page from this.
 *
 * Properties, usually set in the template of the page: #AttuneStagePage:content, the widget in the
 * middle; #AttuneStagePage:scrolls, FALSE where the content scrolls by itself;
 * #AttuneStagePage:action-label and #AttuneStagePage:action-name, the primary action, which the
 * page installs (gtk_widget_class_install_action) and which is enabled while nothing is missing.
 */
#pragma once
#include "session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_STAGE_PAGE (attune_stage_page_get_type ())
G_DECLARE_DERIVABLE_TYPE (AttuneStagePage, attune_stage_page, ATTUNE, STAGE_PAGE, AdwBin)

/**
 * AttuneStagePageClass:
 * @stage: which stage it is; set in class_init
 * @set_session: (nullable): the session has been set; called once
 * @update: (nullable): something of the session has changed: show it. Called while the page is
 *   shown, and when it comes to be.
 */
struct _AttuneStagePageClass
{
  AdwBinClass parent_class;

  AttuneStage stage;
  void (*set_session) (AttuneStagePage *self, AttuneSession *session);
  void (*update) (AttuneStagePage *self);
};

/* Borrowed; %NULL before it was set. */
AttuneSession *attune_stage_page_get_session (AttuneStagePage *self);
void attune_stage_page_set_session (AttuneStagePage *self, AttuneSession *session);
/* A sentence beside the action while nothing is missing ("Takes about 4 minutes"); %NULL: none. */
void attune_stage_page_set_hint (AttuneStagePage *self, const char *hint);
/* Another primary action, for pages on which it changes; called from @update. @is_free: it can be
 * used whatever is missing. */
void attune_stage_page_set_action (AttuneStagePage *self, const char *label, const char *name,
                                   gboolean is_free);
/* Packs @widget at the end of the header bar, or beside the primary action. */
void attune_stage_page_add_to_header (AttuneStagePage *self, GtkWidget *widget);
void attune_stage_page_add_button (AttuneStagePage *self, GtkWidget *button);

G_END_DECLS
