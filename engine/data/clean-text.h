/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cleaning of one text; pure functions. Each returns the new text, or %NULL where nothing had to
 * change.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* NFC; zero-width and control characters go, no-break spaces become blanks. Tabs and line ends
 * stay. */
char *attune_clean_unicode (const char *text);
/* Ends trimmed, runs of blanks and tabs made one; line ends stay, three or more of them become two.
 */
char *attune_clean_space (const char *text);
/* &amp; &lt; &nbsp; &#39; &#x27; and the like. What is no entity stays as it is. */
char *attune_clean_html (const char *text);
/* UTF-8 that was read as Windows-1252 or Latin-1, even twice: "GrÃ¶ÃŸe" is "Größe". A text is only
 * touched where it holds what no one writes on purpose. */
char *attune_clean_mojibake (const char *text);
/* Tags of HTML, comments, scripts and styles; a paragraph's, list item's or row's becomes a line
 * end. What is no element of HTML stays: "<5 mg", "<name>". */
char *attune_clean_tags (const char *text);

G_END_DECLS
