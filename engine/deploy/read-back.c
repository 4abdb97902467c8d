/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See read-back.h.
 */
#include "deploy/read-back.h"

#include "deploy/adapter-config.h"
#include "deploy/adapter-joined.h"
#include "deploy/adapter-virtual.h"

#include <string.h>

/* What a head for labels is called, which goes with an adapter. */
#define HEAD_NAME "base_model.model.score.weight"

void
attune_read_back_clear (AttuneReadBack *self)
{
  g_clear_pointer (&self->decoder, attune_decoder_free);
  g_clear_pointer (&self->adapter, attune_parameters_free);
  g_clear_pointer (&self->weights, attune_safetensors_close);
  g_clear_pointer (&self->model, attune_model_close);
  g_clear_pointer (&self->read, g_hash_table_unref);
  g_clear_pointer (&self->base_name, g_free);
}

/* --- an adapter */

/* An AttuneTensorLookup; what is asked for counts as read. */
static const AttuneTensor *
look_up (gpointer data, const char *name)
{
  AttuneReadBack *self = data;
  const AttuneTensor *stored = attune_safetensors_find_tensor (self->weights, name);

  if (stored != NULL)
    g_hash_table_add (self->read, g_strdup (name));
  return stored;
}

/* Targets are the linears of the first layer that have weights; where several are one, the zeros of
 * these tell. */
static void
find_targets (AttuneReadBack *self, const AttuneDecoderConfig *config, gboolean joined)
{
  if (joined)
    self->lora.targets = ATTUNE_TARGETS_ALL;
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
        self->lora.targets |= 1u << attune_linear_target (i);
    }
}

static gboolean
open_weights (AttuneReadBack *self, const char *path, GError **error)
{
  g_autofree char *file = g_build_filename (path, "adapter_model.safetensors", NULL),
                  *other = g_build_filename (path, "adapter_model.bin", NULL);

  if (!g_file_test (file, G_FILE_TEST_EXISTS) && g_file_test (other, G_FILE_TEST_EXISTS))
    return attune_adapter_refuse (
        error, path,
        "it is kept as adapter_model.bin, a format that can run programs. Save it anew where it "
        "was made (PEFT: save_pretrained), which writes adapter_model.safetensors");
  self->weights = attune_safetensors_open (file, error);
  self->read = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self->weights != NULL;
}

/* What was learned and would be left out is told, not passed over. */
static gboolean
check_all_read (const AttuneReadBack *self, const char *path, GError **error)
{
  for (guint i = 0; i < attune_safetensors_n_tensors (self->weights); i++)
    {
      const char *name = attune_safetensors_tensor_name (self->weights, i);

      if (!g_hash_table_contains (self->read, name))
        return attune_adapter_refuse (error, path,
                                      "it holds “%s”, which has no place in this model. Is it of "
                                      "this model? If so, merge it where it was made (PEFT: "
                                      "merge_and_unload), and take the whole model",
                                      name);
    }
  if (g_hash_table_size (self->read) > 0)
    return TRUE;
  return attune_adapter_refuse (error, path, "it holds nothing that was learned");
}

/* Copies @stored into @value; a vector's values are its rows. @head_dim: > 0 where its rows go back
 * to interleaved pairs. */
