/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The merged model as a Hugging Face folder that AutoModelForCausalLM and AutoTokenizer load.
 */
#include "core/file.h"
#include "deploy/folder.h"
#include "deploy/weights.h"

/* Below this many parameters weights are written as f32: bf16 keeps 8 bits of a weight, fewer than
 * the tuned 4-bit base and its adapter need to give the same greedy answers. Above, the size on the
 * disk counts more. */
#define F32_PARAMETERS 500000000

static AttuneType
choose_type (const AttuneExport *self)
{
  return attune_model_count_parameters (self->model) < F32_PARAMETERS ? ATTUNE_TYPE_F32
                                                                      : ATTUNE_TYPE_BF16;
}

static void
add_copy (AttuneExport *self, char *name, const AttuneTensor *tensor)
{
  AttuneTensor shape = *tensor;

  shape.type = choose_type (self);
  attune_export_add (self, name, &shape, NULL, tensor, 0);
}

static void
collect_layer (AttuneExport *self, int index)
{
  AttuneDecoderLayer *layer = &self->decoder->layers[index];

  add_copy (self, g_strdup_printf ("model.layers.%d.input_layernorm.weight", index),
            &layer->attn_norm.gain);
  add_copy (self, g_strdup_printf ("model.layers.%d.post_attention_layernorm.weight", index),
            &layer->ffn_norm.gain);
  for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
    {
      const AttuneLinear *linear = attune_decoder_layer_linear (layer, i);
      AttuneTensor shape = linear->weight;

      shape.type = choose_type (self);
      attune_export_add (
          self, g_strdup_printf ("model.layers.%d.%s.weight", index, attune_hf_linear_names[i]),
          &shape, linear, NULL, attune_export_halves (self, i));
    }
}

static void
collect_weights (AttuneExport *self)
{
  AttuneDecoder *decoder = self->decoder;

  add_copy (self, g_strdup ("model.embed_tokens.weight"), &decoder->embedding);
  for (int i = 0; i < decoder->config.n_layers; i++)
    collect_layer (self, i);
  add_copy (self, g_strdup ("model.norm.weight"), &decoder->output_norm.gain);
  if (!decoder->config.tied_head)
    add_copy (self, g_strdup ("lm_head.weight"), &decoder->head);
}

static gboolean
check_supported (const AttuneExport *self, GError **error)
{
  const AttuneDecoderConfig *config = &self->decoder->config;

  if (!g_str_equal (config->family, "llama"))
    {
      g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
                   "A model of the family “%s” cannot be written for Hugging Face yet. Export it "
                   "as GGUF instead.",
                   config->family);
      return FALSE;
    }
  if (config->n_experts > 0 || config->window > 0 || config->stretch.kind != ATTUNE_STRETCH_NONE
      || config->rotary_dim != 0 || attune_model_lookup (self->model, "rope_freqs.weight") != NULL)
    {
      g_set_error (
          error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
          "A model with experts, stretched positions or a sliding window cannot be written for "
          "Hugging Face yet. Export it as GGUF instead.");
      return FALSE;
    }
  for (int layer = 0; layer < config->n_layers; layer++)
    for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
      {
        const AttuneLinear *linear = attune_decoder_layer_linear (&self->decoder->layers[layer], i);

        if (linear->bias.data == NULL)
          continue;
        g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
                     "“%s” has a bias, which cannot be written for Hugging Face yet. Export the "
                     "model as GGUF instead.",
                     linear->name);
        return FALSE;
      }
  return attune_export_check_tokenizer (self, error);
}

static void
add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_double (JsonBuilder *builder, const char *name, float value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, attune_export_round (value));
}

