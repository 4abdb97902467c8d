/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a run takes before its first step, and gives back after its last.
 */
#include "nn/quantise-base.h"
#include "core/settings.h"
#include "plan/policy.h"
#include "tune/policy.h"
#include "tune/reward-model.h"

/* Of a step. */
static int
count_samples (const AttunePlanValues *plan)
{
  return attune_objective_prefers (plan->objective) ? 3 * plan->batch_size
                                                    : attune_plan_count_samples (plan);
}

void
attune_trainer_clear (AttuneTrainer *self)
{
  AttuneTensor *vectors[] = { &self->best, &self->average, &self->optimizer };
  /* What the optimizer remembers in shared memory goes with that. */
  const guint n_vectors
      = G_N_ELEMENTS (vectors)
        - ((self->ranks != NULL && self->plugin == NULL) || self->plan->paged_optimizer);

  if (self->policy != NULL)
    attune_policy_clear (self);
  g_clear_pointer (&self->generator, attune_generator_free);
  g_clear_pointer (&self->activations, attune_activations_free);
  g_clear_pointer (&self->pack, attune_pack_free);
  attune_trainer_free_mirrors (self);
  for (guint i = 0; i < n_vectors; i++)
    if (vectors[i]->data != NULL)
      self->be->release (self->be, vectors[i]->data, vectors[i]->dims[0] * sizeof (float));
  if (self->plan->paged_optimizer)
    attune_trainer_release_pages (self);
  attune_trainer_clear_earlier (self);
  attune_trainer_clear_counterparts (self);
  g_clear_pointer (&self->parameters, attune_parameters_free);
  g_clear_pointer (&self->decoder, attune_decoder_free);
  g_clear_pointer (&self->be, attune_backend_free);
  for (int i = 0; self->samples != NULL && i < count_samples (self->plan); i++)
    attune_sample_clear (&self->samples[i]);
  attune_trainer_clear_pairs (self);
  attune_trainer_clear_labels (self);
  attune_trainer_clear_cards (self);
  g_free (self->samples);
  g_free (self->order);
  g_free (self->chosen);
  g_free (self->losses);
  g_free ((char *) self->state.plan);
  g_free (self->key);
}

static gboolean
take_vector (AttuneTrainer *self, AttuneTensor *vector, gint64 count, GError **error)
{
  *vector = (AttuneTensor) { NULL, 1, { count } };
  vector->data = self->be->alloc (self->be, count * sizeof (float));
  return vector->data != NULL || attune_backend_sync (self->be, error);
}

