/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Terms exchanged in texts and in samples, and files that are no pairs.
 */
#include "generate/term-pairs.h"

#include "scratch-folder.h"
#include "text/golden.h"

#include <string.h>

static AttuneTermPairs *
open_pairs (ScratchFolder *folder, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "terms.csv", NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return attune_term_pairs_open (path, error);
}

static void
test_text (void)
{
  static const struct
  {
    const char *text, *exchanged;
  } cases[] = {
    { "he and She", "she and He" },
    { "HE said: the heat", "SHE said: the heat" },
    { "A nurse, the wise man of the ward", "A nurse, the wise woman of the ward" },
    { "the wise men. Wise men!", "the old women. Old women!" },
    { "Élan", "Verve" },
    { "nothing here", NULL },
    { "", NULL },
  };
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTermPairs) pairs = open_pairs (
      folder, "he,she\n\nman;woman\r\nWise men\told women\nélan,verve\nhe,they\n", &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *got = attune_term_pairs_exchange (pairs, cases[i].text), *back = NULL;

      g_assert_cmpstr (got, ==, cases[i].exchanged);
      if (got == NULL)
        continue;
      back = attune_term_pairs_exchange (pairs, got);
      g_assert_cmpstr (back, ==, cases[i].text);
    }
}

/* Terms that are more than letters, and writing without spaces. */
static void
test_terms (void)
{
  static const struct
  {
    const char *text, *exchanged;
  } cases[] = {
    { "Mr. Smith met MRS. Jones", "Mrs. Smith met MR. Jones" },
    { "Her mother-in-law, not her mother", "Her father-in-law, not her father" },
    { "C\xe2\x80\x99"
      "est l'homme",
      "C\xe2\x80\x99"
      "est la femme" },
    { "L\xe2\x80\x99homme", "La femme" },
    { "a non-binary choice", "a binary choice" },
    { "a nonbinary choice", NULL },
    { "he's tall", "she's tall" },
    { "\xe4\xbb\x96\xe8\xaf\xb4", "\xe5\xa5\xb9\xe8\xaf\xb4" }, /* he says */
    { "\xe5\x85\xb6\xe4\xbb\x96", NULL },                       /* other: one word */
  };
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTermPairs) pairs
      = open_pairs (folder,
                    "\xef\xbb\xbfhe,she\r\nMr.,Mrs.\nmother,father\nmother-in-law,father-in-law\n"
                    "l'homme,la femme\nnon-binary,binary\n\xe4\xbb\x96,\xe5\xa5\xb9\n",
                    &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *got = attune_term_pairs_exchange (pairs, cases[i].text);

      g_assert_cmpstr (got, ==, cases[i].exchanged);
    }
}

static void
encode (const AttuneTokenizer *tokenizer, const char *question, const char *answer,
        AttuneSample *sample)
{
  g_autofree char *prompt = g_strdup_printf ("<|im_start|>user\n%s<|im_end|>\n", question);
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  guint n;

  attune_tokenizer_encode (tokenizer, prompt, -1, ATTUNE_TOKENIZE_SPECIAL, ids);
  n = ids->len;
  attune_tokenizer_encode (tokenizer, answer, -1, ATTUNE_TOKENIZE_SPECIAL, ids);
  sample->n = ids->len;
  sample->learn = g_new0 (guint8, sample->n);
  memset (sample->learn + n, 1, sample->n - n);
  sample->tokens = (gint32 *) g_array_free (ids, FALSE);
}

static void
test_sample (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autoptr (AttuneModel) model = golden_tiny_model ();
  const AttuneTokenizer *tokenizer = attune_model_get_tokenizer (model);
  g_autoptr (AttuneTermPairs) pairs = open_pairs (folder, "he,she\n", NULL);
  g_auto (AttuneSample) sample = { 0 }, got = { 0 }, expected = { 0 }, none = { 0 };

  encode (tokenizer, "Does he know?", "She does.<|im_end|>", &sample);
  encode (tokenizer, "Does she know?", "He does.<|im_end|>", &expected);
  g_assert_true (attune_term_pairs_counterpart (pairs, tokenizer, &sample, &got));
  g_assert_cmpmem (got.tokens, got.n * sizeof (gint32), expected.tokens,
                   expected.n * sizeof (gint32));
  g_assert_cmpmem (got.learn, got.n, expected.learn, expected.n);
  attune_sample_clear (&sample);
  encode (tokenizer, "Does it know?", "It does.<|im_end|>", &sample);
  g_assert_false (attune_term_pairs_counterpart (pairs, tokenizer, &sample, &none));
  g_assert_cmpuint (none.n, ==, 0);

  /* a text that is learned whole */
  attune_sample_clear (&sample);
  attune_sample_clear (&got);
  encode (tokenizer, "he", "she", &sample);
  memset (sample.learn + 1, 1, sample.n - 1);
  g_assert_true (attune_term_pairs_counterpart (pairs, tokenizer, &sample, &got));
  g_assert_cmpuint (got.learn[0], ==, 0);
  for (guint i = 1; i < got.n; i++)
    g_assert_cmpuint (got.learn[i], ==, 1);
}

static void
test_refused (void)
{
  static const char *const texts[]
      = { "", "\n\n", "he,she\nalone\n", "he,he\n", "a,b,c\n", ",b\n", "\xff,\xfe\n" };
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_assert_null (open_pairs (folder, texts[i], &error));
      g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT);
      g_assert_nonnull (strstr (error->message, "he,she"));
      g_clear_error (&error);
    }
  g_assert_null (attune_term_pairs_open ("/nowhere/terms.csv", &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/generate/term-pairs/text", test_text);
  g_test_add_func ("/generate/term-pairs/terms", test_terms);
  g_test_add_func ("/generate/term-pairs/sample", test_sample);
  g_test_add_func ("/generate/term-pairs/refused", test_refused);
  return g_test_run ();
}
