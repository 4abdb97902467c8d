/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The merged model as one GGUF file: the base's metadata and names, new weights, the chat template
 * and the token that ends an answer written in.
 */
#include "core/file.h"
#include "deploy/weights.h"

#include <string.h>

/* llama.cpp's numbers: llama_ftype, and GGML_QNT_VERSION of its block types. */
#define FILE_TYPE_F16 1
#define FILE_TYPE_Q8_0 7
#define QUANTIZATION_VERSION 2

/* What the base may say of itself; "*" stands for its architecture. */
static const char *const string_keys[] = {
  "general.type",       "general.name",       "general.author",       "general.organization",
  "general.version",    "general.finetune",   "general.basename",     "general.description",
  "general.size_label", "general.license",    "general.license.name", "general.license.link",
  "general.url",        "general.source.url", "tokenizer.ggml.model", "tokenizer.ggml.pre",
};
static const char *const uint_keys[] = {
  "*.context_length",
  "*.embedding_length",
  "*.block_count",
  "*.feed_forward_length",
  "*.attention.head_count",
  "*.attention.head_count_kv",
  "*.attention.key_length",
  "*.attention.value_length",
  "*.rope.dimension_count",
  "*.vocab_size",
  "tokenizer.ggml.bos_token_id",
  "tokenizer.ggml.eos_token_id",
  "tokenizer.ggml.unknown_token_id",
  "tokenizer.ggml.padding_token_id",
  "tokenizer.ggml.eot_token_id",
};
static const char *const float_keys[]
    = { "*.attention.layer_norm_rms_epsilon", "*.rope.freq_base" };
static const char *const bool_keys[]
    = { "tokenizer.ggml.add_bos_token", "tokenizer.ggml.add_eos_token",
        "tokenizer.ggml.add_space_prefix" };
static const char *const strings_keys[]
    = { "general.tags", "general.languages", "tokenizer.ggml.tokens", "tokenizer.ggml.merges" };
static const char *const ints_keys[] = { "tokenizer.ggml.token_type" };

typedef struct
{
  AttuneExport *export;
  AttuneType type;
  AttuneGgufWriter *writer;
} Writing;

/* Returns: (transfer full). */
static char *
make_key (const AttuneExport *self, const char *key)
{
  return key[0] == '*' ? g_strconcat (self->decoder->config.family, key + 1, NULL) : g_strdup (key);
}

static void
copy_numbers (const AttuneExport *self, AttuneGgufWriter *writer)
{
  const AttuneGguf *base = attune_model_get_gguf (self->model);

  for (guint i = 0; i < G_N_ELEMENTS (uint_keys); i++)
    {
      g_autofree char *key = make_key (self, uint_keys[i]);
      guint64 value;

      if (attune_gguf_get_uint (base, key, &value) && value <= G_MAXUINT32)
        attune_gguf_writer_set_uint (writer, key, (guint32) value);
    }
  for (guint i = 0; i < G_N_ELEMENTS (float_keys); i++)
    {
      g_autofree char *key = make_key (self, float_keys[i]);
      double value;

      if (attune_gguf_get_double (base, key, &value))
        attune_gguf_writer_set_float (writer, key, (float) value);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bool_keys); i++)
    {
      gboolean value;

      if (attune_gguf_get_bool (base, bool_keys[i], &value))
        attune_gguf_writer_set_bool (writer, bool_keys[i], value);
    }
}

static void
copy_texts (const AttuneExport *self, AttuneGgufWriter *writer)
{
  const AttuneGguf *base = attune_model_get_gguf (self->model);
  guint n;

  for (guint i = 0; i < G_N_ELEMENTS (string_keys); i++)
    {
      const char *value = attune_gguf_get_string (base, string_keys[i]);

      if (value != NULL)
        attune_gguf_writer_set_string (writer, string_keys[i], value);
    }
  for (guint i = 0; i < G_N_ELEMENTS (strings_keys); i++)
    {
      const char *const *values = attune_gguf_get_strings (base, strings_keys[i], &n);

      if (values != NULL)
        attune_gguf_writer_set_strings (writer, strings_keys[i], values, n);
    }
  for (guint i = 0; i < G_N_ELEMENTS (ints_keys); i++)
    {
      const gint32 *values = attune_gguf_get_ints (base, ints_keys[i], &n);

      if (values != NULL)
        attune_gguf_writer_set_ints (writer, ints_keys[i], values, n);
    }
}

