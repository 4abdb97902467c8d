/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Deploy”.
 */
#pragma once
#include "widgets/stage-page.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_DEPLOY_PAGE (attune_deploy_page_get_type ())
G_DECLARE_FINAL_TYPE (AttuneDeployPage, attune_deploy_page, ATTUNE, DEPLOY_PAGE, AttuneStagePage)

G_END_DECLS
