/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SQuAD's measures of an answer (Rajpurkar et al. 2016; the normalisation and the rule for empty
 * answers of the evaluation script of 2.0), over Unicode. Part of evaluate/evaluate.h.
 */
#include "evaluate/evaluate.h"

#include "evaluate/words.h"

#include <string.h>

/* Python's string.punctuation is ASCII's, symbols included; beyond ASCII it is what Unicode calls
 * punctuation. */
static gboolean
is_punctuation (gunichar c)
{
  const GUnicodeType type = g_unichar_type (c);

  if (c < 0x80)
    return g_ascii_ispunct ((char) c);
  return type >= G_UNICODE_CONNECT_PUNCTUATION && type <= G_UNICODE_OPEN_PUNCTUATION;
}

/* Lower case, composed, no punctuation. Not g_utf8_strdown(): its result depends on the user's
 * language. */
char *
attune_words_simplify (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *composed = g_utf8_normalize (valid, -1, G_NORMALIZE_NFC);
  GString *simple = g_string_sized_new (strlen (composed));

  for (const char *c = composed; *c != '\0'; c = g_utf8_next_char (c))
    {
      const gunichar lower = g_unichar_tolower (g_utf8_get_char (c));

      if (!is_punctuation (lower))
        g_string_append_unichar (simple, lower);
    }
  return g_string_free_and_steal (simple);
}

/* Appends the words of @run, which holds no white space. SQuAD's \b(a|an|the)\b sees an article
 * wherever letters and digits end, so a run like "the→cell" holds one; what it leaves is cut there.
 */
static void
add_words (GPtrArray *words, const char *run, const char *end)
{
  const char *from = run;

  for (const char *at = run, *next; at < end; at = next)
    {
      for (next = at; next < end && g_unichar_isalnum (g_utf8_get_char (next));
           next = g_utf8_next_char (next))
        ;
      if (next == at)
        {
          next = g_utf8_next_char (at);
          continue;
        }
      if ((next - at == 1 && *at == 'a') || (next - at == 2 && strncmp (at, "an", 2) == 0)
          || (next - at == 3 && strncmp (at, "the", 3) == 0))
        {
          if (at > from)
            g_ptr_array_add (words, g_strndup (from, at - from));
          from = next;
        }
    }
  if (end > from)
    g_ptr_array_add (words, g_strndup (from, end - from));
}

/* Returns: (transfer full): the normalised words. */
static GPtrArray *
split_words (const char *text)
{
  g_autofree char *simple = attune_words_simplify (text);
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);
  const char *at = simple;

  while (*at != '\0')
    {
      const char *end;

      while (*at != '\0' && g_unichar_isspace (g_utf8_get_char (at)))
        at = g_utf8_next_char (at);
      for (end = at; *end != '\0' && !g_unichar_isspace (g_utf8_get_char (end));
           end = g_utf8_next_char (end))
        ;
      add_words (words, at, end);
      at = end;
    }
  return words;
}

double
attune_token_f1 (const char *expected, const char *answer)
{
  g_autoptr (GPtrArray) gold = NULL, said = NULL;
  g_autoptr (GHashTable) left = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_common = 0;

  g_return_val_if_fail (expected != NULL && answer != NULL, 0);

  gold = split_words (expected);
  said = split_words (answer);
  if (gold->len == 0 || said->len == 0)
    return gold->len == said->len;

  for (guint i = 0; i < gold->len; i++)
    {
      gpointer word = g_ptr_array_index (gold, i);

      g_hash_table_replace (
          left, word, GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (left, word)) + 1));
    }
  for (guint i = 0; i < said->len; i++)
    {
      gpointer word = g_ptr_array_index (said, i);
      const guint n = GPOINTER_TO_UINT (g_hash_table_lookup (left, word));

      if (n > 0)
        {
          g_hash_table_replace (left, word, GUINT_TO_POINTER (n - 1));
          n_common++;
        }
    }
  /* 2PR / (P + R) with P = common / said and R = common / gold */
  return 2.0 * n_common / (said->len + gold->len);
}

gboolean
attune_exact_match (const char *expected, const char *answer)
{
  g_autoptr (GPtrArray) gold = NULL, said = NULL;

  g_return_val_if_fail (expected != NULL && answer != NULL, FALSE);

  gold = split_words (expected);
  said = split_words (answer);
  if (gold->len != said->len)
    return FALSE;
  for (guint i = 0; i < gold->len; i++)
    if (strcmp (g_ptr_array_index (gold, i), g_ptr_array_index (said, i)) != 0)
      return FALSE;
  return TRUE;
}

void
attune_answer_free (AttuneAnswer *answer)
{
  if (answer == NULL)
    return;
  g_free (answer->question);
  g_free (answer->expected);
  g_free (answer->answer);
  g_free (answer);
}
