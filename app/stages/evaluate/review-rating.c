/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rating the answers that are shown: what a choice means depends on whose answer stands first.
 */
#include "stages/evaluate/review-private.h"

int
attune_review_get_choice (AttuneReview *self)
{
  const AttuneRatings *ratings;
  gboolean second_tuned;

  g_return_val_if_fail (ATTUNE_IS_REVIEW (self), -1);

  ratings = attune_session_get_ratings (self->session);
  second_tuned = attune_review_is_second_tuned (self);
  if (ratings == NULL || self->position >= self->places->len)
    return -1;
  switch (attune_ratings_get (ratings, attune_review_get_answer_index (self)))
    {
    case ATTUNE_RATING_TUNED:
      return second_tuned ? ATTUNE_REVIEW_SECOND : ATTUNE_REVIEW_FIRST;
    case ATTUNE_RATING_BASE:
      return second_tuned ? ATTUNE_REVIEW_FIRST : ATTUNE_REVIEW_SECOND;
    case ATTUNE_RATING_EQUAL:
      return ATTUNE_REVIEW_EQUAL;
    case ATTUNE_RATING_BOTH_BAD:
      return ATTUNE_REVIEW_BOTH_BAD;
    case ATTUNE_RATING_NONE:
    case ATTUNE_N_RATINGS:
    default:
      return -1;
    }
}

gboolean
attune_review_rate (AttuneReview *self, AttuneReviewChoice choice)
{
  const gboolean second_tuned = attune_review_is_second_tuned (self);
  AttuneRating rating;

  g_return_val_if_fail (ATTUNE_IS_REVIEW (self) && choice < ATTUNE_N_REVIEW_CHOICES, FALSE);

  if (self->position >= self->places->len)
    return FALSE;
  if (choice == ATTUNE_REVIEW_EQUAL)
    rating = ATTUNE_RATING_EQUAL;
  else if (choice == ATTUNE_REVIEW_BOTH_BAD)
    rating = ATTUNE_RATING_BOTH_BAD;
  else
    rating = (choice == ATTUNE_REVIEW_SECOND) == second_tuned ? ATTUNE_RATING_TUNED
                                                              : ATTUNE_RATING_BASE;
  /* Who rates anew what was told is not blind any more. */
  if (!attune_session_rate (self->session, attune_review_get_answer_index (self), rating,
                            !attune_review_is_told (self)))
    return FALSE;
  attune_review_changed (self);
  return TRUE;
}

gboolean
attune_review_undo (AttuneReview *self)
{
  int answer;

  g_return_val_if_fail (ATTUNE_IS_REVIEW (self), FALSE);

  answer = attune_session_undo_rating (self->session);
  for (guint i = 0; answer >= 0 && i < self->places->len; i++)
    if (g_array_index (self->places, guint, i) == (guint) answer)
      attune_review_set_position (self, i);
  attune_review_changed (self);
  return answer >= 0;
}

guint
attune_review_count_rated (AttuneReview *self)
{
  const AttuneRatings *ratings;
  guint counts[ATTUNE_N_RATINGS];

  g_return_val_if_fail (ATTUNE_IS_REVIEW (self), 0);

  ratings = attune_session_get_ratings (self->session);
  return ratings != NULL ? attune_ratings_count (ratings, counts) : 0;
}
