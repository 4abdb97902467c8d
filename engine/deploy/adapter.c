/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The adapter in PEFT's format: lora_A (r, K) and lora_B (N, r), for DoRA lora_magnitude_vector (N)
 * too, or ia3_l (N, 1) and (1, K), in f32 under Hugging Face's names; and the configuration that
 * PEFT asks for (peft/tuners/lora/config.py, ia3/config.py). A head for labels goes with it, as
 * PEFT's modules_to_save.
 */
#include "core/file.h"
#include "core/number.h"
#include "deploy/folder.h"
#include "deploy/json-members.h"
#include "deploy/adapter-joined.h"
#include "deploy/adapter-virtual.h"
#include "model/families.h"

#include <math.h>
#include <string.h>

/* A matrix that the export owns, f32. */
static AttuneTensor *
take_matrix (AttuneExport *self, gint64 rows, gint64 columns)
{
  AttuneTensor *matrix = g_new0 (AttuneTensor, 1);

  *matrix = (AttuneTensor) { g_new (float, rows *columns), 2, { rows, columns } };
  g_ptr_array_add (self->joined, matrix);
  return matrix;
}

/* An adapter that began in the weight, beside one that takes its beginning away again: as one of
 * twice the rank, whose scale is the same (PEFT's path_initial_model_for_weight_conversion). */
static void
add_principal (AttuneExport *self, const AttuneLinear *linear, const char *prefix,
               AttuneRowOrder order)
{
  const AttuneLora *now = &linear->adapters[0], *start = &linear->adapters[1];
  const gint64 r = now->rank, k = now->a.dims[1], n = now->b.dims[0];
  AttuneTensor *a = take_matrix (self, 2 * r, k), *b = take_matrix (self, n, 2 * r);
  const float *b_now = now->b.data, *b_start = start->b.data;
  float *out = b->data;

  memcpy (a->data, now->a.data, r * k * sizeof (float));
  memcpy ((float *) a->data + r * k, start->a.data, r * k * sizeof (float));
  for (gint64 i = 0; i < n; i++)
    for (gint64 j = 0; j < r; j++)
      {
        out[i * 2 * r + j] = b_now[i * r + j];
        out[i * 2 * r + r + j] = -b_start[i * r + j];
      }
  attune_export_add (self, g_strconcat (prefix, ".lora_A.weight", NULL), a, a);
  attune_export_add (self, g_strconcat (prefix, ".lora_B.weight", NULL), b, b)->order = order;
}

/* The last word of "model.layers.3.mlp.up_proj", by which PEFT finds all that are called so. */
static void
note_name (GPtrArray *names, const char *module)
{
  const char *last = strrchr (module, '.') + 1;

  if (!g_ptr_array_find_with_equal_func (names, last, g_str_equal, NULL))
    g_ptr_array_add (names, g_strdup (last));
}

/* What is in the target of @linear, which is called @module there. */
static void
add_linear (AttuneExport *self, const AttuneLinear *linear, const char *module)
{
  g_autofree char *prefix = g_strconcat ("base_model.model.", module, NULL);
  const AttuneLora *lora = &linear->adapters[0];
  g_autofree char *weight = g_strconcat (linear->name, ".weight", NULL);
  const AttuneRowOrder order = attune_export_order (&self->decoder->config, weight, FALSE);
  AttuneTensor shape;

  note_name (self->modules, module);
  if (linear->in_scale.data != NULL)
    note_name (self->in_modules, module);
  if (self->lora->principal)
    {
      add_principal (self, linear, prefix, order);
      return;
    }
  if (linear->n_adapters > 0)
    {
      attune_export_add (self, g_strconcat (prefix, ".lora_A.weight", NULL), &lora->a, &lora->a);
      attune_export_add (self, g_strconcat (prefix, ".lora_B.weight", NULL), &lora->b, &lora->b)
          ->order
          = order;
    }
  if (linear->n_adapters > 0 && lora->magnitude.data != NULL)
    {
      shape = (AttuneTensor) { NULL, 1, { lora->magnitude.dims[1] } };
      attune_export_add (self, g_strconcat (prefix, ".lora_magnitude_vector", NULL), &shape,
                         &lora->magnitude)
          ->order
          = order;
    }
  if (linear->out_scale.data != NULL)
    {
      shape = (AttuneTensor) { NULL, 2, { linear->out_scale.dims[1], 1 } };
      attune_export_add (self, g_strconcat (prefix, ".ia3_l", NULL), &shape, &linear->out_scale)
          ->order
          = order;
    }
  if (linear->in_scale.data != NULL)
    attune_export_add (self, g_strconcat (prefix, ".ia3_l", NULL), &linear->in_scale,
                       &linear->in_scale);
}

/* Every linear has one adapter of this rank, or none. */
static gboolean
check_linear (const AttuneExport *self, const AttuneLinear *linear, int i, GError **error)
{
  const AttuneLora *lora = &linear->adapters[0];

  if (linear->n_adapters <= (self->lora->principal ? 2 : 1) && lora->rank == self->lora->rank
      && (linear->n_adapters == 0 || (self->lora->targets & 1u << attune_linear_target (i))))
    return TRUE;
  g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
               "PEFT's format holds one adapter with one rank, but “%s” has others. "
               "Export the merged model instead.",
               linear->name);
  return FALSE;
}

