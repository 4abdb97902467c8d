/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The choices that make a decoder. A model family is a row of these values, not code.
 */
#pragma once
#include "compute/backend.h"

G_BEGIN_DECLS

typedef struct
{
  char family[32]; /* "llama" */
  int n_layers;
  int n_embd;     /* C */
  int n_ff;       /* F */
  int n_heads;    /* H */
  int n_kv_heads; /* G */
  int head_dim;   /* D */
  int n_vocab;    /* V */
  int max_tokens; /* longest sequence the model was made for */
  float norm_eps;
  float rotary_base;
  AttuneRotary rotary;
  AttuneGate gate;
  gboolean tied_head; /* the LM head is the embedding */
} AttuneDecoderConfig;

/* Checks that the numbers fit each other and are sane (1 … 2²⁴ or so). @error says which does not.
 */
gboolean attune_decoder_config_check (const AttuneDecoderConfig *config, GError **error);

G_END_DECLS
