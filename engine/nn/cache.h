/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The KV cache and the scratch of a decoding call. Private to nn/: other rooms see decoder.h.
 */
#pragma once
#include "nn/activations.h"

G_BEGIN_DECLS

/* Keys and values of the positions so far, per layer, and the scratch of one call. */
struct _AttuneCache
{
  AttuneBackend *be;
  AttuneDecoderConfig config;
  int n_sequences, capacity, max_rows;
  AttuneArena arena;
  AttuneContext context;
  AttuneTensor *k, *v; /* per layer: (sequences, capacity, G·D) */
  AttuneTensor x, normed, rstd, q, new_k, new_v, attn, gate, up, act;
  AttuneTensor rows, logits; /* (sequences, C), (sequences, V) */
};

G_END_DECLS
