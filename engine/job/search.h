/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A search for better settings, and runs that check each other's parts of the data: searches/NNNN
 * in the project, whose search.json says what is varied and which runs there are. Each trial is an
 * ordinary run, or one for each part; how good it was is read from there, never stored. Light, but
 * for attune_search_run().
 *
 * Who works on a search and who watches it speak to each other as those of a run do, through the
 * search's folder: lock, events.jsonl, request-stop and worker.log (job/run-folder.h), so that
 * attune_run_get_state() tells its state. Events: started; run (trial, run): one begins or goes on;
 * trial (trial): it has ended, or is to wait; and finished, stopped or failed (text).
 */
#pragma once
#include "job/worker.h"
#include "plan/search.h"

G_BEGIN_DECLS

#define ATTUNE_SEARCH_MOST_TRIALS 10000

typedef struct
{
  char **texts;       /* values, one for each variable */
  GPtrArray *runs;    /* names, "0003": one for each part of the data */
  char *refused;      /* (nullable): why there is none */
  gboolean short_now; /* it was for lack of memory: tried again by the next attune_search_run() */
  double kept[3];     /* score, lo and hi when it ended, for when its runs are gone; NaN */
  /* what follows from the runs: */
  double score;     /* validation loss, the mean of all parts; infinite: it failed or was refused;
                       NaN: not known yet */
  double lo, hi;    /* 95 % interval; NaN with one part */
  double base;      /* what the score was before a step was made; NaN: not known */
  gboolean pending; /* a run of it is to go on, or to begin */
  AttuneHalvingTrial halving;
} AttuneSearchTrial;

typedef struct
{
  char *folder; /* of the search */
  AttuneProject *project;
  AttuneSearchStrategy strategy;
  char **words; /* what is varied, as it was said */
  GPtrArray *space;
  guint n_trials; /* at most */
  gint64 seed;
  guint64 memory_limit;         /* bytes that a trial may take; 0: all that is free */
  AttunePlan *plan;             /* what all trials begin with; its folds are a trial's runs */
  char *model_hash, *data_hash; /* (nullable): before the first attune_search_run() */
  GPtrArray *trials;            /* AttuneSearchTrial */
} AttuneSearch;

/**
 * attune_search_new:
 * @words: what is varied: plan/search-space.h; nothing where the parts of @plan are all that is
 * asked for
 *
 * @n_trials: at most; -1: ten, or all of a grid
 *
 * Makes the next searches/NNNN. Combinations without sense are refused. Returns: (transfer full).
 */
AttuneSearch *attune_search_new (AttuneProject *project, AttunePlan *plan, const char *const *words,
                                 AttuneSearchStrategy strategy, int n_trials, gint64 seed,
                                 GError **error);
/* As many trials as that from here on, or those of the whole grid. */
gboolean attune_search_set_trials (AttuneSearch *self, int n_trials, GError **error);
/* The folder of the latest search, or %NULL. (transfer full) */
char *attune_search_find_latest (AttuneProject *project);
/* @name: (nullable): the latest. Reads how far it is, too. Returns: (transfer full). */
AttuneSearch *attune_search_open (AttuneProject *project, const char *name, GError **error);
void attune_search_free (AttuneSearch *self);
/* Writes search.json, atomically. */
gboolean attune_search_save (AttuneSearch *self, GError **error);
/* Takes in what the runs say now. */
void attune_search_read_runs (AttuneSearch *self);
/* After how many steps a run of successive halving, of @steps and validated every so many, is
 * compared for the rung. Pure. */
gint64 attune_search_rung_step (gint64 steps, gint64 validate_every, int rung);
/* As attune_project_get_run(); but where none is named and the latest run is one of the latest
 * search's, it is the best of these: what is evaluated, asked and exported. Blocks. */
char *attune_project_get_used_run (AttuneProject *project, const char *name, GError **error);
/* The number of the best trial that has ended, -1 where there is none. */
int attune_search_find_best (const AttuneSearch *self);
/* Runs of a trial. */
int attune_search_count_parts (const AttuneSearch *self);
/* The plan of a trial's run for that part, from 0. Returns: (transfer full). */
AttunePlan *attune_search_make_plan (AttuneSearch *self, const AttuneSearchTrial *trial, int part,
                                     GError **error);
/* Returns: (transfer full). */
char *attune_search_get_run_folder (const AttuneSearch *self, const char *run);

typedef struct
{
  /* A run begins or goes on: trials count from 0. */
  void (*on_run) (gpointer data, AttuneSearch *search, guint trial, const char *folder);
  /* It has ended; the search has read it. */
  void (*on_trial) (gpointer data, AttuneSearch *search, guint trial);
  AttuneWorkerFunc on_event; /* of the run */
} AttuneSearchFuncs;

/**
 * attune_search_run:
 * @stopped: (out): a signal, or a request to the search or to its run, has stopped it
 *
 * Does what is left of it, trial by trial. Blocks. A trial that diverges or does not fit is one of
 * the worst; anything else that fails ends the search, which can go on from there: with the same
 * run, and with the next trial where that fails in the same way again. One process at a time; model
 * and data have to be those that it began with.
 */
gboolean attune_search_run (AttuneSearch *self, const AttuneSearchFuncs *funcs, gpointer data,
                            gboolean *stopped, GError **error);

/* As attune_worker_start(): a process that does attune_search_run(). */
int attune_search_start (const AttuneSearch *self, const char *program, GError **error);

/* The mean of @n scores in @scores, and its 95 % interval by Nadeau and Bengio's corrected variance
 * (2003): the parts are learned from together, so that their scores depend on each other. */
double attune_search_mean (const double *scores, guint n, double *lo, double *hi);

/* --- private to the room */

/* One with values that none has had. FALSE where there are no more. */
gboolean attune_search_add_trial (AttuneSearch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneSearch, attune_search_free)

G_END_DECLS
