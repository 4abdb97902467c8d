/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See read-back.h.
 */
#include "deploy/read-back.h"
#include "deploy/weights.h"

#include <stdio.h>
#include <string.h>

static void
gain_free (gpointer data)
{
  AttuneTensor *gain = data;

  g_free (gain->data);
  g_free (gain);
}

void
attune_read_back_clear (AttuneReadBack *self)
{
  g_clear_pointer (&self->decoder, attune_decoder_free);
  g_clear_pointer (&self->adapter, attune_parameters_free);
  g_clear_pointer (&self->gains, g_hash_table_unref);
  g_clear_pointer (&self->weights, attune_safetensors_close);
  g_clear_pointer (&self->model, attune_model_close);
}

/* --- names */

/* "attn_q.weight" of a layer in Hugging Face's words, or %NULL. */
static const char *
find_linear_name (const char *name, gsize length)
{
  for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
    if (strlen (attune_linear_names[i]) == length
        && strncmp (name, attune_linear_names[i], length) == 0)
      return attune_hf_linear_names[i];
  return NULL;
}

/* Returns: (transfer full) (nullable): GGUF's @name in a merged folder. */
static char *
to_hf_name (const char *name)
{
  const char *linear, *dot;
  int layer, end = 0;

  if (strcmp (name, "token_embd.weight") == 0)
    return g_strdup ("model.embed_tokens.weight");
  if (strcmp (name, "output_norm.weight") == 0)
    return g_strdup ("model.norm.weight");
  if (strcmp (name, "output.weight") == 0)
    return g_strdup ("lm_head.weight");
  if (sscanf (name, "blk.%d.%n", &layer, &end) != 1 || end == 0)
    return NULL;
  name += end;
  if (strcmp (name, "attn_norm.weight") == 0)
    return g_strdup_printf ("model.layers.%d.input_layernorm.weight", layer);
  if (strcmp (name, "ffn_norm.weight") == 0)
    return g_strdup_printf ("model.layers.%d.post_attention_layernorm.weight", layer);
  dot = strchr (name, '.');
  linear = dot != NULL && strcmp (dot, ".weight") == 0 ? find_linear_name (name, dot - name) : NULL;
  return linear != NULL ? g_strdup_printf ("model.layers.%d.%s.weight", layer, linear) : NULL;
}

/* --- a merged folder */

/* The gains of a norm in f32, whatever they are stored as. Borrowed. */
static const AttuneTensor *
decode_gain (AttuneReadBack *self, const char *name, const AttuneTensor *stored)
{
  AttuneTensor *gain = g_hash_table_lookup (self->gains, name);
  const gint64 n = attune_tensor_count (stored);

  if (gain != NULL)
    return gain;
  gain = g_memdup2 (stored, sizeof *stored);
  gain->type = ATTUNE_TYPE_F32;
  gain->data = g_new (float, n);
  attune_type_info (stored->type)->decode (gain->data, stored->data, n);
  g_hash_table_insert (self->gains, g_strdup (name), gain);
  return gain;
}

/* An AttuneTensorLookup. */
static const AttuneTensor *
look_up (gpointer data, const char *name)
{
  AttuneReadBack *self = data;
  g_autofree char *hf = to_hf_name (name);
  const AttuneTensor *tensor
      = hf != NULL ? attune_safetensors_find_tensor (self->weights, hf) : NULL;

  if (tensor != NULL && tensor->n_dims == 1 && tensor->type != ATTUNE_TYPE_F32)
    return decode_gain (self, name, tensor);
  return tensor;
}

static gboolean
open_merged (AttuneReadBack *self, const char *path, AttuneModel *base, AttuneBackend *be,
             GError **error)
{
  g_autofree char *file = g_build_filename (path, "model.safetensors", NULL);
  AttuneDecoderConfig config = *attune_model_get_config (base);

  if ((self->weights = attune_safetensors_open (file, error)) == NULL)
    return FALSE;
  if (config.rotary == ATTUNE_ROTARY_INTERLEAVED)
    config.rotary = ATTUNE_ROTARY_HALVES;
  self->gains = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, gain_free);
  self->decoder = attune_decoder_new (&config, be, look_up, self, error);
  return self->decoder != NULL;
}

/* --- an adapter */

static gboolean
fail_adapter (GError **error, const char *path, const char *what)
{
  g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
               "The adapter in “%s” cannot be read back: %s.", path, what);
  return FALSE;
}

