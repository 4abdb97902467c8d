/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The expressions that cut a text by themselves. They go through the text once: where an
 * alternative of the expression would be given back character by character, what that leads to is
 * computed.
 */
#include "text/cut-rules.h"
#include "text/character.h"

#include <string.h>

#define peek attune_character_peek
#define LETTER_OR_NUMBER (ATTUNE_LETTER | ATTUNE_NUMBER)

/* Bytes of 's 't 're 've 'm 'll 'd at @p, or 0. @fold: large letters too, and ſ, which is an s to
 * an expression that ignores case. */
static inline int
contraction (const char *p, const char *end, gboolean fold)
{
  const gsize left = (gsize) (end - p);
  char a, b;

  if (left < 2 || p[0] != '\'')
    return 0;
  if (fold && left >= 3 && (guchar) p[1] == 0xc5 && (guchar) p[2] == 0xbf)
    return 3;
  a = fold ? g_ascii_tolower (p[1]) : p[1];
  if (a == 's' || a == 't' || a == 'm' || a == 'd')
    return 2;
  if (left < 3)
    return 0;
  b = fold ? g_ascii_tolower (p[2]) : p[2];
  return ((a == 'r' || a == 'v') && b == 'e') || (a == 'l' && b == 'l') ? 3 : 0;
}

/* The end of the run of characters of @classes from @p on, of at most @most characters. */
static inline const char *
run (const char *p, const char *end, AttuneCharacterClass classes, int most)
{
  const char *next;

  for (int n = 0; p < end && n < most && (peek (p, end, &next) & classes) != 0; n++)
    p = next;
  return p;
}

/* The same with characters that are not of @classes. */
static inline const char *
run_not (const char *p, const char *end, AttuneCharacterClass classes)
{
  const char *next;

  while (p < end && (peek (p, end, &next) & classes) == 0)
    p = next;
  return p;
}

/* \s+(?!\S)|\s+ at white space: the last one is left to a word that follows, if it is not the only
 * one. */
static inline const char *
white_space (const char *p, const char *end)
{
  const char *const start = p;
  const char *next, *last = p;

  for (; p < end && (peek (p, end, &next) & ATTUNE_WHITE_SPACE) != 0; p = next)
    last = p;
  return p < end && last > start ? last : p;
}

/* \s*[\r\n]+|\s+(?!\S)|\s+ at white space: up to the last line break, if there is
 * one. */
static inline const char *
white_space_or_lines (const char *p, const char *end)
{
  const char *next, *line = NULL;

  for (const char *q = p; q < end; q = next)
    {
      const AttuneCharacterClass class = peek (q, end, &next);

      if ((class & ATTUNE_WHITE_SPACE) == 0)
        break;
      if ((class & ATTUNE_LINE_BREAK) != 0)
        line = next;
    }
  return line != NULL ? line : white_space (p, end);
}

/* GPT-2's expression:
 *   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 * Radford et al. 2019, as the reference's ByteLevel has it. */
const char *
attune_cut_gpt2 (const char *p, const char *end)
{
  const int short_form = contraction (p, end, FALSE);
  const char *const start = p;
  const char *next;
  AttuneCharacterClass class;

  if (short_form > 0)
    return p + short_form;
  class = peek (p, end, &next);
  if (*p == ' ' && next < end)
    {
      p = next;
      class = peek (p, end, &next);
    }
  if ((class & ATTUNE_WHITE_SPACE) != 0)
    return white_space (start, end);
  if ((class & ATTUNE_LETTER) != 0)
    return run (next, end, ATTUNE_LETTER, G_MAXINT);
  if ((class & ATTUNE_NUMBER) != 0)
    return run (next, end, ATTUNE_NUMBER, G_MAXINT);
  return run_not (next, end, LETTER_OR_NUMBER | ATTUNE_WHITE_SPACE);
}

/* What differs between the expressions that came after GPT-4's. */
typedef struct
{
  gboolean contractions;        /* (?i:'s|'t|'re|'ve|'m|'ll|'d) */
  AttuneCharacterClass letter;  /* of words */
  int numbers;                  /* \p{N}{1,numbers} */
  AttuneCharacterClass tail;    /* what may follow signs: [\r\n]* */
  gboolean slash;               /* [\r\n/]* */
  AttuneCharacterClass no_sign; /* neither white space, letter nor number, nor these are signs */
} Style;

/* @p after signs: what else belongs to them. */
static inline const char *
tail_of_signs (const char *p, const char *end, const Style *style)
{
  while (p < end
         && ((*p > 0 && (attune_ascii_classes[(guchar) *p] & style->tail) != 0)
             || (style->slash && *p == '/')))
    p++;
  return p;
}

