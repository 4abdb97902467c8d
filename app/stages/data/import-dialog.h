/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adding a table: what was guessed of the file, to be corrected, its first rows, and what each
 * column is for.
 */
#pragma once
#include "session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_IMPORT_DIALOG (attune_import_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AttuneImportDialog, attune_import_dialog, ATTUNE, IMPORT_DIALOG, AdwDialog)

/* Looks at the file at @path in a thread, and shows what it found. */
AttuneImportDialog *attune_import_dialog_new (AttuneSession *session, const char *path);

/* "loading", "table", or "failed" where the file is no table. */
const char *attune_import_dialog_get_state (AttuneImportDialog *self);

G_END_DECLS