static void
add_bool (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

/* bos, eos and pad. The token that ends an answer is Hugging Face's eos; the model's own stays
 * beside it in @both. */
static void
add_tokens (const AttuneExport *self, JsonBuilder *builder, gboolean both)
{
  const AttuneTokenizer *tokenizer = attune_model_get_tokenizer (self->model);
  const gint32 bos = attune_tokenizer_get_bos (tokenizer),
               eos = attune_tokenizer_get_eos (tokenizer);
  const gint32 pad = attune_tokenizer_get_pad (tokenizer), stop = attune_export_stop (self);

  if (bos >= 0)
    add_int (builder, "bos_token_id", bos);
  if (both && stop >= 0 && eos >= 0 && stop != eos)
    {
      json_builder_set_member_name (builder, "eos_token_id");
      json_builder_begin_array (builder);
      json_builder_add_int_value (builder, stop);
      json_builder_add_int_value (builder, eos);
      json_builder_end_array (builder);
    }
  else if (stop >= 0 || eos >= 0)
    add_int (builder, "eos_token_id", stop >= 0 ? stop : eos);
  if (pad >= 0)
    add_int (builder, "pad_token_id", pad);
}

static JsonNode *
make_config (const AttuneExport *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const AttuneDecoderConfig *config = &self->decoder->config;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "architectures");
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, "LlamaForCausalLM");
  json_builder_end_array (builder);
  add_string (builder, "model_type", "llama");
  add_bool (builder, "attention_bias", FALSE);
  json_builder_set_member_name (builder, "attention_dropout");
  json_builder_add_double_value (builder, 0);
  add_tokens (self, builder, FALSE);
  add_int (builder, "head_dim", config->head_dim);
  add_string (builder, "hidden_act",
              config->gate == ATTUNE_GATE_SILU ? "silu" : "gelu_pytorch_tanh");
  add_int (builder, "hidden_size", config->n_embd);
  add_int (builder, "intermediate_size", config->n_ff);
  add_int (builder, "max_position_embeddings", config->max_tokens);
  add_bool (builder, "mlp_bias", FALSE);
  add_int (builder, "num_attention_heads", config->n_heads);
  add_int (builder, "num_hidden_layers", config->n_layers);
  add_int (builder, "num_key_value_heads", config->n_kv_heads);
  add_double (builder, "rms_norm_eps", config->norm_eps);
  json_builder_set_member_name (builder, "rope_scaling");
  json_builder_add_null_value (builder);
  add_double (builder, "rope_theta", config->rotary_base);
  add_bool (builder, "tie_word_embeddings", config->tied_head);
  add_string (builder, "torch_dtype",
              choose_type (self) == ATTUNE_TYPE_F32 ? "float32" : "bfloat16");
  add_bool (builder, "use_cache", TRUE);
  add_int (builder, "vocab_size", config->n_vocab);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static JsonNode *
make_generation_config (const AttuneExport *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_tokens (self, builder, TRUE);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/* A short model card. YAML takes a JSON string as it is, so that no name can break out of it. */
static gboolean
write_card (const AttuneExport *self, const char *folder, GError **error)
{
  g_autoptr (JsonNode) name = json_node_init_string (json_node_alloc (), self->base_name);
  g_autofree char *quoted = json_to_string (name, FALSE);
  g_autofree char *path = g_build_filename (folder, "README.md", NULL);
  g_autofree char *method
      = attune_decoder_has_trained_base (self->decoder)
            ? g_strdup ("full fine-tuning: every weight was trained")
        : self->lora->rank > 0
            ? g_strdup_printf ("a LoRA adapter of rank %d, merged into it", self->lora->rank)
            : g_strdup ("no tuning: these are the base's own weights");
  g_autofree char *text = g_strdup_printf (
      "---\nbase_model: %s\nlibrary_name: transformers\npipeline_tag: text-generation\n---\n\n"
      "# %s, fine-tuned\n\nMethod: %s. Made with Attune %s.\n\n```python\n"
      "from transformers import AutoModelForCausalLM, AutoTokenizer\n\n"
      "model = AutoModelForCausalLM.from_pretrained(\"path/of/this/folder\")\n"
      "tokenizer = AutoTokenizer.from_pretrained(\"path/of/this/folder\")\n```\n",
      quoted, self->base_name, method, ATTUNE_VERSION);

  return attune_file_write (path, text, -1, error);
}

static gboolean
write_folder (const char *folder, gpointer data, GError **error)
{
  AttuneExport *self = data;

  return attune_export_json (folder, "config.json", make_config (self), error)
         && attune_export_json (folder, "generation_config.json", make_generation_config (self),
                                error)
         && attune_export_tokenizer (self, folder, error)
         && attune_export_safetensors (self, folder, "model.safetensors", error)
         && write_card (self, folder, error);
}

gboolean
attune_export_merged (AttuneExport *self, const char *path, GError **error)
{
  if (!check_supported (self, error))
    return FALSE;
  collect_weights (self);
  return attune_folder_replace (path, attune_export_files, write_folder, self, error);
}
