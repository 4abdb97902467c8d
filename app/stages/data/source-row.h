/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A table that was added: its file, how many rows it gave, and those that could not be read.
 */
#pragma once
#include "data/report-view.h"

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * attune_source_row_new:
 * @number: of the source; the target of the actions data.show-bad-rows and data.remove-source,
 * which the page has
 */
GtkWidget *attune_source_row_new (const AttuneSourceView *source, guint number);

G_END_DECLS
