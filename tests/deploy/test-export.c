/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an export holds: names, shapes and values, read back by Attune's own readers. The merged
 * folder and the GGUF are made into a decoder again, which must say what the tuned one says.
 */
#include "deploy/export.h"
#include "deploy/parity.h"
#include "deploy/scratch-folder.h"
#include "generate/tiny-llama.h"
#include "model/safetensors.h"

#include <string.h>

static char *export (TinyLlama *tiny, AttuneExportFormat format, const char *folder,
                     const char *name)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  attune_export (format, tiny->model, tiny->decoder, &tiny->lora, "some/base \"quoted\"", path,
                 NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return path;
}

static JsonObject *
read_json (const char *folder, const char *name, JsonParser **parser)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  *parser = json_parser_new ();
  json_parser_load_from_file (*parser, path, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (*parser));
}

static AttuneSafetensors *
open_weights (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  AttuneSafetensors *file = attune_safetensors_open (path, &error);

  g_assert_no_error (error);
  return file;
}

/* @hf has head by head the even rows of @gguf, then the odd ones: llama.cpp's own permutation, told
 * the other way round. */
static void
assert_halves (const AttuneTensor *hf, const AttuneTensor *gguf, int head_dim)
{
  const gint64 rows = attune_tensor_rows (gguf), columns = attune_tensor_columns (gguf);

  for (gint64 head = 0; head < rows / head_dim; head++)
    for (int j = 0; j < head_dim / 2; j++)
      for (int s = 0; s < 2; s++)
        {
          const float *from = (const float *) gguf->data + (head * head_dim + 2 * j + s) * columns;
          const float *to
              = (const float *) hf->data + (head * head_dim + s * (head_dim / 2) + j) * columns;

          g_assert_cmpmem (to, columns * sizeof (float), from, columns * sizeof (float));
        }
}

static void
test_adapter (void)
{
  static const char *const names[]
      = { "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
          "mlp.gate_proj",    "mlp.up_proj",      "mlp.down_proj" };
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *path = export (tiny, ATTUNE_EXPORT_ADAPTER, scratch, "adapter");
  g_autofree char *inside = list_folder (path), *beside = list_folder (scratch);
  g_autoptr (AttuneSafetensors) file = open_weights (path, "adapter_model.safetensors");
  const AttuneDecoderConfig *config = &tiny->decoder->config;

  g_assert_cmpstr (inside, ==, "README.md adapter_config.json adapter_model.safetensors");
  g_assert_cmpstr (beside, ==, "adapter");
  g_assert_cmpuint (attune_safetensors_n_tensors (file), ==, 2 * 7 * config->n_layers);
  for (int layer = 0; layer < config->n_layers; layer++)
    for (int i = 0; i < 7; i++)
      {
        const AttuneLora *lora
            = &attune_decoder_layer_linear (&tiny->decoder->layers[layer], i)->adapters[0];
        g_autofree char *a = g_strdup_printf ("base_model.model.model.layers.%d.%s.lora_A.weight",
                                              layer, names[i]);
        g_autofree char *b = g_strdup_printf ("base_model.model.model.layers.%d.%s.lora_B.weight",
                                              layer, names[i]);
        const AttuneTensor *read_a = attune_safetensors_find_tensor (file, a);
        const AttuneTensor *read_b = attune_safetensors_find_tensor (file, b);
        const gsize a_bytes = attune_tensor_bytes (&lora->a),
                    b_bytes = attune_tensor_bytes (&lora->b);

        g_assert_nonnull (read_a);
        g_assert_nonnull (read_b);
        g_assert_cmpint (read_a->type, ==, ATTUNE_TYPE_F32);
        g_assert_cmpint (read_a->dims[0], ==, tiny->lora.rank);
        g_assert_cmpint (read_a->dims[1], ==, lora->a.dims[1]);
        g_assert_cmpint (read_b->dims[0], ==, lora->b.dims[0]);
        g_assert_cmpint (read_b->dims[1], ==, tiny->lora.rank);
        g_assert_cmpmem (read_a->data, a_bytes, lora->a.data, a_bytes);
        if (i < 2)
          assert_halves (read_b, &lora->b, config->head_dim);
        else
          g_assert_cmpmem (read_b->data, b_bytes, lora->b.data, b_bytes);
      }
}

