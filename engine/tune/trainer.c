/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The run: set-up, the loop of steps, validation, checkpoints, early stopping.
 */
#include "tune/trainer-private.h"

#include "core/settings.h"
#include "nn/quantise-base.h"

/* Of a step. */
static int
count_samples (const AttunePlanValues *plan)
{
  return attune_objective_prefers (plan->objective) ? 3 * plan->batch_size
                                                    : attune_plan_count_samples (plan);
}

static void
trainer_clear (AttuneTrainer *self)
{
  AttuneTensor *vectors[] = { &self->best, &self->average, &self->optimizer };
  /* What the optimizer remembers in shared memory goes with that. */
  const guint n_vectors
      = G_N_ELEMENTS (vectors) - (self->ranks != NULL || self->plan->paged_optimizer);

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
  g_free (self->samples);
  g_free (self->order);
  g_free (self->chosen);
  g_free (self->losses);
  g_free (self->key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneTrainer, trainer_clear)

/* Runs that are older than these settings go on where nobody has changed them. */
static void
leave_out_newer (GObject *plan, JsonObject *settings)
{
  static const char *const newer[] = { "ranks",
                                       "lora-plus-ratio",
                                       "base-type",
                                       "double-quantisation",
                                       "layers",
                                       "rounds",
                                       "objective",
                                       "preference-loss",
                                       "preference-beta",
                                       "simpo-gamma",
                                       "desirable-weight",
                                       "optimizer",
                                       "undesirable-weight",
                                       "adapter-start",
                                       "label-weights",
                                       "effective-beta",
                                       "focal-gamma",
                                       "replay-share",
                                       "ewc-weight",
                                       "ewc-samples",
                                       "virtual-tokens",
                                       "counterfactuals",
                                       "gap-weight",
                                       "cycles",
                                       "folds",
                                       "fold",
                                       "paged-optimizer",
                                       "ema-decay",
                                       "neftune-alpha",
                                       "label-smoothing" };

  for (guint i = 0; i < G_N_ELEMENTS (newer); i++)
    {
      GParamSpec *setting = g_object_class_find_property (G_OBJECT_GET_CLASS (plan), newer[i]);
      g_auto (GValue) value = G_VALUE_INIT;

      g_object_get_property (plan, newer[i], &value);
      if (g_param_value_defaults (setting, &value))
        json_object_remove_member (settings, newer[i]);
    }
}

/* All that the bits of a run depend on. A checkpoint with another key is not this run's. */
static char *
run_key (AttunePlan *plan, AttuneModel *model, AttuneDataset *dataset, const AttuneEarlier *earlier,
         const AttuneTermPairs *terms, GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (JsonNode) settings = attune_settings_to_json (G_OBJECT (plan));
  g_autofree char *text = NULL;
  const char *model_hash = attune_model_get_hash (model, error);

  leave_out_newer (G_OBJECT (plan), json_node_get_object (settings));
  /* A run goes on wherever there is something to compute with. */
  json_object_remove_member (json_node_get_object (settings), "device");
  json_object_remove_member (json_node_get_object (settings), "precision");
  /* What it says counts, not where it lies. */
  json_object_remove_member (json_node_get_object (settings), "earlier");
  json_object_remove_member (json_node_get_object (settings), "term-pairs");
  text = json_to_string (settings, FALSE);

  if (model_hash == NULL)
    return NULL;
  g_checksum_update (sum, (const guchar *) text, -1);
  g_checksum_update (sum, (const guchar *) model_hash, -1);
  g_checksum_update (sum, (const guchar *) attune_dataset_get_hash (dataset), -1);
  if (earlier != NULL)
    g_checksum_update (sum, (const guchar *) attune_earlier_get_hash (earlier), -1);
  if (terms != NULL && attune_plan_exchanges (attune_plan_get_values (plan)))
    g_checksum_update (sum, (const guchar *) attune_term_pairs_get_hash (terms), -1);
  return g_strdup (g_checksum_get_string (sum));
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
  lora.n_labels = self->labels != NULL ? (int) self->labels->names->len : 0;
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
  if (self->ranks != NULL)
    return attune_trainer_share_memory (self, error);
  if (self->plan->paged_optimizer)
    return attune_trainer_page_optimizer (self, attune_trainer_count_optimizer (self), error);
  return take_vector (self, &self->optimizer, attune_trainer_count_optimizer (self), error);
}

static gboolean
set_up_decoder (AttuneTrainer *self, GError **error)
{
  attune_trainer_open_device (self);
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

static gboolean
set_up (AttuneTrainer *self, GError **error)
{
  const AttuneDecoderConfig *config = attune_model_get_config (self->model);
  const AttunePlanValues *plan = self->plan;
  const gboolean prefers = attune_objective_prefers (plan->objective);
  AttuneStepShape shape;

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
          && (self->key = run_key (self->plan_object, self->model, self->dataset, self->earlier,
                                   self->term_pairs, error))
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
  self->pack = attune_pack_new (shape.max_tokens, !shape.dropout && plan->neftune_alpha == 0);
  if (plan->samples > 0 && self->facts.n_validation > 0 && self->rank == 0 && self->labels == NULL)
    {
      AttuneTokenizer *tokenizer = attune_model_get_tokenizer (self->model);
      const AttuneGeneratorOptions options
          = { .stop
              = attune_chat_template_get_stop (attune_model_get_template (self->model), tokenizer),
              .n_parallel = 1,
              .capacity = self->facts.max_tokens + ATTUNE_SAMPLE_ANSWER_TOKENS,
              .lean = TRUE };

      self->generator = attune_generator_new (self->decoder, tokenizer, &options, error);
      if (self->generator == NULL)
        return FALSE;
    }
  self->decoder->noise = plan->neftune_alpha;
  self->decoder->smoothing = prefers ? 0 : plan->label_smoothing;
  self->n_steps = attune_schedule_steps (plan, self->facts.n_train);
  self->order = g_new (guint32, self->facts.n_train);
  self->order_epoch = -1;
  self->chosen = g_new (guint32, plan->batch_size);
  self->samples = g_new0 (AttuneSample, count_samples (plan));
  self->losses = g_new (double, shape.max_tokens);
  self->state = (AttuneCheckpoint) { .count = self->parameters->count,
                                     .values = self->parameters->values.data,
                                     .best = self->best.data,
                                     .average = self->average.data,
                                     .state_count = self->optimizer.dims[0],
                                     .state = self->optimizer.data,
                                     .starts = self->decoder->starts.data,
                                     .starts_count = self->decoder->starts.dims[0],
                                     .labels = self->labels_json,
                                     .key = self->key };
  if (self->labels != NULL)
    attune_trainer_set_up_head (self);
  attune_trainer_mirror_state (self);
  if (!attune_trainer_count_counterparts (self, error)
      || !attune_trainer_set_up_earlier (self, error))
    return FALSE;
  return !prefers || attune_trainer_set_up_pairs (self, error);
}

static gboolean
save (AttuneTrainer *self, GError **error)
{
  if (self->rank > 0)
    return TRUE;
  attune_trainer_fetch_state (self);
  if (!attune_backend_sync (self->be, error)
      || !attune_checkpoint_save (self->checkpoint_path, &self->state, error))
    return FALSE;
  if (self->best.data == NULL)
    attune_best_weights_keep (self->checkpoint_path, self->state.best_step, self->state.best_step);
  self->saved_best_step = self->state.best_step;
  if (self->funcs->on_checkpoint != NULL)
    self->funcs->on_checkpoint (self->funcs_data, self->state.step);
  return TRUE;
}

static gboolean
ask (const AttuneTrainer *self, gboolean (*question) (gpointer data))
{
  return question != NULL && question (self->funcs_data);
}

/* The mean over the steps so far, in which older ones fade: about the last tenth of the run counts.
 */
static void
track_train_loss (AttuneTrainer *self, const AttuneStepEvent *event)
{
  const double weight = 1.0 / MIN ((double) event->step, MAX (10, self->n_steps / 10.0));

  self->state.train_loss += weight * (event->loss - self->state.train_loss);
}

static gboolean
every (gint64 step, gint64 interval, gint64 n_steps)
{
  return step == n_steps || (interval > 0 && step % interval == 0);
}

/* Of the average, where one is kept. */
static gboolean
look_at (AttuneTrainer *self, GError **error)
{
  gboolean done;

  attune_trainer_swap_average (self);
  done = attune_trainer_validate (self, error) && attune_trainer_probe (self, error)
         && attune_trainer_show_samples (self, error);
  attune_trainer_swap_average (self);
  return done && attune_backend_sync (self->be, error);
}

static gboolean
one_step (AttuneTrainer *self, gboolean *validated, GError **error)
{
  const AttunePlanValues *plan = self->plan;
  const gint64 validate_every
      = plan->validate_every > 0 ? plan->validate_every : MAX (1, (self->n_steps + 4) / 5);
  AttuneStepEvent event;

  if (!attune_trainer_step (self, &event, error))
    return FALSE;
  self->state.seconds += event.seconds;
  event.seconds_left = self->state.seconds / event.step * (self->n_steps - event.step);
  track_train_loss (self, &event);
  if (self->funcs->on_step != NULL)
    self->funcs->on_step (self->funcs_data, &event);

  *validated = every (event.step, validate_every, self->n_steps);
  if (*validated && !look_at (self, error))
    return FALSE;
  if ((plan->checkpoint_every > 0 ? every (event.step, plan->checkpoint_every, self->n_steps)
                                  : *validated)
      || ask (self, self->funcs->should_checkpoint))
    return save (self, error);
  return TRUE;
}

static gboolean
loop (AttuneTrainer *self, AttuneTrainerEnd *end, GError **error)
{
  *end = ATTUNE_END_FINISHED;
  while (self->state.step < self->n_steps)
    {
      gboolean validated, stop;

      if (self->plan->patience > 0 && self->state.bad_validations >= self->plan->patience)
        {
          *end = ATTUNE_END_EARLY;
          return save (self, error);
        }
      stop = self->stopped || ask (self, self->funcs->should_stop);
      if (!attune_trainer_agree (self, &stop, error))
        return FALSE;
      if (stop)
        {
          *end = ATTUNE_END_STOPPED;
          return save (self, error);
        }
      if (!one_step (self, &validated, error))
        return FALSE;
    }
  return TRUE;
}

/* What is on the disk, which rank 0 reads. */
static gboolean
load (AttuneTrainer *self, gboolean *found, GError **error)
{
  if (!attune_checkpoint_load (self->checkpoint_path, &self->state, found, error))
    return FALSE;
  if (*found)
    attune_trainer_put_state (self);
  if (self->best.data != NULL)
    return TRUE;
  /* what the checkpoint does not name comes again, the same */
  self->saved_best_step = self->state.best_step;
  attune_best_weights_keep (self->checkpoint_path, self->saved_best_step, self->saved_best_step);
  return self->saved_best_step == 0
         || attune_best_weights_check (self->checkpoint_path, &self->state, error);
}

/* Goes on from the checkpoint, or begins: the base is validated and is the first checkpoint, so
 * that there is always one to roll back to. */
static gboolean
begin (AttuneTrainer *self, GError **error)
{
  gboolean found = FALSE;

  if (self->resume && self->rank == 0 && !load (self, &found, error))
    return FALSE;
  if (!attune_trainer_agree (self, &found, error)
      || (self->ranks != NULL && !attune_trainer_follow (self, error)))
    return FALSE;
  attune_decoder_update_norms (self->decoder);
  if (found)
    {
      g_autofree char *sentence
          = g_strdup_printf ("Going on after step %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT ".",
                             self->state.step, self->n_steps);

      if (self->funcs->on_message != NULL)
        self->funcs->on_message (self->funcs_data, sentence);
      self->resumed = TRUE;
      return TRUE;
    }
  return attune_trainer_validate (self, error) && attune_trainer_probe (self, error)
         && attune_trainer_compare_int8 (self, error) && attune_trainer_show_samples (self, error)
         && save (self, error);
}

static void
fill_result (const AttuneCheckpoint *state, AttuneTrainerResult *result)
{
  result->steps = state->step;
  result->base_loss = state->base_loss;
  result->best_loss = state->best_loss;
  result->best_step = state->best_step;
  result->train_loss = state->train_loss;
  result->seconds = state->seconds;
  if (state->seconds > 0)
    {
      result->tokens_per_second = state->tokens / state->seconds;
      result->target_tokens_per_second = state->target_tokens / state->seconds;
    }
}

/* A card that is lost has taken no more with it than the last steps. */
static void
tell_to_resume (char **message)
{
  g_autofree char *before = *message;

  *message = g_strdup_printf (
      "%s The run can be resumed from its last checkpoint; the processor goes on "
      "with it where the card does not answer then.",
      before);
}

gboolean
attune_trainer_run_rank (AttuneRanks *ranks, AttunePlan *plan, AttuneModel *model,
                         AttuneDataset *dataset, const char *checkpoint, gboolean resume,
                         const AttuneTrainerFuncs *funcs, gpointer data,
                         AttuneTrainerResult *result, GError **error)
{
  g_auto (AttuneTrainer) self = { .plan_object = plan,
                                  .plan = attune_plan_get_values (plan),
                                  .model = model,
                                  .dataset = dataset,
                                  .checkpoint_path = checkpoint,
                                  .resume = resume,
                                  .funcs = funcs,
                                  .funcs_data = data,
                                  .ranks = ranks,
                                  .rank = ranks != NULL ? attune_ranks_get_rank (ranks) : 0,
                                  .n_ranks = ranks != NULL ? attune_ranks_count (ranks) : 1 };
  g_autoptr (GError) reason = NULL;

  *result = (AttuneTrainerResult) { 0 };
  if (set_up (&self, &reason) && begin (&self, &reason) && loop (&self, &result->end, &reason))
    {
      fill_result (&self.state, result);
      result->on_card = self.be->download != NULL;
      result->resumed = self.resumed;
      return TRUE;
    }
  if (ranks != NULL)
    attune_ranks_fail (ranks, reason);
  if (g_error_matches (reason, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_DEVICE))
    tell_to_resume (&reason->message);
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

gboolean
attune_trainer_run (AttunePlan *plan, AttuneModel *model, AttuneDataset *dataset,
                    const char *checkpoint, gboolean resume, const AttuneTrainerFuncs *funcs,
                    gpointer data, AttuneTrainerResult *result, GError **error)
{
  return attune_trainer_run_rank (NULL, plan, model, dataset, checkpoint, resume, funcs, data,
                                  result, error);
}
