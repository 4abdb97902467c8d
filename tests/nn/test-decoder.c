/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gradient-check.h"
#include "compute/reference.h"
#include "tiny-decoder.h"

typedef struct
{
  TinyDecoder *tiny;
  AttuneActivations *act;
  const AttuneBatch *batch;
  double scale;
} Run;

static double
mean_loss (gpointer data)
{
  const Run *run = data;
  double losses[TINY_TARGETS], sum = 0;

  attune_decoder_forward_backward (run->tiny->decoder, run->act, run->batch, losses, 0, TRUE, 1, 1);
  g_assert_true (attune_backend_sync (run->tiny->be, NULL));
  for (int i = 0; i < run->batch->n_targets; i++)
    sum += losses[i];
  return sum * run->scale;
}

static AttuneActivations *
make_activations (TinyDecoder *tiny, gboolean checkpoint, gboolean dropout)
{
  const AttuneStepShape shape = { .max_tokens = TINY_TOKENS + 3,
                                  .max_targets = TINY_TARGETS + 2,
                                  .backward = TRUE,
                                  .checkpoint = checkpoint,
                                  .lora_rank = 3,
                                  .dropout = dropout };
  g_autoptr (GError) error = NULL;
  AttuneActivations *act = attune_activations_new (tiny->be, &tiny->config, &shape, &error);

  g_assert_no_error (error);
  return act;
}

/* Gradients into a fresh copy; they must be ADDED to what stands there. */
static float *
gradients (TinyDecoder *tiny, AttuneParameters *parameters, AttuneActivations *act,
           const AttuneBatch *batch)
{
  double losses[TINY_TARGETS];
  float *grads = parameters->grads.data, *copy = g_new (float, parameters->count);

  for (gint64 i = 0; i < parameters->count; i++)
    grads[i] = 1;
  attune_decoder_forward_backward (tiny->decoder, act, batch, losses, 1.0f / TINY_TARGETS, TRUE, 1,
                                   1);
  g_assert_true (attune_backend_sync (tiny->be, NULL));
  for (gint64 i = 0; i < parameters->count; i++)
    copy[i] = grads[i] - 1;
  return copy;
}

static void
test_gradient (gconstpointer data)
{
  const guint variant = GPOINTER_TO_UINT (data);
  g_autoptr (TinyDecoder) tiny
      = tiny_decoder_new (1, variant & 1 ? ATTUNE_ROTARY_INTERLEAVED : ATTUNE_ROTARY_HALVES);
  g_autoptr (AttuneParameters) parameters = tiny_add_lora (tiny, variant & 4 ? 0.3f : 0);
  g_autoptr (AttuneActivations) act
      = make_activations (tiny, (variant & 2) != 0, (variant & 4) != 0);
  g_autofree float *grads = gradients (tiny, parameters, act, &tiny_batch);
  Run run = { tiny, act, &tiny_batch, 1.0 / TINY_TARGETS };
  double worst;

  /* 17 divides no length here, so every tensor's rows and columns are touched */
  worst = attune_gradient_check (parameters->values.data, grads, parameters->count, 17, 2e-3f,
                                 mean_loss, &run);
  g_test_message ("largest difference: %.2g", worst);
  g_assert_cmpfloat (worst, <, 1e-3); /* seen: 4.2e-4 */
}

static void
test_checkpoint_equal (void)
{
  g_autoptr (TinyDecoder) tiny = tiny_decoder_new (2, ATTUNE_ROTARY_HALVES);
  g_autoptr (AttuneParameters) parameters = tiny_add_lora (tiny, 0.2f);
  g_autoptr (AttuneActivations) keep = make_activations (tiny, FALSE, TRUE);
  g_autoptr (AttuneActivations) again = make_activations (tiny, TRUE, TRUE);
  g_autofree float *first = gradients (tiny, parameters, keep, &tiny_batch);
  g_autofree float *second = gradients (tiny, parameters, again, &tiny_batch);

  g_assert_cmpmem (first, parameters->count * sizeof (float), second,
                   parameters->count * sizeof (float));
}

