/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The backend table: every operation of the engine that touches a tensor, once. The CPU fills it in
 * C; a GPU fills it from a plug-in. Layers call the table, never a backend.
 *
 * Letters:  T tokens (rows of a packed stream), C channels, N outputs, K inputs, H query heads,
 *           G key/value heads, D head size, F feed-forward size, V vocabulary, R rows with a
 * target. Activations, gradients and gains are f32; weights ("stored") may be any type of
 * compute/types.h. Entries return void: the backend keeps the first failure and
 * attune_backend_sync() hands it out. "ADDED" means the result is added to what stands there;
 * everything else is overwritten. Outputs never overlap inputs unless the entry says so. Shapes are
 * preconditions.
 */
#pragma once
#include "compute/tensor.h"

G_BEGIN_DECLS

#define ATTUNE_BACKEND_ABI 7

#define ATTUNE_COMPUTE_ERROR (attune_compute_error_quark ())
typedef enum
{
  ATTUNE_COMPUTE_ERROR_MEMORY,
  ATTUNE_COMPUTE_ERROR_DEVICE,
  ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
} AttuneComputeError;
GQuark attune_compute_error_quark (void);

typedef enum
{
  ATTUNE_ROTARY_HALVES,      /* pairs (i, i + D/2): Hugging Face's weights */
  ATTUNE_ROTARY_INTERLEAVED, /* pairs (2i, 2i + 1): Llama's weights as GGUF stores them */
} AttuneRotary;

/* How heads are turned by position; what lies behind @turned stays. */
typedef struct
{
  AttuneRotary kind;
  int head_dim;
  int turned;      /* first values of a head, even; D in most models */
  float magnitude; /* of sine and cosine: 1 but for stretched positions */
} AttuneRotation;

typedef enum
{
  ATTUNE_GATE_SILU,      /* y = silu (gate) · up */
  ATTUNE_GATE_GELU_TANH, /* y = gelu (gate) · up, tanh form */
  ATTUNE_GATE_GELU,      /* the same by the error function */
  ATTUNE_GATE_SIGMOID,   /* y = σ (gate) · up */
} AttuneGate;

/* Causal attention of every sample in a packed stream over itself (block-diagonal), and over the
 * beginning of the first sample where it begins in the same way: that part is then there once. */
typedef struct
{
  int n_heads;            /* H */
  int n_kv_heads;         /* G; divides H */
  int head_dim;           /* D */
  float scale;            /* on q·k, usually 1/√D */
  float cap;              /* > 0: scores s become cap · tanh (s / cap) */
  int window;             /* > 0: a row sees itself and window - 1 rows before it; 0: all */
  int n_segments;         /* samples in the stream */
  const gint32 *segments; /* n_segments + 1 first rows; segments[0] = 0, the last is T */
  const gint32 *prefixes; /* (nullable) n_segments: so many of the first sample's rows come before
                             the sample's own; 0 for the first */
} AttuneAttention;

/* Attention of new rows over the caches of the sequences they belong to. */
typedef struct
{
  int n_heads, n_kv_heads, head_dim;
  float scale, cap; /* as above */
  int window;
  gint64 capacity;         /* positions in each sequence's cache */
  const gint32 *sequences; /* T: which sequence a row belongs to */
  const gint32 *positions; /* T: a row sees positions 0 … its own */
} AttuneCachedAttention;

/* The choice of experts for every token. Letters: E experts, k of them are used. What is computed
 * for a token by its j-th expert lies at slots[t, j], all of an expert's beside each other. */
typedef struct
{
  int n_experts;        /* E */
  int n_used;           /* k */
  gboolean renormalise; /* the weights of the k chosen are made to sum to 1 */
} AttuneRouting;

/* What a gradient changes a weight by. PyTorch's formulas but for Lion, which is the paper's, and
 * Adafactor, which is as Hugging Face's trainer sets it. g is the gradient; but for AdamW, Lion and
 * Adafactor, which shrink w by learning rate · weight decay, weight decay · w is part of it. */
