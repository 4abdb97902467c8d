/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The decoder: embedding, layers of attention and feed-forward, norm, LM head; forward and
 * backward, explicit. Works on one packed stream of tokens: T rows, cut into samples by segments.
 *
 * Backward keeps per layer what cannot be had cheaply again: the residual before attention and
 * before feed-forward, rstd, q, k, v, attention's output and lse, gate and up; where a family norms
 * them, also what comes out of q and k, of o and of down. Normed inputs and gate · up are computed
 * again.
 */
#pragma once
#include "nn/base-parts.h"
#include "nn/linear.h"

G_BEGIN_DECLS

/* A norm's gain and bias, f32; data %NULL: none. */
typedef struct
{
  AttuneTensor gain, bias;
  AttuneTensor d_gain, d_bias; /* data %NULL: frozen */
} AttuneNorm;

typedef struct
{
  AttuneNorm attn_norm, ffn_norm;           /* of x and mid (C); the parallel block's of x */
  gboolean one_norm;                        /* ffn_norm is attn_norm */
  AttuneNorm attn_post_norm, ffn_post_norm; /* of what o and down give (C) */
  AttuneNorm q_norm, k_norm;                /* (D), or all heads' (H · D), (G · D) */
  AttuneLinear q, k, v, o, gate, up, down;  /* the latter three of the shared expert, if any */
  AttuneLinear router, shared_gate;
  AttuneLinear *experts;           /* gate, up, down of each; owned */
  AttuneTensor prefix_k, prefix_v; /* (P, G · D) of virtual tokens; data %NULL: they are computed */
  AttuneTensor d_prefix_k, d_prefix_v;
} AttuneDecoderLayer;

/* A tensor of the base, by name: what stands in its place in the decoder is the stored one, or the
 * one that training changes. */
typedef struct
{
  char *name;             /* "blk.0.attn_q.weight"; owned */
  AttuneTensor *place;    /* in the decoder, as is … */
  AttuneTensor *gradient; /* … where its gradient goes */
  AttuneTensor base;      /* as it is stored */
  AttuneTensor trained;   /* f32; data %NULL: there is none */
  AttuneTensor d_trained;
} AttuneDecoderTensor;

/* Its name among the parameters. */
#define ATTUNE_LABEL_HEAD "score.weight"

/* A head that gives labels in place of tokens, as Hugging Face's ForSequenceClassification: the
 * last row of a text, normed, is multiplied by it. */
typedef struct
{
  AttuneTensor weight, d_weight; /* (L, C) f32, of the parameters; data %NULL: there is none */
  AttuneLabelLoss loss;          /* what is asked of it; the scale is the step's own */
  float *shares;                 /* (nullable): R · L of what it gave last, the caller's */
  gboolean beside; /* the LM head speaks, and this one beside it: its loss is added to no loss, its
                      gradients are; nothing is asked of it where shares is %NULL */
  const gint32 *targets; /* of one that is beside: R rows of loss.wanted */
} AttuneLabelHead;

/* Backward is done with layer @layer and all that comes after it, head and last norm included:
 * their gradients have been told to the backend. @layer is n_layers after the head. */
typedef void (*AttuneLayerDone) (gpointer data, int layer);

