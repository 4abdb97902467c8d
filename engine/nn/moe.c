/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A mixture of experts, forward and backward; see moe.h.
 */
#include "nn/moe.h"
#include "nn/layer.h"

static AttuneRouting
routing (const AttuneDecoder *decoder)
{
  return (AttuneRouting) { .n_experts = decoder->config.n_experts,
                           .n_used = decoder->config.n_experts_used,
                           .renormalise = decoder->config.renormalise };
}

/* The rows of expert @e in a tensor that goes expert by expert. */
static AttuneTensor
rows_of (const AttuneTensor *t, const AttuneMoeTape *tape, int e)
{
  return attune_tensor_slice (t, tape->starts[e], tape->starts[e + 1] - tape->starts[e]);
}

static void
shared_forward (const AttuneDecoder *decoder, AttuneDecoderLayer *layer, AttuneContext *context,
                AttuneMoeTape *tape, AttuneMoeScratch *scratch, const AttuneTensor *y,
                const AttuneTensor *x)
{
  AttuneBackend *be = context->be;
  const gint64 n = x->dims[0];
  const AttuneTensor gate = attune_first_rows (&tape->shared_g, n),
                     up = attune_first_rows (&tape->shared_up, n);
  const AttuneTensor act = attune_first_rows (&scratch->shared_act, n),
                     out = attune_first_rows (&tape->shared_out, n);
  const AttuneTensor logit = attune_first_rows (&tape->shared_gate, n),
                     share = attune_first_rows (&scratch->share, n);

  attune_linear_forward (&layer->gate, context, &gate, x, 0);
  attune_linear_forward (&layer->up, context, &up, x, 0);
  be->gated_forward (be, &act, &gate, &up, decoder->config.gate);
  attune_linear_forward (&layer->down, context, &out, &act, 0);
  attune_linear_forward (&layer->shared_gate, context, &logit, x, 0);
  be->gated_forward (be, &share, &logit, NULL, ATTUNE_GATE_SIGMOID);
  if (y != NULL)
    be->combine (be, y, &out, &share, NULL, 1);
}

void
attune_moe_forward (const AttuneDecoder *decoder, AttuneDecoderLayer *layer, AttuneContext *context,
                    AttuneMoeTape *tape, AttuneMoeScratch *scratch, const AttuneTensor *y,
                    const AttuneTensor *x)
{
  AttuneBackend *be = context->be;
  const AttuneDecoderConfig *c = &decoder->config;
  const AttuneRouting how = routing (decoder);
  const gint64 n = x->dims[0], pairs = n * c->n_experts_used;
  const AttuneTensor logits = attune_first_rows (&tape->logits, n),
                     in = attune_first_rows (&scratch->in, pairs),
                     act = attune_first_rows (&scratch->act, pairs);
  const AttuneTensor gate = attune_first_rows (&tape->gate, pairs),
                     up = attune_first_rows (&tape->up, pairs);

  attune_linear_forward (&layer->router, context, &logits, x, 0);
  be->route (be, tape->starts, tape->rows, tape->slots, &tape->weights, &logits, &how);
  be->gather (be, &in, x, tape->rows);
  for (int e = 0; e < c->n_experts; e++)
    {
      const AttuneTensor from = rows_of (&in, tape, e), to_gate = rows_of (&gate, tape, e),
                         to_up = rows_of (&up, tape, e);

      if (from.dims[0] == 0)
        continue;
      attune_linear_forward (&layer->experts[3 * e], context, &to_gate, &from, 0);
      attune_linear_forward (&layer->experts[3 * e + 1], context, &to_up, &from, 0);
    }
  be->gated_forward (be, &act, &gate, &up, c->gate);
  for (int e = 0; e < c->n_experts; e++)
    {
      const AttuneTensor from = rows_of (&act, tape, e), to = rows_of (&tape->out, tape, e);

      if (from.dims[0] > 0)
        attune_linear_forward (&layer->experts[3 * e + 2], context, &to, &from, 0);
    }
  if (y != NULL)
    be->combine (be, y, &tape->out, &tape->weights, tape->slots, c->n_experts_used);
  if (c->shared_ff > 0)
    shared_forward (decoder, layer, context, tape, scratch, y, x);
}

