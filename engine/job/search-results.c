/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How good the trials of a search are, read from their runs.
 */
#include "job/json.h"
#include "job/run-curves.h"
#include "job/run-plan.h"
#include "job/search.h"
#include "compute/backend.h"
#include "tune/trainer.h"

/* ATTUNE_COMPUTE_ERROR, as it is written down: the light library does not compute. */
#define COMPUTE_ERROR "attune_compute_error_quark"

/* Of a run: what it came to. */
typedef struct
{
  gboolean ended, lost; /* lost: nothing can come of it any more */
  double best_loss;     /* of its own steps */
  double base_loss;     /* NaN: it was not checked */
} Outcome;

gint64
attune_search_rung_step (gint64 steps, gint64 validate_every, int rung)
{
  gint64 step = validate_every;

  for (int i = 0; i < rung; i++)
    step *= ATTUNE_SEARCH_ETA;
  return rung == ATTUNE_SEARCH_RUNGS - 1 ? steps : MIN (steps, step);
}

double
attune_search_mean (const double *scores, guint n, double *lo, double *hi)
{
  /* Student's 97.5 % points for 1 … 29 degrees of freedom */
  static const double points[]
      = { 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
          2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
          2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045 };
  double mean = 0, square = 0, half;

  *lo = *hi = NAN;
  for (guint i = 0; i < n; i++)
    mean += scores[i] / n;
  if (n < 2 || !isfinite (mean))
    return mean;
  for (guint i = 0; i < n; i++)
    square += (scores[i] - mean) * (scores[i] - mean) / (n - 1);
  /* 1 / n, and what the parts have in common: records that check for each that is learned */
  half = (n - 2 < G_N_ELEMENTS (points) ? points[n - 2] : 1.96 + 2.4 / (n - 1))
         * sqrt (square * (1.0 / n + 1.0 / (n - 1)));
  *lo = mean - half;
  *hi = mean + half;
  return mean;
}

static gboolean
is_error (JsonObject *event, const char *domain, int code)
{
  return g_strcmp0 (attune_json_get_string (event, "domain"), domain) == 0
         && attune_json_get_int (event, "code") == code;
}

/* What another try would not change: it diverged, memory did not suffice, or it has failed twice
 * with the same words. */
static gboolean
is_lost (const char *folder)
{
  g_autoptr (JsonNode) last = attune_run_find_event (folder, "failed");
  JsonObject *event = last != NULL ? json_node_get_object (last) : NULL;
  g_autoptr (GPtrArray) events = NULL;
  guint64 offset = 0;
  guint times = 0;

  if (event == NULL
      || is_error (event, g_quark_to_string (ATTUNE_TUNE_ERROR), ATTUNE_TUNE_ERROR_DIVERGED)
      || is_error (event, COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_MEMORY))
    return event != NULL;
  events = attune_run_read_events (folder, &offset, NULL);
  for (guint i = 0; events != NULL && i < events->len; i++)
    {
      JsonObject *other = json_node_get_object (events->pdata[i]);

      times += g_strcmp0 (attune_json_get_string (other, "event"), "failed") == 0
               && g_strcmp0 (attune_json_get_string (other, "text"),
                             attune_json_get_string (event, "text"))
                      == 0;
    }
  return times > 1;
}

static double find_loss (const AttuneRunCurves *curves, gint64 step);

static Outcome
read_outcome (const char *folder)
{
  const AttuneRunState state = attune_run_get_state (folder);
  Outcome outcome
      = { .ended = state == ATTUNE_RUN_FINISHED, .best_loss = INFINITY, .base_loss = NAN };

  outcome.lost = state == ATTUNE_RUN_FAILED && is_lost (folder);
  if (outcome.ended)
    {
      g_autoptr (AttuneRunCurves) curves = attune_run_curves_new ();
      const AttuneValidationPoint *first;

      attune_run_curves_read (curves, folder, NULL);
      outcome.best_loss = find_loss (curves, G_MAXINT64);
      first = curves->validations->len > 0
                  ? &g_array_index (curves->validations, AttuneValidationPoint, 0)
                  : NULL;
      if (first != NULL && first->step == 0)
        outcome.base_loss = first->loss;
    }
  return outcome;
}

