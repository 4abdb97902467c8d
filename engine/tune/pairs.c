/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps and checks over preference pairs. Log-probabilities of all answers of a step come first, by
 * a forward pass; from them follows what each answer weighs in the gradient, which a second pass
 * adds up. Both passes draw the same dropout and noise.
 */
#include "tune/trainer-private.h"

#include "store/store.h"
#include "tune/preference.h"

#include <string.h>

/* Micro-batches of other answers, which have no second pass, draw from here on. */
#define OTHERS 2048

static gboolean
is_kto (const AttuneTrainer *self)
{
  return self->plan->objective == ATTUNE_OBJECTIVE_KTO;
}

/* The question of @question with the answer of @answer. */
static void
join (const AttuneSample *question, const AttuneSample *answer, AttuneSample *out)
{
  const guint n = attune_sample_prompt_length (question),
              from = attune_sample_prompt_length (answer), m = answer->n - from;

  out->n = n + m;
  out->tokens = g_new (gint32, MAX (1, n + m));
  out->learn = g_new (guint8, MAX (1, n + m));
  memcpy (out->tokens, question->tokens, n * sizeof (gint32));
  memcpy (out->learn, question->learn, n);
  memcpy (out->tokens + n, answer->tokens + from, m * sizeof (gint32));
  memcpy (out->learn + n, answer->learn + from, m);
}

/* Pair @number of a split: better and worse answer, and the next pair's answer to its question. */
static gboolean
read_pair (AttuneTrainer *self, AttuneSplit split, guint32 number, AttuneSample *better,
           AttuneSample *worse, AttuneSample *other, GError **error)
{
  const GArray *pairs = self->pairs[split];
  const guint32 record = g_array_index (pairs, guint32, number);
  g_auto (AttuneSample) next = { 0 };

  if (!attune_dataset_get_sample (self->dataset, split, record, better, error)
      || !attune_dataset_get_rejected (self->dataset, split, record, worse, error))
    return FALSE;
  if (!is_kto (self))
    return TRUE;
  if (!attune_dataset_get_sample (self->dataset, split,
                                  g_array_index (pairs, guint32, (number + 1) % pairs->len), &next,
                                  error))
    return FALSE;
  join (better, &next, other);
  /* it was made for another question, so it may be too long here */
  other->n = MIN (other->n, (guint) self->max_tokens);
  return TRUE;
}

/* The samples of @n pairs: better and worse ones by turns, then, where they are needed, others. */
static gboolean
read_pairs (AttuneTrainer *self, AttuneSplit split, const guint32 *numbers, int n, GError **error)
{
  for (int i = 0; i < 3 * n; i++)
    attune_sample_clear (&self->samples[i]);
  for (int i = 0; i < n; i++)
    if (!read_pair (self, split, numbers[i], &self->samples[2 * i], &self->samples[2 * i + 1],
                    &self->samples[2 * n + i], error))
      return FALSE;
  for (int i = 0; attune_objective_scores (self->plan->objective) && i < 2 * n; i++)
    attune_sample_ask_score (&self->samples[i], i);
  return TRUE;
}

/* The head of a reward model gives the rewards with a minus, as the losses of text are -log p; then
 * it is told what each weighs. */
static void
ask_head (AttuneTrainer *self, gboolean backward)
{
  for (int i = 0; self->wanted != NULL && i < 2 * self->plan->batch_size; i++)
    self->wanted[i] = backward ? -self->weights[i] : -1;
}

/* How the packs are walked over. */
typedef struct
{
  gboolean training, backward;
  int first_draw;
  double *tokens; /* (nullable): ADDED */
} Walk;

