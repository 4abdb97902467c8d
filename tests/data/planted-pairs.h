/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records with planted near duplicates: random words, and copies in which words are replaced until
 * the similarity is what was asked for. For the test and for `./dev bench data`.
 */
#pragma once
#include "core/random.h"
#include "data/similar.h"

#include <string.h>

/* So many words there are; a text of 60 of them shares none of its pairs with another by chance. */
#define PLANTED_VOCABULARY 20000

typedef struct
{
  AttuneRandom random;
  guint n_words;
} Planter;

static inline void
planter_init (Planter *self, guint64 seed, guint n_words)
{
  attune_random_init (&self->random, seed, ATTUNE_RANDOM_TEST, 0);
  self->n_words = n_words;
}

static inline char **
planter_words (Planter *self)
{
  char **words = g_new0 (char *, self->n_words + 1);

  for (guint i = 0; i < self->n_words; i++)
    {
      guint word = attune_random_below (&self->random, PLANTED_VOCABULARY);
      char text[8] = { 0 };

      for (guint j = 0; j < 4; j++, word /= 12) /* 12⁴ > PLANTED_VOCABULARY */
        text[j] = 'a' + word % 12;
      words[i] = g_strdup (text);
    }
  return words;
}

/* Replaces words of @text until its similarity to what it was is the lowest that is not below
 * @least. */
static inline char *
planter_copy (Planter *self, const char *text, double least)
{
  char *copy = g_strdup (text);

  while (TRUE)
    {
      g_auto (GStrv) words = g_strsplit (copy, " ", -1);
      const guint i = attune_random_below (&self->random, g_strv_length (words));
      g_autofree char *next = NULL;

      g_free (words[i]);
      words[i] = g_strdup_printf ("zz%c%c", 'a' + (int) attune_random_below (&self->random, 26),
                                  'a' + (int) attune_random_below (&self->random, 26));
      next = g_strjoinv (" ", words);
      if (attune_similarity (text, next) < least)
        return copy;
      g_free (copy);
      copy = g_steal_pointer (&next);
    }
}
