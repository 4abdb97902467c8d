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
  shape.type = self->type;
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
  item->order = attune_export_order (&self->decoder->config, name, FALSE);
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

static void
add_id (JsonArray *list, gint64 id)
{
  for (guint i = 0; i < json_array_get_length (list); i++)
    if (json_array_get_int_element (list, i) == id)
      return;
  if (id >= 0)
    json_array_add_int_element (list, id);
}

/* Where an answer ends: first by the token that ended those it was tuned on, then by the model's
 * own, then by what @object, the folder's, has been told besides. */
static void
set_ends (JsonObject *object, gint32 stop, gint32 eos)
{
  JsonNode *old = json_object_get_member (object, "eos_token_id");
  JsonArray *told = old != NULL && JSON_NODE_HOLDS_ARRAY (old) ? json_node_get_array (old) : NULL;
  JsonArray *list = json_array_new ();

  add_id (list, stop);
  add_id (list, eos);
  if (old != NULL && JSON_NODE_HOLDS_VALUE (old))
    add_id (list, json_node_get_int (old));
  for (guint i = 0; told != NULL && i < json_array_get_length (told); i++)
    add_id (list, json_node_get_int (json_array_get_element (told, i)));
  if (json_array_get_length (list) > 1)
    json_object_set_array_member (object, "eos_token_id", g_steal_pointer (&list));
  else if (json_array_get_length (list) == 1)
    json_object_set_int_member (object, "eos_token_id", json_array_get_int_element (list, 0));
  g_clear_pointer (&list, json_array_unref);
}

/* bos, eos and pad. The token that ends an answer is Hugging Face's eos; @all: with all others that
 * do so. */
static void
set_tokens (const AttuneExport *self, JsonObject *object, gboolean all)
{
  const AttuneTokenizer *tokenizer = attune_model_get_tokenizer (self->model);
  const gint32 eos = attune_tokenizer_get_eos (tokenizer), stop = attune_export_stop (self);

  set_id (object, "bos_token_id", attune_tokenizer_get_bos (tokenizer));
  if (all)
    set_ends (object, stop, eos);
  else
    set_id (object, "eos_token_id", stop >= 0 ? stop : eos);
  set_id (object, "pad_token_id", attune_tokenizer_get_pad (tokenizer));
  /* A family's own number for it may be none of this vocabulary. */
  if (!json_object_has_member (object, "pad_token_id"))
    json_object_set_null_member (object, "pad_token_id");
}

/* The object of the folder's file @name. Returns: (transfer full) */
static JsonObject *
read_object (const AttuneExport *self, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (attune_model_get_path (self->model), name, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root;

  if (!json_parser_load_from_file (parser, path, error))
    return NULL;
  root = json_parser_get_root (parser);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    return json_node_dup_object (root);
  g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
               "“%s” holds no object any more. Fetch the model again.", path);
  return NULL;
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
write_object (const char *folder, const char *name, JsonObject *object, GError **error)
{
  JsonNode *node = json_node_init_object (json_node_alloc (), object);

  json_object_unref (object);
  return attune_export_json (folder, name, node, error);
}

static gboolean
write_config (const AttuneExport *self, const char *folder, GError **error)
{
  const gboolean from_folder = attune_model_get_gguf (self->model) == NULL;
  JsonObject *object
      = from_folder ? take_config (self, error) : attune_hf_config_make (self->model, error);

  if (object == NULL)
    return FALSE;
  if (!from_folder)
    set_tokens (self, object, FALSE);
  json_object_remove_member (object, "dtype");
  json_object_set_string_member (object, "torch_dtype",
                                 self->type == ATTUNE_TYPE_F32 ? "float32" : "bfloat16");
  return write_object (folder, "config.json", object, error);
}

static gboolean
write_generation_config (const AttuneExport *self, const char *folder, GError **error)
{
  JsonObject *object = attune_model_get_gguf (self->model) == NULL
                           ? read_object (self, "generation_config.json", NULL)
                           : NULL;

  if (object == NULL) /* not every folder has it, and how it was sampled is no reason to fail */
    object = json_object_new ();
  set_tokens (self, object, TRUE);
  return write_object (folder, "generation_config.json", object, error);
}

/* --- the folder */

/* A short model card. YAML takes a JSON string as it is, so that no name can break out of it. */
static gboolean
write_card (const AttuneExport *self, const char *folder, GError **error)
{
  g_autoptr (JsonNode) name = json_node_init_string (json_node_alloc (), self->base_name);
  g_autofree char *quoted = json_to_string (name, FALSE);
  g_autofree char *path = g_build_filename (folder, "README.md", NULL);
  g_autofree char *adapter = attune_export_describe_adapter (self->lora);
  g_autofree char *method = attune_decoder_has_trained_base (self->decoder)
                                ? g_strdup ("fine-tuning of the model's own weights")
                            : attune_lora_is_there (self->lora)
                                ? g_strdup_printf ("%s, merged into it", adapter)
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
  self->type
      = attune_export_merged_type (self->model); /* counts all that the model has: once is enough */
  return attune_export_can_tokenize (self, error) && collect_weights (self, error)
         && attune_folder_replace (path, attune_export_files, write_folder, self, error);
}