typedef struct
{
  AttuneDecoderConfig config;
  AttuneBackend *be;                             /* borrowed */
  AttuneTensor embedding;                        /* (V, C) stored */
  AttuneTensor head;                             /* (V, C) stored; the embedding where tied */
  AttuneTensor positions;                        /* (context, C) stored; data %NULL: none */
  AttuneNorm output_norm;                        /* (C) */
  AttuneTensor d_embedding, d_head, d_positions; /* data %NULL: frozen */
  AttuneDecoderLayer *layers;
  float *frequencies;         /* rotary_dim / 2; of short texts where positions are stretched */
  float *long_frequencies;    /* (nullable) of texts longer than stretch.original */
  float *sliding_frequencies; /* (nullable) of the layers that see a window */
  GPtrArray *names;           /* owns the linears' names */
  GArray *tensors;            /* AttuneDecoderTensor: all that the base has */
  AttuneTensor norms;  /* DoRA's lengths, then scratch for one row or more; data %NULL: none */
  AttuneTensor starts; /* where principal adapters began, which is taken from the weights; data
                          %NULL: none */
  void *quantised;     /* (nullable): the copies of nn/quantise-base.c; owned */
  gsize quantised_bytes;
  GPtrArray *scales;  /* (nullable): of the copies whose scales are quantised again */
  int n_quantised;    /* linears that have one */
  gboolean base_only; /* see attune_decoder_set_base_only() */
  int first_trained; /* lowest layer in which a weight of the base has a gradient; -1: the embedding
                        has one, n_layers: none */
  gboolean int8;     /* attune_decoder_forward_backward() multiplies frozen weights in 8 bits, where
                        the processor can and the activations have room for it */
  float noise;       /* NEFTune's alpha: noise on embedded tokens in training; 0: none */
  float smoothing;   /* of the targets in training: AttuneCrossEntropy */
  AttuneLayerDone layer_done; /* (nullable) */
  gpointer layer_done_data;
  int n_virtual;          /* P: virtual tokens that every text begins with; 0: none */
  AttuneTensor prompt;    /* (P, C) their embeddings; data %NULL: of a prefix, or none */
  AttuneTensor d_prompt;  /* likewise, and where nothing learns */
  AttuneLabelHead labels; /* where there is one, AttuneBatch.targets are rows of what is wanted */
} AttuneDecoder;

/**
 * AttuneTensorLookup:
 * @name: in GGUF's naming: "token_embd.weight", "blk.3.ffn_down.weight", "output_norm.weight",
 * "output.weight"
 *
 * Returns: (nullable): borrowed, lives as long as the decoder
 */
typedef const AttuneTensor *(*AttuneTensorLookup) (gpointer data, const char *name);

/* Sets what @config counts of the norms and biases. Pure. */
void attune_decoder_config_count_vectors (AttuneDecoderConfig *config, AttuneTensorLookup lookup,
                                          gpointer data);

/* Returns: (transfer full): views of the tensors @lookup gives; @error names one that is missing or
 * has a wrong shape. */
AttuneDecoder *attune_decoder_new (const AttuneDecoderConfig *config, AttuneBackend *be,
                                   AttuneTensorLookup lookup, gpointer data, GError **error);
void attune_decoder_free (AttuneDecoder *self);

/* Makes the model speak as it was before tuning, without adapters and trained weights, or with them
 * again. */
void attune_decoder_set_base_only (AttuneDecoder *self, gboolean base_only);
/* Who is told how far backward is: @done, or nobody where that is %NULL. */
void attune_decoder_watch (AttuneDecoder *self, AttuneLayerDone done, gpointer data);
/* What stands under this name, stored or trained. Borrowed; %NULL when there is none. */
const AttuneTensor *attune_decoder_find_tensor (const AttuneDecoder *self, const char *name);

/* The seven linears of a layer in a fixed order: q, k, v, o, gate, up, down. One that the family
 * does not have has no weight. */
#define ATTUNE_LAYER_LINEARS 7
#define ATTUNE_LINEAR_GATE 4
/* Then, where there are experts: the router, the gate of the shared one, and gate, up, down of
 * each.
 */
#define ATTUNE_LINEAR_ROUTER 7
#define ATTUNE_LINEAR_SHARED_GATE 8
#define ATTUNE_LINEAR_EXPERTS 9
/* How many there are. Pure. */
int attune_layer_linears (const AttuneDecoderConfig *config);
AttuneLinear *attune_decoder_layer_linear (AttuneDecoderLayer *layer, int i);
/* "attn_q", "ffn_gate.3". Returns: (transfer full). Pure. */
char *attune_linear_name (const AttuneDecoderConfig *config, int i);
/* Which bit of AttuneLoraConfig.targets it belongs to; the router and the shared gate to the last.
 * Pure. */
