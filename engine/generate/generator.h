/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text from a decoder: sampling over a KV cache, several prompts at once. Used for samples while tuning, for evaluation and for
 * chat.
 */
#pragma once
#include "nn/decoder.h"
#include "text/chat-template.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Same meaning as in transformers. */
typedef struct
{
  int max_tokens;     /* new tokens at most */
  float temperature;  /* 0: greedy */
  float top_p;        /* 1: off */
  int top_k;          /* 0: off */
  guint64 seed;
} AttuneSampling;
#define ATTUNE_SAMPLING_GREEDY ((AttuneSampling){ .max_tokens = 128, .temperature = 0, .top_p = 1, .top_k = 0 })

/* Picks a token of @logits (V). Ties: the lowest id. @scratch: V (float, id) pairs, at least 8·V bytes. */
gint32 attune_sample (const float *logits, int n_vocab, const AttuneSampling *sampling, double uniform, gpointer scratch);

typedef struct _AttuneGenerator AttuneGenerator;

/**
 * attune_generator_new:
 * @decoder, @tokenizer: borrowed
 * @stop: the token that ends an answer (with EOS)
 * @n_parallel: prompts at once
 * @capacity: longest prompt with its answer, in tokens
 */
AttuneGenerator *attune_generator_new (AttuneDecoder *decoder, const AttuneTokenizer *tokenizer, gint32 stop,
                                       int n_parallel, int capacity, GError **error);
void attune_generator_free (AttuneGenerator *self);
/* Bytes that such a generator takes. Pure. */
gsize attune_generator_bytes (const AttuneDecoderConfig *config, int n_parallel, int capacity);

/* Called with each piece of text as it comes (valid UTF-8); return FALSE to stop. */
typedef gboolean (*AttuneTextFunc) (const char *piece, gpointer data);

/* Continues one prompt. Returns: (transfer full): the answer without the stop token. */
char *attune_generator_run (AttuneGenerator *self, const gint32 *prompt, guint n, const AttuneSampling *sampling,
                            AttuneTextFunc on_text, gpointer data, GError **error);

/* Continues many prompts (GArrays of gint32), n_parallel at a time, refilled as they end. Answers do not depend on
 * which others run beside them beyond rounding. Returns: (transfer full): answers in the prompts' order, NULL-terminated. */
char **attune_generator_run_many (AttuneGenerator *self, GPtrArray *prompts, const AttuneSampling *sampling,
                                  void (*progress) (gpointer data, guint done), gpointer data,
                                  GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneGenerator, attune_generator_free)

G_END_DECLS
