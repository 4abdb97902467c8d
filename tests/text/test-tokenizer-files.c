/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Small tokenizers of every kind from tokenizer.json and tokenizer.model, against ids of the
 * library tokenizers (tests/golden/tokenizers.json); and files that are damaged or made to harm.
 */
#include "golden.h"
#include "text/tokenizer-json.h"
#include "text/tokenizer-private.h"

#include <string.h>

/* The tokenizer of a case; its file, or bytes of it, in @file. */
static AttuneTokenizer *
make_tokenizer (JsonObject *one, GBytes **file)
{
  g_autoptr (GError) error = NULL;
  AttuneTokenizer *tokenizer;

  if (json_object_has_member (one, "file"))
    {
      const char *text = json_object_get_string_member (one, "file");

      *file = g_bytes_new (text, strlen (text));
      tokenizer = attune_tokenizer_new_from_json (text, strlen (text), NULL, &error);
    }
  else
    {
      gsize length;
      guchar *data = g_base64_decode (json_object_get_string_member (one, "model"), &length);

      *file = g_bytes_new_take (data, length);
      tokenizer = attune_tokenizer_new_from_sentence_piece (data, length, NULL, &error);
    }
  g_assert_no_error (error);
  return tokenizer;
}

/* The ends of tokens go up to the end of the text, and the same ids come with them. */
static void
check_ends (const AttuneTokenizer *tokenizer, const char *text, JsonArray *expected)
{
  const gsize length = strlen (text);
  g_autofree guint8 *marks = g_malloc0 (length + 1);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (gsize));

  memset (marks, 1, length);
  attune_tokenizer_encode_marked (tokenizer, text, marks, length, ids, ends);
  golden_assert_ids (ids, expected, text);
  g_assert_cmpuint (ids->len, ==, ends->len);
  for (guint i = 0; i < ends->len; i++)
    {
      g_assert_cmpuint (g_array_index (ends, gsize, i), <=, length);
      if (i > 0)
        g_assert_cmpuint (g_array_index (ends, gsize, i), >=, g_array_index (ends, gsize, i - 1));
    }
}

static void
test_golden (void)
{
  g_autoptr (JsonParser) parser = golden_load ("tokenizers.json");
  JsonArray *texts = json_object_get_array_member (golden_root (parser), "texts");
  JsonArray *list = json_object_get_array_member (golden_root (parser), "tokenizers");

  g_assert_cmpuint (json_array_get_length (list), >=, 11);
  for (guint k = 0; k < json_array_get_length (list); k++)
    {
      JsonObject *one = json_array_get_object_element (list, k);
      JsonArray *all = json_object_get_array_member (one, "ids");
      g_autoptr (GBytes) file = NULL;
      g_autoptr (AttuneTokenizer) tokenizer = make_tokenizer (one, &file);

      for (guint i = 0; i < json_array_get_length (texts); i++)
        {
          const char *text = json_array_get_string_element (texts, i);
          g_autofree char *where
              = g_strdup_printf ("%s: %s", json_object_get_string_member (one, "name"), text);
          g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));

          attune_tokenizer_encode (tokenizer, text, -1, ATTUNE_TOKENIZE_PLAIN, ids);
          golden_assert_ids (ids, json_array_get_array_element (all, i), where);
          check_ends (tokenizer, text, json_array_get_array_element (all, i));
        }
    }
}

/* SentencePiece's way back: bars are spaces, bytes are bytes, and the prefix is nobody's. */
static void
test_decode (void)
{
  g_autoptr (JsonParser) parser = golden_load ("tokenizers.json");
  JsonArray *list = json_object_get_array_member (golden_root (parser), "tokenizers");
  static const char *const texts[]
      = { "Take 1 tablet", " two  spaces", "caf\xc3\xa9 \xf0\x9f\xa7\xac\n\tx", "<0x41>", "a</s>" };

  for (guint k = 0; k < json_array_get_length (list); k++)
    {
      JsonObject *one = json_array_get_object_element (list, k);
      g_autoptr (GBytes) file = NULL;
      g_autoptr (AttuneTokenizer) tokenizer = NULL;

      /* "first only" has no prefix where a space comes first, and loses that */
      if (!g_str_has_prefix (json_object_get_string_member (one, "name"), "llama")
          || g_str_has_suffix (json_object_get_string_member (one, "name"), "only"))
        continue;
      tokenizer = make_tokenizer (one, &file);
      for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
        {
          g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
          g_autofree char *back = NULL;

          attune_tokenizer_encode (tokenizer, texts[i], -1, ATTUNE_TOKENIZE_PLAIN, ids);
          back = attune_tokenizer_decode (tokenizer, (const gint32 *) (gpointer) ids->data,
                                          ids->len, FALSE);
          g_assert_cmpstr (back, ==, texts[i]);
        }
    }
}

