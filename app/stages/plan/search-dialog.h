/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Search for good settings: what is tried, how and how often; and, once a search has begun, how it
 * goes. The search goes on when the dialog is closed.
 *
 * #AttuneSearchDialog::taken (plan): the plan is to be the AttunePlan @plan, which has the best
 * trial's values; the dialog is closed.
 */
#pragma once
#include "session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_SEARCH_DIALOG (attune_search_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AttuneSearchDialog, attune_search_dialog, ATTUNE, SEARCH_DIALOG, AdwDialog)

AttuneSearchDialog *attune_search_dialog_new (AttuneSession *session);

G_END_DECLS
