/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model that is not on this computer yet: what it is, and a button that gets it. Of one of the
 * catalogue the licence is shown first.
 *
 * #AttuneOfferRow::got (path): it is there now.
 */
#pragma once
#include "job/guide.h"
#include "stages/model/download.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_OFFER_ROW (attune_offer_row_get_type ())
G_DECLARE_FINAL_TYPE (AttuneOfferRow, attune_offer_row, ATTUNE, OFFER_ROW, AdwActionRow)

/* @choice: its model is borrowed and outlives the row. @download: how it is got; it goes on without
 * the row. */
GtkWidget *attune_offer_row_new (const AttuneGuideChoice *choice, AttuneDownload *download);
/* The same for a file of the hub, whose licence is shown beside it: it is got without asking, and
 * no longer once the row is gone. */
GtkWidget *attune_offer_row_new_file (const char *title, const char *facts,
                                      AttuneDownload *download);
/* (nullable): of a file of the hub */
const AttuneCatalogueModel *attune_offer_row_get_model (AttuneOfferRow *self);
AttuneDownload *attune_offer_row_get_download (AttuneOfferRow *self);

/* Shows the licence and asks whether to go on. */
void attune_offer_ask (GtkWidget *parent, const AttuneCatalogueModel *model,
                       AttuneDownload *download);

G_END_DECLS
