/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers of a text and of what was made of it. Where a word that is no unit follows a number in
 * both, it has to be the same: “2 tablets” are not “2 drops”, but “patient 7” stays where “patient
 * 7 coughs”.
 */
#include "data/variant-private.h"

#include "data/stop-words.h"

#include <string.h>

/* “One” is a pronoun, too, and “ein” an article. */
static const char *const number_words[]
    = { "two",       "three",    "four",        "five",      "six",      "seven",   "eight",
        "nine",      "ten",      "eleven",      "twelve",    "fifteen",  "twenty",  "thirty",
        "forty",     "fifty",    "sixty",       "hundred",   "half",     "quarter", "double",
        "once",      "twice",    "thrice",      "hourly",    "daily",    "nightly", "weekly",
        "monthly",   "yearly",   "annually",    "zwei",      "drei",     "vier",    "fünf",
        "sechs",     "sieben",   "acht",        "neun",      "zehn",     "elf",     "zwölf",
        "fünfzehn",  "zwanzig",  "dreißig",     "vierzig",   "fünfzig",  "hundert", "halb",
        "halbe",     "doppelte", "doppelt",     "einmal",    "zweimal",  "dreimal", "viermal",
        "stündlich", "täglich",  "wöchentlich", "monatlich", "jährlich", NULL };

/* What must not be left out behind a number, besides signs such as “%”. */
static const char *const units[]
    = { "mg",      "g",       "kg",      "mcg",    "µg",      "μg",       "ug",       "ng",
        "ml",      "l",       "dl",      "cl",     "mol",     "mmol",     "nmol",     "mm",
        "cm",      "m",       "km",      "iu",     "ie",      "u",        "units",    "einheiten",
        "h",       "hr",      "hrs",     "min",    "s",       "ms",       "kcal",     "kj",
        "bpm",     "mmhg",    "ppm",     "w",      "kw",      "kwh",      "v",        "mv",
        "a",       "hz",      "gb",      "mb",     "eur",     "usd",      "euro",     "euros",
        "dollar",  "dollars", "degrees", "grad",   "percent", "prozent",  "second",   "seconds",
        "minute",  "minutes", "hour",    "hours",  "day",     "days",     "week",     "weeks",
        "month",   "months",  "year",    "years",  "sekunde", "sekunden", "minuten",  "stunde",
        "stunden", "tag",     "tage",    "tagen",  "woche",   "wochen",   "monat",    "monate",
        "monaten", "jahr",    "jahre",   "jahren", "tablet",  "tablets",  "tablette", "tabletten",
        "drop",    "drops",   "tropfen", "times",  "mal",     NULL };

typedef enum
{
  A_WORD,
  A_NUMBER, /* that something is measured by */
  A_CODE,   /* letters and digits */
  A_SIGN,
} Kind;

typedef struct
{
  Kind kind;
  char *text, *plain; /* as it is, in small letters */
  gboolean gap;       /* punctuation stands before it */
} Token;

static void
token_clear (gpointer data)
{
  Token *token = data;

  g_free (token->text);
  g_free (token->plain);
}

static gboolean
is_digit (gunichar c)
{
  const GUnicodeType type = g_unichar_type (c);

  return type == G_UNICODE_DECIMAL_NUMBER || type == G_UNICODE_OTHER_NUMBER;
}

static gboolean
is_sign (gunichar c)
{
  const GUnicodeType type = g_unichar_type (c);

  return type == G_UNICODE_MATH_SYMBOL || type == G_UNICODE_CURRENCY_SYMBOL
         || type == G_UNICODE_OTHER_SYMBOL || c == '%' || c == 0x2030 || c == '#';
}

static gboolean
is_minus (gunichar c)
{
  return c == '-' || c == 0x2212;
}

/* Behind @p, a number: digits, and what stands between digits: “3.4”, “120/80”, “5–10”. */
static const char *
skip_number (const char *p)
{
  for (;;)
    {
      const char *next = g_utf8_next_char (p);
      const gunichar c = g_utf8_get_char (p);

      if (*p == '\0'
          || (!is_digit (c)
              && !((strchr (".,/:-", (int) MIN (c, 127)) != NULL || c == 0x2013 || is_minus (c))
                   && *next != '\0' && is_digit (g_utf8_get_char (next)))))
        return p;
      p = next;
    }
}

