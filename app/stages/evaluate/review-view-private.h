/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of the view share; for review-view.c and review-keys.c alone.
 */
#pragma once
#include "stages/evaluate/review-view.h"

#include "stages/evaluate/answer-card.h"

struct _AttuneReviewView
{
  AdwBin parent_instance;

  AttuneSession *session;
  AttuneReview *review;
  AdwToast *toast;                 /* (nullable): the last one, while it is shown */
  gboolean updating;               /* what changes was not changed by a person */
  const AttuneReviewOrder *orders; /* (nullable): what order_row offers */

  GtkStack *stack;
  GtkMenuButton *position_button;
  GtkSpinButton *position_spin;
  GtkAdjustment *position_adjustment;
  GtkWidget *problem_group;
  AdwActionRow *problem_row;
  GtkLabel *question_label;
  GtkLabel *expected_title;
  GtkLabel *expected_label;
  AttuneAnswerCard *first_card;
  AttuneAnswerCard *second_card;
  GtkToggleButton *first_button;
  GtkToggleButton *second_button;
  GtkToggleButton *equal_button;
  GtkToggleButton *both_bad_button;
  GtkWidget *choice_box;
  GtkLabel *rated_label;
  GtkWidget *marks_label;
  AdwSwitchRow *blind_row;
  AdwComboRow *order_row;
};

/* Wherever the focus is in the window, while this is shown. */
void attune_review_view_add_keys (AttuneReviewView *self);
