/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether a text that a machine made of another one may stand for it. Strict: one that is refused
 * wrongly is one variant less, one that is taken wrongly teaches something wrong. Private to data/.
 */
#pragma once
#include "data/language.h"

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_VARIANT_GOOD,
  ATTUNE_VARIANT_LOST,     /* there is none */
  ATTUNE_VARIANT_LENGTH,   /* less than half as long, or more than twice */
  ATTUNE_VARIANT_NUMBERS,  /* numbers, doses, codes are not the same, or not of the same */
  ATTUNE_VARIANT_NAMES,    /* names, substances or abbreviations are not the same */
  ATTUNE_VARIANT_NEGATION, /* it says “not” more or less often, or the opposite of a word */
  ATTUNE_VARIANT_QUESTION, /* one is a question, the other is not */
  ATTUNE_VARIANT_SAME,     /* nearly the same words */
  ATTUNE_VARIANT_OTHER,    /* nearly no word in common */
  ATTUNE_VARIANT_LANGUAGE, /* it is in another language */
  ATTUNE_N_VARIANT_FAULTS,
} AttuneVariantFault;

/* "numbers" and so on: as reports say it. */
const char *attune_variant_fault_get_name (AttuneVariantFault fault);

/**
 * attune_variant_check:
 * @language: (nullable): code of @text's; German writes all nouns like names
 * @languages: (nullable): to guess with
 *
 * Names in small letters, and German ones, are known where they end as substances do or stand
 * behind a title alone; a “not” that moves within the text is not seen.
 */
AttuneVariantFault attune_variant_check (const char *text, const char *made, const char *language,
                                         AttuneLanguages *languages);

G_END_DECLS
