/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See adapter-joined.h. What belongs together is told by the model's own tensors.
 */
#include "deploy/adapter-joined.h"

#include "deploy/adapter-config.h"
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

/* One of PEFT's: A (W, K), B (rows, W), both f32. */
typedef struct
{
  float *a, *b;
  gint64 width, columns, rows;
  AttuneRowOrder order;
} Group;

static void
group_clear (Group *self)
{
  g_free (self->a);
  g_free (self->b);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Group, group_clear)

/* Moves the ranks of @group that @linear's rows, from @first on, use into its adapter. Each has the
 * place that it has among r: where there are several times r, as attune_adapter_add_joined() writes
 * them, each linear uses others. */
static gboolean
read_linear (const Group *group, const AttuneDecoderConfig *config, const AttuneLinear *linear,
             gint64 first, AttuneParameters *parameters)
{
  g_autofree char *name_a = g_strconcat (linear->name, ".lora_a", NULL),
                  *name_b = g_strconcat (linear->name, ".lora_b", NULL);
  AttuneParameter *a = attune_parameters_find (parameters, name_a),
                  *b = attune_parameters_find (parameters, name_b);
  const gint64 own = attune_tensor_rows (&linear->weight), r = linear->adapters[0].rank;
  g_autofree gint64 *taken = g_new (gint64, r);

  if (a == NULL || b == NULL || a->value.dims[1] != group->columns)
    return FALSE;
  for (gint64 j = 0; j < r; j++)
    taken[j] = -1;
  for (gint64 row = 0; row < group->rows; row++)
    {
      const gint64 to = attune_export_source (config, group->order, row) - first;

      for (gint64 j = 0; to >= 0 && to < own && j < group->width; j++)
        {
          const float value = group->b[row * group->width + j];

          if (value == 0)
            continue;
          if (taken[j % r] >= 0 && taken[j % r] != j)
            return FALSE;
          taken[j % r] = j;
          ((float *) b->value.data)[to * r + j % r] = value;
        }
    }
  for (gint64 j = 0; j < r; j++)
    if (taken[j] >= 0)
      memcpy ((float *) a->value.data + j * group->columns, group->a + taken[j] * group->columns,
              group->columns * sizeof (float));
  return TRUE;
}

static gboolean
read_group (const Group *group, const AttuneDecoder *decoder, const GPtrArray *linears,
            AttuneParameters *parameters)
{
  gint64 first = 0;

  if (group->rows != count_rows (linears) || group->width < 1)
    return FALSE;
  for (guint i = 0; i < linears->len; i++)
    {
      const AttuneLinear *linear = linears->pdata[i];

      if (linear->n_adapters < 1
          || !read_linear (group, &decoder->config, linear, first, parameters))
        return FALSE;
      first += attune_tensor_rows (&linear->weight);
    }
  return TRUE;
}

gboolean
attune_adapter_read_joined (AttuneModel *model, AttuneDecoder *decoder,
                            AttuneParameters *parameters, AttuneTensorLookup lookup, gpointer data,
                            const char *path, GError **error)
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
      g_auto (Group) group = { 0 };
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
      if (a != NULL && b != NULL)
        group = (Group) { .a = a->n_dims == 2 ? attune_adapter_decode (a) : NULL,
                          .b = b->n_dims == 2 ? attune_adapter_decode (b) : NULL,
                          .width = attune_tensor_rows (a),
                          .columns = attune_tensor_columns (a),
                          .rows = attune_tensor_rows (b),
                          .order = attune_export_order (&decoder->config, names[i], FALSE) };
      if (group.a == NULL || group.b == NULL || attune_tensor_columns (b) != group.width
          || !read_group (&group, decoder, linears, parameters))
        return attune_adapter_refuse (error, path,
                                      "its part “%s” does not fit the model's at the rank that "
                                      "adapter_config.json says. Is it of another model?",
                                      module);
    }
  return TRUE;
}
