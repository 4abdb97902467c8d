/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows of a table that could not be read: line, reason, and how they begin.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_BAD_ROWS_DIALOG (attune_bad_rows_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AttuneBadRowsDialog, attune_bad_rows_dialog, ATTUNE, BAD_ROWS_DIALOG,
                      AdwDialog)

/**
 * attune_bad_rows_dialog_new:
 * @dataset: path of dataset.h5, read in a thread
 * @source: number of the table
 * @name: of its file, for the title
 */
AttuneBadRowsDialog *attune_bad_rows_dialog_new (const char *dataset, guint source,
                                                 const char *name);
/* The list that is shown: one row for each. */
GtkListBox *attune_bad_rows_dialog_get_list (AttuneBadRowsDialog *self);

G_END_DECLS
