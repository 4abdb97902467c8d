/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The small expressions that chains of cuts are made of.
 */
#include "text/cut-rules.h"
#include "text/character.h"

#include <string.h>

#define peek attune_character_peek
#define read attune_character_read

static gboolean
is_of (const char *p, const char *end, AttuneCharacterClass classes, const char **next)
{
  return p < end && (peek (p, end, next) & classes) != 0;
}

/* [\p{…}]{1,most} */
static const char *
cut_run (const char *p, const char *end, AttuneCharacterClass classes, int most)
{
  const char *const start = p;
  const char *next;

  for (int n = 0; n < most && is_of (p, end, classes, &next); n++)
    p = next;
  return p > start ? p : NULL;
}

/* \s?[\p{…}]+ */
static const char *
cut_after_space (const char *p, const char *end, AttuneCharacterClass classes)
{
  const char *next;

  if (is_of (p, end, ATTUNE_WHITE_SPACE, &next))
    p = next;
  return cut_run (p, end, classes, G_MAXINT);
}

typedef struct
{
  gunichar first, last;
} Range;

static gboolean
is_in (gunichar c, const Range *ranges, gsize n)
{
  gsize low = 0, high = n;

  while (low < high)
    {
      const gsize middle = (low + high) / 2;

      if (c > ranges[middle].last)
        low = middle + 1;
      else
        high = middle;
    }
  return low < n && c >= ranges[low].first;
}

/* [ranges]+, after one white space where @space */
static const char *
cut_ranges (const char *p, const char *end, const Range *ranges, gsize n, gboolean space)
{
  const char *next;
  const char *start;

  if (space && is_of (p, end, ATTUNE_WHITE_SPACE, &next)
      && !is_in (read (p, end, &next), ranges, n)) /* U+3000 is both */
    p = next;
  for (start = p; p < end && is_in (read (p, end, &next), ranges, n); p = next)
    ;
  return p > start ? p : NULL;
}

const char *
attune_cut_number (const char *p, const char *end)
{
  return cut_run (p, end, ATTUNE_NUMBER, 1);
}

const char *
attune_cut_numbers (const char *p, const char *end)
{
  return cut_run (p, end, ATTUNE_NUMBER, G_MAXINT);
}

const char *
attune_cut_three_numbers (const char *p, const char *end)
{
  return cut_run (p, end, ATTUNE_NUMBER, 3);
}

const char *
attune_cut_three_digits (const char *p, const char *end)
{
  return end - p >= 3 && g_ascii_isdigit (p[0]) && g_ascii_isdigit (p[1]) && g_ascii_isdigit (p[2])
             ? p + 3
             : NULL;
}

const char *
attune_cut_line_break (const char *p, const char *end)
{
  return *p == '\n' || *p == '\r' ? p + 1 : NULL;
}

const char *
attune_cut_line (const char *p, const char *end)
{
  const gboolean breaks = *p == '\n';

  while (p < end && (*p == '\n') == breaks)
    p++;
  return p;
}

const char *
attune_cut_kana (const char *p, const char *end)
{
  static const Range ranges[] = { { 0x3040, 0x30ff }, { 0x4e00, 0x9fa5 } };

  return cut_ranges (p, end, ranges, G_N_ELEMENTS (ranges), FALSE);
}

const char *
attune_cut_east (const char *p, const char *end)
{
  static const Range ranges[] = { { 0x800, 0x9fa5 }, { 0xac00, 0xd7ff } };

  return cut_ranges (p, end, ranges, G_N_ELEMENTS (ranges), FALSE);
}

const char *
attune_cut_space_letters (const char *p, const char *end)
{
  return cut_after_space (p, end, ATTUNE_LETTER);
}

const char *
attune_cut_space_punctuation (const char *p, const char *end)
{
  return cut_after_space (p, end, ATTUNE_PUNCTUATION);
}

/* The letters with a large and a small form in the Unicode of its time, as the expression lists
 * them. */
