/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Data”.
 */
#pragma once
#include "widgets/stage-page.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_DATA_PAGE (attune_data_page_get_type ())
G_DECLARE_FINAL_TYPE (AttuneDataPage, attune_data_page, ATTUNE, DATA_PAGE, AttuneStagePage)

/* Begins to import the file at @path: shows what was found in it, to be confirmed. */
void attune_data_page_import (AttuneDataPage *self, const char *path);

G_END_DECLS
