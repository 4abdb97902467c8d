/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps of tuning by the clock.
 */
#include "job/speed.h"

#include "job/speed-model.h"
#include "nn/parameters.h"
#include "nn/quantise-base.h"

#include <math.h>
#include <string.h>

#define LORA_RANK 16
/* A square product of so many rows: large enough for any device's best. */
#define PRODUCT_ROWS 4096
#define PRODUCT_TURNS 8

typedef struct
{
  const AttuneSpeedQuestion *question;
  AttuneBackend *be;
  const AttunePlugin *card; /* (nullable) */
  AttuneSpeedModel *model;
  AttuneDecoder *decoder;
  AttuneParameters *parameters;
  AttuneTensor moments[2];
  AttuneActivations *activations;
  gint32 *tokens, *positions, *segments, *rows, *targets;
  double *losses;
  AttuneBatch batch;
} Work;

void
attune_speed_clear (AttuneSpeed *self)
{
  g_clear_pointer (&self->said, g_free);
}

static void
work_clear (Work *self)
{
  g_clear_pointer (&self->activations, attune_activations_free);
  for (guint i = 0; i < G_N_ELEMENTS (self->moments); i++)
    if (self->moments[i].data != NULL)
      self->be->release (self->be, self->moments[i].data, attune_tensor_bytes (&self->moments[i]));
  g_clear_pointer (&self->parameters, attune_parameters_free);
  g_clear_pointer (&self->decoder, attune_decoder_free);
  g_clear_pointer (&self->be, attune_backend_free);
  g_clear_pointer (&self->model, attune_speed_model_free);
  g_free (self->tokens);
  g_free (self->positions);
  g_free (self->segments);
  g_free (self->rows);
  g_free (self->targets);
  g_free (self->losses);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

/* --- what its products reach */

static gboolean
take_matrix (AttuneBackend *be, AttuneTensor *matrix, gint64 n, GError **error)
{
  *matrix = (AttuneTensor) { NULL, 2, { n, n } };
  matrix->data = be->alloc (be, attune_tensor_bytes (matrix));
  return matrix->data != NULL || attune_backend_sync (be, error);
}

static gboolean
time_products (AttuneBackend *be, const AttuneTensor m[3], gint64 n, double *flops, GError **error)
{
  double best = 0;

  for (int turn = 0; turn <= PRODUCT_TURNS; turn++)
    {
      const gint64 begun = g_get_monotonic_time ();

      be->matmul_nt (be, &m[0], &m[1], &m[2], 1, 0);
      if (!attune_backend_sync (be, error))
        return FALSE;
      if (turn > 0) /* the first warms up */
        best = MAX (best, 2.0 * n * n * n / MAX (1, g_get_monotonic_time () - begun) * 1e6);
    }
  *flops = best;
  return TRUE;
}

static gboolean
measure_products (Work *self, double *flops, GError **error)
{
  const gboolean small = g_str_equal (self->question->shape, "tiny");
  const gint64 n = small ? 64 : self->card != NULL ? PRODUCT_ROWS : PRODUCT_ROWS / 4;
  AttuneTensor m[3] = { 0 };
  gboolean done = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (m) && done; i++)
    done = take_matrix (self->be, &m[i], n, error);
  done = done && time_products (self->be, m, n, flops, error);
  for (guint i = 0; i < G_N_ELEMENTS (m); i++)
    if (m[i].data != NULL)
      self->be->release (self->be, m[i].data, attune_tensor_bytes (&m[i]));
  return done;
}

/* Of a step's products, per token; attention sees half of the text on average. Backward computes
 * twice what forward does where weights learn, once where they stay, and of attention 2.5 times. */
static double
count_flops (const AttuneDecoderConfig *c, const AttuneSpeedQuestion *question)
{
  const double head = (double) c->n_vocab * c->n_embd,
               attention = 4.0 * c->n_heads * c->head_dim * question->tokens / 2,
               learns = question->method == ATTUNE_METHOD_FULL ? 6 : 4;
  double linears = 0;

  for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
    {
      gint64 rows, columns;

      attune_linear_shape (c, i, &rows, &columns);
      linears
          += (double) rows * columns * learns
             + (question->method == ATTUNE_METHOD_FULL ? 0 : 6.0 * LORA_RANK * (rows + columns));
    }
  return c->n_layers * (linears + 3.5 * attention) + learns * head;
}

/* --- a step */

static void
make_batch (Work *self)
{
  const int n = self->question->tokens, batch = self->question->batch, all = n * batch,
            targets = (n - 1) * batch;
  guint64 state = 1;
  int row = 0;

  self->tokens = g_new (gint32, all);
  self->positions = g_new (gint32, all);
  self->segments = g_new (gint32, batch + 1);
  self->rows = g_new (gint32, targets);
  self->targets = g_new (gint32, targets);
  self->losses = g_new (double, targets);
  for (int i = 0; i < all; i++)
    {
      state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
      self->tokens[i] = (gint32) ((state >> 33) % self->decoder->config.n_vocab);
      self->positions[i] = i % n;
    }
  for (int i = 0; i <= batch; i++)
    self->segments[i] = i * n;
  for (int i = 0; i < all; i++)
    if (i % n + 1 < n)
      {
        self->rows[row] = i;
        self->targets[row++] = self->tokens[i + 1];
      }
  self->batch = (AttuneBatch) { .n_tokens = all,
                                .tokens = self->tokens,
                                .positions = self->positions,
                                .n_segments = batch,
                                .segments = self->segments,
                                .n_targets = targets,
                                .target_rows = self->rows,
                                .targets = self->targets };
}

