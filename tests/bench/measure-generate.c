/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Our side of tests/bench/generate, which runs it and says when. Arguments: a GGUF file and the
 * number of threads. Each line of its input is one measurement, each line of its output the seconds
 * that it took:
 *
 *   prefill N         N tokens into an empty cache, and the logits of the last
 *   decode N FROM     N tokens one after another, behind FROM tokens that are there already
 *   together S N FROM the same for S sequences at once
 *   nats exact IDS…   not seconds but nats per token of a text of these tokens; fast: as it is
 *                     written
 *
 * `--write FILE TYPE` makes a file of random weights in the shape of TinyLlama 1.1B instead.
 */
#include "compute/backend.h"
#include "core/file.h"
#include "model/families.h"
#include "nn/decoder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SEQUENCES 8
#define CAPACITY 1024

/* --- the random model */

typedef struct
{
  AttuneType type;
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

/* Gains of 1; weights whose spread is some 0.02, as a trained model's is. */
static gboolean
fill_tensor (gpointer data, const char *name, void *bytes, GError **error)
{
  Writer *self = data;
  const gboolean is_gain = g_str_has_suffix (name, "_norm.weight");
  const gboolean is_table = g_str_equal (name, "token_embd.weight");
  const gint64 inputs = strstr (name, "ffn_down") != NULL ? 5632 : 2048;
  const gint64 outputs = is_gain                                                ? 1
                         : is_table || g_str_equal (name, "output.weight")      ? 32000
                         : strstr (name, "attn_k") || strstr (name, "attn_v")   ? 256
                         : strstr (name, "ffn_gate") || strstr (name, "ffn_up") ? 5632
                                                                                : 2048;
  const AttuneTypeInfo *info = attune_type_info (is_gain ? ATTUNE_TYPE_F32 : self->type);
  const guint16 scale = attune_f32_to_f16 (self->type == ATTUNE_TYPE_Q8_0 ? 2.7e-4f : 4.3e-3f);
  const gint64 size = attune_type_bytes (info->type, inputs * outputs);

  if (is_gain)
    {
      for (gint64 i = 0; i < inputs; i++)
        ((float *) bytes)[i] = 1.0f;
      return TRUE;
    }
  for (gint64 i = 0; i + 8 <= size; i += 8)
    {
      const guint64 bits = next (&self->state);

      memcpy ((char *) bytes + i, &bits, 8);
    }
  for (gint64 i = 0; i < size; i += info->bytes)
    memcpy ((char *) bytes + i, &scale, 2);
  return TRUE;
}

static void
add (AttuneGgufWriter *gguf, const char *name, gint64 rows, gint64 columns, AttuneType type)
{
  AttuneTensor shape = { .n_dims = 2, .dims = { rows, columns }, .type = type };

  if (rows == 0)
    shape = (AttuneTensor) { .n_dims = 1, .dims = { columns }, .type = ATTUNE_TYPE_F32 };
  attune_gguf_writer_add_tensor (gguf, name, &shape);
}

static gboolean
write_model (const char *path, gpointer data, GError **error)
{
  static const struct
  {
    const char *name;
    gint64 rows, columns;
  } parts[]
      = { { "attn_norm", 0, 2048 },   { "attn_q", 2048, 2048 },      { "attn_k", 256, 2048 },
          { "attn_v", 256, 2048 },    { "attn_output", 2048, 2048 }, { "ffn_norm", 0, 2048 },
          { "ffn_gate", 5632, 2048 }, { "ffn_up", 5632, 2048 },      { "ffn_down", 2048, 5632 } };
  const Writer *self = data;
  g_autoptr (AttuneGgufWriter) gguf = attune_gguf_writer_new ();

  attune_gguf_writer_set_string (gguf, "general.architecture", "llama");
  attune_gguf_writer_set_string (gguf, "tokenizer.ggml.model", "no_vocab");
  attune_gguf_writer_set_uint (gguf, "llama.vocab_size", 32000);
  attune_gguf_writer_set_uint (gguf, "llama.context_length", 2048);
  attune_gguf_writer_set_uint (gguf, "llama.embedding_length", 2048);
  attune_gguf_writer_set_uint (gguf, "llama.block_count", 22);
  attune_gguf_writer_set_uint (gguf, "llama.feed_forward_length", 5632);
  attune_gguf_writer_set_uint (gguf, "llama.attention.head_count", 32);
  attune_gguf_writer_set_uint (gguf, "llama.attention.head_count_kv", 4);
  attune_gguf_writer_set_uint (gguf, "llama.rope.dimension_count", 64);
  attune_gguf_writer_set_float (gguf, "llama.rope.freq_base", 10000.0f);
  attune_gguf_writer_set_float (gguf, "llama.attention.layer_norm_rms_epsilon", 1e-5f);
  add (gguf, "token_embd.weight", 32000, 2048, self->type);
  add (gguf, "output.weight", 32000, 2048, self->type);
  add (gguf, "output_norm.weight", 0, 2048, self->type);
  for (int layer = 0; layer < 22; layer++)
    for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
      {
        g_autofree char *name = g_strdup_printf ("blk.%d.%s.weight", layer, parts[i].name);

        add (gguf, name, parts[i].rows, parts[i].columns, self->type);
      }
  return attune_gguf_writer_write (gguf, path, fill_tensor, data, error);
}

/* --- measuring */

typedef struct
{
  AttuneDecoder *decoder;
  AttuneCache *cache;
  gint32 tokens[CAPACITY], sequences[CAPACITY], positions[CAPACITY];
} Run;

static const AttuneTensor *
lookup (gpointer gguf, const char *name)
{
  return attune_gguf_find_tensor (gguf, name);
}

static void
die (const GError *error)
{
  fprintf (stderr, "%s\n", error->message);
  exit (1);
}

static void
decode (Run *run, int n, int n_logits, const gint32 *logit_rows)
{
  g_autoptr (GError) error = NULL;

  attune_decoder_decode (run->decoder, run->cache, n, run->tokens, run->sequences, run->positions,
                         n_logits, logit_rows);
  if (!attune_backend_sync (run->decoder->be, &error))
    die (error);
}

/* @n tokens into the empty cache of @sequence, as the generator does it. */
static void
prefill (Run *run, int sequence, int n)
{
  for (int from = 0; from < n; from += ATTUNE_PREFILL_ROWS)
    {
      const int rows = MIN (ATTUNE_PREFILL_ROWS, n - from), last = rows - 1;

      for (int i = 0; i < rows; i++)
        {
          run->tokens[i] = 100 + (from + i) * 37 % 20000;
          run->sequences[i] = sequence;
          run->positions[i] = from + i;
        }
      decode (run, rows, from + rows == n, &last);
    }
}

/* @n tokens behind @from in each of @n_sequences. */
static void
step (Run *run, int n_sequences, int n, int from)
{
  static const gint32 rows[MAX_SEQUENCES] = { 0, 1, 2, 3, 4, 5, 6, 7 };

  for (int i = 0; i < n; i++)
    {
      for (int s = 0; s < n_sequences; s++)
        {
          run->tokens[s] = 100 + (i + s) * 41 % 20000;
          run->sequences[s] = s;
          run->positions[s] = from + i;
        }
      decode (run, n_sequences, n_sequences, rows);
    }
}

/* Mean loss of the tokens in @ids after the first, each predicted from those before it. */
static double
measure_nats (Run *run, const char *ids, gboolean fast)
{
  g_auto (GStrv) words = g_strsplit (ids, " ", -1);
  const int n = g_strv_length (words), n_vocab = run->decoder->config.n_vocab;
  const AttuneCacheShape shape
      = { .n_sequences = 1, .capacity = CAPACITY, .max_rows = n, .max_logits = n, .fast = fast };
  g_autofree gint32 *rows = g_new (gint32, n);
  g_autoptr (AttuneCache) cache = NULL;
  g_autoptr (GError) error = NULL;
  const float *logits;
  double nats = 0;

  for (int i = 0; i < n; i++)
    {
      run->tokens[i] = CLAMP (atoi (words[i]), 0, n_vocab - 1);
      run->sequences[i] = 0;
      run->positions[i] = rows[i] = i;
    }
  cache = attune_cache_new (run->decoder->be, &run->decoder->config, &shape, &error);
  if (cache == NULL)
    die (error);
  logits = attune_decoder_decode (run->decoder, cache, n, run->tokens, run->sequences,
                                  run->positions, n, rows);
  if (!attune_backend_sync (run->decoder->be, &error))
    die (error);
  for (int i = 0; i + 1 < n; i++)
    {
      const float *row = logits + (gsize) i * n_vocab;
      double sum = 0;

      for (int j = 0; j < n_vocab; j++)
        sum += exp (row[j] - row[run->tokens[i + 1]]);
      nats += log (sum);
    }
  return nats / (n - 1);
}

static void
answer (Run *run, const char *line)
{
  int n = 0, from = 0, n_sequences = 1;
  gint64 start;

  if (g_str_has_prefix (line, "nats exact ") || g_str_has_prefix (line, "nats fast "))
    {
      printf ("%.7f\n", measure_nats (run, strchr (line + 5, ' ') + 1, line[5] == 'f'));
      fflush (stdout);
      return;
    }
  if (sscanf (line, "prefill %d", &n) == 1 && n > 0 && n <= CAPACITY)
    {
      start = g_get_monotonic_time ();
      prefill (run, 0, n);
    }
  else if ((sscanf (line, "decode %d %d", &n, &from) == 2
            || sscanf (line, "together %d %d %d", &n_sequences, &n, &from) == 3)
           && n > 0 && from > 0 && n + from <= CAPACITY && n_sequences > 0
           && n_sequences <= MAX_SEQUENCES)
    {
      for (int s = 0; s < n_sequences; s++)
        prefill (run, s, from);
      start = g_get_monotonic_time ();
      step (run, n_sequences, n, from);
    }
  else
    {
      fprintf (stderr, "measure-generate: “%s” is no measurement\n", line);
      exit (2);
    }
  printf ("%.6f\n", (g_get_monotonic_time () - start) * 1e-6);
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneGguf) gguf = NULL;
  g_autoptr (AttuneBackend) be = NULL;
  g_autofree Run *run = g_new0 (Run, 1);
  AttuneDecoderConfig config = { 0 };
  char line[8 * CAPACITY];

  if (argc == 4 && g_str_equal (argv[1], "--write"))
    {
      Writer writer = { g_str_equal (argv[3], "Q8_0") ? ATTUNE_TYPE_Q8_0 : ATTUNE_TYPE_Q4_0, 7 };

      if (!attune_file_replace (argv[2], write_model, NULL, &writer, &error))
        die (error);
      return 0;
    }
  if (argc != 3)
    {
      fprintf (stderr, "Usage: measure-generate FILE THREADS\n");
      return 2;
    }
  gguf = attune_gguf_open (argv[1], &error);
  if (gguf == NULL
      || !attune_family_read_config (attune_family_find ("llama"), gguf, argv[1], &config, &error))
    die (error);
  be = attune_backend_cpu_new (atoi (argv[2]));
  run->decoder = attune_decoder_new (&config, be, lookup, gguf, &error);
  if (run->decoder != NULL)
    {
      AttuneCacheShape shape = attune_cache_shape_for_text (MAX_SEQUENCES, CAPACITY, 0);

      shape.pack = TRUE; /* as the generator does where there is memory */
      run->cache = attune_cache_new (be, &config, &shape, &error);
    }
  if (run->cache == NULL)
    die (error);
  while (fgets (line, sizeof line, stdin) != NULL)
    answer (run, g_strchomp (line));
  attune_cache_free (run->cache);
  attune_decoder_free (run->decoder);
  return 0;
}
