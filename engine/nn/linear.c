/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Linear: base weight + adapters that add to it. Formulas in linear.h.
 */
#include "nn/rescaled.h"

/* Every adapter of every micro-batch draws its own dropout mask. */
guint64
attune_lora_dropout_step (const AttuneContext *context, const AttuneLora *lora)
{
  return context->step << 16 | lora->index;
}

/* What a reads: x, or x with dropout in scratch. */
AttuneTensor
attune_lora_input (const AttuneLora *lora, AttuneContext *context, const AttuneTensor *x)
{
  AttuneBackend *be = context->be;
  AttuneTensor dropped;

  if (lora->dropout <= 0 || !context->training)
    return *x;
  dropped = attune_arena_take_2 (context->arena, x->dims[0], x->dims[1]);
  be->dropout (be, &dropped, x, lora->dropout, context->seed,
               attune_lora_dropout_step (context, lora), 0);
  return dropped;
}

/* Fewer rows would wait for the weights to be rounded. */
#define MIN_INT8_ROWS 32

/* Where @x is rounded to, or %NULL where the product is not to be in 8 bits. To be given back. */
static void *
take_int8_scratch (const AttuneLinear *self, AttuneContext *context, const AttuneTensor *x)
{
  const gint64 rows = attune_tensor_rows (x), columns = attune_tensor_columns (x);

  if (!context->int8 || self->d_weight.data != NULL || rows < MIN_INT8_ROWS
      || columns > ATTUNE_INT8_MAX_COLUMNS)
    return NULL;
  return attune_arena_take_1 (context->arena, ATTUNE_INT8_SCRATCH (rows, columns) / sizeof (float))
      .data;
}

/* However few rows there are: what a row gives must not depend on those that are packed with it. */
static gboolean
takes_int16 (const AttuneContext *context, const AttuneTensor *w)
{
  return context->int16 && attune_type_has_int16 (w->type);
}

void
attune_multiply (const AttuneContext *context, const AttuneTensor *y, const AttuneTensor *x,
                 const AttuneTensor *w, float beta)
{
  AttuneBackend *be = context->be;

  if (takes_int16 (context, w))
    be->matmul_nt_int16 (be, y, x, w, beta);
  else
    be->matmul_nt (be, y, x, w, 1, beta);
}

void
attune_multiply_back (const AttuneContext *context, const AttuneTensor *dx, const AttuneTensor *dy,
                      const AttuneTensor *w, float beta)
{
  AttuneBackend *be = context->be;

  if (takes_int16 (context, w))
    be->matmul_nn_int16 (be, dx, dy, w, beta);
  else
    be->matmul_nn (be, dx, dy, w, 1, beta);
}

void
attune_linear_multiply (const AttuneLinear *self, AttuneContext *context, const AttuneTensor *y,
                        const AttuneTensor *x, float beta)
{
  AttuneBackend *be = context->be;
  const gsize mark = context->arena->used;
  void *scratch = take_int8_scratch (self, context, x);

  if (scratch != NULL)
    be->matmul_nt_int8 (be, y, x, &self->weight, beta, scratch);
  else
    attune_multiply (context, y, x, &self->weight, beta);
  attune_arena_rewind (context->arena, mark);
}

void
attune_linear_multiply_back (const AttuneLinear *self, AttuneContext *context,
                             const AttuneTensor *dx, float dx_beta, const AttuneTensor *dy)
{
  AttuneBackend *be = context->be;
  const gsize mark = context->arena->used;
  void *scratch = take_int8_scratch (self, context, dy);

  if (scratch != NULL)
    be->matmul_nn_int8 (be, dx, dy, &self->weight, dx_beta, scratch);
  else
    attune_multiply_back (context, dx, dy, &self->weight, dx_beta);
  attune_arena_rewind (context->arena, mark);
}

