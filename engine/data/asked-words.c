/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See asked-words.h.
 */
#include "data/asked-words.h"

gboolean
attune_asked_words_are_treated (const AttuneDataValues *settings)
{
  return settings->drop_stop_words || settings->stem_words || settings->split_words;
}

AttuneClassicWords *
attune_asked_words_new (const AttuneDataValues *settings, GError **error)
{
  const char *language = settings->word_language;

  if (!attune_asked_words_are_treated (settings))
    return NULL;
  return attune_classic_words_new (language != NULL && *language != '\0' ? language : "en",
                                   settings->drop_stop_words, settings->stem_words, error);
}

static void
replace (char **text, char *treated)
{
  if (treated == NULL)
    return;
  g_free (*text);
  *text = treated;
}

char *
attune_asked_words_treat (AttuneClassicWords *words, const AttuneDataValues *settings,
                          const char *text)
{
  char *treated = g_strdup (text);

  if (words == NULL)
    return treated;
  if (settings->drop_stop_words)
    replace (&treated, attune_classic_words_drop_stops (words, treated));
  if (settings->stem_words)
    replace (&treated, attune_classic_words_stem (words, treated));
  if (settings->split_words)
    replace (&treated, attune_classic_words_split (words, treated));
  return treated;
}
