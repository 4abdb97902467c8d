/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where each named way of cutting cuts, against the regular expressions that the models' own files
 * have for it (tests/golden/cuts.json), and expressions that are not known or made to take forever.
 */
#include "golden.h"
#include "text/character.h"
#include "text/pretokenize.h"

#include <string.h>

typedef struct
{
  const char *text;
  GArray *ends;
} Cut;

static void
note (const char *word, gsize length, gpointer data)
{
  Cut *cut = data;
  const gsize end = (gsize) (word - cut->text) + length;

  g_array_append_val (cut->ends, end);
}

static GArray *
cut (const AttunePretokenizer *pretokenizer, const char *text, gsize length)
{
  Cut cut = { text, g_array_new (FALSE, FALSE, sizeof (gsize)) };

  attune_pretokenize (pretokenizer, text, length, note, &cut);
  return cut.ends;
}

static void
check_text (const AttunePretokenizer *pretokenizer, const char *name, const char *text,
            JsonArray *expected)
{
  g_autoptr (GArray) ends = cut (pretokenizer, text, strlen (text));

  if (ends->len != json_array_get_length (expected))
    g_error ("%s: “%s”: %u pieces, not %u", name, text, ends->len,
             json_array_get_length (expected));
  for (guint i = 0; i < ends->len; i++)
    if (g_array_index (ends, gsize, i) != (gsize) json_array_get_int_element (expected, i))
      g_error ("%s: “%s”: piece %u ends at %u, not %d", name, text, i,
               (guint) g_array_index (ends, gsize, i),
               (int) json_array_get_int_element (expected, i));
}

static void
test_names (void)
{
  g_autoptr (JsonParser) parser = golden_load ("cuts.json");
  JsonArray *texts = json_object_get_array_member (golden_root (parser), "texts");
  JsonObject *cuts = json_object_get_object_member (golden_root (parser), "cuts");
  g_autoptr (GList) names = json_object_get_members (cuts);

  g_assert_cmpuint (g_list_length (names), >=, 20);
  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autoptr (AttunePretokenizer) pretokenizer = attune_pretokenizer_new (l->data);
      JsonArray *expected = json_object_get_array_member (cuts, l->data);

      g_assert_nonnull (pretokenizer);
      for (guint i = 0; i < json_array_get_length (texts); i++)
        check_text (pretokenizer, l->data, json_array_get_string_element (texts, i),
                    json_array_get_array_element (expected, i));
    }
  g_assert_null (attune_pretokenizer_new ("klingon"));
}

/* Bytes that are no UTF-8 lose nothing: the pieces are the text, whatever it is. */
static void
test_bytes (void)
{
  static const char *const names[] = { "llama-bpe", "gpt-4o",  "deepseek-v3", "deepseek-llm",
                                       "falcon",    "default", "bloom",       "tiny_aya" };
  g_autoptr (GRand) rand = g_rand_new_with_seed (23);

  for (int round = 0; round < 2000; round++)
    {
      g_autoptr (AttunePretokenizer) pretokenizer
          = attune_pretokenizer_new (names[round % (int) G_N_ELEMENTS (names)]);
      const gsize length = (gsize) g_rand_int_range (rand, 1, 40);
      g_autofree char *text = g_malloc (length); /* no NUL at its end: reading on is seen */
      g_autoptr (GArray) ends = NULL;

      for (gsize i = 0; i < length; i++)
        text[i] = (char) g_rand_int_range (rand, 0, round % 2 ? 256 : 128);
      ends = cut (pretokenizer, text, length);
      g_assert_cmpuint (g_array_index (ends, gsize, ends->len - 1), ==, length);
    }
}

static void
test_hostile (void)
{
  g_autoptr (AttunePretokenizer) slow = attune_pretokenizer_new_empty ();
  g_autoptr (AttunePretokenizer) other = attune_pretokenizer_new_empty ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strnfill (5000, 'a');
  const gint64 start = g_get_monotonic_time ();
  g_autoptr (GArray) ends = NULL;

  /* takes 2^5000 steps where it is followed to its end */
  g_assert_true (attune_pretokenizer_add_pattern (slow, "(a+)+$|(a|aa)+b", ATTUNE_CUT_ISOLATED,
                                                  FALSE, &error));
  text[4999] = '!';
  ends = cut (slow, text, 5000);
  g_assert_cmpuint (g_array_index (ends, gsize, ends->len - 1), ==, 5000);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);

  g_assert_false (attune_pretokenizer_add_pattern (other, "(", ATTUNE_CUT_ISOLATED, FALSE, &error));
  g_assert_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  g_assert_false (attune_pretokenizer_add_pattern (other, "[\\p{L}&&[^a]]", ATTUNE_CUT_ISOLATED,
                                                   FALSE, &error));
  g_assert_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_UNSUPPORTED);
}

/* An expression from a tokenizer.json that is known leads to the name that GGUF has for it. */
static void
test_patterns (void)
{
  static const struct
  {
    const char *pattern, *name;
  } cases[] = {
    { "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1}| "
      "?[^\\s\\p{L}\\p{N}\\r\\n]+|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      "seed-coder" },
    { "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| "
      "?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      "stablelm2" },
    { "\\p{N}{1}", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AttunePretokenizer) pretokenizer = attune_pretokenizer_new_empty ();
      g_autoptr (GError) error = NULL;

      attune_pretokenizer_add_pattern (pretokenizer, cases[i].pattern, ATTUNE_CUT_ISOLATED, FALSE,
                                       &error);
      g_assert_no_error (error);
      g_assert_cmpstr (attune_pretokenizer_get_name (pretokenizer, FALSE), ==, cases[i].name);
    }
}

/* Two kinds of regular expressions differ in what is a letter of a word. */
static void
test_word_letters (void)
{
  static const char *const both[] = { "a", "é", "7", "_", "٣", "ª", "ⅷ", "\xcc\x81" };
  static const char *const onig[] = { "²", "³", "¹", "¼", "½", "¾" };
  static const char *const neither[] = { " ", "-", "₂", "①", "€" };

  for (guint i = 0; i < G_N_ELEMENTS (both); i++)
    {
      g_assert_true (attune_character_is_word (g_utf8_get_char (both[i])));
      g_assert_true (attune_character_is_onig_word (g_utf8_get_char (both[i])));
    }
  for (guint i = 0; i < G_N_ELEMENTS (onig); i++)
    {
      g_assert_false (attune_character_is_word (g_utf8_get_char (onig[i])));
      g_assert_true (attune_character_is_onig_word (g_utf8_get_char (onig[i])));
    }
  for (guint i = 0; i < G_N_ELEMENTS (neither); i++)
    {
      g_assert_false (attune_character_is_word (g_utf8_get_char (neither[i])));
      g_assert_false (attune_character_is_onig_word (g_utf8_get_char (neither[i])));
    }
  g_assert_true (attune_character_is_word (0x200d)); /* joins emoji */
  g_assert_false (attune_character_is_onig_word (0x200d));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/cuts/names", test_names);
  g_test_add_func ("/text/cuts/bytes", test_bytes);
  g_test_add_func ("/text/cuts/hostile", test_hostile);
  g_test_add_func ("/text/cuts/patterns", test_patterns);
  g_test_add_func ("/text/cuts/word-letters", test_word_letters);
  return g_test_run ();
}
