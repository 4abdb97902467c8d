/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What makes answers come sooner changes none of them: beginnings that are read once, a cache that
 * is kept from turn to turn, and drafts.
 */
#include "tiny-generator.h"

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
  g_test_add_func ("/generate/generator/common-beginning", test_common_beginning);
  g_test_add_func ("/generate/generator/steady", test_steady);
  g_test_add_data_func ("/generate/generator/draft/exact", GINT_TO_POINTER (FALSE), test_draft);
  g_test_add_data_func ("/generate/generator/draft/fast", GINT_TO_POINTER (TRUE), test_draft);
  g_test_add_func ("/generate/generator/bad-draft", test_bad_draft);
  return g_test_run ();
}