static gboolean
collect_adapters (AttuneExport *self, GError **error)
{
  const AttuneDecoderConfig *config = &self->decoder->config;
  const gboolean joined = attune_adapter_is_joined (self->model);

  for (int layer = 0; layer < config->n_layers; layer++)
    for (int i = 0; i < attune_layer_linears (config); i++)
      {
        const AttuneLinear *linear = attune_decoder_layer_linear (&self->decoder->layers[layer], i);
        g_autofree char *module = NULL;

        if (linear->n_adapters == 0 && !attune_linear_is_rescaled (linear))
          continue;
        if (!check_linear (self, linear, i, error))
          return FALSE;
        if (joined)
          continue;
        module = attune_export_module (config, layer, i);
        add_linear (self, linear, module);
      }
  if (self->lora->n_virtual > 0)
    attune_adapter_add_virtual (self);
  else if (joined && !attune_adapter_add_joined (self, error))
    return FALSE;
  if (self->lora->n_labels > 0)
    attune_export_add (self, g_strdup ("base_model.model.score.weight"),
                       &self->decoder->labels.weight, &self->decoder->labels.weight);
  if (self->items->len == 0)
    {
      g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
                   "There is no adapter to export: the model is as it was before tuning.");
      return FALSE;
    }
  return TRUE;
}

/* A whole number as one: 16 and not 16.0, as PEFT writes it. */
static void
add_number (JsonBuilder *builder, const char *name, float value)
{
  json_builder_set_member_name (builder, name);
  if (value == (int) value)
    json_builder_add_int_value (builder, (int) value);
  else
    json_builder_add_double_value (builder, attune_shorten_float (value));
}

/* What is other than @value where an adapter is one of several: so many times @value, or the root
 * of that. */
static void
add_pattern (const AttuneExport *self, JsonBuilder *builder, const char *name, float value,
             gboolean root)
{
  GHashTableIter iter;
  gpointer module, n;

  attune_json_begin_object (builder, name);
  g_hash_table_iter_init (&iter, self->ranks);
  while (g_hash_table_iter_next (&iter, &module, &n))
    add_number (builder, module,
                value * (root ? sqrtf (GPOINTER_TO_INT (n)) : (float) GPOINTER_TO_INT (n)));
  json_builder_end_object (builder);
}

/* Whether the family's weights are stored (inputs, outputs), for which PEFT has a word. */
static gboolean
is_transposed (const AttuneExport *self)
{
  const AttuneFamily *family = attune_family_find (self->decoder->config.family);

  return (family->flags & ATTUNE_FAMILY_TRANSPOSED) != 0;
}

static void
add_names (JsonBuilder *builder, const char *name, const GPtrArray *modules)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < modules->len; i++)
    json_builder_add_string_value (builder, modules->pdata[i]);
  json_builder_end_array (builder);
}

/* What is kept beside the adapter, and what the model is for. */
static void
add_task (const AttuneExport *self, JsonBuilder *builder)
{
  if (self->lora->n_labels > 0)
    {
      json_builder_set_member_name (builder, "modules_to_save");
      json_builder_begin_array (builder);
      json_builder_add_string_value (builder, "score");
      json_builder_end_array (builder);
    }
  else
    attune_json_add_string (builder, "modules_to_save", NULL);
  attune_json_add_string (builder, "task_type", self->lora->n_labels > 0 ? "SEQ_CLS" : "CAUSAL_LM");
}