typedef enum
{
  ATTUNE_OPTIMIZER_ADAMW,      /* Loshchilov & Hutter 2019 */
  ATTUNE_OPTIMIZER_ADAM,       /* Kingma & Ba 2015 */
  ATTUNE_OPTIMIZER_LION,       /* Chen et al. 2023 */
  ATTUNE_OPTIMIZER_SGD,        /* a = β1 · a + g, w -= rate · a */
  ATTUNE_OPTIMIZER_ADAFACTOR,  /* Shazeer & Stern 2018, with the rate that is given */
  ATTUNE_OPTIMIZER_ADAGRAD,    /* Duchi et al. 2011: a += g², w -= rate · g / (√a + eps) */
  ATTUNE_OPTIMIZER_RMSPROP,    /* a = β2 · a + (1 - β2) · g², w as AdaGrad's */
  ATTUNE_OPTIMIZER_ADADELTA,   /* Zeiler 2012 */
  ATTUNE_OPTIMIZER_ADAMW_8BIT, /* AdamW with moments in 8 bits: Dettmers et al. 2022 */
  ATTUNE_N_OPTIMIZERS,
} AttuneOptimizer;

/* One step of an optimizer; each reads what its formula has. */
typedef struct
{
  double learning_rate, beta1, beta2, eps, weight_decay; /* f64: 1 - beta2 loses digits in f32 */
  double gradient_scale; /* multiplied into the gradient first: clipping */
  gint64 step;           /* 1 for the first */
} AttuneAdamW;

/* Both moments of 256 neighbours in 8 bits; a byte stands for a share of the largest: see
 * compute/dynamic.h. */
#define ATTUNE_MOMENTS_BLOCK 256
typedef struct
{
  float first_largest, second_largest;
  guint8 first[ATTUNE_MOMENTS_BLOCK], second[ATTUNE_MOMENTS_BLOCK];
} AttuneMoments8;

/* 32 neighbours of a row, rounded to 8 bits: x ≈ scale · q. One that is NaN or infinite makes scale
 * and sum NaN. */
#define ATTUNE_ROUNDED_BLOCK 32
typedef struct
{
  gint8 q[ATTUNE_ROUNDED_BLOCK]; /* -127 … 127 */
  float scale;                   /* largest |x| / 127 */
  float sum;                     /* scale · Σ q */
  float first;                   /* the same for the first half alone */
} AttuneRounded;

/* 127 · 255 of them must fit 31 bits. */
#define ATTUNE_INT8_MAX_COLUMNS 65536
#define ATTUNE_INT8_SCRATCH(rows, columns) ((gsize) (rows) * (((columns) + 63) / 64 * 64 + 8))

/* What is asked of cross-entropy. */
typedef struct
{
  float scale;          /* of the gradient; 0: none */
  const float *weights; /* (nullable) R: multiplied into each row's scale */
  float cap;            /* > 0: the logits went through soft_cap() with it */
  float smoothing;      /* share of the target's weight that all V share (Szegedy et al. 2016) */
} AttuneCrossEntropy;

/* What is asked of a head that gives labels in place of tokens. Letters: L labels. */
typedef enum
{
  ATTUNE_LABELS_ONE,     /* one of them applies: softmax */
  ATTUNE_LABELS_SEVERAL, /* any of them do: a sigmoid each; the mean over them */
  ATTUNE_LABELS_NUMBER,  /* L numbers: the mean of squared distances */
  ATTUNE_LABELS_SCORE,   /* L numbers: their sum, each times what is wanted of it, which thus is its
                            gradient */
} AttuneLabelKind;

/* With p the probability of what is wanted, its -log p is multiplied by (1 - p)^focal (Lin et al.
 * 2017) and by the weight of its label; numbers have none of these, nor smoothing. Of several, what
 * applies counts as often as its label's @positive says (PyTorch's pos_weight). With @costs the
 * loss of one is (1 - cost_share) times that, and cost_share times the cost that its shares expect:
 * Σ p_j · cost (wanted, j). */