/* What a template wrote becomes control tokens, what people wrote never does. */
static void
test_control (void)
{
  g_autoptr (JsonParser) parser = golden_load ("tokenizers.json");
  JsonArray *list = json_object_get_array_member (golden_root (parser), "tokenizers");
  g_autoptr (GBytes) file = NULL;
  g_autoptr (AttuneTokenizer) tokenizer
      = make_tokenizer (json_array_get_object_element (list, 0), &file);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  const gint32 stop = attune_tokenizer_find (tokenizer, "</s>");

  attune_tokenizer_encode (tokenizer, "a</s>", -1, ATTUNE_TOKENIZE_SPECIAL, ids);
  g_assert_cmpint (g_array_index (ids, gint32, ids->len - 1), ==, stop);
  g_array_set_size (ids, 0);
  attune_tokenizer_encode (tokenizer, "a</s>", -1, ATTUNE_TOKENIZE_PLAIN, ids);
  for (guint i = 0; i < ids->len; i++)
    g_assert_cmpint (g_array_index (ids, gint32, i), !=, stop);
}

static void
try_file (const char *data, gsize length, gboolean json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTokenizer) tokenizer
      = json ? attune_tokenizer_new_from_json (data, length, NULL, &error)
             : attune_tokenizer_new_from_sentence_piece (data, length, NULL, &error);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));

  g_assert_true ((tokenizer == NULL) == (error != NULL));
  if (tokenizer != NULL)
    attune_tokenizer_encode (tokenizer, "a b</s> \xff\xc3(12345", -1, ATTUNE_TOKENIZE_SPECIAL, ids);
}

static void
test_damaged (void)
{
  g_autoptr (JsonParser) parser = golden_load ("tokenizers.json");
  JsonArray *list = json_object_get_array_member (golden_root (parser), "tokenizers");
  g_autoptr (GRand) rand = g_rand_new_with_seed (29);

  for (int round = 0; round < 100; round++)
    {
      JsonObject *one
          = json_array_get_object_element (list, (guint) round % json_array_get_length (list));
      const gboolean json = json_object_has_member (one, "file");
      g_autoptr (GBytes) file = NULL;
      g_autoptr (AttuneTokenizer) tokenizer = make_tokenizer (one, &file);
      gsize length = g_bytes_get_size (file);
      g_autofree char *copy = g_memdup2 (g_bytes_get_data (file, NULL), length);

      if (round % 3 == 0)
        length = (gsize) g_rand_int_range (rand, 0, (int) length);
      for (int k = 0; length > 0 && k < round % 4; k++)
        copy[g_rand_int_range (rand, 0, (int) length)]
            = (char) (round % 2 ? g_rand_int_range (rand, 1, 256)
                                : copy[g_rand_int_range (rand, 0, (int) length)]);
      try_file (copy, length, json);
    }
}

static void
assert_refused (const char *json, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_tokenizer_new_from_json (json, strlen (json), NULL, &error));
  g_assert_nonnull (error);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” does not say “%s”", error->message, words);
}

#define BPE(vocab, merges) "{\"type\":\"BPE\",\"vocab\":" vocab ",\"merges\":" merges "}"

static void
test_refusals (void)
{
  assert_refused ("", "");
  assert_refused ("[]", "cannot be read");
  assert_refused ("{}", "cannot be read");
  assert_refused ("{\"model\":{\"type\":\"WordPiece\",\"vocab\":{}}}", "WordPiece");
  assert_refused ("{\"model\":" BPE ("{}", "[]") "}", "no tokens");
  assert_refused ("{\"model\":" BPE ("[]", "[]") "}", "vocab");
  assert_refused ("{\"model\":" BPE ("{\"a\":0}", "[[\"a\"]]") "}", "merges");
  assert_refused ("{\"model\":" BPE ("{\"a\":10000000}", "[]") "}", "10000000");
  assert_refused ("{\"model\":" BPE ("{\"a\":-1}", "[]") "}", "-1");
  assert_refused (
      "{\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},\"model\":" BPE ("{\"a\":0}", "[]") "}",
      "BertPreTokenizer");
  assert_refused ("{\"normalizer\":{\"type\":\"Nmt\"},\"model\":" BPE ("{\"a\":0}", "[]") "}",
                  "Nmt");
  assert_refused ("{\"model\":{\"type\":\"Unigram\",\"unk_id\":7,\"vocab\":[[\"a\",-1.0]]}}",
                  "unk_id");
  assert_refused ("{\"added_tokens\":[{\"id\":0}],\"model\":" BPE ("{\"a\":0}", "[]") "}",
                  "added tokens");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/tokenizer-files/golden", test_golden);
  g_test_add_func ("/text/tokenizer-files/decode", test_decode);
  g_test_add_func ("/text/tokenizer-files/control", test_control);
  g_test_add_func ("/text/tokenizer-files/damaged", test_damaged);
  g_test_add_func ("/text/tokenizer-files/refusals", test_refusals);
  return g_test_run ();
}
