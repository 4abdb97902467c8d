/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bytes of exported tensors: adapters merged in f32, rows put in order, stored in the target's
 * type. See weights.h.
 */
#include "deploy/weights.h"
#include "core/file.h"
#include "model/safetensors.h"

#include <math.h>
#include <string.h>

const char *const attune_hf_linear_names[ATTUNE_LAYER_LINEARS] = {
  "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
  "mlp.gate_proj",    "mlp.up_proj",      "mlp.down_proj",
};

const char *const attune_export_files[] = {
  "README.md",
  "adapter_config.json",
  "adapter_model.safetensors",
  "config.json",
  "model.safetensors",
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  NULL,
};

static void
item_free (gpointer data)
{
  AttuneExportItem *item = data;

  g_free (item->name);
  g_free (item);
}

void
attune_export_begin (AttuneExport *self)
{
  self->items = g_ptr_array_new_with_free_func (item_free);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
}

void
attune_export_end (AttuneExport *self)
{
  if (self->merged.data != NULL)
    self->decoder->be->release (self->decoder->be, self->merged.data,
                                attune_tensor_bytes (&self->merged));
  g_clear_pointer (&self->by_name, g_hash_table_unref);
  g_clear_pointer (&self->items, g_ptr_array_unref);
}

void
attune_export_add (AttuneExport *self, char *name, const AttuneTensor *shape,
                   const AttuneLinear *linear, const AttuneTensor *tensor, int halves)
{
  AttuneExportItem *item = g_new0 (AttuneExportItem, 1);

  g_assert ((linear != NULL) != (tensor != NULL));
  item->name = name;
  item->shape = *shape;
  item->shape.data = NULL;
  item->linear = linear;
  item->tensor = tensor;
  item->halves = halves;
  g_ptr_array_add (self->items, item);
  g_hash_table_insert (self->by_name, item->name, item);
}

int
attune_export_halves (const AttuneExport *self, int i)
{
  const AttuneDecoderConfig *config = &self->decoder->config;

  /* q and k are the first two of attune_linear_names; nothing else is turned by position. */
  return i < 2 && config->rotary == ATTUNE_ROTARY_INTERLEAVED ? config->head_dim : 0;
}

double
attune_export_round (float value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  for (int digits = 1; digits < 9; digits++)
    {
      const char format[] = { '%', '.', (char) ('0' + digits), 'g', '\0' };

      g_ascii_formatd (text, sizeof text, format, value);
      if ((float) g_ascii_strtod (text, NULL) == value)
        return g_ascii_strtod (text, NULL);
    }
  return value;
}

const char *
attune_export_template (const AttuneExport *self)
{
  const char *source = attune_chat_template_get_source (attune_model_get_template (self->model));

  /* What attune_chat_template_new() takes NULL for. */
  return source != NULL
             ? source
             : "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + "
               "message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
               "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
}

gint32
attune_export_stop (const AttuneExport *self)
{
  return attune_chat_template_get_stop (attune_model_get_template (self->model),
                                        attune_model_get_tokenizer (self->model));
}

/* Merges @linear into the shared room. Returns: (nullable): its values. */
static const float *
merge (AttuneExport *self, const AttuneLinear *linear, GError **error)
{
  AttuneBackend *be = self->decoder->be;
  AttuneArena arena = ATTUNE_ARENA_MEASURE;
  AttuneContext context = { .be = be, .arena = &arena };
  AttuneTensor merged;

  if (self->merged.data == NULL)
    {
      gint64 most = 0;

      for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
        {
          gint64 rows, columns;

          attune_linear_shape (&self->decoder->config, i, &rows, &columns);
          most = MAX (most, rows * columns);
        }
      self->merged = (AttuneTensor) { NULL, 1, { most } };
      self->merged.data = be->alloc (be, attune_tensor_bytes (&self->merged));
      if (self->merged.data == NULL)
        {
          attune_backend_sync (be, error);
          return NULL;
        }
    }
  merged = linear->weight;
  merged.type = ATTUNE_TYPE_F32;
  merged.data = self->merged.data;
  attune_linear_merge (linear, &context, &merged);
  return attune_backend_sync (be, error) ? merged.data : NULL;
}

