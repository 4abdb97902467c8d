/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two things side by side in equal columns, or one below the other where that is too narrow.
 */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_PAIR_LAYOUT (attune_pair_layout_get_type ())
G_DECLARE_FINAL_TYPE (AttunePairLayout, attune_pair_layout, ATTUNE, PAIR_LAYOUT, GtkLayoutManager)

G_END_DECLS
