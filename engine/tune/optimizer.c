/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The optimizer over the parameters that have gradients, and the rounds of half fine-tuning.
 */
#include "tune/trainer-private.h"

/* What is remembered of a matrix or a vector, where that goes by its shape. */
static gint64
count_state (const AttuneTrainer *self, const AttuneTensor *value)
{
  return attune_optimizer_get_shape_count (self->plan->optimizer) (attune_tensor_rows (value),
                                                                   attune_tensor_columns (value));
}

gint64
attune_trainer_count_optimizer (const AttuneTrainer *self)
{
  gint64 n = attune_optimizer_count (self->plan->optimizer, self->parameters->grads.dims[0]);

  if (n >= 0)
    return n;
  n = 0;
  for (guint i = 0; i < self->parameters->n_items; i++)
    n += count_state (self, &self->parameters->items[i].value);
  return n;
}

/* Parameters that lie one after another, and their gradients do, too. */
typedef struct
{
  AttuneTensor values, grads;
  gint64 offset; /* of the gradients in all of them */
  double rate;   /* times the learning rate */
} Run;

/* The run that begins with item @*at, or after it; moves it behind. FALSE: there is none. */
static gboolean
next_run (const AttuneParameters *parameters, guint *at, Run *run)
{
  gint64 n = 0;

  while (*at < parameters->n_items && parameters->items[*at].grad.data == NULL)
    (*at)++;
  if (*at == parameters->n_items)
    return FALSE;
  run->values = (AttuneTensor) { parameters->items[*at].value.data, 1, { 0 } };
  run->grads = (AttuneTensor) { parameters->items[*at].grad.data, 1, { 0 } };
  run->rate = parameters->items[*at].rate;
  run->offset = (float *) run->grads.data - (float *) parameters->grads.data;
  for (; *at < parameters->n_items && parameters->items[*at].grad.data != NULL
         && parameters->items[*at].rate == run->rate;
       (*at)++)
    n += attune_tensor_count (&parameters->items[*at].value);
  run->values.dims[0] = run->grads.dims[0] = n;
  return TRUE;
}

void
attune_trainer_enter_round (AttuneTrainer *self)
{
  const gint64 step = self->state.step + 1;
  gint64 first, round;

  if (self->plan->method != ATTUNE_METHOD_HALF)
    return;
  round = attune_schedule_round (self->plan, step, self->n_steps, &first);
  if (round != self->round)
    attune_decoder_choose_half (self->decoder, self->parameters, self->plan->seed, round);
  self->round = round;
  if (step == first)
    self->be->zero (self->be, &self->optimizer);
}

/* Updates since the optimizer remembered nothing, this one included. */
static gint64
count_steps (const AttuneTrainer *self)
{
  gint64 first = 1;

  if (self->plan->method == ATTUNE_METHOD_HALF)
    attune_schedule_round (self->plan, self->state.step + 1, self->n_steps, &first);
  if (self->policy != NULL)
    return (self->state.step + 1 - first) * self->plan->policy_updates + self->inner + 1;
  return self->state.step + 1 - first + 1;
}

/* @n values of a vector from @first on. */
static AttuneTensor
part_of (const AttuneTensor *vector, gint64 first, gint64 n)
{
  return (AttuneTensor) { (float *) vector->data + first, 1, { n } };
}

/* Of several ranks, what lies in its slice of all that learns. */
static void
update_run (AttuneTrainer *self, const Run *run, const AttuneAdamW *step)
{
  const AttuneTensor *grads = &self->parameters->grads, slice = attune_trainer_slice (self, grads);
  const gint64 first = (float *) slice.data - (float *) grads->data,
               from = MAX (first, run->offset),
               to = MIN (first + slice.dims[0], run->offset + run->values.dims[0]), n = to - from;
  const gboolean two = self->optimizer.dims[0] > self->remembered_count;
  AttuneTensor values, g, a, b;
  AttuneAdamW own = *step;

  if (n <= 0)
    return;
  own.learning_rate *= run->rate;
  values = part_of (&run->values, from - run->offset, n);
  g = part_of (grads, from, n);
  a = part_of (&self->optimizer, from - self->remembered_from, n);
  b = part_of (&a, self->remembered_count, n);
  self->be->update (self->be, &values, &a, two ? &b : NULL, &g, self->plan->optimizer, &own);
}

static void
update_adafactor (AttuneTrainer *self, const AttuneParameter *item, const AttuneTensor *state,
                  const AttuneAdamW *step)
{
  g_autofree double *sums = g_new (double, attune_tensor_rows (&item->value));

  self->be->adafactor (self->be, &item->value, state, &item->grad, sums, step);
}

static void
update_8bit (AttuneTrainer *self, const AttuneParameter *item, const AttuneTensor *state,
             const AttuneAdamW *step)
{
  const gint64 n = attune_tensor_count (&item->value);
  const AttuneTensor a = part_of (state, 0, n), b = part_of (state, n, n);

  if (attune_optimizer_rounds (attune_tensor_rows (&item->value),
                               attune_tensor_columns (&item->value)))
    self->be->adamw_8bit (self->be, &item->value, state->data, &item->grad, step);
  else
    self->be->update (self->be, &item->value, &a, &b, &item->grad, ATTUNE_OPTIMIZER_ADAMW, step);
}

/* Those that remember by shape, one matrix or vector after another. */
static void
update_by_shape (AttuneTrainer *self, const AttuneAdamW *step)
{
  float *remembered = self->optimizer.data;
  AttuneAdamW own = *step;

  for (guint i = 0; i < self->parameters->n_items; i++)
    {
      const AttuneParameter *item = &self->parameters->items[i];
      const AttuneTensor state = { remembered, 1, { count_state (self, &item->value) } };

      remembered += state.dims[0];
      if (item->grad.data == NULL)
        continue;
      own.learning_rate = step->learning_rate * item->rate;
      if (self->plan->optimizer == ATTUNE_OPTIMIZER_ADAFACTOR)
        update_adafactor (self, item, &state, &own);
      else
        update_8bit (self, item, &state, &own);
    }
}

void
attune_trainer_update (AttuneTrainer *self, double rate, double norm)
{
  const AttunePlanValues *plan = self->plan;
  /* 1e-6 as in torch.nn.utils.clip_grad_norm_ */
  const double clip
      = plan->max_gradient_norm > 0 ? MIN (1, plan->max_gradient_norm / (norm + 1e-6)) : 1;
  const AttuneAdamW step = { .learning_rate = rate,
                             .beta1 = plan->beta1,
                             .beta2 = plan->beta2,
                             .eps = plan->epsilon,
                             .weight_decay = plan->weight_decay,
                             .gradient_scale = clip,
                             .step = count_steps (self) };
  guint at = 0;
  Run run;

  if (attune_optimizer_count (plan->optimizer, 1) < 0)
    {
      update_by_shape (self, &step);
      return;
    }
  while (next_run (self->parameters, &at, &run))
    update_run (self, &run, &step);
}
