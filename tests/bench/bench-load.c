/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loading a model of 500 MB in safetensors against plain reading of the same file, both from the
 * disk: the kernel's copy of the file is dropped before each turn. Loading is what a run does
 * before its first step: open and check the folder, lay out the decoder, and touch every page of
 * the weights.
 *
 * Prints a line: name, ours and the peer's in MB/s, ratio, goal, ok or short. Needs 500 MB in the
 * cache folder, for as long as it runs.
 */
#include "compute/backend.h"
#include "core/file.h"
#include "model/model.h"
#include "model/safetensors.h"
#include "nn/decoder.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "Bound by the disk": a tenth may go into checking, page faults and the tokenizer. */
#define GOAL 0.9
#define TURNS 7
#define READ_BYTES (1 << 20)
#define PAGE_BYTES 4096

#define LAYERS 17
#define WIDTH 1024
#define INNER 2816
#define VOCABULARY 32000

static const char config[]
    = "{\"model_type\": \"llama\", \"num_hidden_layers\": 17, \"hidden_size\": 1024,"
      "\"intermediate_size\": 2816, \"num_attention_heads\": 16, \"vocab_size\": 32000,"
      "\"max_position_embeddings\": 2048, \"rms_norm_eps\": 1e-5, \"tie_word_embeddings\": true}";

static void
stop (GError *error)
{
  fprintf (stderr, "bench-load: %s\n", error->message);
  exit (1);
}

/* --- the model */

/* Bits of small numbers that differ from page to page, so that no disk makes them less. */
static gboolean
fill (gpointer data, const char *name, gpointer out, GError **error)
{
  const AttuneTensor *shape = g_hash_table_lookup (data, name);
  const gint64 n = attune_tensor_count (shape);
  guint16 *values = out;
  guint32 state = g_str_hash (name) | 1;

  for (gint64 i = 0; i < n; i++)
    {
      state = state * 1664525u + 1013904223u;
      values[i] = (guint16) (0x3c00 | (state >> 16 & 0x83ff)); /* ±0.0078 … 0.031 */
    }
  return TRUE;
}

static void
add (GArray *entries, GHashTable *shapes, char *name, gint64 rows, gint64 columns)
{
  AttuneSafetensorsEntry entry = { .name = name };
  AttuneTensor *shape = g_new0 (AttuneTensor, 1);

  shape->type = ATTUNE_TYPE_BF16;
  shape->n_dims = columns > 0 ? 2 : 1;
  shape->dims[0] = rows;
  shape->dims[1] = columns;
  entry.shape = *shape;
  g_hash_table_insert (shapes, name, shape);
  g_array_append_val (entries, entry);
}

static void
add_layer (GArray *entries, GHashTable *shapes, int i)
{
  static const struct
  {
    const char *name;
    gint64 rows, columns;
  } parts[] = {
    { "input_layernorm", WIDTH, 0 },      { "post_attention_layernorm", WIDTH, 0 },
    { "self_attn.q_proj", WIDTH, WIDTH }, { "self_attn.k_proj", WIDTH, WIDTH },
    { "self_attn.v_proj", WIDTH, WIDTH }, { "self_attn.o_proj", WIDTH, WIDTH },
    { "mlp.gate_proj", INNER, WIDTH },    { "mlp.up_proj", INNER, WIDTH },
    { "mlp.down_proj", WIDTH, INNER },
  };

  for (guint p = 0; p < G_N_ELEMENTS (parts); p++)
    add (entries, shapes, g_strdup_printf ("model.layers.%d.%s.weight", i, parts[p].name),
         parts[p].rows, parts[p].columns);
}

static void
write_weights (const char *path)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (AttuneSafetensorsEntry));
  g_autoptr (GHashTable) shapes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GError *error = NULL;

  add (entries, shapes, g_strdup ("model.embed_tokens.weight"), VOCABULARY, WIDTH);
  add (entries, shapes, g_strdup ("model.norm.weight"), WIDTH, 0);
  for (int i = 0; i < LAYERS; i++)
    add_layer (entries, shapes, i);
  if (!attune_safetensors_write (path, (AttuneSafetensorsEntry *) entries->data, entries->len, fill,
                                 shapes, &error))
    stop (error);
}

/* The letter that stands for a byte in byte-level BPE (Radford et al. 2019). */
static int
get_letter (int byte)
{
  int others = 0;

  for (int b = 0; b <= byte; b++)
    {
      const gboolean shown = (b > 32 && b < 127) || (b > 160 && b != 173);

      if (b == byte)
        return shown ? b : 256 + others;
      others += !shown;
    }
  return 0;
}

/* A vocabulary of the usual size, as its reading is part of loading: the bytes, and what is never
 * met. */