static void
test_adapter_config (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (FALSE);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  JsonObject *config;
  JsonArray *targets;

  /* Not all projections, a broken alpha: what the defaults would hide. */
  tiny->lora
      = (AttuneLoraConfig) { .rank = 3, .alpha = 4.1f, .dropout = 0.05f, .rank_stabilised = TRUE };
  tiny->lora.targets = 1 << 0 | 1 << 2 | 1 << 6;
  tiny->adapter = attune_decoder_add_lora (tiny->decoder, &tiny->lora, 1, FALSE, &error);
  g_assert_no_error (error);
  path = export (tiny, ATTUNE_EXPORT_ADAPTER, scratch, "adapter");
  config = read_json (path, "adapter_config.json", &parser);
  g_assert_cmpstr (json_object_get_string_member (config, "peft_type"), ==, "LORA");
  g_assert_cmpstr (json_object_get_string_member (config, "task_type"), ==, "CAUSAL_LM");
  g_assert_cmpstr (json_object_get_string_member (config, "base_model_name_or_path"), ==,
                   "some/base \"quoted\"");
  g_assert_cmpint (json_object_get_int_member (config, "r"), ==, 3);
  g_assert_cmpfloat (json_object_get_double_member (config, "lora_alpha"), ==, 4.1);
  g_assert_cmpfloat (json_object_get_double_member (config, "lora_dropout"), ==, 0.05);
  g_assert_true (json_object_get_boolean_member (config, "use_rslora"));
  g_assert_true (json_object_get_boolean_member (config, "inference_mode"));
  targets = json_object_get_array_member (config, "target_modules");
  g_assert_cmpuint (json_array_get_length (targets), ==, 3);
  g_assert_cmpstr (json_array_get_string_element (targets, 0), ==, "q_proj");
  g_assert_cmpstr (json_array_get_string_element (targets, 1), ==, "v_proj");
  g_assert_cmpstr (json_array_get_string_element (targets, 2), ==, "down_proj");
}

/* An AttuneTensorLookup into a Hugging Face folder. */
static const AttuneTensor *
look_up_hf (gpointer data, const char *name)
{
  static const struct
  {
    const char *gguf, *hf;
  } parts[] = {
    { "attn_norm.weight", "input_layernorm.weight" },
    { "ffn_norm.weight", "post_attention_layernorm.weight" },
    { "attn_q.weight", "self_attn.q_proj.weight" },
    { "attn_k.weight", "self_attn.k_proj.weight" },
    { "attn_v.weight", "self_attn.v_proj.weight" },
    { "attn_output.weight", "self_attn.o_proj.weight" },
    { "ffn_gate.weight", "mlp.gate_proj.weight" },
    { "ffn_up.weight", "mlp.up_proj.weight" },
    { "ffn_down.weight", "mlp.down_proj.weight" },
  };
  int layer, end = 0;

  if (g_str_equal (name, "token_embd.weight"))
    return attune_safetensors_find_tensor (data, "model.embed_tokens.weight");
  if (g_str_equal (name, "output_norm.weight"))
    return attune_safetensors_find_tensor (data, "model.norm.weight");
  if (g_str_equal (name, "output.weight"))
    return attune_safetensors_find_tensor (data, "lm_head.weight");
  if (sscanf (name, "blk.%d.%n", &layer, &end) != 1)
    return NULL; /* what other families have */
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (g_str_equal (name + end, parts[i].gguf))
      {
        g_autofree char *hf = g_strdup_printf ("model.layers.%d.%s", layer, parts[i].hf);

        return attune_safetensors_find_tensor (data, hf);
      }
  return NULL; /* a bias */
}

/* Logits of the last of @n tokens. Returns: (transfer full): V values. */
static float *
read_logits (AttuneDecoder *decoder, const GArray *prompt)
{
  const int n = prompt->len, last = n - 1;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneCache) cache
      = attune_cache_new (decoder->be, &decoder->config,
                          &(AttuneCacheShape) { .n_sequences = 1,
                                                .capacity = n,
                                                .max_rows = n,
                                                .lora_rank = attune_generator_find_rank (decoder) },
                          &error);
  g_autofree gint32 *positions = g_new (gint32, n), *sequences = g_new0 (gint32, n);
  const float *logits;

  g_assert_no_error (error);
  for (int i = 0; i < n; i++)
    positions[i] = i;
  logits = attune_decoder_decode (decoder, cache, n, (const gint32 *) prompt->data, sequences,
                                  positions, 1, &last);
  attune_backend_sync (decoder->be, &error);
  g_assert_no_error (error);
  return g_memdup2 (logits, decoder->config.n_vocab * sizeof (float));
}

