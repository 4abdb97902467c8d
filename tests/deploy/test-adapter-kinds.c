/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every kind of adapter in PEFT's format, read back, and merged into the weights: each must say
 * what the tuned model says.
 */
#include "deploy/family-model.h"
#include "deploy/scratch-folder.h"
#include "generate/pack.h"
#include "generate/tiny-llama.h"
#include "model/safetensors.h"

#include <string.h>

/* Its factors are not what they begin with. */
static void
bend (AttuneParameters *adapter)
{
  for (guint k = 0; k < adapter->n_items; k++)
    {
      const AttuneParameter *item = &adapter->items[k];
      const gboolean adds = strstr (item->name, ".lora_") != NULL;
      float *values = item->value.data;

      for (gint64 i = 0; i < attune_tensor_count (&item->value); i++)
        {
          const float wave = sin (0.37 * (double) i + 1.3 * k);

          values[i] = adds ? 0.05f * wave : values[i] * (1 + 0.3f * wave);
        }
    }
}

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
  bend (tiny->adapter);
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
check_family (FamilyModel *f, AttuneExportFormat format, const char *path)
{
  g_autoptr (GPtrArray) prompts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  const AttuneParityCheck check = { .format = format,
                                    .path = path,
                                    .base = f->model,
                                    .stop = -1,
                                    .prompts = prompts,
                                    .max_new_tokens = 4 };
  GArray *prompt = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GError) error = NULL;
  AttuneParity parity;

  for (gint32 id = 3; id < 20; id++)
    g_array_append_val (prompt, id);
  g_ptr_array_add (prompts, prompt);
  attune_export (format, f->model, f->decoder, &f->lora, "base", path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  attune_export_check (f->decoder, &check, &parity, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (parity.largest_gap, <, 1e-4 * parity.largest_logit);
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

/* Learned tokens are read back as they were, and are no part of weights. */
static void
test_virtual (gconstpointer kind)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (FALSE);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *adapter = g_build_filename (scratch, "adapter", NULL),
                  *card = g_build_filename (adapter, "README.md", NULL), *text = NULL;
  g_autoptr (GError) error = NULL;

  tiny->lora = (AttuneLoraConfig) { .kind = GPOINTER_TO_INT (kind), .n_virtual = 6 };
  tiny->adapter = attune_decoder_add_lora (tiny->decoder, &tiny->lora, 1, FALSE, &error);
  g_assert_no_error (error);
  bend (tiny->adapter);
  check_format (tiny, ATTUNE_EXPORT_ADAPTER, adapter);
  g_assert_true (g_file_get_contents (card, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "of 6 learned tokens"));
  for (int format = 0; format < ATTUNE_N_EXPORTS; format++)
    if (format != ATTUNE_EXPORT_ADAPTER)
      {
        g_assert_false (attune_export (format, tiny->model, tiny->decoder, &tiny->lora, "base",
                                       adapter, NULL, NULL, NULL, &error));
        g_assert_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED);
        g_assert_nonnull (strstr (error->message, "--format adapter"));
        g_clear_error (&error);
      }
}

/* What @f says of the tokens 3 … 19 is in nats.json in @folder. */
static void
write_nats (FamilyModel *f, const char *folder)
{
  const AttuneStepShape shape
      = { .max_tokens = 32, .max_targets = 32, .n_virtual = f->decoder->n_virtual };
  g_autoptr (AttunePack) pack = attune_pack_new (32, TRUE);
  g_autofree double *losses = g_new (double, 32);
  g_autofree char *json = NULL;
  g_autoptr (GError) error = NULL;
  AttuneActivations *activations
      = attune_activations_new (f->be, &f->decoder->config, &shape, &error);
  gint32 tokens[17];
  guint8 learn[17] = { 0 };
  AttuneSample sample = { .tokens = tokens, .learn = learn, .n = 17 };
  double nats = 0;

  g_assert_no_error (error);
  for (int i = 0; i < 17; i++)
    {
      tokens[i] = i + 3;
      learn[i] = i > 0;
    }
  g_assert_true (attune_pack_add (pack, &sample));
  attune_decoder_forward_backward (f->decoder, activations, attune_pack_get_batch (pack), losses, 0,
                                   FALSE, 0, 0);
  for (int i = 0; i < 16; i++)
    nats += losses[i];
  json = g_strdup_printf ("{\"nats\": %.9g}\n", nats);
  family_write (folder, "nats.json", json);
  attune_activations_free (activations);
}

