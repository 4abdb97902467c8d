/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The merged model as one GGUF file: names, new weights, what the base says of itself and of its
 * tokenizer, the chat template and the token that ends an answer written in. What was opened from a
 * folder is said in GGUF's words, and read back: where they do not say the same, nothing is
 * written.
 */
#include "core/file.h"
#include "deploy/gguf-types.h"
#include "deploy/same-model.h"
#include "deploy/weights.h"
#include "model/families.h"
#include "model/tokenizer-file.h"

#include <math.h>
#include <string.h>

#define QUANTIZATION_VERSION 2 /* llama.cpp's GGML_QNT_VERSION of its block types */

typedef struct
{
  AttuneExport *export;
  AttuneExportFormat format;
  AttuneGgufWriter *writer;
} Writing;

/* --- metadata */

/* What is true of the base's file alone: how it is cut into parts, laid out and rounded. */
static gboolean
is_of_the_file (const char *key)
{
  static const char *const prefixes[]
      = { "split.",          "quantize.",          "general.alignment", "general.file_type",
          "general.quantiz", "general.base_model." };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (key, prefixes[i]))
      return TRUE;
  return FALSE;
}

static void
copy_metadata (const Writing *writing)
{
  const AttuneGguf *base = attune_model_get_gguf (writing->export->model);

  for (guint i = 0; i < attune_gguf_n_keys (base); i++)
    if (!is_of_the_file (attune_gguf_key (base, i)))
      attune_gguf_writer_copy (writing->writer, base, attune_gguf_key (base, i));
}

/* The name of a model that has none in it. llama.cpp knows by it that Phi-3's control tokens take
 * the white space after them. */
static char *
make_name (const AttuneExport *self)
{
  const char *name = attune_model_get_name (self->model);
  const AttuneVocabulary *v
      = attune_tokenizer_get_vocabulary (attune_model_get_tokenizer (self->model));
  g_autofree char *small = g_ascii_strdown (name, -1);
  gboolean strips = FALSE;

  for (guint i = 0; v->flags != NULL && i < v->n_tokens; i++)
    strips |= (v->flags[i] & ATTUNE_TOKEN_STRIPS_RIGHT) != 0;
  return strips && strstr (small, "phi-3") == NULL && strstr (small, "phi3") == NULL
             ? g_strdup_printf ("Phi-3 %s", name)
             : g_strdup (name);
}

static gboolean
write_new_metadata (const Writing *writing, GError **error)
{
  const AttuneExport *self = writing->export;
  g_autofree char *name = make_name (self);

  attune_family_write_config (&self->decoder->config, writing->writer);
  attune_gguf_writer_set_string (writing->writer, "general.type", "model");
  attune_gguf_writer_set_string (writing->writer, "general.name", name);
  return attune_tokenizer_to_gguf (attune_model_get_tokenizer (self->model),
                                   (guint) self->decoder->config.n_vocab, writing->writer, error);
}

static gboolean
write_metadata (const Writing *writing, GError **error)
{
  const AttuneExport *self = writing->export;
  AttuneGgufWriter *writer = writing->writer;
  const gint32 stop = attune_export_stop (self);

  if (attune_model_get_gguf (self->model) != NULL)
    copy_metadata (writing);
  else if (!write_new_metadata (writing, error))
    return FALSE;
  attune_gguf_writer_set_uint (writer, "general.file_type",
                               attune_gguf_file_type (writing->format));
  attune_gguf_writer_set_uint (writer, "general.quantization_version", QUANTIZATION_VERSION);
  attune_gguf_writer_set_uint (writer, "general.base_model.count", 1);
  attune_gguf_writer_set_string (writer, "general.base_model.0.name", self->base_name);
  attune_gguf_writer_set_string (writer, "tokenizer.chat_template", attune_export_template (self));
  if (stop >= 0)
    attune_gguf_writer_set_uint (writer, "tokenizer.ggml.eos_token_id", stop);
  return TRUE;
}

/* --- tensors */

/* Adds the tensor that holds @linears, or else is written as @stored. @name: (transfer full) */
static void
add_tensor (const Writing *writing, char *name, AttuneTensor shape, GPtrArray *linears,
            const AttuneTensor *stored)
{
  AttuneExport *self = writing->export;
  AttuneExportItem *item;

  shape.type = attune_gguf_choose_type (writing->format, name, &shape);
  item = linears != NULL ? attune_export_add_linears (self, name, &shape,
                                                      (const AttuneLinear *const *) linears->pdata,
                                                      (int) linears->len)
                         : attune_export_add (self, name, &shape,
                                              attune_export_find_copied (self, name, stored));
  item->order = attune_export_order (self, name, TRUE);
  attune_gguf_writer_add_tensor (writing->writer, name, &shape);
}