/* \p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+ at anything but a word. @class and
 * @next: of @p */
static inline const char *
cut_rest (const char *p, const char *end, AttuneCharacterClass class, const char *next,
          const Style *style)
{
  const AttuneCharacterClass no_sign
      = ATTUNE_WHITE_SPACE | ATTUNE_NUMBER | ATTUNE_LETTER | style->no_sign;

  if ((class & ATTUNE_NUMBER) != 0)
    return run (next, end, ATTUNE_NUMBER, style->numbers - 1);
  if (*p == ' ' && next < end)
    {
      const char *after;

      if ((peek (next, end, &after) & no_sign) == 0)
        return tail_of_signs (run_not (after, end, no_sign), end, style);
    }
  if ((class & ATTUNE_WHITE_SPACE) != 0)
    return white_space_or_lines (p, end);
  if ((class & no_sign) != 0)
    return NULL;
  return tail_of_signs (run_not (next, end, no_sign), end, style);
}

/* (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*
 * |\s*[\r\n]+|\s+(?!\S)|\s+ */
static inline const char *
cut_like_gpt4 (const char *p, const char *end, const Style *style)
{
  const int short_form = style->contractions ? contraction (p, end, TRUE) : 0;
  const char *next, *after;
  AttuneCharacterClass class;

  if (short_form > 0)
    return p + short_form;
  class = peek (p, end, &next);
  if ((class & (LETTER_OR_NUMBER | ATTUNE_LINE_BREAK)) == 0 && next < end
      && (peek (next, end, &after) & style->letter) != 0)
    return run (after, end, style->letter, G_MAXINT);
  if ((class & style->letter) != 0)
    return run (next, end, style->letter, G_MAXINT);
  return cut_rest (p, end, class, next, style);
}

const char *
attune_cut_llama3 (const char *p, const char *end)
{
  static const Style style = { TRUE, ATTUNE_LETTER, 3, ATTUNE_LINE_BREAK, FALSE, 0 };

  return cut_like_gpt4 (p, end, &style);
}

const char *
attune_cut_qwen2 (const char *p, const char *end)
{
  static const Style style = { TRUE, ATTUNE_LETTER, 1, ATTUNE_LINE_BREAK, FALSE, 0 };

  return cut_like_gpt4 (p, end, &style);
}

/* Marks are parts of words: [\p{L}\p{M}]+ and [^\s\p{L}\p{M}\p{N}]+ */
const char *
attune_cut_qwen35 (const char *p, const char *end)
{
  static const Style style
      = { TRUE, ATTUNE_LETTER | ATTUNE_MARK, 1, ATTUNE_LINE_BREAK, FALSE, ATTUNE_MARK };

  return cut_like_gpt4 (p, end, &style);
}

/* Numbers of any length: \p{N}+ */
const char *
attune_cut_minicpm (const char *p, const char *end)
{
  static const Style style = { TRUE, ATTUNE_LETTER, G_MAXINT, ATTUNE_LINE_BREAK, FALSE, 0 };

  return cut_like_gpt4 (p, end, &style);
}

/* Without English short forms. */
const char *
attune_cut_plain_qwen2 (const char *p, const char *end)
{
  static const Style style = { FALSE, ATTUNE_LETTER, 1, ATTUNE_LINE_BREAK, FALSE, 0 };

  return cut_like_gpt4 (p, end, &style);
}

/* '(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]
 * |\s+(?!\S)|\s+ is Qwen2's, since \s* takes all line breaks but the last. */
const char *
attune_cut_bailing (const char *p, const char *end)
{
  return attune_cut_qwen2 (p, end);
}

/* Signs end before a line break: ?[^\s\p{L}\p{N}\r\n]+ */
const char *
attune_cut_seed_coder (const char *p, const char *end)
{
  static const Style style = { TRUE, ATTUNE_LETTER, 1, 0, FALSE, 0 };

  return cut_like_gpt4 (p, end, &style);
}

#define UPPER (U_GC_LU_MASK | U_GC_LT_MASK | U_GC_LM_MASK | U_GC_LO_MASK | U_GC_M_MASK)
#define LOWER (U_GC_LL_MASK | U_GC_LM_MASK | U_GC_LO_MASK | U_GC_M_MASK)

/* [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+ at @p, or %NULL. What is in both
 * classes goes to the first, and back to the second where that finds nothing else. */
