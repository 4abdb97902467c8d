/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One side of tests/bench/train: for each line on standard input it takes one optimizer step and
 * prints "seconds loss tokens"; at the end it prints the highest resident memory in bytes.
 *
 * The samples' file has one per line: the tokens, a "|", and how many of the last are learned.
 */
#include "generate/pack.h"
#include "model/model.h"
#include "nn/parameters.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

typedef struct
{
  AttuneBackend *be;
  AttuneModel *model;
  GPtrArray *weights; /* AttuneTensor: the base in another type */
  GHashTable *by_name;
  AttuneType type; /* of the base's matrices; -1: as stored */
  AttuneDecoder *decoder;
  AttuneParameters *parameters;
  AttuneTensor first_moment, second_moment;
  AttuneActivations *activations;
  AttunePack *pack;
  GArray *samples; /* AttuneSample */
  double *losses;
} Side;

/* An AttuneTensorLookup: matrices in the type that was asked for. */
static const AttuneTensor *
look_up (gpointer data, const char *name)
{
  Side *self = data;
  const AttuneTensor *stored = attune_model_lookup (self->model, name);
  AttuneTensor *out = g_hash_table_lookup (self->by_name, name);
  AttuneTensor plain;

  if (out != NULL || stored == NULL || stored->n_dims != 2 || (int) self->type < 0)
    return out != NULL ? out : stored;
  plain = *stored;
  plain.type = ATTUNE_TYPE_F32;
  plain.data = self->be->alloc (self->be, attune_tensor_bytes (&plain));
  self->be->decode (self->be, &plain, stored);
  out = g_memdup2 (&plain, sizeof plain);
  if (self->type != ATTUNE_TYPE_F32)
    {
      out->type = self->type;
      out->data = self->be->alloc (self->be, attune_tensor_bytes (out));
      self->be->encode (self->be, out, &plain);
      self->be->release (self->be, plain.data, attune_tensor_bytes (&plain));
    }
  g_hash_table_insert (self->by_name, g_strdup (name), out);
  return out;
}

static GArray *
read_samples (const char *path)
{
  GArray *samples = g_array_new (FALSE, FALSE, sizeof (AttuneSample));
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    g_error ("cannot read %s", path);
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) words = g_strsplit (*line, " ", -1);
      const guint n = g_strv_length (words) - 2; /* "|" and the number after it */
      AttuneSample sample = { n, g_new (gint32, n), g_new0 (guint8, n) };

      for (guint i = 0; i < n; i++)
        sample.tokens[i] = atoi (words[i]);
      memset (sample.learn + n - atoi (words[n + 1]), 1, atoi (words[n + 1]));
      g_array_append_val (samples, sample);
    }
  return samples;
}

static AttuneTensor
take_vector (Side *self)
{
  return (AttuneTensor) { self->be->alloc (self->be, self->parameters->count * sizeof (float)),
                          1,
                          { self->parameters->count } };
}

/* Forward and backward of what is packed; returns its loss. */
static double
run_pack (Side *self, double scale)
{
  const AttuneBatch *batch = attune_pack_get_batch (self->pack);
  double nats = 0;

  if (batch->n_targets == 0)
    return 0;
  attune_decoder_forward_backward (self->decoder, self->activations, batch, self->losses, scale,
                                   TRUE, 1, 1);
  for (int i = 0; i < batch->n_targets; i++)
    nats += self->losses[i];
  attune_pack_clear (self->pack);
  return nats;
}

/* A step over samples @first … @first + @n - 1; prints its line. */
static void
step (Side *self, guint first, guint n, gint64 number)
{
  const gint64 begun = g_get_monotonic_time ();
  guint targets = 0, tokens = 0;
  double nats = 0, norm;
  AttuneAdamW adamw = { 1e-4, 0.9, 0.999, 1e-8, 0.01, 1, number };

  for (guint i = 0; i < n; i++)
    {
      const AttuneSample *sample = &g_array_index (self->samples, AttuneSample, first + i);

      targets += attune_sample_targets (sample);
      tokens += sample->n;
    }
  self->be->zero (self->be, &self->parameters->grads);
  for (guint i = 0; i < n; i++)
    {
      const AttuneSample *sample = &g_array_index (self->samples, AttuneSample, first + i);

      if (attune_pack_add (self->pack, sample))
        continue;
      nats += run_pack (self, 1.0 / targets);
      attune_pack_add (self->pack, sample);
    }
  nats += run_pack (self, 1.0 / targets);
  norm = sqrt (self->be->sum_squares (self->be, &self->parameters->grads));
  adamw.gradient_scale = MIN (1, 1 / (norm + 1e-6));
  self->be->update (self->be, &self->parameters->values, &self->first_moment, &self->second_moment,
                    &self->parameters->grads, ATTUNE_OPTIMIZER_ADAMW, &adamw);
  if (!attune_backend_sync (self->be, NULL))
    g_error ("the step failed");
  printf ("%.6f %.7f %u\n", (g_get_monotonic_time () - begun) / 1e6, nats / targets, tokens);
  fflush (stdout);
}