void
attune_linear_forward (const AttuneLinear *self, AttuneContext *context, const AttuneTensor *y,
                       const AttuneTensor *x, float beta)
{
  if (!context->base_only && attune_linear_is_rescaled (self))
    {
      attune_linear_rescaled_forward (self, context, y, x, beta);
      return;
    }
  attune_linear_multiply (self, context, y, x, beta);
  attune_linear_add_rest (self, context, y, x);
}

void
attune_linear_add_rest (const AttuneLinear *self, AttuneContext *context, const AttuneTensor *y,
                        const AttuneTensor *x)
{
  AttuneBackend *be = context->be;

  if (self->bias.data != NULL)
    be->add_bias (be, y, &self->bias);
  for (int i = 0; i < self->n_adapters && !context->base_only; i++)
    {
      const AttuneLora *lora = &self->adapters[i];
      const gsize mark = context->arena->used;
      const AttuneTensor in = attune_lora_input (lora, context, x);
      const AttuneTensor t = attune_arena_take_2 (context->arena, x->dims[0], lora->rank);

      be->matmul_nt (be, &t, &in, &lora->a, 1, 0);
      be->matmul_nt (be, y, &t, &lora->b, lora->scale, 1);
      attune_arena_rewind (context->arena, mark);
    }
}

static void
adapter_backward (const AttuneLora *lora, AttuneContext *context, const AttuneTensor *dx,
                  const AttuneTensor *dy, const AttuneTensor *x)
{
  AttuneBackend *be = context->be;
  const gsize mark = context->arena->used;
  const AttuneTensor in = attune_lora_input (lora, context, x);
  const AttuneTensor t = attune_arena_take_2 (context->arena, x->dims[0], lora->rank);
  const AttuneTensor dt = attune_arena_take_2 (context->arena, x->dims[0], lora->rank);

  be->matmul_nn (be, &dt, dy, &lora->b, lora->scale, 0);
  if (lora->db.data != NULL)
    {
      be->matmul_nt (be, &t, &in, &lora->a, 1, 0); /* again: cheaper than keeping it */
      be->matmul_tn (be, &lora->db, dy, &t, lora->scale, 1);
    }
  if (lora->da.data != NULL)
    be->matmul_tn (be, &lora->da, &dt, &in, 1, 1);
  if (dx != NULL && in.data == x->data)
    be->matmul_nn (be, dx, &dt, &lora->a, 1, 1);
  else if (dx != NULL)
    {
      /* `in` is not needed any more: its memory takes the gradient through the same mask. */
      be->matmul_nn (be, &in, &dt, &lora->a, 1, 0);
      be->dropout (be, &in, &in, lora->dropout, context->seed,
                   attune_lora_dropout_step (context, lora), 0);
      be->add (be, dx, &in);
    }
  attune_arena_rewind (context->arena, mark);
}

void
attune_linear_backward (const AttuneLinear *self, AttuneContext *context, const AttuneTensor *dx,
                        float dx_beta, const AttuneTensor *dy, const AttuneTensor *x)
{
  AttuneBackend *be = context->be;

  if (!context->base_only && attune_linear_is_rescaled (self))
    {
      attune_linear_rescaled_backward (self, context, dx, dx_beta, dy, x);
      return;
    }
  if (dx != NULL)
    attune_linear_multiply_back (self, context, dx, dx_beta, dy);
  if (self->d_weight.data != NULL)
    be->matmul_tn (be, &self->d_weight, dy, x, 1, 1);
  if (self->d_bias.data != NULL)
    be->add_bias_backward (be, &self->d_bias, dy);
  for (int i = 0; i < self->n_adapters && !context->base_only; i++)
    adapter_backward (&self->adapters[i], context, dx, dy, x);
}

void
attune_linear_merge (const AttuneLinear *self, AttuneContext *context, const AttuneTensor *merged)
{
  AttuneBackend *be = context->be;

  be->decode (be, merged, &self->weight);
  for (int i = 0; i < self->n_adapters; i++)
    be->matmul_nn (be, merged, &self->adapters[i].b, &self->adapters[i].a, self->adapters[i].scale,
                   1);
  if (attune_linear_is_rescaled (self))
    attune_linear_rescale_merged (self, context, merged);
}
