/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The LM head and its loss, only where there is a target, a chunk of rows at a time: the logits of
 * a whole batch never exist. Or the head of labels, which is small.
 */
#include "nn/layer.h"

/* Logits of @x by the LM head, their losses, and with @settings->scale the gradients of x and of
 * the head. */
static void
token_loss (AttuneDecoder *decoder, const AttuneContext *context, const AttuneTensor *logits,
            const AttuneTensor *x, const AttuneTensor *dx, double *losses, const gint32 *targets,
            const AttuneCrossEntropy *settings)
{
  AttuneBackend *be = decoder->be;

  attune_multiply (context, logits, x, &decoder->head, 0);
  if (settings->cap > 0)
    be->soft_cap (be, logits, settings->cap);
  be->cross_entropy (be, losses, logits, targets, settings);
  if (settings->scale == 0)
    return;
  attune_multiply_back (context, dx, logits, &decoder->head, 0);
  if (decoder->d_head.data != NULL)
    be->matmul_tn (be, &decoder->d_head, logits, x, 1, 1);
}

/* What the head says beside the LM head; its gradient of x is ADDED. */
static void
value_loss (AttuneDecoder *decoder, AttuneTensor *logits, const AttuneTensor *x,
            const AttuneTensor *dx, double *losses, gint64 first, float scale)
{
  const AttuneLabelHead *head = &decoder->labels;
  AttuneBackend *be = decoder->be;
  AttuneLabelLoss loss = head->loss;

  logits->dims[1] = attune_tensor_rows (&head->weight);
  loss.scale = scale;
  be->matmul_nt (be, logits, x, &head->weight, 1, 0);
  be->label_loss (be, losses, head->shares + first * logits->dims[1], logits, head->targets + first,
                  &loss);
  if (scale == 0)
    return;
  be->matmul_nn (be, dx, logits, &head->weight, 1, 1);
  if (head->d_weight.data != NULL)
    be->matmul_tn (be, &head->d_weight, logits, x, 1, 1);
}

/* The same by the head of labels. */
static void
label_loss (AttuneDecoder *decoder, const AttuneTensor *logits, const AttuneTensor *x,
            const AttuneTensor *dx, double *losses, float *shares, const gint32 *targets,
            float scale, gboolean training)
{
  const AttuneLabelHead *head = &decoder->labels;
  AttuneBackend *be = decoder->be;
  AttuneLabelLoss loss = head->loss;

  loss.scale = scale;
  if (!training)
    loss.smoothing = 0;
  be->matmul_nt (be, logits, x, &head->weight, 1, 0);
  be->label_loss (be, losses, shares, logits, targets, &loss);
  if (scale == 0)
    return;
  be->matmul_nn (be, dx, logits, &head->weight, 1, 0);
  if (head->d_weight.data != NULL)
    be->matmul_tn (be, &head->d_weight, logits, x, 1, 1);
}

void
attune_lm_head_normalise (AttuneDecoder *decoder, AttuneActivations *act, const AttuneBatch *batch)
{
  const gint64 n = batch->n_targets;
  const AttuneTensor stream = attune_first_rows (&act->stream, batch->n_tokens);
  const AttuneTensor rows = attune_first_rows (&act->rows, n),
                     normed = attune_first_rows (&act->rows_normed, n);
  const AttuneTensor rstd = attune_first_rows (&act->rows_rstd, n);

  decoder->be->gather (decoder->be, &rows, &stream, batch->target_rows);
  attune_norm_forward (decoder, &decoder->output_norm, &normed, &rstd, &rows);
}

void
attune_lm_head_loss (AttuneDecoder *decoder, AttuneActivations *act, const AttuneBatch *batch,
                     double *losses, float scale)
{
  AttuneBackend *be = decoder->be;
  const gint64 n = batch->n_targets;
  const gboolean beside = decoder->labels.beside && decoder->labels.shares != NULL
                          && decoder->labels.weight.data != NULL && !act->context.base_only;
  g_autofree double *unused = beside ? g_new (double, act->head_chunk) : NULL;
  const gint64 n_labels
      = decoder->labels.weight.data != NULL && !decoder->labels.beside && !act->context.base_only
            ? attune_tensor_rows (&decoder->labels.weight)
            : 0;
  const AttuneTensor rows = attune_first_rows (&act->rows, n),
                     normed = attune_first_rows (&act->rows_normed, n);
  const AttuneTensor rstd = attune_first_rows (&act->rows_rstd, n);
  const AttuneTensor d_normed = attune_first_rows (&act->d_rows_normed, n);
  AttuneCrossEntropy settings = { .scale = scale,
                                  .cap = decoder->config.logit_cap,
                                  .smoothing = act->context.training ? decoder->smoothing : 0 };

  attune_lm_head_normalise (decoder, act, batch);
  for (gint64 first = 0; first < n; first += act->head_chunk)
    {
      const gint64 m = MIN (act->head_chunk, n - first);
      const AttuneTensor x = attune_tensor_slice (&normed, first, m);
      const AttuneTensor dx
          = scale != 0 ? attune_tensor_slice (&d_normed, first, m) : (AttuneTensor) { 0 };
      AttuneTensor logits = attune_first_rows (&act->logits, m);

      settings.weights = batch->weights != NULL ? batch->weights + first : NULL;
      if (n_labels == 0)
        {
          token_loss (decoder, &act->context, &logits, &x, &dx, losses + first,
                      batch->targets + first, &settings);
          if (beside)
            value_loss (decoder, &logits, &x, &dx, unused, first, scale);
          continue;
        }
      logits.dims[1] = n_labels;
      label_loss (decoder, &logits, &x, &dx, losses + first,
                  decoder->labels.shares != NULL ? decoder->labels.shares + first * n_labels : NULL,
                  batch->targets + first, scale, act->context.training);
    }
  if (scale != 0)
    {
      const AttuneTensor d_rows = attune_first_rows (&act->d_rows, n);
      const AttuneTensor d_stream = attune_first_rows (&act->d_stream, batch->n_tokens);

      be->zero (be, &d_rows);
      attune_norm_backward (decoder, &decoder->output_norm, &d_rows, &d_normed, &rows, &rstd);
      be->zero (be, &d_stream);
      be->scatter_add (be, &d_stream, &d_rows, batch->target_rows);
    }
}
