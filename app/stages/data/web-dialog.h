/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adding web pages: the address where they begin, and how many at most.
 */
#pragma once
#include "session.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Asks for an address, and has the session fetch what lies below it, unless it is cancelled. */
void attune_web_dialog_present (GtkWidget *parent, AttuneSession *session);

G_END_DECLS
