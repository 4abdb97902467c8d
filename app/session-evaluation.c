/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Evaluations: made by attunectl, listed and read in a thread.
 */
#include "session-private.h"

#include "core/settings.h"

#include <glib/gi18n.h>

/* A token of an answer takes about as long as so many tokens of tuning: measured with 50 answers of
 * 96 tokens and a model of 135 million parameters on two cores, 1.4. */
#define ANSWER_COST 1.5

/* --- reading */

typedef struct
{
  char **paths; /* of all evaluations */
  char *wanted; /* (nullable): the one to be looked at; else the newest */
  GPtrArray *list;
  char *path; /* what was read */
  AttuneEvaluation *evaluation;
  AttuneRatings *ratings;
  char *problem, *ratings_problem;
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_strfreev (reading->paths);
  g_free (reading->wanted);
  g_clear_pointer (&reading->list, g_ptr_array_unref);
  g_free (reading->path);
  g_clear_pointer (&reading->evaluation, attune_evaluation_free);
  g_clear_pointer (&reading->ratings, attune_ratings_free);
  g_free (reading->problem);
  g_free (reading->ratings_problem);
  g_free (reading);
}

/* The one that is wanted, or the newest that can be read. */
static const AttuneEvaluationSummary *
choose (Reading *reading)
{
  const AttuneEvaluationSummary *chosen = NULL;

  for (guint i = reading->list->len; i-- > 0;)
    {
      const AttuneEvaluationSummary *one = g_ptr_array_index (reading->list, i);

      if (one->problem == NULL
          && (chosen == NULL || g_strcmp0 (chosen->path, reading->wanted) != 0))
        chosen = one;
    }
  return chosen;
}

static void
read_evaluations (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;
  const AttuneEvaluationSummary *newest, *chosen;
  g_autoptr (GError) error = NULL, ratings_error = NULL;

  reading->list = attune_evaluation_list_read ((const char *const *) reading->paths);
  newest = reading->list->len > 0 ? g_ptr_array_index (reading->list, 0) : NULL;
  if (newest != NULL)
    reading->problem = g_strdup (newest->problem);
  if ((chosen = choose (reading)) != NULL)
    {
      reading->path = g_strdup (chosen->path);
      reading->evaluation = attune_evaluation_read (chosen->path, &error);
      if (reading->evaluation == NULL)
        g_set_str (&reading->problem, error->message);
      else
        reading->ratings = attune_ratings_read (chosen->path, reading->evaluation, &ratings_error);
      if (ratings_error != NULL)
        reading->ratings_problem = g_strdup (ratings_error->message);
    }
  g_task_return_boolean (task, TRUE);
}

static void
evaluations_read (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneSession *self = ATTUNE_SESSION (source);
  Reading *reading = g_task_get_task_data (G_TASK (result));

  if (self->closed || self->evaluation_task != G_TASK (result))
    return;
  self->evaluation_task = NULL;
  if (reading->problem != NULL)
    attune_session_fail (self, ATTUNE_STAGE_EVALUATE, reading->problem);
  g_clear_pointer (&self->evaluations, g_ptr_array_unref);
  self->evaluations = g_steal_pointer (&reading->list);
  g_clear_pointer (&self->evaluation, attune_evaluation_free);
  self->evaluation = g_steal_pointer (&reading->evaluation);
  g_free (self->evaluation_path);
  self->evaluation_path = self->evaluation != NULL ? g_steal_pointer (&reading->path) : NULL;
  attune_session_take_ratings (self, g_steal_pointer (&reading->ratings), reading->ratings_problem);
  attune_session_changed (self);
}

static void
load (AttuneSession *self, const char *wanted)
{
  Reading *reading = g_new0 (Reading, 1);
  g_autoptr (GTask) task = g_task_new (self, NULL, evaluations_read, NULL);

  reading->paths = attune_project_list_evaluations (self->project);
  reading->wanted = g_strdup (wanted);
  g_task_set_task_data (task, reading, reading_free);
  self->evaluation_task = task; /* what was begun before comes too late */
  g_task_run_in_thread (task, read_evaluations);
}

void
attune_session_load_evaluation (AttuneSession *self)
{
  load (self, self->evaluation_path);
}

void
attune_session_show_evaluation (AttuneSession *self, const char *path)
{
  g_return_if_fail (ATTUNE_IS_SESSION (self) && path != NULL);

  if (g_strcmp0 (path, self->evaluation_path) != 0)
    load (self, path);
}

const GPtrArray *
attune_session_get_evaluations (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->evaluations;
}

const AttuneEvaluation *
attune_session_get_evaluation (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->evaluation;
}

const char *
attune_session_get_evaluation_path (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return self->evaluation_path;
}

/* --- making */

static void
evaluated (AttuneSession *self, gboolean good)
{
  if (!good)
    return;
  load (self, NULL);
  g_signal_emit_by_name (self, "stage-ended", ATTUNE_STAGE_EVALUATE, _ ("The evaluation is done"));
}

void
attune_session_evaluate (AttuneSession *self, AttuneSplit split, guint n_answers,
                         guint answer_tokens)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_autofree char *answers = g_strdup_printf ("%u", n_answers),
                  *tokens = g_strdup_printf ("%u", answer_tokens);

  g_return_if_fail (ATTUNE_IS_SESSION (self) && answer_tokens > 0);
  g_return_if_fail (split == ATTUNE_SPLIT_TEST || split == ATTUNE_SPLIT_VALIDATION);

  if (!attune_session_may_begin (self, ATTUNE_STAGE_EVALUATE))
    return;
  g_strv_builder_add_many (words, "evaluate", attune_project_get_path (self->project), "--json",
                           "--answers", answers, "--answer-tokens", tokens, "--split",
                           split == ATTUNE_SPLIT_TEST ? "test" : "validation", NULL);
  attune_session_run_program (self, ATTUNE_STAGE_EVALUATE, g_strv_builder_end (words), evaluated);
}

double
attune_session_get_evaluate_seconds (AttuneSession *self, AttuneSplit split, guint n_answers,
                                     guint answer_tokens)
{
  guint64 n_records;
  double seconds = -1, tokens;

  g_return_val_if_fail (ATTUNE_IS_SESSION (self) && split < ATTUNE_N_SPLITS, -1);

  n_records = self->data != NULL ? self->data->splits[split] : 0;
  if (n_records == 0)
    return -1;
  if (self->evaluations != NULL)
    seconds = attune_evaluation_list_estimate (self->evaluations, n_records, n_answers);
  if (seconds >= 0 || self->speed <= 0 || !self->has_facts || self->facts.n_train == 0)
    return seconds;
  /* Scoring is the forward third of a step of tuning. */
  tokens = (double) n_records * self->facts.train_tokens / self->facts.n_train / 3
           + MIN (n_answers, n_records) * (double) answer_tokens * ANSWER_COST;
  return 2 * tokens / self->speed; /* base and tuned */
}