/* Somebody has removed the run: what was known of it is all that there is. */
static gboolean
is_gone (const char *folder)
{
  g_autofree char *plan = g_build_filename (folder, "plan.json", NULL);

  return !g_file_test (plan, G_FILE_TEST_EXISTS);
}

/* Runs that are all to end: the mean of what they came to. */
static void
read_whole_runs (const AttuneSearch *self, AttuneSearchTrial *trial)
{
  const guint parts = attune_search_count_parts (self);
  g_autofree double *scores = g_new (double, parts);
  double base = 0;

  trial->pending = FALSE;
  for (guint i = 0; i < parts && !trial->pending; i++)
    {
      g_autofree char *folder = i < trial->runs->len
                                    ? attune_search_get_run_folder (self, trial->runs->pdata[i])
                                    : NULL;
      const Outcome outcome = folder != NULL ? read_outcome (folder) : (Outcome) { 0 };

      scores[i] = outcome.best_loss;
      base += outcome.base_loss / parts;
      if (folder != NULL && is_gone (folder))
        {
          trial->score = isnan (trial->kept[0]) ? INFINITY : trial->kept[0];
          trial->lo = trial->kept[1];
          trial->hi = trial->kept[2];
          return;
        }
      if (outcome.lost) /* the others would not change it */
        {
          trial->score = INFINITY;
          return;
        }
      trial->pending = !outcome.ended;
    }
  if (!trial->pending)
    {
      trial->score = attune_search_mean (scores, parts, &trial->lo, &trial->hi);
      trial->base = base;
      trial->kept[0] = trial->score;
      trial->kept[1] = trial->lo;
      trial->kept[2] = trial->hi;
    }
}

/* The lowest validation loss up to @step; the base's is not the run's. */
static double
find_loss (const AttuneRunCurves *curves, gint64 step)
{
  double lowest = INFINITY;

  for (guint i = 0; i < curves->validations->len; i++)
    {
      const AttuneValidationPoint *point
          = &g_array_index (curves->validations, AttuneValidationPoint, i);

      if (point->step > 0 && point->step <= step && point->loss < lowest)
        lowest = point->loss;
    }
  return lowest;
}

static gint64
last_validated (const AttuneRunCurves *curves)
{
  const guint n = curves->validations->len;

  return n > 0 ? g_array_index (curves->validations, AttuneValidationPoint, n - 1).step : 0;
}

/* A run that is stopped on its way. */
static void
read_halving_run (const AttuneSearch *self, AttuneSearchTrial *trial)
{
  g_autofree char *folder
      = trial->runs->len > 0 ? attune_search_get_run_folder (self, trial->runs->pdata[0]) : NULL;
  g_autoptr (AttuneRunPlan) plan = folder != NULL ? attune_run_plan_read (folder, NULL) : NULL;
  g_autoptr (JsonNode) started = folder != NULL ? attune_run_find_event (folder, "started") : NULL;
  g_autoptr (AttuneRunCurves) curves = attune_run_curves_new ();
  AttuneHalvingTrial *halving = &trial->halving;
  Outcome outcome = folder != NULL ? read_outcome (folder) : (Outcome) { 0 };
  gint64 steps, every, step = 0;

  outcome.lost = outcome.lost || (folder != NULL && is_gone (folder));
  trial->base = outcome.base_loss;
  trial->pending = folder == NULL || !(outcome.ended || outcome.lost);
  if (plan != NULL && started != NULL)
    {
      steps = attune_json_get_int (json_node_get_object (started), "steps");
      every = attune_plan_get_values (plan->plan)->validate_every;
      attune_run_curves_read (curves, folder, NULL);
      while (halving->n_rungs < ATTUNE_SEARCH_RUNGS
             && (outcome.ended
                 || last_validated (curves)
                        >= attune_search_rung_step (steps, every, halving->n_rungs)))
        {
          step = attune_search_rung_step (steps, every, halving->n_rungs);
          halving->scores[halving->n_rungs++] = find_loss (curves, step);
        }
      /* one that is past its rung has been interrupted on its way to the next; how it ended there,
         be it by a crash, is all the same */
      if (halving->n_rungs > 0 && curves->steps->len > 0
          && g_array_index (curves->steps, AttuneCurvePoint, curves->steps->len - 1).step <= step
          && attune_run_get_state (folder) != ATTUNE_RUN_RUNNING)
        trial->pending = FALSE;
    }
  if (outcome.lost && halving->n_rungs < ATTUNE_SEARCH_RUNGS)
    halving->scores[halving->n_rungs++] = INFINITY;
  if (halving->n_rungs > 0)
    trial->score = halving->scores[halving->n_rungs - 1];
}

