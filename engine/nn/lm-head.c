/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The LM head and its loss, only where there is a target, a chunk of rows at a time: the logits of
 * a whole batch never exist.
 */
#include "nn/layer.h"

void
attune_lm_head_loss (AttuneDecoder *decoder, AttuneActivations *act, const AttuneBatch *batch,
                     double *losses, float scale)
{
  AttuneBackend *be = decoder->be;
  const gint64 n = batch->n_targets;
  const float cap = decoder->config.logit_cap;
  const AttuneTensor stream = attune_first_rows (&act->stream, batch->n_tokens);
  const AttuneTensor rows = attune_first_rows (&act->rows, n),
                     normed = attune_first_rows (&act->rows_normed, n);
  const AttuneTensor rstd = attune_first_rows (&act->rows_rstd, n);
  const AttuneTensor d_normed = attune_first_rows (&act->d_rows_normed, n);
  AttuneCrossEntropy settings
      = { .scale = scale, .cap = cap, .smoothing = act->context.training ? decoder->smoothing : 0 };

  be->gather (be, &rows, &stream, batch->target_rows);
  attune_norm_forward (decoder, &decoder->output_norm, &normed, &rstd, &rows);
  for (gint64 first = 0; first < n; first += act->head_chunk)
    {
      const gint64 m = MIN (act->head_chunk, n - first);
      const AttuneTensor x = attune_tensor_slice (&normed, first, m);
      const AttuneTensor logits = attune_first_rows (&act->logits, m);

      be->matmul_nt (be, &logits, &x, &decoder->head, 1, 0);
      if (cap > 0)
        be->soft_cap (be, &logits, cap);
      settings.weights = batch->weights != NULL ? batch->weights + first : NULL;
      be->cross_entropy (be, losses + first, &logits, batch->targets + first, &settings);
      if (scale != 0)
        {
          const AttuneTensor dx = attune_tensor_slice (&d_normed, first, m);

          be->matmul_nn (be, &dx, &logits, &decoder->head, 1, 0);
          if (decoder->d_head.data != NULL)
            be->matmul_tn (be, &decoder->d_head, &logits, &x, 1, 1);
        }
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
