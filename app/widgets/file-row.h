/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A row for a setting that is the path of a file: shows its name, chooses another, or none.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_FILE_ROW (attune_file_row_get_type ())
G_DECLARE_FINAL_TYPE (AttuneFileRow, attune_file_row, ATTUNE, FILE_ROW, AdwActionRow)

/* @pspec: of a string property of @settings, which is followed both ways; "" is no file. */
GtkWidget *attune_file_row_new (GObject *settings, GParamSpec *pspec);

G_END_DECLS