void
attune_search_read_runs (AttuneSearch *self)
{
  for (guint i = 0; i < self->trials->len; i++)
    {
      AttuneSearchTrial *trial = self->trials->pdata[i];

      if (isfinite (trial->score) && self->strategy != ATTUNE_SEARCH_HALVING)
        continue; /* it has ended */
      trial->score = trial->lo = trial->hi = trial->base = NAN;
      trial->pending = FALSE;
      trial->halving = (AttuneHalvingTrial) { 0 };
      if (trial->refused != NULL)
        {
          trial->score = INFINITY;
          trial->halving = (AttuneHalvingTrial) { 1, { INFINITY } };
        }
      else if (self->strategy == ATTUNE_SEARCH_HALVING)
        read_halving_run (self, trial);
      else
        read_whole_runs (self, trial);
    }
}

/* @passed: (nullable) (array): those that are not asked for */
static int
find_best_of (const AttuneSearch *self, const gboolean *passed)
{
  int best = -1;

  for (guint i = 0; i < self->trials->len; i++)
    {
      const AttuneSearchTrial *trial = self->trials->pdata[i],
                              *other = best >= 0 ? self->trials->pdata[best] : NULL;

      if (!isfinite (trial->score) || (passed != NULL && passed[i]))
        continue;
      if (other == NULL || trial->halving.n_rungs > other->halving.n_rungs
          || (trial->halving.n_rungs == other->halving.n_rungs && trial->score < other->score))
        best = i;
    }
  return best;
}

int
attune_search_find_best (const AttuneSearch *self)
{
  return find_best_of (self, NULL);
}

static gboolean
has_run (const AttuneSearch *self, const char *name)
{
  for (guint i = 0; i < self->trials->len; i++)
    {
      const AttuneSearchTrial *trial = self->trials->pdata[i];

      for (guint j = 0; trial->runs != NULL && j < trial->runs->len; j++)
        if (g_str_equal (trial->runs->pdata[j], name))
          return TRUE;
    }
  return FALSE;
}

/* Returns: (transfer full) (nullable): the folder of a run of @trial that has weights. Where it is
 * several runs, each of another part of the records, they are as good. */
static char *
find_kept_run (const AttuneSearch *self, const AttuneSearchTrial *trial)
{
  for (guint i = 0; trial->runs != NULL && i < trial->runs->len; i++)
    {
      g_autofree char *folder = attune_search_get_run_folder (self, trial->runs->pdata[i]),
                      *checkpoint = g_build_filename (folder, "checkpoint.h5", NULL);

      if (g_file_test (checkpoint, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&folder);
    }
  return NULL;
}

char *
attune_project_get_used_run (AttuneProject *project, const char *name, GError **error)
{
  g_autofree char *latest = attune_project_get_run (project, name, error), *base = NULL;
  g_autofree gboolean *passed = NULL;
  g_autoptr (AttuneSearch) search = NULL;

  if (latest == NULL || name != NULL)
    return g_steal_pointer (&latest);
  base = g_path_get_basename (latest);
  if ((search = attune_search_open (project, NULL, NULL)) == NULL || !has_run (search, base))
    return g_steal_pointer (&latest);
  passed = g_new0 (gboolean, search->trials->len + 1);
  for (int best; (best = find_best_of (search, passed)) >= 0; passed[best] = TRUE)
    {
      char *folder = find_kept_run (search, search->trials->pdata[best]);

      if (folder != NULL)
        return folder;
    }
  return g_steal_pointer (&latest);
}