static gboolean
run_pack (AttuneTrainer *self, const Walk *walk, int begin, int end, int micro_batch,
          GError **error)
{
  const AttuneBatch *batch;
  const guint64 draw = (guint64) (self->state.step + 1) * ATTUNE_MAX_MICRO_BATCHES
                       + walk->first_draw + micro_batch;

  if (walk->backward)
    attune_pack_weigh (self->pack, self->weights + begin);
  batch = attune_pack_get_batch (self->pack);
  if (batch->n_targets == 0)
    return TRUE;
  /* Scores are exact, as those of the reference that they are compared with are. */
  if (walk->backward && self->card != NULL)
    attune_trainer_round (self, TRUE);
  attune_decoder_forward_backward (self->decoder, self->activations, batch, self->losses,
                                   walk->backward ? 1 : 0, walk->training, self->plan->seed, draw);
  attune_trainer_round (self, FALSE);
  if (!attune_backend_sync (self->be, error))
    return FALSE;
  if (walk->tokens != NULL)
    *walk->tokens += attune_pack_count_tokens (self->pack);
  for (int i = 0; !walk->backward && i < batch->n_targets; i++)
    self->scores[begin + attune_pack_get_owner (self->pack, i)] -= self->losses[i];
  return TRUE;
}

/* Samples @first … @last - 1 in packs. Forward: their scores. */
static gboolean
walk_samples (AttuneTrainer *self, const Walk *walk, int first, int last, GError **error)
{
  int begin = first, micro_batch = 0;

  ask_head (self, walk->backward);
  for (int i = first; !walk->backward && i < last; i++)
    self->scores[i] = 0;
  attune_pack_clear (self->pack);
  for (int i = first; i < last; i++)
    {
      if (attune_pack_add (self->pack, &self->samples[i]))
        continue;
      if (!run_pack (self, walk, begin, i, micro_batch++, error))
        return FALSE;
      attune_pack_clear (self->pack);
      attune_pack_add (self->pack, &self->samples[i]);
      begin = i;
    }
  return run_pack (self, walk, begin, last, micro_batch, error);
}

/* Scores of @n pairs whose samples have been read. */
static gboolean
score (AttuneTrainer *self, int n, gboolean training, GError **error)
{
  const Walk pairs = { .training = training },
             others = { .training = training, .first_draw = OTHERS };

  return walk_samples (self, &pairs, 0, 2 * n, error)
         && (!is_kto (self) || walk_samples (self, &others, 2 * n, 3 * n, error));
}

/* z of KTO over the @n pairs that have been scored. */
static double
find_divergence (const AttuneTrainer *self, AttuneSplit split, const guint32 *numbers, int n)
{
  double sum = 0;

  for (int i = 0; is_kto (self) && i < n; i++)
    sum += self->scores[2 * n + i] - self->reference[split][3 * numbers[i] + 2];
  return MAX (0, sum / n);
}

/* Sum of the losses of @n pairs that have been scored; the weights of their answers. */
static double
find_losses (AttuneTrainer *self, AttuneSplit split, const guint32 *numbers, int n, int *n_right)
{
  const double divergence = find_divergence (self, split, numbers, n);
  const double *reference = self->reference[split];
  double sum = 0;

  for (int i = 0; i < n; i++)
    {
      const AttunePairScores scores
          = { .chosen = self->scores[2 * i],
              .rejected = self->scores[2 * i + 1],
              .reference_chosen = reference != NULL ? reference[3 * numbers[i]] : 0,
              .reference_rejected = reference != NULL ? reference[3 * numbers[i] + 1] : 0,
              /* a foreign data set may learn nothing of one */
              .n_chosen = MAX (1, attune_sample_targets (&self->samples[2 * i])),
              .n_rejected = MAX (1, attune_sample_targets (&self->samples[2 * i + 1])) };
      AttunePairLoss loss;

      attune_pair_loss (self->plan, &scores, divergence, &loss);
      sum += loss.loss;
      *n_right += loss.right;
      /* what is added up is the gradient of -log p */
      self->weights[2 * i] = -loss.d_chosen / n;
      self->weights[2 * i + 1] = -loss.d_rejected / n;
    }
  return sum;
}

