/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tree-structured Parzen estimators (Bergstra et al. 2011): of values drawn where the good trials
 * are dense, the one where they are densest against the others. Each setting by itself, as there.
 */
#include "core/random.h"
#include "plan/search.h"

#include <math.h>
#include <stdlib.h>

#define FIRST 10 /* trials at random, or a third where there are few */
#define CANDIDATES 24
#define GOOD 0.15 /* share of the trials: as there */
/* Of a range. Hyperopt and Optuna keep a few good trials as wide as a quarter of the range: that
 * was measured no better than chance in the forty trials that one has time for here. */
#define LEAST_WIDTH 0.02

/* A mixture of normal densities on 0 … 1, or of choices. */
typedef struct
{
  guint n;
  double *means, *widths; /* n */
  double *shares;         /* of each choice */
} Density;

static void
density_clear (Density *self)
{
  g_free (self->means);
  g_free (self->widths);
  g_free (self->shares);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Density, density_clear)

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double one = *(const double *) a, two = *(const double *) b;

  return one < two ? -1 : one > two;
}

static int
compare_scores (gconstpointer a, gconstpointer b)
{
  const AttuneSearchPoint *one = *(const AttuneSearchPoint *const *) a,
                          *two = *(const AttuneSearchPoint *const *) b;

  if (one->score != two->score)
    return one->score < two->score ? -1 : 1;
  return one < two ? -1 : one > two;
}

/* Of a range: one normal at each place, as wide as the way to its neighbours, and a flat one over
 * all. */
static void
fit_range (Density *self, const AttuneSearchPoint *const *points, guint n, guint variable)
{
  self->n = n + 1;
  self->means = g_new (double, n + 1);
  self->widths = g_new (double, n + 1);
  for (guint i = 0; i < n; i++)
    self->means[i] = points[i]->places[variable];
  self->means[n] = 0.5;
  qsort (self->means, n + 1, sizeof (double), compare_doubles);
  for (guint i = 0; i <= n; i++)
    {
      const double before = self->means[i] - (i > 0 ? self->means[i - 1] : 0),
                   behind = (i < n ? self->means[i + 1] : 1) - self->means[i];

      self->widths[i] = CLAMP (MAX (before, behind), LEAST_WIDTH, 1);
    }
  /* the flat one takes the place of one that stands in the middle */
  for (guint i = 0; i <= n; i++)
    if (self->means[i] == 0.5)
      {
        self->widths[i] = 1;
        break;
      }
}

static void
fit_choices (Density *self, const AttuneSearchPoint *const *points, guint n, guint variable,
             guint n_choices)
{
  self->n = n_choices;
  self->shares = g_new (double, n_choices);
  for (guint i = 0; i < n_choices; i++)
    self->shares[i] = 1.0 / (n + n_choices);
  for (guint i = 0; i < n; i++)
    self->shares[(guint) points[i]->places[variable]] += 1.0 / (n + n_choices);
}

static void
fit (Density *self, const GPtrArray *space, const AttuneSearchPoint *const *points, guint n,
     guint variable)
{
  const guint n_choices = attune_search_variable_count (space->pdata[variable]);

  if (n_choices > 0)
    fit_choices (self, points, n, variable, n_choices);
  else
    fit_range (self, points, n, variable);
}

/* Of the normal distribution. */
static double
below (double x)
{
  return 0.5 * erfc (-x / G_SQRT2);
}

/* Of a range. */
static double
density_at (const Density *self, double place)
{
  double sum = 0;

  for (guint i = 0; i < self->n; i++)
    {
      const double mean = self->means[i], width = self->widths[i], z = (place - mean) / width;

      sum += exp (-z * z / 2) / width / (below ((1 - mean) / width) - below (-mean / width));
    }
  return sum / self->n / sqrt (2 * G_PI);
}

static double
draw_from (const Density *self, AttuneRandom *random)
{
  double place, u;
  guint i;

  if (self->shares == NULL)
    {
      i = attune_random_below (random, self->n);
      do
        place = self->means[i] + self->widths[i] * attune_random_normal (random);
      while (place < 0 || place > 1);
      return place;
    }
  u = attune_random_uniform (random);
  for (i = 0; i + 1 < self->n && u >= self->shares[i]; i++)
    u -= self->shares[i];
  return i;
}

/* The best of so many draws would be the same choice each time, so that one which began badly would
 * never be seen again: it is drawn once, by what it gains. */
static double
draw_choice (const Density *good, const Density *rest, AttuneRandom *random)
{
  g_autofree double *shares = g_new (double, good->n);
  const Density weighed = { .n = good->n, .shares = shares };
  double sum = 0;

  for (guint i = 0; i < good->n; i++)
    sum += shares[i] = good->shares[i] * good->shares[i] / rest->shares[i];
  for (guint i = 0; i < good->n; i++)
    shares[i] /= sum;
  return draw_from (&weighed, random);
}

static double
choose (const Density *good, const Density *rest, AttuneRandom *random)
{
  double best = 0, most = -INFINITY;

  if (good->shares != NULL)
    return draw_choice (good, rest, random);
  for (int i = 0; i < CANDIDATES; i++)
    {
      const double place = draw_from (good, random),
                   gain = log (density_at (good, place)) - log (density_at (rest, place));

      if (gain > most)
        {
          most = gain;
          best = place;
        }
    }
  return best;
}

void
attune_search_propose_tpe (const GPtrArray *space, gint64 seed, guint n_trials, guint number,
                           const AttuneSearchPoint *history, guint n, double *places)
{
  g_autofree const AttuneSearchPoint **points = g_new (const AttuneSearchPoint *, n + 1);
  AttuneRandom random;
  guint n_ended = 0, n_finite = 0, n_good;

  for (guint i = 0; i < n; i++)
    if (!isnan (history[i].score))
      {
        points[n_ended++] = &history[i];
        n_finite += isfinite (history[i].score);
      }
  if (n_ended < MIN (FIRST, MAX (3, n_trials / 3)) || n_finite == 0)
    {
      attune_search_propose_random (space, seed, number, places);
      return;
    }
  qsort (points, n_ended, sizeof *points, compare_scores);
  n_good = MIN (ceil (GOOD * n_ended), n_finite); /* one that failed is not good */
  attune_random_init (&random, seed, ATTUNE_RANDOM_SEARCH, number);
  for (guint i = 0; i < space->len; i++)
    {
      g_auto (Density) good = { 0 }, rest = { 0 };

      fit (&good, space, points, n_good, i);
      fit (&rest, space, points + n_good, n_ended - n_good, i);
      places[i] = choose (&good, &rest, &random);
    }
}
