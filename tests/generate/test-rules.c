/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rules that give answers rewards: words, numbers, lengths and forms.
 */
#include "generate/rules.h"

#include "plan/estimate.h"

#include <string.h>

static void
test_rules (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  g_autoptr (AttuneRules) rules = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpfloat (attune_rule_answer (ATTUNE_ANSWER_EXACT, "Twice  daily.", "twice daily"), ==,
                     1);
  g_assert_cmpfloat (attune_rule_answer (ATTUNE_ANSWER_EXACT, "twice", "twice daily"), ==, 0);
  g_assert_cmpfloat (attune_rule_answer (ATTUNE_ANSWER_CONTAINS, "twice", "It is TWICE daily"), ==,
                     1);
  g_assert_cmpfloat (attune_rule_answer (ATTUNE_ANSWER_CONTAINS, "", "all"), ==, 0);
  g_assert_cmpfloat (attune_rule_answer (ATTUNE_ANSWER_NUMBER, "5 mg", "First 3, so 5.0."), ==, 1);
  g_assert_cmpfloat (attune_rule_answer (ATTUNE_ANSWER_NUMBER, "1,250", "about 1250 ml"), ==, 1);
  g_assert_cmpfloat (attune_rule_answer (ATTUNE_ANSWER_NUMBER, "-4", "4"), ==, 0);
  g_assert_cmpfloat (attune_rule_answer (ATTUNE_ANSWER_NUMBER, "4", "none"), ==, 0);
  g_assert_cmpfloat (attune_rule_length ("one two", 2), ==, 1);
  g_assert_cmpfloat (attune_rule_length ("one two three", 2), ==, 0.5);
  g_assert_cmpfloat (attune_rule_length ("one two three four five", 2), ==, 0);
  g_assert_cmpfloat (attune_rule_length (" ", 2), ==, 0);

  g_object_set (plan, "answer-reward", 2.0, "length-reward", 0.5, "length-limit", 2,
                "format-reward", 1.0, "answer-format", "^[A-Z]", NULL);
  rules = attune_rules_new (attune_plan_get_values (plan), &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (attune_rules_get_most (rules), ==, 3.5);
  g_assert_cmpfloat (attune_rules_score (rules, "red", "Red"), ==, 3.5);
  g_assert_cmpfloat (attune_rules_score (rules, "red", "blue"), ==, 0.5);
  g_assert_cmpfloat (attune_rules_score (rules, "red", "a red thing"), ==, 2.25);
  g_assert_cmpfloat (attune_rules_score (rules, "red", "\nRed \n"), ==, 3.5);
  g_clear_pointer (&rules, attune_rules_free);
  g_object_set (plan, "answer-format", "(", NULL);
  g_assert_null (attune_rules_new (attune_plan_get_values (plan), &error));
  g_assert_nonnull (strstr (error->message, "answer-format"));
}

static void
check_rule (AttuneAnswerRule rule, const char *expected, const char *answer, double right)
{
  g_test_message ("“%s” in “%s”", expected, answer);
  g_assert_cmpfloat (attune_rule_answer (rule, expected, answer), ==, right);
}

static void
test_words (void)
{
  const AttuneAnswerRule contains = ATTUNE_ANSWER_CONTAINS;

  check_rule (contains, "no", "I do not know", 0);
  check_rule (contains, "no", "I do not know, so no.", 1);
  check_rule (contains, "5", "about 15", 0);
  check_rule (contains, "5", "0.5 mg", 0);
  check_rule (contains, "5", "It is 5.", 1);
  check_rule (contains, "5", "5, or 6", 1);
  check_rule (contains, "male", "female", 0);
  check_rule (contains, "male", "a (male) patient", 1);
  check_rule (contains, "C++", "It is C++11", 1);
  check_rule (contains, "東京", "それは東京です", 1);
}

static void
test_numbers (void)
{
  static const char *const same[][2] = { { "3,5", "3.5" },
                                         { "1.250,5", "1250.5" },
                                         { "1,250.5", "1250,5" },
                                         { "1,250,000", "1250000" },
                                         { "1.250.000", "1e6 or 1.25e6" },
                                         { "-.5", "-0,5" },
                                         { "\u22124", "-4" },
                                         { "0,125", "0.125" },
                                         { "3", "1,2,3" },
                                         { "4", "3-4" },
                                         { "-4", "it is -4" } };

  for (guint i = 0; i < G_N_ELEMENTS (same); i++)
    check_rule (ATTUNE_ANSWER_NUMBER, same[i][0], same[i][1], 1);
  check_rule (ATTUNE_ANSWER_NUMBER, "3,5", "35", 0);
  check_rule (ATTUNE_ANSWER_NUMBER, ".5", "-.5", 0);
  check_rule (ATTUNE_ANSWER_NUMBER, "1e5", "1 or 5", 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/generate/rules/all", test_rules);
  g_test_add_func ("/generate/rules/words", test_words);
  g_test_add_func ("/generate/rules/numbers", test_numbers);
  return g_test_run ();
}
