/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All models of the catalogue, to look through and search: what fits this computer first.
 */
#pragma once
#include "stages/model/catalogue-list.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_CATALOGUE_DIALOG (attune_catalogue_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AttuneCatalogueDialog, attune_catalogue_dialog, ATTUNE, CATALOGUE_DIALOG,
                      AdwDialog)

/* @list: with a catalogue; it is kept. @available: bytes of memory that are free. */
AdwDialog *attune_catalogue_dialog_new (AttuneCatalogueList *list, guint64 available);
/* Shows only those that have all of the words of @text in what is said of them. */
void attune_catalogue_dialog_search (AttuneCatalogueDialog *self, const char *text);
/* Shows all that is known of the model @id. */
void attune_catalogue_dialog_open (AttuneCatalogueDialog *self, const char *id);
/* Models that the search leaves. */
guint attune_catalogue_dialog_count (AttuneCatalogueDialog *self);

G_END_DECLS
