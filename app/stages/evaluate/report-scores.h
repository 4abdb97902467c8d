/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The part of the report between what was evaluated and the answers.
 */
#pragma once
#include "stages/evaluate/report-pages.h"
#include "stages/evaluate/report.h"

G_BEGIN_DECLS

void attune_report_add_scores (AttunePages *pages, const AttuneReport *self);

G_END_DECLS
