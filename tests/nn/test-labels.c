/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A head for labels with LoRA against transformers and PEFT, stored by tests/peers/make_labels.py.
 */
#include "generate/labels.h"
#include "golden-model.h"

#define N_LABELS 3

static void
pack_texts (Golden *g, gboolean one)
{
  JsonArray *texts = json_object_get_array_member (g->golden, "texts");

  attune_pack_clear (g->pack);
  for (guint i = 0; i < json_array_get_length (texts); i++)
    {
      JsonObject *text = json_array_get_object_element (texts, i);
      JsonArray *ids = json_object_get_array_member (text, "ids");
      g_auto (AttuneSample) sample = { .n = json_array_get_length (ids) };

      sample.tokens = g_new (gint32, sample.n);
      sample.learn = g_new0 (guint8, sample.n);
      for (guint j = 0; j < sample.n; j++)
        sample.tokens[j] = json_array_get_int_element (ids, j);
      /* of one label its number, else of what is wanted of the text */
      attune_sample_ask_label (&sample, one ? json_object_get_int_member (text, "label") : (int) i,
                               -1);
      g_assert_true (attune_pack_add (g->pack, &sample));
    }
}

static void
check_run (Golden *g, JsonObject *run)
{
  static const float identity[] = { 1, 0, 0, 0, 1, 0, 0, 0, 1 };
  const gboolean one = g_str_equal (json_object_get_string_member (run, "kind"), "one");
  const AttuneBatch *batch = NULL;
  JsonArray *weights = json_object_get_array_member (run, "weights"),
            *losses = json_object_get_array_member (run, "losses"),
            *their_shares = json_object_get_array_member (run, "shares"),
            *gradients = json_object_get_array_member (run, "gradients");
  const int n = json_array_get_length (losses);
  g_autofree float *shares = g_new (float, n *N_LABELS);
  g_autofree double *ours = g_new (double, n);
  float values[N_LABELS] = { 1, 1, 1 };
  g_autoptr (GError) error = NULL;
  const char *kind = json_object_get_string_member (run, "kind");
  g_autofree float *wanted = g_new (float, n *N_LABELS);
  double sum = 0, worst = 0;

  for (guint i = 0; i < json_array_get_length (weights); i++)
    values[i] = json_array_get_double_element (weights, i);
  pack_texts (g, one);
  batch = attune_pack_get_batch (g->pack);
  g_assert_cmpint (batch->n_targets, ==, n);
  for (int i = 0; i < n; i++)
    sum += one ? values[batch->targets[i]] : 1;
  for (int i = 0; !one && i < n * N_LABELS; i++)
    wanted[i] = json_array_get_double_element (json_object_get_array_member (run, "wanted"), i);
  g->decoder->labels.loss
      = (AttuneLabelLoss) { .kind = one                             ? ATTUNE_LABELS_ONE
                                    : g_str_equal (kind, "several") ? ATTUNE_LABELS_SEVERAL
                                                                    : ATTUNE_LABELS_NUMBER,
                            .focal = json_object_get_double_member (run, "focal"),
                            .weights = values,
                            .wanted = one ? identity : wanted };
  g->decoder->labels.shares = shares;
  g->be->zero (g->be, &g->parameters->grads);
  attune_decoder_forward_backward (g->decoder, g->act, batch, ours, 1 / sum, TRUE, 0, 0);
  attune_backend_sync (g->be, &error);
  g_assert_no_error (error);
  for (int i = 0; i < n; i++)
    {
      const double theirs = json_array_get_double_element (losses, i);

      worst = MAX (worst, fabs (ours[i] - theirs) / MAX (1, theirs));
    }
  g_test_message ("losses differ by at most %.2g", worst);
  g_assert_cmpfloat (worst, <, 1e-4);    /* seen: 4e-6 */
  for (int i = 0; i < n * N_LABELS; i++) /* the base's products are in 16 bits while training */
    g_assert_cmpfloat_with_epsilon (shares[i], json_array_get_double_element (their_shares, i),
                                    5e-5);
  g_assert_cmpuint (json_array_get_length (gradients), ==, g->parameters->n_items);
  for (guint i = 0; i < json_array_get_length (gradients); i++)
    check_gradient (g, json_array_get_object_element (gradients, i));
}

static void
test_head (void)
{
  const AttuneLoraConfig lora
      = { .rank = 4, .alpha = 8, .targets = ATTUNE_TARGETS_ALL, .n_labels = N_LABELS };
  g_autoptr (Golden) g = golden_load ("labels.json");
  AttuneStepShape shape
      = { .max_tokens = 256, .max_targets = 256, .backward = TRUE, .lora_rank = 4 };
  g_autoptr (GError) error = NULL;
  JsonArray *runs;

  g_assert_nonnull (g);
  g->pack = attune_pack_new (256, TRUE);
  g->act = attune_activations_new (g->be, attune_model_get_config (g->model), &shape, &error);
  g_assert_no_error (error);
  g->parameters = attune_decoder_add_lora (g->decoder, &lora, 1, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g->parameters->count, ==,
                   attune_lora_count (attune_model_get_config (g->model), &lora));
  golden_fill (g);
  runs = json_object_get_array_member (g->golden, "runs");
  g_assert_cmpuint (json_array_get_length (runs), ==, 4);
  for (guint i = 0; i < json_array_get_length (runs); i++)
    check_run (g, json_array_get_object_element (runs, i));
  attune_decoder_remove_adapters (g->decoder);
  g_assert_null (g->decoder->labels.weight.data);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/labels/head", test_head);
  return g_test_run ();
}
