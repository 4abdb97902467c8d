/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tensors of a training step and where they lie. Private to nn/: layers see it, other rooms see
 * decoder.h.
 */
#pragma once
#include "nn/moe.h"

G_BEGIN_DECLS

/* What backward needs of one layer. T: max_tokens of the step's shape; a step uses the first rows.
 */
typedef struct
{
  AttuneTensor x;                            /* (T, C) residual before attention */
  AttuneTensor attn_rstd;                    /* (T) */
  AttuneTensor q, k, v;                      /* (T, H·D), (T, G·D), (T, G·D), rotated */
  AttuneTensor raw_q, raw_k, q_rstd, k_rstd; /* before their norm; q and k themselves where
                                                there is none */
  AttuneTensor attn;                         /* (T, H·D) attention's output */
  AttuneTensor lse;                          /* (H, T) */
  AttuneTensor mid;                          /* (T, C) residual before feed-forward */
  AttuneTensor ffn_rstd;                     /* (T) */
  AttuneTensor gate, up;                     /* (T, F) before the gate's function */
  /* (T, C), (T): what o and down give, where it is normed */
  AttuneTensor attn_out, attn_out_rstd, ffn_out, ffn_out_rstd;
  AttuneMoeTape moe;
} AttuneLayerTape;

typedef struct _AttuneVirtualRows AttuneVirtualRows;

struct _AttuneActivations
{
  AttuneBackend *be;
  AttuneDecoderConfig config;
  AttuneStepShape shape;
  AttuneArena arena;
  gint32 *routes; /* (nullable): of the tapes' experts, where that memory is not the host's */
  AttuneContext context;
  AttuneLayerTape *tapes; /* one per layer; with checkpointing they share all but x */

  /* shared by all layers */
  AttuneTensor stream;       /* (T, C) the last layer's output */
  AttuneTensor normed;       /* (T, C) */
  AttuneTensor act;          /* (T, F) gate · up; in backward also d up */
  AttuneTensor d_stream;     /* (T, C) */
  AttuneTensor d_normed;     /* (T, C) */
  AttuneTensor d_ffn_normed; /* (T, C): d_normed, but in a parallel block */
  AttuneTensor d_branch;     /* (T, C) of attn_out and ffn_out */
  AttuneTensor d_act;        /* (T, F); also d gate */
  AttuneTensor d_q, d_k, d_v, d_attn;
  AttuneTensor d_raw; /* (T, H·D), of raw_q, then of raw_k */

  AttuneMoeScratch moe;

  /* LM head: only rows with a target */
  AttuneTensor rows, rows_normed, rows_rstd; /* (R, C), (R, C), (R) */
  AttuneTensor d_rows, d_rows_normed;        /* (R, C) */
  AttuneTensor logits;                       /* (head_chunk, V) */
  int head_chunk;

  AttuneVirtualRows *virtual_rows; /* (nullable) */
};

/* The first @n rows of a (T, C) or (T) tensor. */
static inline AttuneTensor
attune_first_rows (const AttuneTensor *t, gint64 n)
{
  AttuneTensor view = *t;

  view.dims[0] = n;
  return view;
}

/* Whether the family norms what attention and feed-forward give. */
static inline gboolean
attune_norms_after (const AttuneDecoderConfig *config)
{
  return config->block == ATTUNE_BLOCK_SANDWICH || config->block == ATTUNE_BLOCK_POST;
}

G_END_DECLS
