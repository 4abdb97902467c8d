/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps over answers that the model writes itself (GRPO, PPO): it answers the step's questions, the
 * answers get rewards, and what made the better ones likelier is added up, as often as the plan
 * says. Private to tune/.
 */
#pragma once
#include "generate/rules.h"
#include "tune/reward-model.h"
#include "tune/trainer-private.h"

G_BEGIN_DECLS

struct _AttunePolicy
{
  AttuneRules *rules;
  AttuneRewardModel *model; /* (nullable) */
  int most;                 /* answers of a step */
  gboolean may_stop;        /* what is being written may be given up */
  gint64 told;              /* when it was told how far that is */
  int n;                    /* answers at hand, whose samples are the trainer's */
  int *lengths, *starts;    /* most; most + 1: of each answer’s tokens among all */
  double *scores, *shares;  /* most: rewards; advantages of answers */
  float *rewards;           /* most: of the reward model */
  /* of each token of all answers: */
  double *policy, *old, *reference, *values, *predicted, *advantages, *returns, *token_rewards,
      *d_policy, *d_values;
  float *said, *wanted; /* of the value head: AttuneLabelHead */
  gint32 *numbers;      /* 0, 1, 2, … */
};

/* What a step, or a check, has found. */
typedef struct
{
  double reward;     /* mean over the answers */
  double divergence; /* nats per answer by which the model is surer than the reference */
} AttunePolicyNews;

/* After the decoder and activations are there. */
gboolean attune_policy_set_up (AttuneTrainer *self, GError **error);
void attune_policy_clear (AttuneTrainer *self);
/* Does all of a step's updates at @rate on the @n questions chosen. @norm: (out): the last one's */
gboolean attune_policy_step (AttuneTrainer *self, int n, double rate, AttuneStepSums *sums,
                             double *norm, AttunePolicyNews *news, GError **error);
/* Answers the first @n questions for validation, each with what is likeliest. @loss: (out): what
 * the rewards lack to the most that the rules give */
gboolean attune_policy_validate (AttuneTrainer *self, guint64 n, double *loss, double *reward,
                                 GError **error);

/* Answers @n questions of a split, each @group times: samples of the trainer, lengths, scores.
 * @seed: 0: what is likeliest. Errors: %G_IO_ERROR_CANCELLED where it was stopped, which may be
 * before a step, or before there is a checkpoint */
gboolean attune_policy_answer (AttuneTrainer *self, AttuneSplit split, const guint32 *numbers,
                               int n, int group, guint64 seed, GError **error);

G_END_DECLS