static double
largest_difference (const float *a, const float *b, int n)
{
  double largest = 0;

  for (int i = 0; i < n; i++)
    largest = MAX (largest, fabs ((double) a[i] - b[i]));
  return largest;
}

/* The folder's weights with the pairs of Hugging Face's rotary give the tuned model's logits:
 * nothing is permuted wrongly, forgotten or merged with a wrong scale. */
static void
test_merged_weights (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *path = export (tiny, ATTUNE_EXPORT_MERGED, scratch, "merged");
  g_autoptr (AttuneSafetensors) file = open_weights (path, "model.safetensors");
  g_autoptr (AttuneDecoder) read_back = NULL;
  AttuneDecoderConfig config = tiny->decoder->config;
  g_autoptr (GPtrArray) prompts = tiny_llama_prompts (tiny);
  g_autoptr (GError) error = NULL;

  config.rotary = ATTUNE_ROTARY_HALVES;
  read_back = attune_decoder_new (&config, tiny->be, look_up_hf, file, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (attune_safetensors_n_tensors (file), ==,
                    2 + 9 * config.n_layers + !config.tied_head);
  for (guint i = 0; i < prompts->len; i++)
    {
      const GArray *prompt = g_ptr_array_index (prompts, i);
      g_autofree float *tuned = read_logits (tiny->decoder, prompt),
                       *again = read_logits (read_back, prompt), *base;

      g_test_message ("logits differ by %g", largest_difference (tuned, again, config.n_vocab));
      g_assert_cmpfloat (largest_difference (tuned, again, config.n_vocab), <,
                         1e-4); /* 1e-5 seen */
      attune_decoder_set_base_only (tiny->decoder, TRUE);
      base = read_logits (tiny->decoder, prompt);
      attune_decoder_set_base_only (tiny->decoder, FALSE);
      g_assert_cmpfloat (largest_difference (base, again, config.n_vocab), >,
                         0.1); /* the adapter is in it */
    }
}

static void
test_merged_files (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *path = export (tiny, ATTUNE_EXPORT_MERGED, scratch, "merged"),
                  *inside = list_folder (path);
  g_autoptr (JsonParser) config_parser = NULL, tokenizer_parser = NULL, settings_parser = NULL;
  JsonObject *config = read_json (path, "config.json", &config_parser);
  JsonObject *tokenizer = read_json (path, "tokenizer.json", &tokenizer_parser);
  JsonObject *settings = read_json (path, "tokenizer_config.json", &settings_parser);
  const AttuneVocabulary *vocabulary = attune_tokenizer_get_vocabulary (tiny->tokenizer);
  const gint32 stop
      = attune_chat_template_get_stop (attune_model_get_template (tiny->model), tiny->tokenizer);
  const AttuneDecoderConfig *c = &tiny->decoder->config;
  JsonObject *model = json_object_get_object_member (tokenizer, "model");
  JsonObject *vocab = json_object_get_object_member (model, "vocab");

  g_assert_cmpstr (
      inside, ==,
      "README.md config.json generation_config.json model.safetensors special_tokens_map.json "
      "tokenizer.json tokenizer_config.json");
  g_assert_cmpint (json_object_get_int_member (config, "hidden_size"), ==, c->n_embd);
  g_assert_cmpint (json_object_get_int_member (config, "intermediate_size"), ==, c->n_ff);
  g_assert_cmpint (json_object_get_int_member (config, "num_hidden_layers"), ==, c->n_layers);
  g_assert_cmpint (json_object_get_int_member (config, "num_attention_heads"), ==, c->n_heads);
  g_assert_cmpint (json_object_get_int_member (config, "num_key_value_heads"), ==, c->n_kv_heads);
  g_assert_cmpint (json_object_get_int_member (config, "head_dim"), ==, c->head_dim);
  g_assert_cmpint (json_object_get_int_member (config, "vocab_size"), ==, c->n_vocab);
  g_assert_cmpint (json_object_get_int_member (config, "eos_token_id"), ==, stop);
  g_assert_cmpfloat ((float) json_object_get_double_member (config, "rms_norm_eps"), ==,
                     c->norm_eps);
  g_assert_cmpfloat ((float) json_object_get_double_member (config, "rope_theta"), ==,
                     c->rotary_base);
  g_assert_cmpint (json_object_get_boolean_member (config, "tie_word_embeddings"), ==,
                   c->tied_head);

  g_assert_cmpuint (json_object_get_size (vocab), ==, vocabulary->n_tokens);
  for (guint i = 0; i < vocabulary->n_tokens; i++)
    g_assert_cmpint (json_object_get_int_member (vocab, vocabulary->tokens[i]), ==, i);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (model, "merges")), ==,
                    vocabulary->n_merges);
  g_assert_cmpstr (json_object_get_string_member (settings, "eos_token"), ==,
                   vocabulary->tokens[stop]);
  g_assert_nonnull (
      strstr (json_object_get_string_member (settings, "chat_template"), "<|im_start|>"));
}

