/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Linears whose outputs an adapter rescales: DoRA and (IA)³. Formulas in linear.h.
 */
#include "nn/rescaled.h"

/* --- DoRA */

/* g = magnitude · inverse_norm (1, N), in scratch. */
static AttuneTensor
take_gain (const AttuneLora *lora, AttuneContext *context)
{
  const gint64 n = attune_tensor_columns (&lora->magnitude);
  const AttuneTensor gain = attune_arena_take_2 (context->arena, 1, n);

  context->be->scale_columns (context->be, &gain, &lora->magnitude, &lora->inverse_norm, 0);
  return gain;
}

/* y ADDED -x; x comes out as it went in. */
static void
subtract (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  be->scale (be, x, -1);
  be->add (be, y, x);
  be->scale (be, x, -1);
}

static void
dora_forward (const AttuneLinear *self, AttuneContext *context, const AttuneTensor *y,
              const AttuneTensor *x, float beta)
{
  AttuneBackend *be = context->be;
  const AttuneLora *lora = &self->adapters[0];
  const gsize mark = context->arena->used;
  const AttuneTensor gain = take_gain (lora, context);
  const AttuneTensor z = attune_arena_take_2 (context->arena, x->dims[0], y->dims[1]);
  const AttuneTensor in = attune_lora_input (lora, context, x);
  const AttuneTensor t = attune_arena_take_2 (context->arena, x->dims[0], lora->rank);
  const gboolean dropped = in.data != x->data;

  attune_linear_multiply (self, context, &z, &in, 0);
  if (dropped)
    { /* what is left out is left out of what the adapter changes, not of the base */
      attune_linear_multiply (self, context, y, x, beta);
      subtract (be, y, &z);
    }
  be->matmul_nt (be, &t, &in, &lora->a, 1, 0);
  be->matmul_nt (be, &z, &t, &lora->b, lora->scale, 1);
  be->scale_columns (be, y, &z, &gain, dropped ? 1 : beta);
  if (self->bias.data != NULL)
    be->add_bias (be, y, &self->bias);
  attune_arena_rewind (context->arena, mark);
}

/* dx through the base and the adapter; @z: gradient of what the gain multiplies; @in: is
 * overwritten where it is scratch. */
static void
dora_input_gradient (const AttuneLinear *self, AttuneContext *context, const AttuneTensor *dx,
                     float dx_beta, const AttuneTensor *dy, const AttuneTensor *z,
                     const AttuneTensor *dt, const AttuneTensor *in, gboolean dropped)
{
  AttuneBackend *be = context->be;
  const AttuneLora *lora = &self->adapters[0];

  if (!dropped)
    {
      attune_linear_multiply_back (self, context, dx, dx_beta, z);
      be->matmul_nn (be, dx, dt, &lora->a, 1, 1);
      return;
    }
  attune_linear_multiply_back (self, context, dx, dx_beta, dy);
  subtract (be, z, dy);
  attune_linear_multiply_back (self, context, in, 0, z);
  be->matmul_nn (be, in, dt, &lora->a, 1, 1);
  be->dropout (be, in, in, lora->dropout, context->seed, attune_lora_dropout_step (context, lora),
               0);
  be->add (be, dx, in);
}

static void
dora_backward (const AttuneLinear *self, AttuneContext *context, const AttuneTensor *dx,
               float dx_beta, const AttuneTensor *dy, const AttuneTensor *x)
{
  AttuneBackend *be = context->be;
  const AttuneLora *lora = &self->adapters[0];
  const gsize mark = context->arena->used;
  const AttuneTensor gain = take_gain (lora, context);
  const AttuneTensor d_gain = attune_arena_take_2 (context->arena, 1, dy->dims[1]);
  const AttuneTensor z = attune_arena_take_2 (context->arena, x->dims[0], dy->dims[1]);
  const AttuneTensor in = attune_lora_input (lora, context, x);
  const AttuneTensor t = attune_arena_take_2 (context->arena, x->dims[0], lora->rank);
  const AttuneTensor dt = attune_arena_take_2 (context->arena, x->dims[0], lora->rank);

  be->matmul_nt (be, &t, &in, &lora->a, 1, 0);
  if (lora->d_magnitude.data != NULL)
    { /* again: cheaper than keeping it for every linear */
      attune_linear_multiply (self, context, &z, &in, 0);
      be->matmul_nt (be, &z, &t, &lora->b, lora->scale, 1);
      be->zero (be, &d_gain);
      be->scale_columns_backward (be, &d_gain, dy, &z);
      be->scale_columns (be, &lora->d_magnitude, &d_gain, &lora->inverse_norm, 1);
    }
  be->scale_columns (be, &z, dy, &gain, 0); /* from here z is a gradient */
  be->matmul_nn (be, &dt, &z, &lora->b, lora->scale, 0);
  if (lora->db.data != NULL)
    be->matmul_tn (be, &lora->db, &z, &t, lora->scale, 1);
  if (lora->da.data != NULL)
    be->matmul_tn (be, &lora->da, &dt, &in, 1, 1);
  if (dx != NULL)
    dora_input_gradient (self, context, dx, dx_beta, dy, &z, &dt, &in, in.data != x->data);
  attune_arena_rewind (context->arena, mark);
}

