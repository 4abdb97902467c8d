/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One answer: whose it is, as far as that is told, its text with words marked, and how it scored.
 */
#pragma once
#include "job/evaluation.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_ANSWER_CARD (attune_answer_card_get_type ())
G_DECLARE_FINAL_TYPE (AttuneAnswerCard, attune_answer_card, ATTUNE, ANSWER_CARD, GtkBox)

/**
 * attune_answer_card_show:
 * @title: "First answer"
 * @model: (nullable): whose it is; %NULL while that is not told
 * @answer: copied
 */
void attune_answer_card_show (AttuneAnswerCard *self, const char *title, const char *model,
                              const AttuneAnswer *answer);

/* The same of labels of a kind, which are right or wrong as a whole, or a number. */
void attune_answer_card_show_label (AttuneAnswerCard *self, AttuneLabelKind kind,
                                    const AttuneAnswer *answer);

G_END_DECLS
