/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which addresses a page or a site map names. Private to data/.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Adds the links of a page, whole addresses without what is behind a #. @address: of the page;
 * @links: char*s. What the page asks not to follow is none. Returns: whether
 * it lets programs keep it (its robots may say noindex). */
gboolean attune_web_read_links (const char *page, gsize n, const char *address, GPtrArray *links);
/* Adds what a site map (sitemaps.org) names: pages to @pages, other site maps to @maps. Returns:
 * whether it is one. */
gboolean attune_web_read_sitemap (const char *text, gsize n, GPtrArray *pages, GPtrArray *maps);

G_END_DECLS
