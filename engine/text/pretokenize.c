/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rules are regular expressions in the reference; here each is a scanner written by hand that
 * finds the same pieces in one pass. Character classes are Unicode's, from ICU.
 */
#include "text/pretokenize.h"

#include <string.h>
#include <unicode/uchar.h>

typedef enum
{
  CLASS_OTHER,
  CLASS_LETTER,      /* \p{L} */
  CLASS_NUMBER,      /* \p{N} */
  CLASS_SPACE,       /* \s: Unicode's White_Space */
  CLASS_PUNCTUATION, /* \p{P}; as good as OTHER for most rules */
} Class;

/* The classes of ASCII, where nearly all text is. */
static const guint8 ascii[128] = {
  ['\t' ... '\r'] = CLASS_SPACE,     [' '] = CLASS_SPACE,
  ['0' ... '9'] = CLASS_NUMBER,      ['A' ... 'Z'] = CLASS_LETTER,
  ['a' ... 'z'] = CLASS_LETTER,      ['!' ... '#'] = CLASS_PUNCTUATION,
  ['%' ... '*'] = CLASS_PUNCTUATION, [',' ... '/'] = CLASS_PUNCTUATION,
  [':' ... ';'] = CLASS_PUNCTUATION, ['?' ... '@'] = CLASS_PUNCTUATION,
  ['[' ... ']'] = CLASS_PUNCTUATION, ['_'] = CLASS_PUNCTUATION,
  ['{'] = CLASS_PUNCTUATION,         ['}'] = CLASS_PUNCTUATION,
};

static Class
classify (gunichar c)
{
  const guint32 mask = U_MASK (u_charType ((UChar32) c));

  if (mask & U_GC_L_MASK)
    return CLASS_LETTER;
  if (mask & U_GC_N_MASK)
    return CLASS_NUMBER;
  if (u_isUWhiteSpace ((UChar32) c))
    return CLASS_SPACE;
  return mask & U_GC_P_MASK ? CLASS_PUNCTUATION : CLASS_OTHER;
}

/* The class of the character at @p and in @next where the one after it begins. A byte that is no
 * UTF-8 is OTHER. */
static inline Class
peek (const char *p, const char *end, const char **next)
{
  gunichar c;

  if ((guchar) *p < 0x80)
    {
      *next = p + 1;
      return ascii[(guchar) *p];
    }
  c = g_utf8_get_char_validated (p, end - p);
  if (c >= (gunichar) -2)
    {
      *next = p + 1;
      return CLASS_OTHER;
    }
  *next = g_utf8_next_char (p);
  return classify (c);
}

/* A rule: where the piece that begins at @p (< @end) ends. */
typedef const char *(*Rule) (const char *p, const char *end);

/* \p{N} by itself: each number character is a piece, and what lies between. */
static const char *
rule_each_number (const char *p, const char *end)
{
  const char *next;

  if (peek (p, end, &next) == CLASS_NUMBER)
    return next;
  for (p = next; p < end && peek (p, end, &next) != CLASS_NUMBER; p = next)
    ;
  return p;
}

/* \p{N}+ and what lies between. */
static const char *
rule_numbers (const char *p, const char *end)
{
  const char *next;
  const gboolean number = peek (p, end, &next) == CLASS_NUMBER;

  for (p = next; p < end && (peek (p, end, &next) == CLASS_NUMBER) == number; p = next)
    ;
  return p;
}

/* [0-9][0-9][0-9] and what lies between. */
static const char *
rule_three_digits (const char *p, const char *end)
{
  for (const char *q = p; end - q >= 3; q++)
    if (g_ascii_isdigit (q[0]) && g_ascii_isdigit (q[1]) && g_ascii_isdigit (q[2]))
      return q == p ? p + 3 : q;
  return end;
}

static gboolean
is_mark (const char *p, Class class)
{
  return class == CLASS_PUNCTUATION || (*p > 0 && strchr ("$+<=>^~|", *p) != NULL);
}

/* [\p{P}\$\+<=>\^~\|]+ and what lies between. */
static const char *
rule_marks (const char *p, const char *end)
{
  const char *next;
  const gboolean mark = is_mark (p, peek (p, end, &next));

  for (p = next; p < end && is_mark (p, peek (p, end, &next)) == mark; p = next)
    ;
  return p;
}

/* Bytes of 's 't 're 've 'm 'll 'd at @p, or 0. Small letters only, as in the expression. */
static int
contraction (const char *p, const char *end)
{
  const gsize left = (gsize) (end - p);

  if (left < 2 || p[0] != '\'')
    return 0;
  if (strchr ("stmd", p[1]) != NULL && p[1] != 0)
    return 2;
  if (left < 3)
    return 0;
  return memcmp (p + 1, "re", 2) == 0 || memcmp (p + 1, "ve", 2) == 0
                 || memcmp (p + 1, "ll", 2) == 0
             ? 3
             : 0;
}

/* For this rule a punctuation mark is like any other symbol. */
static inline Class
peek_gpt2 (const char *p, const char *end, const char **next)
{
  const Class class = peek (p, end, next);

  return class == CLASS_PUNCTUATION ? CLASS_OTHER : class;
}

/* GPT-2's expression:
 *   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 * Radford et al. 2019, as the reference's ByteLevel has it. */
static const char *
rule_gpt2 (const char *p, const char *end)
{
  const char *const start = p;
  const char *next, *last = p;
  const int short_form = contraction (p, end);
  Class class;

  if (short_form > 0)
    return p + short_form;

  class = peek_gpt2 (p, end, &next);
  if (*p == ' ' && next < end)
    {
      const char *after;
      const Class other = peek_gpt2 (next, end, &after);

      if (other != CLASS_SPACE)
        {
          class = other; /* " ?": the space goes with what follows */
          next = after;
        }
    }
  for (p = next; p < end && peek_gpt2 (p, end, &next) == class; p = next)
    last = p;
  /* \s+(?!\S): white space before a word leaves its last character to it, if there is more than
   * one. */
  return class == CLASS_SPACE && p < end && last > start ? last : p;
}

#define RULES_MAX 4

struct _AttunePretokenizer
{
  const char *name;
  gboolean prefers_whole;
  Rule rules[RULES_MAX]; /* NULL ends them */
};

static const AttunePretokenizer pretokenizers[] = {
  { "smollm", FALSE, { rule_each_number, rule_gpt2 } },
  { "gpt-2", FALSE, { rule_gpt2 } },
  /* llama.cpp's own way for files that do not say; no reference exists for them. Its second
   * expression has no last \s+, but what matches nothing is a piece too, and that is one such
   * character. */
  { "default", FALSE, { rule_marks, rule_gpt2, rule_numbers, rule_three_digits } },
};

const AttunePretokenizer *
attune_pretokenizer_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (pretokenizers); i++)
    if (g_str_equal (pretokenizers[i].name, name))
      return &pretokenizers[i];
  return NULL;
}

gboolean
attune_pretokenizer_prefers_whole (const AttunePretokenizer *self)
{
  return self->prefers_whole;
}

static void
cut (const Rule *rules, int n_left, const char *p, const char *end, AttuneWordFunc func,
     gpointer data)
{
  while (p < end)
    {
      const char *next = (*rules) (p, end);

      if (n_left > 1 && rules[1] != NULL)
        cut (rules + 1, n_left - 1, p, next, func, data);
      else
        func (p, (gsize) (next - p), data);
      p = next;
    }
}

void
attune_pretokenize (const AttunePretokenizer *self, const char *text, gsize length,
                    AttuneWordFunc func, gpointer data)
{
  cut (self->rules, RULES_MAX, text, text + length, func, data);
}
