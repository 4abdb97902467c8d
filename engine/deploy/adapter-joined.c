/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See adapter-joined.h. What belongs together is told by the model's own tensors.
 */
#include "deploy/adapter-joined.h"

#include "model/families.h"
#include "model/tensor-names.h"

#include <string.h>

gboolean
attune_adapter_is_joined (AttuneModel *model)
{
  return attune_model_lookup (model, "blk.0.attn_qkv.weight") != NULL;
}

/* "transformer.h.3.attn.c_attn". Returns: (transfer full) */
static char *
name_module (const AttuneDecoderConfig *config, const char *name)
{
  char *module
      = attune_tensor_name_to_hugging_face (attune_family_find (config->family), name, FALSE);

  g_assert (module != NULL);
  *strrchr (module, '.') = '\0';
  return module;
}

/* "attn.c_attn": the last word alone is not always of one kind. */
static const char *
get_ending (const char *module)
{
  const char *last = strrchr (module, '.');

  while (last > module && last[-1] != '.')
    last--;
  return last;
}

static gint64
count_rows (const GPtrArray *linears)
{
  gint64 n = 0;

  for (guint i = 0; i < linears->len; i++)
    n += attune_tensor_rows (&((const AttuneLinear *) linears->pdata[i])->weight);
  return n;
}

static int
count_adapted (const GPtrArray *linears)
{
  int n = 0;

  for (guint i = 0; i < linears->len; i++)
    n += ((const AttuneLinear *) linears->pdata[i])->n_adapters > 0;
  return n;
}

/* --- writing */

static gboolean
refuse (const AttuneExport *self, GError **error)
{
  g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
               "PEFT sees several parts of a model of the family “%s” as one, so it can hold only "
               "plain LoRA adapters of them. Export the whole model instead.",
               self->decoder->config.family);
  return FALSE;
}

/* The adapters of @linears, whose weights are the model's tensor @name. */
static void
add_group (AttuneExport *self, const char *name, const GPtrArray *linears)
{
  const AttuneDecoderConfig *config = &self->decoder->config;
  const gint64 r = self->lora->rank,
               columns
               = attune_tensor_columns (&((const AttuneLinear *) linears->pdata[0])->weight);
  const int n = count_adapted (linears);
  g_autofree char *module = name_module (config, name);
  const gint64 rows = count_rows (linears);
  float *a = g_new0 (float, n *r *columns), *b = g_new0 (float, rows *n *r);
  const AttuneTensor *kept;
  gint64 at = 0, first = 0;

  for (guint i = 0; i < linears->len; i++)
    {
      const AttuneLinear *linear = linears->pdata[i];
      const AttuneLora *lora = &linear->adapters[0];
      const gint64 own = attune_tensor_rows (&linear->weight);

      if (linear->n_adapters > 0)
        {
          memcpy (a + at * r * columns, lora->a.data, r * columns * sizeof *a);
          for (gint64 row = 0; row < own; row++)
            memcpy (b + (first + row) * n * r + at * r, (const float *) lora->b.data + row * r,
                    r * sizeof *b);
          at++;
        }
      first += own;
    }
  kept = attune_export_keep (self, (AttuneTensor) { a, 2, { n * r, columns } });
  attune_export_add (self, g_strdup_printf ("base_model.model.%s.lora_A.weight", module), kept,
                     kept);
  kept = attune_export_keep (self, (AttuneTensor) { b, 2, { rows, n * r } });
  attune_export_add (self, g_strdup_printf ("base_model.model.%s.lora_B.weight", module), kept,
                     kept)
      ->order
      = attune_export_order (config, name, FALSE);
  if (!g_ptr_array_find_with_equal_func (self->modules, get_ending (module), g_str_equal, NULL))
    g_ptr_array_add (self->modules, g_strdup (get_ending (module)));
  if (n > 1)
    g_hash_table_insert (self->ranks, g_strdup (get_ending (module)), GINT_TO_POINTER (n));
}

gboolean
attune_adapter_add_joined (AttuneExport *self, GError **error)
{
  g_autofree char **names = attune_model_list_tensors (self->model);

  if (self->lora->kind != ATTUNE_ADAPTER_LORA || self->lora->principal)
    return refuse (self, error);
  for (int i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GPtrArray) linears = attune_export_find_linears (
          self, names[i], attune_model_lookup (self->model, names[i]));

      if (linears != NULL && count_adapted (linears) > 0)
        add_group (self, names[i], linears);
    }
  return TRUE;
}

