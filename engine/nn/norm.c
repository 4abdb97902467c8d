/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A norm of the kind that the family has; see layer.h.
 */
#include "nn/layer.h"

static const AttuneTensor *
if_there (const AttuneTensor *t)
{
  return t->data != NULL ? t : NULL;
}

void
attune_norm_forward (const AttuneDecoder *decoder, const AttuneNorm *norm, const AttuneTensor *y,
                     const AttuneTensor *rstd, const AttuneTensor *x)
{
  AttuneBackend *be = decoder->be;

  if (decoder->config.norm == ATTUNE_NORM_LAYER)
    be->layer_norm_forward (be, y, rstd, x, &norm->gain, if_there (&norm->bias),
                            decoder->config.norm_eps);
  else
    be->rms_norm_forward (be, y, rstd, x, &norm->gain, decoder->config.norm_eps);
}

void
attune_norm_backward (const AttuneDecoder *decoder, const AttuneNorm *norm, const AttuneTensor *dx,
                      const AttuneTensor *dy, const AttuneTensor *x, const AttuneTensor *rstd)
{
  AttuneBackend *be = decoder->be;

  if (decoder->config.norm == ATTUNE_NORM_LAYER)
    be->layer_norm_backward (be, dx, if_there (&norm->d_gain), dy, x, &norm->gain, rstd);
  else
    be->rms_norm_backward (be, dx, if_there (&norm->d_gain), dy, x, &norm->gain, rstd);
  if (norm->d_bias.data != NULL)
    be->add_bias_backward (be, &norm->d_bias, dy);
}

AttuneTensor
attune_norm_rows (const AttuneDecoder *decoder, const AttuneTensor *x)
{
  const int dim = decoder->config.head_dim;
  AttuneTensor view = *x;

  if (decoder->config.qk_norm == ATTUNE_QK_NORM_HEAD)
    {
      view.dims[0] = attune_tensor_count (x) / dim;
      view.dims[1] = dim;
    }
  return view;
}
