/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Losses and optimizers that the processor computes for a device. Arguments are evaluated in any
 * order, which a call does not mind: a tensor is copied once, and results go back at its end.
 */
#include "compute/host-call.h"

static void
host_cross_entropy (AttuneBackend *be, double *losses, const AttuneTensor *logits,
                    const gint32 *targets, const AttuneCrossEntropy *settings)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->cross_entropy (call.cpu, losses, attune_host_out (&call, logits), targets, settings);
}

static void
host_label_loss (AttuneBackend *be, double *losses, float *shares, const AttuneTensor *logits,
                 const gint32 *targets, const AttuneLabelLoss *settings)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->label_loss (call.cpu, losses, shares, attune_host_out (&call, logits), targets,
                        settings);
}

static double
host_sum_squares (AttuneBackend *be, const AttuneTensor *x)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  return call.cpu->sum_squares (call.cpu, attune_host_in (&call, x));
}

static void
host_update (AttuneBackend *be, const AttuneTensor *w, const AttuneTensor *a, const AttuneTensor *b,
             const AttuneTensor *g, AttuneOptimizer kind, const AttuneAdamW *step)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->update (call.cpu, attune_host_out (&call, w), attune_host_out (&call, a),
                    attune_host_out (&call, b), attune_host_in (&call, g), kind, step);
}

static void
host_adafactor (AttuneBackend *be, const AttuneTensor *w, const AttuneTensor *state,
                const AttuneTensor *g, double *sums, const AttuneAdamW *step)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->adafactor (call.cpu, attune_host_out (&call, w), attune_host_out (&call, state),
                       attune_host_in (&call, g), sums, step);
}

static void
host_adamw_8bit (AttuneBackend *be, const AttuneTensor *w, AttuneMoments8 *moments,
                 const AttuneTensor *g, const AttuneAdamW *step)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);
  const gint64 blocks = (attune_tensor_count (w) + ATTUNE_MOMENTS_BLOCK - 1) / ATTUNE_MOMENTS_BLOCK;
  /* in the room of floats, as the trainer has them */
  const AttuneTensor room = { moments, 1, { blocks * sizeof *moments / sizeof (float) } };

  call.cpu->adamw_8bit (call.cpu, attune_host_out (&call, w), attune_host_out (&call, &room)->data,
                        attune_host_in (&call, g), step);
}

void
attune_host_fill_learning (AttuneBackend *table)
{
  table->cross_entropy = host_cross_entropy;
  table->label_loss = host_label_loss;
  table->sum_squares = host_sum_squares;
  table->update = host_update;
  table->adafactor = host_adafactor;
  table->adamw_8bit = host_adamw_8bit;
}
