/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The generator with one prompt: the reference's greedy answers, where an answer ends, and how it
 * is streamed.
 */
#include "tiny-generator.h"

#include <string.h>

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/generate/generator/greedy/base", GINT_TO_POINTER (FALSE), test_greedy);
  g_test_add_data_func ("/generate/generator/greedy/tuned", GINT_TO_POINTER (TRUE), test_greedy);
  g_test_add_func ("/generate/generator/first-space", test_first_space);
  g_test_add_func ("/generate/generator/stop", test_stop);
  g_test_add_func ("/generate/generator/capacity", test_capacity);
  g_test_add_func ("/generate/generator/stream", test_stream);
  g_test_add_func ("/generate/generator/long-prompt", test_long_prompt);
  g_test_add_func ("/generate/generator/damaged", test_damaged);
  return g_test_run ();
}