int attune_linear_target (int i);
/* "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down". */
extern const char *const attune_linear_names[ATTUNE_LAYER_LINEARS];

/* Outputs and inputs of linear @i of any layer; 0 where the family has no such one. Pure. */
void attune_linear_shape (const AttuneDecoderConfig *config, int i, gint64 *rows, gint64 *columns);

/* Rows of weights that DoRA measures at once. */
#define ATTUNE_NORM_ROWS 64
/* Where LoRA goes: a bit per linear in the order above, and one for the router. */
#define ATTUNE_TARGETS_ALL 0xff

typedef enum
{
  ATTUNE_ADAPTER_LORA,
  ATTUNE_ADAPTER_DORA,   /* LoRA, and the length of each output's weights by itself */
  ATTUNE_ADAPTER_IA3,    /* factors on keys, values and on what down reads; no rank */
  ATTUNE_ADAPTER_PROMPT, /* embeddings of virtual tokens before every text; no rank */
  ATTUNE_ADAPTER_PREFIX, /* keys and values of such in every layer; no rank */
} AttuneAdapterKind;

typedef struct
{
  int rank; /* 0: there is none, but for (IA)³ */
  float alpha;
  float dropout;
  gboolean rank_stabilised; /* scale alpha / √rank (Kalajdzievski 2023) */
  guint targets;            /* bits */
  float b_rate;             /* b's learning rate over a's (Hayou et al. 2024, LoRA+); 0 is 1 */
  AttuneAdapterKind kind;
  int n_labels;       /* of the head that learns beside it; 0: none */
  int n_virtual;      /* P: of a prompt or a prefix, else 0 */
  gboolean principal; /* of LoRA: begins in the largest parts of the weights (Meng et al. 2024) */
  const AttuneDecoder *stored; /* (nullable): of a principal one on a base in 4 bits, what that is a
                                  copy of: it begins in the largest parts of what the copy has lost
                                  (Li et al. 2023, LoftQ), and nothing is taken from the copy */
  const float *starts; /* (nullable): where a principal one began: they need not be found again */
} AttuneLoraConfig;

/* Whether there is an adapter at all. */
static inline gboolean
attune_lora_is_there (const AttuneLoraConfig *config)
{
  return config->rank > 0 || config->n_virtual > 0 || config->kind == ATTUNE_ADAPTER_IA3;
}

/**
 * attune_decoder_add_lora:
 * @seed: for a's start values: Kaiming-uniform as PEFT draws its range, U(-1/√K, 1/√K); b starts at
 * 0
 * @trainable: whether gradients are kept
 *
 * DoRA's lengths begin as those of the base's weights, (IA)³'s factors at 1.
 *
 * Returns: (transfer full): the parameters, "blk.N.attn_q.lora_a" (r, K), "….lora_b" (N, r) and
 * "….magnitude" (1, N), or "….ia3" (1, N) or (1, K); last the head's "score.weight" (L, C), zero.
 * They must outlive the decoder's use
 */
AttuneParameters *attune_decoder_add_lora (AttuneDecoder *self, const AttuneLoraConfig *config,
                                           guint64 seed, gboolean trainable, GError **error);
/* DoRA divides by lengths that follow from its values: to be called when these were changed, or a
 * base put under them. Nothing to do for others. */
void attune_decoder_update_norms (AttuneDecoder *self);
/* Whether some linear has an adapter that rescales: AttuneStepShape.rescaled. */
gboolean attune_decoder_is_rescaled (const AttuneDecoder *self);
/* Takes all adapters off again: the base speaks. */
void attune_decoder_remove_adapters (AttuneDecoder *self);
/* How many values the adapter would train. Pure. */
gint64 attune_lora_count (const AttuneDecoderConfig *config, const AttuneLoraConfig *lora);
/* Bytes that it takes besides values and gradients: DoRA's lengths, where a principal one began.
 * Pure. */