gboolean
attune_trainer_accumulate_pairs (AttuneTrainer *self, int n, AttuneStepSums *sums, GError **error)
{
  const Walk backward = { .training = TRUE, .backward = TRUE, .tokens = &sums->tokens };
  int n_right = 0;

  memcpy (self->numbers, self->chosen, n * sizeof (guint32));
  for (int i = 0; i < n; i++) /* for messages */
    self->chosen[i] = g_array_index (self->pairs[ATTUNE_SPLIT_TRAIN], guint32, self->numbers[i]);
  if (!read_pairs (self, ATTUNE_SPLIT_TRAIN, self->numbers, n, error)
      || !score (self, n, TRUE, error))
    return FALSE;
  sums->loss = find_losses (self, ATTUNE_SPLIT_TRAIN, self->numbers, n, &n_right);
  for (int i = 0; i < 2 * n; i++)
    sums->target_tokens += attune_sample_targets (&self->samples[i]);
  return walk_samples (self, &backward, 0, 2 * n, error);
}

gboolean
attune_trainer_validate_pairs (AttuneTrainer *self, guint64 n, double *loss, double *accuracy,
                               GError **error)
{
  const guint64 block = self->plan->batch_size;
  int n_right = 0;
  double sum = 0;

  for (guint64 first = 0; first < n; first += block)
    {
      const int m = MIN (block, n - first);

      for (int i = 0; i < m; i++)
        self->numbers[i] = first + i;
      if (!read_pairs (self, ATTUNE_SPLIT_VALIDATION, self->numbers, m, error)
          || !score (self, m, FALSE, error))
        return FALSE;
      sum += find_losses (self, ATTUNE_SPLIT_VALIDATION, self->numbers, m, &n_right);
    }
  *loss = sum / n;
  *accuracy = (double) n_right / n;
  return TRUE;
}

gboolean
attune_trainer_show_rewards (AttuneTrainer *self, guint64 n, GError **error)
{
  for (guint32 i = 0; i < n; i++)
    {
      const guint32 sample = g_array_index (self->pairs[ATTUNE_SPLIT_VALIDATION], guint32, i);
      g_auto (AttuneRecord) record = { 0 };
      g_autofree char *answer = NULL;
      AttuneSampleEvent event = { .step = self->state.step };

      if (!read_pairs (self, ATTUNE_SPLIT_VALIDATION, &i, 1, error)
          || !score (self, 1, FALSE, error)
          || !attune_dataset_get_record (self->dataset, ATTUNE_SPLIT_VALIDATION, sample, &record,
                                         error))
        return FALSE;
      answer = g_strdup_printf ("%+.2f, the worse answer %+.2f", self->scores[0], self->scores[1]);
      event.question = record.fields[ATTUNE_FIELD_QUESTION];
      event.expected = record.fields[ATTUNE_FIELD_ANSWER];
      event.answer = answer;
      self->funcs->on_sample (self->funcs_data, &event);
    }
  return TRUE;
}

/* --- the reference */

static gboolean
score_split (AttuneTrainer *self, AttuneSplit split, guint64 n, GError **error)
{
  const guint64 block = self->plan->batch_size;

  for (guint64 first = 0; first < n; first += block)
    {
      const int m = MIN (block, n - first);

      for (int i = 0; i < m; i++)
        self->numbers[i] = first + i;
      if (!read_pairs (self, split, self->numbers, m, error) || !score (self, m, FALSE, error))
        return FALSE;
      for (int i = 0; i < m; i++)
        {
          double *to = self->reference[split] + 3 * (first + i);

          to[0] = self->scores[2 * i];
          to[1] = self->scores[2 * i + 1];
          to[2] = is_kto (self) ? self->scores[2 * m + i] : 0;
        }
    }
  return TRUE;
}

#define KIND "reference"
#define VERSION 1
static const char *const names[] = { "train", "validation" };

/* "…/checkpoint-reference.h5" */
static char *
make_path (const AttuneTrainer *self)
{
  const gsize length
      = strlen (self->checkpoint_path) - (g_str_has_suffix (self->checkpoint_path, ".h5") ? 3 : 0);

  return g_strdup_printf ("%.*s-reference.h5", (int) length, self->checkpoint_path);
}

