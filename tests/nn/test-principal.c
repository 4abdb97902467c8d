/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An adapter that begins in the largest parts of its weights (PiSSA): against PEFT, stored by
 * tests/peers/make_principal.py, and on weights that are too large to be taken apart whole.
 */
#include "golden-model.h"
#include "nn/principal.h"

/* scale · |row r of a|² is the singular value r. */
static void
check_values (Golden *g, const AttuneLinear *linear)
{
  JsonArray *expected = json_object_get_array_member (
      json_object_get_object_member (g->golden, "singular_values"), linear->name);
  const AttuneLora *lora = &linear->adapters[0];
  const gint64 k = lora->a.dims[1];

  g_assert_cmpint (linear->n_adapters, ==, 2);
  for (guint r = 0; r < json_array_get_length (expected); r++)
    {
      const double theirs = json_array_get_double_element (expected, r);
      double sum = 0;

      for (gint64 i = 0; i < k; i++)
        sum += pow (((float *) lora->a.data)[r * k + i], 2);
      g_assert_cmpfloat (fabs (lora->scale * sum / theirs - 1), <, 1e-4); /* seen: 3e-7 */
    }
}

/* Signs of singular vectors are anyone's choice, and AdamW does not mind them. */
static void
check_steps (Golden *g)
{
  JsonArray *losses = json_object_get_array_member (g->golden, "losses");
  const gsize bytes = g->parameters->count * sizeof (float);
  AttuneTensor m = { g->be->alloc (g->be, bytes), 1, { g->parameters->count } },
               v = { g->be->alloc (g->be, bytes), 1, { g->parameters->count } };
  AttuneAdamW adamw = { .learning_rate = json_object_get_double_member (g->golden, "rate"),
                        .beta1 = 0.9,
                        .beta2 = 0.999,
                        .eps = 1e-8,
                        .gradient_scale = 1 };

  for (guint i = 0; i < json_array_get_length (losses); i++)
    {
      const double loss = golden_loss (g), theirs = json_array_get_double_element (losses, i);
      const double norm = sqrt (g->be->sum_squares (g->be, &g->parameters->grads));

      g_test_message ("step %u: loss %.6f, PEFT's %.6f", i, loss, theirs);
      g_assert_cmpfloat (fabs (loss / theirs - 1), <, 1e-4);
      if (i == 0)
        g_assert_cmpfloat (
            fabs (norm / json_object_get_double_member (g->golden, "gradient_norm") - 1), <, 1e-3);
      adamw.step = i + 1;
      g->be->update (g->be, &g->parameters->values, &m, &v, &g->parameters->grads,
                     ATTUNE_OPTIMIZER_ADAMW, &adamw);
    }
  g->be->release (g->be, m.data, bytes);
  g->be->release (g->be, v.data, bytes);
}

static void
test_peft (void)
{
  g_autoptr (Golden) g = golden_load ("principal.json");
  AttuneStepShape shape = { .backward = TRUE, .lora_rank = 4 };
  const AttuneLoraConfig lora
      = { .rank = 4, .alpha = 8, .targets = ATTUNE_TARGETS_ALL, .principal = TRUE };
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (g);
  golden_lay_out (g, &shape);
  g->parameters = attune_decoder_add_lora (g->decoder, &lora, 7, TRUE, &error);
  g_assert_no_error (error);
  for (int layer = 0; layer < g->decoder->config.n_layers; layer++)
    for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
      check_values (g, attune_decoder_layer_linear (&g->decoder->layers[layer], i));
  /* the beginning changes nothing */
  check_losses (g, json_object_get_object_member (g->golden, "loss"), 0);
  check_steps (g);
  attune_decoder_remove_adapters (g->decoder);
  check_losses (g, json_object_get_object_member (g->golden, "loss"), 0);
}

/* Where it began, as it was found: nothing is taken apart again, not even what cannot be that. */
static void
test_given (void)
{
  g_autoptr (Golden) g = golden_load ("principal.json");
  AttuneStepShape shape = { .backward = TRUE, .lora_rank = 4 };
  AttuneLoraConfig lora
      = { .rank = 4, .alpha = 8, .targets = ATTUNE_TARGETS_ALL, .principal = TRUE };
  g_autofree float *starts = NULL;
  g_autoptr (GError) error = NULL;
  gint64 n;

  g_assert_nonnull (g);
  golden_lay_out (g, &shape);
  n = attune_lora_count (&g->decoder->config, &lora);
  g_assert_cmpuint (n * sizeof (float), ==, attune_lora_extra_bytes (&g->decoder->config, &lora));
  starts = g_new (float, n);
  for (gint64 i = 0; i < n; i++)
    starts[i] = 0.01f * (i % 17) - 0.05f;
  lora.starts = starts;
  g->parameters = attune_decoder_add_lora (g->decoder, &lora, 7, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g->parameters->values.data, n * sizeof (float), starts, n * sizeof (float));
  g_assert_cmpmem (g->decoder->starts.data, n * sizeof (float), starts, n * sizeof (float));
  check_losses (g, json_object_get_object_member (g->golden, "loss"), 0);
}