gsize attune_lora_extra_bytes (const AttuneDecoderConfig *config, const AttuneLoraConfig *lora);
/* The lengths of the parameters of linear @i of any layer: rows and columns of each. Returns: how
 * many there are, 3 at most; 0 where it is not adapted. Pure. */
int attune_lora_shapes (const AttuneDecoderConfig *config, const AttuneLoraConfig *lora, int i,
                        gint64 shapes[3][2]);
/* The sum of @count over its matrices and vectors. Pure. */
gint64 attune_lora_count_by_shape (const AttuneDecoderConfig *config, const AttuneLoraConfig *lora,
                                   AttuneShapeCount count);

/* Has the backend keep copies of the base's weights where it computes, if that is elsewhere: they
 * are not to change or go before it does. Errors: %ATTUNE_COMPUTE_ERROR_MEMORY. */
gboolean attune_decoder_keep_base (AttuneDecoder *self, GError **error);

/* --- training */

/**
 * attune_decoder_train_base:
 * @trainable: whether gradients are kept
 *
 * Puts f32 copies of all weights in the place of the stored ones, for full fine-tuning. The base's
 * own memory is not read again but in attune_decoder_set_base_only().
 *
 * Returns: (transfer full): the parameters, under the tensors' names; they must outlive the
 * decoder's use
 */
AttuneParameters *attune_decoder_train_base (AttuneDecoder *self, gboolean trainable,
                                             GError **error);
/* The same with some of the weights only; the others stay as they are stored. Of a half that learns
 * at a time, none has gradients yet. No weights at all are an error. */
AttuneParameters *attune_decoder_train_parts (AttuneDecoder *self, const AttuneBaseParts *parts,
                                              gboolean trainable, GError **error);
/* Gives the gradients of @parameters, made for a half at a time, to the half of @round. */
void attune_decoder_choose_half (AttuneDecoder *self, AttuneParameters *parameters, guint64 seed,
                                 guint64 round);
/* Takes the trained weights out again: the stored ones speak. */
void attune_decoder_remove_trained_base (AttuneDecoder *self);
/* Whether the weights themselves have been trained, or read from a run that did. */
gboolean attune_decoder_has_trained_base (const AttuneDecoder *self);

typedef struct
{
  int n_tokens;            /* T */
  const gint32 *tokens;    /* T */
  const gint32 *positions; /* T; from 0 in every sample, or from its prefix */
  int n_segments;
  const gint32 *segments;    /* n_segments + 1 first rows */
  const gint32 *prefixes;    /* (nullable) n_segments: rows of the first sample that come before a
                                sample's own, which begin at that position */
  int n_targets;             /* R */
  const gint32 *target_rows; /* R, ascending: the row whose output predicts … */
  const gint32 *targets;     /* R: … this token */
  const float *weights;      /* (nullable) R: multiplied into each target's gradient */
} AttuneBatch;

typedef struct _AttuneActivations AttuneActivations;

/* How much a step needs; what attune_activations_new() allocates. */
typedef struct
{
  int max_tokens;      /* T at most */
  int max_targets;     /* R at most */
  int logit_rows;      /* logits that exist at once, of max_targets; 0: as many as pay */
  gboolean backward;   /* %FALSE: loss only, far less memory */
  gboolean checkpoint; /* keep one residual per layer and compute the rest again: less memory, a
                          third more time */
  int lora_rank;       /* highest rank, for scratch; 0: none */
  gboolean rescaled;   /* DoRA or (IA)³: scratch for what a linear gives and reads */
  gboolean dropout;    /* some adapter drops out: scratch for the dropped input */
  int first_layer;     /* the lowest with something that learns: nothing is kept of those below */
  gboolean int8;       /* scratch for products in 8 bits: AttuneDecoder.int8 */
  int n_virtual;       /* AttuneDecoder.n_virtual at most, beside max_tokens */
} AttuneStepShape;

