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
 *                     written; small: with keys and values in 8 bits besides
 */
#include "compute/backend.h"
#include "model/families.h"
#include "nn/decoder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SEQUENCES 8
#define CAPACITY 1024

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
measure_nats (Run *run, const char *ids, gboolean fast, gboolean small)
{
  g_auto (GStrv) words = g_strsplit (ids, " ", -1);
  const int n = g_strv_length (words), n_vocab = run->decoder->config.n_vocab;
  const AttuneCacheShape shape = { .n_sequences = 1,
                                   .capacity = CAPACITY,
                                   .max_rows = n,
                                   .max_logits = n,
                                   .fast = fast,
                                   .small = small };
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

  if (g_str_has_prefix (line, "nats "))
    {
      const gboolean small = g_str_has_prefix (line, "nats small "),
                     fast = small || g_str_has_prefix (line, "nats fast ");

      printf ("%.7f\n", measure_nats (run, strchr (line + 5, ' ') + 1, fast, small));
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