/* The logits in one turn, in several and row by row: the same losses and gradients. */
static void
test_turns (void)
{
  g_autoptr (TinyDecoder) tiny = tiny_decoder_new (2, ATTUNE_ROTARY_HALVES);
  g_autoptr (AttuneParameters) parameters = tiny_add_lora (tiny, 0);
  g_autoptr (AttuneActivations) whole = make_activations (tiny, FALSE, FALSE);
  g_autofree float *expected = gradients (tiny, parameters, whole, &tiny_batch);

  for (int rows = 1; rows < TINY_TARGETS; rows++)
    {
      const AttuneStepShape shape = { .max_tokens = TINY_TOKENS,
                                      .max_targets = TINY_TARGETS,
                                      .logit_rows = rows,
                                      .backward = TRUE,
                                      .lora_rank = 3 };
      g_autoptr (AttuneActivations) act
          = attune_activations_new (tiny->be, &tiny->config, &shape, NULL);
      g_autofree float *found = gradients (tiny, parameters, act, &tiny_batch);
      double losses[2][TINY_TARGETS];

      for (gint64 i = 0; i < parameters->count; i++)
        g_assert_cmpfloat_with_epsilon (found[i], expected[i], 1e-5);
      attune_decoder_forward_backward (tiny->decoder, whole, &tiny_batch, losses[0], 0, FALSE, 0,
                                       0);
      attune_decoder_forward_backward (tiny->decoder, act, &tiny_batch, losses[1], 0, FALSE, 0, 0);
      for (int i = 0; i < TINY_TARGETS; i++)
        g_assert_cmpfloat_with_epsilon (losses[1][i], losses[0][i], 1e-5);
    }
}

/* What the head would read: its products with that give the losses. */
static void
test_states (void)
{
  g_autoptr (TinyDecoder) tiny = tiny_decoder_new (2, ATTUNE_ROTARY_HALVES);
  g_autoptr (AttuneParameters) parameters = tiny_add_lora (tiny, 0);
  g_autoptr (AttuneActivations) act = make_activations (tiny, FALSE, FALSE);
  const int width = tiny->config.n_embd, n_vocab = tiny->config.n_vocab;
  const float *head = tiny->decoder->head.data;
  g_autofree float *states = g_new (float, TINY_TARGETS *width);
  double losses[TINY_TARGETS];
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (tiny->decoder->head.type, ==, ATTUNE_TYPE_F32);
  attune_decoder_forward_backward (tiny->decoder, act, &tiny_batch, losses, 0, FALSE, 0, 0);
  g_assert_true (attune_decoder_read_states (tiny->decoder, act, &tiny_batch, states, &error));
  g_assert_no_error (error);
  for (int i = 0; i < TINY_TARGETS; i++)
    {
      double sum = 0, target = 0;

      for (int v = 0; v < n_vocab; v++)
        {
          double logit = 0;

          for (int j = 0; j < width; j++)
            logit += (double) head[v * width + j] * states[i * width + j];
          sum += exp (logit);
          target = v == tiny_batch.targets[i] ? logit : target;
        }
      g_assert_cmpfloat_with_epsilon (log (sum) - target, losses[i], 1e-4);
    }
}

/* Packed samples must not see each other: two samples in one stream give the losses that each gives
 * alone. */
static void
test_packing (void)
{
  g_autoptr (TinyDecoder) tiny = tiny_decoder_new (1, ATTUNE_ROTARY_HALVES);
  g_autoptr (AttuneActivations) act = make_activations (tiny, FALSE, FALSE);
  static const gint32 alone_segments[2] = { 0, 5 }, alone_rows[2] = { 2, 4 };
  const AttuneBatch alone = { 5, tiny_tokens + 7, tiny_positions + 7, 1, alone_segments, NULL,
                              2, alone_rows,      tiny_targets + 4 };
  double packed_losses[TINY_TARGETS], losses[2];

  attune_decoder_forward_backward (tiny->decoder, act, &tiny_batch, packed_losses, 0, FALSE, 0, 0);
  attune_decoder_forward_backward (tiny->decoder, act, &alone, losses, 0, FALSE, 0, 0);
  g_assert_cmpfloat_with_epsilon (packed_losses[4], losses[0], 1e-5);
  g_assert_cmpfloat_with_epsilon (packed_losses[5], losses[1], 1e-5);
}

