/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The classes of ASCII written out; all others asked of ICU.
 */
#include "text/character.h"

#define CONTROL U_GC_CC_MASK
#define BLANK (U_GC_CC_MASK | ATTUNE_WHITE_SPACE)

const AttuneCharacterClass attune_ascii_classes[128] = {
  [0 ... 0x08] = CONTROL,
  [0x0e ... 0x1f] = CONTROL,
  ['\t'] = BLANK,
  ['\v' ... '\f'] = BLANK,
  ['\n'] = BLANK | ATTUNE_LINE_BREAK,
  ['\r'] = BLANK | ATTUNE_LINE_BREAK,
  [' '] = U_GC_ZS_MASK | ATTUNE_WHITE_SPACE,
  ['!' ... '#'] = U_GC_PO_MASK,
  ['$'] = U_GC_SC_MASK,
  ['%' ... '\''] = U_GC_PO_MASK,
  ['('] = U_GC_PS_MASK,
  [')'] = U_GC_PE_MASK,
  ['*'] = U_GC_PO_MASK,
  ['+'] = U_GC_SM_MASK,
  [','] = U_GC_PO_MASK,
  ['-'] = U_GC_PD_MASK,
  ['.' ... '/'] = U_GC_PO_MASK,
  ['0' ... '9'] = U_GC_ND_MASK,
  [':' ... ';'] = U_GC_PO_MASK,
  ['<' ... '>'] = U_GC_SM_MASK,
  ['?' ... '@'] = U_GC_PO_MASK,
  ['A' ... 'Z'] = U_GC_LU_MASK,
  ['['] = U_GC_PS_MASK,
  ['\\'] = U_GC_PO_MASK,
  [']'] = U_GC_PE_MASK,
  ['^'] = U_GC_SK_MASK,
  ['_'] = U_GC_PC_MASK,
  ['`'] = U_GC_SK_MASK,
  ['a' ... 'z'] = U_GC_LL_MASK,
  ['{'] = U_GC_PS_MASK,
  ['|'] = U_GC_SM_MASK,
  ['}'] = U_GC_PE_MASK,
  ['~'] = U_GC_SM_MASK,
  [0x7f] = CONTROL,
};

AttuneCharacterClass
attune_character_classify (gunichar c)
{
  const AttuneCharacterClass category = U_MASK (u_charType ((UChar32) c));

  if (c < 0x80)
    return attune_ascii_classes[c];
  /* beyond ASCII white space is a separator, or U+0085 */
  if ((category & U_GC_Z_MASK) != 0 || c == 0x85)
    return u_isUWhiteSpace ((UChar32) c) ? category | ATTUNE_WHITE_SPACE : category;
  return category;
}

static gboolean
is_letter_of_words (gunichar c)
{
  return u_isUAlphabetic ((UChar32) c)
         || (attune_character_classify (c) & (ATTUNE_MARK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0;
}

gboolean
attune_character_is_word (gunichar c)
{
  return is_letter_of_words (c) || c == 0x200c || c == 0x200d; /* the two joiners */
}

gboolean
attune_character_is_onig_word (gunichar c)
{
  return is_letter_of_words (c)
         || (c < 0x100 && (attune_character_classify (c) & U_GC_NO_MASK) != 0);
}
