/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Virtual tokens against PEFT: losses and gradients of a learned prompt and of a learned prefix,
 * stored by tests/peers/make_virtual.py; and the same losses, token by token, over the cache.
 */
#include "golden-model.h"

#define FILE_NAME "virtual.json"

static JsonObject *
find_case (Golden *g, AttuneAdapterKind kind)
{
  return json_array_get_object_element (json_object_get_array_member (g->golden, "cases"),
                                        kind == ATTUNE_ADAPTER_PREFIX);
}

static Golden *
open_case (AttuneAdapterKind kind, gboolean checkpoint)
{
  g_autoptr (Golden) g = golden_load (FILE_NAME);
  const AttuneLoraConfig lora
      = { .kind = kind, .n_virtual = json_object_get_int_member (g->golden, "virtual") };
  AttuneStepShape shape
      = { .backward = TRUE, .checkpoint = checkpoint, .n_virtual = lora.n_virtual };
  g_autoptr (GError) error = NULL;

  g->parameters = attune_decoder_add_lora (g->decoder, &lora, 7, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g->parameters->count, ==, attune_lora_count (&g->decoder->config, &lora));
  for (guint k = 0; k < g->parameters->n_items; k++)
    {
      const AttuneTensor *value = &g->parameters->items[k].value;

      for (gint64 i = 0; i < attune_tensor_count (value); i++)
        ((float *) value->data)[i] = 0.4 * sin (0.37 * i + 1.3 * k);
    }
  golden_lay_out (g, &shape);
  return g_steal_pointer (&g);
}

static void
check_case (AttuneAdapterKind kind, gboolean checkpoint)
{
  g_autoptr (Golden) g = open_case (kind, checkpoint);
  JsonObject *expected = find_case (g, kind);
  JsonArray *gradients = json_object_get_array_member (expected, "gradients");

  check_losses (g, json_object_get_object_member (expected, "loss"),
                1.0f / attune_pack_get_batch (g->pack)->n_targets);
  g_assert_cmpuint (json_array_get_length (gradients), ==, g->parameters->n_items);
  for (guint i = 0; i < json_array_get_length (gradients); i++)
    check_gradient (g, json_array_get_object_element (gradients, i));
}

static void
test_golden (gconstpointer kind)
{
  check_case (GPOINTER_TO_INT (kind), FALSE);
  check_case (GPOINTER_TO_INT (kind), TRUE);
}

/* −log p of @token. */
static double
find_nats (const float *logits, int n, gint32 token)
{
  double most = logits[0], sum = 0;

  for (int i = 1; i < n; i++)
    most = MAX (most, logits[i]);
  for (int i = 0; i < n; i++)
    sum += exp (logits[i] - most);
  return most + log (sum) - logits[token];
}

/* The loss of @sample, read in pieces of up to @max_rows by sequence @sequence. @from: its first
 * tokens that are in the cache already. */
static double
read_sample (Golden *g, AttuneCache *cache, const AttuneSample *sample, int sequence, int max_rows,
             int from)
{
  double nats = 0;

  for (int first = from; first + 1 < (int) sample->n; first += max_rows)
    {
      const int n = MIN (max_rows, (int) sample->n - 1 - first);
      gint32 sequences[8], positions[8], rows[8];
      const float *logits;

      for (int i = 0; i < n; i++)
        {
          sequences[i] = sequence;
          positions[i] = first + i;
          rows[i] = i;
        }
      logits = attune_decoder_decode (g->decoder, cache, n, sample->tokens + first, sequences,
                                      positions, n, rows);
      for (int i = 0; i < n; i++)
        if (sample->learn[first + i + 1])
          nats += find_nats (logits + i * g->decoder->config.n_vocab, g->decoder->config.n_vocab,
                             sample->tokens[first + i + 1]);
    }
  return nats;
}

/* Also with fewer rows at a time than there are virtual tokens, and in a sequence whose beginning
 * was copied from another. */
static void
test_cache (gconstpointer kind)
{
  g_autoptr (Golden) g = open_case (GPOINTER_TO_INT (kind), FALSE);
  JsonArray *rows = json_object_get_array_member (g->golden, "rows"),
            *nats = json_object_get_array_member (
                json_object_get_object_member (find_case (g, GPOINTER_TO_INT (kind)), "loss"),
                "row_nats");

  for (int max_rows = 2; max_rows <= 8; max_rows += 6)
    for (guint i = 0; i < json_array_get_length (rows); i++)
      {
        g_auto (AttuneSample) sample = read_row (json_array_get_object_element (rows, i));
        const double expected = json_array_get_double_element (nats, i);
        const AttuneCacheShape shape = { .n_sequences = 2,
                                         .capacity = sample.n,
                                         .max_rows = max_rows,
                                         .max_logits = max_rows,
                                         .n_virtual = g->decoder->n_virtual };
        g_autoptr (GError) error = NULL;
        g_autoptr (AttuneCache) cache
            = attune_cache_new (g->be, &g->decoder->config, &shape, &error);
        const int common = attune_sample_prompt_length (&sample) - 1;

        g_assert_no_error (error);
        g_assert_cmpfloat (fabs (read_sample (g, cache, &sample, 0, max_rows, 0) / expected - 1), <,
                           1e-4);
        attune_cache_copy (cache, 0, 1, common);
        g_assert_cmpfloat (
            fabs (read_sample (g, cache, &sample, 1, max_rows, common) / expected - 1), <, 1e-4);
        g_assert_true (attune_backend_sync (g->be, &error));
      }
}

