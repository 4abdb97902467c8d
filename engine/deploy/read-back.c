/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See read-back.h.
 */
#include "deploy/read-back.h"

#include "compute/blocks.h"
#include "deploy/adapter-joined.h"
#include "deploy/adapter-virtual.h"

#include <stdio.h>
#include <string.h>

void
attune_read_back_clear (AttuneReadBack *self)
{
  g_clear_pointer (&self->decoder, attune_decoder_free);
  g_clear_pointer (&self->adapter, attune_parameters_free);
  g_clear_pointer (&self->weights, attune_safetensors_close);
  g_clear_pointer (&self->model, attune_model_close);
}

/* --- an adapter */

static gboolean
fail_adapter (GError **error, const char *path, const char *what)
{
  g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
               "The adapter in “%s” cannot be read back: %s.", path, what);
  return FALSE;
}

static gboolean
has_members (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node)
         && json_object_get_size (json_node_get_object (node)) > 0;
}

/* What adapter_config.json says; targets are the linears of the first layer that have weights. */
static gboolean
read_config (AttuneReadBack *self, const char *path, const AttuneDecoderConfig *config,
             gboolean joined, AttuneLoraConfig *lora, GError **error)
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
  if (attune_adapter_parse_virtual (object, lora))
    return TRUE;
  /* of parts that are joined it follows from them, and they are checked */
  if (!joined && (has_members (object, "rank_pattern") || has_members (object, "alpha_pattern")))
    return fail_adapter (error, path,
                         "its rank or strength differs from part to part (rank_pattern, "
                         "alpha_pattern)");
  if (g_strcmp0 (json_object_get_string_member_with_default (object, "peft_type", ""), "IA3") == 0)
    {
      *lora = (AttuneLoraConfig) { .kind = ATTUNE_ADAPTER_IA3 };
      return TRUE;
    }
  if (json_object_get_boolean_member_with_default (object, "use_dora", FALSE))
    lora->kind = ATTUNE_ADAPTER_DORA;
  if (joined)
    lora->targets = ATTUNE_TARGETS_ALL; /* which of those that are one have it, their zeros tell */
  for (int i = 0; i < attune_layer_linears (config) && !joined; i++)
    {
      g_autofree char *module = NULL, *name = NULL;
      gint64 rows, columns;

      attune_linear_shape (config, i, &rows, &columns);
      if (rows == 0)
        continue;
      module = attune_export_module (config, 0, i);
      name = g_strdup_printf ("base_model.model.%s.lora_A.weight", module);
      if (attune_safetensors_find_tensor (self->weights, name) != NULL)
        lora->targets |= 1u << attune_linear_target (i);
    }
  if (lora->rank < 1 || lora->targets == 0)
    return fail_adapter (error, path, "adapter_config.json and the weights do not agree");
  return TRUE;
}

/* Copies @stored into @value; a vector's values are its rows. @head_dim: > 0 where its rows go back
 * to interleaved pairs. */
static void
copy_rows (const AttuneTensor *value, const AttuneTensor *stored, int head_dim)
{
  g_autofree float *decoded = NULL;
  const float *from = stored->data;
  const gint64 columns = value->dims[0] == 1 ? 1 : value->dims[1],
               rows = attune_tensor_count (stored) / columns;

  if (stored->type != ATTUNE_TYPE_F32) /* others keep them in 16 bits */
    {
      decoded = g_new (float, attune_tensor_count (stored));
      (stored->type == ATTUNE_TYPE_F16 ? attune_decode_f16 : attune_decode_bf16) (
          decoded, stored->data, attune_tensor_count (stored));
      from = decoded;
    }
  for (gint64 i = 0; i < rows; i++)
    {
      const gint64 to = head_dim > 0 ? attune_export_source_row (i, head_dim) : i;

      memcpy ((float *) value->data + to * columns, from + i * columns, columns * sizeof (float));
    }
}

/* What PEFT and we call the parts of an adapter. */
typedef struct
{
  const char *theirs, *ours;
  gboolean by_rows; /* of the linear's outputs */
} Part;

static const Part lora_parts[] = { { "lora_A.weight", "lora_a", FALSE },
                                   { "lora_B.weight", "lora_b", TRUE },
                                   { "lora_magnitude_vector", "magnitude", TRUE } },
                  ia3_part = { "ia3_l", "ia3", TRUE };

