/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The models of the catalogue that can be got.
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
/* For downloads that begin from now on. Both (nullable). */
void attune_catalogue_list_set_access (AttuneCatalogueList *self, const char *proxy,
                                       const char *token);
/* AttuneCatalogueModel; borrowed; may be empty. */
GPtrArray *attune_catalogue_list_get_models (AttuneCatalogueList *self);
/* The row of the model @id, or %NULL. Borrowed. */
AttuneOfferRow *attune_catalogue_list_find (AttuneCatalogueList *self, const char *id);
/* Hides what is on this computer already. */
void attune_catalogue_list_refresh (AttuneCatalogueList *self);

G_END_DECLS
