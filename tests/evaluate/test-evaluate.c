/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scores of the tiny model on a small data set: the packed loss against each sample by itself,
 * answers against the generator, means and standard errors against plain sums.
 */
#include "core/random.h"
#include "evaluate/evaluate.h"
#include "generate/tiny-llama.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define N_RECORDS 60

typedef struct
{
  TinyLlama *tiny;
  AttuneDataset *dataset;
  const AttuneChatTemplate *chat_template; /* borrowed */
  char *folder;
} Fixture;

/* Questions and answers of different lengths, made of the letters that the tiny vocabulary knows
 * best. */
static char *
make_csv (const char *folder)
{
  static const char *const words[]
      = { "fever", "is", "a", "high", "temperature", "of", "the", "body", "and", "pain" };
  g_autoptr (GString) csv = g_string_new ("question,answer\n");
  char *path = g_build_filename (folder, "rows.csv", NULL);
  g_autoptr (GError) error = NULL;
  AttuneRandom random;

  attune_random_init (&random, 21, ATTUNE_RANDOM_TEST, 0);
  for (int i = 0; i < N_RECORDS; i++)
    {
      g_string_append_printf (csv, "What is number %d?,\"", i);
      for (guint32 n = 1 + attune_random_below (&random, 12); n > 0; n--)
        g_string_append_printf (csv, "%s%s",
                                words[attune_random_below (&random, G_N_ELEMENTS (words))],
                                n > 1 ? " " : "");
      g_string_append_printf (csv, " %d.\"\n", i);
    }
  g_file_set_contents (path, csv->str, csv->len, &error);
  g_assert_no_error (error);
  return path;
}

static void
set_up (Fixture *self, gconstpointer tuned)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *csv = NULL, *path = NULL;

  self->tiny = tiny_llama_new (GPOINTER_TO_INT (tuned));
  self->chat_template = attune_model_get_template (self->tiny->model);
  self->folder = g_dir_make_tmp ("attune-evaluate-XXXXXX", &error);
  g_assert_no_error (error);
  csv = make_csv (self->folder);
  path = g_build_filename (self->folder, "dataset.h5", NULL);
  source = attune_source_probe (csv, &error);
  g_assert_no_error (error);
  attune_dataset_import (path, source, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_object_set (settings, "test-share", 0.4, NULL);
  attune_dataset_prepare (path, settings, self->tiny->tokenizer, self->chat_template, NULL, NULL,
                          NULL, NULL, &error);
  g_assert_no_error (error);
  self->dataset = attune_dataset_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (attune_dataset_count (self->dataset, ATTUNE_SPLIT_TEST), >, 10);
}

static void
tear_down (Fixture *self, gconstpointer tuned)
{
  g_autoptr (GDir) folder = g_dir_open (self->folder, 0, NULL);
  const char *name;

  attune_dataset_close (self->dataset);
  tiny_llama_free (self->tiny);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->folder);
}

static AttuneActivations *
make_activations (TinyLlama *tiny, int max_tokens)
{
  const AttuneStepShape shape
      = { .max_tokens = max_tokens, .max_targets = max_tokens, .lora_rank = tiny->lora.rank };
  g_autoptr (GError) error = NULL;
  AttuneActivations *activations
      = attune_activations_new (tiny->be, &tiny->decoder->config, &shape, &error);

  g_assert_no_error (error);
  return activations;
}

/* The summed nats of one sample's learned tokens among its first @most + 1, from the logits of
 * generation: another path through the decoder than the one that is tested. */
static double
reference_nats (TinyLlama *tiny, const AttuneSample *sample, guint most, guint *n_targets)
{
  const int n_vocab = tiny->decoder->config.n_vocab;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneCache) cache = attune_cache_new (
      tiny->be, &tiny->decoder->config,
      &(AttuneCacheShape) {
          .n_sequences = 1, .capacity = sample->n, .max_rows = 1, .lora_rank = tiny->lora.rank },
      &error);
  double nats = 0;

  g_assert_no_error (error);
  for (gint32 i = 0; i + 1 < (gint32) sample->n && (guint) i < most; i++)
    {
      const gint32 sequence = 0, row = 0;
      const float *logits = attune_decoder_decode (tiny->decoder, cache, 1, &sample->tokens[i],
                                                   &sequence, &i, 1, &row);
      double max = -INFINITY, sum = 0;

      g_assert_true (attune_backend_sync (tiny->be, NULL));
      if (!sample->learn[i + 1])
        continue;
      for (int k = 0; k < n_vocab; k++)
        max = MAX (max, logits[k]);
      for (int k = 0; k < n_vocab; k++)
        sum += exp (logits[k] - max);
      nats += log (sum) + max - logits[sample->tokens[i + 1]];
      (*n_targets)++;
    }
  return nats;
}