void
attune_linear_update_norms (const AttuneLinear *self, AttuneBackend *be,
                            const AttuneTensor *scratch)
{
  const AttuneLora *lora = &self->adapters[0];
  const gint64 rows = attune_tensor_rows (&self->weight),
               columns = attune_tensor_columns (&self->weight),
               at_once = attune_tensor_count (scratch) / columns;

  for (gint64 row = 0; row < rows; row += at_once)
    {
      const gint64 n = MIN (at_once, rows - row);
      const AttuneTensor w = attune_tensor_slice (&self->weight, row, n),
                         b = attune_tensor_slice (&lora->b, row, n),
                         v = { scratch->data, 2, { n, columns } },
                         norms = { (float *) lora->inverse_norm.data + row, 1, { n } };

      be->decode (be, &v, &w);
      be->matmul_nn (be, &v, &b, &lora->a, lora->scale, 1);
      be->inverse_norms (be, &norms, &v);
    }
}

/* --- (IA)³ */

static void
ia3_forward (const AttuneLinear *self, AttuneContext *context, const AttuneTensor *y,
             const AttuneTensor *x, float beta)
{
  AttuneBackend *be = context->be;
  const gsize mark = context->arena->used;
  const gboolean out = self->out_scale.data != NULL;
  AttuneTensor in = *x, z = *y;

  if (self->in_scale.data != NULL)
    {
      in = attune_arena_take_2 (context->arena, x->dims[0], x->dims[1]);
      be->scale_columns (be, &in, x, &self->in_scale, 0);
    }
  if (out)
    z = attune_arena_take_2 (context->arena, x->dims[0], y->dims[1]);
  attune_linear_multiply (self, context, &z, &in, out ? 0 : beta);
  if (self->bias.data != NULL)
    be->add_bias (be, &z, &self->bias);
  if (out)
    be->scale_columns (be, y, &z, &self->out_scale, beta);
  attune_arena_rewind (context->arena, mark);
}

/* The gradient of out_scale, and that of what it multiplies in scratch. */
static AttuneTensor
ia3_output_gradient (const AttuneLinear *self, AttuneContext *context, const AttuneTensor *dy,
                     const AttuneTensor *in)
{
  AttuneBackend *be = context->be;
  const AttuneTensor z = attune_arena_take_2 (context->arena, dy->dims[0], dy->dims[1]);

  if (self->d_out_scale.data != NULL)
    {
      attune_linear_multiply (self, context, &z, in, 0); /* again */
      if (self->bias.data != NULL)
        be->add_bias (be, &z, &self->bias);
      be->scale_columns_backward (be, &self->d_out_scale, dy, &z);
    }
  be->scale_columns (be, &z, dy, &self->out_scale, 0);
  return z;
}

static void
ia3_backward (const AttuneLinear *self, AttuneContext *context, const AttuneTensor *dx,
              float dx_beta, const AttuneTensor *dy, const AttuneTensor *x)
{
  AttuneBackend *be = context->be;
  const gsize mark = context->arena->used;
  AttuneTensor in = *x, dz = *dy;

  if (self->in_scale.data != NULL)
    {
      in = attune_arena_take_2 (context->arena, x->dims[0], x->dims[1]);
      be->scale_columns (be, &in, x, &self->in_scale, 0);
    }
  if (self->out_scale.data != NULL)
    dz = ia3_output_gradient (self, context, dy, &in);
  if (self->in_scale.data == NULL)
    {
      if (dx != NULL)
        attune_linear_multiply_back (self, context, dx, dx_beta, &dz);
      attune_arena_rewind (context->arena, mark);
      return;
    }
  attune_linear_multiply_back (self, context, &in, 0, &dz); /* from here `in` is a gradient */
  if (self->d_in_scale.data != NULL)
    be->scale_columns_backward (be, &self->d_in_scale, &in, x);
  if (dx != NULL)
    be->scale_columns (be, dx, &in, &self->in_scale, dx_beta);
  attune_arena_rewind (context->arena, mark);
}

/* --- either */

static gboolean
is_dora (const AttuneLinear *self)
{
  return self->n_adapters > 0 && self->adapters[0].magnitude.data != NULL;
}

void
attune_linear_rescaled_forward (const AttuneLinear *self, AttuneContext *context,
                                const AttuneTensor *y, const AttuneTensor *x, float beta)
{
  if (is_dora (self))
    dora_forward (self, context, y, x, beta);
  else
    ia3_forward (self, context, y, x, beta);
}

void
attune_linear_rescaled_backward (const AttuneLinear *self, AttuneContext *context,
                                 const AttuneTensor *dx, float dx_beta, const AttuneTensor *dy,
                                 const AttuneTensor *x)
{
  if (is_dora (self))
    dora_backward (self, context, dx, dx_beta, dy, x);
  else
    ia3_backward (self, context, dx, dx_beta, dy, x);
}

void
attune_linear_rescale_merged (const AttuneLinear *self, AttuneContext *context,
                              const AttuneTensor *merged)
{
  AttuneBackend *be = context->be;

  if (is_dora (self))
    { /* the norms of what it is merged into: that need not be what it was tuned on */
      be->inverse_norms (be, &self->adapters[0].inverse_norm, merged);
      be->scale_rows (be, merged, &self->adapters[0].inverse_norm);
      be->scale_rows (be, merged, &self->adapters[0].magnitude);
    }
  if (self->out_scale.data != NULL)
    be->scale_rows (be, merged, &self->out_scale);
  if (self->in_scale.data != NULL)
    be->scale_columns (be, merged, merged, &self->in_scale, 0);
}
