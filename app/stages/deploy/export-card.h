/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One format in which the tuned model can be taken along: what it is for, and once it has been
 * made, where it lies, how large it is, what its check has shown, and how other programs take it.
 */
#pragma once
#include "session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_EXPORT_CARD (attune_export_card_get_type ())
G_DECLARE_FINAL_TYPE (AttuneExportCard, attune_export_card, ATTUNE, EXPORT_CARD,
                      AdwPreferencesGroup)

GtkWidget *attune_export_card_new (AttuneExportFormat format);
AttuneExportFormat attune_export_card_get_format (AttuneExportCard *self);
/* Shows what @session knows of this format, which is made from then on. */
void attune_export_card_update (AttuneExportCard *self, AttuneSession *session);

G_END_DECLS
