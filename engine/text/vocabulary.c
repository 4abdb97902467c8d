/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All spellings lie in one block: a vocabulary has up to 262144 of them.
 */
#include "text/vocabulary.h"

#include <string.h>

/* A copy of @strings whose text lies in one block, @text. */
static const char **
copy_strings (const char *const *strings, guint n, char **text)
{
  const char **copy = g_new (const char *, (gsize) n + 1);
  gsize total = 0;
  char *p;

  for (guint i = 0; i < n; i++)
    total += strlen (strings[i]) + 1;
  p = *text = g_malloc (MAX (total, 1));
  for (guint i = 0; i < n; i++)
    {
      copy[i] = p;
      p = g_stpcpy (p, strings[i]) + 1;
    }
  copy[n] = NULL;
  return copy;
}

void
attune_vocabulary_copy (AttuneVocabulary *to, const AttuneVocabulary *from, char **token_text,
                        char **merge_text)
{
  *to = *from;
  to->model = g_strdup (from->model);
  to->pre = g_strdup (from->pre);
  to->rules = g_strdup (from->rules);
  to->tokens = copy_strings (from->tokens, from->n_tokens, token_text);
  to->merges = copy_strings (from->merges, from->n_merges, merge_text);
  to->kinds = g_memdup2 (from->kinds, from->n_tokens * sizeof *from->kinds);
  to->scores = g_memdup2 (from->scores, from->n_tokens * sizeof *from->scores);
  to->flags = g_memdup2 (from->flags, from->n_tokens);
  to->charsmap = g_memdup2 (from->charsmap, from->n_charsmap);
}

void
attune_vocabulary_clear (AttuneVocabulary *self)
{
  g_free ((char *) self->model);
  g_free ((char *) self->pre);
  g_free ((char *) self->rules);
  g_free ((gpointer) self->tokens);
  g_free ((gpointer) self->merges);
  g_free ((gpointer) self->kinds);
  g_free ((gpointer) self->scores);
  g_free ((gpointer) self->flags);
  g_free ((gpointer) self->charsmap);
}
