/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The learning rate over a run, and which samples a step reads. Pure functions of the step, so that
 * resuming needs no state.
 */
#pragma once
#include "plan/plan.h"

G_BEGIN_DECLS

/* Steps of a run over @n_train samples; at least 1. */
gint64 attune_schedule_steps (const AttunePlanValues *plan, guint64 n_train);

/* Learning rate of step @step, from 1. Linear warm-up from 0, then cosine, once or with
 * restarts, linear or constant; the same values as transformers' get_*_schedule_with_warmup. */
double attune_schedule_rate (const AttunePlanValues *plan, gint64 step, gint64 n_steps);

/* The round of half fine-tuning that step @step is in, from 0. @first: (out): the round's first
 * step. */
gint64 attune_schedule_round (const AttunePlanValues *plan, gint64 step, gint64 n_steps,
                              gint64 *first);

/**
 * attune_schedule_samples:
 * @step: from 1
 * @order: (inout): guint32s, scratch that keeps an epoch's order between calls; its length must be
 * @n_train
 * @epoch: (inout): the epoch @order is of; -1 at first
 * @samples: (out caller-allocates): batch_size indices
 *
 * Returns: how many samples the step reads; the last one of a run may read fewer
 */
int attune_schedule_samples (const AttunePlanValues *plan, guint64 n_train, gint64 step,
                             guint32 *order, gint64 *epoch, guint32 *samples);

G_END_DECLS
