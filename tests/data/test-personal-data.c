/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Personal data: how much of a labelled set is found, and what is found that is none.
 */
#include "data/personal-set.h"

#include "data/span-finder.h"

#define N 20000

static GArray *
find (const char *text)
{
  return attune_personal_find (text, ATTUNE_PERSONAL_ALL);
}

static const char *
get_name (guint kind)
{
  return attune_personal_kind_get_name (kind);
}

static void
test_set (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  SpanScore scores[ATTUNE_N_PERSONAL] = { 0 };

  for (guint i = 0; i < N; i++)
    {
      g_auto (LabelledText) labelled = { 0 };

      labelled_text_init (&labelled, rand, i);
      span_score (find, labelled.text, labelled.spans, scores);
    }
  span_check (scores, ATTUNE_N_PERSONAL, get_name, 0.97);
}

static void
test_sample (void)
{
  span_check_sample (find);
}

static void
test_hostile (void)
{
  static const char *const patterns[]
      = { "1", "1 ", "A", "+", "a.", "(1", "1:", "@", "Mr. ", "AA11 " };

  span_check_hostile (find, patterns, G_N_ELEMENTS (patterns));
}

static void
test_mask (void)
{
  const char *text = "Frau Müller (geb. 3.4.1962) schrieb an a@b.org, nicht an C.";
  g_autoptr (GArray) all = attune_personal_find (text, ATTUNE_PERSONAL_ALL),
                     names = attune_personal_find (text, 1u << ATTUNE_PERSONAL_NAME),
                     none = attune_personal_find (text, 0);
  g_autofree char *masked = attune_personal_mask (text, all),
                  *without_name = attune_personal_mask (text, names),
                  *same = attune_personal_mask (text, none);

  g_assert_cmpstr (masked, ==,
                   "Frau [NAME] (geb. [DATE OF BIRTH]) schrieb an [E-MAIL], nicht an C.");
  g_assert_cmpstr (without_name, ==, "Frau [NAME] (geb. 3.4.1962) schrieb an a@b.org, nicht an C.");
  g_assert_cmpstr (same, ==, text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/personal-data/set", test_set);
  g_test_add_func ("/data/personal-data/sample", test_sample);
  g_test_add_func ("/data/personal-data/hostile", test_hostile);
  g_test_add_func ("/data/personal-data/mask", test_mask);
  return g_test_run ();
}