/* A prompt is written as what goes into the model of Transformers: there Gemma 3 has multiplied the
 * tokens' embeddings before, Gemma and Gemma 2 multiply both. */
static void
test_prompt_scale (gconstpointer family)
{
  g_autoptr (ScratchFolder) temporary = scratch_folder_new ();
  const char *kept = g_getenv ("ATTUNE_EXPORTS");
  g_autofree char *kind = g_strdup_printf ("prompt-%s", (const char *) family),
                  *scratch = g_build_filename (kept != NULL ? kept : temporary, kind, NULL),
                  *folder = g_build_filename (scratch, "model", NULL),
                  *adapter = g_build_filename (scratch, "adapter", NULL),
                  *weights = g_build_filename (adapter, "adapter_model.safetensors", NULL);
  g_autoptr (FamilyModel) f = NULL;
  g_autoptr (AttuneSafetensors) file = NULL;
  g_autoptr (GError) error = NULL;
  const AttuneTensor *found;
  const float *own, *written;
  float scale;

  g_assert_cmpint (g_mkdir_with_parents (scratch, 0700), ==, 0);
  family_make_folder (family, folder);
  f = family_model_open (folder, FALSE);
  g_assert_cmpfloat (f->decoder->config.embedding_scale, >, 1.5f);
  scale = g_str_equal (family, "gemma3") ? f->decoder->config.embedding_scale : 1;
  f->lora = (AttuneLoraConfig) { .kind = ATTUNE_ADAPTER_PROMPT, .n_virtual = 5 };
  f->adapter = attune_decoder_add_lora (f->decoder, &f->lora, 1, FALSE, &error);
  g_assert_no_error (error);
  bend (f->adapter);
  check_family (f, ATTUNE_EXPORT_ADAPTER, adapter);
  write_nats (f, scratch);
  file = attune_safetensors_open (weights, &error);
  g_assert_no_error (error);
  found = attune_safetensors_find_tensor (file, "prompt_embeddings");
  g_assert_nonnull (found);
  g_assert_cmpint (attune_tensor_count (found), ==, attune_tensor_count (&f->decoder->prompt));
  own = f->decoder->prompt.data;
  written = found->data;
  for (gint64 i = 0; i < attune_tensor_count (found); i++)
    g_assert_cmpfloat_with_epsilon (written[i], scale * own[i], 1e-6);
}

/* Keys and values have biases, which are rescaled too: by themselves, or in one with those of the
 * queries. */
static void
test_ia3_biases (gconstpointer family)
{
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *folder = g_build_filename (scratch, "model", NULL),
                  *merged = g_build_filename (scratch, "merged", NULL),
                  *file = g_build_filename (scratch, "m.gguf", NULL);
  g_autoptr (FamilyModel) f = NULL;
  g_autoptr (GError) error = NULL;

  family_make_folder (family, folder);
  f = family_model_open (folder, FALSE);
  g_assert_nonnull (f->decoder->layers[1].k.bias.data);
  f->lora = (AttuneLoraConfig) { .alpha = 8, .kind = ATTUNE_ADAPTER_IA3 };
  f->adapter = attune_decoder_add_lora (f->decoder, &f->lora, 1, FALSE, &error);
  g_assert_no_error (error);
  bend (f->adapter);
  check_family (f, ATTUNE_EXPORT_MERGED, merged);
  check_family (f, ATTUNE_EXPORT_GGUF_F32, file);
}

/* What is written is kept in the folder $ATTUNE_EXPORTS, where tests/peers/test_folders.py has PEFT
 * read it. */
static void
check_kept (const char *family, const char *name, const AttuneLoraConfig *lora)
{
  g_autoptr (ScratchFolder) temporary = scratch_folder_new ();
  const char *kept = g_getenv ("ATTUNE_EXPORTS");
  g_autofree char *kind = g_strdup_printf ("kinds-%s-%s", family, name),
                  *scratch = g_build_filename (kept != NULL ? kept : temporary, kind, NULL),
                  *folder = g_build_filename (scratch, "model", NULL),
                  *adapter = g_build_filename (scratch, "adapter", NULL),
                  *merged = g_build_filename (scratch, "merged", NULL);
  g_autoptr (FamilyModel) f = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (scratch, 0700), ==, 0);
  family_make_folder (family, folder);
  f = family_model_open (folder, FALSE);
  f->lora = *lora;
  f->adapter = attune_decoder_add_lora (f->decoder, &f->lora, 1, FALSE, &error);
  g_assert_no_error (error);
  bend (f->adapter);
  attune_decoder_update_norms (f->decoder);
  check_family (f, ATTUNE_EXPORT_ADAPTER, adapter);
  check_family (f, ATTUNE_EXPORT_MERGED, merged);
}

