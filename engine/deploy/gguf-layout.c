/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See gguf-layout.h; and how large an export will be.
 */
#include "deploy/gguf-layout.h"
#include "deploy/gguf-types.h"

#include <string.h>

#define ALIGNMENT 32 /* of the tensors in a file */
/* Of a tensor's name, axes, type and place in the head of a file. */
#define HEAD_BYTES_A_TENSOR 80
/* What is said of the model itself; the rest of the head is the vocabulary. */
#define HEAD_BYTES 4096

static void
part_free (gpointer data)
{
  AttuneGgufPart *part = data;

  g_free (part->name);
  g_free (part->source);
  g_free (part);
}

/* @name: (transfer full) */
static void
add_part (GPtrArray *parts, AttuneExportFormat format, const AttuneDecoderConfig *config,
          char *name, const char *source, AttuneTensor shape)
{
  AttuneGgufPart *part = g_new (AttuneGgufPart, 1);

  shape.data = NULL;
  shape.type = attune_gguf_choose_type (format, config, name, &shape);
  *part = (AttuneGgufPart) { name, g_strdup (source), shape };
  g_ptr_array_add (parts, part);
}

/* llama.cpp reads all experts of a kind as one tensor. Returns: (transfer full) (nullable): its
 * name, where @name is that of the expert @expert. */
static char *
join_experts (const char *name, int *expert)
{
  g_autofree char *stem = NULL;
  char *number;

  if (strstr (name, ".ffn_") == NULL || !g_str_has_suffix (name, ".weight"))
    return NULL;
  stem = g_strndup (name, strlen (name) - strlen (".weight"));
  number = strrchr (stem, '.');
  if (!g_ascii_isdigit (number[1]))
    return NULL;
  *expert = (int) g_ascii_strtoll (number + 1, NULL, 10);
  *number = '\0';
  return g_strconcat (stem, "_exps.weight", NULL);
}

GPtrArray *
attune_gguf_list_parts (AttuneModel *model, AttuneExportFormat format)
{
  const AttuneDecoderConfig *c = attune_model_get_config (model);
  GPtrArray *parts = g_ptr_array_new_with_free_func (part_free);
  g_autofree char **names = attune_model_list_tensors (model);

  for (int i = 0; names[i] != NULL; i++)
    {
      AttuneTensor shape = *attune_model_lookup (model, names[i]);
      int expert = 0;
      char *all = c->n_experts > 0 ? join_experts (names[i], &expert) : NULL;

      if (c->tied_head && g_str_equal (names[i], "output.weight"))
        continue;
      if (all != NULL && expert > 0)
        {
          g_free (all); /* the first one brought it along */
          continue;
        }
      if (all != NULL)
        shape = (AttuneTensor) { NULL, 3, { c->n_experts, shape.dims[0], shape.dims[1] } };
      else if (g_str_has_suffix (names[i], ".ffn_gate_inp_shexp.weight"))
        shape = (AttuneTensor) { NULL, 1, { attune_tensor_count (&shape) } };
      add_part (parts, format, c, all != NULL ? all : g_strdup (names[i]), names[i], shape);
    }
  /* What Llama 3's angles are divided by, which GGUF has as a tensor. */
  if (c->stretch.kind == ATTUNE_STRETCH_LLAMA3)
    add_part (
        parts, format, c, g_strdup ("rope_freqs.weight"), NULL,
        (AttuneTensor) { NULL, 1, { (c->rotary_dim > 0 ? c->rotary_dim : c->head_dim) / 2 } });
  return parts;
}

/* --- the size */

static guint64
align (guint64 bytes)
{
  return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* What a vocabulary takes in a file's head, roughly. */
static guint64
measure_vocabulary (AttuneModel *model)
{
  const AttuneVocabulary *v = attune_tokenizer_get_vocabulary (attune_model_get_tokenizer (model));
  guint64 bytes = 0;

  for (guint i = 0; i < v->n_tokens; i++)
    bytes += strlen (v->tokens[i]) + sizeof (guint64) + 2 * sizeof (gint32);
  for (guint i = 0; i < v->n_merges; i++)
    bytes += strlen (v->merges[i]) + sizeof (guint64);
  return bytes;
}

static guint64
predict_gguf (AttuneExportFormat format, AttuneModel *model)
{
  g_autoptr (GPtrArray) parts = attune_gguf_list_parts (model, format);
  guint64 bytes = 0;

  for (guint i = 0; i < parts->len; i++)
    {
      const AttuneGgufPart *part = g_ptr_array_index (parts, i);

      bytes += align ((guint64) attune_tensor_bytes (&part->shape)) + HEAD_BYTES_A_TENSOR;
    }
  return bytes + HEAD_BYTES + measure_vocabulary (model);
}

AttuneType
attune_export_merged_type (const AttuneModel *model)
{
  return attune_model_count_parameters (model) < ATTUNE_EXPORT_F32_PARAMETERS ? ATTUNE_TYPE_F32
                                                                              : ATTUNE_TYPE_BF16;
}

guint64
attune_export_predict_bytes (AttuneExportFormat format, AttuneModel *model)
{
  g_return_val_if_fail (model != NULL && (guint) format < ATTUNE_N_EXPORTS, 0);

  if (attune_export_format_is_gguf (format))
    return predict_gguf (format, model);
  if (format == ATTUNE_EXPORT_MERGED)
    return (guint64) attune_type_bytes (attune_export_merged_type (model),
                                        attune_model_count_parameters (model))
           + HEAD_BYTES + measure_vocabulary (model);
  return 0;
}
