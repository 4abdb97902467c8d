/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking at the answers of an evaluation one by one: which is shown, in which order, which model's
 * is first, and whether that is known. Knows no widget.
 */
#pragma once
#include "session.h"

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_REVIEW_AS_EVALUATED,
  ATTUNE_REVIEW_NOT_RATED,    /* those first that are not rated yet */
  ATTUNE_REVIEW_DIFFERENCE,   /* by difference of token F1, whichever is better */
  ATTUNE_REVIEW_TUNED_BETTER, /* not in blind mode: it would tell */
  ATTUNE_REVIEW_BASE_BETTER,  /* likewise */
  ATTUNE_REVIEW_WEAKEST,      /* likewise: what is least like the expected answer */
  ATTUNE_N_REVIEW_ORDERS,
} AttuneReviewOrder;

typedef enum
{
  ATTUNE_REVIEW_FIRST,
  ATTUNE_REVIEW_SECOND,
  ATTUNE_REVIEW_EQUAL,
  ATTUNE_REVIEW_BOTH_BAD,
  ATTUNE_N_REVIEW_CHOICES,
} AttuneReviewChoice;

#define ATTUNE_TYPE_REVIEW (attune_review_get_type ())
G_DECLARE_FINAL_TYPE (AttuneReview, attune_review, ATTUNE, REVIEW, GObject)

/**
 * attune_review_new:
 * @session: its evaluation is reviewed, and another one as soon as it changes
 *
 * Properties: #AttuneReview:position, from 0; #AttuneReview:order; #AttuneReview:blind: the answers
 * are shuffled, and whose they are is not told before they are rated. Signal
 * #AttuneReview::changed: something else is to be shown.
 */
AttuneReview *attune_review_new (AttuneSession *session);

guint attune_review_get_size (AttuneReview *self); /* 0: nothing to review */
guint attune_review_get_position (AttuneReview *self);
void attune_review_set_position (AttuneReview *self, guint position);
/* Goes @by on or back. Returns: FALSE at the end. */
gboolean attune_review_move (AttuneReview *self, int by);
AttuneReviewOrder attune_review_get_order (AttuneReview *self);
void attune_review_set_order (AttuneReview *self, AttuneReviewOrder order);
gboolean attune_review_get_blind (AttuneReview *self);
void attune_review_set_blind (AttuneReview *self, gboolean blind);

/* Whether the answers are labels: only the tuned model was asked, and they are right or wrong. */
gboolean attune_review_is_of_labels (AttuneReview *self);
/* Which; only of these. */
AttuneLabelKind attune_review_get_label_kind (AttuneReview *self);

/* Number of the answer that is shown, from 0, as the evaluation has it. */
guint attune_review_get_answer_index (AttuneReview *self);
/* @second: FALSE for the first. Borrowed; %NULL when there is nothing. */
const AttuneAnswer *attune_review_get_answer (AttuneReview *self, gboolean second);
/* Whether the second answer is the tuned model's. */
gboolean attune_review_is_second_tuned (AttuneReview *self);
/* Whether it may be told whose the answers are. */
gboolean attune_review_is_told (AttuneReview *self);

/* -1: not rated. */
int attune_review_get_choice (AttuneReview *self);
/* Returns: FALSE where it may not be rated. */
gboolean attune_review_rate (AttuneReview *self, AttuneReviewChoice choice);
/* Takes the last rating back and goes there. */
gboolean attune_review_undo (AttuneReview *self);
/* How many are rated. */
guint attune_review_count_rated (AttuneReview *self);

G_END_DECLS
