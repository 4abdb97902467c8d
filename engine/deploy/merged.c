/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The merged model as a Hugging Face folder that AutoModelForCausalLM and AutoTokenizer load.
 */
#include "core/file.h"
#include "deploy/folder.h"
#include "deploy/same-model.h"
#include "model/families.h"
#include "model/hf-config-writer.h"
#include "model/tensor-names.h"

#include <string.h>

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

/* --- weights */

static gboolean
refuse_name (const AttuneExport *self, const char *name, GError **error)
{
  g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
               "The part “%s” of the model has no name in Hugging Face's files of the family “%s”. "
               "Export the model as GGUF instead.",
               name, self->decoder->config.family);
  return FALSE;
}

/* Adds the tensor that holds @linears, or else is written as @stored, under the name that @name has
 * in Hugging Face's files. */
static gboolean
add_tensor (AttuneExport *self, const char *name, AttuneTensor shape, GPtrArray *linears,
            const AttuneTensor *stored, GError **error)
{
  const AttuneFamily *family = attune_family_find (self->decoder->config.family);
  const gboolean two_norms = attune_model_lookup (self->model, "blk.0.attn_norm_2.weight") != NULL;
  char *hf = attune_tensor_name_to_hugging_face (family, name, two_norms);
  const gboolean transposed = (family->flags & ATTUNE_FAMILY_TRANSPOSED) && shape.n_dims == 2
                              && g_str_has_prefix (name, "blk.");
  AttuneExportItem *item;

  if (hf == NULL)
    return refuse_name (self, name, error);
  shape.type = choose_type (self);
  if (transposed)
    {
      const gint64 rows = shape.dims[0];

      shape.dims[0] = shape.dims[1];
      shape.dims[1] = rows;
    }
  item = linears != NULL
             ? attune_export_add_linears (self, hf, &shape,
                                          (const AttuneLinear *const *) linears->pdata,
                                          (int) linears->len)
             : attune_export_add (self, hf, &shape, attune_export_find_copied (self, name, stored));
  item->order = attune_export_order (self, name, FALSE);
  item->transposed = transposed;
  item->minus_one
      = (family->flags & ATTUNE_FAMILY_GAIN_PLUS_ONE) && g_str_has_suffix (name, "norm.weight");
  return TRUE;
}

