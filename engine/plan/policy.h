/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Learning from answers that the model writes itself (GRPO, PPO): which settings have a say, what
 * cannot be, and how much is written at once.
 */
#pragma once
#include "plan/plan.h"

G_BEGIN_DECLS

/* So many answers are written at once, at most: as many as the time of reading the weights for one
 * more does not count for. */
#define ATTUNE_POLICY_PARALLEL 16

/* What is kept of a token of an answer: some numbers in 64 bits. */
#define ATTUNE_POLICY_TOKEN_BYTES 100

/* Whether the setting @name is one of them; whether it has a say. */
gboolean attune_policy_knows (const char *name);
gboolean attune_policy_uses (const AttunePlanValues *plan, const char *name);
/* Errors: %ATTUNE_PLAN_ERROR_VALUE, with what would make sense. */
gboolean attune_policy_check (const AttunePlanValues *plan, GError **error);
/* Whether the reward model is there, which is read at the start of a run, not of its results. */
gboolean attune_policy_check_files (const AttunePlanValues *plan, GError **error);

/* What is left out and blurred by chance in learning: nothing of what a model wrote itself, which
 * would be scored as another's. */
double attune_plan_find_dropout (const AttunePlanValues *plan);
double attune_plan_find_noise (const AttunePlanValues *plan);

/* Of a run's folder, or itself. Returns: (transfer full). */
char *attune_policy_find_checkpoint (const char *path);

/* How the base of a reward model is kept, by the plan in its checkpoint; f32: as it is stored, or
 * that cannot be read, of which a run tells why. Blocks. */
AttuneType attune_policy_read_reward_type (const char *path);
/* The same of its plan: an adapter that began in what 4 bits have lost is used as others are: less
 * its beginning, beside the whole base. */
AttuneType attune_policy_get_reward_type (AttunePlan *plan);

/* The plan's form of answers. Returns: (transfer full). */
GRegex *attune_plan_read_format (const AttunePlanValues *plan, GError **error);

/* Of a step; at once. */
int attune_policy_count_answers (const AttunePlanValues *plan);
int attune_policy_count_parallel (const AttunePlanValues *plan);

G_END_DECLS
