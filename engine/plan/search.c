/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of strategies, the two simple ones, and successive halving.
 */
#include "plan/search.h"

#include "core/random.h"
#include "plan/estimate.h"

#include <math.h>

static const struct
{
  const char *name, *text;
} strategies[ATTUNE_N_SEARCHES] = {
  [ATTUNE_SEARCH_GRID] = { "grid", "Every combination of the values, one after the other: for two "
                                   "or three settings with few values." },
  [ATTUNE_SEARCH_RANDOM] = { "random", "Values drawn at random: better than a grid where only some "
                                       "of the settings matter." },
  [ATTUNE_SEARCH_TPE] = { "tpe", "Values near those that did well so far, rather than near the "
                                 "others (Bayesian, TPE): for many trials." },
  [ATTUNE_SEARCH_HALVING]
  = { "halving", "Many trials begin, and only the best third goes on at a ninth and at a third of "
                 "the steps (ASHA): finds most in the same time." },
  [ATTUNE_SEARCH_POLICY]
  = { "policy", "A controller learns by reward which values to draw (policy gradient): needs "
                "some dozens of trials." },
};

const char *
attune_search_get_name (AttuneSearchStrategy strategy)
{
  g_return_val_if_fail ((guint) strategy < ATTUNE_N_SEARCHES, NULL);
  return strategies[strategy].name;
}

const char *
attune_search_get_text (AttuneSearchStrategy strategy)
{
  g_return_val_if_fail ((guint) strategy < ATTUNE_N_SEARCHES, NULL);
  return strategies[strategy].text;
}

gboolean
attune_search_find (const char *name, AttuneSearchStrategy *strategy, GError **error)
{
  for (int i = 0; i < ATTUNE_N_SEARCHES; i++)
    if (g_strcmp0 (name, strategies[i].name) == 0)
      {
        *strategy = i;
        return TRUE;
      }
  g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
               "A search can be grid, random, tpe, halving or policy; “%s” is none of them.", name);
  return FALSE;
}

guint
attune_search_count_grid (const GPtrArray *space)
{
  guint64 n = 1;

  for (guint i = 0; i < space->len; i++)
    n = MIN (n * attune_search_variable_count_points (space->pdata[i]), G_MAXUINT);
  return n;
}

/* The last setting changes fastest. */
static gboolean
propose_grid (const GPtrArray *space, guint number, double *places)
{
  if (number >= attune_search_count_grid (space))
    return FALSE;
  for (guint i = space->len; i-- > 0;)
    {
      const AttuneSearchVariable *variable = space->pdata[i];
      const guint n = attune_search_variable_count_points (variable);

      places[i] = attune_search_variable_get_point (variable, number % n);
      number /= n;
    }
  return TRUE;
}

void
attune_search_propose_random (const GPtrArray *space, gint64 seed, guint number, double *places)
{
  AttuneRandom random;

  attune_random_init (&random, seed, ATTUNE_RANDOM_SEARCH, number);
  for (guint i = 0; i < space->len; i++)
    {
      const guint n = attune_search_variable_count (space->pdata[i]);

      places[i] = n > 0 ? attune_random_below (&random, n) : attune_random_uniform (&random);
    }
}

gboolean
attune_search_propose (const GPtrArray *space, AttuneSearchStrategy strategy, gint64 seed,
                       guint n_trials, guint number, const AttuneSearchPoint *history, guint n,
                       double *places)
{
  switch (strategy)
    {
    case ATTUNE_SEARCH_GRID:
      return propose_grid (space, number, places);
    case ATTUNE_SEARCH_TPE:
      attune_search_propose_tpe (space, seed, n_trials, number, history, n, places);
      return TRUE;
    case ATTUNE_SEARCH_POLICY:
      attune_search_propose_policy (space, seed, number, history, n, places);
      return TRUE;
    case ATTUNE_SEARCH_RANDOM:
    case ATTUNE_SEARCH_HALVING:
    case ATTUNE_N_SEARCHES:
      break;
    }
  attune_search_propose_random (space, seed, number, places);
  return TRUE;
}

/* --- successive halving */

/* How many trials did better at @rung than trial @i; of equal ones the earlier. */
static guint
count_better (const AttuneHalvingTrial *trials, guint n, guint i, int rung)
{
  guint better = 0;

  for (guint j = 0; j < n; j++)
    if (trials[j].n_rungs > rung
        && (trials[j].scores[rung] < trials[i].scores[rung]
            || (trials[j].scores[rung] == trials[i].scores[rung] && j < i)))
      better++;
  return better;
}

/* Of those whose last rung is @rung: one of the best @places of that rung, or -1. */
static int
find_promoted (const AttuneHalvingTrial *trials, guint n, int rung, guint places)
{
  for (guint i = 0; i < n; i++)
    if (trials[i].n_rungs == rung + 1 && isfinite (trials[i].scores[rung])
        && count_better (trials, n, i, rung) < places)
      return i;
  return -1;
}

static guint
count_reached (const AttuneHalvingTrial *trials, guint n, int rung)
{
  guint reached = 0;

  for (guint i = 0; i < n; i++)
    reached += trials[i].n_rungs > rung;
  return reached;
}

int
attune_halving_next (const AttuneHalvingTrial *trials, guint n, guint most)
{
  for (int rung = ATTUNE_SEARCH_RUNGS - 2; rung >= 0; rung--)
    {
      const int next
          = find_promoted (trials, n, rung, count_reached (trials, n, rung) / ATTUNE_SEARCH_ETA);

      if (next >= 0)
        return next;
    }
  if (n < most)
    return n;
  /* with few trials none would get to the end: the best of those that came furthest does */
  for (int rung = ATTUNE_SEARCH_RUNGS - 2; rung >= 0; rung--)
    {
      if (count_reached (trials, n, rung + 1) > 0)
        return -1;
      if (count_reached (trials, n, rung) > 0)
        {
          const int next = find_promoted (trials, n, rung, 1);

          if (next >= 0)
            return next;
        }
    }
  return -1;
}