/* Two samples that begin with the same five tokens, whole and with those there once: the same
 * losses and gradients. */
static void
test_prefix (gconstpointer data)
{
  const gboolean checkpoint = GPOINTER_TO_INT (data);
  static const gint32 tokens[] = { 1, 5, 66, 0, 13, 40, 2, 1, 5, 66, 0, 13, 8 };
  static const gint32 positions[] = { 0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5 };
  static const gint32 segments[] = { 0, 7, 13 }, rows[] = { 4, 5, 11, 12 };
  static const gint32 short_tokens[] = { 1, 5, 66, 0, 13, 40, 2, 13, 8 };
  static const gint32 short_positions[] = { 0, 1, 2, 3, 4, 5, 6, 4, 5 };
  static const gint32 short_segments[] = { 0, 7, 9 }, short_rows[] = { 4, 5, 7, 8 };
  static const gint32 prefixes[] = { 0, 4 }, targets[] = { 40, 2, 9, 64 };
  const AttuneBatch whole = { 13, tokens, positions, 2, segments, NULL, 4, rows, targets };
  const AttuneBatch shared
      = { 9, short_tokens, short_positions, 2, short_segments, prefixes, 4, short_rows, targets };
  g_autoptr (TinyDecoder) tiny = tiny_decoder_new (2, ATTUNE_ROTARY_HALVES);
  g_autoptr (AttuneParameters) parameters = tiny_add_lora (tiny, 0);
  const AttuneStepShape shape = {
    .max_tokens = 13, .max_targets = 4, .backward = TRUE, .checkpoint = checkpoint, .lora_rank = 3
  };
  g_autoptr (AttuneActivations) act
      = attune_activations_new (tiny->be, &tiny->config, &shape, NULL);
  g_autofree float *expected = gradients (tiny, parameters, act, &whole);
  g_autofree float *found = gradients (tiny, parameters, act, &shared);
  double losses[2][4];

  for (gint64 i = 0; i < parameters->count; i++)
    g_assert_cmpfloat_with_epsilon (found[i], expected[i], 1e-5);
  attune_decoder_forward_backward (tiny->decoder, act, &whole, losses[0], 0, FALSE, 0, 0);
  attune_decoder_forward_backward (tiny->decoder, act, &shared, losses[1], 0, FALSE, 0, 0);
  for (int i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (losses[1][i], losses[0][i], 1e-5);
}

/* Products in 8 bits point where the exact ones do. They are the reference's, which has
 * them on every machine. */
static void
test_int8 (void)
{
  enum
  {
    N = 40
  };
  gint32 tokens[N], positions[N], rows[2] = { 20, N - 1 };
  const gint32 segments[2] = { 0, N }, targets[2] = { 3, 40 };
  const AttuneBatch batch = { N, tokens, positions, 1, segments, NULL, 2, rows, targets };
  const AttuneStepShape shape
      = { .max_tokens = N, .max_targets = 2, .backward = TRUE, .lora_rank = 3, .int8 = TRUE };
  g_autoptr (AttuneBackend) be = attune_backend_reference_new ();
  g_autoptr (TinyDecoder) tiny = tiny_decoder_new (1, ATTUNE_ROTARY_HALVES);
  g_autoptr (AttuneParameters) parameters = tiny_add_lora (tiny, 0);
  g_autoptr (AttuneActivations) act
      = attune_activations_new (tiny->be, &tiny->config, &shape, NULL);
  g_autofree float *exact = NULL, *rounded = NULL;
  double product = 0, length = 0, other = 0;

  for (int i = 0; i < N; i++)
    {
      tokens[i] = i * 7 % 60;
      positions[i] = i;
    }
  tiny->be->matmul_nt_int8 = be->matmul_nt_int8;
  tiny->be->matmul_nn_int8 = be->matmul_nn_int8;
  exact = gradients (tiny, parameters, act, &batch);
  tiny->decoder->int8 = TRUE;
  rounded = gradients (tiny, parameters, act, &batch);
  for (gint64 i = 0; i < parameters->count; i++)
    {
      product += (double) exact[i] * rounded[i];
      length += (double) exact[i] * exact[i];
      other += (double) rounded[i] * rounded[i];
    }
  g_test_message ("cosine: %.6f", product / sqrt (length * other));
  g_assert_cmpfloat (product / sqrt (length * other), >, 0.98);      /* seen: 0.9936 */
  g_assert_cmpfloat (product / sqrt (length * other), <, 0.9999999); /* it is not the same */
}

static double
loss_of_logits (const float *logits, int n, gint32 target)
{
  double top = -G_MAXDOUBLE, sum = 0;

  for (int i = 0; i < n; i++)
    top = MAX (top, logits[i]);
  for (int i = 0; i < n; i++)
    sum += exp (logits[i] - top);
  return top + log (sum) - logits[target];
}

/* Decoding, token by token or in pieces and with two sequences side by side, gives the losses of
 * the training pass. */
static void
test_decode (gconstpointer data)
{
  const int piece = GPOINTER_TO_INT (data);
  g_autoptr (TinyDecoder) tiny = tiny_decoder_new (2, ATTUNE_ROTARY_INTERLEAVED);
  g_autoptr (AttuneParameters) parameters = tiny_add_lora (tiny, 0);
  g_autoptr (AttuneActivations) act = make_activations (tiny, FALSE, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneCache) cache = attune_cache_new (
      tiny->be, &tiny->config,
      &(AttuneCacheShape) { .n_sequences = 3, .capacity = 9, .max_rows = piece, .lora_rank = 3 },
      &error);
  double losses[TINY_TARGETS];
  int checked = 0;

  g_assert_no_error (error);
  attune_decoder_forward_backward (tiny->decoder, act, &tiny_batch, losses, 0, FALSE, 0, 0);
  for (int segment = 0; segment < 2; segment++)
    for (int t = tiny_segments[segment]; t < tiny_segments[segment + 1];)
      {
        const int n = MIN (piece, tiny_segments[segment + 1] - t);
        const gint32 sequences[TINY_TOKENS]
            = { 2 - segment, 2 - segment, 2 - segment, 2 - segment };
        const gint32 last = n - 1;
        const float *logits = attune_decoder_decode (tiny->decoder, cache, n, tiny_tokens + t,
                                                     sequences, tiny_positions + t, 1, &last);

        t += n;
        for (int i = 0; i < TINY_TARGETS; i++)
          if (tiny_target_rows[i] == t - 1)
            {
              g_assert_cmpfloat_with_epsilon (loss_of_logits (logits, 67, tiny_targets[i]),
                                              losses[i], 2e-5);
              checked++;
            }
      }
  g_assert_true (attune_backend_sync (tiny->be, NULL));
  g_assert_cmpint (checked, >=, 2);
}

static void
test_base_only (void)
{
  g_autoptr (TinyDecoder) tiny = tiny_decoder_new (1, ATTUNE_ROTARY_HALVES);
  g_autoptr (AttuneActivations) act = make_activations (tiny, FALSE, FALSE);
  double base[TINY_TARGETS], off[TINY_TARGETS], on[TINY_TARGETS];
  g_autoptr (AttuneParameters) parameters = NULL;

  attune_decoder_forward_backward (tiny->decoder, act, &tiny_batch, base, 0, FALSE, 0, 0);
  parameters = tiny_add_lora (tiny, 0);
  attune_decoder_forward_backward (tiny->decoder, act, &tiny_batch, on, 0, FALSE, 0, 0);
  attune_decoder_set_base_only (tiny->decoder, TRUE);
  attune_decoder_forward_backward (tiny->decoder, act, &tiny_batch, off, 0, FALSE, 0, 0);
  g_assert_cmpmem (base, sizeof base, off, sizeof off);
  g_assert_cmpfloat (fabs (base[0] - on[0]), >, 1e-3);
}

static void
test_lora_start (void)
{
  const AttuneLoraConfig lora = { .rank = 4, .alpha = 8, .targets = 1 << 0 | 1 << 2 };
  g_autoptr (TinyDecoder) tiny = tiny_decoder_new (1, ATTUNE_ROTARY_HALVES);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneParameters) parameters
      = attune_decoder_add_lora (tiny->decoder, &lora, 42, TRUE, &error);
  const float *a, *b;

  g_assert_no_error (error);
  g_assert_cmpint (parameters->count, ==, attune_lora_count (&tiny->config, &lora));
  g_assert_cmpint (parameters->n_items, ==, 3 * 2 * 2);
  g_assert_nonnull (attune_parameters_find (parameters, "blk.2.attn_v.lora_b"));
  g_assert_null (attune_parameters_find (parameters, "blk.2.attn_k.lora_b"));
  a = attune_parameters_find (parameters, "blk.1.attn_q.lora_a")->value.data;
  b = attune_parameters_find (parameters, "blk.1.attn_q.lora_b")->value.data;
  for (int i = 0; i < 4 * 37; i++)
    g_assert_true (fabsf (a[i]) <= 1 / sqrtf (37) && a[i] != 0);
  for (int i = 0; i < 60 * 4; i++)
    g_assert_cmpfloat (b[i], ==, 0);
}

