/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A page of the engine's, in HTML, as a PDF on sheets of A4: headings, paragraphs, tables and
 * preformatted text. No HTML but that which the engine writes, which is well-formed XML.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Returns: (transfer full): the file's bytes; %NULL with an error of GMarkup or cairo */
GBytes *attune_page_to_pdf (const char *html, GError **error);

G_END_DECLS