static gboolean
step (Work *self, int number, double *seconds, double *loss, GError **error)
{
  const gint64 begun = g_get_monotonic_time ();
  const int n = self->batch.n_targets;
  AttuneAdamW adamw = { 1e-4, 0.9, 0.999, 1e-8, 0.01, 1, number };
  double nats = 0;

  self->be->zero (self->be, &self->parameters->grads);
  attune_decoder_forward_backward (self->decoder, self->activations, &self->batch, self->losses,
                                   1.0f / n, TRUE, 1, number);
  if (self->card != NULL)
    self->card->set_precision (self->be, ATTUNE_PRECISION_F32);
  adamw.gradient_scale
      = MIN (1, 1 / (sqrt (self->be->sum_squares (self->be, &self->parameters->grads)) + 1e-6));
  self->be->update (self->be, &self->parameters->values, &self->moments[0], &self->moments[1],
                    &self->parameters->grads, ATTUNE_OPTIMIZER_ADAMW, &adamw);
  if (self->card != NULL)
    self->card->set_precision (self->be, self->question->precision);
  if (!attune_backend_sync (self->be, error))
    return FALSE;
  for (int i = 0; i < n; i++)
    nats += self->losses[i];
  *loss = nats / n;
  *seconds = (g_get_monotonic_time () - begun) / 1e6;
  return TRUE;
}

/* --- all of it */

static gboolean
take_moments (Work *self, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->moments); i++)
    {
      self->moments[i] = (AttuneTensor) { NULL, 1, { self->parameters->count } };
      self->moments[i].data = self->be->alloc (self->be, attune_tensor_bytes (&self->moments[i]));
      if (self->moments[i].data == NULL)
        return attune_backend_sync (self->be, error);
    }
  return TRUE;
}

static gboolean
set_up (Work *self, GError **error)
{
  const AttuneSpeedQuestion *question = self->question;
  const gboolean full = question->method == ATTUNE_METHOD_FULL;
  const AttuneDecoderConfig *config = attune_speed_model_get_config (self->model);
  const AttuneLoraConfig lora = { LORA_RANK, 2 * LORA_RANK, 0, FALSE, ATTUNE_TARGETS_ALL };
  const AttuneStepShape shape = { .max_tokens = question->tokens * question->batch,
                                  .max_targets = question->tokens * question->batch,
                                  .backward = TRUE,
                                  .checkpoint = question->checkpoint,
                                  .lora_rank = full ? 0 : LORA_RANK };

  self->decoder
      = attune_decoder_new (config, self->be, attune_speed_model_lookup, self->model, error);
  if (self->decoder == NULL
      || (question->method == ATTUNE_METHOD_QLORA
          && !attune_decoder_quantise_base (self->decoder, ATTUNE_TYPE_NF4_DOUBLE, NULL, NULL,
                                            error)))
    return FALSE;
  self->parameters = full ? attune_decoder_train_base (self->decoder, TRUE, error)
                          : attune_decoder_add_lora (self->decoder, &lora, 1, TRUE, error);
  if (self->parameters == NULL || !take_moments (self, error)
      || !attune_decoder_keep_base (self->decoder, error))
    return FALSE;
  self->activations = attune_activations_new (self->be, config, &shape, error);
  if (self->activations == NULL)
    return FALSE;
  make_batch (self);
  return TRUE;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static gboolean
take_steps (Work *self, AttuneSpeed *speed, GError **error)
{
  const int n = MAX (1, self->question->steps);
  g_autofree double *seconds = g_new (double, n + 1);

  for (int i = 0; i <= n; i++)
    if (!step (self, i + 1, &seconds[i], i == 0 ? &speed->first_loss : &speed->last_loss, error))
      return FALSE;
  qsort (seconds + 1, n, sizeof *seconds, compare);
  speed->seconds = seconds[1 + n / 2];
  speed->tokens_per_second = self->batch.n_tokens / speed->seconds;
  return TRUE;
}

/* Of several cards the one that has least left is at work. */
static guint64
count_card (const Work *self)
{
  guint64 most = 0;

  for (int i = 0; self->card != NULL && i < self->card->count_devices (); i++)
    {
      AttuneDeviceFacts facts = { 0 };

      if (self->card->describe_device (i, &facts, NULL))
        most = MAX (most, facts.memory_bytes - facts.free_bytes);
    }
  return most;
}

gboolean
attune_speed_measure (const AttuneSpeedQuestion *question, AttuneSpeed *speed, GError **error)
{
  g_auto (Work) self = { .question = question };

  g_return_val_if_fail (question->tokens > 1 && question->batch > 0, FALSE);

  *speed = (AttuneSpeed) { 0 };
  self.model = attune_speed_model_new (question->shape, question->tokens);
  g_return_val_if_fail (self.model != NULL, FALSE);
  self.be = attune_device_open (&question->device, &self.card, &speed->said);
  g_strlcpy (speed->device, self.be->name, sizeof speed->device);
  speed->on_card = self.card != NULL;
  if (self.card == NULL && question->device.kind == ATTUNE_DEVICE_GPU)
    {
      g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_DEVICE,
                   "There is no graphics card to measure. %s", speed->said);
      return FALSE;
    }
  if (self.card != NULL && !self.card->set_precision (self.be, question->precision))
    {
      g_set_error_literal (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                           "The graphics card is not right in products of this precision. Use "
                           "--precision f32.");
      return FALSE;
    }
  if (!measure_products (&self, &speed->product_flops, error) || !set_up (&self, error)
      || !take_steps (&self, speed, error))
    return FALSE;
  speed->card_bytes = count_card (&self);
  speed->share = speed->tokens_per_second
                 * count_flops (attune_speed_model_get_config (self.model), question)
                 / speed->product_flops;
  return TRUE;
}