/* Router, shared expert and experts have their own, each under its name. */
static void
test_experts (gconstpointer family)
{
  const AttuneLoraConfig dora
      = { .rank = 2, .alpha = 4, .targets = ATTUNE_TARGETS_ALL, .kind = ATTUNE_ADAPTER_DORA },
      ia3 = { .alpha = 8, .kind = ATTUNE_ADAPTER_IA3 },
      /* no higher: the gate of a shared expert has one row */
      pissa = { .rank = 1, .alpha = 1, .targets = 1 << 4 | 1 << 7, .principal = TRUE };

  check_kept (family, "dora", &dora);
  check_kept (family, "ia3", &ia3);
  check_kept (family, "pissa", &pissa);
}

/* Queries, keys and values are one for PEFT, and so are their adapters, be they on all of them or
 * not; other kinds of adapters have no place there. */
static void
test_joined (gconstpointer family)
{
  const AttuneLoraConfig some
      = { .rank = 2, .alpha = 3, .targets = 1 << 0 | 1 << 2 | 1 << 6, .rank_stabilised = TRUE },
      one = { .rank = 3, .alpha = 4, .targets = 1 << 1 | 1 << 5 },
      dora = { .rank = 2, .alpha = 4, .targets = 1 << 0, .kind = ATTUNE_ADAPTER_DORA };
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *folder = g_build_filename (scratch, "model", NULL),
                  *adapter = g_build_filename (scratch, "adapter", NULL);
  g_autoptr (FamilyModel) f = NULL;
  g_autoptr (GError) error = NULL;

  check_kept (family, "some", &some);
  check_kept (family, "one", &one);

  family_make_folder (family, folder);
  f = family_model_open (folder, FALSE);
  f->lora = dora;
  f->adapter = attune_decoder_add_lora (f->decoder, &f->lora, 1, FALSE, &error);
  g_assert_no_error (error);
  g_assert_false (attune_export (ATTUNE_EXPORT_ADAPTER, f->model, f->decoder, &f->lora, "base",
                                 adapter, NULL, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED);
  g_assert_false (g_file_test (adapter, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deploy/adapter-kinds/dora", test_dora);
  g_test_add_func ("/deploy/adapter-kinds/ia3", test_ia3);
  g_test_add_data_func ("/deploy/adapter-kinds/prompt", GINT_TO_POINTER (ATTUNE_ADAPTER_PROMPT),
                        test_virtual);
  g_test_add_data_func ("/deploy/adapter-kinds/prefix", GINT_TO_POINTER (ATTUNE_ADAPTER_PREFIX),
                        test_virtual);
  g_test_add_data_func ("/deploy/adapter-kinds/prompt-scale/gemma2", "gemma2", test_prompt_scale);
  g_test_add_data_func ("/deploy/adapter-kinds/prompt-scale/gemma3", "gemma3", test_prompt_scale);
  g_test_add_data_func ("/deploy/adapter-kinds/ia3-biases/qwen2", "qwen2", test_ia3_biases);
  g_test_add_data_func ("/deploy/adapter-kinds/ia3-biases/gpt2", "gpt2", test_ia3_biases);
  g_test_add_data_func ("/deploy/adapter-kinds/experts/mixtral", "mixtral", test_experts);
  g_test_add_data_func ("/deploy/adapter-kinds/experts/qwen2moe", "qwen2moe", test_experts);
  g_test_add_data_func ("/deploy/adapter-kinds/joined/phi3", "phi3", test_joined);
  g_test_add_data_func ("/deploy/adapter-kinds/joined/falcon-40b", "falcon-40b", test_joined);
  g_test_add_data_func ("/deploy/adapter-kinds/joined/gpt2", "gpt2", test_joined);
  return g_test_run ();
}