static void
test_loss (Fixture *self, gconstpointer tuned)
{
  const guint64 n = attune_dataset_count (self->dataset, ATTUNE_SPLIT_TEST), first = 3,
                count = n - 5;
  g_autoptr (GArray) lengths = attune_dataset_get_lengths (self->dataset, ATTUNE_SPLIT_TEST, NULL);
  guint longest = 0;
  int sizes[3];

  for (guint i = 0; i < lengths->len; i++)
    longest = MAX (longest, g_array_index (lengths, guint32, i));
  sizes[0] = 4 * longest; /* several samples in a stream */
  sizes[1] = longest;     /* one */
  sizes[2] = longest - 9; /* some are cut */

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      g_autoptr (AttuneActivations) activations = make_activations (self->tiny, sizes[s]);
      g_autofree double *per_sample = g_new (double, count);
      g_autoptr (GError) error = NULL;
      double loss = 0, sum = 0;
      guint64 targets = 0;
      guint n_targets = 0;

      attune_evaluate_loss (self->tiny->decoder, activations, sizes[s], self->dataset,
                            ATTUNE_SPLIT_TEST, first, count, &loss, &targets, per_sample, &error);
      g_assert_no_error (error);
      for (guint64 i = 0; i < count; i++)
        {
          g_auto (AttuneSample) sample = { 0 };
          double nats;

          attune_dataset_get_sample (self->dataset, ATTUNE_SPLIT_TEST, first + i, &sample, &error);
          g_assert_no_error (error);
          nats = reference_nats (self->tiny, &sample, sizes[s], &n_targets);
          g_assert_cmpfloat (fabs (per_sample[i] - nats), <, 1e-4 * MAX (1, nats)); /* 1e-6 seen */
          sum += nats;
        }
      g_assert_cmpuint (targets, ==, n_targets);
      g_assert_cmpfloat (fabs (loss - sum / n_targets), <, 1e-4 * loss);
    }
}

static void
count_progress (gpointer data, double fraction, const char *what)
{
  double *last = data;

  g_assert_cmpfloat (fraction, >=, *last);
  g_assert_cmpfloat (fraction, <=, 1);
  *last = fraction;
}