static void
read_numbers (JsonObject *root, const char *name, float *out, guint n)
{
  JsonArray *array = json_object_get_array_member (root, name);

  g_assert_cmpuint (json_array_get_length (array), ==, n);
  for (guint i = 0; i < n; i++)
    out[i] = json_array_get_double_element (array, i);
}

/* A linear in NF4 begins as PEFT's loftq_init has it: tests/peers/make_loftq.py. */
static void
test_loftq (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "loftq.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (1);
  g_autoptr (GError) error = NULL;
  static float w[8 * 64], rounded[8 * 64], delta[8 * 64], copy[8 * 64], a[3 * 64], b[8 * 3];
  static guint8 codes[8 * 36];
  const AttuneTensor weight = { w, 2, { 8, 64 } },
                     four_bits = { codes, 2, { 8, 64 }, ATTUNE_TYPE_NF4 },
                     back = { copy, 2, { 8, 64 } }, ta = { a, 2, { 3, 64 } },
                     tb = { b, 2, { 8, 3 } };
  JsonObject *root;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  root = json_node_get_object (json_parser_get_root (parser));
  read_numbers (root, "weight", w, G_N_ELEMENTS (w));
  read_numbers (root, "rounded", rounded, G_N_ELEMENTS (w));
  read_numbers (root, "delta", delta, G_N_ELEMENTS (w));
  be->encode (be, &four_bits, &weight);
  be->decode (be, &back, &four_bits);
  g_assert_true (attune_backend_sync (be, &error));
  for (guint i = 0; i < G_N_ELEMENTS (w); i++)
    {
      g_assert_cmpfloat_with_epsilon (copy[i], rounded[i], 1e-5);
      w[i] -= copy[i];
    }
  attune_principal_parts (be, &ta, &tb, &weight, 2, 1, 1, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 64; j++)
      {
        double sum = 0;

        for (int r = 0; r < 3; r++)
          sum += 2.0 * b[i * 3 + r] * a[r * 64 + j];
        g_assert_cmpfloat_with_epsilon (sum, delta[i * 64 + j], 1e-4);
      }
}

#define N 400
#define K 300
#define RANK 3

/* Of a weight with known singular values that fall slowly behind the first, the best approximation
 * is found from a random start; both ways round. */
static void
test_large (void)
{
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (2);
  g_autofree float *values = g_new0 (float, N *K), *a = g_new (float, RANK *N),
                   *b = g_new (float, RANK *N);
  g_autoptr (GError) error = NULL;

  /* cosines of different frequencies are orthogonal */
  for (int r = 0; r < 40; r++)
    {
      const double s = r < RANK ? 9 - r : 4 * pow (0.97, r);

      for (int i = 0; i < N; i++)
        for (int j = 0; j < K; j++)
          values[i * K + j] += s * 2 / sqrt ((double) N * K) * cos (G_PI * (i + 0.5) * (r + 1) / N)
                               * cos (G_PI * (j + 0.5) * (r + 1) / K);
    }
  for (int turned = 0; turned < 2; turned++)
    {
      const gint64 n = turned ? K : N, k = turned ? N : K;
      g_autofree float *w = g_new (float, N *K);
      const AttuneTensor weight = { w, 2, { n, k } }, ta = { a, 2, { RANK, k } },
                         tb = { b, 2, { n, RANK } };

      for (int i = 0; i < N; i++)
        for (int j = 0; j < K; j++)
          w[turned ? j * N + i : i * K + j] = values[i * K + j];
      attune_principal_parts (be, &ta, &tb, &weight, 2, 1, 1, &error);
      g_assert_no_error (error);
      for (int r = 0; r < RANK; r++)
        {
          double sum = 0;

          for (gint64 j = 0; j < k; j++)
            sum += 2.0 * a[r * k + j] * a[r * k + j];
          g_assert_cmpfloat_with_epsilon (sum, 9 - r, 1e-4);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/principal/peft", test_peft);
  g_test_add_func ("/nn/principal/given", test_given);
  g_test_add_func ("/nn/principal/loftq", test_loftq);
  g_test_add_func ("/nn/principal/large", test_large);
  return g_test_run ();
}
