/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every kind of adapter against PEFT: losses, gradients and some steps of AdamW, stored by
 * tests/peers/make_adapters.py.
 */
#include "golden-model.h"
#include "nn/quantise-base.h"

#define FILE_NAME "adapters.json"

static JsonObject *
find_case (Golden *g, const char *name)
{
  JsonArray *cases = json_object_get_array_member (g->golden, "cases");

  for (guint i = 0; i < json_array_get_length (cases); i++)
    {
      JsonObject *one = json_array_get_object_element (cases, i);

      if (g_str_equal (json_object_get_string_member (one, "name"), name))
        return one;
    }
  g_error ("%s has no case %s", FILE_NAME, name);
}

/* Each of what learns with its own rate. */
static void
step_all (Golden *g, const AttuneTensor *m, const AttuneTensor *v, const AttuneAdamW *step)
{
  gint64 at = 0;

  for (guint i = 0; i < g->parameters->n_items; i++)
    {
      const AttuneParameter *item = &g->parameters->items[i];
      const gint64 n = attune_tensor_count (&item->value);
      const AttuneTensor first = { (float *) m->data + at, 1, { n } },
                         second = { (float *) v->data + at, 1, { n } };
      AttuneAdamW own = *step;

      own.learning_rate *= item->rate;
      g->be->update (g->be, &item->value, &first, &second, &item->grad, ATTUNE_OPTIMIZER_ADAMW,
                     &own);
      at += n;
    }
}

/* The losses of some steps. */
static void
check_steps (Golden *g, JsonObject *expected)
{
  JsonArray *losses = json_object_get_array_member (expected, "losses");
  const guint n = json_array_get_length (losses);
  const gsize bytes = g->parameters->count * sizeof (float);
  AttuneTensor m = { g->be->alloc (g->be, bytes), 1, { g->parameters->count } },
               v = { g->be->alloc (g->be, bytes), 1, { g->parameters->count } };
  AttuneAdamW adamw = { .learning_rate = json_object_get_double_member (g->golden, "rate"),
                        .beta1 = 0.9,
                        .beta2 = 0.999,
                        .eps = 1e-8,
                        .gradient_scale = 1 };

  for (guint i = 0; i < n; i++)
    {
      const double loss = golden_loss (g), theirs = json_array_get_double_element (losses, i);

      g_test_message ("step %u: loss %.6f, PEFT's %.6f", i, loss, theirs);
      g_assert_cmpfloat (fabs (loss / theirs - 1), <, 1e-4); /* seen: 2e-6 */
      adamw.step = i + 1;
      step_all (g, &m, &v, &adamw);
      attune_decoder_update_norms (g->decoder);
    }
  g->be->release (g->be, m.data, bytes);
  g->be->release (g->be, v.data, bytes);
}

/* --- a base in 4 bits */

static void
tensor_free (gpointer data)
{
  g_free (((AttuneTensor *) data)->data);
  g_free (data);
}

/* Looks a tensor up as f32. @data: what has been decoded, by name, with the model under "" */
static const AttuneTensor *
lookup_decoded (gpointer data, const char *name)
{
  AttuneTensor *t = g_hash_table_lookup (data, name);
  const AttuneTensor *stored;

  if (t != NULL || (stored = attune_model_lookup (g_hash_table_lookup (data, ""), name)) == NULL)
    return t;
  t = g_memdup2 (stored, sizeof *stored);
  t->type = ATTUNE_TYPE_F32;
  t->data = g_new (float, attune_tensor_count (stored));
  attune_tensor_decode (t->data, stored, 0, attune_tensor_count (stored));
  g_hash_table_insert (data, g_strdup (name), t);
  return t;
}

/* Puts a decoder of f32 weights, rounded to @type, in the place of that of the file. */
static GHashTable *
round_base (Golden *g, AttuneType type)
{
  GHashTable *decoded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) error = NULL;
  const AttuneDecoderConfig *config = attune_model_get_config (g->model);

  g_hash_table_insert (decoded, g_strdup (""), g->model);
  attune_decoder_free (g->decoder);
  g->decoder = attune_decoder_new (config, g->be, lookup_decoded, decoded, &error);
  g_assert_no_error (error);
  attune_decoder_quantise_base (g->decoder, type, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g->decoder->layers[0].q.weight.type, ==, type);
  /* 160 columns are no whole blocks */
  g_assert_cmpint (g->decoder->layers[0].down.weight.type, ==, ATTUNE_TYPE_F32);
  g_assert_cmpint (g->decoder->n_quantised, ==, 6 * config->n_layers);
  return decoded;
}