static void
set_up (Side *self, const char *model, const char *samples, int threads, int micro_batch_tokens,
        gboolean checkpoint, gboolean int8, gboolean full)
{
  const AttuneLoraConfig lora = { 16, 32, 0, FALSE, ATTUNE_TARGETS_ALL };
  AttuneStepShape shape = { .max_tokens = micro_batch_tokens,
                            .max_targets = micro_batch_tokens,
                            .backward = TRUE,
                            .checkpoint = checkpoint,
                            .lora_rank = full ? 0 : 16,
                            .int8 = int8 };
  g_autoptr (GError) error = NULL;

  self->be = attune_backend_cpu_new (threads);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->samples = read_samples (samples);
  if ((self->model = attune_model_open (model, &error)) == NULL
      || (self->decoder = attune_decoder_new (attune_model_get_config (self->model), self->be,
                                              look_up, self, &error))
             == NULL
      || (self->parameters = full ? attune_decoder_train_base (self->decoder, TRUE, &error)
                                  : attune_decoder_add_lora (self->decoder, &lora, 1, TRUE, &error))
             == NULL
      || (self->activations = attune_activations_new (
              self->be, attune_model_get_config (self->model), &shape, &error))
             == NULL)
    g_error ("%s", error->message);
  self->decoder->int8 = int8;
  if (full)
    attune_model_release_pages (self->model);
  self->first_moment = take_vector (self);
  self->second_moment = take_vector (self);
  self->pack = attune_pack_new (micro_batch_tokens, TRUE);
  self->losses = g_new (double, micro_batch_tokens);
}

int
main (int argc, char **argv)
{
  g_autofree char *type = NULL, *model = NULL, *samples = NULL;
  int threads = 0, batch = 4, micro_batch_tokens = 1024;
  gboolean checkpoint = FALSE, int8 = FALSE, full = FALSE;
  const GOptionEntry options[] = {
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &model, "GGUF file", "FILE" },
    { "samples", 0, 0, G_OPTION_ARG_FILENAME, &samples, "samples' file", "FILE" },
    { "base", 0, 0, G_OPTION_ARG_STRING, &type, "type of the base, or as it is stored", "TYPE" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &threads, "threads", "N" },
    { "batch", 0, 0, G_OPTION_ARG_INT, &batch, "samples in a step", "N" },
    { "micro-batch-tokens", 0, 0, G_OPTION_ARG_INT, &micro_batch_tokens, "tokens at once", "N" },
    { "checkpoint", 0, 0, G_OPTION_ARG_NONE, &checkpoint, "compute activations again", NULL },
    { "int8", 0, 0, G_OPTION_ARG_NONE, &int8, "multiply the base in 8 bits", NULL },
    { "full", 0, 0, G_OPTION_ARG_NONE, &full, "train all weights, not an adapter", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  static const struct
  {
    const char *name;
    AttuneType type;
  } types[] = { { "f32", ATTUNE_TYPE_F32 },
                { "bf16", ATTUNE_TYPE_BF16 },
                { "q8_0", ATTUNE_TYPE_Q8_0 },
                { "nf4", ATTUNE_TYPE_NF4 } };
  struct rusage usage;
  char line[16];
  Side side = { .type = -1 };
  guint first = 0;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || model == NULL || samples == NULL)
    g_error ("%s", error != NULL ? error->message : "--model and --samples are needed");
  for (guint i = 0; type != NULL && i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (type, types[i].name))
      side.type = types[i].type;
  set_up (&side, model, samples, threads, micro_batch_tokens, checkpoint, int8, full);
  for (gint64 number = 1; fgets (line, sizeof line, stdin) != NULL; number++)
    {
      if (first + batch > side.samples->len)
        first = 0;
      step (&side, first, batch, number);
      first += batch;
    }
  getrusage (RUSAGE_SELF, &usage);
  printf ("%ld\n", usage.ru_maxrss * 1024);
  return 0;
}
