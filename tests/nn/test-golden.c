/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The decoder against Hugging Face Transformers and PEFT: losses, logits, adapter gradients and
 * greedy answers, stored by tests/peers/make_model.py. The tiny model lies with the tests; the real
 * one is tried where it is at hand.
 */
#include "golden-model.h"

typedef enum
{
  GOLDEN_BASE,
  GOLDEN_LORA,
  GOLDEN_FULL,
} GoldenMethod;

/* %NULL after having skipped. */
static Golden *
golden_open (const char *json, GoldenMethod method)
{
  g_autoptr (Golden) g = golden_load (json);
  AttuneStepShape shape = { .backward = TRUE };
  g_autoptr (GError) error = NULL;

  if (g == NULL)
    return NULL;
  if (method == GOLDEN_FULL)
    {
      g->parameters = attune_decoder_train_base (g->decoder, TRUE, &error);
      g_assert_no_error (error);
    }
  if (method == GOLDEN_LORA)
    {
      const AttuneLoraConfig lora = { .rank = json_object_get_int_member (g->golden, "rank"),
                                      .alpha = json_object_get_double_member (g->golden, "alpha"),
                                      .targets = ATTUNE_TARGETS_ALL };

      g->parameters = attune_decoder_add_lora (g->decoder, &lora, 0, TRUE, &error);
      g_assert_no_error (error);
      golden_fill (g);
      shape.lora_rank = lora.rank;
    }
  golden_lay_out (g, &shape);
  return g_steal_pointer (&g);
}

static void
test_base_loss (gconstpointer json)
{
  g_autoptr (Golden) g = golden_open (json, GOLDEN_BASE);

  if (g != NULL)
    check_losses (g, json_object_get_object_member (g->golden, "base"), 0);
}

static void
check_gradients (const char *json, GoldenMethod method, const char *expected)
{
  g_autoptr (Golden) g = golden_open (json, method);
  JsonArray *gradients;

  if (g == NULL)
    return;
  check_losses (g, json_object_get_object_member (g->golden, expected),
                1.0f / attune_pack_get_batch (g->pack)->n_targets);
  gradients = json_object_get_array_member (g->golden, "gradients");
  g_assert_cmpuint (json_array_get_length (gradients), >, 0);
  for (guint i = 0; i < json_array_get_length (gradients); i++)
    check_gradient (g, json_array_get_object_element (gradients, i));
}

static void
test_gradients (gconstpointer json)
{
  check_gradients (json, GOLDEN_LORA, "lora");
}

/* Of all weights: embedding with the tied head, norms and linears. */
static void
test_full_gradients (void)
{
  check_gradients ("tiny-llama-full.json", GOLDEN_FULL, "full");
}

/* Every position of a row through the cache; where the file has logits, they are compared. */
static void
check_logits (Golden *g, JsonObject *expected)
{
  const AttuneDecoderConfig *config = attune_model_get_config (g->model);
  JsonArray *rows = json_object_get_array_member (g->golden, "rows");
  JsonArray *logits = json_object_get_array_member (expected, "logits");
  g_auto (AttuneSample) row = read_row (
      json_array_get_object_element (rows, json_object_get_int_member (expected, "row")));
  const int n = json_object_get_int_member (expected, "position") + 1;
  g_autofree gint32 *sequences = g_new0 (gint32, n), *positions = g_new (gint32, n);
  const gint32 last = n - 1;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneCache) cache = attune_cache_new (
      g->be, config,
      &(AttuneCacheShape) { .n_sequences = 1, .capacity = n, .max_rows = n, .lora_rank = 4 },
      &error);
  const float *got;
  double scale = 0, worst = 0;

  g_assert_no_error (error);
  for (int i = 0; i < n; i++)
    positions[i] = i;
  got = attune_decoder_decode (g->decoder, cache, n, row.tokens, sequences, positions, 1, &last);
  attune_backend_sync (g->be, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < json_array_get_length (logits); i++)
    scale = MAX (scale, fabs (json_array_get_double_element (logits, i)));
  for (guint i = 0; i < json_array_get_length (logits); i++)
    worst = MAX (worst, fabs (got[i] - json_array_get_double_element (logits, i)) / scale);
  g_test_message ("logits differ by at most %.2g relative", worst);
  g_assert_cmpfloat (worst, <, 1e-4); /* seen: 2e-6 */
}

static void
test_logits (void)
{
  g_autoptr (Golden) g = golden_open ("tiny-llama.json", GOLDEN_BASE);
  JsonArray *logits
      = json_object_get_array_member (json_object_get_object_member (g->golden, "base"), "logits");

  g_assert_cmpuint (json_array_get_length (logits), >, 0);
  for (guint i = 0; i < json_array_get_length (logits); i++)
    check_logits (g, json_array_get_object_element (logits, i));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/nn/golden/tiny/loss", "tiny-llama.json", test_base_loss);
  g_test_add_data_func ("/nn/golden/tiny/gradients", "tiny-llama.json", test_gradients);
  g_test_add_func ("/nn/golden/tiny/full-gradients", test_full_gradients);
  g_test_add_func ("/nn/golden/tiny/logits", test_logits);
  g_test_add_data_func ("/nn/golden/smollm2-135m/loss", "smollm2-135m.json", test_base_loss);
  g_test_add_data_func ("/nn/golden/smollm2-135m/gradients", "smollm2-135m.json", test_gradients);
  return g_test_run ();
}
