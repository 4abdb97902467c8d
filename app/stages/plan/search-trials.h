/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a search goes: what runs now, the trials' losses as a chart, and as a table with the best one
 * first.
 */
#pragma once
#include "session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_SEARCH_TRIALS (attune_search_trials_get_type ())
G_DECLARE_FINAL_TYPE (AttuneSearchTrials, attune_search_trials, ATTUNE, SEARCH_TRIALS, AdwBin)

GtkWidget *attune_search_trials_new (void);
/* What @session says of its search now, if there is one. */
void attune_search_trials_show (AttuneSearchTrials *self, AttuneSession *session);

G_END_DECLS