static void
write_tokenizer (const char *path)
{
  g_autoptr (GString) vocabulary = g_string_new (NULL), text = g_string_new (NULL);
  GError *error = NULL;

  for (int i = 0; i < 256; i++)
    g_string_append_printf (vocabulary, "%s\"\\u%04x\": %d", i > 0 ? ", " : "", get_letter (i), i);
  for (int i = 256; i < VOCABULARY; i++)
    g_string_append_printf (vocabulary, ", \"t%d\": %d", i, i);
  g_string_printf (text,
                   "{\"version\": \"1.0\", \"added_tokens\": [], \"normalizer\": null,"
                   "\"pre_tokenizer\": {\"type\": \"ByteLevel\", \"add_prefix_space\": false,"
                   "\"trim_offsets\": true, \"use_regex\": true}, \"post_processor\": null,"
                   "\"decoder\": {\"type\": \"ByteLevel\"}, \"model\": {\"type\": \"BPE\","
                   "\"vocab\": {%s}, \"merges\": []}}",
                   vocabulary->str);
  if (!g_file_set_contents (path, text->str, -1, &error))
    stop (error);
}

/* --- the two sides */

/* Makes the next one that reads @path go to the disk. */
static void
drop (const char *path)
{
  const int file = g_open (path, O_RDONLY | O_CLOEXEC, 0);

  if (file < 0 || fdatasync (file) != 0 || posix_fadvise (file, 0, 0, POSIX_FADV_DONTNEED) != 0)
    {
      perror ("bench-load");
      exit (1);
    }
  close (file);
}

static double
read_plainly (const char *path)
{
  g_autofree char *buffer = g_malloc (READ_BYTES);
  const gint64 start = g_get_monotonic_time ();
  const int file = g_open (path, O_RDONLY | O_CLOEXEC, 0);

  while (file >= 0 && read (file, buffer, READ_BYTES) > 0)
    ;
  close (file);
  return (g_get_monotonic_time () - start) / 1e6;
}

/* A byte of every page. */
static guint
touch (const AttuneTensor *tensor)
{
  const char *bytes = tensor->data;
  const gint64 n = attune_tensor_bytes (tensor);
  guint sum = 0;

  for (gint64 i = 0; i < n; i += PAGE_BYTES)
    sum += (guint8) bytes[i];
  return sum;
}

static double
load (AttuneBackend *be, const char *folder)
{
  const gint64 start = g_get_monotonic_time ();
  GError *error = NULL;
  g_autoptr (AttuneModel) model = attune_model_open (folder, &error);
  g_autofree char **names = NULL;
  AttuneDecoder *decoder;
  volatile guint sum = 0;
  double seconds;

  if (model == NULL
      || (decoder = attune_decoder_new (attune_model_get_config (model), be, attune_model_lookup,
                                        model, &error))
             == NULL)
    stop (error);
  names = attune_model_list_tensors (model);
  for (int i = 0; names[i] != NULL; i++)
    sum = sum + touch (attune_model_lookup (model, names[i]));
  seconds = (g_get_monotonic_time () - start) / 1e6;
  attune_decoder_free (decoder);
  return seconds;
}

static int
compare_doubles (const void *a, const void *b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static double
get_median (double *values)
{
  qsort (values, TURNS, sizeof *values, compare_doubles);
  return values[TURNS / 2];
}

static void
compare (const char *folder, const char *weights, double megabytes)
{
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (0);
  double ours[TURNS], peer[TURNS], us, them;

  for (int i = 0; i < TURNS; i++)
    {
      drop (weights);
      peer[i] = read_plainly (weights);
      drop (weights);
      ours[i] = load (be, folder);
    }
  us = megabytes / get_median (ours);
  them = megabytes / get_median (peer);
  printf ("load-safetensors-500MB\t%.0f MB/s\t%.0f MB/s\t%.2f\t>=%.1f\t%s\n", us, them, us / them,
          GOAL, us / them >= GOAL ? "ok" : "short");
}

int
main (void)
{
  g_autofree char *template
      = g_build_filename (g_get_user_cache_dir (), "attune-load-XXXXXX", NULL);
  const char *folder = g_mkdtemp (template);
  g_autofree char *weights = NULL, *settings = NULL, *tokenizer = NULL;
  GStatBuf info;

  if (folder == NULL)
    {
      perror ("bench-load");
      return 1;
    }
  weights = g_build_filename (folder, "model.safetensors", NULL);
  settings = g_build_filename (folder, "config.json", NULL);
  tokenizer = g_build_filename (folder, "tokenizer.json", NULL);
  write_weights (weights);
  write_tokenizer (tokenizer);
  g_file_set_contents (settings, config, -1, NULL); /* its absence is told when it is opened */
  if (g_stat (weights, &info) == 0)
    compare (folder, weights, info.st_size / 1e6);
  g_unlink (weights);
  g_unlink (settings);
  g_unlink (tokenizer);
  g_rmdir (folder);
  return 0;
}
