/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which trial of a search comes next: functions of the seed and of what the earlier ones gave, so
 * that a search that was interrupted goes on as if it had not been. Light.
 */
#pragma once
#include "plan/search-space.h"

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_SEARCH_GRID,
  ATTUNE_SEARCH_RANDOM,
  ATTUNE_SEARCH_TPE,
  ATTUNE_SEARCH_HALVING,
  ATTUNE_SEARCH_POLICY,
  ATTUNE_N_SEARCHES,
} AttuneSearchStrategy;

const char *attune_search_get_name (AttuneSearchStrategy strategy); /* "tpe" */
const char *attune_search_get_text (AttuneSearchStrategy strategy); /* a sentence */
gboolean attune_search_find (const char *name, AttuneSearchStrategy *strategy, GError **error);

typedef struct
{
  double *places; /* one for each variable */
  double score;   /* the lower the better; infinite: it failed; NaN: it has not ended */
} AttuneSearchPoint;

/**
 * attune_search_propose:
 * @n_trials: how many there are to be
 * @number: of the trial, from 0
 * @history: (array length=n): those before it
 * @places: (out caller-allocates): its places, one for each of @space
 *
 * Returns: FALSE where a grid has no more points
 */
gboolean attune_search_propose (const GPtrArray *space, AttuneSearchStrategy strategy, gint64 seed,
                                guint n_trials, guint number, const AttuneSearchPoint *history,
                                guint n, double *places);
/* Points of the grid over @space, at most G_MAXUINT. */
guint attune_search_count_grid (const GPtrArray *space);

/* --- successive halving, without waiting for a whole rung (Li et al. 2020, ASHA) */

#define ATTUNE_SEARCH_RUNGS 3 /* a ninth of the steps, a third, all */
#define ATTUNE_SEARCH_ETA 3   /* one of so many goes on */

typedef struct
{
  int n_rungs; /* that it has reached */
  double scores[ATTUNE_SEARCH_RUNGS];
} AttuneHalvingTrial;

/* Which of @n trials goes on to its next rung; @n: a new one begins; -1: the search is over. @most:
 * trials that there may be. */
int attune_halving_next (const AttuneHalvingTrial *trials, guint n, guint most);

/* --- private to the room */

void attune_search_propose_tpe (const GPtrArray *space, gint64 seed, guint n_trials, guint number,
                                const AttuneSearchPoint *history, guint n, double *places);
void attune_search_propose_policy (const GPtrArray *space, gint64 seed, guint number,
                                   const AttuneSearchPoint *history, guint n, double *places);
void attune_search_propose_random (const GPtrArray *space, gint64 seed, guint number,
                                   double *places);

G_END_DECLS
