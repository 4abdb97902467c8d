/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See term-pairs.h.
 */
#include "generate/term-pairs.h"

#include <string.h>
#include <unicode/ubrk.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* as Excel writes it */

typedef struct
{
  char *folded; /* as it is compared */
  char *other;  /* the other one, in lower case */
  gsize n;      /* characters */
} Term;

struct _AttuneTermPairs
{
  GHashTable *by_first;   /* of each character, the terms that begin with it: Term, longest first */
  UBreakIterator *breaks; /* of words */
  char *hash;
};

static void
term_free (gpointer data)
{
  Term *term = data;

  g_free (term->folded);
  g_free (term->other);
  g_free (term);
}

void
attune_term_pairs_free (AttuneTermPairs *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->by_first, g_hash_table_unref);
  g_clear_pointer (&self->breaks, ubrk_close);
  g_free (self->hash);
  g_free (self);
}

/* How a character is compared: in any case, and an apostrophe is one however it is typed. */
static gunichar
fold (gunichar c)
{
  c = g_unichar_tolower (c);
  return c == 0x2019 ? '\'' : c == 0x3c2 ? 0x3c3 : c; /* a sigma at the end of a word, likewise */
}

static char *
fold_term (const char *term)
{
  g_autoptr (GString) folded = g_string_new (NULL);

  for (; *term != '\0'; term = g_utf8_next_char (term))
    g_string_append_unichar (folded, fold (g_utf8_get_char (term)));
  return g_string_free (g_steal_pointer (&folded), FALSE);
}

static void
add_term (AttuneTermPairs *self, const char *term, const char *other)
{
  g_autofree char *folded = fold_term (term);
  const gpointer first = GUINT_TO_POINTER (g_utf8_get_char (folded));
  const gsize n = g_utf8_strlen (folded, -1);
  GPtrArray *terms = g_hash_table_lookup (self->by_first, first);
  Term *added;
  guint at = 0;

  if (terms == NULL)
    {
      terms = g_ptr_array_new_with_free_func (term_free);
      g_hash_table_insert (self->by_first, first, terms);
    }
  for (guint i = 0; i < terms->len; i++)
    {
      const Term *there = terms->pdata[i];

      if (g_str_equal (there->folded, folded))
        return;
      at += there->n >= n;
    }
  added = g_new (Term, 1);
  *added = (Term) { g_steal_pointer (&folded), g_strdup (other), n };
  g_ptr_array_insert (terms, (int) at, added);
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
  UErrorCode status = U_ZERO_ERROR;
  gsize n;

  g_return_val_if_fail (path != NULL, NULL);

  if (!g_file_get_contents (path, &text, &n, &reason))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ,
                   "The pairs of terms (--term-pairs) could not be read: %s.", reason->message);
      return NULL;
    }
  self->breaks = ubrk_open (UBRK_WORD, "", NULL, 0, &status);
  self->by_first = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  self->hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, n);
  if (g_utf8_validate_len (text, n, NULL))
    lines = g_strsplit (g_str_has_prefix (text, BYTE_ORDER_MARK) ? text + strlen (BYTE_ORDER_MARK)
                                                                 : text,
                        "\n", -1);
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    if (!add_line (self, lines[i]))
      {
        g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                     "Line %u of “%s” is no pair of terms. Each line has two different ones with a "
                     "comma between, such as: he,she",
                     i + 1, path);
        return NULL;
      }
  if (g_hash_table_size (self->by_first) > 0)
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

/* Whether a word may begin or end at @at: between what is of words and what is not, and where ICU
 * finds that one ends in writing without spaces. */
static gboolean
is_edge (const AttuneTermPairs *self, const char *text, const char *at)
{
  gboolean before, after;

  if (at == text || *at == '\0')
    return TRUE;
  before = is_of_word (g_utf8_get_char (g_utf8_prev_char (at)));
  after = is_of_word (g_utf8_get_char (at));
  return !before || !after
         || (self->breaks != NULL && ubrk_isBoundary (self->breaks, (int32_t) (at - text)));
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

/* Where @term ends that begins at @at, or %NULL. */
static const char *
match (const Term *term, const char *at)
{
  for (const char *c = term->folded; *c != '\0'; c = g_utf8_next_char (c))
    {
      if (*at == '\0' || fold (g_utf8_get_char (at)) != g_utf8_get_char (c))
        return NULL;
      at = g_utf8_next_char (at);
    }
  return at;
}

/* The longest term at @at. @end: (out): where it ends. Returns: (nullable): the other one. */
static const char *
find_term (const AttuneTermPairs *self, const char *text, const char *at, const char **end)
{
  const gpointer first = GUINT_TO_POINTER (fold (g_utf8_get_char (at)));
  const GPtrArray *terms = g_hash_table_lookup (self->by_first, first);

  if (terms == NULL || !is_edge (self, text, at))
    return NULL;
  for (guint i = 0; i < terms->len; i++)
    {
      const Term *term = terms->pdata[i];

      *end = match (term, at);
      if (*end != NULL && is_edge (self, text, *end))
        return term->other;
    }
  return NULL;
}

char *
attune_term_pairs_exchange (const AttuneTermPairs *self, const char *text)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gboolean changed = FALSE;
  UErrorCode status = U_ZERO_ERROR;
  UText *read;

  g_return_val_if_fail (self != NULL && text != NULL, NULL);

  read = utext_openUTF8 (NULL, text, -1, &status);
  if (self->breaks != NULL && U_SUCCESS (status))
    ubrk_setUText (self->breaks, read, &status);
  for (const char *at = text, *end = text; *at != '\0'; at = end)
    {
      const char *other = find_term (self, text, at, &end);

      if (other != NULL)
        append_in_case (out, other, at, end - at);
      else
        {
          end = g_utf8_next_char (at);
          g_string_append_len (out, at, end - at);
        }
      changed |= other != NULL;
    }
  utext_close (read);
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
