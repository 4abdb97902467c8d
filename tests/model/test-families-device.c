/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Families on the emulated graphics card, against Hugging Face Transformers as in test-families.c:
 * losses, gradients of the adapter, logits through the cache. Those that between them have all that
 * a decoder can have; the emulation takes a second for each.
 */
#include "compute/harness.h"
#include "family.h"

static const char *const names[]
    = { "llama", "gemma2",    "gemma3",  "phi3-long", "olmo2", "stablelm-parallel",
        "gpt2",  "falcon-7b", "mixtral", "qwen2moe" };

static void
add_lora (Family *f)
{
  const AttuneLoraConfig lora = { .rank = json_object_get_int_member (f->expected, "rank"),
                                  .alpha = json_object_get_double_member (f->expected, "alpha"),
                                  .targets = ATTUNE_TARGETS_ALL };
  g_autoptr (GError) error = NULL;

  f->parameters = attune_decoder_add_lora (f->decoder, &lora, 0, TRUE, &error);
  g_assert_no_error (error);
  for (guint k = 0; k < f->parameters->n_items; k++)
    {
      const AttuneTensor *t = &f->parameters->items[k].value;
      const gint64 n = attune_tensor_count (t);
      g_autofree float *values = g_new (float, n);

      for (gint64 i = 0; i < n; i++)
        values[i] = 0.05 * sin (0.37 * i + 1.3 * k); /* the rule is in the file */
      attune_backend_upload (f->be, t->data, values, n * sizeof (float));
    }
}

static void
check_gradient (Family *f, JsonObject *expected)
{
  const char *name = json_object_get_string_member (expected, "name");
  const AttuneParameter *item = attune_parameters_find (f->parameters, name);
  const double norm = json_object_get_double_member (expected, "norm");
  double sum = 0, dot = 0, worst;
  g_autofree float *grad = NULL;
  gint64 n;

  g_assert_nonnull (item);
  n = attune_tensor_count (&item->grad);
  grad = g_new (float, n);
  attune_backend_download (f->be, grad, item->grad.data, n * sizeof (float));
  for (gint64 i = 0; i < n; i++)
    {
      sum += (double) grad[i] * grad[i];
      dot += grad[i] * sin (0.11 * i + 0.5);
    }
  worst = MAX (fabs (sqrt (sum) - norm),
               fabs (dot - json_object_get_double_member (expected, "dot")));
  if (!(worst < 1e-3 * norm))
    g_error ("%s differs by %g of %g", name, worst, norm);
}

/* All at once through the cache. */
static void
check_logits (Family *f, JsonObject *expected)
{
  const int row = json_object_get_int_member (expected, "row"),
            n = json_object_get_int_member (expected, "position") + 1;
  const gint32 *tokens
      = &g_array_index (f->tokens, gint32, g_array_index (f->segments, gint32, row));
  const AttuneCacheShape shape
      = { .n_sequences = 1, .capacity = 32, .max_rows = 64, .lora_rank = 2 };
  JsonArray *logits = json_object_get_array_member (expected, "logits");
  gint32 sequences[64] = { 0 }, positions[64];
  const gint32 last = n - 1;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneCache) cache = attune_cache_new (f->be, &f->decoder->config, &shape, &error);
  double largest = 0, worst = 0;
  const float *found;

  g_assert_no_error (error);
  for (int i = 0; i < n; i++)
    positions[i] = i;
  found = attune_decoder_decode (f->decoder, cache, n, tokens, sequences, positions, 1, &last);
  attune_backend_sync (f->be, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < json_array_get_length (logits); i++)
    {
      const double value = json_array_get_double_element (logits, i);

      largest = MAX (largest, fabs (value));
      worst = MAX (worst, fabs (found[i] - value));
    }
  g_assert_cmpfloat (worst, <, 1e-4 * largest);
}

static void
test_family (gconstpointer name)
{
  g_autoptr (Family) f = family_open_on (name, bench_open_emulation ());
  JsonArray *logits = json_object_get_array_member (f->expected, "logits"), *gradients;
  g_autoptr (GError) error = NULL;

  attune_decoder_keep_base (f->decoder, &error);
  g_assert_no_error (error);
  check_logits (f, json_array_get_object_element (logits, 0));
  add_lora (f);
  gradients = json_object_get_array_member (f->expected, "gradients");
  f->be->zero (f->be, &f->parameters->grads);
  family_check_losses (f, "tuned_row_nats", TRUE, FALSE);
  for (guint i = 0; i < json_array_get_length (gradients); i++)
    check_gradient (f, json_array_get_object_element (gradients, i));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strdup_printf ("/model/families-device/%s", names[i]);

      g_test_add_data_func (path, names[i], test_family);
    }
  return g_test_run ();
}
