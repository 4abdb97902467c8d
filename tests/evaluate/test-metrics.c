/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Token F1 and exact match. The expected values come from the functions of SQuAD 2.0's published
 * evaluation script.
 */
#include "evaluate/evaluate.h"

#include <math.h>

/* clang-format off */
static const struct
{
  const char *expected, *answer;
  double f1;
  gboolean exact;
} cases[] = {
  { "The Norman dynasty", "norman dynasty", 1, TRUE },
  { "Denver Broncos", "The Denver Broncos won", 0.80000000000000004, FALSE },
  { "in the 10th and 11th centuries", "10th and 11th centuries", 0.88888888888888895, FALSE },
  { "U.S.A.", "usa", 1, TRUE },
  { "a cat, a dog and a bird", "A bird and a cat", 0.8571428571428571, FALSE },
  { "the the the", "a", 1, TRUE },
  { "", "an", 1, TRUE },
  { "", "x", 0, FALSE },
  { "yes", "no", 0, FALSE },
  { "$5.00", "500", 1, TRUE },
  { "state-of-the-art", "stateoftheart", 1, TRUE },
  { "state of the art", "state-of-the-art", 0, FALSE },
  { "Athena", "the na", 0, FALSE },
  { "anthem", "an them", 0, FALSE },
  { "  tabs\tand\nlines ", "tabs and lines", 1, TRUE },
  { "Größe", "GRÖSSE", 0, FALSE },
  { "GRÖẞE", "größe", 1, TRUE },
  { "no break space", "no break space", 1, TRUE },
  { "the→cell", "→cell", 1, TRUE },
  { "a→the→b", "→→ b", 0, FALSE },
  { "α-Blocker", "Α blocker", 0, FALSE },
  { "one one two", "one two two", 0.66666666666666663, FALSE },
  { "inflammation of the lining of the stomach", "inflammation of the stomach lining", 0.88888888888888895, FALSE },
  { "the_end", "theend", 1, TRUE },
  { "x the€ y", "x € y", 1, TRUE },
};
/* clang-format on */

static void
test_squad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const double f1 = attune_token_f1 (cases[i].expected, cases[i].answer);

      g_test_message ("“%s” and “%s”", cases[i].expected, cases[i].answer);
      g_assert_cmpfloat (fabs (f1 - cases[i].f1), <, 1e-12);
      /* Both measures are symmetric. */
      g_assert_cmpfloat (attune_token_f1 (cases[i].answer, cases[i].expected), ==, f1);
      g_assert_cmpint (attune_exact_match (cases[i].expected, cases[i].answer), ==, cases[i].exact);
      g_assert_cmpint (attune_exact_match (cases[i].answer, cases[i].expected), ==, cases[i].exact);
    }
}

/* Where the published script, made for English, would count a difference that no reader sees. */
static void
test_unicode (void)
{
  g_assert_true (attune_exact_match ("„Fieber“ – hoch", "Fieber hoch")); /* typographic marks */
  g_assert_true (attune_exact_match ("caf\303\251", "cafe\314\201")); /* composed and decomposed */
  g_assert_true (attune_exact_match ("ÉTÉ", "été"));
  g_assert_true (attune_exact_match ("血压。", "血压"));
  g_assert_false (attune_exact_match ("5 µg", "5 mg"));
}

/* Nothing a model writes may trip it. */
static void
test_invalid (void)
{
  g_assert_cmpfloat (attune_token_f1 ("fever", "\377\376"), ==, 0);
  g_assert_true (attune_exact_match ("\377", "\377"));
  g_assert_true (attune_exact_match ("...", " \n\t"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evaluate/metrics/squad", test_squad);
  g_test_add_func ("/evaluate/metrics/unicode", test_unicode);
  g_test_add_func ("/evaluate/metrics/invalid", test_invalid);
  return g_test_run ();
}
