/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plan's method as a row that unfolds into all of them, of which one can be chosen.
 *
 * #AttuneMethodRow::chosen (method): a person has chosen another one;
 * attune_method_row_set_method() does not tell it.
 */
#pragma once
#include "plan/method.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_METHOD_ROW (attune_method_row_get_type ())
G_DECLARE_FINAL_TYPE (AttuneMethodRow, attune_method_row, ATTUNE, METHOD_ROW, AdwExpanderRow)

GtkWidget *attune_method_row_new (void);
/* Marks @method. Title and subtitle are the caller's. */
void attune_method_row_set_method (AttuneMethodRow *self, AttuneMethod method);

G_END_DECLS