/* @dx: ADDED */
static void
shared_backward (const AttuneDecoder *decoder, AttuneDecoderLayer *layer, AttuneContext *context,
                 AttuneMoeTape *tape, AttuneMoeScratch *scratch, const AttuneTensor *dx,
                 const AttuneTensor *dy, const AttuneTensor *x)
{
  AttuneBackend *be = context->be;
  const gint64 n = x->dims[0];
  const AttuneTensor gate = attune_first_rows (&tape->shared_g, n),
                     up = attune_first_rows (&tape->shared_up, n);
  const AttuneTensor act = attune_first_rows (&scratch->shared_act, n),
                     d_act = attune_first_rows (&scratch->d_shared_act, n);
  const AttuneTensor d_out = attune_first_rows (&scratch->d_shared, n),
                     out = attune_first_rows (&tape->shared_out, n);
  const AttuneTensor logit = attune_first_rows (&tape->shared_gate, n),
                     share = attune_first_rows (&scratch->share, n),
                     d_share = attune_first_rows (&scratch->d_share, n);

  be->gated_forward (be, &share, &logit, NULL, ATTUNE_GATE_SIGMOID);
  be->combine_backward (be, &d_out, &d_share, dy, &out, &share, NULL, 1);
  be->gated_backward (be, &d_share, NULL, &d_share, &logit, NULL, ATTUNE_GATE_SIGMOID);
  attune_linear_backward (&layer->shared_gate, context, dx, 1, &d_share, x);
  be->gated_forward (be, &act, &gate, &up, decoder->config.gate);
  attune_linear_backward (&layer->down, context, &d_act, 0, &d_out, &act);
  /* From here d_act holds d gate, and act d up. */
  be->gated_backward (be, &d_act, &act, &d_act, &gate, &up, decoder->config.gate);
  attune_linear_backward (&layer->gate, context, dx, 1, &d_act, x);
  attune_linear_backward (&layer->up, context, dx, 1, &act, x);
}

void
attune_moe_backward (const AttuneDecoder *decoder, AttuneDecoderLayer *layer,
                     AttuneContext *context, AttuneMoeTape *tape, AttuneMoeScratch *scratch,
                     const AttuneTensor *dx, const AttuneTensor *dy, const AttuneTensor *x)
{
  AttuneBackend *be = context->be;
  const AttuneDecoderConfig *c = &decoder->config;
  const AttuneRouting how = routing (decoder);
  const gint64 n = x->dims[0], pairs = n * c->n_experts_used;
  const AttuneTensor in = attune_first_rows (&scratch->in, pairs),
                     act = attune_first_rows (&scratch->act, pairs),
                     d_act = attune_first_rows (&scratch->d_act, pairs),
                     d_rows = attune_first_rows (&scratch->d_rows, pairs);
  const AttuneTensor gate = attune_first_rows (&tape->gate, pairs),
                     up = attune_first_rows (&tape->up, pairs);
  const AttuneTensor logits = attune_first_rows (&tape->logits, n),
                     d_logits = attune_first_rows (&scratch->d_logits, n);

  be->combine_backward (be, &d_rows, &scratch->d_weights, dy, &tape->out, &tape->weights,
                        tape->slots, c->n_experts_used);
  be->gather (be, &in, x, tape->rows);
  be->gated_forward (be, &act, &gate, &up, c->gate);
  for (int e = 0; e < c->n_experts; e++)
    {
      const AttuneTensor from = rows_of (&d_rows, tape, e), to = rows_of (&d_act, tape, e),
                         read = rows_of (&act, tape, e);

      if (from.dims[0] > 0)
        attune_linear_backward (&layer->experts[3 * e + 2], context, &to, 0, &from, &read);
    }
  /* From here d_act holds d gate, act d up, and d_rows takes the gradient of what experts read. */
  be->gated_backward (be, &d_act, &act, &d_act, &gate, &up, c->gate);
  for (int e = 0; e < c->n_experts; e++)
    {
      const AttuneTensor to = rows_of (&d_rows, tape, e), read = rows_of (&in, tape, e);
      const AttuneTensor of_gate = rows_of (&d_act, tape, e), of_up = rows_of (&act, tape, e);

      if (to.dims[0] == 0)
        continue;
      attune_linear_backward (&layer->experts[3 * e], context, &to, 0, &of_gate, &read);
      attune_linear_backward (&layer->experts[3 * e + 1], context, &to, 1, &of_up, &read);
    }
  be->zero (be, dx);
  be->combine (be, dx, &d_rows, NULL, tape->slots, c->n_experts_used);
  be->route_backward (be, &d_logits, &scratch->d_weights, &tape->weights, tape->starts, tape->slots,
                      &logits, &how);
  attune_linear_backward (&layer->router, context, dx, 1, &d_logits, x);
  if (c->shared_ff > 0)
    shared_backward (decoder, layer, context, tape, scratch, dx, dy, x);
}