/* Whether the scores of an earlier part of the run are there; a file that cannot be read is made
 * again. */
static gboolean
load (AttuneTrainer *self, const char *path)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (AttuneStore) store = g_file_test (path, G_FILE_TEST_EXISTS)
                                      ? attune_store_open (path, KIND, VERSION, &reason)
                                      : NULL;
  g_autofree char *key = store != NULL ? attune_store_get_string (store, "key", NULL) : NULL;

  if (reason != NULL)
    g_info ("The reference is computed again: %s", reason->message);
  if (g_strcmp0 (key, self->key) != 0)
    return FALSE;
  for (int split = 0; split < 2; split++)
    if (self->pairs[split]->len > 0
        && !attune_store_get (store, names[split], ATTUNE_STORE_F64, 0,
                              3 * (gint64) self->pairs[split]->len, self->reference[split], NULL))
      return FALSE;
  return TRUE;
}

static gboolean
save (AttuneTrainer *self, const char *path, GError **error)
{
  g_autoptr (AttuneStore) store = attune_store_create (path, KIND, VERSION, error);

  if (store == NULL || !attune_store_set_string (store, "key", self->key, error))
    return FALSE;
  for (int split = 0; split < 2; split++)
    {
      const gint64 n = 3 * (gint64) self->pairs[split]->len;

      if (n > 0
          && !attune_store_put (store, names[split], ATTUNE_STORE_F64, 1, &n,
                                self->reference[split], error))
        return FALSE;
    }
  return attune_store_commit (store, error);
}

static gboolean
find_reference (AttuneTrainer *self, GError **error)
{
  g_autofree char *path = make_path (self);
  gboolean done = TRUE;

  for (int split = 0; split < 2; split++)
    self->reference[split] = g_new0 (double, 3 * MAX (1, self->pairs[split]->len));
  if (load (self, path))
    return TRUE;
  if (self->funcs->on_message != NULL)
    self->funcs->on_message (self->funcs_data,
                             "Reading all pairs with the model as it is, to compare with later.");
  attune_decoder_set_base_only (self->decoder, TRUE);
  for (int split = 0; done && split < 2; split++)
    done = score_split (self, split, self->pairs[split]->len, error);
  attune_decoder_set_base_only (self->decoder, FALSE);
  if (self->plan->method == ATTUNE_METHOD_FULL || self->plan->method == ATTUNE_METHOD_HALF)
    attune_model_release_pages (self->model); /* read for the last time */
  return done && save (self, path, error);
}

gboolean
attune_trainer_set_up_pairs (AttuneTrainer *self, GError **error)
{
  const int n = self->plan->batch_size;

  for (int split = 0; split < 2; split++)
    {
      self->pairs[split] = g_array_new (FALSE, FALSE, sizeof (guint32));
      for (guint32 i = 0; i < attune_dataset_count (self->dataset, split); i++)
        if (attune_dataset_has_rejected (self->dataset, split, i))
          g_array_append_val (self->pairs[split], i);
    }
  self->numbers = g_new (guint32, n);
  self->scores = g_new (double, 3 * n);
  self->weights = g_new (float, 2 * n);
  if (attune_objective_scores (self->plan->objective))
    {
      self->wanted = g_new0 (float, 2 * n);
      self->decoder->labels.loss
          = (AttuneLabelLoss) { .kind = ATTUNE_LABELS_SCORE, .wanted = self->wanted };
    }
  return !attune_objective_has_reference (self->plan->objective) || find_reference (self, error);
}

void
attune_trainer_clear_pairs (AttuneTrainer *self)
{
  for (int split = 0; split < 2; split++)
    {
      g_clear_pointer (&self->pairs[split], g_array_unref);
      g_clear_pointer (&self->reference[split], g_free);
    }
  g_clear_pointer (&self->numbers, g_free);
  g_clear_pointer (&self->scores, g_free);
  g_clear_pointer (&self->weights, g_free);
  g_clear_pointer (&self->wanted, g_free);
}
