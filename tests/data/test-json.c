/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON and JSONL: the shapes in use, and that a broken object is told and harms no other.
 */
#include "data/json-private.h"
#include "data/rows.h"

#define NO_OBJECT "! It is not a whole JSON object.\n"

static void
test_lines (void)
{
  rows_assert ("a.jsonl",
               "{\"question\": \"a\", \"answer\": \"b\"}\n"
               "\n"
               "{\"question\": \"c\", \"answer\": \"d\"\n"
               "   \t\r\n"
               "[1, 2]\n"
               "{\"answer\": \"f \\u00e4\\n\", \"question\": \"e\", \"other\": 1}\r\n"
               "null\n"
               "{\"question\": \"g\"}",
               -1,
               "1: [a] [b]\n3" NO_OBJECT "5" NO_OBJECT "6: [e] [f ä\n]\n7" NO_OBJECT "8: [g]\n");
}

static void
test_bad_bytes (void)
{
  const char nul[] = "{\"question\": \"a\", \"answer\": \"bäö\"}\n" /* so it is UTF-8 */
                     "{\"question\": \"a\", \"answer\": \"c\"}\0 tail\n"
                     "\0\n"
                     "{\"question\": \"a\", \"answer\": \"d\xff\"}\n";

  rows_assert ("a.jsonl", nul, sizeof nul - 1,
               "1: [a] [bäö]\n2! It holds NUL bytes, which no text has.\n"
               "3! It holds NUL bytes, which no text has.\n"
               "4! It holds bytes that are no characters in UTF-8.\n");
}

static void
test_array (void)
{
  rows_assert ("a.json",
               "[\n  {\"question\": \"a {\\\" }\", \"answer\": \"b\"},\n"
               "  {\n    \"question\": \"c\",\n    \"answer\": \"d\"\n  },{\"question\": \"e\", "
               "\"answer\": \"f\"}\n]\n",
               -1, "2: [a {\" }] [b]\n3: [c] [d]\n6: [e] [f]\n");
  /* without a telling name, by the first character */
  rows_assert ("a.txt", "\xef\xbb\xbf [{\"question\": \"a\", \"answer\": \"b\"}]", -1,
               "1: [a] [b]\n");
  rows_assert ("a.txt", "{\"question\": \"a\", \"answer\": \"b\"}\n", -1, "1: [a] [b]\n");
}

/* A quote or brace never closed. */
static void
test_broken_array (void)
{
  rows_assert ("a.json",
               "[{\"question\": \"a\", \"answer\": \"b},\n"
               "{\"question\": \"c\", \"answer\": \"d\"},\n"
               "{\"question\": e, \"answer\": \"f\"},\n"
               "{\"question\": \"g\", \"answer\": \"h\"}]",
               -1, "1" NO_OBJECT "2: [c] [d]\n3" NO_OBJECT "4: [g] [h]\n");
  rows_assert ("a.json",
               "[\n {\n  \"question\": \"a,\n  \"answer\": \"b\"\n },\n"
               " {\n  \"question\": \"c\",\n  \"answer\": \"d\"\n }\n]",
               -1, "2" NO_OBJECT "6: [c] [d]\n");
  rows_assert ("a.json", "[{\"question\": \"a\", \"answer\": \"b\"}, {\"question\": \"c\", \"an",
               -1, "1: [a] [b]\n1" NO_OBJECT);
}

static void
test_values (void)
{
  rows_assert ("a.jsonl",
               "{\"question\": {\"text\": \"a\", \"n\": [1, null]}, \"answer\": 42}\n"
               "{\"question\": null, \"answer\": true}\n"
               "{\"question\": [], \"answer\": 0.5}\n",
               -1, "1: [{\"text\":\"a\",\"n\":[1,null]}] [42]\n2: [] [true]\n3: [[]] [0.5]\n");
}

static void
test_alpaca (void)
{
  rows_assert ("a.json",
               "[{\"instruction\": \"Sort.\", \"input\": \"c, a\", \"output\": \"a, c\"},\n"
               "{\"instruction\": \"Say hi.\", \"input\": \"\", \"output\": \"hi\"},\n"
               "{\"instruction\": \"Go.\", \"output\": \"gone\"}]\n",
               -1, "1: [Sort.\n\nc, a] [a, c]\n2: [Say hi.] [hi]\n3: [Go.] [gone]\n");
}

