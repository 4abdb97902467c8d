/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The three scores that stand first, which differ with what was evaluated: texts, one label to a
 * record, several, or numbers.
 */
#pragma once
#include "job/evaluation.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name, *tooltip;                       /* not translated yet: _() */
  double (*get) (const AttuneScores *scores);       /* NaN: there is none */
  double (*get_error) (const AttuneScores *scores); /* (nullable): half of an interval / 1.96 */
  char *(*format) (double value);
} AttuneScoreSlot;

#define ATTUNE_SCORE_SLOTS 3
/* Returns: (array fixed-size=3): static. */
const AttuneScoreSlot *attune_score_slots (const AttuneEvaluation *evaluation);
/* Who is compared with, in title case and at the beginning of a sentence: translated. */
const char *attune_score_base_title (const AttuneEvaluation *evaluation);

G_END_DECLS
