/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What classic text tasks do to words, such as telling topics apart: parted by blanks, without
 * those that say nothing of a topic, and by their stems. A model that writes needs none of it.
 * Words are what ICU takes for words, in any writing.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _AttuneClassicWords AttuneClassicWords;

/* @language: "en"; @stops, @stems: whether these are asked for: %ATTUNE_DATA_ERROR_SETTINGS where
 * there are none of that language. For one thread at a time. Returns: (transfer full). */
AttuneClassicWords *attune_classic_words_new (const char *language, gboolean stops, gboolean stems,
                                              GError **error);
void attune_classic_words_free (AttuneClassicWords *self);

/* Each returns the new text (transfer full), or %NULL where nothing had to change. */

/* Words and signs, parted by one blank: "Isn’t it?" is "Isn’t it ?". */
char *attune_classic_words_split (AttuneClassicWords *self, const char *text);
/* Without stop words; a text that has no others stays as it is. */
char *attune_classic_words_drop_stops (AttuneClassicWords *self, const char *text);
/* Words in small letters, without their endings: "The doctors treated" is "the doctor treat". */
char *attune_classic_words_stem (AttuneClassicWords *self, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneClassicWords, attune_classic_words_free)

G_END_DECLS
