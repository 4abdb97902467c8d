/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a run stands, in a few figures: step, epoch, time left, speed and loss.
 */
#pragma once
#include "session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_TUNE_FACTS (attune_tune_facts_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTuneFacts, attune_tune_facts, ATTUNE, TUNE_FACTS, AdwBin)

/* Hidden while no run is running. */
void attune_tune_facts_update (AttuneTuneFacts *self, AttuneSession *session);

G_END_DECLS