/* --- reading */

/* Which of @linears the ranks from @from on of @b, in its file's order, are of: the only one in
 * whose rows they are not zero. %NULL: none. */
static const AttuneLinear *
find_owner (const AttuneDecoderConfig *config, const GPtrArray *linears, const AttuneTensor *b,
            AttuneRowOrder order, gint64 from, gint64 r, gint64 *first)
{
  const gint64 width = attune_tensor_columns (b), rows = attune_tensor_rows (b);
  gint64 source = -1, start = 0;

  for (gint64 row = 0; row < rows && source < 0; row++)
    for (gint64 j = from; j < from + r; j++)
      if (((const float *) b->data)[row * width + j] != 0)
        source = attune_export_source (config, order, row);
  for (guint i = 0; i < linears->len && source >= 0; i++)
    {
      const AttuneLinear *linear = linears->pdata[i];
      const gint64 own = attune_tensor_rows (&linear->weight);

      if (source < start + own)
        {
          *first = start;
          return linear;
        }
      start += own;
    }
  return NULL;
}

static gboolean
read_group (AttuneDecoder *decoder, const GPtrArray *linears, AttuneParameters *parameters,
            AttuneRowOrder order, const AttuneTensor *a, const AttuneTensor *b)
{
  const AttuneDecoderConfig *config = &decoder->config;
  const gint64 width = attune_tensor_rows (a), columns = attune_tensor_columns (a);
  gint64 r = 0, first;

  for (gint64 from = 0; from < width; from += r)
    {
      const AttuneLinear *any = linears->pdata[0], *linear;
      AttuneParameter *to_a, *to_b;
      g_autofree char *name_a = NULL, *name_b = NULL;

      r = any->adapters[0].rank;
      if (r < 1 || width % r != 0 || attune_tensor_columns (b) != width
          || attune_tensor_rows (b) != count_rows (linears))
        return FALSE;
      linear = find_owner (config, linears, b, order, from, r, &first);
      if (linear == NULL)
        continue;
      name_a = g_strconcat (linear->name, ".lora_a", NULL);
      name_b = g_strconcat (linear->name, ".lora_b", NULL);
      to_a = attune_parameters_find (parameters, name_a);
      to_b = attune_parameters_find (parameters, name_b);
      if (to_a == NULL || to_b == NULL || to_a->value.dims[1] != columns)
        return FALSE;
      memcpy (to_a->value.data, (const float *) a->data + from * columns,
              r * columns * sizeof (float));
      for (gint64 row = 0; row < attune_tensor_rows (b); row++)
        {
          const gint64 to = attune_export_source (config, order, row) - first;

          if (to >= 0 && to < to_b->value.dims[0])
            memcpy ((float *) to_b->value.data + to * r,
                    (const float *) b->data + row * width + from, r * sizeof (float));
        }
    }
  return TRUE;
}

gboolean
attune_adapter_read_joined (AttuneModel *model, AttuneDecoder *decoder,
                            AttuneParameters *parameters, AttuneTensorLookup lookup, gpointer data)
{
  const AttuneExport view = { .model = model, .decoder = decoder };
  g_autofree char **names = attune_model_list_tensors (model);

  for (guint k = 0; k < parameters->n_items; k++)
    memset (parameters->items[k].value.data, 0, attune_tensor_bytes (&parameters->items[k].value));
  for (int i = 0; names[i] != NULL; i++)
    {
      g_autoptr (GPtrArray) linears
          = attune_export_find_linears (&view, names[i], attune_model_lookup (model, names[i]));
      g_autofree char *module = NULL, *name_a = NULL, *name_b = NULL;
      const AttuneTensor *a, *b;

      if (linears == NULL)
        continue;
      module = name_module (&decoder->config, names[i]);
      name_a = g_strdup_printf ("base_model.model.%s.lora_A.weight", module);
      name_b = g_strdup_printf ("base_model.model.%s.lora_B.weight", module);
      a = lookup (data, name_a);
      b = lookup (data, name_b);
      if (a == NULL && b == NULL)
        continue;
      if (a == NULL || b == NULL || a->type != ATTUNE_TYPE_F32 || b->type != ATTUNE_TYPE_F32
          || !read_group (decoder, linears, parameters,
                          attune_export_order (&decoder->config, names[i], FALSE), a, b))
        return FALSE;
    }
  return TRUE;
}