/* An adapter, whose best state is kept in memory. */
static gboolean
add_adapter (AttuneTrainer *self, GError **error)
{
  g_autofree float *starts = NULL;
  g_autoptr (AttuneDecoder) stored = NULL;
  g_autoptr (GError) reason = NULL;
  AttuneLoraConfig lora;

  if (!attune_plan_get_lora (self->plan_object, &lora, error))
    return FALSE;
  if (lora.principal && self->resume)
    lora.starts = starts = attune_checkpoint_read_starts (
        self->checkpoint_path,
        attune_lora_extra_bytes (&self->decoder->config, &lora) / sizeof (float), &reason);
  if (reason != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  if (self->plan->adapter_start == ATTUNE_ADAPTER_START_LOFTQ && lora.principal
      && (lora.stored = stored
          = attune_decoder_new (attune_model_get_config (self->model), self->be,
                                attune_model_lookup, self->model, error))
             == NULL)
    return FALSE;
  lora.n_labels = self->labels != NULL ? (int) attune_labels_count (self->labels)
                  : attune_objective_scores (self->plan->objective)
                          || self->plan->objective == ATTUNE_OBJECTIVE_PPO
                      ? 1
                      : 0;
  self->parameters = attune_decoder_add_lora (self->decoder, &lora, self->plan->seed, TRUE, error);
  if (stored != NULL)
    attune_model_release_pages (self->model);
  return self->parameters != NULL
         && (self->rank > 0 || take_vector (self, &self->best, self->parameters->count, error));
}

static void
release_pages (gpointer model)
{
  attune_model_release_pages (model);
}

/* Weights of the base. Where they are all, the stored ones have been read for the last time. */
static gboolean
train_base (AttuneTrainer *self, GError **error)
{
  AttuneBaseParts parts;

  if (!attune_plan_get_parts (self->plan_object, &self->decoder->config, &parts, error))
    return FALSE;
  self->parameters = attune_decoder_train_parts (self->decoder, &parts, TRUE, error);
  if (!parts.biases && !parts.some_layers)
    attune_model_release_pages (self->model);
  return self->parameters != NULL;
}

/* Where the plan says so, 4-bit copies take the place of the weights, layer by layer, so that the
 * stored ones are never all in memory. */
static gboolean
quantise_base (AttuneTrainer *self, GError **error)
{
  const AttuneType type = attune_plan_get_base_type (self->plan_object);

  if (type == ATTUNE_TYPE_F32)
    return TRUE;
  if (!attune_decoder_quantise_base (self->decoder, type, release_pages, self->model, error))
    return FALSE;
  if (self->decoder->n_quantised == 0 && self->funcs->on_message != NULL)
    self->funcs->on_message (self->funcs_data,
                             "The model's file holds it in a few bits already, so it stays as it "
                             "is stored.");
  return TRUE;
}

static gboolean
begin_average (AttuneTrainer *self, GError **error)
{
  if (!take_vector (self, &self->average, self->parameters->count, error))
    return FALSE;
  self->be->copy (self->be, &self->average, &self->parameters->values);
  return attune_backend_sync (self->be, error);
}

/* Room for what the optimizer remembers. */
static gboolean
take_optimizer (AttuneTrainer *self, GError **error)
{
  self->remembered_count = self->parameters->grads.dims[0];
  if (self->ranks != NULL)
    return attune_trainer_share_memory (self, error);
  if (self->plan->paged_optimizer)
    return attune_trainer_page_optimizer (self, attune_trainer_count_optimizer (self), error);
  return take_vector (self, &self->optimizer, attune_trainer_count_optimizer (self), error);
}

static gboolean
set_up_decoder (AttuneTrainer *self, GError **error)
{
  if (!attune_trainer_open_device (self, error))
    return FALSE;
  self->decoder = attune_decoder_new (attune_model_get_config (self->model), self->be,
                                      attune_model_lookup, self->model, error);
  return self->decoder != NULL
         && attune_plan_check_model (self->plan_object, &self->decoder->config, error)
         && quantise_base (self, error)
         && (attune_method_adapts (self->plan->method) ? add_adapter (self, error)
                                                       : train_base (self, error))
         && take_optimizer (self, error)
         && (self->plan->ema_decay == 0 || begin_average (self, error))
         && attune_decoder_keep_base (self->decoder, error);
}

/* Who writes the answers to look at, or all those that are learned from: these as exactly as they
 * are learned. */
static gboolean
make_generator (AttuneTrainer *self, GError **error)
{
  const AttunePlanValues *plan = self->plan;
  const gboolean writes = attune_objective_writes (plan->objective);
  AttuneTokenizer *tokenizer = attune_model_get_tokenizer (self->model);
  const AttuneGeneratorOptions options
      = { .stop
          = attune_chat_template_get_stop (attune_model_get_template (self->model), tokenizer),
          .n_parallel = writes ? attune_policy_count_parallel (plan) : 1,
          .capacity
          = writes ? self->facts.max_tokens : self->facts.max_tokens + ATTUNE_SAMPLE_ANSWER_TOKENS,
          .exact = writes,
          .lean = TRUE };

  if (!writes
      && (plan->samples == 0 || self->facts.n_validation == 0 || self->rank > 0
          || self->labels != NULL || attune_objective_scores (plan->objective)))
    return TRUE;
  self->generator = attune_generator_new (self->decoder, tokenizer, &options, error);
  return self->generator != NULL;
}

/* By what other runs open a reward model. */
static gboolean
describe_rewards (AttuneTrainer *self, GError **error)
{
  g_autoptr (JsonNode) settings = attune_settings_to_json (G_OBJECT (self->plan_object));

  self->state.plan = json_to_string (settings, FALSE);
  self->state.model = attune_model_get_hash (self->model, error);
  return self->state.model != NULL;
}

gboolean
attune_trainer_set_up (AttuneTrainer *self, GError **error)
{
  const AttuneDecoderConfig *config = attune_model_get_config (self->model);
  const AttunePlanValues *plan = self->plan;
  const gboolean prefers = attune_objective_prefers (plan->objective);
  AttuneStepShape shape;
  AttuneTensor moments;

  if (!attune_dataset_check_reader (self->dataset, attune_model_get_tokenizer (self->model),
                                    attune_model_get_template (self->model), error)
      || !attune_data_facts (self->dataset, attune_objective_labels (plan->objective), &self->facts,
                             error)
      || (attune_objective_labels (plan->objective) && !attune_trainer_set_up_labels (self, error)))
    return FALSE;
  self->facts = attune_plan_facts (plan, &self->facts);
  if (self->facts.n_train == 0 || self->facts.target_tokens == 0)
    {
      g_set_error_literal (
          error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_DATA,
          prefers ? "There is nothing to learn from: no record for training has a better and a "
                    "worse answer. Import a table with the columns prompt, chosen and rejected, "
                    "and prepare the data again."
          : attune_objective_labels (plan->objective)
              ? "There is nothing to learn from: no record for training has a label. Import a "
                "table with a column of labels, and prepare the data again."
              : "There is nothing to learn from: no record is left for training. Prepare the "
                "data again with milder cleaning or more rows.");
      return FALSE;
    }
  if (!attune_trainer_open_earlier (self, error) || !attune_trainer_open_counterparts (self, error)
      || (self->rank == 0
          && (self->key
              = attune_run_key (self->plan_object, self->model, self->dataset, self->earlier,
                                self->term_pairs, attune_trainer_get_label_key (self), error))
                 == NULL))
    return FALSE;
  if (!set_up_decoder (self, error))
    return FALSE;
  if (!attune_plan_model_step_shape (self->plan_object, config, &self->facts, &shape, error))
    return FALSE;
  self->round = -1;
  self->max_tokens = shape.max_tokens;
  self->activations = attune_activations_new (self->be, config, &shape, error);
  if (self->activations == NULL)
    return FALSE;
  self->pack
      = attune_pack_new (shape.max_tokens, !shape.dropout && attune_plan_find_noise (plan) == 0);
  if (!make_generator (self, error))
    return FALSE;
  self->decoder->noise = attune_plan_find_noise (plan);
  self->decoder->smoothing
      = prefers || attune_objective_writes (plan->objective) ? 0 : plan->label_smoothing;
  self->n_steps = attune_schedule_steps (plan, self->facts.n_train);
  self->order = g_new (guint32, self->facts.n_train);
  self->order_epoch = -1;
  self->chosen = g_new (guint32, plan->batch_size);
  self->samples = g_new0 (AttuneSample, count_samples (plan));
  self->losses = g_new (double, shape.max_tokens);
  moments = attune_trainer_all_moments (self);
  self->state
      = (AttuneCheckpoint) { .count = self->parameters->count,
                             .values = self->parameters->values.data,
                             .best = self->best.data,
                             .average = self->average.data,
                             .state_count = moments.dims[0],
                             .state = moments.data,
                             .starts = self->decoder->starts.data,
                             .starts_count = self->decoder->starts.dims[0],
                             .labels = self->labels_json,
                             .kl_weight
                             = attune_objective_writes (plan->objective) ? plan->kl_weight : 0,
                             .key = self->key };
  if (self->labels != NULL)
    attune_trainer_set_up_head (self);
  if (attune_objective_scores (plan->objective) && !describe_rewards (self, error))
    return FALSE;
  if (attune_objective_writes (plan->objective) && !attune_policy_set_up (self, error))
    return FALSE;
  attune_trainer_mirror_state (self);
  if (!attune_trainer_count_counterparts (self, error)
      || !attune_trainer_set_up_earlier (self, error))
    return FALSE;
  return !prefers || attune_trainer_set_up_pairs (self, error);
}
