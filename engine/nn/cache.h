/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The KV cache and the scratch of a decoding call. Private to nn/: other rooms see decoder.h.
 */
#pragma once
#include "nn/layer.h"

G_BEGIN_DECLS

/* Keys and values of the positions so far, per layer, and the scratch of one call. */
struct _AttuneCache
{
  AttuneBackend *be;
  AttuneDecoderConfig config;
  AttuneCacheShape shape;
  AttuneArena arena;
  AttuneContext context;
  AttuneTensor *k, *v; /* per layer: (sequences, G, capacity, D) */
  AttuneTensor x, normed, rstd, q, new_k, new_v, attn, gate, up, act;
  AttuneTensor mlp_normed; /* normed, but in a parallel block, where both are read at once */
  AttuneTensor head_rstd;  /* (T · H): of queries and keys that are normed by head */
  AttuneTensor branch;     /* (T, C): what o and down give, where it is normed */
  AttuneMoeTape moe;
  AttuneMoeScratch moe_scratch;
  AttuneTensor rows, logits; /* (max_logits, C), (max_logits, V) */
  int n_virtual;             /* of the decoder, in the last call */
  gint32 *places;            /* max_rows or n_virtual: positions, behind virtual ones */
  float *host_logits;        /* (nullable): a copy, where they are not the host's */
  gint32 *routes;            /* (nullable): of the tape's experts, likewise */
  AttuneRounded *rounded;    /* of max_rows; %NULL where the cache is not fast */
  GHashTable *packed;        /* (nullable): where a weight's packed bytes are, by its data */
  void *packed_memory;
  gsize packed_bytes;
};

G_END_DECLS
