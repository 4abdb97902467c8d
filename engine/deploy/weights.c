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

static void
joined_free (gpointer data)
{
  AttuneTensor *tensor = data;

  g_free (tensor->data);
  g_free (tensor);
}

void
attune_export_begin (AttuneExport *self)
{
  self->items = g_ptr_array_new_with_free_func (item_free);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->joined = g_ptr_array_new_with_free_func (joined_free);
}

void
attune_export_end (AttuneExport *self)
{
  if (self->merged.data != NULL)
    self->decoder->be->release (self->decoder->be, self->merged.data,
                                attune_tensor_bytes (&self->merged));
  g_clear_pointer (&self->by_name, g_hash_table_unref);
  g_clear_pointer (&self->joined, g_ptr_array_unref);
  g_clear_pointer (&self->items, g_ptr_array_unref);
}

static AttuneExportItem *
add_item (AttuneExport *self, char *name, const AttuneTensor *shape, int halves)
{
  AttuneExportItem *item = g_new0 (AttuneExportItem, 1);

  item->name = name;
  item->shape = *shape;
  item->shape.data = NULL;
  item->halves = halves;
  g_ptr_array_add (self->items, item);
  g_hash_table_insert (self->by_name, item->name, item);
  return item;
}

void
attune_export_add (AttuneExport *self, char *name, const AttuneTensor *shape,
                   const AttuneLinear *linear, const AttuneTensor *tensor, int halves)
{
  g_assert ((linear != NULL) != (tensor != NULL));
  if (linear != NULL)
    attune_export_add_parts (self, name, shape, &linear, 1, halves);
  else
    add_item (self, name, shape, halves)->tensor = tensor;
}

void
attune_export_add_parts (AttuneExport *self, char *name, const AttuneTensor *shape,
                         const AttuneLinear *const *linears, int n, int halves)
{
  AttuneExportItem *item = add_item (self, name, shape, halves);

  g_assert (n > 0 && n <= ATTUNE_EXPORT_MAX_PARTS);
  memcpy (item->linears, linears, n * sizeof *linears);
  item->n_linears = n;
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

/* Writes one row; @row is a view of @columns values. */
static gboolean
encode_row (const AttuneExportItem *item, void *bytes, const float *row, gint64 columns,
            GError **error)
{
  if (!is_finite (row, columns))
    {
      g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_NUMBERS,
                   "“%s” holds values that are not numbers; what was tuned is damaged.",
                   item->name);
      return FALSE;
    }
  attune_type_info (item->shape.type)->encode (bytes, row, columns);
  return TRUE;
}

static gint64
source_row (const AttuneExportItem *item, gint64 row)
{
  return item->halves > 0 ? attune_export_source_row (row, item->halves) : row;
}

static gboolean
fill_merged (AttuneExport *self, const AttuneExportItem *item, char *bytes, GError **error)
{
  const gint64 columns = attune_tensor_columns (&item->shape),
               stride = attune_type_bytes (item->shape.type, columns);

  for (int part = 0; part < item->n_linears; part++)
    {
      const gint64 rows = attune_tensor_rows (&item->linears[part]->weight);
      const float *merged = merge (self, item->linears[part], error);

      if (merged == NULL)
        return FALSE;
      for (gint64 i = 0; i < rows; i++, bytes += stride)
        if (!encode_row (item, bytes, merged + source_row (item, i) * columns, columns, error))
          return FALSE;
    }
  return TRUE;
}

static gboolean
fill_copy (const AttuneExportItem *item, char *bytes, GError **error)
{
  const gint64 columns = attune_tensor_columns (&item->shape),
               stride = attune_type_bytes (item->shape.type, columns);
  g_autofree float *decoded = NULL;

  if (item->tensor->type == item->shape.type && item->shape.type != ATTUNE_TYPE_F32
      && item->halves == 0)
    {
      memcpy (bytes, item->tensor->data, attune_tensor_bytes (&item->shape));
      return TRUE;
    }
  decoded = g_new (float, columns);
  for (gint64 i = 0; i < attune_tensor_rows (&item->shape); i++, bytes += stride)
    {
      const AttuneTensor stored = attune_tensor_slice (item->tensor, source_row (item, i), 1);

      attune_type_info (stored.type)->decode (decoded, stored.data, columns);
      if (!encode_row (item, bytes, decoded, columns, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
attune_export_fill (gpointer data, const char *name, void *bytes, GError **error)
{
  AttuneExport *self = data;
  const AttuneExportItem *item = g_hash_table_lookup (self->by_name, name);

  if (!check_going_on (self, error))
    return FALSE;
  return item->n_linears > 0 ? fill_merged (self, item, bytes, error)
                             : fill_copy (item, bytes, error);
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