/* Linear @i of @layer. */
static gboolean
read_part (AttuneReadBack *self, const char *path, int layer, int i, const Part *part,
           GError **error)
{
  const AttuneDecoderConfig *config = &self->decoder->config;
  g_autofree char *module = attune_export_module (config, layer, i),
                  *ours = attune_linear_name (config, i);
  g_autofree char *stored_name = g_strdup_printf ("base_model.model.%s.%s", module, part->theirs);
  g_autofree char *name = g_strdup_printf ("blk.%d.%s.%s", layer, ours, part->ours);
  const AttuneTensor *stored = attune_safetensors_find_tensor (self->weights, stored_name);
  const AttuneParameter *parameter = attune_parameters_find (self->adapter, name);
  g_autofree char *weight = g_strdup_printf ("blk.%d.%s.weight", layer, ours);
  const gboolean turned
      = part->by_rows && attune_export_order (config, weight, FALSE) == ATTUNE_ROWS_TO_HALVES;

  if (stored == NULL || parameter == NULL
      || (stored->type != ATTUNE_TYPE_F32 && stored->type != ATTUNE_TYPE_F16
          && stored->type != ATTUNE_TYPE_BF16)
      || attune_tensor_count (stored) != attune_tensor_count (&parameter->value)
      || (parameter->value.dims[0] > 1
          && attune_tensor_columns (stored) != parameter->value.dims[1]))
    return fail_adapter (error, path, stored_name);
  copy_rows (&parameter->value, stored, turned ? config->head_dim : 0);
  return TRUE;
}

static const AttuneTensor *
look_up (gpointer weights, const char *name)
{
  return attune_safetensors_find_tensor (weights, name);
}

static gboolean
open_adapter (AttuneReadBack *self, const char *path, AttuneModel *base, AttuneBackend *be,
              GError **error)
{
  g_autofree char *file = g_build_filename (path, "adapter_model.safetensors", NULL);
  const AttuneDecoderConfig *config = attune_model_get_config (base);
  const gboolean joined = attune_adapter_is_joined (base);
  AttuneLoraConfig lora;
  gint64 shapes[3][2];

  if ((self->weights = attune_safetensors_open (file, error)) == NULL
      || !read_config (self, path, config, joined, &lora, error)
      || (self->decoder = attune_decoder_new (config, be, attune_model_lookup, base, error)) == NULL
      || (self->adapter = attune_decoder_add_lora (self->decoder, &lora, 0, FALSE, error)) == NULL)
    return FALSE;
  self->lora = lora;
  if (lora.n_virtual > 0)
    return attune_adapter_read_virtual (self->decoder, look_up (self->weights, ATTUNE_VIRTUAL_NAME))
           || fail_adapter (error, path, "its learned tokens are not those of the model");
  if (joined)
    return attune_adapter_read_joined (base, self->decoder, self->adapter, look_up, self->weights)
           || fail_adapter (error, path, "its parts are not those of the model");
  for (int layer = 0; layer < config->n_layers; layer++)
    for (int i = 0; i < attune_layer_linears (config); i++)
      {
        const int n = attune_lora_shapes (config, &lora, i, shapes);

        for (int j = 0; j < n; j++)
          if (!read_part (self, path, layer, i,
                          lora.kind == ATTUNE_ADAPTER_IA3 ? &ia3_part : &lora_parts[j], error))
            return FALSE;
      }
  attune_decoder_update_norms (self->decoder);
  return TRUE;
}

gboolean
attune_read_back_has_head (const AttuneReadBack *self, const AttuneTensor *head)
{
  const AttuneTensor *stored
      = self->weights != NULL
            ? attune_safetensors_find_tensor (self->weights, "base_model.model.score.weight")
            : NULL;

  return stored != NULL && stored->type == ATTUNE_TYPE_F32 && stored->n_dims == 2
         && stored->dims[0] == attune_tensor_rows (head)
         && stored->dims[1] == attune_tensor_columns (head)
         && memcmp (stored->data, head->data, attune_tensor_bytes (head)) == 0;
}

/* --- any */

static gboolean
open_whole (AttuneReadBack *self, const char *path, AttuneBackend *be, GError **error)
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
  return format == ATTUNE_EXPORT_ADAPTER ? open_adapter (self, path, base, be, error)
                                         : open_whole (self, path, be, error);
}
