/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SentencePiece's compiled table of what characters are to become before they are tokens: a trie in
 * a double array, and the texts that its leaves name.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _AttuneCharsmap AttuneCharsmap;

/* @data: copied. Returns: (transfer full): or %NULL; errors: #AttuneTextError. */
AttuneCharsmap *attune_charsmap_new (gconstpointer data, gsize length, GError **error);
void attune_charsmap_free (AttuneCharsmap *self);

/* The text that the longest beginning of @text in the table becomes, or the shortest: @n bytes for
 * @taken. %NULL where the table has none. */
const char *attune_charsmap_find (const AttuneCharsmap *self, const char *text, gsize length,
                                  gboolean shortest, gsize *taken, gsize *n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneCharsmap, attune_charsmap_free)

G_END_DECLS