static void
test_scores (Fixture *self, gconstpointer tuned)
{
  const guint64 n = attune_dataset_count (self->dataset, ATTUNE_SPLIT_TEST);
  const AttuneEvaluateOptions options
      = { .max_answers = 9, .max_new_tokens = 10, .max_tokens = 256, .n_parallel = 4 };
  g_autoptr (AttuneGenerator) generator = NULL;
  g_autoptr (GPtrArray) answers = NULL;
  g_autoptr (GError) error = NULL;
  AttuneScores scores;
  double last = 0, f1 = 0, squares = 0;
  guint n_exact = 0;

  attune_evaluate (self->tiny->decoder, self->tiny->tokenizer, self->chat_template, self->dataset,
                   ATTUNE_SPLIT_TEST, &options, count_progress, &last, NULL, &scores, &answers,
                   &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (last, ==, 1);
  g_assert_cmpuint (scores.n_loss, ==, n);
  g_assert_cmpfloat (fabs (scores.perplexity - exp (scores.loss)), <, 1e-9 * scores.perplexity);
  g_assert_cmpuint (scores.n_answers, ==, 9);
  g_assert_cmpuint (answers->len, ==, 9);

  generator = attune_generator_new (
      self->tiny->decoder, self->tiny->tokenizer,
      &(AttuneGeneratorOptions) {
          .stop = attune_chat_template_get_stop (self->chat_template, self->tiny->tokenizer),
          .n_parallel = 1,
          .capacity = 400 },
      &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 9; i++)
    {
      const AttuneAnswer *answer = g_ptr_array_index (answers, i);
      AttuneSampling sampling = ATTUNE_SAMPLING_GREEDY;
      g_auto (AttuneRecord) record = { 0 };
      g_autoptr (GArray) prompt = g_array_new (FALSE, FALSE, sizeof (gint32));
      g_autofree char *alone = NULL;

      attune_dataset_get_record (self->dataset, ATTUNE_SPLIT_TEST, i * n / 9, &record, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (answer->question, ==, record.fields[ATTUNE_FIELD_QUESTION]);
      g_assert_cmpstr (answer->expected, ==, record.fields[ATTUNE_FIELD_ANSWER]);
      attune_prompt_for_record (&record, NULL, self->tiny->tokenizer, self->chat_template, prompt,
                                &error);
      sampling.max_tokens = 10;
      alone = attune_generator_run (generator, (gint32 *) prompt->data, prompt->len, &sampling,
                                    NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (answer->answer, ==, alone);
      g_assert_cmpfloat (answer->token_f1, ==, attune_token_f1 (answer->expected, alone));
      f1 += answer->token_f1 / 9;
      n_exact += answer->exact;
    }
  for (guint i = 0; i < 9; i++)
    squares += pow (((AttuneAnswer *) g_ptr_array_index (answers, i))->token_f1 - f1, 2);
  g_assert_cmpfloat (fabs (scores.token_f1 - f1), <, 1e-12);
  g_assert_cmpfloat (fabs (scores.token_f1_error - sqrt (squares / 8) / 3), <, 1e-12);
  g_assert_cmpfloat (fabs (scores.exact_match - n_exact / 9.0), <, 1e-12);
}

/* A prompt is what training samples begin with, so that the tuned model is asked as it was taught.
 */
static void
test_prompt (Fixture *self, gconstpointer tuned)
{
  for (guint64 i = 0; i < attune_dataset_count (self->dataset, ATTUNE_SPLIT_TEST); i++)
    {
      g_auto (AttuneSample) sample = { 0 };
      g_auto (AttuneRecord) record = { 0 };
      g_autoptr (GArray) prompt = g_array_new (FALSE, FALSE, sizeof (gint32));
      g_autoptr (GError) error = NULL;

      attune_dataset_get_sample (self->dataset, ATTUNE_SPLIT_TEST, i, &sample, &error);
      g_assert_no_error (error);
      attune_dataset_get_record (self->dataset, ATTUNE_SPLIT_TEST, i, &record, &error);
      g_assert_no_error (error);
      attune_prompt_for_record (&record, NULL, self->tiny->tokenizer, self->chat_template, prompt,
                                &error);
      g_assert_no_error (error);
      g_assert_cmpuint (prompt->len, <, sample.n);
      g_assert_cmpmem (prompt->data, prompt->len * sizeof (gint32), sample.tokens,
                       prompt->len * sizeof (gint32));
      g_assert_cmpint (sample.learn[prompt->len - 1], ==, 0);
      g_assert_cmpint (sample.learn[prompt->len], ==, 1);
    }
}

/* The record's own system prompt goes before the general one. */
static void
test_system_prompt (Fixture *self, gconstpointer tuned)
{
  char question[] = "Q", own[] = "Own.", empty[] = "";
  AttuneRecord record = { .fields = { [ATTUNE_FIELD_QUESTION] = question } };
  char *const systems[] = { own, empty, NULL };
  static const char *const given[] = { "General.", "General.", NULL }, *const wanted[]
                                                                       = { "Own.", "General.",
                                                                           NULL };

  for (guint i = 0; i < 3; i++)
    {
      const AttuneMessage messages[]
          = { { ATTUNE_ROLE_SYSTEM, wanted[i] }, { ATTUNE_ROLE_USER, "Q" } };
      g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
      g_autoptr (GArray) expected = g_array_new (FALSE, FALSE, sizeof (gint32));
      const guint skip = wanted[i] == NULL;
      g_autoptr (GError) error = NULL;

      record.fields[ATTUNE_FIELD_SYSTEM] = systems[i];
      attune_prompt_for_record (&record, given[i], self->tiny->tokenizer, self->chat_template, ids,
                                &error);
      attune_chat_template_encode (self->chat_template, self->tiny->tokenizer, messages + skip,
                                   2 - skip, TRUE, expected, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (ids->data, ids->len * sizeof (gint32), expected->data,
                       expected->len * sizeof (gint32));
    }
}

static void
test_failures (Fixture *self, gconstpointer tuned)
{
  const AttuneEvaluateOptions options
      = { .max_answers = 4, .max_new_tokens = 4, .max_tokens = 256, .n_parallel = 2 };
  g_autoptr (AttuneActivations) activations = make_activations (self->tiny, 256);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) answers = NULL;
  g_autoptr (GError) error = NULL;
  AttuneScores scores;
  double loss;

  g_assert_false (attune_evaluate_loss (self->tiny->decoder, activations, 256, self->dataset,
                                        ATTUNE_SPLIT_TEST, 0, 0, &loss, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_EVALUATE_ERROR, ATTUNE_EVALUATE_ERROR_EMPTY);
  g_clear_error (&error);

  g_cancellable_cancel (cancellable);
  g_assert_false (attune_evaluate (self->tiny->decoder, self->tiny->tokenizer, self->chat_template,
                                   self->dataset, ATTUNE_SPLIT_TEST, &options, NULL, NULL,
                                   cancellable, &scores, &answers, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (answers);
  g_clear_error (&error);

  ((float *) self->tiny->adapter->values.data)[self->tiny->adapter->count - 1] = NAN;
  g_assert_false (attune_evaluate (self->tiny->decoder, self->tiny->tokenizer, self->chat_template,
                                   self->dataset, ATTUNE_SPLIT_TEST, &options, NULL, NULL, NULL,
                                   &scores, &answers, &error));
  g_assert_error (error, ATTUNE_EVALUATE_ERROR, ATTUNE_EVALUATE_ERROR_NUMBERS);
  g_assert_nonnull (strstr (error->message, "rows.csv"));
}

#define ADD(name, tuned, func)                                                                     \
  g_test_add ("/evaluate/evaluate/" name, Fixture, GINT_TO_POINTER (tuned), set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("loss/base", FALSE, test_loss);
  ADD ("loss/tuned", TRUE, test_loss);
  ADD ("scores/base", FALSE, test_scores);
  ADD ("scores/tuned", TRUE, test_scores);
  ADD ("prompt", FALSE, test_prompt);
  ADD ("system-prompt", FALSE, test_system_prompt);
  ADD ("failures", TRUE, test_failures);
  return g_test_run ();
}
