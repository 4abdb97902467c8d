/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A row with a number that is typed: 0.0005 or 5e-4, which no spin button can do. It is taken when
 * the person pauses or goes elsewhere. What is no such number is marked, with a sentence, and the
 * setting stays as it was.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_NUMBER_ROW (attune_number_row_get_type ())
G_DECLARE_FINAL_TYPE (AttuneNumberRow, attune_number_row, ATTUNE, NUMBER_ROW, AdwActionRow)

/**
 * attune_number_row_new:
 * @settings: see core/settings.h
 * @pspec: of a property of @settings: double, int64 or int
 *
 * Follows the property both ways.
 */
GtkWidget *attune_number_row_new (GObject *settings, GParamSpec *pspec);
/* Takes what is typed, now. Returns FALSE where it is no such number; it is marked then. */
gboolean attune_number_row_commit (AttuneNumberRow *self);
/* What is typed. */
GtkEntry *attune_number_row_get_entry (AttuneNumberRow *self);

G_END_DECLS
