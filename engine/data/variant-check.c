/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See variant-check.h.
 */
#include "data/variant-check.h"

#include "data/clean.h"
#include "data/variant-private.h"

#include <string.h>

/* Of a text's words, both counted: with more in common it is the same text, with less another. */
#define MOST_ALIKE 0.95
#define LEAST_ALIKE 0.15
/* How much longer or shorter, and so many characters besides: of a short text a word is much. */
#define LONGER 2.0
#define SPARE 16

const char *
attune_variant_fault_get_name (AttuneVariantFault fault)
{
  static const char *const names[ATTUNE_N_VARIANT_FAULTS]
      = { "good",     "lost",     "length",     "numbers",     "names",
          "negation", "question", "same-words", "other-words", "language" };

  g_return_val_if_fail ((guint) fault < ATTUNE_N_VARIANT_FAULTS, NULL);
  return names[fault];
}

typedef struct
{
  char *word;     /* without the signs around it */
  gboolean first; /* of a sentence */
} Word;

static void
word_clear (gpointer word)
{
  g_free (((Word *) word)->word);
}

/* Signs at both ends that are of the sentence. */
static char *
strip (const char *start, gsize n)
{
  const char *end = start + n;

  while (start < end)
    {
      const gunichar c = g_utf8_get_char (start);

      if (g_unichar_isalnum (c) || c == 0xB0)
        break;
      start = g_utf8_next_char (start);
    }
  while (end > start)
    {
      const char *last = g_utf8_find_prev_char (start, end);

      if (last == NULL || g_unichar_isalnum (g_utf8_get_char (last)))
        break;
      end = last;
    }
  return g_strndup (start, end - start);
}

/* Returns: (transfer full): Words, parted by blanks. */
static GArray *
read_words (const char *text)
{
  GArray *words = g_array_new (FALSE, FALSE, sizeof (Word));
  gboolean first = TRUE;

  g_array_set_clear_func (words, word_clear);
  while (*text != '\0')
    {
      const gsize n = strcspn (text, " \t\n");
      Word word;

      if (n > 0)
        {
          word = (Word) { strip (text, n), first };
          first = strchr (".!?:", text[n - 1]) != NULL;
          if (*word.word != '\0')
            g_array_append_val (words, word);
          else
            g_free (word.word);
        }
      text += n + (text[n] != '\0');
    }
  return words;
}

static const Word *
word_at (const GArray *words, guint i)
{
  return i < words->len ? &g_array_index (words, Word, i) : NULL;
}

/* --- bags: what each text has, and how often */

GHashTable *
attune_variant_bag_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

void
attune_variant_bag_put (GHashTable *bag, char *what, int n)
{
  const int before = GPOINTER_TO_INT (g_hash_table_lookup (bag, what));

  g_hash_table_insert (bag, what, GINT_TO_POINTER (before + n));
}

gboolean
attune_variant_bag_is_even (GHashTable *bag)
{
  GHashTableIter iter;
  gpointer n;

  g_hash_table_iter_init (&iter, bag);
  while (g_hash_table_iter_next (&iter, NULL, &n))
    if (GPOINTER_TO_INT (n) != 0)
      return FALSE;
  return TRUE;
}

/* Words with a capital where none has to be, and abbreviations. */
static void
put_names (GHashTable *bag, const GArray *words, gboolean capitals, int n)
{
  for (guint i = 0; i < words->len; i++)
    {
      const Word *word = word_at (words, i);
      guint upper = 0;

      if (strpbrk (word->word, "0123456789") != NULL || strstr (word->word, "°") != NULL)
        continue; /* an amount */
      for (const char *p = word->word; *p != '\0'; p = g_utf8_next_char (p))
        upper += g_unichar_isupper (g_utf8_get_char (p));
      if (upper > 1
          || (capitals && upper == 1 && !word->first && strcmp (word->word, "I") != 0
              && !g_str_has_prefix (word->word, "I'")))
        attune_variant_bag_put (bag, g_strdup (word->word), n);
    }
}