/* Behind @p, a word: “mg/kg”, “q8h”, “COVID-19”, “don't”. */
static const char *
skip_word (const char *p, gboolean *digits)
{
  for (;;)
    {
      const char *next = g_utf8_next_char (p);
      const gunichar c = g_utf8_get_char (p);

      if (*p == '\0'
          || (!g_unichar_isalnum (c) && !g_unichar_ismark (c)
              && !((strchr ("'-./_", (int) MIN (c, 127)) != NULL || c == 0x2019) && *next != '\0'
                   && g_unichar_isalnum (g_utf8_get_char (next)))))
        return p;
      *digits = *digits || is_digit (c);
      p = next;
    }
}

static Kind
kind_of_word (const char *plain, gboolean digits)
{
  return digits ? A_CODE : g_strv_contains (number_words, plain) ? A_NUMBER : A_WORD;
}

/* Returns: (transfer full): Tokens. */
static GArray *
read_tokens (const char *text)
{
  GArray *tokens = g_array_new (FALSE, FALSE, sizeof (Token));
  gboolean gap = FALSE, behind = FALSE; /* a letter or digit stands right before */

  g_array_set_clear_func (tokens, token_clear);
  for (const char *p = text; *p != '\0';)
    {
      const gunichar c = g_utf8_get_char (p);
      const char *end = g_utf8_next_char (p);
      const gboolean leads = !behind && (is_minus (c) || c == '.') && *end != '\0'
                             && is_digit (g_utf8_get_char (end));
      Token token = { A_SIGN, NULL, NULL, gap };
      gboolean digits = FALSE;

      behind = g_unichar_isalnum (c);
      if (!leads && !behind && !is_sign (c))
        {
          gap = gap || !g_unichar_isspace (c);
          p = end;
          continue;
        }
      if (leads || is_digit (c))
        {
          end = skip_number (leads ? end : p);
          token.kind = A_NUMBER;
        }
      else if (behind)
        end = skip_word (p, &digits);
      token.text = g_strndup (p, end - p);
      token.plain = g_utf8_strdown (token.text, -1);
      if (token.kind == A_SIGN && behind)
        token.kind = kind_of_word (token.plain, digits);
      behind = token.kind != A_SIGN;
      gap = FALSE;
      g_array_append_val (tokens, token);
      p = end;
    }
  return tokens;
}

static const Token *
token_at (const GArray *tokens, gint64 i)
{
  return i >= 0 && i < tokens->len ? &g_array_index (tokens, Token, i) : NULL;
}

