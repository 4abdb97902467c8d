/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reference backend's attention; see compute/backend.h for the entries.
 */
#pragma once
#include "compute/backend.h"

void attune_reference_attention_forward (AttuneBackend *be, const AttuneTensor *out,
                                         const AttuneTensor *lse, const AttuneTensor *q,
                                         const AttuneTensor *k, const AttuneTensor *v,
                                         const AttuneAttention *shape);
void attune_reference_attention_backward (AttuneBackend *be, const AttuneTensor *dq,
                                          const AttuneTensor *dk, const AttuneTensor *dv,
                                          const AttuneTensor *dout, const AttuneTensor *out,
                                          const AttuneTensor *lse, const AttuneTensor *q,
                                          const AttuneTensor *k, const AttuneTensor *v,
                                          const AttuneAttention *shape);
void attune_reference_attention_cached (AttuneBackend *be, const AttuneTensor *out,
                                        const AttuneTensor *q, const AttuneTensor *k_cache,
                                        const AttuneTensor *v_cache,
                                        const AttuneCachedAttention *shape);
