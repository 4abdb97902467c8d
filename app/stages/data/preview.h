/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first rows of a file in a column view.
 */
#pragma once
#include "data/import.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * attune_preview_show:
 * @view: gets the columns of @source
 * @rows: of GtkStringList: the list that @view shows; gets one for each row
 * @source: (nullable): %NULL leaves both empty
 */
void attune_preview_show (GtkColumnView *view, GListStore *rows, const AttuneSource *source);

G_END_DECLS