static JsonNode *
make_ia3_config (const AttuneExport *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  attune_json_add_string (builder, "auto_mapping", NULL);
  attune_json_add_string (builder, "base_model_name_or_path", self->base_name);
  attune_json_add_bool (builder, "fan_in_fan_out", FALSE);
  add_names (builder, "feedforward_modules", self->in_modules);
  attune_json_add_bool (builder, "inference_mode", TRUE);
  attune_json_add_bool (builder, "init_ia3_weights", TRUE);
  attune_json_add_string (builder, "peft_type", "IA3");
  attune_json_add_string (builder, "revision", NULL);
  add_names (builder, "target_modules", self->modules);
  add_task (self, builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static JsonNode *
make_config (const AttuneExport *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const AttuneLoraConfig *lora = self->lora;

  json_builder_begin_object (builder);
  add_pattern (self, builder, "alpha_pattern", lora->alpha, lora->rank_stabilised);
  attune_json_add_string (builder, "auto_mapping", NULL);
  attune_json_add_string (builder, "base_model_name_or_path", self->base_name);
  attune_json_add_string (builder, "bias", "none");
  attune_json_add_bool (builder, "fan_in_fan_out", is_transposed (self));
  attune_json_add_bool (builder, "inference_mode", TRUE);
  attune_json_add_bool (builder, "init_lora_weights", TRUE);
  attune_json_add_string (builder, "layers_pattern", NULL);
  attune_json_add_string (builder, "layers_to_transform", NULL);
  add_number (builder, "lora_alpha",
              lora->alpha
                  * (!lora->principal        ? 1
                     : lora->rank_stabilised ? (float) G_SQRT2
                                             : 2));
  json_builder_set_member_name (builder, "lora_dropout");
  json_builder_add_double_value (builder, attune_shorten_float (lora->dropout));
  attune_json_add_string (builder, "peft_type", "LORA");
  add_number (builder, "r", lora->principal ? 2 * lora->rank : lora->rank);
  add_pattern (self, builder, "rank_pattern", lora->rank, FALSE);
  attune_json_add_string (builder, "revision", NULL);
  add_names (builder, "target_modules", self->modules);
  add_task (self, builder);
  attune_json_add_bool (builder, "use_dora", lora->kind == ATTUNE_ADAPTER_DORA);
  attune_json_add_bool (builder, "use_rslora", lora->rank_stabilised);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/* As models are tagged by. */
static const char *
name_kind (const AttuneLoraConfig *lora)
{
  return lora->kind == ATTUNE_ADAPTER_IA3      ? "ia3"
         : lora->kind == ATTUNE_ADAPTER_PROMPT ? "prompt-tuning"
         : lora->kind == ATTUNE_ADAPTER_PREFIX ? "prefix-tuning"
                                               : "lora";
}

/* A short model card. YAML takes a JSON string as it is, so that no name can break out of it. */
static gboolean
write_card (const AttuneExport *self, const char *folder, GError **error)
{
  g_autoptr (JsonNode) name = json_node_init_string (json_node_alloc (), self->base_name);
  g_autofree char *quoted = json_to_string (name, FALSE);
  g_autofree char *path = g_build_filename (folder, "README.md", NULL);
  g_autofree char *about = attune_export_describe_adapter (self->lora);
  const int n_labels = self->lora->n_labels;
  const char *model = n_labels > 0 ? "AutoModelForSequenceClassification" : "AutoModelForCausalLM";
  /* Transformers 5 has all experts of a layer in one tensor, to which these names do not lead. */
  const char *expert_note = self->decoder->config.n_experts > 0
                                ? "\nEach expert has its own part of it, as in Transformers 4.\n"
                                : "";
  g_autofree char *labels
      = n_labels > 0 ? g_strdup_printf (", num_labels=%d", n_labels) : g_strdup ("");
  static const char label_note[]
      = "\nThe model's numbers are those of the labels in labels.json, from 0. A question is asked "
        "by\n`tokenizer.apply_chat_template(messages, add_generation_prompt=True)`, a text that "
        "was "
        "learned whole as it is. The label is read from the last\ntoken that is not padding: to "
        "ask several texts at "
        "once, set\n`model.config.pad_token_id = tokenizer.pad_token_id`.\n"
        "Where labels.json says several, each of them has a sigmoid of its own and applies from "
        "one\n"
        "half on (problem_type multi_label_classification); where it says number, the label is "
        "its\n"
        "mean + its spread times the model's one number (regression).\n";
  static const char reward_note[]
      = "\nWhere there is no labels.json, the model's number says how good the answer is that a "
        "conversation\nends with: only differences between answers to a question mean something. "
        "It is read from the\ntoken that ends the answer. So that this is not taken for padding, "
        "set\n`model.config.pad_token_id` to None, or to a token that no text has.\n";
  g_autofree char *text = g_strdup_printf (
      "---\nbase_model: %s\nlibrary_name: peft\npipeline_tag: %s\ntags: "
      "[%s]\n---\n\n"
      "# Adapter for %s\n\nThis is %s, made with Attune %s.\n\n```python\n"
      "from peft import PeftModel\nfrom transformers import %s\n\n"
      "base = %s.from_pretrained(%s%s)\n"
      "model = PeftModel.from_pretrained(base, \"path/of/this/folder\")\n```\n%s%s%s",
      quoted, n_labels > 0 ? "text-classification" : "text-generation", name_kind (self->lora),
      self->base_name, about, ATTUNE_VERSION, model, model, quoted, labels, expert_note,
      n_labels > 0 ? label_note : "", n_labels == 1 ? reward_note : "");

  return attune_file_write (path, text, -1, error);
}

static gboolean
write_folder (const char *folder, gpointer data, GError **error)
{
  AttuneExport *self = data;

  return attune_export_safetensors (self, folder, "adapter_model.safetensors", error)
         && attune_export_json (folder, "adapter_config.json",
                                self->lora->n_virtual > 0 ? attune_adapter_virtual_config (self)
                                : self->lora->kind == ATTUNE_ADAPTER_IA3 ? make_ia3_config (self)
                                                                         : make_config (self),
                                error)
         && write_card (self, folder, error);
}

gboolean
attune_export_adapter (AttuneExport *self, const char *path, GError **error)
{
  if (attune_decoder_has_trained_base (self->decoder))
    {
      g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
                   "The whole model was tuned, so there is no adapter beside it to export. Export "
                   "the merged model or GGUF instead.");
      return FALSE;
    }
  return collect_adapters (self, error)
         && attune_folder_replace (path, attune_export_files, write_folder, self, error);
}
