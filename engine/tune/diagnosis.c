/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rules. The training loss is looked at in windows, as single steps are noisy; the validation
 * loss point by point. The limits come from recorded runs: tests/tune/curves.
 */
#include "tune/diagnosis.h"

#include <glib/gi18n.h>
#include <math.h>

/* Fewer steps than this say nothing without a validation. */
#define FEW_STEPS 20
/* The smallest change of the loss that counts, as a share of it. */
#define SMALL 0.02
/* Validations that go up and down by more than this share of the loss are noise. */
#define NOISE 0.04
/* The training loss rises: by this share of the lowest that it has been. */
#define RISE 0.25
/* How much of a run is looked back on for what has become better. */
#define RECENT 0.25

typedef struct
{
  double mean, error; /* of the mean */
} Window;

/* So much of a loss as @share says. */
static double
part (const AttuneDiagnosisInput *input, double share, double loss)
{
  return share * (input->scale > 0 ? input->scale : loss);
}

/* Points @begin … @end - 1. */
static Window
measure (const AttuneLossPoint *points, guint begin, guint end)
{
  const double n = end - begin;
  double sum = 0, squares = 0;

  for (guint i = begin; i < end; i++)
    sum += points[i].loss;
  for (guint i = begin; i < end; i++)
    squares += (points[i].loss - sum / n) * (points[i].loss - sum / n);
  return (Window) { sum / n, n > 1 ? sqrt (squares / (n - 1) / n) : 0 };
}

/* How many points a window has: a tenth of the run. */
static guint
window_size (guint n)
{
  return MIN (n, MAX (5, n / 10));
}

/* The window that ends at the point after @step. */
static Window
measure_until (const AttuneDiagnosisInput *input, gint64 step)
{
  guint end = 0, size;

  while (end < input->n_train && input->train[end].step <= step)
    end++;
  size = window_size (input->n_train);
  end = MAX (end, size);
  return measure (input->train, end - size, end);
}

/* The lowest mean of the windows before the last one. */
static double
lowest_before (const AttuneDiagnosisInput *input)
{
  const guint size = window_size (input->n_train);
  double lowest = INFINITY;

  for (guint begin = 0; begin + 2 * size <= input->n_train; begin += size)
    lowest = MIN (lowest, measure (input->train, begin, begin + size).mean);
  return lowest;
}

/* Worse than the base. A run that explodes does so in its first steps, which then are no measure.
 */
static gboolean
is_worse_than_start (const AttuneDiagnosisInput *input, Window last)
{
  const guint n = input->n_validation;
  Window first;

  if (n > 1 && input->validation[0].step == 0)
    {
      const double base = input->validation[0].loss, limit = base + part (input, RISE, base);

      return last.mean > limit + 2 * last.error && input->validation[n - 1].loss > limit;
    }
  if (input->scale > 0)
    return FALSE; /* rewards do not explode: the lowest before says enough */
  first = measure (input->train, 0, window_size (input->n_train));
  return last.mean > first.mean * (1 + SMALL) + 2 * (first.error + last.error);
}

static gboolean
is_diverging (const AttuneDiagnosisInput *input)
{
  const guint n = input->n_train, size = window_size (n);
  double lowest;
  Window last;

  if ((n > 0 && !isfinite (input->train[n - 1].loss))
      || (input->n_validation > 0 && !isfinite (input->validation[input->n_validation - 1].loss)))
    return TRUE;
  if (n == 0 || n < 2 * size)
    return FALSE;
  last = measure (input->train, n - size, n);
  lowest = lowest_before (input);
  return last.mean > lowest + part (input, RISE, lowest) + 2 * last.error
         || is_worse_than_start (input, last);
}

/* --- by the training loss alone */

static AttuneDiagnosisKind
judge_training (const AttuneDiagnosisInput *input)
{
  const guint n = input->n_train;
  const guint size = MAX (window_size (n), (guint) (n * RECENT));
  Window before, last;

  if (n < FEW_STEPS)
    return ATTUNE_DIAGNOSIS_EARLY;
  before = measure (input->train, n - 2 * size, n - size);
  last = measure (input->train, n - size, n);
  if (before.mean - last.mean
      > MAX (part (input, SMALL, before.mean), 2 * (before.error + last.error)))
    return ATTUNE_DIAGNOSIS_IMPROVING;
  /* So wide that nothing could be seen. */
  if (before.error + last.error > part (input, NOISE, before.mean))
    return ATTUNE_DIAGNOSIS_NOISY;
  return ATTUNE_DIAGNOSIS_CONVERGED;
}

/* --- by the validation loss */

static guint
find_best (const AttuneDiagnosisInput *input)
{
  guint best = 0;

  for (guint i = 1; i < input->n_validation; i++)
    if (input->validation[i].loss < input->validation[best].loss)
      best = i;
  return best;
}

/* Up and down, again and again, and not much lower for it. The base is left out: the way from
 * there is always long. */
static gboolean
is_noisy (const AttuneDiagnosisInput *input, double lowest)
{
  const AttuneLossPoint *points = input->validation + 1;
  const guint n = input->n_validation - 1;
  double way = 0;
  guint turns = 0;

  if (input->n_validation < 5)
    return FALSE;
  for (guint i = 1; i < n; i++)
    {
      const double change = points[i].loss - points[i - 1].loss;

      way += fabs (change);
      if (i > 1 && change * (points[i - 1].loss - points[i - 2].loss) < 0)
        turns++;
    }
  return 2 * turns >= n - 2 && way / (n - 1) > part (input, NOISE, lowest)
         && way > 3 * fabs (points[n - 1].loss - points[0].loss);
}

