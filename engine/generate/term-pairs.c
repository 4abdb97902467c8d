/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See term-pairs.h.
 */
#include "generate/term-pairs.h"

#include <string.h>

struct _AttuneTermPairs
{
  GHashTable *others; /* of each term in lower case, the other, likewise */
  guint most_words;   /* of a term */
  char *hash;
};

void
attune_term_pairs_free (AttuneTermPairs *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->others, g_hash_table_unref);
  g_free (self->hash);
  g_free (self);
}

static guint
count_words (const char *term)
{
  guint n = 1;

  for (; *term != '\0'; term++)
    n += *term == ' ';
  return n;
}

static void
add_term (AttuneTermPairs *self, const char *term, const char *other)
{
  if (g_hash_table_contains (self->others, term))
    return;
  g_hash_table_insert (self->others, g_strdup (term), g_strdup (other));
  self->most_words = MAX (self->most_words, count_words (term));
}

/* FALSE where @line is neither a pair nor empty. */
static gboolean
add_line (AttuneTermPairs *self, const char *line)
{
  g_auto (GStrv) parts = g_strsplit_set (line, ",;\t", -1);
  g_autofree char *a = NULL, *b = NULL;
  const guint n = g_strv_length (parts);

  if (n < 2)
    return n == 0 || *g_strstrip (parts[0]) == '\0';
  a = g_utf8_strdown (g_strstrip (parts[0]), -1);
  b = g_utf8_strdown (g_strstrip (parts[1]), -1);
  if (n > 2 || *a == '\0' || *b == '\0' || strcmp (a, b) == 0)
    return FALSE;
  add_term (self, a, b);
  add_term (self, b, a);
  return TRUE;
}

AttuneTermPairs *
attune_term_pairs_open (const char *path, GError **error)
{
  g_autoptr (AttuneTermPairs) self = g_new0 (AttuneTermPairs, 1);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) reason = NULL;
  gsize n;

  g_return_val_if_fail (path != NULL, NULL);

  if (!g_file_get_contents (path, &text, &n, &reason))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ,
                   "The pairs of terms (--term-pairs) could not be read: %s.", reason->message);
      return NULL;
    }
  self->others = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, n);
  if (g_utf8_validate_len (text, n, NULL))
    lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    if (!add_line (self, lines[i]))
      {
        g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                     "Line %u of “%s” is no pair of terms. Each line has two different ones with a "
                     "comma between, such as: he,she",
                     i + 1, path);
        return NULL;
      }
  if (g_hash_table_size (self->others) > 0)
    return g_steal_pointer (&self);
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
               "There are no pairs of terms in “%s”, or it is no text in UTF-8. Each line has two "
               "terms with a comma between, such as: he,she",
               path);
  return NULL;
}

const char *
attune_term_pairs_get_hash (const AttuneTermPairs *self)
{
  return self->hash;
}

/* --- exchanging */

static gboolean
is_of_word (gunichar c)
{
  return g_unichar_isalnum (c) || g_unichar_ismark (c);
}

static const char *
skip (const char *text, gboolean of_word)
{
  while (*text != '\0' && is_of_word (g_utf8_get_char (text)) == of_word)
    text = g_utf8_next_char (text);
  return text;
}

/* @term written as @found is: in capitals, with one, or as it is. */
static void
append_in_case (GString *to, const char *term, const char *found, gsize n)
{
  g_autofree char *upper = g_utf8_strup (found, n), *lower = g_utf8_strdown (found, n),
                  *capitals = g_utf8_strup (term, -1);
  const gboolean first = g_unichar_isupper (g_utf8_get_char (found)),
                 all = strncmp (upper, found, n) == 0 && strlen (upper) == n
                       && g_utf8_strlen (found, n) > 1 && strcmp (upper, lower) != 0;

  if (all)
    g_string_append (to, capitals);
  else if (first)
    {
      g_string_append_unichar (to, g_unichar_totitle (g_utf8_get_char (term)));
      g_string_append (to, g_utf8_next_char (term));
    }
  else
    g_string_append (to, term);
}

