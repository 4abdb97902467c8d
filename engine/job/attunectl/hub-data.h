/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Data sets of the hub, for attunectl import.
 */
#pragma once
#include "job/project.h"

G_BEGIN_DECLS

/* Says what the data set at @address is, under which licence and how large, and fetches it into the
 * project's folder. @most_gb: 0: as ATTUNE_HUB_DATA_BYTES. Returns: (transfer full): its folder. */
char *attune_command_fetch_data (AttuneProject *project, const char *address, double most_gb,
                                 GError **error);

G_END_DECLS
