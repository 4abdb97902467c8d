/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rules by which answers get a reward: whether one is right, short enough, and in the form that is
 * asked for. Light.
 */
#pragma once
#include "plan/plan.h"

G_BEGIN_DECLS

typedef struct _AttuneRules AttuneRules;

/* Errors: %ATTUNE_PLAN_ERROR_VALUE where the form is no regular expression. */
AttuneRules *attune_rules_new (const AttunePlanValues *plan, GError **error);
void attune_rules_free (AttuneRules *self);

/* Σ of what each rule gives, 0 … 1 times its weight. */
double attune_rules_score (const AttuneRules *self, const char *expected, const char *answer);
/* The most that they give. */
double attune_rules_get_most (const AttuneRules *self);

/* 1: right; 0: not. By whole words: case, spaces and full stops at the end do not count. */
double attune_rule_answer (AttuneAnswerRule rule, const char *expected, const char *answer);
/* 1 up to @limit words, then less; 0 from twice as many on, and for nothing. */
double attune_rule_length (const char *answer, int limit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRules, attune_rules_free)

G_END_DECLS