/* All experts of a kind lie in one tensor, @name; Hugging Face has each by itself. */
static gboolean
add_experts (AttuneExport *self, const char *name, const AttuneTensor *stored, GError **error)
{
  g_autofree char *stem = g_strndup (name, strlen (name) - strlen ("_exps.weight"));
  const AttuneTensor shape = { NULL, 2, { stored->dims[1], stored->dims[2] } };

  for (int e = 0; e < self->decoder->config.n_experts; e++)
    {
      g_autofree char *one = g_strdup_printf ("%s.%d.weight", stem, e);
      g_autoptr (GPtrArray) linears = attune_export_find_linears (self, one, &shape);

      if (!add_tensor (self, one, shape, linears, NULL, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
collect_weights (AttuneExport *self, GError **error)
{
  g_autofree char **names = attune_model_list_tensors (self->model);

  for (int i = 0; names[i] != NULL; i++)
    {
      const AttuneTensor *stored = attune_model_lookup (self->model, names[i]);
      g_autoptr (GPtrArray) linears = NULL;
      AttuneTensor shape = *stored;
      gboolean added;

      if (g_str_has_prefix (names[i], "rope_") /* these are in config.json */
          || (self->decoder->config.tied_head && g_str_equal (names[i], "output.weight")))
        continue;
      linears = attune_export_find_linears (self, names[i], stored);
      if (g_str_has_suffix (names[i], ".ffn_gate_inp_shexp.weight"))
        shape = (AttuneTensor) { NULL, 2, { 1, attune_tensor_count (stored) } };
      added = g_str_has_suffix (names[i], "_exps.weight")
                  ? add_experts (self, names[i], stored, error)
                  : add_tensor (self, names[i], shape, linears, stored, error);
      if (!added)
        return FALSE;
    }
  return TRUE;
}

/* --- the configuration */

static void
set_id (JsonObject *object, const char *name, gint32 id)
{
  if (id >= 0)
    json_object_set_int_member (object, name, id);
}

/* bos, eos and pad. The token that ends an answer is Hugging Face's eos; the model's own stays
 * beside it in @both. */
static void
set_tokens (const AttuneExport *self, JsonObject *object, gboolean both)
{
  const AttuneTokenizer *tokenizer = attune_model_get_tokenizer (self->model);
  const gint32 eos = attune_tokenizer_get_eos (tokenizer), stop = attune_export_stop (self);
  JsonArray *list;

  set_id (object, "bos_token_id", attune_tokenizer_get_bos (tokenizer));
  if (both && stop >= 0 && eos >= 0 && stop != eos)
    {
      list = json_array_new ();
      json_array_add_int_element (list, stop);
      json_array_add_int_element (list, eos);
      json_object_set_array_member (object, "eos_token_id", list);
    }
  else
    set_id (object, "eos_token_id", stop >= 0 ? stop : eos);
  set_id (object, "pad_token_id", attune_tokenizer_get_pad (tokenizer));
  /* A family's own number for it may be none of this vocabulary. */
  if (!json_object_has_member (object, "pad_token_id"))
    json_object_set_null_member (object, "pad_token_id");
}

/* The object of the folder's @name. Returns: (transfer full) (nullable): %NULL without @error set
 * where there is no such file. */
static JsonObject *
read_object (const AttuneExport *self, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (attune_model_get_path (self->model), name, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root;

  if (attune_model_get_gguf (self->model) != NULL || !g_file_test (path, G_FILE_TEST_EXISTS)
      || !json_parser_load_from_file (parser, path, error))
    return NULL;
  root = json_parser_get_root (parser);
  return root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_dup_object (root) : NULL;
}

/* What the folder says of itself. A model of pictures and text is written as its text's part. */
static JsonObject *
take_config (const AttuneExport *self, GError **error)
{
  g_autoptr (JsonObject) whole = read_object (self, "config.json", error);
  g_autoptr (JsonObject) made = NULL;
  JsonNode *text = whole != NULL ? json_object_get_member (whole, "text_config") : NULL;
  JsonObject *part;

  if (whole == NULL || text == NULL || !JSON_NODE_HOLDS_OBJECT (text))
    return g_steal_pointer (&whole);
  if ((made = attune_hf_config_make (self->model, error)) == NULL)
    return NULL;
  part = json_node_dup_object (text);
  for (guint i = 0; i < 2; i++)
    {
      const char *name = i == 0 ? "architectures" : "model_type";

      json_object_set_member (part, name, json_node_copy (json_object_get_member (made, name)));
    }
  return part;
}

static gboolean
write_config (const AttuneExport *self, const char *folder, GError **error)
{
  g_autoptr (GError) reason = NULL;
  JsonObject *object = attune_model_get_gguf (self->model) != NULL
                           ? attune_hf_config_make (self->model, &reason)
                           : take_config (self, &reason);
  JsonNode *node;

  if (object == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  if (attune_model_get_gguf (self->model) != NULL)
    set_tokens (self, object, FALSE);
  json_object_remove_member (object, "dtype");
  json_object_set_string_member (object, "torch_dtype",
                                 choose_type (self) == ATTUNE_TYPE_F32 ? "float32" : "bfloat16");
  node = json_node_init_object (json_node_alloc (), object);
  json_object_unref (object);
  return attune_export_json (folder, "config.json", node, error);
}

static gboolean
write_generation_config (const AttuneExport *self, const char *folder, GError **error)
{
  g_autoptr (GError) reason = NULL;
  JsonObject *object = read_object (self, "generation_config.json", &reason);
  JsonNode *node;

  if (object == NULL) /* how a folder's text was sampled is no reason to fail */
    object = json_object_new ();
  set_tokens (self, object, TRUE);
  node = json_node_init_object (json_node_alloc (), object);
  json_object_unref (object);
  return attune_export_json (folder, "generation_config.json", node, error);
}

/* --- the folder */

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

/* Whether Attune itself could open what was written, and finds the same model in it. */
static gboolean
check_folder (AttuneExport *self, const char *folder, GError **error)
{
  g_autoptr (AttuneModel) model = attune_model_open (folder, error);

  return model != NULL && attune_check_same_model (self, model, "Hugging Face's folder", error);
}

static gboolean
write_folder (const char *folder, gpointer data, GError **error)
{
  AttuneExport *self = data;

  return write_config (self, folder, error) && write_generation_config (self, folder, error)
         && attune_export_tokenizer (self, folder, error)
         && attune_export_safetensors (self, folder, "model.safetensors", error)
         && write_card (self, folder, error) && check_folder (self, folder, error);
}

gboolean
attune_export_merged (AttuneExport *self, const char *path, GError **error)
{
  return attune_export_can_tokenize (self, error) && collect_weights (self, error)
         && attune_folder_replace (path, attune_export_files, write_folder, self, error);
}