/* The longest term that begins at @text, which is the beginning of a word. @n: (out): its bytes in
 * the text. Returns: (nullable): the other one. */
static const char *
find_term (const AttuneTermPairs *self, const char *text, gsize *n)
{
  const char *end = text, *found = NULL;

  for (guint words = 0; words < self->most_words; words++)
    {
      g_autofree char *term = NULL;
      const char *other;

      if (words > 0 && *end != ' ')
        break;
      end = skip (words > 0 ? end + 1 : end, TRUE);
      term = g_utf8_strdown (text, end - text);
      other = g_hash_table_lookup (self->others, term);
      if (other == NULL)
        continue;
      found = other;
      *n = end - text;
    }
  return found;
}

char *
attune_term_pairs_exchange (const AttuneTermPairs *self, const char *text)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean changed = FALSE;

  g_return_val_if_fail (self != NULL && text != NULL, NULL);

  while (*text != '\0')
    {
      const char *end;
      const char *other;
      gsize n = 0;

      if (!is_of_word (g_utf8_get_char (text)))
        {
          end = skip (text, FALSE);
          g_string_append_len (out, text, end - text);
          text = end;
          continue;
        }
      other = find_term (self, text, &n);
      if (other != NULL)
        append_in_case (out, other, text, n);
      else
        {
          n = skip (text, TRUE) - text;
          g_string_append_len (out, text, n);
        }
      changed |= other != NULL;
      text += n;
    }
  return changed ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}

/* --- samples */

/* Tokens @first … @end - 1, with terms exchanged, behind @ids. FALSE where the text does not become
 * them again. */
static gboolean
exchange_stretch (const AttuneTermPairs *self, const AttuneTokenizer *tokenizer,
                  const gint32 *tokens, guint n, GArray *ids, gboolean *changed)
{
  g_autofree char *text = attune_tokenizer_decode (tokenizer, tokens, n, TRUE),
                  *exchanged = attune_term_pairs_exchange (self, text);
  g_autoptr (GArray) same = NULL;

  if (exchanged == NULL)
    {
      g_array_append_vals (ids, tokens, n);
      return TRUE;
    }
  same = g_array_new (FALSE, FALSE, sizeof (gint32));
  attune_tokenizer_encode (tokenizer, text, -1, ATTUNE_TOKENIZE_SPECIAL, same);
  if (same->len != n || memcmp (same->data, tokens, n * sizeof (gint32)) != 0)
    return FALSE;
  *changed = TRUE;
  attune_tokenizer_encode (tokenizer, exchanged, -1, ATTUNE_TOKENIZE_SPECIAL, ids);
  return TRUE;
}

gboolean
attune_term_pairs_counterpart (const AttuneTermPairs *self, const AttuneTokenizer *tokenizer,
                               const AttuneSample *sample, AttuneSample *out)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32)),
                     learn = g_array_new (FALSE, TRUE, sizeof (guint8));
  gboolean changed = FALSE;

  g_return_val_if_fail (self != NULL && tokenizer != NULL && sample != NULL && out != NULL, FALSE);

  for (guint first = 0, end; first < sample->n; first = end)
    {
      /* nothing is learned at the first token, whatever follows it */
      const guint8 learned = sample->learn[first == 0 && sample->n > 1 ? 1 : first];

      for (end = first + 1; end < sample->n && sample->learn[end] == learned; end++)
        ;
      if (!exchange_stretch (self, tokenizer, sample->tokens + first, end - first, ids, &changed))
        return FALSE;
      while (learn->len < ids->len)
        g_array_append_val (learn, learned);
    }
  if (!changed || ids->len < 2)
    return FALSE;
  g_array_index (learn, guint8, 0) = 0;
  out->n = ids->len;
  out->tokens = (gint32 *) g_array_free (g_steal_pointer (&ids), FALSE);
  out->learn = (guint8 *) g_array_free (g_steal_pointer (&learn), FALSE);
  return TRUE;
}
