/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tokenizer against ids that Hugging Face tokenizers and llama.cpp gave (tests/golden), and the
 * ways in which it must not fail.
 */
#include "golden.h"
#include "text/tokenizer-private.h"

#include <string.h>

static void
check_case (const AttuneTokenizer *tokenizer, JsonObject *one)
{
  const char *text = json_object_get_string_member (one, "text");
  const gsize length = strlen (text);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  JsonArray *plain = json_object_get_array_member (one, "ids"), *special = plain;

  if (json_object_has_member (one, "ids_special"))
    special = json_object_get_array_member (one, "ids_special");
  attune_tokenizer_encode (tokenizer, text, (gssize) length, ATTUNE_TOKENIZE_PLAIN, ids);
  golden_assert_ids (ids, plain, text);
  g_array_set_size (ids, 0);
  attune_tokenizer_encode (tokenizer, text, -1, ATTUNE_TOKENIZE_SPECIAL, ids);
  golden_assert_ids (ids, special, text);
}

static void
check_file (const AttuneTokenizer *tokenizer, const char *name, guint least)
{
  g_autoptr (JsonParser) parser = golden_load (name);
  JsonArray *cases = json_object_get_array_member (golden_root (parser), "cases");

  g_assert_cmpuint (json_array_get_length (cases), >=, least);
  for (int pass = 0; pass < 2; pass++) /* the second time from the cache of words */
    for (guint i = 0; i < json_array_get_length (cases); i++)
      check_case (tokenizer, json_array_get_object_element (cases, i));
}

static void
test_tiny (void)
{
  g_autoptr (AttuneModel) model = golden_tiny_model ();

  check_file (attune_model_get_tokenizer (model), "tiny-bpe.json", 300);
}

static void
test_smollm2 (void)
{
  g_autoptr (AttuneModel) model = golden_real_model ();

  if (model != NULL)
    check_file (attune_model_get_tokenizer (model), "tokenizer-smollm2.json", 400);
}

/* All 256 bytes have a token in the tiny vocabulary, so whatever the bytes, decoding gives them
 * back. */
static void
test_round_trip (void)
{
  g_autoptr (AttuneModel) model = golden_tiny_model ();
  const AttuneTokenizer *tokenizer = attune_model_get_tokenizer (model);
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (gsize));

  for (int round = 0; round < 400; round++)
    {
      const gsize length = (gsize) g_rand_int_range (rand, 0, round < 350 ? 60 : 3000);
      g_autofree char *text = g_malloc (length + 1);
      g_autofree guint8 *marks = g_malloc (length + 1);
      g_autoptr (GString) back = g_string_new (NULL);
      const int span = round % 3 == 0 ? 256 : 100;

      for (gsize i = 0; i < length; i++)
        text[i] = (char) g_rand_int_range (rand, round % 3 == 1 ? 32 : 0, span);
      memset (marks, 1, length);
      g_array_set_size (ids, 0);
      g_array_set_size (ends, 0);
      attune_tokenizer_encode_marked (tokenizer, text, marks, length, ids, ends);
      g_assert_cmpuint (ids->len, ==, ends->len);
      for (guint i = 0; i < ids->len; i++)
        {
          attune_tokenizer_decode_one (tokenizer, g_array_index (ids, gint32, i), FALSE, back);
          g_assert_cmpuint (g_array_index (ends, gsize, i), ==, back->len);
        }
      g_assert_cmpmem (back->str, back->len, text, length);
    }
}

/* One word of a megabyte: with merging in n² this takes hours, in n log n less than a second. */
static void
test_long_word (void)
{
  g_autoptr (AttuneModel) model = golden_tiny_model ();
  const AttuneTokenizer *tokenizer = attune_model_get_tokenizer (model);
  const gsize length = 1 << 20;
  g_autofree char *text = g_malloc (length);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_autofree char *back = NULL;

  for (gsize i = 0; i < length; i++)
    text[i] = (char) ('a' + g_rand_int_range (rand, 0, 26));
  attune_tokenizer_encode (tokenizer, text, (gssize) length, ATTUNE_TOKENIZE_PLAIN, ids);
  back
      = attune_tokenizer_decode (tokenizer, (const gint32 *) (gpointer) ids->data, ids->len, FALSE);
  g_assert_cmpmem (back, strlen (back), text, length);
}

