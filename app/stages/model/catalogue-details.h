/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All that is known of a model of the catalogue, and a button that gets it.
 */
#pragma once
#include "stages/model/offer-row.h"

G_BEGIN_DECLS

/* An AdwPreferencesPage. @choice: outlives it. @download: how the model is got. @available: bytes
 * of memory that are free. */
GtkWidget *attune_catalogue_details_new (const AttuneGuideChoice *choice, AttuneDownload *download,
                                         guint64 available);

G_END_DECLS
