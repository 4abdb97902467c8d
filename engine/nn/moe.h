/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A mixture of experts in the place of the feed-forward: a router chooses a few of them for every
 * token; in some families one more works for all tokens. Private to nn/.
 *
 *   y = Σ over the chosen e of weight[e] · expert_e (x)  +  σ (shared gate (x)) · shared (x)
 *
 * Sources: Shazeer et al. 2017; Jiang et al. 2024 (Mixtral); Qwen team 2024.
 */
#pragma once
#include "nn/decoder.h"

G_BEGIN_DECLS

/* What forward writes and backward needs. T tokens, k experts each, E experts, F their width. */
typedef struct
{
  AttuneTensor logits, weights;     /* (T, E), (T · k) */
  gint32 *starts, *rows, *slots;    /* as the backend's route() says */
  AttuneTensor gate, up, out;       /* (T · k, F), (T · k, F), (T · k, C), expert by expert */
  AttuneTensor shared_gate;         /* (T, 1) before σ */
  AttuneTensor shared_g, shared_up; /* (T, shared F) */
  AttuneTensor shared_out;          /* (T, C) */
} AttuneMoeTape;

/* What both use and nobody keeps. */
typedef struct
{
  AttuneTensor in, act;           /* (T · k, C), (T · k, F) */
  AttuneTensor shared_act, share; /* (T, shared F), (T, 1) */
  AttuneTensor d_rows, d_act;     /* (T · k, C), (T · k, F) */
  AttuneTensor d_weights, d_logits;
  AttuneTensor d_shared, d_shared_act, d_share; /* (T, C), (T, shared F), (T, 1) */
} AttuneMoeScratch;

/* @n: tokens at most. */
void attune_moe_lay_out_tape (AttuneMoeTape *tape, AttuneArena *arena,
                              const AttuneDecoderConfig *config, gint64 n);
void attune_moe_lay_out_scratch (AttuneMoeScratch *scratch, AttuneArena *arena,
                                 const AttuneDecoderConfig *config, gint64 n, gboolean backward);

/* Where a backend's memory is not the host's, in which the numbers of the routes must lie: so many
 * of them for @n tokens, and the tape's places for them at @memory. */
gint64 attune_moe_count_routes (const AttuneDecoderConfig *config, gint64 n);
void attune_moe_place_routes (AttuneMoeTape *tape, gint32 *memory,
                              const AttuneDecoderConfig *config, gint64 n);

/* @y: (nullable): ADDED; @x: (T, C) what router and experts read */
void attune_moe_forward (const AttuneDecoder *decoder, AttuneDecoderLayer *layer,
                         AttuneContext *context, AttuneMoeTape *tape, AttuneMoeScratch *scratch,
                         const AttuneTensor *y, const AttuneTensor *x);
/* @dx: overwritten; @dy: of y */
void attune_moe_backward (const AttuneDecoder *decoder, AttuneDecoderLayer *layer,
                          AttuneContext *context, AttuneMoeTape *tape, AttuneMoeScratch *scratch,
                          const AttuneTensor *dx, const AttuneTensor *dy, const AttuneTensor *x);

G_END_DECLS
