/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Tune”.
 */
#pragma once
#include "widgets/stage-page.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_TUNE_PAGE (attune_tune_page_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTunePage, attune_tune_page, ATTUNE, TUNE_PAGE, AttuneStagePage)

G_END_DECLS
