/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Evaluate”.
 */
#pragma once
#include "widgets/stage-page.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_EVALUATE_PAGE (attune_evaluate_page_get_type ())
G_DECLARE_FINAL_TYPE (AttuneEvaluatePage, attune_evaluate_page, ATTUNE, EVALUATE_PAGE,
                      AttuneStagePage)

G_END_DECLS
