/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A small chart of a run's losses in letters, for the terminal.
 */
#pragma once
#include "job/run-curves.h"

G_BEGIN_DECLS

/* Training loss as dots, validation as circles; nothing where there is no step yet. */
void attune_chart_print (const AttuneRunCurves *curves);

G_END_DECLS
