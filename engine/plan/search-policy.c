/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A controller that learns to draw settings by policy gradient (Williams 1992, REINFORCE; Zoph & Le
 * 2017, with one table of preferences for each setting in place of their network): the reward is
 * how much better than the mean of before a trial did. What it has learned follows from the
 * earlier trials alone.
 */
#include "core/random.h"
#include "plan/search.h"

#include <math.h>

#define BINS 8 /* of a range */
#define RATE 0.4
#define FADING 0.8 /* of what came before, in mean and spread */
#define MOST 3.0   /* spreads that a reward counts for */

static guint
count_bins (const AttuneSearchVariable *variable)
{
  return variable->choices != NULL ? attune_search_variable_count (variable) : BINS;
}

static guint
bin_of (const AttuneSearchVariable *variable, double place)
{
  return variable->choices != NULL ? (guint) place : MIN (BINS - 1, (guint) (place * BINS));
}

/* Of @n preferences. */
static void
soften (const double *preferences, guint n, double *shares)
{
  double most = -INFINITY, sum = 0;

  for (guint i = 0; i < n; i++)
    most = MAX (most, preferences[i]);
  for (guint i = 0; i < n; i++)
    sum += shares[i] = exp (preferences[i] - most);
  for (guint i = 0; i < n; i++)
    shares[i] /= sum;
}

/* The gradient of the logarithm of what was drawn, times @gain. */
static void
learn (double *preferences, guint n, guint drawn, double gain)
{
  g_autofree double *shares = g_new (double, n);

  soften (preferences, n, shares);
  for (guint i = 0; i < n; i++)
    preferences[i] += RATE * gain * ((i == drawn) - shares[i]);
}

/* How good each trial was against those before it, in spreads; 0 for the first. */
static void
find_gains (const AttuneSearchPoint *history, guint n, double *gains)
{
  double mean = NAN, square = 0, worst = -INFINITY;

  for (guint i = 0; i < n; i++)
    {
      double score = history[i].score, spread;

      gains[i] = 0;
      if (isnan (score) || (!isfinite (score) && isnan (mean)))
        continue;
      if (isfinite (score))
        worst = MAX (worst, score);
      else
        score = worst + sqrt (square);
      if (isnan (mean))
        {
          mean = score;
          continue;
        }
      spread = sqrt (square);
      gains[i] = spread > 0 ? CLAMP ((mean - score) / spread, -MOST, MOST)
                            : (mean > score) - (mean < score);
      square = FADING * square + (1 - FADING) * (score - mean) * (score - mean);
      mean = FADING * mean + (1 - FADING) * score;
    }
}

void
attune_search_propose_policy (const GPtrArray *space, gint64 seed, guint number,
                              const AttuneSearchPoint *history, guint n, double *places)
{
  g_autofree double *gains = g_new (double, n + 1);
  AttuneRandom random;

  find_gains (history, n, gains);
  attune_random_init (&random, seed, ATTUNE_RANDOM_SEARCH, number);
  for (guint i = 0; i < space->len; i++)
    {
      const AttuneSearchVariable *variable = space->pdata[i];
      const guint n_bins = count_bins (variable);
      g_autofree double *preferences = g_new0 (double, n_bins), *shares = g_new (double, n_bins);
      double u = attune_random_uniform (&random);
      guint bin;

      for (guint j = 0; j < n; j++)
        learn (preferences, n_bins, bin_of (variable, history[j].places[i]), gains[j]);
      soften (preferences, n_bins, shares);
      for (bin = 0; bin + 1 < n_bins && u >= shares[bin]; bin++)
        u -= shares[bin];
      places[i] = variable->choices != NULL ? bin : (bin + attune_random_uniform (&random)) / BINS;
    }
}