/* What adapter_config.json says; targets are the linears of the first layer that have weights. */
static gboolean
read_config (AttuneReadBack *self, const char *path, AttuneLoraConfig *lora, GError **error)
{
  g_autofree char *file = g_build_filename (path, "adapter_config.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root;
  JsonObject *object;

  if (!json_parser_load_from_file (parser, file, error))
    return FALSE;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return fail_adapter (error, path, "adapter_config.json holds no object");
  object = json_node_get_object (root);
  *lora = (AttuneLoraConfig) {
    .rank = (int) json_object_get_int_member_with_default (object, "r", 0),
    .alpha = (float) json_object_get_double_member_with_default (object, "lora_alpha", 0),
    .rank_stabilised = json_object_get_boolean_member_with_default (object, "use_rslora", FALSE),
  };
  for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
    {
      g_autofree char *name = g_strdup_printf ("base_model.model.model.layers.0.%s.lora_A.weight",
                                               attune_hf_linear_names[i]);

      if (attune_safetensors_find_tensor (self->weights, name) != NULL)
        lora->targets |= 1u << i;
    }
  if (lora->rank < 1 || lora->targets == 0)
    return fail_adapter (error, path, "adapter_config.json and the weights do not agree");
  return TRUE;
}

/* Copies @stored into @value. @head_dim: > 0 where its rows go back to interleaved pairs. */
static void
copy_rows (const AttuneTensor *value, const AttuneTensor *stored, int head_dim)
{
  const gint64 rows = attune_tensor_rows (stored), columns = attune_tensor_columns (stored);

  for (gint64 i = 0; i < rows; i++)
    {
      const gint64 to = head_dim > 0 ? attune_export_source_row (i, head_dim) : i;

      memcpy ((float *) value->data + to * columns, (const float *) stored->data + i * columns,
              columns * sizeof (float));
    }
}

/* Linear @i of @layer; @part: 'A' or 'B'. */
static gboolean
read_part (AttuneReadBack *self, const char *path, int layer, int i, char part, GError **error)
{
  const AttuneDecoderConfig *config = &self->decoder->config;
  g_autofree char *stored_name = g_strdup_printf (
      "base_model.model.model.layers.%d.%s.lora_%c.weight", layer, attune_hf_linear_names[i], part);
  g_autofree char *name = g_strdup_printf ("blk.%d.%s.lora_%c", layer, attune_linear_names[i],
                                           g_ascii_tolower (part));
  const AttuneTensor *stored = attune_safetensors_find_tensor (self->weights, stored_name);
  const AttuneParameter *parameter = attune_parameters_find (self->adapter, name);
  const gboolean turned = part == 'B' && i < 2 && config->rotary == ATTUNE_ROTARY_INTERLEAVED;

  if (stored == NULL || parameter == NULL || stored->type != ATTUNE_TYPE_F32 || stored->n_dims != 2
      || stored->dims[0] != parameter->value.dims[0] || stored->dims[1] != parameter->value.dims[1])
    return fail_adapter (error, path, stored_name);
  copy_rows (&parameter->value, stored, turned ? config->head_dim : 0);
  return TRUE;
}

static gboolean
open_adapter (AttuneReadBack *self, const char *path, AttuneModel *base, AttuneBackend *be,
              GError **error)
{
  g_autofree char *file = g_build_filename (path, "adapter_model.safetensors", NULL);
  const AttuneDecoderConfig *config = attune_model_get_config (base);
  AttuneLoraConfig lora;

  if ((self->weights = attune_safetensors_open (file, error)) == NULL
      || !read_config (self, path, &lora, error)
      || (self->decoder = attune_decoder_new (config, be, attune_model_lookup, base, error)) == NULL
      || (self->adapter = attune_decoder_add_lora (self->decoder, &lora, 0, FALSE, error)) == NULL)
    return FALSE;
  for (int layer = 0; layer < config->n_layers; layer++)
    for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
      if (lora.targets & 1u << i
          && (!read_part (self, path, layer, i, 'A', error)
              || !read_part (self, path, layer, i, 'B', error)))
        return FALSE;
  return TRUE;
}

/* --- any */

static gboolean
open_gguf (AttuneReadBack *self, const char *path, AttuneBackend *be, GError **error)
{
  if ((self->model = attune_model_open (path, error)) == NULL)
    return FALSE;
  self->decoder = attune_decoder_new (attune_model_get_config (self->model), be,
                                      attune_model_lookup, self->model, error);
  return self->decoder != NULL;
}

gboolean
attune_read_back_open (AttuneReadBack *self, AttuneExportFormat format, const char *path,
                       AttuneModel *base, AttuneBackend *be, GError **error)
{
  switch (format)
    {
    case ATTUNE_EXPORT_ADAPTER:
      return open_adapter (self, path, base, be, error);
    case ATTUNE_EXPORT_MERGED:
      return open_merged (self, path, base, be, error);
    case ATTUNE_EXPORT_GGUF_F16:
    case ATTUNE_EXPORT_GGUF_Q8_0:
      return open_gguf (self, path, be, error);
    case ATTUNE_N_EXPORTS:
    default:
      g_return_val_if_reached (FALSE);
    }
}