static void
test_missing_tensor (void)
{
  g_autoptr (TinyDecoder) tiny = tiny_decoder_new (1, ATTUNE_ROTARY_HALVES);
  g_autoptr (GError) error = NULL;

  g_hash_table_remove (tiny->tensors, "blk.1.ffn_up.weight");
  g_assert_null (attune_decoder_new (&tiny->config, tiny->be, tiny_lookup, tiny, &error));
  g_assert_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "blk.1.ffn_up.weight"));
}

static void
test_bad_config (void)
{
  g_autoptr (TinyDecoder) tiny = tiny_decoder_new (1, ATTUNE_ROTARY_HALVES);
  AttuneDecoderConfig config = tiny->config;
  g_autoptr (GError) error = NULL;

  config.n_kv_heads = 4; /* 6 heads cannot share 4 */
  g_assert_false (attune_decoder_config_check (&config, &error));
  g_clear_error (&error);
  config = tiny->config;
  config.n_layers = 1 << 20;
  g_assert_false (attune_decoder_config_check (&config, &error));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/nn/decoder/gradient", GUINT_TO_POINTER (0), test_gradient);
  g_test_add_data_func ("/nn/decoder/gradient-interleaved", GUINT_TO_POINTER (1), test_gradient);
  g_test_add_data_func ("/nn/decoder/gradient-checkpointed", GUINT_TO_POINTER (2), test_gradient);
  g_test_add_data_func ("/nn/decoder/gradient-dropout", GUINT_TO_POINTER (6), test_gradient);
  g_test_add_func ("/nn/decoder/checkpoint-equal", test_checkpoint_equal);
  g_test_add_func ("/nn/decoder/turns", test_turns);
  g_test_add_func ("/nn/decoder/states", test_states);
  g_test_add_func ("/nn/decoder/packing", test_packing);
  g_test_add_func ("/nn/decoder/int8", test_int8);
  g_test_add_data_func ("/nn/decoder/prefix", GINT_TO_POINTER (FALSE), test_prefix);
  g_test_add_data_func ("/nn/decoder/prefix/checkpoint", GINT_TO_POINTER (TRUE), test_prefix);
  g_test_add_data_func ("/nn/decoder/decode-one", GINT_TO_POINTER (1), test_decode);
  g_test_add_data_func ("/nn/decoder/decode-pieces", GINT_TO_POINTER (4), test_decode);
  g_test_add_func ("/nn/decoder/base-only", test_base_only);
  g_test_add_func ("/nn/decoder/lora-start", test_lora_start);
  g_test_add_func ("/nn/decoder/missing-tensor", test_missing_tensor);
  g_test_add_func ("/nn/decoder/bad-config", test_bad_config);
  return g_test_run ();
}
