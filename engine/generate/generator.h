/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text from a decoder: sampling over a KV cache, several prompts at once. Used for samples while
 * tuning, for evaluation and for chat.
 */
#pragma once
#include "nn/decoder.h"
#include "text/chat-template.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define ATTUNE_GENERATE_ERROR (attune_generate_error_quark ())
typedef enum
{
  ATTUNE_GENERATE_ERROR_LENGTH,  /* a prompt that is empty, too long or not of this vocabulary */
  ATTUNE_GENERATE_ERROR_NUMBERS, /* the model's output is NaN */
  ATTUNE_GENERATE_ERROR_DRAFT,   /* a draft that has another vocabulary */
} AttuneGenerateError;
GQuark attune_generate_error_quark (void);

/* Same meaning as in transformers. */
typedef struct
{
  int max_tokens;    /* new tokens at most */
  float temperature; /* 0: greedy */
  float top_p;       /* 1: off */
  int top_k;         /* 0: off */
  guint64 seed;
} AttuneSampling;
#define ATTUNE_SAMPLING_GREEDY                                                                     \
  ((AttuneSampling) { .max_tokens = 128, .temperature = 0, .top_p = 1, .top_k = 0 })

/**
 * attune_sample:
 * @logits: (V) f32
 * @uniform: in [0, 1): which of the tokens that are left
 * @scratch: (nullable): 8 · V bytes, aligned to 4; %NULL only for greedy
 *
 * Temperature, then top-k (ties with the k-th stay), then top-p (the smallest set that weighs at
 * least p, never empty; of ties the lowest ids). Greedy takes the lowest id of ties. Allocates
 * nothing.
 *
 * Returns: the token, or -1 when a logit is NaN, all are minus infinity, or (not greedy) one is
 * infinite
 */
gint32 attune_sample (const float *logits, int n_vocab, const AttuneSampling *sampling,
                      double uniform, gpointer scratch);

typedef struct
{
  gint32 stop;     /* the token that ends an answer (with EOS); -1: EOS alone */
  int n_parallel;  /* prompts at once */
  int capacity;    /* longest prompt with its answer, in tokens */
  gboolean exact;  /* products in f32, as in training; otherwise in 8 bits, which is faster and says
                      something else only where two tokens are next to even */
  gboolean small;  /* what has been read is kept in half the memory, a little less exactly */
  gboolean lean;   /* no second copy of the weights, which otherwise speeds up reading them where
                      there is plenty of memory */
  gboolean steady; /* the weights do not change between calls: a prompt that begins as an earlier
                      one, with its answer, is read on from there */
  AttuneDecoder *draft; /* (nullable): borrowed: a smaller model of the same vocabulary that looks
                           ahead while one answer alone is written; the answer stays the same */
} AttuneGeneratorOptions;

typedef struct _AttuneGenerator AttuneGenerator;

/**
 * attune_generator_new:
 * @decoder, @tokenizer: borrowed
 *
 * Make it after the adapters are on @decoder: their rank sizes its scratch.
 */
AttuneGenerator *attune_generator_new (AttuneDecoder *decoder, const AttuneTokenizer *tokenizer,
                                       const AttuneGeneratorOptions *options, GError **error);
void attune_generator_free (AttuneGenerator *self);
/* The highest rank among the adapters on @decoder, which sizes scratch; 0: none. */
int attune_generator_find_rank (const AttuneDecoder *decoder);

/* Called with each piece of text as it comes (valid UTF-8); return FALSE to stop. */
typedef gboolean (*AttuneTextFunc) (const char *piece, gpointer data);

/* Continues one prompt; ends at the stop token, EOS, max_tokens or the capacity. Blocks. Returns:
 * (transfer full): the answer without the stop token: valid UTF-8, the pieces @on_text was given in
 * a row. */
char *attune_generator_run (AttuneGenerator *self, const gint32 *prompt, guint n,
                            const AttuneSampling *sampling, AttuneTextFunc on_text, gpointer data,
                            GError **error);

/* Tokens of the last answer that attune_generator_run() wrote, without the one that ended it. */
int attune_generator_count_new (const AttuneGenerator *self);

/* Tokens that the model has read since the generator was made: fewer than it was given where it had
 * read their beginning before. A draft's are not counted, those it guessed are. */
guint64 attune_generator_count_read (const AttuneGenerator *self);

/* Continues many prompts (GArrays of gint32), n_parallel at a time, refilled as they end. What
 * prompts have in common at their beginning is read once. Answers do not depend on which others run
 * beside them beyond rounding. Blocks; @cancellable is asked between passes. Returns: (transfer
 * full): answers in the prompts' order, NULL-terminated. */
char **attune_generator_run_many (AttuneGenerator *self, GPtrArray *prompts,
                                  const AttuneSampling *sampling,
                                  void (*progress) (gpointer data, guint done), gpointer data,
                                  GCancellable *cancellable, GError **error);

/* Asked before every pass, when @done answers are there: FALSE ends it all as a cancellable does.
 */
typedef gboolean (*AttuneGoOnFunc) (gpointer data, guint done);

/* The same, and @tokens: (out) (transfer full) (element-type GArray): the gint32s of each answer,
 * with the one that ended it, which is not there where it was cut. @go_on: (nullable) */
char **attune_generator_run_tokens (AttuneGenerator *self, GPtrArray *prompts,
                                    const AttuneSampling *sampling, AttuneGoOnFunc go_on,
                                    gpointer data, GPtrArray **tokens, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneGenerator, attune_generator_free)

G_END_DECLS