static void
test_messages (void)
{
  rows_assert (
      "a.jsonl",
      "{\"messages\": [{\"role\": \"system\", \"content\": \"s\"}, {\"role\": \"user\", "
      "\"content\": \"a\"}, {\"role\": \"assistant\", \"content\": \"b\"}]}\n"
      "{\"messages\": [{\"role\": \"user\", \"content\": \"c\"}, {\"role\": \"assistant\", "
      "\"content\": \"d\"}], \"topic\": \"t\"}\n"
      "{\"messages\": [{\"role\": \"user\", \"content\": \"e\"}, {\"role\": \"assistant\", "
      "\"content\": \"f\"}, {\"role\": \"user\", \"content\": \"g\"}]}\n"
      "{\"messages\": [{\"role\": \"tool\", \"content\": \"e\"}]}\n"
      "{\"messages\": [{\"role\": \"user\"}]}\n"
      "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\"}]}]}\n"
      "{\"messages\": [1]}\n",
      -1,
      "1: [a] [b] [s]\n2: [c] [d] [t]\n"
      "3! It has more than one question; only one question with one answer is read.\n"
      "4! A message of its conversation has a role that is not system, user or assistant.\n"
      "5! A message of its conversation has no role or no text.\n"
      "6! A message of its conversation has no role or no text.\n"
      "7! Its conversation holds something that is no message.\n");
}

static void
test_share_gpt (void)
{
  rows_assert ("a.json",
               "[{\"id\": \"1\", \"conversations\": [{\"from\": \"human\", \"value\": \"a\"}, "
               "{\"from\": \"gpt\", \"value\": \"b\"}]},\n"
               "{\"id\": \"2\", \"conversations\": [{\"from\": \"human\", \"value\": \"a\"}, "
               "{\"from\": \"gpt\", \"value\": \"b\"}, {\"from\": \"gpt\", \"value\": \"c\"}]}]",
               -1,
               "1: [a] [b]\n"
               "2! It has more than one answer; only one question with one answer is read.\n");
}

/* What would fill the memory or the stack. */
static void
test_hostile (void)
{
  g_autofree char *filler = g_strnfill (5u << 20, 'x'), *deep = g_strnfill (300000, '[');
  g_autofree char *braces = g_strnfill (300000, '{');
  g_autofree char *content
      = g_strconcat ("{\"question\": \"a\", \"answer\": \"b\"}\n", "{\"question\": \"", filler,
                     "\", \"answer\": \"b\"}\n", "{\"question\": ", deep, "\n",
                     "{\"question\": \"c\", \"answer\": \"d\"}\n", NULL);
  g_autofree char *array
      = g_strconcat ("[{\"question\": \"a\", \"answer\": \"b\"},\n", braces, NULL);

  rows_assert ("a.jsonl", content, -1,
               "1: [a] [b]\n2! It is longer than four million characters.\n3" NO_OBJECT
               "4: [c] [d]\n");
  rows_assert ("a.json", array, -1, "1: [a] [b]\n2" NO_OBJECT);
}

static void
test_refused (void)
{
  rows_assert_refused ("a.jsonl", "nothing\nof the kind\n", -1, ATTUNE_DATA_ERROR_FORMAT,
                       "no JSON object");
  rows_assert_refused ("a.json", "[]", -1, ATTUNE_DATA_ERROR_FORMAT, "no JSON object");
  rows_assert_refused ("a.json", "[{\"question\": \"a", -1, ATTUNE_DATA_ERROR_FORMAT,
                       "no JSON object");
  rows_assert_refused ("a.jsonl", "{\"only\": \"one\"}\n", -1, ATTUNE_DATA_ERROR_COLUMNS,
                       "Say which one does");
}

static char *
show (GHashTable *texts)
{
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (texts), (GCompareFunc) strcmp);
  GString *shown = g_string_new (NULL);

  for (GList *l = names; l != NULL; l = l->next)
    g_string_append_printf (shown, "%s=[%s] ", (char *) l->data,
                            (char *) g_hash_table_lookup (texts, l->data));
  return g_string_free (shown, FALSE);
}

/* Plain objects are read by a way of their own: to the same texts as the parser reads them to, and
 * whatever is not plain is left to it. */
