/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adding a table of a database server: its address, and the password apart from it, so that nobody
 * has to write one into an address.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

/* @address: with the password, as attune_source_probe() takes it; never kept nor shown */
typedef void (*AttuneDatabaseFunc) (gpointer data, const char *address);

/* Asks for a database; @chosen is called with @data, which lives until then, unless it is
 * cancelled. */
void attune_database_dialog_present (GtkWidget *parent, AttuneDatabaseFunc chosen, gpointer data,
                                     GDestroyNotify data_free);

G_END_DECLS