/* Bytes of the arena for such steps. Pure: the same layout function as the allocation. */
gsize attune_activations_bytes (const AttuneDecoderConfig *config, const AttuneStepShape *shape);

AttuneActivations *attune_activations_new (AttuneBackend *be, const AttuneDecoderConfig *config,
                                           const AttuneStepShape *shape, GError **error);
void attune_activations_free (AttuneActivations *self);

/**
 * attune_decoder_forward_backward:
 * @losses: (out caller-allocates): R losses in nats, one per target
 * @gradient_scale: what each target's loss is multiplied with for the gradient (1 / target tokens
 * of the whole step); 0: forward only
 * @training: dropout on
 * @seed, @step: dropout's key; @step must differ between micro-batches
 *
 * Gradients are ADDED. No allocation. A failure is kept by the backend.
 */
void attune_decoder_forward_backward (AttuneDecoder *self, AttuneActivations *activations,
                                      const AttuneBatch *batch, double *losses,
                                      float gradient_scale, gboolean training, guint64 seed,
                                      guint64 step);

/**
 * attune_decoder_read_states:
 * @states: (out caller-allocates): (R, C) f32: of each of the batch's target rows what the last
 * norm gives, which the head would read; the targets themselves mean nothing
 *
 * Forward only. Blocks.
 */
gboolean attune_decoder_read_states (AttuneDecoder *self, AttuneActivations *activations,
                                     const AttuneBatch *batch, float *states, GError **error);

/* --- generation */

/* Rows of a pass over prompts: enough that a product reads each weight once for many tokens. */
#define ATTUNE_PREFILL_ROWS 128

typedef struct _AttuneCache AttuneCache;

typedef struct
{
  int n_sequences;
  int capacity;   /* positions per sequence */
  int max_rows;   /* in one attune_decoder_decode() call */
  int max_logits; /* likewise; 0: as many as there are sequences */
  int lora_rank;  /* the highest on the decoder; 0: no adapter. (IA)³ counts as 1 */
  gboolean fast;  /* products in 8 bits where the weights allow it, and keys and values in bf16:
                     for text, not for losses */
  gboolean small; /* of a fast cache: keys and values in 8 bits where a head is whole blocks of 32:
                     half the memory */
  gboolean pack;  /* of a fast cache: keep the weights in memory a second time, in the order they
                     are read in, which is faster still; they must not change then. Not in
                     attune_cache_bytes() */
  int n_virtual;  /* AttuneDecoder.n_virtual at most, beside capacity */
} AttuneCacheShape;

/* What text is written with: @n_sequences answers at once. Pure. */
AttuneCacheShape attune_cache_shape_for_text (int n_sequences, int capacity, int lora_rank);

/* Bytes of the cache and its scratch. Pure. */
gsize attune_cache_bytes (const AttuneDecoderConfig *config, const AttuneCacheShape *shape);
AttuneCache *attune_cache_new (AttuneBackend *be, const AttuneDecoderConfig *config,
                               const AttuneCacheShape *shape, GError **error);
void attune_cache_free (AttuneCache *self);

/* Copies the first @n positions of sequence @from to sequence @to. */
void attune_cache_copy (AttuneCache *cache, int from, int to, int n);

/**
 * attune_decoder_decode:
 * @tokens, @sequences, @positions: n rows: token t is put at that place of that sequence's cache;
 * rows of one sequence ascend
 * @logit_rows: (array length=n_logits): the rows whose logits are wanted
 *
 * Returns: (transfer none): (n_logits, V) f32 in the cache's scratch, good until the next call;
 * read after sync
 */
const float *attune_decoder_decode (AttuneDecoder *self, AttuneCache *cache, int n,
                                    const gint32 *tokens, const gint32 *sequences,
                                    const gint32 *positions, int n_logits,
                                    const gint32 *logit_rows);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneDecoder, attune_decoder_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneActivations, attune_activations_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneCache, attune_cache_free)

G_END_DECLS
