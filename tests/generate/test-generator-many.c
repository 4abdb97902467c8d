/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Several prompts at once: each is answered as it is alone, with numbers of its own.
 */
#include "tiny-generator.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/generate/generator/tokens", test_tokens);
  g_test_add_data_func ("/generate/generator/batched/greedy", GINT_TO_POINTER (0), test_batched);
  g_test_add_data_func ("/generate/generator/batched/sampled", GINT_TO_POINTER (8), test_batched);
  g_test_add_func ("/generate/generator/seed", test_seed);
  g_test_add_func ("/generate/generator/cancel", test_cancel);
  return g_test_run ();
}