/* What came after the best is worse, and not by chance: twice, or by much. */
static gboolean
is_memorising (const AttuneDiagnosisInput *input, guint best)
{
  const AttuneLossPoint *points = input->validation;
  const guint last = input->n_validation - 1;
  const double lowest = points[best].loss, small = part (input, SMALL, lowest);
  const gboolean twice = last > best + 1 && points[last - 1].loss > lowest + small
                         && points[last].loss > lowest + small;
  Window then, now;

  if (!twice && !(last > best && points[last].loss > lowest + 3 * small))
    return FALSE;
  if (input->n_train == 0)
    return FALSE;
  then = measure_until (input, points[best].step);
  now = measure_until (input, points[last].step);
  return now.mean < then.mean - part (input, SMALL, then.mean);
}

/* The last validation from @best on that was as good. */
static gint64
find_since (const AttuneDiagnosisInput *input, guint best)
{
  const double lowest = input->validation[best].loss;
  guint i = best;

  while (i + 1 < input->n_validation
         && input->validation[i + 1].loss <= lowest + part (input, SMALL, lowest))
    i++;
  return input->validation[i].step;
}

/* Whether the last part of the run has brought something. */
static gboolean
is_improving (const AttuneDiagnosisInput *input)
{
  const AttuneLossPoint *points = input->validation;
  const guint last = input->n_validation - 1;
  const double from = points[last].step * (1 - RECENT);
  double before = points[0].loss, since = INFINITY;

  for (guint i = 1; i <= last; i++)
    if (points[i].step <= from || (i < last && points[i + 1].step <= from))
      before = MIN (before, points[i].loss);
    else
      since = MIN (since, points[i].loss);
  return since < before - part (input, SMALL, before);
}

static AttuneDiagnosisKind
judge_validation (const AttuneDiagnosisInput *input, guint best, gint64 *since)
{
  const guint last = input->n_validation - 1;

  if (last == 1 && best == 0 && !is_memorising (input, best))
    return ATTUNE_DIAGNOSIS_EARLY; /* one look, and it is no better yet */
  if (is_noisy (input, input->validation[best].loss))
    return ATTUNE_DIAGNOSIS_NOISY;
  if (is_memorising (input, best))
    {
      *since = find_since (input, best);
      return ATTUNE_DIAGNOSIS_MEMORISING;
    }
  return is_improving (input) ? ATTUNE_DIAGNOSIS_IMPROVING : ATTUNE_DIAGNOSIS_CONVERGED;
}

void
attune_diagnose (const AttuneDiagnosisInput *input, AttuneDiagnosis *diagnosis)
{
  g_return_if_fail (input != NULL && diagnosis != NULL);

  *diagnosis = (AttuneDiagnosis) { .ended = input->ended, .best_step = -1 };
  if (input->n_validation > 0)
    diagnosis->best_step = input->validation[find_best (input)].step;
  if (is_diverging (input))
    diagnosis->kind = ATTUNE_DIAGNOSIS_DIVERGING;
  else if (input->n_validation < 2)
    diagnosis->kind = judge_training (input);
  else
    diagnosis->kind = judge_validation (input, find_best (input), &diagnosis->since);
}

/* --- words */

const char *
attune_diagnosis_get_name (AttuneDiagnosisKind kind)
{
  static const char *const names[]
      = { "early", "improving", "converged", "memorising", "diverging", "noisy" };

  g_return_val_if_fail (kind < G_N_ELEMENTS (names), NULL);
  return names[kind];
}

static char *
describe_memorising (const AttuneDiagnosis *self)
{
  if (self->best_step == 0)
    return g_strdup (_ ("It memorises, and has not become better than the model was before. More "
                        "records or a lower learning rate help."));
  return g_strdup_printf (_ ("Started to memorise after step %lld: the best checkpoint, from step "
                             "%lld, is the one that will be used."),
                          (long long) self->since, (long long) self->best_step);
}

char *
attune_diagnosis_describe (const AttuneDiagnosis *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  switch (self->kind)
    {
    case ATTUNE_DIAGNOSIS_EARLY:
      return g_strdup (self->ended
                           ? _ ("Too few steps to tell how well it learns. Plan more passes.")
                           : _ ("Too early to tell: let it run."));
    case ATTUNE_DIAGNOSIS_IMPROVING:
      return g_strdup (
          self->ended ? _ ("It was still improving at the end: more passes may make it better.")
                      : _ ("Still improving: let it run."));
    case ATTUNE_DIAGNOSIS_CONVERGED:
      return g_strdup (self->ended
                           ? _ ("It has learned what it could: more passes would hardly help.")
                           : _ ("It hardly improves any more: it may finish, or be paused here."));
    case ATTUNE_DIAGNOSIS_MEMORISING:
      return describe_memorising (self);
    case ATTUNE_DIAGNOSIS_DIVERGING:
      return g_strdup (self->ended
                           ? _ ("It got worse instead of better. Plan a lower learning rate, and "
                                "start anew.")
                           : _ ("It gets worse instead of better: pause it, plan a lower learning "
                                "rate, and start anew."));
    case ATTUNE_DIAGNOSIS_NOISY:
    default:
      return g_strdup (_ ("The loss goes up and down more than it falls. A lower learning rate or "
                          "a larger batch makes it steadier."));
    }
}
