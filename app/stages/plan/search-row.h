/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A setting that a search may vary, as a row with a switch: unfolded, it shows the ends of its
 * range or the choices there are.
 *
 * #AttuneSearchRow::changed: what is to be tried is something else now.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_SEARCH_ROW (attune_search_row_get_type ())
G_DECLARE_FINAL_TYPE (AttuneSearchRow, attune_search_row, ATTUNE, SEARCH_ROW, AdwExpanderRow)

/**
 * attune_search_row_new:
 * @word: what is tried at first: one that attune_search_suggest() gives
 * @now: what the plan says
 */
GtkWidget *attune_search_row_new (const char *word, const char *now);
const char *attune_search_row_get_setting (AttuneSearchRow *self); /* its name; borrowed */
void attune_search_row_set_varied (AttuneSearchRow *self, gboolean varied);
/* What is to be tried, for attune_search_space_parse(), which says whether it can be; %NULL while
 * the switch is off. (transfer full) */
char *attune_search_row_get_word (AttuneSearchRow *self);

G_END_DECLS