/* English, German, Spanish, French. */
static int
count_negations (const GArray *words)
{
  static const char *const list[]
      = { "not",     "no",   "never", "none",   "nor",    "without", "cannot",  "neither",
          "nicht",   "kein", "keine", "keinen", "keiner", "keinem",  "keines",  "nie",
          "niemals", "ohne", "weder", "nunca",  "sin",    "ningún",  "ninguna", "pas",
          "jamais",  "sans", "aucun", "aucune", NULL };
  int n = 0;

  for (guint i = 0; i < words->len; i++)
    {
      g_autofree char *lower = g_utf8_strdown (word_at (words, i)->word, -1);

      n += g_strv_contains (list, lower) || g_str_has_suffix (lower, "n't")
           || g_str_has_suffix (lower, "n\u2019t");
    }
  return n;
}

/* Share of words that both have. */
static double
likeness (const char *text, const char *made)
{
  g_autofree char *a = attune_plain_words (text), *b = attune_plain_words (made);
  g_auto (GStrv) one = g_strsplit (a, " ", -1), other = g_strsplit (b, " ", -1);
  g_autoptr (GHashTable) bag = attune_variant_bag_new ();
  guint common = 0;

  for (guint i = 0; one[i] != NULL; i++)
    attune_variant_bag_put (bag, g_strdup (one[i]), 1);
  for (guint i = 0; other[i] != NULL; i++)
    if (GPOINTER_TO_INT (g_hash_table_lookup (bag, other[i])) > 0)
      {
        attune_variant_bag_put (bag, g_strdup (other[i]), -1);
        common++;
      }
  return 2.0 * common / MAX (1, g_strv_length (one) + g_strv_length (other));
}

static gboolean
is_question (const char *text)
{
  g_autofree char *copy = g_strchomp (g_strdup (text));

  return g_str_has_suffix (copy, "?");
}

AttuneVariantFault
attune_variant_check (const char *text, const char *made, const char *language,
                      AttuneLanguages *languages)
{
  g_autoptr (GArray) one = read_words (text), other = read_words (made);
  g_autoptr (GHashTable) names = attune_variant_bag_new ();
  const gboolean capitals = g_strcmp0 (language, "de") != 0;
  const glong before = g_utf8_strlen (text, -1), after = g_utf8_strlen (made, -1);
  const char *guess, *guess_made;
  double alike;

  if (other->len == 0)
    return ATTUNE_VARIANT_LOST;
  if (after > before * LONGER + SPARE || before > after * LONGER + SPARE)
    return ATTUNE_VARIANT_LENGTH;
  if (!attune_variant_same_amounts (text, made, language))
    return ATTUNE_VARIANT_NUMBERS;
  put_names (names, one, capitals, 1);
  put_names (names, other, capitals, -1);
  if (!attune_variant_bag_is_even (names) || !attune_variant_same_substances (text, made))
    return ATTUNE_VARIANT_NAMES;
  if (count_negations (one) != count_negations (other) || !attune_variant_same_sides (text, made))
    return ATTUNE_VARIANT_NEGATION;
  if (is_question (text) != is_question (made))
    return ATTUNE_VARIANT_QUESTION;
  alike = likeness (text, made);
  if (alike >= MOST_ALIKE)
    return ATTUNE_VARIANT_SAME;
  if (alike < LEAST_ALIKE)
    return ATTUNE_VARIANT_OTHER;
  if (languages != NULL && (guess = attune_languages_guess (languages, text)) != NULL)
    {
      g_autofree char *kept = g_strdup (guess);

      guess_made = attune_languages_guess (languages, made);
      if (guess_made != NULL && !g_str_equal (guess_made, kept))
        return ATTUNE_VARIANT_LANGUAGE;
    }
  return ATTUNE_VARIANT_GOOD;
}
