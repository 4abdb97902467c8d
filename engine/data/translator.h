/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Back-translation (Sennrich et al. 2016; as augmentation: Yu et al. 2018) by Apertium, offline: a
 * text goes into another language and back, and says it in other words. The program apertium runs
 * as a child on pipes, with the pairs of languages that are installed; it is not needed for
 * anything else. Private to data/.
 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _AttuneTranslator AttuneTranslator;

/**
 * attune_translator_new:
 * @language: code of the texts' language, as “en”
 *
 * Takes the first installed language that one can go to and come back from. Blocks. Returns:
 * (transfer full): %NULL with %ATTUNE_DATA_ERROR_READ where there is no apertium, or no such pair
 * of languages; the error names the package
 */
AttuneTranslator *attune_translator_new (const char *language, GError **error);
void attune_translator_free (AttuneTranslator *self);

/* "Apertium eng-spa, spa-eng": what made a text, for its record. Borrowed. */
const char *attune_translator_get_name (const AttuneTranslator *self);

/**
 * attune_translator_turn:
 * @texts: UTF-8, each of one line
 *
 * There and back, all in two calls of the program. Blocks. Returns: (transfer full): as many
 * char*s;
 * "" for what was lost on the way. %NULL with %ATTUNE_DATA_ERROR_READ where the program fails or
 * takes longer than ten minutes, or with %G_IO_ERROR_CANCELLED
 */
GPtrArray *attune_translator_turn (const AttuneTranslator *self, const char *const *texts, guint n,
                                   GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTranslator, attune_translator_free)

G_END_DECLS
