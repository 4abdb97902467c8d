/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tokens of words that were seen before. Threads share it without a lock: a slot is filled once
 * and never changed.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _AttuneWordCache AttuneWordCache;

AttuneWordCache *attune_word_cache_new (void);
void attune_word_cache_free (AttuneWordCache *self);

/* Appends the tokens of @word to @ids (gint32) and returns %TRUE, if it is there. @slot: where it
 * is looked for, for attune_word_cache_add(). */
gboolean attune_word_cache_find (const AttuneWordCache *self, const char *word, gsize length,
                                 GArray *ids, guint *slot);
/* Keeps the tokens of @word, if it is short and the slot is free. */
void attune_word_cache_add (AttuneWordCache *self, guint slot, const char *word, gsize length,
                            const gint32 *ids, gsize n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneWordCache, attune_word_cache_free)

G_END_DECLS