static void
free_decoded (GHashTable *decoded)
{
  GHashTableIter iter;
  gpointer name, tensor;

  g_hash_table_iter_init (&iter, decoded);
  while (g_hash_table_iter_next (&iter, &name, &tensor))
    if (*(char *) name != 0)
      tensor_free (tensor);
  g_hash_table_unref (decoded);
}

/* --- the cases */

static void
check_case (const char *name, AttuneType base, AttuneLoraConfig lora)
{
  g_autoptr (Golden) g = golden_load (FILE_NAME);
  GHashTable *decoded = base != ATTUNE_TYPE_F32 ? round_base (g, base) : NULL;
  JsonObject *expected = find_case (g, name);
  JsonArray *gradients = json_object_get_array_member (expected, "gradients");
  AttuneStepShape shape = { .backward = TRUE };
  g_autoptr (GError) error = NULL;

  if (lora.kind != ATTUNE_ADAPTER_IA3)
    lora.rank = shape.lora_rank = json_object_get_int_member (expected, "rank");
  shape.rescaled = lora.kind != ATTUNE_ADAPTER_LORA;
  lora.alpha = json_object_get_double_member (expected, "alpha");
  lora.b_rate = json_object_get_double_member (expected, "ratio");
  g->parameters = attune_decoder_add_lora (g->decoder, &lora, 0, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g->parameters->count, ==, attune_lora_count (&g->decoder->config, &lora));
  golden_fill (g);
  attune_decoder_update_norms (g->decoder);
  golden_lay_out (g, &shape);
  check_losses (g, json_object_get_object_member (expected, "loss"),
                1.0f / attune_pack_get_batch (g->pack)->n_targets);
  g_assert_cmpuint (json_array_get_length (gradients), ==, g->parameters->n_items);
  for (guint i = 0; i < json_array_get_length (gradients); i++)
    check_gradient (g, json_array_get_object_element (gradients, i));
  check_steps (g, expected);
  if (decoded != NULL)
    {
      g_clear_pointer (&g->decoder, attune_decoder_free);
      free_decoded (decoded);
    }
}

static void
test_rslora (void)
{
  check_case ("rslora", ATTUNE_TYPE_F32,
              (AttuneLoraConfig) { .rank_stabilised = TRUE, .targets = 0x0f });
}

static void
test_loraplus (void)
{
  check_case ("loraplus", ATTUNE_TYPE_F32, (AttuneLoraConfig) { .targets = ATTUNE_TARGETS_ALL });
}

static void
test_qlora_nf4 (void)
{
  check_case ("qlora-nf4", ATTUNE_TYPE_NF4_DOUBLE,
              (AttuneLoraConfig) { .targets = ATTUNE_TARGETS_ALL });
}

static void
test_qlora_fp4 (void)
{
  check_case ("qlora-fp4", ATTUNE_TYPE_FP4_DOUBLE,
              (AttuneLoraConfig) { .targets = ATTUNE_TARGETS_ALL });
}

static void
test_dora (void)
{
  check_case ("dora", ATTUNE_TYPE_F32,
              (AttuneLoraConfig) { .targets = ATTUNE_TARGETS_ALL, .kind = ATTUNE_ADAPTER_DORA });
}

static void
test_qdora (void)
{
  check_case ("qdora", ATTUNE_TYPE_NF4_DOUBLE,
              (AttuneLoraConfig) { .targets = ATTUNE_TARGETS_ALL, .kind = ATTUNE_ADAPTER_DORA });
}

static void
test_ia3 (void)
{
  check_case ("ia3", ATTUNE_TYPE_F32, (AttuneLoraConfig) { .kind = ATTUNE_ADAPTER_IA3 });
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nn/adapters/rslora", test_rslora);
  g_test_add_func ("/nn/adapters/loraplus", test_loraplus);
  g_test_add_func ("/nn/adapters/qlora-nf4", test_qlora_nf4);
  g_test_add_func ("/nn/adapters/qlora-fp4", test_qlora_fp4);
  g_test_add_func ("/nn/adapters/dora", test_dora);
  g_test_add_func ("/nn/adapters/qdora", test_qdora);
  g_test_add_func ("/nn/adapters/ia3", test_ia3);
  return g_test_run ();
}
