/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adding a data set of the hub: its name, then what it is, and under which licence, and only then
 * it is fetched.
 */
#pragma once
#include "session.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* @path: of the folder that a data set was fetched into */
typedef void (*AttuneHubDataFunc) (gpointer data, const char *path);

/* Asks for a name and whether to fetch. @fetched is called unless it is cancelled or fails, which
 * the session tells of; @data_free in any case, at the end. */
void attune_hub_data_dialog_present (GtkWidget *parent, AttuneSession *session,
                                     AttuneHubDataFunc fetched, gpointer data,
                                     GDestroyNotify data_free);

G_END_DECLS
