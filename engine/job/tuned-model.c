/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opens a base and what a run has made of it together.
 */
#include "job/tuned-model.h"

#include "job/run-folder.h"
#include "plan/estimate.h"
#include "tune/checkpoint.h"

#include <string.h>

/* FALSE where the run has nothing to load yet, or its model has been exchanged. */
static gboolean
check_run (AttuneTunedModel *self, const char *run, const char *checkpoint, GError **error)
{
  const char *hash;

  if (!g_file_test (checkpoint, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                   "The run “%s” has not learned anything yet: it has no checkpoint. Let it go on "
                   "first: attunectl tune "
                   "--resume.",
                   run);
      return FALSE;
    }
  if ((hash = attune_model_get_hash (self->model, error)) == NULL)
    return FALSE;
  return attune_run_plan_check_model (self->plan, hash, error);
}

/* Weights of the base that learned, in their place. */
static gboolean
load_weights (AttuneTunedModel *self, const char *checkpoint, GError **error)
{
  AttuneBaseParts parts;

  if (!attune_plan_get_parts (self->plan->plan, &self->decoder->config, &parts, error))
    return FALSE;
  self->parameters
      = attune_checkpoint_read_weights (checkpoint, self->decoder, &parts, &self->step, error);
  if (!parts.biases && !parts.some_layers)
    attune_model_release_pages (self->model);
  return self->parameters != NULL;
}

static gboolean
load_labels (AttuneTunedModel *self, const char *checkpoint, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autofree char *json = NULL;

  self->scores = attune_objective_scores (attune_plan_get_values (self->plan->plan)->objective);
  self->lora.n_labels
      = self->scores
        || attune_plan_get_values (self->plan->plan)->objective == ATTUNE_OBJECTIVE_PPO;
  if (!attune_objective_labels (attune_plan_get_values (self->plan->plan)->objective))
    return TRUE;
  json = attune_checkpoint_read_labels (checkpoint, &reason);
  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  else if ((self->labels = attune_labels_of_json (json != NULL ? json : "", error)) != NULL)
    self->lora.n_labels = attune_labels_count (self->labels);
  return self->labels != NULL;
}

static gboolean
load_run (AttuneTunedModel *self, const char *run, GError **error)
{
  g_autofree char *checkpoint = g_build_filename (run, "checkpoint.h5", NULL);

  if (!check_run (self, run, checkpoint, error))
    return FALSE;
  if (!attune_method_adapts (attune_plan_get_values (self->plan->plan)->method))
    return load_weights (self, checkpoint, error);
  if (!attune_plan_get_lora (self->plan->plan, &self->lora, error)
      || !load_labels (self, checkpoint, error))
    return FALSE;
  self->step = attune_run_read_step (run);
  self->parameters
      = attune_checkpoint_read_adapter (checkpoint, TRUE, self->decoder, &self->lora, error);
  if (self->labels == NULL && !self->scores)
    {
      /* what PPO expected is of no use to others */
      self->lora.n_labels = 0;
      self->decoder->labels = (AttuneLabelHead) { 0 };
    }
  if (self->labels != NULL)
    attune_labels_fill_loss (self->labels, &self->decoder->labels.loss);
  return self->parameters != NULL;
}

AttuneTunedModel *
attune_tuned_model_open (const char *model, const char *run, int threads, GError **error)
{
  g_autoptr (AttuneTunedModel) self = g_new0 (AttuneTunedModel, 1);

  g_return_val_if_fail (model != NULL || run != NULL, NULL);

  if (run != NULL && (self->plan = attune_run_plan_read (run, error)) == NULL)
    return NULL;
  if (model == NULL)
    model = self->plan->model_path;
  if ((self->model = attune_model_open (model, error)) == NULL)
    return NULL;
  self->be = attune_backend_cpu_new (threads);
  self->decoder = attune_decoder_new (attune_model_get_config (self->model), self->be,
                                      attune_model_lookup, self->model, error);
  if (self->decoder == NULL || (run != NULL && !load_run (self, run, error)))
    return NULL;
  return g_steal_pointer (&self);
}

void
attune_tuned_model_free (AttuneTunedModel *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->labels, attune_labels_free);
  g_clear_pointer (&self->parameters, attune_parameters_free);
  g_clear_pointer (&self->decoder, attune_decoder_free);
  g_clear_pointer (&self->be, attune_backend_free);
  g_clear_pointer (&self->model, attune_model_close);
  g_clear_pointer (&self->plan, attune_run_plan_free);
  g_free (self);
}