static void
copy_rows (const AttuneTensor *value, const AttuneTensor *stored, int head_dim)
{
  g_autofree float *from = attune_adapter_decode (stored);
  const gint64 columns = value->dims[0] == 1 ? 1 : value->dims[1],
               rows = attune_tensor_count (stored) / columns;

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
  const AttuneTensor *stored = look_up (self, stored_name);
  const AttuneParameter *parameter = attune_parameters_find (self->adapter, name);
  g_autofree char *weight = g_strdup_printf ("blk.%d.%s.weight", layer, ours);
  const gboolean turned
      = part->by_rows && attune_export_order (config, weight, FALSE) == ATTUNE_ROWS_TO_HALVES;

  if (stored == NULL || parameter == NULL)
    return attune_adapter_refuse (error, path,
                                  "“%s” is missing: all layers are to have the parts that the "
                                  "first has (layers_to_transform chooses some alone)",
                                  stored_name);
  if (stored->type != ATTUNE_TYPE_F32 && stored->type != ATTUNE_TYPE_F16
      && stored->type != ATTUNE_TYPE_BF16)
    return attune_adapter_refuse (error, path, "“%s” is neither in 32 nor in 16 bits", stored_name);
  if (attune_tensor_count (stored) != attune_tensor_count (&parameter->value)
      || (parameter->value.dims[0] > 1
          && attune_tensor_columns (stored) != parameter->value.dims[1]))
    return attune_adapter_refuse (
        error, path,
        "“%s” has %" G_GINT64_FORMAT " × %" G_GINT64_FORMAT
        " values, where its rank and this model ask for "
        "%" G_GINT64_FORMAT " × %" G_GINT64_FORMAT ". Is it of another model?",
        stored_name, attune_tensor_rows (stored), attune_tensor_columns (stored),
        parameter->value.dims[0], parameter->value.dims[1]);
  copy_rows (&parameter->value, stored, turned ? config->head_dim : 0);
  return TRUE;
}

/* Fills the adapter that is on the decoder. */
static gboolean
read_values (AttuneReadBack *self, const char *path, AttuneModel *base, GError **error)
{
  const AttuneDecoderConfig *config = &self->decoder->config;
  gint64 shapes[3][2];

  if (self->lora.n_virtual > 0)
    return attune_adapter_read_virtual (self->decoder, look_up (self, ATTUNE_VIRTUAL_NAME))
           || attune_adapter_refuse (error, path, "its learned tokens are not those of the model");
  if (attune_adapter_is_joined (base))
    return attune_adapter_read_joined (base, self->decoder, self->adapter, look_up, self, path,
                                       error);
  for (int layer = 0; layer < config->n_layers; layer++)
    for (int i = 0; i < attune_layer_linears (config); i++)
      {
        const int n = attune_lora_shapes (config, &self->lora, i, shapes);

        for (int j = 0; j < n; j++)
          if (!read_part (self, path, layer, i,
                          self->lora.kind == ATTUNE_ADAPTER_IA3 ? &ia3_part : &lora_parts[j],
                          error))
            return FALSE;
      }
  return TRUE;
}

static gboolean
open_adapter (AttuneReadBack *self, const char *path, AttuneModel *base, AttuneBackend *be,
              GError **error)
{
  g_auto (AttuneAdapterConfig) read = { 0 };
  const AttuneDecoderConfig *config = attune_model_get_config (base);
  const gboolean joined = attune_adapter_is_joined (base);

  if (!open_weights (self, path, error) || !attune_adapter_config_read (&read, path, joined, error))
    return FALSE;
  self->lora = read.lora;
  self->has_head = read.has_head;
  self->base_name = g_steal_pointer (&read.base_name);
  if (self->lora.kind == ATTUNE_ADAPTER_LORA || self->lora.kind == ATTUNE_ADAPTER_DORA)
    {
      find_targets (self, config, joined);
      if (self->lora.targets == 0)
        return attune_adapter_refuse (error, path,
                                      "none of its parts is one of this model. Is it of another?");
    }
  if ((self->decoder = attune_decoder_new (config, be, attune_model_lookup, base, error)) == NULL
      || (self->adapter = attune_decoder_add_lora (self->decoder, &self->lora, 0, FALSE, error))
             == NULL
      || !read_values (self, path, base, error))
    return FALSE;
  if (self->has_head)
    look_up (self, HEAD_NAME);
  if (!check_all_read (self, path, error))
    return FALSE;
  attune_decoder_update_norms (self->decoder);
  return TRUE;
}

gboolean
attune_read_back_has_head (const AttuneReadBack *self, const AttuneTensor *head)
{
  const AttuneTensor *stored
      = self->weights != NULL ? attune_safetensors_find_tensor (self->weights, HEAD_NAME) : NULL;

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