const char *
attune_cut_space_alphabet (const char *p, const char *end)
{
  static const Range ranges[]
      = { { 0x41, 0x5a },       { 0x61, 0x7a },       { 0xb5, 0xb5 },       { 0xc0, 0xd6 },
          { 0xd8, 0xf6 },       { 0xf8, 0x1ba },      { 0x1bc, 0x1bf },     { 0x1c4, 0x293 },
          { 0x295, 0x2af },     { 0x370, 0x373 },     { 0x376, 0x376 },     { 0x377, 0x377 },
          { 0x37b, 0x37d },     { 0x37f, 0x37f },     { 0x386, 0x386 },     { 0x388, 0x38a },
          { 0x38c, 0x38c },     { 0x38e, 0x3a1 },     { 0x3a3, 0x3f5 },     { 0x3f7, 0x481 },
          { 0x48a, 0x52f },     { 0x531, 0x556 },     { 0x10a0, 0x10c5 },   { 0x13a0, 0x13f5 },
          { 0x13f8, 0x13fd },   { 0x1c90, 0x1cba },   { 0x1cbd, 0x1cbf },   { 0x1d00, 0x1d2b },
          { 0x1d6b, 0x1d77 },   { 0x1d79, 0x1d9a },   { 0x1e00, 0x1f15 },   { 0x1f18, 0x1f1d },
          { 0x1f20, 0x1f45 },   { 0x1f48, 0x1f4d },   { 0x1f50, 0x1f57 },   { 0x1f59, 0x1f59 },
          { 0x1f5b, 0x1f5b },   { 0x1f5d, 0x1f5d },   { 0x1f5f, 0x1f7d },   { 0x1f80, 0x1fb4 },
          { 0x1fb6, 0x1fbc },   { 0x1fbe, 0x1fbe },   { 0x1fc2, 0x1fc4 },   { 0x1fc6, 0x1fcc },
          { 0x1fd0, 0x1fd3 },   { 0x1fd6, 0x1fdb },   { 0x1fe0, 0x1fec },   { 0x1ff2, 0x1ff4 },
          { 0x1ff6, 0x1ffc },   { 0x2102, 0x2102 },   { 0x2107, 0x2107 },   { 0x210a, 0x2113 },
          { 0x2115, 0x2115 },   { 0x2119, 0x211d },   { 0x2124, 0x2124 },   { 0x2126, 0x2126 },
          { 0x2128, 0x2128 },   { 0x212a, 0x212d },   { 0x212f, 0x2134 },   { 0x2139, 0x2139 },
          { 0x213c, 0x213f },   { 0x2145, 0x2149 },   { 0x214e, 0x214e },   { 0x2183, 0x2183 },
          { 0x2184, 0x2184 },   { 0x2c00, 0x2c7b },   { 0x2c7e, 0x2ce4 },   { 0x2ceb, 0x2cee },
          { 0x2cf2, 0x2cf2 },   { 0x2cf3, 0x2cf3 },   { 0xa640, 0xa66d },   { 0xa680, 0xa69b },
          { 0xa722, 0xa76f },   { 0xa771, 0xa787 },   { 0xa78b, 0xa78e },   { 0xab70, 0xabbf },
          { 0xfb00, 0xfb06 },   { 0xfb13, 0xfb17 },   { 0xff21, 0xff3a },   { 0xff41, 0xff5a },
          { 0x10400, 0x1044f }, { 0x104b0, 0x104d3 }, { 0x104d8, 0x104fb }, { 0x10c80, 0x10cb2 },
          { 0x10cc0, 0x10cf2 }, { 0x118a0, 0x118df }, { 0x1e900, 0x1e943 } };

  return cut_ranges (p, end, ranges, G_N_ELEMENTS (ranges), TRUE);
}

/* \s?[!-/:-~！-／：-～‘-‟　-。]+ */
const char *
attune_cut_space_signs (const char *p, const char *end)
{
  static const Range ranges[] = { { '!', '/' },       { ':', '~' },       { 0x2018, 0x201f },
                                  { 0x3000, 0x3002 }, { 0xff01, 0xff0f }, { 0xff1a, 0xff5e } };

  return cut_ranges (p, end, ranges, G_N_ELEMENTS (ranges), TRUE);
}

const char *
attune_cut_last_space (const char *p, const char *end)
{
  const char *after = cut_run (p, end, ATTUNE_WHITE_SPACE, G_MAXINT);

  return after == end ? end : NULL;
}

static const char *
cut_marks (const char *p, const char *end, const char *more)
{
  const char *const start = p;
  const char *next;

  for (; p < end; p = next)
    if ((peek (p, end, &next) & ATTUNE_PUNCTUATION) == 0 && (*p <= 0 || strchr (more, *p) == NULL))
      break;
  return p > start ? p : NULL;
}

const char *
attune_cut_marks (const char *p, const char *end)
{
  return cut_marks (p, end, "$+<=>^~|");
}

const char *
attune_cut_falcon_marks (const char *p, const char *end)
{
  return cut_marks (p, end, "$+<=>^~|`");
}

/* Digits in threes from the right, where no word goes on after them. */
const char *
attune_cut_thousands (const char *p, const char *end)
{
  const char *next, *parts[4] = { p };
  gsize n = 0;

  for (const char *q = p; is_of (q, end, U_GC_ND_MASK, &next); q = next)
    {
      n++;
      if (n <= 3)
        parts[n] = next;
    }
  if (n == 0)
    return NULL;
  for (const char *q = parts[MIN (n, 3)]; q < end; q = next)
    {
      if (is_of (q, end, U_GC_ND_MASK, &next))
        continue;
      if (attune_character_is_onig_word (read (q, end, &next)))
        return NULL;
      break;
    }
  return parts[n % 3 == 0 ? 3 : n % 3];
}

/* One character: the library's Punctuation, which takes all of ASCII's. */
const char *
attune_cut_punctuation_one (const char *p, const char *end)
{
  const char *next;

  return (peek (p, end, &next) & ATTUNE_PUNCTUATION) != 0 || g_ascii_ispunct (*p) ? next : NULL;
}

const char *
attune_cut_white_space_one (const char *p, const char *end)
{
  return cut_run (p, end, ATTUNE_WHITE_SPACE, 1);
}

static gboolean
is_word (const char *p, const char *end, const char **next)
{
  return attune_character_is_word (read (p, end, next));
}

const char *
attune_cut_words (const char *p, const char *end)
{
  const char *const start = p;
  const char *next;
  const gboolean word = is_word (p, end, &next);

  for (; p < end && is_word (p, end, &next) == word; p = next)
    if ((peek (p, end, &next) & ATTUNE_WHITE_SPACE) != 0)
      break;
  return p > start ? p : NULL;
}

/* The letters that spell these bytes are numbers to whatever cuts after the bytes were spelled:
 * 0 … 9 and ² ³ ¹ ¼ ½ ¾. */
const char *
attune_cut_byte_number (const char *p, const char *end)
{
  const guchar byte = (guchar) *p;

  return g_ascii_isdigit (*p) || byte == 0xb2 || byte == 0xb3 || byte == 0xb9
                 || (byte >= 0xbc && byte <= 0xbe)
             ? p + 1
             : NULL;
}
