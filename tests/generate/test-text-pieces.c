/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes that come in any portions make the same text, and no piece ends inside a character.
 */
#include "generate/text-pieces.h"

#include <string.h>

/* Feeds @bytes in portions of @step; returns what was handed out. */
static char *
feed (const char *bytes, gsize n, gsize step)
{
  g_autoptr (GString) pending = g_string_new (NULL);
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < n; i += step)
    {
      g_autofree char *piece = NULL;

      g_string_append_len (pending, bytes + i, MIN (step, n - i));
      piece = attune_text_pieces_take (pending, i + step >= n);
      g_assert_true (g_utf8_validate (piece, -1, NULL));
      g_string_append (text, piece);
    }
  g_assert_cmpuint (pending->len, ==, 0);
  return g_string_free_and_steal (text);
}

static void
test_portions (void)
{
  static const struct
  {
    const char *bytes, *expected;
  } cases[] = {
    { "", "" },
    { "plain", "plain" },
    { "Bluthochdruck: \302\265g, \342\202\254 und \360\237\251\272!",
      "Bluthochdruck: µg, € und 🩺!" },
    { "a\377b", "a\357\277\275b" },                             /* never part of a character */
    { "\342\202", "\357\277\275\357\277\275" },                 /* unfinished at the end */
    { "\342\202x", "\357\277\275\357\277\275x" },               /* broken off by a letter */
    { "\300\200", "\357\277\275\357\277\275" },                 /* overlong */
    { "\355\240\200", "\357\277\275\357\277\275\357\277\275" }, /* half a surrogate pair */
    { "\360\237\251\272\360\237", "🩺\357\277\275\357\277\275" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize step = 1; step <= 5; step++)
      {
        g_autofree char *text = feed (cases[i].bytes, strlen (cases[i].bytes), step);

        g_assert_cmpstr (text, ==, cases[i].expected);
      }
}

static void
test_nul (void)
{
  g_autofree char *text = feed ("a\0b", 3, 1);

  g_assert_cmpstr (text, ==, "a\357\277\275b");
}

static void
test_waits (void)
{
  g_autoptr (GString) pending = g_string_new ("x\360\237");
  g_autofree char *first = attune_text_pieces_take (pending, FALSE), *second = NULL;

  g_assert_cmpstr (first, ==, "x");
  g_assert_cmpuint (pending->len, ==, 2);
  g_string_append (pending, "\251\272");
  second = attune_text_pieces_take (pending, FALSE);
  g_assert_cmpstr (second, ==, "🩺");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/generate/text-pieces/portions", test_portions);
  g_test_add_func ("/generate/text-pieces/nul", test_nul);
  g_test_add_func ("/generate/text-pieces/waits", test_waits);
  return g_test_run ();
}