static void
write_metadata (const Writing *writing)
{
  const AttuneExport *self = writing->export;
  AttuneGgufWriter *writer = writing->writer;
  const gint32 stop = attune_export_stop (self);

  attune_gguf_writer_set_string (writer, "general.architecture", self->decoder->config.family);
  copy_texts (self, writer);
  copy_numbers (self, writer);
  attune_gguf_writer_set_uint (writer, "general.file_type",
                               writing->type == ATTUNE_TYPE_Q8_0 ? FILE_TYPE_Q8_0 : FILE_TYPE_F16);
  attune_gguf_writer_set_uint (writer, "general.quantization_version", QUANTIZATION_VERSION);
  attune_gguf_writer_set_uint (writer, "general.base_model.count", 1);
  attune_gguf_writer_set_string (writer, "general.base_model.0.name", self->base_name);
  attune_gguf_writer_set_string (writer, "tokenizer.chat_template", attune_export_template (self));
  if (stop >= 0)
    attune_gguf_writer_set_uint (writer, "tokenizer.ggml.eos_token_id", stop);
}

/* Vectors stay f32, as llama.cpp wants them; rows that the blocks do not divide become f16. */
static void
add_tensor (const Writing *writing, const char *name, const AttuneLinear *linear,
            const AttuneTensor *tensor)
{
  AttuneTensor shape = linear != NULL ? linear->weight : *tensor;

  if (shape.n_dims < 2)
    shape.type = ATTUNE_TYPE_F32;
  else if (attune_tensor_columns (&shape) % attune_type_info (writing->type)->block == 0)
    shape.type = writing->type;
  else
    shape.type = ATTUNE_TYPE_F16;
  attune_export_add (writing->export, g_strdup (name), &shape, linear, tensor, 0);
  attune_gguf_writer_add_tensor (writing->writer, name, &shape);
}

/* Returns: (nullable): the linear whose weight has this name. */
static const AttuneLinear *
find_linear (const AttuneDecoder *decoder, const char *name)
{
  for (int layer = 0; layer < decoder->config.n_layers; layer++)
    for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
      {
        const AttuneLinear *linear = attune_decoder_layer_linear (&decoder->layers[layer], i);

        if (g_str_has_prefix (name, linear->name)
            && g_str_equal (name + strlen (linear->name), ".weight"))
          return linear;
      }
  return NULL;
}

/* Every tensor of the base in its order and under its name; so a tied head stays tied. */
static void
collect_tensors (const Writing *writing)
{
  const AttuneExport *self = writing->export;
  const AttuneGguf *base = attune_model_get_gguf (self->model);

  for (guint i = 0; i < attune_gguf_n_tensors (base); i++)
    {
      const char *name = attune_gguf_tensor_name (base, i);
      const AttuneLinear *linear = find_linear (self->decoder, name);

      add_tensor (writing, name, linear,
                  linear != NULL ? NULL : attune_gguf_find_tensor (base, name));
    }
}

static gboolean
write_file (const char *path, gpointer data, GError **error)
{
  Writing *writing = data;

  return attune_gguf_writer_write (writing->writer, path, attune_export_fill, writing->export,
                                   error);
}

/* Whether Attune itself could open what was written. */
static gboolean
check_file (const char *path, gpointer data, GError **error)
{
  g_autoptr (AttuneModel) model = attune_model_open (path, error);

  return model != NULL;
}

gboolean
attune_export_gguf (AttuneExport *self, AttuneType type, const char *path, GError **error)
{
  g_autoptr (AttuneGgufWriter) writer = attune_gguf_writer_new ();
  Writing writing = { self, type, writer };

  write_metadata (&writing);
  collect_tensors (&writing);
  return attune_file_replace (path, write_file, check_file, &writing, error);
}