/* Short words are merged by a scan and long ones by a heap; a word cut from a long one at white
 * space must not differ. */
static void
test_short_equals_long (void)
{
  g_autoptr (AttuneModel) model = golden_tiny_model ();
  const AttuneTokenizer *tokenizer = attune_model_get_tokenizer (model);
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  static const char letters[] = "etaoinhsrd";

  for (int round = 0; round < 500; round++)
    {
      /* "Q" and "X" merge with nothing in this vocabulary, so the parts between them are merged
       * alone. */
      g_autoptr (GString) whole = g_string_new (NULL);
      g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (gint32));
      g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));

      for (int k = 0; k < 6; k++)
        {
          g_autoptr (GString) part = g_string_new ("Q");
          const int n = g_rand_int_range (rand, 1, 20);

          for (int i = 0; i < n; i++)
            g_string_append_c (part, letters[g_rand_int_range (rand, 0, (int) strlen (letters))]);
          g_string_append_c (part, 'X');
          attune_tokenizer_encode (tokenizer, part->str, -1, ATTUNE_TOKENIZE_PLAIN, parts);
          g_string_append (whole, part->str);
        }
      attune_tokenizer_encode (tokenizer, whole->str, -1, ATTUNE_TOKENIZE_PLAIN, ids);
      g_assert_cmpmem (ids->data, ids->len * sizeof (gint32), parts->data,
                       parts->len * sizeof (gint32));
    }
}

static gpointer
encode_all (gpointer data)
{
  check_file (data, "tiny-bpe.json", 300);
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (AttuneModel) model = golden_tiny_model ();
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("encode", encode_all, attune_model_get_tokenizer (model));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* A vocabulary of letters, two merges and tokens of every kind. */
static const char *const small_tokens[]
    = { "a", "b", "c", "Ġ", "ab", "abc", "<s>", "<tool>", "<unk>", "<s><s>" };
static const gint32 small_kinds[] = { 1, 1, 1, 1, 1, 1, 3, 4, 2, 3 };
static const char *const small_merges[] = { "a b", "ab c" };
static const AttuneVocabulary small = {
  .model = "gpt2",
  .pre = "gpt-2",
  .n_tokens = G_N_ELEMENTS (small_tokens),
  .tokens = small_tokens,
  .kinds = small_kinds,
  .n_merges = G_N_ELEMENTS (small_merges),
  .merges = small_merges,
  .bos = 6,
  .eos = -1,
  .unknown = 8,
  .pad = -1,
};

static void
assert_encodes (const AttuneTokenizer *tokenizer, const char *text, AttuneTokenizeFlags flags,
                const char *expected)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GString) shown = g_string_new (NULL);

  attune_tokenizer_encode (tokenizer, text, -1, flags, ids);
  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (shown, "%s%d", i > 0 ? " " : "", g_array_index (ids, gint32, i));
  g_assert_cmpstr (shown->str, ==, expected);
}

static void
test_special (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTokenizer) tokenizer = attune_tokenizer_new (&small, &error);
  const gint32 ids[] = { 6, 5, 7, 8, 3, 0, 99, -1 };
  g_autofree char *plain = NULL, *with_special = NULL;

  g_assert_no_error (error);
  assert_encodes (tokenizer, "abcab a", ATTUNE_TOKENIZE_PLAIN, "5 4 3 0");
  assert_encodes (tokenizer, "ab<s>c", ATTUNE_TOKENIZE_SPECIAL, "4 6 2");
  assert_encodes (tokenizer, "ab<s>c", ATTUNE_TOKENIZE_PLAIN,
                  "4 2"); /* "<", "s", ">" are no bytes of this vocabulary */
  assert_encodes (tokenizer, "<s><s><s>", ATTUNE_TOKENIZE_SPECIAL, "9 6"); /* the longest wins */
  assert_encodes (tokenizer, "a<tool>b", ATTUNE_TOKENIZE_PLAIN,
                  "0 7 1"); /* added, but nobody's secret */
  assert_encodes (tokenizer, "<s", ATTUNE_TOKENIZE_SPECIAL, "");
  assert_encodes (tokenizer, "", ATTUNE_TOKENIZE_SPECIAL, "");

  plain = attune_tokenizer_decode (tokenizer, ids, G_N_ELEMENTS (ids), FALSE);
  with_special = attune_tokenizer_decode (tokenizer, ids, G_N_ELEMENTS (ids), TRUE);
  g_assert_cmpstr (plain, ==, "abc<tool> a");
  g_assert_cmpstr (with_special, ==, "<s>abc<tool><unk> a");
  g_assert_cmpint (attune_tokenizer_find (tokenizer, "<s>"), ==, 6);
  g_assert_cmpint (attune_tokenizer_find (tokenizer, "<t>"), ==, -1);
  g_assert_cmpint (attune_tokenizer_get_bos (tokenizer), ==, 6);
  g_assert_cmpint (attune_tokenizer_get_eos (tokenizer), ==, -1);
  g_assert_cmpstr (attune_tokenizer_get_vocabulary (tokenizer)->merges[1], ==, "ab c");
}

