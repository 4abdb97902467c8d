/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a character is to the rules that cut text: its general category and whether it is white
 * space, from ICU, with a table for ASCII, where nearly all text is.
 */
#pragma once
#include <glib.h>
#include <unicode/uchar.h>

G_BEGIN_DECLS

/* The bit of the general category (U_GC_LU_MASK …), and these two. */
typedef guint32 AttuneCharacterClass;
#define ATTUNE_WHITE_SPACE ((AttuneCharacterClass) 1 << 30) /* \s: Unicode's White_Space */
#define ATTUNE_LINE_BREAK ((AttuneCharacterClass) 1 << 31)  /* [\r\n] */

#define ATTUNE_LETTER ((AttuneCharacterClass) U_GC_L_MASK)
#define ATTUNE_NUMBER ((AttuneCharacterClass) U_GC_N_MASK)
#define ATTUNE_MARK ((AttuneCharacterClass) U_GC_M_MASK)
#define ATTUNE_PUNCTUATION ((AttuneCharacterClass) U_GC_P_MASK)
#define ATTUNE_SYMBOL ((AttuneCharacterClass) U_GC_S_MASK)

/* By character, for those below 128. */
extern const AttuneCharacterClass attune_ascii_classes[128];

AttuneCharacterClass attune_character_classify (gunichar c);

/* Whether it is a part of words to a regular expression: \w. There are two opinions: of Rust's
 * regular expressions, which are Unicode's, and of Oniguruma, to which the numbers of Latin-1 are
 * letters (² ³ ¹ ¼ ½ ¾) and what joins letters is not. */
gboolean attune_character_is_word (gunichar c);
gboolean attune_character_is_onig_word (gunichar c);

/* The character at @p (< @end), and in @next where the one after it begins. A byte that is no UTF-8
 * is U+FFFD. */
static inline gunichar
attune_character_read (const char *p, const char *end, const char **next)
{
  gunichar c = (guchar) *p;

  if (c < 0x80)
    {
      *next = p + 1;
      return c;
    }
  c = g_utf8_get_char_validated (p, end - p);
  if (c >= (gunichar) -2)
    {
      *next = p + 1;
      return 0xfffd;
    }
  *next = g_utf8_next_char (p);
  return c;
}

/* The class of the character at @p. A byte that is no UTF-8 is a symbol, as U+FFFD is. */
static inline AttuneCharacterClass
attune_character_peek (const char *p, const char *end, const char **next)
{
  if ((guchar) *p < 0x80)
    {
      *next = p + 1;
      return attune_ascii_classes[(guchar) *p];
    }
  return attune_character_classify (attune_character_read (p, end, next));
}

static inline void
attune_character_next (const char **p, const char *end)
{
  attune_character_read (*p, end, p);
}

G_END_DECLS