typedef struct
{
  AttuneLabelKind kind;
  float scale;           /* of the gradient; 0: none */
  float focal;           /* 0: none */
  float smoothing;       /* as above; of several labels it is shared with what does not apply */
  float cost_share;      /* 0 … 1 */
  const float *weights;  /* (nullable) L */
  const float *positive; /* (nullable) L: of several */
  const float *costs;    /* (nullable) L x L: of one; row after row what is wanted */
  const float *wanted;   /* rows of L: 1 where a label applies, else 0; or the numbers */
} AttuneLabelLoss;

typedef struct _AttuneBackend AttuneBackend;

struct _AttuneBackend
{
  guint32 abi; /* ATTUNE_BACKEND_ABI */
  gsize size;  /* sizeof (AttuneBackend) where it was built */
  const char *name;

  void (*destroy) (AttuneBackend *be);

  /* --- memory: aligned to 64 bytes and zeroed; %NULL and a kept failure when there is none */
  void *(*alloc) (AttuneBackend *be, gsize bytes);
  void (*release) (AttuneBackend *be, void *memory, gsize bytes);
  /* Where that memory is not the host's; (nullable) where it is. Tensors in the host's memory are
   * taken by every entry, too, but copied for the call, and back where they are results. */
  void (*upload) (AttuneBackend *be, void *memory, const void *from, gsize bytes);
  void (*download) (AttuneBackend *be, void *to, const void *memory, gsize bytes);
  /* (nullable) @w lies in the host's memory and will not change while the backend is there: the
   * device keeps a copy, which is read in its place from now on */
  void (*keep) (AttuneBackend *be, const AttuneTensor *w);

