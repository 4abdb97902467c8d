/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast this machine has tuned this project, for the time that the next run will take. Light.
 */
#pragma once
#include "job/run-folder.h"

G_BEGIN_DECLS

/* @run: (out) (optional) (transfer full): "0003", the run that says it; untouched where none does.
 * Returns: tokens per second of the latest run that has finished, or 0. */
double attune_project_find_speed (AttuneProject *project, char **run);

G_END_DECLS
