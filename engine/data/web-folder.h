/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The folder that web pages are kept in. Private to data/.
 */
#pragma once
#include "data/web-request.h"

G_BEGIN_DECLS

/* Writes a page as NUMBER-NAME.html, in UTF-8 where its server says what else it is in. */
gboolean attune_web_folder_keep (const char *folder, guint number, const char *address,
                                 const AttuneWebAnswer *answer, GError **error);
/* Removes the folder with the pages in it. */
void attune_web_folder_remove (const char *folder);

G_END_DECLS