static inline const char *
word_of_small (const char *p, const char *end)
{
  const char *next, *both = NULL;

  for (; p < end; p = next)
    {
      const AttuneCharacterClass class = peek (p, end, &next);

      if ((class & UPPER) == 0)
        return (class & LOWER) != 0 ? run (next, end, LOWER, G_MAXINT) : both;
      if ((class & LOWER) != 0)
        both = next;
    }
  return both;
}

/* [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]* at @p, or %NULL. */
static inline const char *
word_of_large (const char *p, const char *end)
{
  const char *after = run (p, end, UPPER, G_MAXINT);

  return after > p ? run (after, end, LOWER, G_MAXINT) : NULL;
}

/* Mistral's and OpenAI's newer expressions, which cut words within where small letters end:
 *   [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+
 *   |[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*
 * each with (?i:'s|'t|'re|'ve|'m|'ll|'d)? after it in the latter, then as cut_rest(). */
static inline const char *
cut_like_gpt4o (const char *p, const char *end, const Style *style)
{
  const char *next, *after;
  const AttuneCharacterClass class = peek (p, end, &next);
  const gboolean may_lead = (class & (LETTER_OR_NUMBER | ATTUNE_LINE_BREAK)) == 0 && next < end;

  after = may_lead ? word_of_small (next, end) : NULL;
  if (after == NULL)
    after = word_of_small (p, end);
  if (after == NULL && may_lead)
    after = word_of_large (next, end);
  if (after == NULL)
    after = word_of_large (p, end);
  if (after != NULL)
    return style->contractions ? after + contraction (after, end, TRUE) : after;
  return cut_rest (p, end, class, next, style);
}

const char *
attune_cut_tekken (const char *p, const char *end)
{
  static const Style style = { FALSE, 0, 1, ATTUNE_LINE_BREAK, TRUE, 0 };

  return cut_like_gpt4o (p, end, &style);
}

const char *
attune_cut_gpt4o (const char *p, const char *end)
{
  static const Style style = { TRUE, 0, 3, ATTUNE_LINE_BREAK, TRUE, 0 };

  return cut_like_gpt4o (p, end, &style);
}

/* DeepSeek V3's, after numbers and Chinese have been cut out:
 *   [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+
 *   | ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+ */
const char *
attune_cut_deepseek3 (const char *p, const char *end)
{
  static const Style style = { .tail = ATTUNE_LINE_BREAK };
  const AttuneCharacterClass sign = ATTUNE_PUNCTUATION | ATTUNE_SYMBOL;
  const char *next, *after;
  const AttuneCharacterClass class = peek (p, end, &next);

  if (g_ascii_ispunct (*p) && next < end && g_ascii_isalpha (*next))
    {
      for (p = next; p < end && g_ascii_isalpha (*p); p++)
        ;
      return p;
    }
  if ((class & (ATTUNE_LINE_BREAK | ATTUNE_LETTER | sign)) == 0 && next < end
      && (peek (next, end, &after) & (ATTUNE_LETTER | ATTUNE_MARK)) != 0)
    return run (after, end, ATTUNE_LETTER | ATTUNE_MARK, G_MAXINT);
  if ((class & (ATTUNE_LETTER | ATTUNE_MARK)) != 0)
    return run (next, end, ATTUNE_LETTER | ATTUNE_MARK, G_MAXINT);
  if (*p == ' ' && next < end && (peek (next, end, &after) & sign) != 0)
    return tail_of_signs (run (after, end, sign, G_MAXINT), end, &style);
  if ((class & sign) != 0)
    return tail_of_signs (run (next, end, sign, G_MAXINT), end, &style);
  return (class & ATTUNE_WHITE_SPACE) != 0 ? white_space_or_lines (p, end) : NULL;
}

/* BLOOM's  ?[^(\s|.,!?…。，、।۔،)]+ */
static gboolean
ends_bloom (const char *p, const char *end, const char **next)
{
  const gunichar c = attune_character_read (p, end, next);

  if (c < 0x80)
    return (attune_ascii_classes[c] & ATTUNE_WHITE_SPACE) != 0
           || (c != 0 && strchr ("(|.,!?)", (int) c) != NULL);
  return (attune_character_classify (c) & ATTUNE_WHITE_SPACE) != 0 || c == 0x2026 || c == 0x3002
         || c == 0xff0c || c == 0x3001 || c == 0x964 || c == 0x6d4 || c == 0x60c;
}

const char *
attune_cut_bloom (const char *p, const char *end)
{
  const char *const start = *p == ' ' ? p + 1 : p;
  const char *next;

  for (p = start; p < end && !ends_bloom (p, end, &next); p = next)
    ;
  return p > start ? p : NULL;
}