static gboolean
says_nothing (const char *plain, const char *language)
{
  const char *lists[] = { attune_stop_words_get ("en"), attune_stop_words_get (language) };

  for (int i = 0; i < 2; i++)
    {
      const gsize n = strlen (plain);

      for (const char *p = lists[i]; p != NULL && (p = strstr (p, plain)) != NULL; p++)
        if ((p == lists[i] || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
          return TRUE;
    }
  return FALSE;
}

/* “mg/kg” and “g/day” are, too. */
static gboolean
is_unit (const char *plain)
{
  g_autofree char *first = g_strndup (plain, strcspn (plain, "/"));

  return g_strv_contains (units, first);
}

/* The number at @i with the sign before it and the unit behind it: “≤ 5 mg”, “38 °C”. @last: (out):
 * the last token that belongs to it; @word: (out) (nullable): what follows where that is no unit.
 */
static char *
read_amount (const GArray *tokens, guint i, const char *language, guint *last, const char **word)
{
  const Token *token = token_at (tokens, i), *before = token_at (tokens, (gint64) i - 1), *next;
  GString *amount = g_string_new (NULL);
  gboolean degrees = FALSE; /* which, the next word says */

  if (before != NULL && before->kind == A_SIGN && !token->gap)
    g_string_append_printf (amount, "%s ", before->text);
  g_string_append (amount,
                   g_unichar_isalpha (g_utf8_get_char (token->text)) ? token->plain : token->text);
  *word = NULL;
  for (*last = i; (next = token_at (tokens, *last + 1)) != NULL && !next->gap; ++*last)
    {
      if (next->kind != A_SIGN && (next->kind != A_WORD || (*last > i && !degrees)))
        break;
      if (next->kind == A_WORD && !degrees && !is_unit (next->plain))
        {
          *word = says_nothing (next->plain, language) ? NULL : next->plain;
          break;
        }
      degrees = g_str_equal (next->text, "°");
      g_string_append_printf (amount, " %s", next->text);
    }
  return g_string_free (amount, FALSE);
}

/* --- what is counted of both */

/* Words that say something, and measure nothing. */
static GHashTable *
read_content (const GArray *tokens, const char *language)
{
  GHashTable *words = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < tokens->len; i++)
    {
      const Token *token = token_at (tokens, i);

      if (token->kind == A_WORD && !is_unit (token->plain)
          && !says_nothing (token->plain, language))
        g_hash_table_add (words, token->plain);
    }
  return words;
}

/* What the number between @first and @last is told of: the next word of its clause that both texts
 * have, else the one before it. */
static const char *
find_subject (const GArray *tokens, guint first, guint last, GHashTable *one, GHashTable *other)
{
  const Token *token;

  for (gint64 i = (gint64) last + 1; (token = token_at (tokens, i)) != NULL && !token->gap; i++)
    if (g_hash_table_contains (one, token->plain) && g_hash_table_contains (other, token->plain))
      return token->plain;
  for (gint64 i = first; i > 0 && !token_at (tokens, i)->gap; i--)
    {
      token = token_at (tokens, i - 1);
      if (g_hash_table_contains (one, token->plain) && g_hash_table_contains (other, token->plain))
        return token->plain;
    }
  return "";
}

typedef struct
{
  GHashTable *amounts;  /* bag: numbers with their units, codes, signs */
  GHashTable *subjects; /* bag: numbers with what they are told of */
  GHashTable *words;    /* bag: numbers with the word that follows */
  const char *language;
} Comparison;

static void
put_all (Comparison *self, const GArray *tokens, GHashTable *one, GHashTable *other, int n)
{
  for (guint i = 0; i < tokens->len; i++)
    {
      const Token *token = token_at (tokens, i);
      const char *word;
      guint last;
      char *amount;

      if (token->kind == A_CODE || token->kind == A_SIGN)
        attune_variant_bag_put (self->amounts, g_strdup (token->text), n);
      if (token->kind != A_NUMBER)
        continue;
      amount = read_amount (tokens, i, self->language, &last, &word);
      attune_variant_bag_put (
          self->subjects,
          g_strconcat (amount, "\n", find_subject (tokens, i, last, one, other), NULL), n);
      if (word != NULL)
        attune_variant_bag_put (self->words, g_strconcat (amount, "\n", word, NULL), n);
      attune_variant_bag_put (self->amounts, amount, n);
    }
}

/* Whether a number has one word behind it in the one text, and another in the other. */
static gboolean
has_other_words (GHashTable *words)
{
  g_autoptr (GHashTable) more = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
                         less = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer key, n;

  g_hash_table_iter_init (&iter, words);
  while (g_hash_table_iter_next (&iter, &key, &n))
    if (GPOINTER_TO_INT (n) != 0)
      g_hash_table_add (GPOINTER_TO_INT (n) > 0 ? more : less,
                        g_strndup (key, strcspn (key, "\n")));
  g_hash_table_iter_init (&iter, more);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (g_hash_table_contains (less, key))
      return TRUE;
  return FALSE;
}

gboolean
attune_variant_same_amounts (const char *text, const char *made, const char *language)
{
  g_autoptr (GArray) one = read_tokens (text), other = read_tokens (made);
  g_autoptr (GHashTable) content = read_content (one, language),
                         content_made = read_content (other, language),
                         amounts = attune_variant_bag_new (), subjects = attune_variant_bag_new (),
                         words = attune_variant_bag_new ();
  Comparison comparison = { amounts, subjects, words, language };

  put_all (&comparison, one, content, content_made, 1);
  put_all (&comparison, other, content, content_made, -1);
  /* a single one can have changed places with none */
  return attune_variant_bag_is_even (amounts) && !has_other_words (words)
         && (g_hash_table_size (amounts) < 2 || attune_variant_bag_is_even (subjects));
}
