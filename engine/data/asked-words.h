/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is asked of a model that learned from texts whose words were treated (classic-words.h): the
 * same is done to it, or it would be unlike all that was learned from.
 */
#pragma once
#include "data/classic-words.h"
#include "data/data-settings.h"

G_BEGIN_DECLS

/* Whether @settings ask for any of it. */
gboolean attune_asked_words_are_treated (const AttuneDataValues *settings);
/* What @settings ask for. For one thread at a time. Returns: (transfer full) (nullable): %NULL with
 * @error, or without where they ask for none. */
AttuneClassicWords *attune_asked_words_new (const AttuneDataValues *settings, GError **error);
/* @text as it would be learned from. @words: (nullable): leaves it. Returns: (transfer full). */
char *attune_asked_words_treat (AttuneClassicWords *words, const AttuneDataValues *settings,
                                const char *text);

G_END_DECLS
