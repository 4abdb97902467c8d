/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A small random decoder in memory, in odd sizes, for the tests of nn/.
 */
#pragma once
#include "core/random.h"
#include "nn/decoder.h"

#include <string.h>

typedef struct
{
  AttuneBackend *be;
  GHashTable *tensors; /* name -> AttuneTensor, owning the data */
  AttuneDecoderConfig config;
  AttuneDecoder *decoder;
} TinyDecoder;

static inline void
tiny_tensor_free (gpointer data)
{
  AttuneTensor *t = data;

  g_free (t->data);
  g_free (t);
}

/* Normal values of the given spread; gains lie around 1. */
static inline void
tiny_add (TinyDecoder *tiny, char *name, gint64 rows, gint64 columns, double spread)
{
  AttuneTensor *t = g_new0 (AttuneTensor, 1);
  const gint64 n = MAX (1, rows) * columns;
  AttuneRandom random;
  float *values = g_new (float, n);

  attune_random_init (&random, 11, ATTUNE_RANDOM_TEST, g_str_hash (name));
  for (gint64 i = 0; i < n; i++)
    values[i] = (rows == 0 ? 1 : 0) + spread * attune_random_normal (&random);
  *t = (AttuneTensor) { values, rows > 0 ? 2 : 1, { rows > 0 ? rows : columns, columns } };
  g_hash_table_insert (tiny->tensors, name, t);
}

static inline const AttuneTensor *
tiny_lookup (gpointer data, const char *name)
{
  return g_hash_table_lookup (((TinyDecoder *) data)->tensors, name);
}

static inline TinyDecoder *
tiny_decoder_new (int n_threads, AttuneRotary rotary)
{
  TinyDecoder *tiny = g_new0 (TinyDecoder, 1);
  g_autoptr (GError) error = NULL;

  tiny->be = attune_backend_cpu_new (n_threads);
  tiny->tensors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, tiny_tensor_free);
  tiny->config = (AttuneDecoderConfig) { .family = "llama",
                                         .n_layers = 3,
                                         .n_embd = 37, /* odd: no SIMD width divides it */
                                         .n_ff = 51,
                                         .n_heads = 6,
                                         .n_kv_heads = 2,
                                         .head_dim = 10,
                                         .n_vocab = 67,
                                         .max_tokens = 128,
                                         .norm_eps = 1e-5f,
                                         .rotary_base = 10000,
                                         .rotary = rotary,
                                         .tied_head = FALSE };
  tiny_add (tiny, g_strdup ("token_embd.weight"), 67, 37, 1);
  tiny_add (tiny, g_strdup ("output.weight"), 67, 37, 0.3);
  tiny_add (tiny, g_strdup ("output_norm.weight"), 0, 37, 0.2);
  for (int layer = 0; layer < tiny->config.n_layers; layer++)
    {
      tiny_add (tiny, g_strdup_printf ("blk.%d.attn_norm.weight", layer), 0, 37, 0.2);
      tiny_add (tiny, g_strdup_printf ("blk.%d.ffn_norm.weight", layer), 0, 37, 0.2);
      for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
        {
          gint64 rows, columns;

          attune_linear_shape (&tiny->config, i, &rows, &columns);
          tiny_add (tiny, g_strdup_printf ("blk.%d.%s.weight", layer, attune_linear_names[i]), rows,
                    columns, 0.2);
        }
    }
  tiny->decoder = attune_decoder_new (&tiny->config, tiny->be, tiny_lookup, tiny, &error);
  g_assert_no_error (error);
  return tiny;
}

static inline void
tiny_decoder_free (TinyDecoder *tiny)
{
  attune_decoder_free (tiny->decoder);
  attune_backend_free (tiny->be);
  g_hash_table_unref (tiny->tensors);
  g_free (tiny);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TinyDecoder, tiny_decoder_free)

/* Adapters on every linear, b not zero, so that all gradients flow. */
static inline AttuneParameters *
tiny_add_lora (TinyDecoder *tiny, float dropout)
{
  const AttuneLoraConfig lora
      = { .rank = 3, .alpha = 6, .dropout = dropout, .targets = ATTUNE_TARGETS_ALL };
  g_autoptr (GError) error = NULL;
  AttuneParameters *parameters = attune_decoder_add_lora (tiny->decoder, &lora, 5, TRUE, &error);
  AttuneRandom random;

  g_assert_no_error (error);
  attune_random_init (&random, 3, ATTUNE_RANDOM_TEST, 0);
  for (gint64 i = 0; i < parameters->count; i++)
    ((float *) parameters->values.data)[i] = 0.2 * attune_random_normal (&random);
  return parameters;
}

/* Two samples of 7 and 5 tokens packed into one stream; some tokens are targets. */
#define TINY_TOKENS 12
#define TINY_TARGETS 6
static const gint32 tiny_tokens[TINY_TOKENS] = { 1, 5, 66, 0, 13, 40, 2, 1, 9, 9, 31, 8 };
static const gint32 tiny_positions[TINY_TOKENS] = { 0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4 };
static const gint32 tiny_segments[3] = { 0, 7, 12 };
static const gint32 tiny_target_rows[TINY_TARGETS] = { 2, 4, 5, 6, 9, 11 };
static const gint32 tiny_targets[TINY_TARGETS] = { 0, 40, 2, 33, 31, 64 };
static const AttuneBatch tiny_batch
    = { TINY_TOKENS, tiny_tokens,  tiny_positions,   2,           tiny_segments,
        NULL,        TINY_TARGETS, tiny_target_rows, tiny_targets };
