/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How well labels are told apart, in words: for the page and for the report.
 */
#pragma once
#include "job/evaluation.h"

G_BEGIN_DECLS

/* Those that were wanted or said, the lowest F1 first. Returns: (transfer full): guints. */
GArray *attune_label_words_rank (const AttuneConfusion *confusion);
/* "12 of 15 found. 3 of the 15 times it was said it was wrong, …". Returns: (transfer full). */
char *attune_label_words_on (const AttuneConfusion *confusion, guint label);
/* Of records whose label was not learned. Returns: (transfer full) (nullable): there are none. */
char *attune_label_words_on_unknown (const AttuneConfusion *confusion);
/* How an answer compares with what was expected of it: whether a label is right, or how far off a
 * number is. Returns: (transfer full). */
char *attune_label_words_on_answer (const AttuneAnswer *answer, AttuneLabelKind kind);
/* "Expected label" or "Expected number"; "Label of the Tuned Model" or "Number of the Tuned Model".
 */
const char *attune_label_words_for_expected (AttuneLabelKind kind);
const char *attune_label_words_for_answer (AttuneLabelKind kind);

G_END_DECLS