/* Without them the model speaks as before; and it does where they are taken away. */
static void
test_base_only (gconstpointer kind)
{
  g_autoptr (Golden) g = open_case (GPOINTER_TO_INT (kind), FALSE), base = golden_load (FILE_NAME);
  AttuneStepShape shape = { 0 };
  const AttuneBatch *batch;
  g_autofree double *expected = NULL, *losses = NULL;

  golden_lay_out (base, &shape);
  batch = attune_pack_get_batch (base->pack);
  expected = g_new (double, batch->n_targets);
  losses = g_new (double, batch->n_targets);
  attune_decoder_forward_backward (base->decoder, base->act, batch, expected, 0, FALSE, 0, 0);
  attune_decoder_forward_backward (g->decoder, g->act, batch, losses, 0, FALSE, 0, 0);
  g_assert_cmpfloat (fabs (losses[0] - expected[0]), >, 1e-3);
  for (int i = 0; i < 2; i++)
    {
      if (i == 0)
        attune_decoder_set_base_only (g->decoder, TRUE);
      else
        attune_decoder_remove_adapters (g->decoder);
      attune_decoder_forward_backward (g->decoder, g->act, batch, losses, 0, FALSE, 0, 0);
      attune_decoder_set_base_only (g->decoder, FALSE);
      g_assert_cmpmem (losses, batch->n_targets * sizeof (double), expected,
                       batch->n_targets * sizeof (double));
    }
}

static void (*add_real_noise) (AttuneBackend *, const AttuneTensor *, const gint32 *, int, float,
                               guint64, guint64);
static GArray *noisy; /* what the last call left */

static void
add_noise (AttuneBackend *be, const AttuneTensor *x, const gint32 *segments, int n, float alpha,
           guint64 seed, guint64 step)
{
  g_assert_cmpint (segments[0], ==, 0);
  g_assert_cmpint (segments[n], ==, attune_tensor_rows (x)); /* all of them, and no others */
  add_real_noise (be, x, segments, n, alpha, seed, step);
  g_array_set_size (noisy, 0);
  g_array_append_vals (noisy, x->data, attune_tensor_count (x));
}

/* NEFTune's noise on the tokens of texts is what it is without virtual ones, which have none. */
static void
test_noise (gconstpointer kind)
{
  g_autoptr (Golden) g = open_case (GPOINTER_TO_INT (kind), FALSE), base = golden_load (FILE_NAME);
  Golden *const both[] = { base, g };
  AttuneStepShape shape = { 0 };
  g_autoptr (GArray) expected = g_array_new (FALSE, FALSE, sizeof (float));
  g_autofree double *losses = NULL;

  golden_lay_out (base, &shape);
  noisy = g_array_new (FALSE, FALSE, sizeof (float));
  losses = g_new (double, attune_pack_get_batch (g->pack)->n_targets);
  for (int i = 0; i < 2; i++)
    {
      add_real_noise = both[i]->be->add_noise;
      both[i]->be->add_noise = add_noise;
      both[i]->decoder->noise = 5;
      attune_decoder_forward_backward (both[i]->decoder, both[i]->act,
                                       attune_pack_get_batch (both[i]->pack), losses, 0, TRUE, 3,
                                       1);
      g_assert_cmpuint (noisy->len, >, 0);
      if (i == 0)
        g_array_append_vals (expected, noisy->data, noisy->len);
    }
  g_assert_cmpmem (noisy->data, noisy->len * sizeof (float), expected->data,
                   expected->len * sizeof (float));
  g_array_unref (noisy);
}

/* They begin as words: the same for a seed, others for another. */
static void
test_start (gconstpointer kind)
{
  const AttuneLoraConfig lora = { .kind = GPOINTER_TO_INT (kind), .n_virtual = 3 };
  double sums[3];

  for (int i = 0; i < 3; i++)
    {
      g_autoptr (Golden) g = golden_load (FILE_NAME);
      g_autoptr (GError) error = NULL;

      g->parameters = attune_decoder_add_lora (g->decoder, &lora, i / 2, FALSE, &error);
      g_assert_no_error (error);
      sums[i] = g->be->sum_squares (g->be, &g->parameters->values);
    }
  g_assert_cmpfloat (sums[0], >, 0);
  g_assert_cmpfloat (sums[0], ==, sums[1]);
  g_assert_cmpfloat (sums[0], !=, sums[2]);
}

#define ADD(name, function)                                                                        \
  g_test_add_data_func ("/nn/virtual/prompt/" name, GINT_TO_POINTER (ATTUNE_ADAPTER_PROMPT),       \
                        function);                                                                 \
  g_test_add_data_func ("/nn/virtual/prefix/" name, GINT_TO_POINTER (ATTUNE_ADAPTER_PREFIX),       \
                        function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("golden", test_golden);
  ADD ("cache", test_cache);
  ADD ("base-only", test_base_only);
  ADD ("noise", test_noise);
  ADD ("start", test_start);
  return g_test_run ();
}