static void
test_gguf (gconstpointer data)
{
  const AttuneExportFormat format = GPOINTER_TO_INT (data);
  const AttuneType type = format == ATTUNE_EXPORT_GGUF_F16 ? ATTUNE_TYPE_F16 : ATTUNE_TYPE_Q8_0;
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *path = export (tiny, format, scratch, "tuned.gguf"),
                  *inside = list_folder (scratch);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModel) model = attune_model_open (path, &error);
  const gint32 stop
      = attune_chat_template_get_stop (attune_model_get_template (tiny->model), tiny->tokenizer);
  const AttuneGguf *gguf, *base = attune_model_get_gguf (tiny->model);
  AttuneDecoderConfig config, expected;
  guint64 number = 0;

  g_assert_no_error (error);
  gguf = attune_model_get_gguf (model);
  g_assert_cmpstr (inside, ==, "tuned.gguf");
  config = *attune_model_get_config (model);
  expected = *attune_model_get_config (tiny->model);
  /* how wide its weights are stored is the export's to say */
  config.wide_linears = expected.wide_linears = config.wide_bytes = expected.wide_bytes = 0;
  config.small_linears = expected.small_linears = 0;
  config.small_head = expected.small_head = FALSE;
  g_assert_cmpmem (&config, sizeof config, &expected, sizeof expected);
  g_assert_cmpuint (attune_gguf_n_tensors (gguf), ==, attune_gguf_n_tensors (base));
  for (guint i = 0; i < attune_gguf_n_tensors (gguf); i++)
    {
      const char *name = attune_gguf_tensor_name (gguf, i);
      const AttuneTensor *t = attune_gguf_find_tensor (gguf, name),
                         *from = attune_gguf_find_tensor (base, name);

      g_assert_nonnull (from);
      g_assert_cmpint (t->n_dims, ==, from->n_dims);
      g_assert_cmpmem (t->dims, t->n_dims * sizeof *t->dims, from->dims,
                       t->n_dims * sizeof *t->dims);
      g_assert_cmpint (t->type, ==, t->n_dims == 1 ? ATTUNE_TYPE_F32 : type);
    }
  g_assert_true (attune_gguf_get_uint (gguf, "tokenizer.ggml.eos_token_id", &number));
  g_assert_cmpuint (number, ==, stop);
  g_assert_true (attune_gguf_get_uint (gguf, "general.file_type", &number));
  g_assert_cmpuint (number, ==, type == ATTUNE_TYPE_F16 ? 1 : 7);
  g_assert_nonnull (attune_gguf_get_string (gguf, "tokenizer.chat_template"));
  g_assert_cmpuint (attune_tokenizer_get_size (attune_model_get_tokenizer (model)), ==,
                    attune_tokenizer_get_size (tiny->tokenizer));
}