static void
assert_refused (AttuneVocabulary vocabulary, AttuneTextError code, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTokenizer) tokenizer = attune_tokenizer_new (&vocabulary, &error);

  g_assert_null (tokenizer);
  g_assert_error (error, ATTUNE_TEXT_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, word));
}

static void
test_refusals (void)
{
  static const char *const no_bytes[] = { "word", "another" };
  static const char *const bad_merges[][1]
      = { { "a" }, { "a x" }, { "a c" }, { " b" }, { "a " }, { "" } };
  AttuneVocabulary vocabulary = small;

  vocabulary.model = "bert";
  assert_refused (vocabulary, ATTUNE_TEXT_ERROR_UNSUPPORTED, "bert");
  vocabulary.model = "t5";
  assert_refused (vocabulary, ATTUNE_TEXT_ERROR_VOCABULARY, "scores");
  vocabulary.model = "llama";
  vocabulary.n_merges = 0;
  assert_refused (vocabulary, ATTUNE_TEXT_ERROR_VOCABULARY, "scores");
  vocabulary = small;
  vocabulary.n_tokens = 10000000;
  assert_refused (vocabulary, ATTUNE_TEXT_ERROR_VOCABULARY, "10000000");
  vocabulary = small;
  vocabulary.pre = "klingon";
  assert_refused (vocabulary, ATTUNE_TEXT_ERROR_UNSUPPORTED, "klingon");
  vocabulary = small;
  vocabulary.tokens = no_bytes;
  vocabulary.n_tokens = 2;
  vocabulary.n_merges = 0;
  assert_refused (vocabulary, ATTUNE_TEXT_ERROR_VOCABULARY, "byte");
  for (guint i = 0; i < G_N_ELEMENTS (bad_merges); i++)
    {
      vocabulary = small;
      vocabulary.merges = bad_merges[i];
      vocabulary.n_merges = 1;
      assert_refused (vocabulary, ATTUNE_TEXT_ERROR_VOCABULARY, "merge 1");
    }
}

static void
test_decode_invalid (void)
{
  g_autoptr (AttuneModel) model = golden_tiny_model ();
  const AttuneTokenizer *tokenizer = attune_model_get_tokenizer (model);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autofree char *text = NULL;

  attune_tokenizer_encode (tokenizer, "a\xe2\x82z", -1, ATTUNE_TOKENIZE_PLAIN, ids);
  text
      = attune_tokenizer_decode (tokenizer, (const gint32 *) (gpointer) ids->data, ids->len, FALSE);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_true (g_str_has_prefix (text, "a\xef\xbf\xbd"));
  g_assert_true (g_str_has_suffix (text, "z"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/tokenizer/tiny", test_tiny);
  g_test_add_func ("/text/tokenizer/smollm2", test_smollm2);
  g_test_add_func ("/text/tokenizer/round-trip", test_round_trip);
  g_test_add_func ("/text/tokenizer/long-word", test_long_word);
  g_test_add_func ("/text/tokenizer/short-equals-long", test_short_equals_long);
  g_test_add_func ("/text/tokenizer/threads", test_threads);
  g_test_add_func ("/text/tokenizer/special", test_special);
  g_test_add_func ("/text/tokenizer/refusals", test_refusals);
  g_test_add_func ("/text/tokenizer/decode-invalid", test_decode_invalid);
  return g_test_run ();
}
