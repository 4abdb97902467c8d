/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The choices that make a decoder. A model family is a row of these values, not code.
 */
#pragma once
#include "compute/backend.h"

#include <math.h>

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_NORM_RMS,
  ATTUNE_NORM_LAYER, /* with the mean taken away, and often a bias */
} AttuneNormKind;

/* Where a layer's norms are. */
typedef enum
{
  ATTUNE_BLOCK_PRE,      /* mid = x + attention (norm (x)), out = mid + mlp (norm (mid)) */
  ATTUNE_BLOCK_SANDWICH, /* the same with norms of what attention and mlp give */
  ATTUNE_BLOCK_POST,     /* only the latter */
  ATTUNE_BLOCK_PARALLEL, /* out = x + attention (norm (x)) + mlp (norm' (x)) */
} AttuneBlock;

/* Norms of queries and keys before they are turned. */
typedef enum
{
  ATTUNE_QK_NORM_NONE,
  ATTUNE_QK_NORM_HEAD, /* of each head, with one gain for all of them */
  ATTUNE_QK_NORM_ROW,  /* of all heads together */
} AttuneQkNorm;

/* How positions are stretched beyond what a model was first made for. */
typedef enum
{
  ATTUNE_STRETCH_NONE,
  ATTUNE_STRETCH_LINEAR, /* all by one factor */
  ATTUNE_STRETCH_LLAMA3, /* slow angles by the factor, fast ones not, between them in part */
  ATTUNE_STRETCH_YARN,   /* likewise by turns (Peng et al. 2023) */
  ATTUNE_STRETCH_LONG,   /* angle by angle, by the model's two lists (Ding et al. 2024) */
} AttuneStretch;

typedef struct
{
  AttuneStretch kind;
  float factor;
  float low, high; /* Llama 3: wave lengths, original / low and original / high; YaRN: turns */
  int original;    /* context before it was stretched */
  float magnitude; /* of the turned vectors; 0 is 1 */
} AttuneStretching;

#define ATTUNE_MAX_LAYERS 1024

/* A set of layers. */
typedef struct
{
  guint64 bits[ATTUNE_MAX_LAYERS / 64];
} AttuneLayerSet;

static inline gboolean
attune_layer_set_has (const AttuneLayerSet *set, int layer)
{
  return set->bits[layer / 64] >> layer % 64 & 1;
}

static inline void
attune_layer_set_add (AttuneLayerSet *set, int layer)
{
  set->bits[layer / 64] |= (guint64) 1 << layer % 64;
}

/* All zero where nothing is said: Llama's way. */
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

  AttuneNormKind norm;
  AttuneBlock block;
  AttuneQkNorm qk_norm;
  gboolean ungated;           /* feed-forward is down (activation (up)), without a gate */
  gboolean learned_positions; /* added to the embedding; nothing is turned */
  int rotary_dim;             /* values of a head that turn; 0: all */
  AttuneStretching stretch;
  AttuneLayerSet unturned; /* layers without rotary positions */
  int window;              /* tokens that the layers in sliding see */
  AttuneLayerSet sliding;
  float sliding_rotary_base; /* of those layers, which are then not stretched; 0: as the others */
  float attn_scale;          /* on q·k; 0: 1/√D */
  float attn_cap, logit_cap; /* soft caps; 0: none */
  float embedding_scale;     /* 0 is 1 */

  int n_experts;        /* E; 0: one feed-forward for all tokens */
  int n_experts_used;   /* by a token */
  int expert_ff;        /* their width */
  int shared_ff;        /* width of the one that all tokens use, too; 0: none */
  gboolean renormalise; /* the chosen experts' weights sum to 1 */

  /* Counted from the model's tensors, not said by it; 0 where they have not been looked at. */
  gint64 layer_gains, layer_biases; /* values in the norms and biases of a layer … */
  gint64 outer_biases;              /* … and in the last norm's bias */
  gboolean linears_counted;         /* whether these two have been: of the linears that can be kept
                                       in 4 bits, those that are stored in 16 or more */
  gint64 wide_linears, wide_bytes;  /* their weights, and what they take as they are stored */
  gint64 small_linears;             /* weights of those that training multiplies as whole numbers */
  gboolean small_head;              /* whether it does so with the LM head */
} AttuneDecoderConfig;

/* What @frequency (an angle per position) becomes by Llama 3's rule: between the two wave lengths
 * the factor fades in (Dubey et al. 2024). */
float attune_stretch_llama3 (const AttuneStretching *self, float frequency);

/* The width of the feed-forward that all tokens go through; 0: there is none. */
static inline int
attune_dense_ff (const AttuneDecoderConfig *config)
{
  return config->n_experts > 0 ? config->shared_ff : config->n_ff;
}

/* Checks that the numbers fit each other and are sane (1 … 2²⁴ or so). @error says which does not.
 */
gboolean attune_decoder_config_check (const AttuneDecoderConfig *config, GError **error);

/* What scores are multiplied with. */
static inline float
attune_attention_scale (const AttuneDecoderConfig *config)
{
  return config->attn_scale > 0 ? config->attn_scale : 1.0f / sqrtf ((float) config->head_dim);
}

G_END_DECLS