static void
test_parity (gconstpointer data)
{
  const AttuneExportFormat format = GPOINTER_TO_INT (data);
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *path = export (tiny, format, scratch, "tuned.gguf");
  g_autoptr (GPtrArray) prompts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_autoptr (GArray) prompt = NULL, ids = NULL;
  g_autoptr (GError) error = NULL;
  AttuneParityCheck check = { .format = format,
                              .path = path,
                              .base = tiny->model,
                              .stop = -1,
                              .prompts = prompts,
                              .max_new_tokens = 12 };
  AttuneParity parity;

  /* Where the reference's first choice is well ahead of its second: a random model is undecided
   * elsewhere. */
  tiny_llama_greedy (tiny, &prompt, &ids);
  for (guint n = 0; n < 5; n++)
    {
      GArray *longer = g_array_copy (prompt);

      g_array_append_vals (longer, ids->data, n);
      g_ptr_array_add (prompts, longer);
    }
  attune_export_check (tiny->decoder, &check, &parity, &error);
  g_assert_no_error (error);
  g_test_message ("%u of %u equal, logits differ by %g of %g", parity.n_equal, parity.n_prompts,
                  parity.largest_gap, parity.largest_logit);
  g_assert_cmpuint (parity.n_prompts, ==, 5);
  g_assert_cmpuint (parity.n_equal, ==, 5);
  g_assert_cmpuint (parity.n_choices, ==, 5 * 12);
  g_assert_cmpuint (parity.n_same_choices, ==, 5 * 12);
  /* An adapter is exact; the others are rounded: 0 would mean that they were not looked at. */
  if (format == ATTUNE_EXPORT_ADAPTER)
    g_assert_cmpfloat (parity.largest_gap, ==, 0);
  else
    g_assert_cmpfloat (parity.largest_gap, >, 0);
  g_assert_cmpfloat (parity.largest_gap, <, format == ATTUNE_EXPORT_GGUF_Q8_0 ? 0.4 : 0.02);

  /* An export of something else is found out. */
  ((float *) tiny->adapter->values.data)[tiny->adapter->count / 2] += 50;
  attune_export_check (tiny->decoder, &check, &parity, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (parity.n_equal, <, 5);
  g_assert_cmpuint (parity.n_same_choices, <, 5 * 12);
}

/* An adapter that learned nothing leaves the base's f32 weights bit by bit. */
static void
test_untouched (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (FALSE);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autoptr (AttuneSafetensors) file = NULL;
  const AttuneLinear *down;
  const AttuneTensor *written;

  tiny->adapter
      = attune_decoder_add_lora (tiny->decoder, &tiny->lora, 1, FALSE, &error); /* b is zero */
  g_assert_no_error (error);
  path = export (tiny, ATTUNE_EXPORT_MERGED, scratch, "merged");
  file = open_weights (path, "model.safetensors");
  written = attune_safetensors_find_tensor (file, "model.layers.1.mlp.down_proj.weight");
  down = &tiny->decoder->layers[1].down;
  g_assert_nonnull (written);
  for (gint64 i = 0; i < attune_tensor_rows (written); i++)
    {
      const AttuneTensor row = attune_tensor_slice (&down->weight, i, 1),
                         out = attune_tensor_slice (written, i, 1);
      const gint64 columns = attune_tensor_columns (&row);
      g_autofree float *decoded = g_new (float, columns);

      attune_type_info (row.type)->decode (decoded, row.data, columns);
      g_assert_cmpmem (out.data, columns * sizeof (float), decoded, columns * sizeof (float));
    }
}

static void
test_names (void)
{
  for (int i = 0; i < ATTUNE_N_EXPORTS; i++)
    {
      g_assert_cmpint (strlen (attune_export_format_get_name (i)), >, 0);
      g_assert_true (g_str_has_suffix (attune_export_format_get_blurb (i), "."));
      for (int j = 0; j < i; j++)
        g_assert_cmpstr (attune_export_format_get_name (i), !=, attune_export_format_get_name (j));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deploy/export/names", test_names);
  g_test_add_func ("/deploy/export/adapter", test_adapter);
  g_test_add_func ("/deploy/export/adapter-config", test_adapter_config);
  g_test_add_func ("/deploy/export/merged-weights", test_merged_weights);
  g_test_add_func ("/deploy/export/merged-files", test_merged_files);
  g_test_add_func ("/deploy/export/untouched", test_untouched);
  g_test_add_data_func ("/deploy/export/gguf/f16", GINT_TO_POINTER (ATTUNE_EXPORT_GGUF_F16),
                        test_gguf);
  g_test_add_data_func ("/deploy/export/gguf/q8_0", GINT_TO_POINTER (ATTUNE_EXPORT_GGUF_Q8_0),
                        test_gguf);
  g_test_add_data_func ("/deploy/export/parity/adapter", GINT_TO_POINTER (ATTUNE_EXPORT_ADAPTER),
                        test_parity);
  g_test_add_data_func ("/deploy/export/parity/merged", GINT_TO_POINTER (ATTUNE_EXPORT_MERGED),
                        test_parity);
  g_test_add_data_func ("/deploy/export/parity/f16", GINT_TO_POINTER (ATTUNE_EXPORT_GGUF_F16),
                        test_parity);
  g_test_add_data_func ("/deploy/export/parity/q8_0", GINT_TO_POINTER (ATTUNE_EXPORT_GGUF_Q8_0),
                        test_parity);
  return g_test_run ();
}
