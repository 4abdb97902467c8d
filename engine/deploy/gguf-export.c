/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The merged model as one GGUF file: names, new weights, what the base says of itself and of its
 * tokenizer, the chat template and the token that ends an answer written in. What was opened from a
 * folder is said in GGUF's words, and read back: where they do not say the same, nothing is
 * written.
 */
#include "core/file.h"
#include "deploy/gguf-layout.h"
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

/* What Llama 3's angles are divided by. @n: of them. Returns: (transfer none) */
static const AttuneTensor *
make_divisors (AttuneExport *self, gint64 n)
{
  const AttuneDecoderConfig *c = &self->decoder->config;
  float *values = g_new (float, n);

  for (gint64 i = 0; i < n; i++)
    values[i] = 1.0f / powf (c->rotary_base, (float) i / n) / self->decoder->frequencies[i];
  return attune_export_keep (self, (AttuneTensor) { values, 1, { n } });
}

/* The item whose bytes @part gets: linears, or else a copy. */
static void
add_part (const Writing *writing, const AttuneGgufPart *part)
{
  AttuneExport *self = writing->export;
  const AttuneTensor *stored
      = part->source != NULL ? attune_model_lookup (self->model, part->source) : NULL;
  g_autoptr (GPtrArray) linears = attune_export_find_linears (self, part->name, &part->shape);
  char *name = g_strdup (part->name);
  AttuneExportItem *item;

  if (linears != NULL)
    item = attune_export_add_linears (
        self, name, &part->shape, (const AttuneLinear *const *) linears->pdata, (int) linears->len);
  else if (stored != NULL)
    item = attune_export_add (self, name, &part->shape,
                              attune_export_find_copied (self, name, stored));
  else
    item = attune_export_add (self, name, &part->shape,
                              make_divisors (self, attune_tensor_count (&part->shape)));
  item->order = attune_export_order (&self->decoder->config, name, TRUE);
  attune_gguf_writer_add_tensor (writing->writer, name, &part->shape);
}

static void
collect_tensors (const Writing *writing)
{
  g_autoptr (GPtrArray) parts = attune_gguf_list_parts (writing->export->model, writing->format);

  for (guint i = 0; i < parts->len; i++)
    add_part (writing, g_ptr_array_index (parts, i));
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
