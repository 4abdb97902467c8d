/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of one instruction-set level.
 */
#include "compute/cpu/entries.h"

void
LEVEL (fill) (AttuneBackend *be)
{
  be->matmul_nt = LEVEL (matmul_nt);
  be->matmul_nn = LEVEL (matmul_nn);
  be->matmul_tn = LEVEL (matmul_tn);
  be->round = LEVEL (round);
  be->pack_rounded = LEVEL (pack_rounded);
  LEVEL (fill_rounded) (be);
#if ATTUNE_LEVEL >= 2
  LEVEL (fill_int16) (be);
#endif
  be->zero = LEVEL (zero);
  be->copy = LEVEL (copy);
  be->add = LEVEL (add);
  be->scale_columns = LEVEL (scale_columns);
  be->scale_columns_backward = LEVEL (scale_columns_backward);
  be->scale_rows = LEVEL (scale_rows);
  be->inverse_norms = LEVEL (inverse_norms);
  be->add_bias = LEVEL (add_bias);
  be->add_bias_backward = LEVEL (add_bias_backward);
  be->scale = LEVEL (scale);
  be->approach = LEVEL (approach);
  be->swap = LEVEL (swap);
  be->add_noise = LEVEL (add_noise);
  be->soft_cap = LEVEL (soft_cap);
  be->gated_forward = LEVEL (gated_forward);
  be->gated_backward = LEVEL (gated_backward);
  be->dropout = LEVEL (dropout);
  be->rms_norm_forward = LEVEL (rms_norm_forward);
  be->rms_norm_backward = LEVEL (rms_norm_backward);
  be->layer_norm_forward = LEVEL (layer_norm_forward);
  be->layer_norm_backward = LEVEL (layer_norm_backward);
  be->rotary = LEVEL (rotary);
  be->attention_forward = LEVEL (attention_forward);
  be->attention_backward = LEVEL (attention_backward);
  be->attention_cached = LEVEL (attention_cached);
  be->cache_store = LEVEL (cache_store);
  be->gather = LEVEL (gather);
  be->scatter_add = LEVEL (scatter_add);
  be->route = LEVEL (route);
  be->route_backward = LEVEL (route_backward);
  be->combine = LEVEL (combine);
  be->combine_backward = LEVEL (combine_backward);
  be->cross_entropy = LEVEL (cross_entropy);
  be->sum_squares = LEVEL (sum_squares);
  be->adamw_8bit = LEVEL (adamw_8bit);
  be->update = LEVEL (update);
  be->adafactor = LEVEL (adafactor);
  be->decode = LEVEL (decode);
  be->encode = LEVEL (encode);
}
