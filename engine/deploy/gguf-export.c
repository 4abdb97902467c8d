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
  "general.type",        "general.name",       "general.author",       "general.organization",
  "general.version",     "general.finetune",   "general.basename",     "general.description",
  "general.size_label",  "general.license",    "general.license.name", "general.license.link",
  "general.url",         "general.source.url", "tokenizer.ggml.model", "tokenizer.ggml.pre",
  "*.rope.scaling.type",
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
  "*.rope.scaling.original_context_length",
  "*.attention.sliding_window",
  "*.vocab_size",
  "tokenizer.ggml.bos_token_id",
  "tokenizer.ggml.eos_token_id",
  "tokenizer.ggml.unknown_token_id",
  "tokenizer.ggml.padding_token_id",
  "tokenizer.ggml.eot_token_id",
};
static const char *const float_keys[] = {
  "*.attention.layer_norm_rms_epsilon",
  "*.attention.layer_norm_epsilon",
  "*.rope.freq_base",
  "*.rope.scaling.factor",
  "*.rope.scaling.attn_factor",
  "*.rope.scaling.yarn_beta_fast",
  "*.rope.scaling.yarn_beta_slow",
  "*.attn_logit_softcapping",
  "*.final_logit_softcapping",
};
static const char *const bool_keys[] = {
  "*.use_parallel_residual",
  "tokenizer.ggml.add_bos_token",
  "tokenizer.ggml.add_eos_token",
  "tokenizer.ggml.add_space_prefix",
};
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
      g_autofree char *key = make_key (self, bool_keys[i]);
      gboolean value;

      if (attune_gguf_get_bool (base, key, &value))
        attune_gguf_writer_set_bool (writer, key, value);
    }
}

static void
copy_texts (const AttuneExport *self, AttuneGgufWriter *writer)
{
  const AttuneGguf *base = attune_model_get_gguf (self->model);
  guint n;

  for (guint i = 0; i < G_N_ELEMENTS (string_keys); i++)
    {
      g_autofree char *key = make_key (self, string_keys[i]);
      const char *value = attune_gguf_get_string (base, key);

      if (value != NULL)
        attune_gguf_writer_set_string (writer, key, value);
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
static AttuneTensor
choose_shape (const Writing *writing, const AttuneTensor *base)
{
  AttuneTensor shape = *base;

  if (shape.n_dims < 2)
    shape.type = ATTUNE_TYPE_F32;
  else if (attune_tensor_columns (&shape) % attune_type_info (writing->type)->block == 0)
    shape.type = writing->type;
  else
    shape.type = ATTUNE_TYPE_F16;
  return shape;
}

/* The linears whose weights the tensor @name of @shape holds, one after another; 0: none. */
static int
find_linears (const AttuneDecoder *decoder, const char *name, const AttuneTensor *shape,
              const AttuneLinear *linears[ATTUNE_EXPORT_MAX_PARTS])
{
  for (int layer = 0; layer < decoder->config.n_layers; layer++)
    {
      AttuneDecoderLayer *l = &decoder->layers[layer];
      g_autofree char *qkv = g_strdup_printf ("blk.%d.attn_qkv.weight", layer),
                      *gate_up = g_strdup_printf ("blk.%d.ffn_up.weight", layer);

      if (g_str_equal (name, qkv))
        {
          linears[0] = &l->q;
          linears[1] = &l->k;
          linears[2] = &l->v;
          return 3;
        }
      if (g_str_equal (name, gate_up)
          && attune_tensor_rows (shape) == 2 * attune_tensor_rows (&l->up.weight))
        {
          linears[0] = &l->gate;
          linears[1] = &l->up;
          return 2;
        }
      for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
        {
          linears[0] = attune_decoder_layer_linear (l, i);
          if (g_str_has_prefix (name, linears[0]->name)
              && g_str_equal (name + strlen (linears[0]->name), ".weight"))
            return 1;
        }
    }
  return 0;
}

/* The trained biases of linears whose weights the base stores as one. Returns: (nullable). */
static const AttuneTensor *
join_biases (const Writing *writing, const char *name)
{
  AttuneExport *self = writing->export;
  const AttuneLinear *linears[ATTUNE_EXPORT_MAX_PARTS];
  g_autofree char *of = g_strndup (name, strlen (name) - strlen (".bias")),
                  *weight = g_strconcat (of, ".weight", NULL);
  const AttuneTensor *stored
      = attune_gguf_find_tensor (attune_model_get_gguf (self->model), weight);
  const int n = stored != NULL ? find_linears (self->decoder, weight, stored, linears) : 0;
  g_autofree float *values = NULL;
  AttuneTensor *joined;
  gint64 count = 0;

  if (n < 2)
    return NULL;
  values = g_new (float, attune_tensor_rows (stored));
  for (int i = 0; i < n; i++)
    {
      const AttuneTensor *bias = &linears[i]->bias;

      memcpy (values + count, bias->data, attune_tensor_bytes (bias));
      count += attune_tensor_count (bias);
    }
  joined = g_new (AttuneTensor, 1);
  *joined = (AttuneTensor) { g_steal_pointer (&values), 1, { count } };
  g_ptr_array_add (self->joined, joined);
  return joined;
}

/* What is written under @name, which is no linear's weight: as it was trained, or as it is. */
static const AttuneTensor *
find_copied (const Writing *writing, const char *name, const AttuneTensor *stored)
{
  const AttuneDecoder *decoder = writing->export->decoder;
  const AttuneTensor *trained = NULL;

  if (!attune_decoder_has_trained_base (decoder))
    return stored;
  trained = attune_decoder_find_tensor (decoder, name);
  if (trained == NULL && g_str_has_suffix (name, ".bias"))
    trained = join_biases (writing, name);
  return trained != NULL ? trained : stored; /* the decoder has no use for some, others may */
}

/* Every tensor of the base in its order and under its name; so a tied head stays tied. */
static void
collect_tensors (const Writing *writing)
{
  AttuneExport *self = writing->export;
  const AttuneGguf *base = attune_model_get_gguf (self->model);

  for (guint i = 0; i < attune_gguf_n_tensors (base); i++)
    {
      const char *name = attune_gguf_tensor_name (base, i);
      const AttuneTensor *stored = attune_gguf_find_tensor (base, name);
      const AttuneTensor shape = choose_shape (writing, stored);
      const AttuneLinear *linears[ATTUNE_EXPORT_MAX_PARTS];
      const int n = find_linears (self->decoder, name, stored, linears);

      if (n > 0)
        attune_export_add_parts (self, g_strdup (name), &shape, linears, n, 0);
      else
        attune_export_add (self, g_strdup (name), &shape, NULL, find_copied (writing, name, stored),
                           0);
      attune_gguf_writer_add_tensor (writing->writer, name, &shape);
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

  if (self->decoder->config.n_experts > 0)
    {
      g_set_error (
          error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
          "A mixture of experts cannot be written as one file yet. What it learned stays in "
          "the project.");
      return FALSE;
    }
  if (attune_model_get_gguf (self->model) == NULL)
    {
      g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
                   "A model that was opened from a folder cannot be written as GGUF yet. Export "
                   "the adapter, or tune the GGUF file of the same model.");
      return FALSE;
    }
  write_metadata (&writing);
  collect_tensors (&writing);
  return attune_file_replace (path, write_file, check_file, &writing, error);
}
