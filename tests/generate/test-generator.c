/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The generator against the reference's greedy answers, and against itself: several prompts at once
 * answer as one alone does.
 */
#include "tiny-llama.h"

#include <string.h>

static AttuneGenerator *
make_generator (TinyLlama *tiny, gint32 stop, int n_parallel, int capacity)
{
  /* This model knows nothing: its logits are so close that only exact products choose as the
   * reference does. */
  const AttuneGeneratorOptions options
      = { .stop = stop, .n_parallel = n_parallel, .capacity = capacity, .exact = TRUE };
  g_autoptr (GError) error = NULL;
  AttuneGenerator *generator
      = attune_generator_new (tiny->decoder, tiny->tokenizer, &options, &error);

  g_assert_no_error (error);
  return generator;
}

static void
test_greedy (gconstpointer tuned)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (GPOINTER_TO_INT (tuned));
  g_autoptr (AttuneGenerator) generator = make_generator (tiny, -1, 1, 128);
  g_autoptr (GArray) prompt = NULL, ids = NULL;
  g_autoptr (GError) error = NULL;
  AttuneSampling sampling = ATTUNE_SAMPLING_GREEDY;

  tiny_llama_greedy (tiny, &prompt, &ids);
  /* Every length: an error in a later position cannot hide behind an earlier one, and the same
   * cache is used again. */
  for (guint n = 1; n <= ids->len; n++)
    {
      g_autofree char *expected
          = attune_tokenizer_decode (tiny->tokenizer, (gint32 *) ids->data, n, FALSE);
      g_autofree char *answer = NULL;

      sampling.max_tokens = n;
      answer = attune_generator_run (generator, (gint32 *) prompt->data, prompt->len, &sampling,
                                     NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (answer, ==, expected);
    }
}

/* A SentencePiece vocabulary for the tiny model: token t is "▁t", a word with its space. */
static AttuneTokenizer *
make_words (guint n_tokens)
{
  g_autoptr (GPtrArray) tokens = g_ptr_array_new_with_free_func (g_free);
  g_autofree float *scores = g_new0 (float, n_tokens);
  g_autoptr (GError) error = NULL;
  AttuneVocabulary vocabulary = { .model = "llama",
                                  .n_tokens = n_tokens,
                                  .scores = scores,
                                  .bos = -1,
                                  .eos = -1,
                                  .unknown = -1,
                                  .pad = -1,
                                  .space_prefix = TRUE };
  AttuneTokenizer *tokenizer;

  for (guint i = 0; i < n_tokens; i++)
    g_ptr_array_add (tokens, g_strdup_printf ("\xe2\x96\x81%u", i));
  vocabulary.tokens = (const char *const *) tokens->pdata;
  tokenizer = attune_tokenizer_new (&vocabulary, &error);
  g_assert_no_error (error);
  return tokenizer;
}

static gboolean
gather (const char *piece, gpointer text)
{
  g_string_append (text, piece);
  return TRUE;
}

/* The space before an answer's first word is the vocabulary's, in what is streamed too; those
 * between its words are not. */
static void
test_first_space (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (FALSE);
  g_autoptr (AttuneTokenizer) words = make_words ((guint) tiny->decoder->config.n_vocab);
  const AttuneGeneratorOptions options
      = { .stop = -1, .n_parallel = 1, .capacity = 128, .exact = TRUE };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneGenerator) generator
      = attune_generator_new (tiny->decoder, words, &options, &error);
  g_autoptr (GArray) prompt = NULL, ids = NULL;
  AttuneSampling sampling = ATTUNE_SAMPLING_GREEDY;

  g_assert_no_error (error);
  tiny_llama_greedy (tiny, &prompt, &ids);
  for (int n = 1; n <= 3; n++)
    {
      g_autofree char *expected
          = attune_tokenizer_decode (words, (gint32 *) ids->data, (gsize) n, FALSE);
      g_autoptr (GString) streamed = g_string_new (NULL);
      g_autofree char *answer = NULL;

      sampling.max_tokens = n;
      answer = attune_generator_run (generator, (gint32 *) prompt->data, prompt->len, &sampling,
                                     gather, streamed, &error);
      g_assert_no_error (error);
      g_assert_true (g_ascii_isdigit (*answer));
      g_assert_cmpstr (answer, ==, expected);
      g_assert_cmpstr (streamed->str, ==, expected);
    }
}

