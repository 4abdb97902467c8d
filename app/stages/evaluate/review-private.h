/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of the review share; for review*.c alone.
 */
#pragma once
#include "stages/evaluate/review.h"

struct _AttuneReview
{
  GObject parent_instance;

  AttuneSession *session;
  char *path;     /* (nullable): of the evaluation that @places are of */
  GArray *places; /* guint: the answer at each position */
  guint position;
  AttuneReviewOrder order;
  gboolean blind;
};

/* Tells that something else is shown. */
void attune_review_changed (AttuneReview *self);
