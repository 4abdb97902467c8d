/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See weights.h: what is written, of which part of the model, and what all exports share.
 */
#include "deploy/weights.h"
#include "core/file.h"
#include "model/families.h"
#include "model/safetensors.h"
#include "model/tensor-names.h"

#include <stdio.h>
#include <string.h>

const char *const attune_export_files[] = {
  "README.md",         "adapter_config.json",    "adapter_model.safetensors", "config.json",
  "model.safetensors", "generation_config.json", ATTUNE_TOKENIZER_FILES,      NULL,
};

char *
attune_export_module (const AttuneDecoderConfig *config, int layer, int i)
{
  g_autofree char *part = attune_linear_name (config, i),
                  *name = g_strdup_printf ("blk.%d.%s.weight", layer, part);
  char *module
      = attune_tensor_name_to_hugging_face (attune_family_find (config->family), name, FALSE);

  g_assert (module != NULL); /* every family has all of its linears in its table */
  *strrchr (module, '.') = '\0';
  return module;
}

static void
item_free (gpointer data)
{
  AttuneExportItem *item = data;

  g_free (item->name);
  g_free (item->linears);
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
  self->modules = g_ptr_array_new_with_free_func (g_free);
  self->in_modules = g_ptr_array_new_with_free_func (g_free);
  self->ranks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

void
attune_export_end (AttuneExport *self)
{
  if (self->merged.data != NULL)
    self->decoder->be->release (self->decoder->be, self->merged.data,
                                attune_tensor_bytes (&self->merged));
  g_clear_pointer (&self->by_name, g_hash_table_unref);
  g_clear_pointer (&self->joined, g_ptr_array_unref);
  g_clear_pointer (&self->modules, g_ptr_array_unref);
  g_clear_pointer (&self->in_modules, g_ptr_array_unref);
  g_clear_pointer (&self->ranks, g_hash_table_unref);
  g_clear_pointer (&self->items, g_ptr_array_unref);
}

static AttuneExportItem *
add_item (AttuneExport *self, char *name, const AttuneTensor *shape)
{
  AttuneExportItem *item = g_new0 (AttuneExportItem, 1);

  item->name = name;
  item->shape = *shape;
  item->shape.data = NULL;
  g_ptr_array_add (self->items, item);
  g_hash_table_insert (self->by_name, item->name, item);
  return item;
}

AttuneExportItem *
attune_export_add (AttuneExport *self, char *name, const AttuneTensor *shape,
                   const AttuneTensor *tensor)
{
  AttuneExportItem *item = add_item (self, name, shape);

  g_assert (tensor != NULL);
  item->tensor = tensor;
  return item;
}

AttuneExportItem *
attune_export_add_linears (AttuneExport *self, char *name, const AttuneTensor *shape,
                           const AttuneLinear *const *linears, int n)
{
  AttuneExportItem *item = add_item (self, name, shape);

  g_assert (n > 0);
  item->linears = g_memdup2 (linears, n * sizeof *linears);
  item->n_linears = n;
  return item;
}

/* --- what stands under the model's names */

/* Adds the linears of @layer that stand in @part ("attn_q", "ffn_up_exps") to @linears. */
static void
find_in_layer (const AttuneExport *self, int layer, const char *part, const AttuneTensor *shape,
               GPtrArray *linears)
{
  const AttuneDecoderConfig *c = &self->decoder->config;
  AttuneDecoderLayer *l = &self->decoder->layers[layer];

  if (g_str_equal (part, "attn_qkv"))
    for (int i = 0; i < 3; i++)
      g_ptr_array_add (linears, attune_decoder_layer_linear (l, i));
  else if (g_str_equal (part, "ffn_up") && c->n_experts == 0
           && shape->dims[0] == 2 * attune_tensor_rows (&l->up.weight))
    {
      g_ptr_array_add (linears, &l->gate);
      g_ptr_array_add (linears, &l->up);
    }
  else
    for (int i = 0; i < attune_layer_linears (c); i++)
      {
        g_autofree char *name = attune_linear_name (c, i),
                        *all = g_strconcat (
                            attune_linear_names[attune_linear_target (i) % ATTUNE_LAYER_LINEARS],
                            "_exps", NULL);

        if (attune_decoder_layer_linear (l, i)->weight.data != NULL
            && (g_str_equal (part, name)
                || (i >= ATTUNE_LINEAR_EXPERTS && g_str_equal (part, all))))
          g_ptr_array_add (linears, attune_decoder_layer_linear (l, i));
      }
}

GPtrArray *
attune_export_find_linears (const AttuneExport *self, const char *name, const AttuneTensor *shape)
{
  g_autoptr (GPtrArray) linears = g_ptr_array_new ();
  g_autofree char *part = NULL;
  int layer, end = 0;

  if (sscanf (name, "blk.%d.%n", &layer, &end) != 1 || end == 0
      || !g_str_has_suffix (name, ".weight"))
    return NULL;
  part = g_strndup (name + end, strlen (name + end) - strlen (".weight"));
  find_in_layer (self, layer, part, shape, linears);
  return linears->len > 0 ? g_steal_pointer (&linears) : NULL;
}

const AttuneTensor *
attune_export_keep (AttuneExport *self, AttuneTensor tensor)
{
  AttuneTensor *kept = g_memdup2 (&tensor, sizeof tensor);

  g_ptr_array_add (self->joined, kept);
  return kept;
}

/* Whether (IA)³ rescales what one of @linears gives, bias included. */
static gboolean
is_any_rescaled (const GPtrArray *linears)
{
  for (guint i = 0; i < linears->len; i++)
    if (((const AttuneLinear *) linears->pdata[i])->out_scale.data != NULL)
      return TRUE;
  return FALSE;
}

/* Writes what @linear adds to its products. Returns: how many values */
static gint64
write_bias (const AttuneLinear *linear, float *to)
{
  const gint64 n = attune_tensor_count (&linear->bias);
  const float *bias = linear->bias.data, *scale = linear->out_scale.data;

  for (gint64 i = 0; i < n; i++)
    to[i] = scale != NULL ? bias[i] * scale[i] : bias[i];
  return n;
}

/* The biases of the linears whose weights the base stores as one, where they are trained, or of one
 * or more that are rescaled. Returns: (nullable). */
static const AttuneTensor *
join_biases (AttuneExport *self, const char *name)
{
  g_autofree char *of = g_strndup (name, strlen (name) - strlen (".bias")),
                  *weight = g_strconcat (of, ".weight", NULL);
  const AttuneTensor *stored = attune_model_lookup (self->model, weight);
  g_autoptr (GPtrArray) linears
      = stored != NULL ? attune_export_find_linears (self, weight, stored) : NULL;
  const gboolean trained = attune_decoder_has_trained_base (self->decoder);
  g_autofree float *values = NULL;
  gint64 count = 0;

  if (linears == NULL || !(is_any_rescaled (linears) || (trained && linears->len > 1)))
    return NULL;
  values = g_new (float, attune_tensor_rows (stored));
  for (guint i = 0; i < linears->len; i++)
    count += write_bias (linears->pdata[i], values + count);
  return attune_export_keep (self, (AttuneTensor) { g_steal_pointer (&values), 1, { count } });
}

const AttuneTensor *
attune_export_find_copied (AttuneExport *self, const char *name, const AttuneTensor *stored)
{
  const AttuneTensor *changed = NULL;

  if (g_str_has_suffix (name, ".bias"))
    changed = join_biases (self, name);
  if (changed == NULL && attune_decoder_has_trained_base (self->decoder))
    changed = attune_decoder_find_tensor (self->decoder, name);
  return changed != NULL ? changed : stored; /* the decoder has no use for some, others may */
}

AttuneRowOrder
attune_export_order (const AttuneDecoderConfig *c, const char *name, gboolean to_gguf)
{
  const gboolean turned = strstr (name, ".attn_q.") != NULL || strstr (name, ".attn_k.") != NULL;
  const AttuneRotary wanted
      = to_gguf ? attune_family_find (c->family)->rotary : ATTUNE_ROTARY_HALVES;

  if (turned && c->rotary != wanted)
    return to_gguf ? ATTUNE_ROWS_TO_PAIRS : ATTUNE_ROWS_TO_HALVES;
  if (!to_gguf && strstr (name, ".attn_qkv.") != NULL && g_str_equal (c->family, "falcon"))
    return ATTUNE_ROWS_TO_GROUPS;
  return ATTUNE_ROWS_AS_THEY_ARE;
}

/* --- what is written beside weights */

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

char *
attune_export_describe_adapter (const AttuneLoraConfig *lora)
{
  if (lora->kind == ATTUNE_ADAPTER_IA3)
    return g_strdup ("an (IA)³ adapter");
  if (lora->n_virtual > 0)
    return g_strdup_printf ("a %s of %d learned tokens",
                            lora->kind == ATTUNE_ADAPTER_PROMPT ? "prompt" : "prefix",
                            lora->n_virtual);
  return g_strdup_printf ("a %s adapter of rank %d",
                          lora->kind == ATTUNE_ADAPTER_DORA ? "DoRA" : "LoRA", lora->rank);
}