  /* --- products; alpha multiplies the product, beta (0 or 1) what stands in the result */
  /* y (T, N) = alpha · x (T, K) · wᵀ (N, K) + beta · y;  w stored */
  void (*matmul_nt) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                     const AttuneTensor *w, float alpha, float beta);
  /* dx (T, K) = alpha · dy (T, N) · w (N, K) + beta · dx;  w stored */
  void (*matmul_nn) (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy,
                     const AttuneTensor *w, float alpha, float beta);
  /* dw (N, K) = alpha · dyᵀ (T, N) · x (T, K) + beta · dw;  all f32 */
  void (*matmul_tn) (AttuneBackend *be, const AttuneTensor *dw, const AttuneTensor *dy,
                     const AttuneTensor *x, float alpha, float beta);

  /* --- products in 8 bits, for generation (optional): faster, and as exact as x's rounding lets
   * them be. w of a type that attune_type_can_round(), with columns that are whole blocks. */
  /* r (T, K / ATTUNE_ROUNDED_BLOCK) = x (T, K) rounded; |x| < 1e35 */
  void (*round) (AttuneBackend *be, AttuneRounded *r, const AttuneTensor *x);
  /* for each of @n products: y (T, N) = x (T, K) · wᵀ (N, K) + beta · y, with one rounded x. A row
   * of y does not depend on T, nor on where w is read from: what @packed names (nullable, and so
   * are its pointers) stands for w's bytes. */
  void (*matmul_rounded) (AttuneBackend *be, int n, const AttuneTensor *y, const AttuneRounded *x,
                          const AttuneTensor *w, const void *const *packed, float beta);
  /* w's bytes in the order that matmul_rounded() reads them in, into attune_packed_bytes() of
   * memory that is zero; for types of which these are more than 0 */
  void (*pack_rounded) (AttuneBackend *be, void *packed, const AttuneTensor *w);

  /* --- products in 8 bits, for the frozen base while training: x rounded by its rows, w by its
   * outputs; K at most ATTUNE_INT8_MAX_COLUMNS. @scratch: ATTUNE_INT8_SCRATCH (T, K) bytes.
   * (nullable) where the processor has no instruction for it. */
  /* y (T, N) = x (T, K) · wᵀ (N, K) + beta · y;  w stored */
  void (*matmul_nt_int8) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                          const AttuneTensor *w, float beta, void *scratch);
  /* dx (T, K) = dy (T, N) · w (N, K) + beta · dx;  w stored */
  void (*matmul_nn_int8) (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy,
                          const AttuneTensor *w, float beta, void *scratch);

  /* --- products in 16 bits, for a frozen base while training: x rounded to 1/32767 of the largest
   * of 32 neighbours (1/16383 with Q6_K), w of a type that attune_type_has_int16() as it is.
   * (nullable) where the processor has no instruction for it. */
  /* y (T, N) = x (T, K) · wᵀ (N, K) + beta · y;  w stored */
  void (*matmul_nt_int16) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                           const AttuneTensor *w, float beta);
  /* dx (T, K) = dy (T, N) · w (N, K) + beta · dx;  w stored; dy is rounded by 64 neighbours, to
   * 1/32767 (1/8191), and its products with w's steps are once more */
  void (*matmul_nn_int16) (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy,
                           const AttuneTensor *w, float beta);

  /* --- element by element */
  void (*zero) (AttuneBackend *be, const AttuneTensor *x);
  void (*copy) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x);
  void (*add) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x); /* y ADDED */
  /* y (T, N) += bias (N) */
  void (*add_bias) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *bias);
  /* dbias (N) ADDED Σ over T of dy (T, N) */
  void (*add_bias_backward) (AttuneBackend *be, const AttuneTensor *dbias, const AttuneTensor *dy);
  /* x = factor · x */
  void (*scale) (AttuneBackend *be, const AttuneTensor *x, float factor);
  /* y (T, N) = g (N) · x (T, N) + beta · y, column by column; y may be x */
  void (*scale_columns) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                         const AttuneTensor *g, float beta);
  /* dg (N) ADDED Σ over T of dy (T, N) · x (T, N) */
  void (*scale_columns_backward) (AttuneBackend *be, const AttuneTensor *dg, const AttuneTensor *dy,
                                  const AttuneTensor *x);
  /* x (T, C) = g (T) · x, row by row */
  void (*scale_rows) (AttuneBackend *be, const AttuneTensor *x, const AttuneTensor *g);
  /* y (T) = 1 / √(Σ x²) of each row of x (T, C); 0 for a row of zeros */
  void (*inverse_norms) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x);
  /* y ADDED factor · (x - y) */
  void (*approach) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x, float factor);
  void (*swap) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x);
  /* x (T, C) ADDED, in every segment of L rows (@segments: @n + 1 first rows), values uniform in
   * ±alpha / √(L · C) (Jain et al. 2023); Philox (seed, NOISE, step and row) */
  void (*add_noise) (AttuneBackend *be, const AttuneTensor *x, const gint32 *segments, int n,
                     float alpha, guint64 seed, guint64 step);
  /* x = cap · tanh (x / cap) */
  void (*soft_cap) (AttuneBackend *be, const AttuneTensor *x, float cap);
  /* y (T, F); gate and up (T, F). Without @up (nullable) it counts as 1. y may be gate. */
  void (*gated_forward) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *gate,
                         const AttuneTensor *up, AttuneGate kind);
  /* dgate and dup overwritten; may be dy itself for one of them; dup %NULL where up is */
  void (*gated_backward) (AttuneBackend *be, const AttuneTensor *dgate, const AttuneTensor *dup,
                          const AttuneTensor *dy, const AttuneTensor *gate, const AttuneTensor *up,
                          AttuneGate kind);
  /* inverted dropout: y = x · mask / (1 - rate), the mask drawn from Philox (seed, DROPOUT, step)
   * at the element's index plus @offset, so that backward draws the same; y may be x */
  void (*dropout) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x, float rate,
                   guint64 seed, guint64 step, guint64 offset);

  /* --- RMS norm (Zhang & Sennrich 2019): y = x · rstd · w, rstd (T) = 1 / √(mean (x²) + eps); y
   * may be x. dx ADDED rstd · (g − x̂ · mean (g · x̂)), g = dy · w, x̂ = x · rstd; dw (nullable) ADDED
   * Σ over T of dy · x̂ */
  void (*rms_norm_forward) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *rstd,
                            const AttuneTensor *x, const AttuneTensor *w, float eps);
  void (*rms_norm_backward) (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dw,
                             const AttuneTensor *dy, const AttuneTensor *x, const AttuneTensor *w,
                             const AttuneTensor *rstd);

  /* --- layer norm (Ba et al. 2016): y = (x - μ) · rstd · w + b, rstd (T) = 1 / √(var (x) + eps); y
   * may be x; b (nullable). dx ADDED rstd · (g − mean (g) − x̂ · mean (g · x̂)), g = dy · w, x̂ = (x -
   * μ) · rstd; dw (nullable) ADDED Σ over T of dy · x̂ */
  void (*layer_norm_forward) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *rstd,
                              const AttuneTensor *x, const AttuneTensor *w, const AttuneTensor *b,
                              float eps);
  void (*layer_norm_backward) (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dw,
                               const AttuneTensor *dy, const AttuneTensor *x, const AttuneTensor *w,
                               const AttuneTensor *rstd);

  /* --- rotary positions (Su et al. 2021), in place on x (T, heads · D); @frequencies: turned / 2
   * angles per position;
   * @sign: +1 forward, -1 backward (the transposed rotation) */
  void (*rotary) (AttuneBackend *be, const AttuneTensor *x, const gint32 *positions,
                  const float *frequencies, const AttuneRotation *rotation, float sign);

  /* --- attention: out, q (T, H·D); k, v (T, G·D); lse (H, T) log-sum-exp of the scaled scores,
   * kept for backward. Tiled: no T × T matrix. Backward overwrites dq, dk, dv. */
  void (*attention_forward) (AttuneBackend *be, const AttuneTensor *out, const AttuneTensor *lse,
                             const AttuneTensor *q, const AttuneTensor *k, const AttuneTensor *v,
                             const AttuneAttention *shape);
  void (*attention_backward) (AttuneBackend *be, const AttuneTensor *dq, const AttuneTensor *dk,
                              const AttuneTensor *dv, const AttuneTensor *dout,
                              const AttuneTensor *out, const AttuneTensor *lse,
                              const AttuneTensor *q, const AttuneTensor *k, const AttuneTensor *v,
                              const AttuneAttention *shape);
  /* caches k, v (sequences, G, capacity, D), f32, bf16 or (D a multiple of 32) Q8_0; the rows' own
   * keys and values are already in them */
  void (*attention_cached) (AttuneBackend *be, const AttuneTensor *out, const AttuneTensor *q,
                            const AttuneTensor *k_cache, const AttuneTensor *v_cache,
                            const AttuneCachedAttention *shape);
  /* cache[sequences[t], :, positions[t], :] = x[t, :, :] */
  void (*cache_store) (AttuneBackend *be, const AttuneTensor *cache, const AttuneTensor *x,
                       const gint32 *sequences, const gint32 *positions);

  /* --- rows */
  /* y (T, C) = table (V, C)[ids[t]], decoded; table stored */
  void (*gather) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *table,
                  const gint32 *ids);
  /* y (rows, C)[ids[t]] ADDED x (T, C)[t]; ids in ascending order or repeated */
  void (*scatter_add) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                       const gint32 *ids);

  /* --- experts. The weights are the softmax of the k largest of a token's logits (T, E), or of
   * all of them; the lower number wins a tie. starts (E + 1), rows (T · k) and slots (T, k) are
   * gint32 in the host's memory: expert e has the places starts[e] … starts[e + 1], and rows says
   * which token is there. weights (T · k) by place. */
  void (*route) (AttuneBackend *be, gint32 *starts, gint32 *rows, gint32 *slots,
                 const AttuneTensor *weights, const AttuneTensor *logits,
                 const AttuneRouting *routing);
  /* dlogits (T, E) overwritten */
  void (*route_backward) (AttuneBackend *be, const AttuneTensor *dlogits,
                          const AttuneTensor *dweights, const AttuneTensor *weights,
                          const gint32 *starts, const gint32 *slots, const AttuneTensor *logits,
                          const AttuneRouting *routing);
  /* y (T, C) ADDED Σ over j of weights[s] · x (T · k, C)[s], s = slots[t, j]; no slots (nullable):
   * s = t, k = 1; no weights (nullable): 1 */
  void (*combine) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                   const AttuneTensor *weights, const gint32 *slots, int k);
  /* dx[s] = weights[s] · dy[t], dweights[s] = Σ dy[t] · x[s]; dx may be x */
  void (*combine_backward) (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dweights,
                            const AttuneTensor *dy, const AttuneTensor *x,
                            const AttuneTensor *weights, const gint32 *slots, int k);

  /* --- loss: logits (R, V) in, (softmax - wanted) · scale out, in place (untouched if scale is 0),
   * where wanted is 1 at the target, smoothed; losses (R) f64 in nats. With a cap the gradient is
   * that of what went into it. */
  void (*cross_entropy) (AttuneBackend *be, double *losses, const AttuneTensor *logits,
                         const gint32 *targets, const AttuneCrossEntropy *settings);

  /* (optional) of labels: logits (R, L) in, gradient · scale out, in place (untouched if scale is
   * 0); row r wants wanted[targets[r]]. losses (R) f64; shares (nullable): R · L in the host's
   * memory: probabilities, or the numbers */
  void (*label_loss) (AttuneBackend *be, double *losses, float *shares, const AttuneTensor *logits,
                      const gint32 *targets, const AttuneLabelLoss *settings);

  /* --- optimizer, on flat f32 vectors */
  /* Σ x²; the sum's order is fixed for a thread count */
  double (*sum_squares) (AttuneBackend *be, const AttuneTensor *x);
  /* any but Adafactor and AdamW in 8 bits; a and b are what it remembers, at first zero: Adam and
   * AdamW the moments, AdaDelta the mean squares of gradients and steps, others only a (b nullable)
   */
  void (*update) (AttuneBackend *be, const AttuneTensor *w, const AttuneTensor *a,
                  const AttuneTensor *b, const AttuneTensor *g, AttuneOptimizer kind,
                  const AttuneAdamW *step);
  /* w and g (N, K); state: N and K mean squares, at first zero, or K where N is 1; @sums: scratch
   * for N */
  void (*adafactor) (AttuneBackend *be, const AttuneTensor *w, const AttuneTensor *state,
                     const AttuneTensor *g, double *sums, const AttuneAdamW *step);

  /* AdamW with moments in 8 bits; (n + 255) / 256 of @moments, at first zero */
  void (*adamw_8bit) (AttuneBackend *be, const AttuneTensor *w, AttuneMoments8 *moments,
                      const AttuneTensor *g, const AttuneAdamW *step);

  /* --- stored types: y f32 = x decoded, and back; same shapes */
  void (*decode) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x);
  void (*encode) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x);

  /* Waits for all that was asked for. Returns the first failure since the last call, or %NULL
   * (transfer full). */
  GError *(*sync) (AttuneBackend *be);

  gpointer priv; /* the backend's own */
};

/**
 * attune_backend_cpu_new:
 * @n_threads: >= 1, or 0 for one per physical core
 *
 * Returns: (transfer full): the fast CPU backend, for the best instruction set of this machine
 *   (ATTUNE_CPU_LEVEL=1…5 in the environment lowers it, for tests)
 */
AttuneBackend *attune_backend_cpu_new (int n_threads);

void attune_backend_free (AttuneBackend *be);

/* Waits; returns %FALSE with the first failure since the last call. */
gboolean attune_backend_sync (AttuneBackend *be, GError **error);

/* Copies to and from memory of alloc(); waits. */
void attune_backend_upload (AttuneBackend *be, void *memory, const void *from, gsize bytes);
void attune_backend_download (AttuneBackend *be, void *to, const void *memory, gsize bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneBackend, attune_backend_free)

G_END_DECLS
