/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chains and expressions in use, by name and by spelling. Private to pretokenize.c.
 */
#pragma once
#include "text/cut-rules.h"

G_BEGIN_DECLS

#define ATTUNE_KNOWN_RULES_MAX 6

typedef struct
{
  const char *names; /* as GGUF spells them, separated by spaces; the first is written */
  gboolean prefers_whole;
  gboolean composes;                           /* text is put in Unicode's form NFC first */
  AttuneCutRule rules[ATTUNE_KNOWN_RULES_MAX]; /* %NULL ends them */
} AttuneKnownPretokenizer;

const AttuneKnownPretokenizer *attune_pretokenizers_find (const char *name); /* (nullable) */
/* The name of a chain, or %NULL. */
const char *attune_pretokenizers_find_rules (const AttuneCutRule rules[ATTUNE_KNOWN_RULES_MAX],
                                             gboolean prefers_whole, gboolean composes);
/* The rule that does what a regular expression does, or %NULL. */
AttuneCutRule attune_pretokenizers_find_pattern (const char *pattern);
/* The regular expression of a rule, or %NULL. */
const char *attune_pretokenizers_find_spelling (AttuneCutRule rule);

G_END_DECLS
