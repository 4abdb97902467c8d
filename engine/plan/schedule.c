/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Learning rate and order of samples.
 */
#include "plan/schedule.h"

#include "core/random.h"

#include <math.h>

/* Samples that a run reads in all; an epoch need not end with a whole step. */
static guint64
total_samples (const AttunePlanValues *plan, guint64 n_train)
{
  if (plan->max_steps > 0)
    return (guint64) plan->max_steps * plan->batch_size;
  return MAX (1, (guint64) ceil (plan->epochs * n_train));
}

gint64
attune_schedule_steps (const AttunePlanValues *plan, guint64 n_train)
{
  const guint64 total = total_samples (plan, n_train);

  return (total + plan->batch_size - 1) / plan->batch_size;
}

double
attune_schedule_rate (const AttunePlanValues *plan, gint64 step, gint64 n_steps)
{
  const gint64 warmup = ceil (plan->warmup_ratio * n_steps), done = step - 1;
  double share;

  if (done < warmup)
    return plan->learning_rate * done / MAX (1, warmup);
  switch (plan->schedule)
    {
    case ATTUNE_SCHEDULE_COSINE:
      share = (double) (done - warmup) / MAX (1, n_steps - warmup);
      return plan->learning_rate * MAX (0, 0.5 * (1 + cos (G_PI * share)));
    case ATTUNE_SCHEDULE_RESTARTS:
      share = (double) (done - warmup) / MAX (1, n_steps - warmup);
      return plan->learning_rate * 0.5 * (1 + cos (G_PI * fmod (plan->cycles * share, 1)));
    case ATTUNE_SCHEDULE_LINEAR:
      return plan->learning_rate * MAX (0, (double) (n_steps - done) / MAX (1, n_steps - warmup));
    case ATTUNE_SCHEDULE_CONSTANT:
    default:
      return plan->learning_rate;
    }
}

gint64
attune_schedule_round (const AttunePlanValues *plan, gint64 step, gint64 n_steps, gint64 *first)
{
  const gint64 rounds = MIN (plan->rounds, n_steps), round = (step - 1) * rounds / n_steps;

  *first = (round * n_steps + rounds - 1) / rounds + 1;
  return round;
}

static void
draw_order (guint64 seed, gint64 epoch, guint64 n_train, guint32 *order)
{
  AttuneRandom random;

  for (guint64 i = 0; i < n_train; i++)
    order[i] = i;
  attune_random_init (&random, seed, ATTUNE_RANDOM_ORDER, epoch);
  attune_random_shuffle (&random, order, n_train);
}

int
attune_schedule_samples (const AttunePlanValues *plan, guint64 n_train, gint64 step, guint32 *order,
                         gint64 *epoch, guint32 *samples)
{
  const guint64 total = total_samples (plan, n_train),
                first = (guint64) (step - 1) * plan->batch_size;
  const int n = first >= total ? 0 : MIN ((guint64) plan->batch_size, total - first);

  for (int i = 0; i < n; i++)
    {
      const gint64 its_epoch = (first + i) / n_train;

      if (its_epoch != *epoch)
        draw_order (plan->seed, *epoch = its_epoch, n_train, order);
      samples[i] = order[(first + i) % n_train];
    }
  return n;
}