gint64
attune_export_source_row (gint64 row, int head_dim)
{
  const gint64 head = row / head_dim, s = row % head_dim / (head_dim / 2), j = row % (head_dim / 2);

  return head * head_dim + 2 * j + s;
}

static gboolean
is_finite (const float *x, gint64 n)
{
  gboolean finite = TRUE;

  for (gint64 i = 0; i < n; i++)
    finite &= isfinite (x[i]) != 0;
  return finite;
}

static gboolean
check_going_on (AttuneExport *self, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  if (self->progress != NULL)
    self->progress (self->data, (double) self->n_done / MAX (self->items->len, 1), "Writing");
  self->n_done++;
  return TRUE;
}

gboolean
attune_export_fill (gpointer data, const char *name, void *bytes, GError **error)
{
  AttuneExport *self = data;
  const AttuneExportItem *item = g_hash_table_lookup (self->by_name, name);
  const gint64 rows = attune_tensor_rows (&item->shape),
               columns = attune_tensor_columns (&item->shape);
  const AttuneTypeInfo *to = attune_type_info (item->shape.type);
  const gint64 stride = attune_type_bytes (item->shape.type, columns);
  const float *merged = NULL;
  g_autofree float *decoded = NULL;

  if (!check_going_on (self, error))
    return FALSE;
  if (item->linear != NULL)
    {
      if ((merged = merge (self, item->linear, error)) == NULL)
        return FALSE;
    }
  else if (item->tensor->type == item->shape.type && item->shape.type != ATTUNE_TYPE_F32
           && item->halves == 0)
    {
      memcpy (bytes, item->tensor->data, attune_tensor_bytes (&item->shape));
      return TRUE;
    }
  else
    decoded = g_new (float, columns);

  for (gint64 i = 0; i < rows; i++)
    {
      const gint64 from = item->halves > 0 ? attune_export_source_row (i, item->halves) : i;
      const float *row = merged != NULL ? merged + from * columns : decoded;

      if (merged == NULL)
        {
          const AttuneTensor stored = attune_tensor_slice (item->tensor, from, 1);

          attune_type_info (stored.type)->decode (decoded, stored.data, columns);
        }
      if (!is_finite (row, columns))
        {
          g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_NUMBERS,
                       "“%s” holds values that are not numbers; the adapter is damaged.", name);
          return FALSE;
        }
      to->encode ((char *) bytes + i * stride, row, columns);
    }
  return TRUE;
}

static gboolean
write_safetensors (const char *path, gpointer data, GError **error)
{
  AttuneExport *self = data;
  g_autofree AttuneSafetensorsEntry *entries = g_new0 (AttuneSafetensorsEntry, self->items->len);

  for (guint i = 0; i < self->items->len; i++)
    {
      const AttuneExportItem *item = g_ptr_array_index (self->items, i);

      entries[i] = (AttuneSafetensorsEntry) { item->name, item->shape };
    }
  return attune_safetensors_write (path, entries, self->items->len, attune_export_fill, self,
                                   error);
}

static gboolean
check_safetensors (const char *path, gpointer data, GError **error)
{
  g_autoptr (AttuneSafetensors) file = attune_safetensors_open (path, error);

  return file != NULL;
}

gboolean
attune_export_safetensors (AttuneExport *self, const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return attune_file_replace (path, write_safetensors, check_safetensors, self, error);
}

gboolean
attune_export_json (const char *folder, const char *name, JsonNode *root, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *json = json_to_string (root, TRUE);
  g_autofree char *text = g_strconcat (json, "\n", NULL);

  json_node_unref (root);
  return attune_file_write (path, text, -1, error);
}
