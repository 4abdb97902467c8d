/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The models of the catalogue: those that suit this computer best can be got here, the others are
 * behind buttons, which activate "model.guide", "model.catalogue" and "model.find".
 *
 * #AttuneCatalogueList::got (path): one of them is on this computer now.
 */
#pragma once
#include "stages/model/offer-row.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_CATALOGUE_LIST (attune_catalogue_list_get_type ())
G_DECLARE_FINAL_TYPE (AttuneCatalogueList, attune_catalogue_list, ATTUNE, CATALOGUE_LIST, AdwBin)

GtkWidget *attune_catalogue_list_new (void);
/* @folder: (nullable): of the catalogue's records; @models: where models are kept. What is wrong
 * with the catalogue is shown in the list. */
void attune_catalogue_list_load (AttuneCatalogueList *self, const char *folder, const char *models);
/* For downloads that begin from now on. (nullable) */
void attune_catalogue_list_set_proxy (AttuneCatalogueList *self, const char *proxy);
/* Ranks anew. @available: bytes of memory that are free; what is on this computer already is not
 * offered. */
void attune_catalogue_list_refresh (AttuneCatalogueList *self, guint64 available);

/* AttuneCatalogueModel, the smallest first; borrowed; may be empty. */
GPtrArray *attune_catalogue_list_get_models (AttuneCatalogueList *self);
/* AttuneGuideChoice, the best first; a reference. */
GPtrArray *attune_catalogue_list_get_choices (AttuneCatalogueList *self);
/* How the model @id is got, or %NULL. Borrowed. */
AttuneDownload *attune_catalogue_list_find (AttuneCatalogueList *self, const char *id);
/* The @i-th row that is shown, or %NULL. Borrowed. */
AttuneOfferRow *attune_catalogue_list_get_row (AttuneCatalogueList *self, guint i);

G_END_DECLS