static void
test_flat (void)
{
  static const struct
  {
    const char *text;
    gboolean flat;
  } cases[] = {
    { "{\"a\": \"b\"}", TRUE },
    { " {\"a\":\"b\",\n\t\"c\" : \"d\" } \r\n", TRUE },
    { "{\"a\": \"\", \"\": \"x\"}", TRUE },
    { "{\"a\": \"q\\\"w\\\\e\\/r\\b\\f\\n\\r\\t\\u00e4\\u20AC\"}", TRUE },
    { "{\"a\": \"\\ud83d\\ude00 \\uD83D\\uDE00\", \"\\u00e4\": \"ä😀\"}", TRUE },
    { "{\"a\": 12, \"b\": 0, \"c\": true, \"d\": false, \"e\": null}", TRUE },
    { "{\"a\": \"first\", \"a\": \"second\"}", TRUE },
    { "{\"instruction\": \"a\", \"input\": \"b\", \"output\": \"c\"}", TRUE },
    { "{\"a\": 1.50}", FALSE },
    { "{\"a\": -1}", FALSE },
    { "{\"a\": 1e3}", FALSE },
    { "{\"a\": 123456789012345678901}", FALSE },
    { "{\"a\": [1, 2], \"b\": {\"c\": \"d\"}}", FALSE },
    { "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}", FALSE },
    { "{\"a\": \"\\ud83d\"}", FALSE },
    { "{\"a\": \"\\u0000\"}", FALSE },
    { "{\"a\": \"\\x\"}", FALSE },
    { "{\"a\": \"b\nc\"}", FALSE },
    { "{\"a\": \"b\",}", FALSE },
    { "{\"a\": \"b\"} x", FALSE },
    { "{\"a\" \"b\"}", FALSE },
    { "{\"a\": \"b\\", FALSE },
    { "{\"a\": tru}", FALSE },
    { "{}", FALSE },
    { "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *text = cases[i].text;
      g_autoptr (GHashTable) flat = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_autoptr (GHashTable) fast = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_autoptr (GHashTable) slow = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_autoptr (GPtrArray) order = g_ptr_array_new_with_free_func (g_free);
      const char *fault = attune_json_read_object (text, strlen (text), FALSE, fast, NULL);
      const char *expected = attune_json_read_object (text, strlen (text), FALSE, slow, order);
      g_autofree char *a = show (fast), *b = show (slow);

      g_test_message ("%s", text);
      g_assert_cmpint (attune_json_read_flat (text, strlen (text), flat), ==, cases[i].flat);
      g_assert_cmpstr (fault, ==, expected);
      if (fault == NULL)
        g_assert_cmpstr (a, ==, b);
    }
}

/* A pair's earlier turns are not dropped without a word. */
static void
test_pair_turns (void)
{
#define TURN(role, text) "{\"role\": \"" role "\", \"content\": \"" text "\"}"
  static const struct
  {
    const char *text;
    gboolean good;
  } cases[] = {
    { "{\"prompt\": [" TURN ("system", "s") ", " TURN ("user", "a") "], \"chosen\": \"b\"}", TRUE },
    { "{\"prompt\": [" TURN ("user", "a") ", " TURN ("assistant", "b") ", " TURN (
          "user", "c") "], \"chosen\": \"d\"}",
      FALSE },
    { "{\"prompt\": [" TURN ("user", "a") ", " TURN ("assistant", "b") "], \"chosen\": \"d\"}",
      FALSE },
    { "{\"chosen\": [" TURN ("user", "a") ", " TURN ("assistant", "b") "]}", TRUE },
    { "{\"chosen\": [" TURN ("user", "a") ", " TURN ("assistant", "b") ", " TURN (
          "user", "c") ", " TURN ("assistant", "d") "]}",
      FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GHashTable) out = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      const char *fault
          = attune_json_read_object (cases[i].text, strlen (cases[i].text), FALSE, out, NULL);

      g_test_message ("%s", cases[i].text);
      g_assert_cmpstr (fault, ==,
                       cases[i].good ? NULL
                                     : "It has more than one question; only one question with one "
                                       "answer is read.");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/json/lines", test_lines);
  g_test_add_func ("/data/json/bad-bytes", test_bad_bytes);
  g_test_add_func ("/data/json/array", test_array);
  g_test_add_func ("/data/json/broken-array", test_broken_array);
  g_test_add_func ("/data/json/values", test_values);
  g_test_add_func ("/data/json/alpaca", test_alpaca);
  g_test_add_func ("/data/json/messages", test_messages);
  g_test_add_func ("/data/json/share-gpt", test_share_gpt);
  g_test_add_func ("/data/json/hostile", test_hostile);
  g_test_add_func ("/data/json/refused", test_refused);
  g_test_add_func ("/data/json/flat", test_flat);
  g_test_add_func ("/data/json/pair-turns", test_pair_turns);
  return g_test_run ();
}
