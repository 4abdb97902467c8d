/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding a model in the hub: a search, what is in a model with its licence, and getting one of its
 * files.
 *
 * #AttuneHubDialog::got (path): a file is on this computer now.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_HUB_DIALOG (attune_hub_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AttuneHubDialog, attune_hub_dialog, ATTUNE, HUB_DIALOG, AdwDialog)

/* @folder: where models are kept; @proxy: (nullable). */
AdwDialog *attune_hub_dialog_new (const char *folder, const char *proxy);
void attune_hub_dialog_search (AttuneHubDialog *self, const char *query);
/* Shows what is in the repository @name. */
void attune_hub_dialog_open (AttuneHubDialog *self, const char *name);
/* The token is used from now on and put into the keyring. */
void attune_hub_dialog_set_token (AttuneHubDialog *self, const char *token);

G_END_DECLS
