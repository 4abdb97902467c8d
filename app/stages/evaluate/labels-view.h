/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Label by label: how well each is found, and what it is taken for.
 */
#pragma once
#include "job/evaluation.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_LABELS_VIEW (attune_labels_view_get_type ())
G_DECLARE_FINAL_TYPE (AttuneLabelsView, attune_labels_view, ATTUNE, LABELS_VIEW, AdwBin)

/* @confusion: of the evaluation that is shown; not kept. */
void attune_labels_view_show (AttuneLabelsView *self, const AttuneConfusion *confusion);

G_END_DECLS
