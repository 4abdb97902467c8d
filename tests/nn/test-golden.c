/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The decoder against Hugging Face Transformers and PEFT: losses, logits, adapter gradients and
 * greedy answers, stored by tests/peers/make_model.py. The tiny model lies with the tests; the real
 * one is tried where it is at hand.
 */
#include "generate/pack.h"
#include "model/model.h"

#include <json-glib/json-glib.h>
#include <math.h>

typedef struct
{
  JsonObject *golden;
  JsonParser *parser;
  AttuneModel *model;
  AttuneBackend *be;
  AttuneDecoder *decoder;
  AttuneParameters *parameters;
  AttunePack *pack;
  AttuneActivations *act;
} Golden;

static char *
golden_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "golden", name, NULL);
}

/* The tiny model, or the one at $ATTUNE_MODEL or in the models folder. */
static char *
model_path (const char *name)
{
  g_autofree char *folder = attune_model_folder ();

  if (g_str_has_prefix (name, "tiny"))
    return golden_path (name);
  if (g_getenv ("ATTUNE_MODEL") != NULL)
    return g_strdup (g_getenv ("ATTUNE_MODEL"));
  return g_build_filename (folder, name, NULL);
}

static void
golden_free (Golden *g)
{
  g_clear_pointer (&g->act, attune_activations_free);
  g_clear_pointer (&g->pack, attune_pack_free);
  g_clear_pointer (&g->parameters, attune_parameters_free);
  g_clear_pointer (&g->decoder, attune_decoder_free);
  g_clear_pointer (&g->be, attune_backend_free);
  g_clear_pointer (&g->model, attune_model_close);
  g_clear_object (&g->parser);
  g_free (g);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Golden, golden_free)

static AttuneSample
read_row (JsonObject *row)
{
  JsonArray *ids = json_object_get_array_member (row, "ids"),
            *learn = json_object_get_array_member (row, "learn");
  AttuneSample sample = { .n = json_array_get_length (ids) };

  sample.tokens = g_new (gint32, sample.n);
  sample.learn = g_new (guint8, sample.n);
  for (guint i = 0; i < sample.n; i++)
    {
      sample.tokens[i] = json_array_get_int_element (ids, i);
      sample.learn[i] = json_array_get_int_element (learn, i);
    }
  return sample;
}

static void
pack_rows (Golden *g)
{
  JsonArray *rows = json_object_get_array_member (g->golden, "rows");
  int n_tokens = 0;

  for (guint i = 0; i < json_array_get_length (rows); i++)
    n_tokens += json_array_get_length (
        json_object_get_array_member (json_array_get_object_element (rows, i), "ids"));
  g->pack = attune_pack_new (n_tokens, TRUE);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      g_auto (AttuneSample) sample = read_row (json_array_get_object_element (rows, i));

      g_assert_true (attune_pack_add (g->pack, &sample));
    }
}

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
  g_autoptr (Golden) g = g_new0 (Golden, 1);
  g_autofree char *path = golden_path (json), *weights = NULL;
  g_autoptr (GError) error = NULL;
  AttuneStepShape shape = { .backward = TRUE };

  g->parser = json_parser_new ();
  if (!json_parser_load_from_file (g->parser, path, &error))
    g_error ("%s", error->message);
  g->golden = json_node_get_object (json_parser_get_root (g->parser));
  weights = model_path (json_object_get_string_member (g->golden, "model"));
  if (!g_file_test (weights, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("the model file is not here: ./dev model fetches it");
      return NULL;
    }
  g->model = attune_model_open (weights, &error);
  g_assert_no_error (error);
  g->be = attune_backend_cpu_new (0);
  g->decoder = attune_decoder_new (attune_model_get_config (g->model), g->be, attune_model_lookup,
                                   g->model, &error);
  g_assert_no_error (error);
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
      for (guint k = 0; k < g->parameters->n_items; k++)
        {
          const AttuneTensor *t = &g->parameters->items[k].value;

          for (gint64 i = 0; i < attune_tensor_count (t); i++)
            ((float *) t->data)[i] = 0.05 * sin (0.37 * i + 1.3 * k); /* the rule is in the file */
        }
      shape.lora_rank = lora.rank;
    }
  pack_rows (g);
  shape.max_tokens = shape.max_targets = attune_pack_get_capacity (g->pack);
  g->act = attune_activations_new (g->be, attune_model_get_config (g->model), &shape, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&g);
}

/* Packed here, each row alone there. */
static void
check_losses (Golden *g, JsonObject *expected, float gradient_scale)
{
  const AttuneBatch *batch = attune_pack_get_batch (g->pack);
  JsonArray *row_nats = json_object_get_array_member (expected, "row_nats");
  g_autofree double *losses = g_new (double, batch->n_targets),
                    *rows = g_new0 (double, json_array_get_length (row_nats));
  g_autoptr (GError) error = NULL;
  double mean = 0, worst = 0;

  g_assert_cmpint (batch->n_targets, ==, json_object_get_int_member (expected, "targets"));
  attune_decoder_forward_backward (g->decoder, g->act, batch, losses, gradient_scale, FALSE, 0, 0);
  attune_backend_sync (g->be, &error);
  g_assert_no_error (error);
  for (int i = 0; i < batch->n_targets; i++)
    {
      rows[attune_pack_get_owner (g->pack, i)] += losses[i];
      mean += losses[i] / batch->n_targets;
    }
  for (guint i = 0; i < json_array_get_length (row_nats); i++)
    {
      const double nats = json_array_get_double_element (row_nats, i);

      worst = MAX (worst, fabs (rows[i] - nats) / nats);
    }
  g_test_message ("mean loss %.7f, stored %.7f; rows differ by at most %.2g relative", mean,
                  json_object_get_double_member (expected, "mean_loss"), worst);
  g_assert_cmpfloat (worst, <, 1e-4); /* seen: 2e-6 */
}

static void
test_base_loss (gconstpointer json)
{
  g_autoptr (Golden) g = golden_open (json, GOLDEN_BASE);

  if (g != NULL)
    check_losses (g, json_object_get_object_member (g->golden, "base"), 0);
}

static void
check_gradient (Golden *g, JsonObject *expected)
{
  const AttuneParameter *item
      = attune_parameters_find (g->parameters, json_object_get_string_member (expected, "name"));
  JsonArray *first = json_object_get_array_member (expected, "first");
  const double norm = json_object_get_double_member (expected, "norm");
  const float *grad = item->grad.data;
  double sum = 0, dot = 0;

  for (gint64 i = 0; i < attune_tensor_count (&item->grad); i++)
    {
      sum += (double) grad[i] * grad[i];
      dot += grad[i] * sin (0.11 * i + 0.5);
    }
  g_assert_cmpfloat (fabs (sqrt (sum) - norm), <, 1e-3 * norm);
  g_assert_cmpfloat (fabs (dot - json_object_get_double_member (expected, "dot")), <, 1e-3 * norm);
  for (guint i = 0; i < json_array_get_length (first); i++)
    g_assert_cmpfloat (fabs (grad[i] - json_array_get_double_element (first, i)), <, 1e-3 * norm);
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
