/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes a GGUF file of random weights in a shape of the Llama family, to be measured: of the time
 * and memory that a model takes, its shape and types are all that counts. With a third model's file
 * the tokenizer and the vocabulary are that model's, so that it can be tuned; else there is none.
 *
 * Arguments: FILE SHAPE TYPE [MODEL]; a shape of those below.
 */
#include "core/file.h"
#include "model/families.h"
#include "nn/decoder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  const char *name;
  int n_layers, n_embd, n_ff, n_heads, n_kv_heads;
} Shape;

static const Shape shapes[] = {
  { "135M", 30, 576, 1536, 9, 3 },   /* SmolLM2 */
  { "1.1B", 22, 2048, 5632, 32, 4 }, /* TinyLlama */
  { "7B", 32, 4096, 11008, 32, 32 }, /* Llama 2 */
};

/* Of each type's blocks: where the scale is that makes weights spread by some 0.02, as a trained
 * model's do, and one that is taken away, if there is; the other bits are random. */
typedef struct
{
  AttuneType type;
  int scale_at;
  float scale;
  int minimum_at; /* < 0: none */
  float minimum;
} Blocks;

static const Blocks kinds[] = {
  { ATTUNE_TYPE_Q4_0, 0, 4.3e-3f, -1, 0 },      { ATTUNE_TYPE_Q8_0, 0, 2.7e-4f, -1, 0 },
  { ATTUNE_TYPE_Q4_K, 0, 1.3e-4f, 2, 9.8e-4f }, { ATTUNE_TYPE_Q5_K, 0, 6.5e-5f, 2, 1e-3f },
  { ATTUNE_TYPE_Q6_K, 208, 1.5e-5f, -1, 0 },
};

typedef struct
{
  const Blocks *blocks;
  AttuneDecoderConfig config;
  AttuneGgufWriter *gguf;
  GHashTable *counts; /* values of each tensor, by name */
  guint64 state;
} Writer;

static guint64
next (guint64 *state) /* xorshift64 (Marsaglia 2003) */
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static gboolean
fill_tensor (gpointer data, const char *name, void *bytes, GError **error)
{
  Writer *self = data;
  const Blocks *blocks = self->blocks;
  const gint64 count = GPOINTER_TO_SIZE (g_hash_table_lookup (self->counts, name));
  const gint64 size = attune_type_bytes (blocks->type, count);
  const guint16 scale = attune_f32_to_f16 (blocks->scale),
                minimum = attune_f32_to_f16 (blocks->minimum);

  if (g_str_has_suffix (name, "_norm.weight"))
    {
      for (gint64 i = 0; i < count; i++)
        ((float *) bytes)[i] = 1.0f;
      return TRUE;
    }
  for (gint64 i = 0; i + 8 <= size; i += 8)
    {
      const guint64 bits = next (&self->state);

      memcpy ((char *) bytes + i, &bits, 8);
    }
  for (gint64 i = 0; i < size; i += attune_type_info (blocks->type)->bytes)
    {
      memcpy ((char *) bytes + i + blocks->scale_at, &scale, 2);
      if (blocks->minimum_at >= 0)
        memcpy ((char *) bytes + i + blocks->minimum_at, &minimum, 2);
    }
  return TRUE;
}

/* @rows: 0 for a gain. @name: (transfer full) */
static void
add (Writer *self, char *name, gint64 rows, gint64 columns)
{
  const AttuneTensor shape
      = rows == 0 ? (AttuneTensor) { NULL, 1, { columns }, ATTUNE_TYPE_F32 }
                  : (AttuneTensor) { NULL, 2, { rows, columns }, self->blocks->type };

  attune_gguf_writer_add_tensor (self->gguf, name, &shape);
  g_hash_table_insert (self->counts, name, GSIZE_TO_POINTER (attune_tensor_count (&shape)));
}

static void
add_tensors (Writer *self)
{
  const AttuneDecoderConfig *c = &self->config;

  add (self, g_strdup ("token_embd.weight"), c->n_vocab, c->n_embd);
  add (self, g_strdup ("output.weight"), c->n_vocab, c->n_embd);
  add (self, g_strdup ("output_norm.weight"), 0, c->n_embd);
  for (int layer = 0; layer < c->n_layers; layer++)
    {
      add (self, g_strdup_printf ("blk.%d.attn_norm.weight", layer), 0, c->n_embd);
      add (self, g_strdup_printf ("blk.%d.ffn_norm.weight", layer), 0, c->n_embd);
      for (int i = 0; i < ATTUNE_LAYER_LINEARS; i++)
        {
          gint64 rows, columns;

          attune_linear_shape (c, i, &rows, &columns);
          add (self, g_strdup_printf ("blk.%d.%s.weight", layer, attune_linear_names[i]), rows,
               columns);
        }
    }
}

static void
die (const char *reason)
{
  fprintf (stderr, "random-model: %s\n", reason);
  exit (1);
}

/* What @model says of itself and its tokenizer, and the vocabulary's size. */
static int
take_tokenizer (AttuneGgufWriter *writer, const char *model)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneGguf) gguf = attune_gguf_open (model, &error);
  guint n;

  if (gguf == NULL)
    die (error->message);
  for (guint i = 0; i < attune_gguf_n_keys (gguf); i++)
    attune_gguf_writer_copy (writer, gguf, attune_gguf_key (gguf, i));
  if (attune_gguf_get_strings (gguf, "tokenizer.ggml.tokens", &n) == NULL)
    die ("the model has no tokenizer");
  return n;
}

static AttuneDecoderConfig
make_config (const Shape *shape, int n_vocab)
{
  AttuneDecoderConfig config = { .n_layers = shape->n_layers,
                                 .n_embd = shape->n_embd,
                                 .n_ff = shape->n_ff,
                                 .n_heads = shape->n_heads,
                                 .n_kv_heads = shape->n_kv_heads,
                                 .head_dim = shape->n_embd / shape->n_heads,
                                 .n_vocab = n_vocab,
                                 .max_tokens = 2048,
                                 .rotary_base = 10000.0f,
                                 .norm_eps = 1e-5f };

  attune_family_apply (attune_family_find ("llama"), &config);
  return config;
}

static gboolean
write_model (const char *path, gpointer data, GError **error)
{
  Writer *self = data;

  return attune_gguf_writer_write (self->gguf, path, fill_tensor, self, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (AttuneGgufWriter) gguf = attune_gguf_writer_new ();
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Writer writer = { .gguf = gguf, .counts = counts, .state = 7 };
  const Shape *shape = NULL;
  g_autoptr (GError) error = NULL;
  int n_vocab = 32000;

  for (gsize i = 0; argc >= 4 && i < G_N_ELEMENTS (shapes); i++)
    if (g_str_equal (shapes[i].name, argv[2]))
      shape = &shapes[i];
  for (gsize i = 0; argc >= 4 && i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (attune_type_info (kinds[i].type)->name, argv[3]))
      writer.blocks = &kinds[i];
  if (shape == NULL || writer.blocks == NULL)
    die ("FILE SHAPE TYPE [MODEL] are needed");
  if (argc > 4)
    n_vocab = take_tokenizer (gguf, argv[4]);
  else
    attune_gguf_writer_set_string (gguf, "tokenizer.ggml.model", "no_vocab");
  writer.config = make_config (shape, n_vocab);
  attune_family_write_config (&writer.config, gguf);
  add_tensors (&writer);
  if (!attune_file_replace (argv[1], write_model, NULL, &writer, &error))
    die (error->message);
  return 0;
}
