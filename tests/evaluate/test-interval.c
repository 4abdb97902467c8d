/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Intervals against the tables of Newcombe, Statistics in Medicine 17 (1998), 857–872, and against
 * numbers computed by hand.
 */
#include "evaluate/interval.h"

#include <math.h>

static void
test_wilson (void)
{
  /* Newcombe's table I, method 3: four decimals */
  static const struct
  {
    double successes, n, lo, hi;
  } table[] = {
    { 81, 263, 0.2553, 0.3662 },
    { 15, 148, 0.0624, 0.1605 },
    { 0, 20, 0.0000, 0.1611 },
    { 1, 29, 0.0061, 0.1718 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const AttuneInterval a = attune_wilson_interval (table[i].successes, table[i].n);
      /* what holds for a share holds for its opposite */
      const AttuneInterval b = attune_wilson_interval (table[i].n - table[i].successes, table[i].n);

      g_assert_cmpfloat_with_epsilon (a.value, table[i].successes / table[i].n, 1e-12);
      g_assert_cmpfloat_with_epsilon (a.lo, table[i].lo, 5.1e-5);
      g_assert_cmpfloat_with_epsilon (a.hi, table[i].hi, 5.1e-5);
      g_assert_cmpfloat_with_epsilon (b.lo, 1 - a.hi, 1e-12);
      g_assert_cmpfloat_with_epsilon (b.hi, 1 - a.lo, 1e-12);
    }
}

static void
test_ends (void)
{
  const AttuneInterval none = attune_wilson_interval (0, 0), all = attune_wilson_interval (7, 7);

  g_assert_true (isnan (none.value));
  g_assert_cmpfloat (none.lo, ==, 0);
  g_assert_cmpfloat (none.hi, ==, 1);
  g_assert_cmpfloat (all.hi, ==, 1);
  g_assert_cmpfloat (all.lo, <, 1);
  for (int n = 1; n < 200; n++)
    for (int k = 0; k <= 2 * n; k++)
      {
        const AttuneInterval i = attune_wilson_interval (k / 2.0, n);

        g_assert_true (0 <= i.lo && i.lo <= i.value && i.value <= i.hi && i.hi <= 1);
      }
}

static void
test_win_rate (void)
{
  const AttuneInterval clear = attune_win_rate (34, 16, 0), ties = attune_win_rate (0, 0, 10);
  const AttuneInterval mixed = attune_win_rate (3, 1, 6), whole = attune_wilson_interval (6, 10);

  g_assert_cmpfloat_with_epsilon (clear.value, 0.68, 1e-12);
  g_assert_cmpfloat_with_epsilon (clear.lo, 0.5419,
                                  5e-5); /* by hand: (68+3.8415/2 ∓ …)/(50+3.84) */
  g_assert_cmpfloat_with_epsilon (clear.hi, 0.7924, 5e-5);
  g_assert_cmpfloat (ties.value, ==, 0.5);
  g_assert_cmpfloat (mixed.value, ==, 0.6); /* 3 and six halves */
  g_assert_cmpfloat (mixed.lo, ==, whole.lo);
}

static void
test_difference (void)
{
  const double before[] = { 0.1, 0.2, 0.3, 0.4 }, after[] = { 0.3, 0.2, 0.5, 0.8 };
  const AttuneInterval d = attune_paired_difference (before, after, 4);
  const AttuneInterval one = attune_paired_difference (before, after, 1);
  const AttuneInterval none = attune_paired_difference (NULL, NULL, 0);

  /* differences 0.2, 0, 0.2, 0.4: mean 0.2, variance 0.08 / 3 */
  g_assert_cmpfloat_with_epsilon (d.value, 0.2, 1e-12);
  g_assert_cmpfloat_with_epsilon (d.hi - d.value, 1.959964 * sqrt (0.08 / 3 / 4), 1e-6);
  g_assert_cmpfloat_with_epsilon (d.value - d.lo, d.hi - d.value, 1e-12);
  g_assert_cmpfloat_with_epsilon (one.value, 0.2, 1e-12);
  g_assert_cmpfloat (one.lo, ==, -1);
  g_assert_true (isnan (none.value));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evaluate/interval/wilson", test_wilson);
  g_test_add_func ("/evaluate/interval/ends", test_ends);
  g_test_add_func ("/evaluate/interval/win-rate", test_win_rate);
  g_test_add_func ("/evaluate/interval/difference", test_difference);
  return g_test_run ();
}
