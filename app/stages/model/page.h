/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Model”.
 */
#pragma once
#include "widgets/stage-page.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_MODEL_PAGE (attune_model_page_get_type ())
G_DECLARE_FINAL_TYPE (AttuneModelPage, attune_model_page, ATTUNE, MODEL_PAGE, AttuneStagePage)

G_END_DECLS