static void
test_stop (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (FALSE);
  g_autoptr (AttuneGenerator) generator = NULL;
  g_autoptr (GArray) prompt = NULL, ids = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = NULL, *answer = NULL;
  const AttuneSampling sampling = ATTUNE_SAMPLING_GREEDY;

  tiny_llama_greedy (tiny, &prompt, &ids);
  expected = attune_tokenizer_decode (tiny->tokenizer, (gint32 *) ids->data, 6, FALSE);
  generator = make_generator (tiny, g_array_index (ids, gint32, 6), 1, 128);
  answer = attune_generator_run (generator, (gint32 *) prompt->data, prompt->len, &sampling, NULL,
                                 NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (answer, ==, expected);
}

/* Three positions are free behind the prompt, so three tokens of the answer are read and a fourth
 * is known. */
static void
test_capacity (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (FALSE);
  g_autoptr (AttuneGenerator) generator = NULL, small = NULL;
  g_autoptr (GArray) prompt = NULL, ids = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = NULL, *answer = NULL;
  const AttuneSampling sampling = ATTUNE_SAMPLING_GREEDY;

  tiny_llama_greedy (tiny, &prompt, &ids);
  expected = attune_tokenizer_decode (tiny->tokenizer, (gint32 *) ids->data, 4, FALSE);
  generator = make_generator (tiny, -1, 1, prompt->len + 3);
  answer = attune_generator_run (generator, (gint32 *) prompt->data, prompt->len, &sampling, NULL,
                                 NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (answer, ==, expected);
  g_assert_cmpint (attune_generator_count_new (generator), ==, 4);

  small = make_generator (tiny, -1, 2, prompt->len);
  g_assert_null (attune_generator_run (small, (gint32 *) prompt->data, prompt->len, &sampling, NULL,
                                       NULL, &error));
  g_assert_error (error, ATTUNE_GENERATE_ERROR, ATTUNE_GENERATE_ERROR_LENGTH);
  g_clear_error (&error);
  g_assert_null (attune_generator_run (small, NULL, 0, &sampling, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_GENERATE_ERROR, ATTUNE_GENERATE_ERROR_LENGTH);
  g_clear_error (&error);
  g_array_index (prompt, gint32, 1) = tiny->decoder->config.n_vocab;
  g_assert_null (
      attune_generator_run (small, (gint32 *) prompt->data, 5, &sampling, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_GENERATE_ERROR, ATTUNE_GENERATE_ERROR_LENGTH);
}

static void
count_done (gpointer data, guint done)
{
  guint *last = data;

  g_assert_cmpuint (done, >, *last);
  *last = done;
}

static void
test_batched (gconstpointer temperature)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (AttuneGenerator) one = make_generator (tiny, -1, 1, 100);
  g_autoptr (GPtrArray) prompts = tiny_llama_prompts (tiny);
  g_auto (GStrv) alone = NULL;
  g_autoptr (GError) error = NULL;
  AttuneSampling sampling
      = { .max_tokens = 12, .temperature = GPOINTER_TO_INT (temperature) / 10.0f, .top_p = 1 };

  sampling.seed = 3;
  alone = attune_generator_run_many (one, prompts, &sampling, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (alone), ==, prompts->len);
  for (int n_parallel = 2; n_parallel <= 8; n_parallel += 3)
    {
      g_autoptr (AttuneGenerator) many = make_generator (tiny, -1, n_parallel, 100);
      guint done = 0;

      /* Twice: what the first run left in the cache must not be seen by the second. */
      for (int round = 0; round < 2; round++, done = 0)
        {
          g_auto (GStrv) together = attune_generator_run_many (many, prompts, &sampling, count_done,
                                                               &done, NULL, &error);

          g_assert_no_error (error);
          g_assert_cmpuint (done, ==, prompts->len);
          for (guint i = 0; i < prompts->len; i++)
            g_assert_cmpstr (together[i], ==, alone[i]);
        }
    }
}

/* Another seed gives another answer, the same seed the same; each prompt draws its own numbers. */
static void
test_seed (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (FALSE);
  g_autoptr (AttuneGenerator) generator = make_generator (tiny, -1, 2, 100);
  g_autoptr (GPtrArray) prompts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_autoptr (GArray) prompt = NULL, ids = NULL;
  g_autoptr (GError) error = NULL;
  AttuneSampling sampling = { .max_tokens = 16, .temperature = 1, .top_p = 1, .seed = 1 };
  g_auto (GStrv) first = NULL, again = NULL, other = NULL;

  tiny_llama_greedy (tiny, &prompt, &ids);
  g_ptr_array_add (prompts, g_array_ref (prompt));
  g_ptr_array_add (prompts, g_array_ref (prompt));
  first = attune_generator_run_many (generator, prompts, &sampling, NULL, NULL, NULL, &error);
  again = attune_generator_run_many (generator, prompts, &sampling, NULL, NULL, NULL, &error);
  sampling.seed = 2;
  other = attune_generator_run_many (generator, prompts, &sampling, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (first[0], ==, again[0]);
  g_assert_cmpstr (first[1], ==, again[1]);
  g_assert_cmpstr (first[0], !=, first[1]);
  g_assert_cmpstr (first[0], !=, other[0]);
}

static gboolean
count_down (gpointer data, guint done)
{
  int *left = data;

  return --*left >= 0;
}

/* The tokens are those of the answers, and the one that ended an answer stands behind them. */
static void
test_tokens (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (FALSE);
  g_autoptr (GArray) prompt = NULL, ids = NULL;
  g_autoptr (GPtrArray) prompts = tiny_llama_prompts (tiny), tokens = NULL, ended = NULL;
  g_autoptr (AttuneGenerator) plain = make_generator (tiny, -1, 3, 100), stopping = NULL;
  AttuneSampling sampling = { .max_tokens = 8, .temperature = 1, .top_p = 1, .seed = 5 };
  g_auto (GStrv) answers = NULL, cut = NULL;
  g_autoptr (GError) error = NULL;
  const GArray *last;
  int left = 1000;

  answers
      = attune_generator_run_tokens (plain, prompts, &sampling, count_down, &left, &tokens, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tokens->len, ==, prompts->len);
  for (guint i = 0; i < tokens->len; i++)
    {
      const GArray *said = tokens->pdata[i];
      g_autofree char *text
          = attune_tokenizer_decode (tiny->tokenizer, (gint32 *) said->data, said->len, FALSE);

      g_assert_cmpuint (said->len, >, 0);
      g_assert_cmpuint (said->len, <=, 8);
      g_assert_cmpstr (text, ==, answers[i]);
    }
  left = 3;
  g_assert_null (
      attune_generator_run_tokens (plain, prompts, &sampling, count_down, &left, &ended, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (left, ==, -1);
  g_clear_error (&error);
  tiny_llama_greedy (tiny, &prompt, &ids);
  g_ptr_array_set_size (prompts, 0);
  g_ptr_array_add (prompts, g_array_ref (prompt));
  sampling.temperature = 0;
  stopping = make_generator (tiny, g_array_index (ids, gint32, 2), 1, 100);
  cut = attune_generator_run_tokens (stopping, prompts, &sampling, NULL, NULL, &ended, &error);
  g_assert_no_error (error);
  last = ended->pdata[0];
  g_assert_cmpint (g_array_index (last, gint32, last->len - 1), ==, g_array_index (ids, gint32, 2));
}

typedef struct
{
  GString *text;
  int n_left; /* pieces until the receiver has had enough; < 0: never */
} Listener;

static gboolean
listen_to (const char *piece, gpointer data)
{
  Listener *listener = data;

  g_assert_cmpint (strlen (piece), >, 0);
  g_assert_true (g_utf8_validate (piece, -1, NULL));
  g_assert_cmpint (listener->n_left, !=, 0); /* not asked again after it said no */
  g_string_append (listener->text, piece);
  return --listener->n_left != 0;
}

static void
test_stream (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (AttuneGenerator) generator = make_generator (tiny, -1, 1, 128);
  g_autoptr (GArray) prompt = NULL, ids = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *whole = NULL, *cut = NULL;
  g_autoptr (GString) heard = g_string_new (NULL);
  Listener listener = { heard, -1 };
  const AttuneSampling sampling = { .max_tokens = 50, .temperature = 1, .top_p = 1, .seed = 9 };

  tiny_llama_greedy (tiny, &prompt, &ids);
  whole = attune_generator_run (generator, (gint32 *) prompt->data, prompt->len, &sampling,
                                listen_to, &listener, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (heard->str, ==, whole);

  g_string_truncate (heard, 0);
  listener.n_left = 3;
  cut = attune_generator_run (generator, (gint32 *) prompt->data, prompt->len, &sampling, listen_to,
                              &listener, &error);
  g_assert_no_error (error);
  g_assert_cmpint (listener.n_left, ==, 0);
  g_assert_cmpint (strlen (cut), <, strlen (whole));
  g_assert_true (g_str_has_prefix (whole, heard->str));
}

/* A prompt that takes several passes is read as in one. */
static void
test_long_prompt (void)
{
  enum
  {
    LENGTH = 180 /* more than the rows of a pass */
  };
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (AttuneGenerator) generator = make_generator (tiny, -1, 2, LENGTH + 2);
  g_autoptr (AttuneCache) cache = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = NULL, *expected = NULL;
  gint32 tokens[LENGTH], positions[LENGTH], sequences[LENGTH] = { 0 }, best;
  const gint32 last = LENGTH - 1;
  AttuneSampling sampling = ATTUNE_SAMPLING_GREEDY;
  const float *logits;

  for (int i = 0; i < LENGTH; i++)
    {
      tokens[i] = 10 + i * 37 % 500;
      positions[i] = i;
    }
  cache = attune_cache_new (
      tiny->be, &tiny->decoder->config,
      &(AttuneCacheShape) {
          .n_sequences = 1, .capacity = LENGTH, .max_rows = LENGTH, .lora_rank = tiny->lora.rank },
      &error);
  g_assert_no_error (error);
  logits = attune_decoder_decode (tiny->decoder, cache, LENGTH, tokens, sequences, positions, 1,
                                  &last);
  attune_backend_sync (tiny->be, &error);
  g_assert_no_error (error);
  best = attune_sample (logits, tiny->decoder->config.n_vocab, &sampling, 0, NULL);
  expected = attune_tokenizer_decode (tiny->tokenizer, &best, 1, FALSE);

  sampling.max_tokens = 1;
  answer = attune_generator_run (generator, tokens, LENGTH, &sampling, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (answer, ==, expected);
}

static void
cancel_it (gpointer data, guint done)
{
  g_cancellable_cancel (data);
}

static void
test_cancel (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (FALSE);
  g_autoptr (AttuneGenerator) generator = make_generator (tiny, -1, 2, 100);
  g_autoptr (GPtrArray) prompts = tiny_llama_prompts (tiny);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (GStrv) answers = NULL;
  g_autoptr (GError) error = NULL;
  const AttuneSampling sampling = { .max_tokens = 8, .top_p = 1 };

  g_assert_null (attune_generator_run_many (generator, prompts, &sampling, cancel_it, cancellable,
                                            cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  /* It can be used again. */
  answers = attune_generator_run_many (generator, prompts, &sampling, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (answers), ==, prompts->len);
}

static void
test_damaged (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (AttuneGenerator) generator = make_generator (tiny, -1, 1, 100);
  g_autoptr (GArray) prompt = NULL, ids = NULL;
  g_autoptr (GError) error = NULL;
  const AttuneSampling sampling = ATTUNE_SAMPLING_GREEDY;

  tiny_llama_greedy (tiny, &prompt, &ids);
  ((float *) tiny->adapter->values.data)[tiny->adapter->count - 1] = NAN;
  g_assert_null (attune_generator_run (generator, (gint32 *) prompt->data, prompt->len, &sampling,
                                       NULL, NULL, &error));
  g_assert_error (error, ATTUNE_GENERATE_ERROR, ATTUNE_GENERATE_ERROR_NUMBERS);
}

/* A beginning that prompts have in common is read once, and what was read for one turn of a
 * conversation is not read again for the next. */
static void
test_common_beginning (void)
{
  enum
  {
    COMMON = 40,
    N = 5
  };
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (AttuneGenerator) one = make_generator (tiny, -1, 1, 90),
                              many = make_generator (tiny, -1, 3, 90);
  g_autoptr (GPtrArray) prompts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) together = NULL;
  AttuneSampling sampling = ATTUNE_SAMPLING_GREEDY;
  guint length = 0;

  sampling.max_tokens = 5;
  for (int i = 0; i < N; i++)
    {
      GArray *prompt = g_array_new (FALSE, FALSE, sizeof (gint32));

      for (gint32 j = 0; j < COMMON + 3 * i; j++) /* the last ones begin as the first ends */
        {
          const gint32 token = 10 + (j < COMMON ? j * 37 : j * 41 + i * 17) % 500;

          g_array_append_val (prompt, token);
        }
      g_ptr_array_add (prompts, prompt);
      length += prompt->len;
    }
  together = attune_generator_run_many (many, prompts, &sampling, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  /* Each token of an answer but the last is read, too. */
  g_assert_cmpuint (attune_generator_count_read (many), <=,
                    length - (N - 1) * (COMMON - 1) + N * (sampling.max_tokens - 1));
  for (int i = 0; i < N; i++)
    {
      const GArray *prompt = prompts->pdata[i];
      g_autofree char *alone = attune_generator_run (one, (const gint32 *) prompt->data,
                                                     prompt->len, &sampling, NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (together[i], ==, alone);
    }
  /* Not steady: everything is read each time. */
  g_assert_cmpuint (attune_generator_count_read (one), >=, length);
}

static void
test_steady (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  const AttuneGeneratorOptions options
      = { .stop = -1, .n_parallel = 1, .capacity = 90, .exact = TRUE, .steady = TRUE };
  g_autoptr (AttuneGenerator) fresh = make_generator (tiny, -1, 1, 90), steady = NULL;
  g_autoptr (GArray) prompt = NULL, ids = NULL;
  g_autoptr (GError) error = NULL;
  const AttuneSampling sampling = { .max_tokens = 6, .temperature = 1, .top_p = 1, .seed = 4 };

  tiny_llama_greedy (tiny, &prompt, &ids);
  steady = attune_generator_new (tiny->decoder, tiny->tokenizer, &options, &error);
  g_assert_no_error (error);
  for (int turn = 0; turn < 6; turn++)
    {
      g_autofree char *expected = NULL, *answer = NULL;
      const guint64 fresh_before = attune_generator_count_read (fresh),
                    steady_before = attune_generator_count_read (steady);
      const gint32 token = 20 + turn;

      /* Without the adapter the cache holds something else. */
      tiny->decoder->base_only = turn == 3;
      expected = attune_generator_run (fresh, (const gint32 *) prompt->data, prompt->len, &sampling,
                                       NULL, NULL, &error);
      g_assert_no_error (error);
      answer = attune_generator_run (steady, (const gint32 *) prompt->data, prompt->len, &sampling,
                                     NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (answer, ==, expected);
      g_assert_cmpuint (attune_generator_count_read (fresh) - fresh_before, ==,
                        attune_generator_count_read (steady) - steady_before
                            + (turn == 0 || turn == 3 || turn == 4 ? 0 : prompt->len - 3));
      for (int i = 0; i < 3; i++)
        g_array_append_val (prompt, token);
    }
}

/* With a draft that is always right, one that is mostly wrong, and for drawn tokens: the same
 * answers. */
static void
test_draft (gconstpointer data)
{
  const gboolean fast = GPOINTER_TO_INT (data);
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE), base = tiny_llama_new (FALSE);
  AttuneGeneratorOptions options
      = { .stop = -1, .n_parallel = 1, .capacity = 100, .exact = !fast, .lean = TRUE };
  g_autoptr (AttuneGenerator) alone = NULL;
  g_autoptr (GArray) prompt = NULL, ids = NULL;
  g_autoptr (GError) error = NULL;

  tiny_llama_greedy (tiny, &prompt, &ids);
  alone = attune_generator_new (tiny->decoder, tiny->tokenizer, &options, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (AttuneGenerator) drafted = NULL;

      options.draft = i == 0 ? tiny->decoder : base->decoder;
      options.lean = !options.lean; /* nor do packed weights say anything else */
      drafted = attune_generator_new (tiny->decoder, tiny->tokenizer, &options, &error);
      g_assert_no_error (error);
      for (int temperature = 0; temperature <= 1; temperature++)
        for (int n = 1; n <= 200; n = n * 3 + 1) /* the last ones end at the capacity */
          {
            const AttuneSampling sampling
                = { .max_tokens = n, .temperature = temperature, .top_p = 1, .seed = 6 };
            g_autofree char *expected = attune_generator_run (
                alone, (const gint32 *) prompt->data, prompt->len, &sampling, NULL, NULL, &error);
            g_autofree char *answer = attune_generator_run (
                drafted, (const gint32 *) prompt->data, prompt->len, &sampling, NULL, NULL, &error);

            g_assert_no_error (error);
            g_assert_cmpstr (answer, ==, expected);
            g_assert_cmpint (attune_generator_count_new (drafted), ==,
                             attune_generator_count_new (alone));
          }
    }
}

static void
test_bad_draft (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (FALSE);
  AttuneDecoder other = *tiny->decoder;
  const AttuneGeneratorOptions options
      = { .stop = -1, .n_parallel = 1, .capacity = 9, .draft = &other };
  g_autoptr (GError) error = NULL;

  other.config.n_vocab--;
  g_assert_null (attune_generator_new (tiny->decoder, tiny->tokenizer, &options, &error));
  g_assert_error (error, ATTUNE_GENERATE_ERROR, ATTUNE_GENERATE_ERROR_DRAFT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/generate/generator/greedy/base", GINT_TO_POINTER (FALSE), test_greedy);
  g_test_add_data_func ("/generate/generator/greedy/tuned", GINT_TO_POINTER (TRUE), test_greedy);
  g_test_add_func ("/generate/generator/first-space", test_first_space);
  g_test_add_func ("/generate/generator/stop", test_stop);
  g_test_add_func ("/generate/generator/tokens", test_tokens);
  g_test_add_func ("/generate/generator/capacity", test_capacity);
  g_test_add_data_func ("/generate/generator/batched/greedy", GINT_TO_POINTER (0), test_batched);
  g_test_add_data_func ("/generate/generator/batched/sampled", GINT_TO_POINTER (8), test_batched);
  g_test_add_func ("/generate/generator/seed", test_seed);
  g_test_add_func ("/generate/generator/stream", test_stream);
  g_test_add_func ("/generate/generator/long-prompt", test_long_prompt);
  g_test_add_func ("/generate/generator/cancel", test_cancel);
  g_test_add_func ("/generate/generator/damaged", test_damaged);
  g_test_add_func ("/generate/generator/common-beginning", test_common_beginning);
  g_test_add_func ("/generate/generator/steady", test_steady);
  g_test_add_data_func ("/generate/generator/draft/exact", GINT_TO_POINTER (FALSE), test_draft);
  g_test_add_data_func ("/generate/generator/draft/fast", GINT_TO_POINTER (TRUE), test_draft);
  g_test_add_func ("/generate/generator/bad-draft", test_bad_draft);
  return g_test_run ();
}
