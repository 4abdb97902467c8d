/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answers one by one, to be compared and rated: by buttons or by the keys 1 to 4, with the arrow
 * keys going back and on and Ctrl+Z taking a rating back.
 */
#pragma once
#include "stages/evaluate/review.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_REVIEW_VIEW (attune_review_view_get_type ())
G_DECLARE_FINAL_TYPE (AttuneReviewView, attune_review_view, ATTUNE, REVIEW_VIEW, AdwBin)

void attune_review_view_set_session (AttuneReviewView *self, AttuneSession *session);
/* Borrowed; %NULL before there is a session. */
AttuneReview *attune_review_view_get_review (AttuneReviewView *self);

G_END_DECLS
