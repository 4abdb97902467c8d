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
/* Whole words that are keys of @expansions (char* -> char*), case as written. @changes: (inout):
 * how many. */
char *attune_expand_abbreviations (const char *text, GHashTable *expansions, guint64 *changes);

G_END_DECLS
