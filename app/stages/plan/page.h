/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Plan”.
 */
#pragma once
#include "widgets/stage-page.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_PLAN_PAGE (attune_plan_page_get_type ())
G_DECLARE_FINAL_TYPE (AttunePlanPage, attune_plan_page, ATTUNE, PLAN_PAGE, AttuneStagePage)

G_END_DECLS