/* llama.cpp reads all experts of a kind as one tensor. Returns whether @name is one expert's: the
 * first brings the others along. */
static gboolean
add_experts (const Writing *writing, const char *name, const AttuneTensor *stored)
{
  const AttuneExport *self = writing->export;
  const int n = self->decoder->config.n_experts;
  g_autofree char *stem = g_strndup (name, strlen (name) - strlen (".weight"));
  char *number = strrchr (stem, '.');
  g_autoptr (GPtrArray) linears = NULL;
  g_autofree char *all = NULL;
  AttuneTensor shape = { NULL, 3, { n, stored->dims[0], stored->dims[1] }, stored->type };

  if (n == 0 || strstr (name, ".ffn_") == NULL || number == NULL || !g_ascii_isdigit (number[1]))
    return FALSE;
  if (!g_str_equal (number, ".0"))
    return TRUE;
  *number = '\0';
  all = g_strconcat (stem, "_exps.weight", NULL);
  linears = attune_export_find_linears (self, all, &shape);
  add_tensor (writing, g_steal_pointer (&all), shape, linears, NULL);
  return TRUE;
}

/* What Llama 3's angles are divided by, which GGUF has as a tensor. */
static void
add_angles (const Writing *writing)
{
  AttuneExport *self = writing->export;
  const AttuneDecoderConfig *c = &self->decoder->config;
  const int n = (c->rotary_dim > 0 ? c->rotary_dim : c->head_dim) / 2;
  float *values;

  if (c->stretch.kind != ATTUNE_STRETCH_LLAMA3)
    return;
  values = g_new (float, n);
  for (int i = 0; i < n; i++)
    values[i] = 1.0f / powf (c->rotary_base, (float) i / n) / self->decoder->frequencies[i];
  add_tensor (writing, g_strdup ("rope_freqs.weight"), (AttuneTensor) { NULL, 1, { n } }, NULL,
              attune_export_keep (self, (AttuneTensor) { values, 1, { n } }));
}

/* Every tensor of the base in its order and under its name; so a tied head stays tied. */
static void
collect_tensors (const Writing *writing)
{
  AttuneExport *self = writing->export;
  g_autofree char **names = attune_model_list_tensors (self->model);

  for (int i = 0; names[i] != NULL; i++)
    {
      const AttuneTensor *stored = attune_model_lookup (self->model, names[i]);
      AttuneTensor shape = *stored;
      g_autoptr (GPtrArray) linears = NULL;

      if (self->decoder->config.tied_head && g_str_equal (names[i], "output.weight"))
        continue;
      if (g_str_has_suffix (names[i], ".weight") && add_experts (writing, names[i], stored))
        continue;
      if (g_str_has_suffix (names[i], ".ffn_gate_inp_shexp.weight"))
        shape = (AttuneTensor) { NULL, 1, { attune_tensor_count (stored) } };
      linears = attune_export_find_linears (self, names[i], stored);
      add_tensor (writing, g_strdup (names[i]), shape, linears, stored);
    }
  add_angles (writing);
}

static gboolean
write_file (const char *path, gpointer data, GError **error)
{
  Writing *writing = data;

  return attune_gguf_writer_write (writing->writer, path, attune_export_fill, writing->export,
                                   error);
}

/* Whether Attune itself could open what was written, and finds the same model in it. */
static gboolean
check_file (const char *path, gpointer data, GError **error)
{
  const Writing *writing = data;
  g_autoptr (AttuneModel) model = attune_model_open (path, error);

  return model != NULL && attune_check_same_model (writing->export, model, "GGUF", error);
}

gboolean
attune_export_gguf (AttuneExport *self, AttuneExportFormat format, const char *path, GError **error)
{
  g_autoptr (AttuneGgufWriter) writer = attune_gguf_writer_new ();
  Writing writing = { self, format, writer };

  if (!write_metadata (&writing, error))
    return FALSE;
  collect_tensors (&writing);
  return attune_file_replace (path, write_file, check_file, &writing, error);
}
