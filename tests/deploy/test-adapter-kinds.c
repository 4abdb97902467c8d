/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * DoRA and (IA)³ in PEFT's format, read back, and merged into the weights: each must say what the
 * tuned model says.
 */
#include "deploy/parity.h"
#include "deploy/scratch-folder.h"
#include "generate/tiny-llama.h"
#include "model/safetensors.h"

#include <string.h>

/* A decoder with an adapter of @kind whose factors are not what they begin with. */
static TinyLlama *
make_tuned (AttuneAdapterKind kind)
{
  TinyLlama *tiny = tiny_llama_new (FALSE);
  g_autoptr (GError) error = NULL;

  tiny->lora = (AttuneLoraConfig) {
    .rank = kind == ATTUNE_ADAPTER_IA3 ? 0 : 4, .alpha = 8, .targets = 0x7f, .kind = kind
  };
  tiny->adapter = attune_decoder_add_lora (tiny->decoder, &tiny->lora, 1, FALSE, &error);
  g_assert_no_error (error);
  for (guint k = 0; k < tiny->adapter->n_items; k++)
    {
      const AttuneParameter *item = &tiny->adapter->items[k];
      const gboolean adds = strstr (item->name, ".lora_") != NULL;
      float *values = item->value.data;

      for (gint64 i = 0; i < attune_tensor_count (&item->value); i++)
        {
          const float wave = sin (0.37 * (double) i + 1.3 * k);

          values[i] = adds ? 0.05f * wave : values[i] * (1 + 0.3f * wave);
        }
    }
  attune_decoder_update_norms (tiny->decoder);
  return tiny;
}

static void
check_format (TinyLlama *tiny, AttuneExportFormat format, const char *path)
{
  g_autoptr (GPtrArray) prompts = tiny_llama_prompts (tiny);
  const AttuneParityCheck check = { .format = format,
                                    .path = path,
                                    .base = tiny->model,
                                    .stop = -1,
                                    .prompts = prompts,
                                    .max_new_tokens = 8 };
  g_autoptr (GError) error = NULL;
  AttuneParity parity;

  attune_export (format, tiny->model, tiny->decoder, &tiny->lora, "base", path, NULL, NULL, NULL,
                 &error);
  g_assert_no_error (error);
  attune_export_check (tiny->decoder, &check, &parity, &error);
  g_assert_no_error (error);
  g_test_message ("%u of %u answers, gap %g of %g", parity.n_equal, parity.n_prompts,
                  parity.largest_gap, parity.largest_logit);
  g_assert_cmpuint (parity.n_equal, ==, parity.n_prompts);
  g_assert_cmpfloat (parity.largest_gap, <, 1e-4 * parity.largest_logit); /* seen: 2e-6 */
}

static void
check_kind (AttuneAdapterKind kind, const char *tensor, gint64 dims0)
{
  g_autoptr (TinyLlama) tiny = make_tuned (kind);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *adapter = g_build_filename (scratch, "adapter", NULL),
                  *merged = g_build_filename (scratch, "merged", NULL),
                  *weights = g_build_filename (adapter, "adapter_model.safetensors", NULL);
  g_autoptr (AttuneSafetensors) file = NULL;
  g_autoptr (GError) error = NULL;
  const AttuneTensor *found;

  check_format (tiny, ATTUNE_EXPORT_ADAPTER, adapter);
  check_format (tiny, ATTUNE_EXPORT_MERGED, merged);
  file = attune_safetensors_open (weights, &error);
  g_assert_no_error (error);
  found = attune_safetensors_find_tensor (file, tensor);
  g_assert_nonnull (found);
  g_assert_cmpint (found->dims[0], ==, dims0);
}

static void
test_dora (void)
{
  check_kind (ATTUNE_ADAPTER_DORA,
              "base_model.model.model.layers.1.self_attn.q_proj.lora_magnitude_vector", 64);
}

static void
test_ia3 (void)
{
  check_kind (ATTUNE_ADAPTER_IA3, "base_model.model.model.layers.1.self_attn.k_proj.ia3_l", 32);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deploy/adapter-kinds/dora", test_dora);
  g_test_add_func ("/deploy/adapter-kinds/ia3", test_ia3);
  return g_test_run ();
}
