/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ticks stand at round values, and numbers are written as people read them.
 */
#include "charts/number.h"
#include "charts/ticks.h"

/* The ticks, each as it is written, with a space between. */
static char *
ticks_text (AttuneUnit unit, gboolean log, double lo, double hi, int target)
{
  double step = 0;
  g_autoptr (GArray) ticks = attune_ticks (unit, log, lo, hi, target, &step);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < ticks->len; i++)
    {
      const double v = g_array_index (ticks, double, i);
      g_autofree char *one
          = log ? attune_number_format_power (v) : attune_number_format (v, unit, step);

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", one);
    }
  return g_string_free (text, FALSE);
}

static void
check_ticks (AttuneUnit unit, gboolean log, double lo, double hi, int target, const char *expected)
{
  g_autofree char *text = ticks_text (unit, log, lo, hi, target);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_decimal (void)
{
  check_ticks (ATTUNE_UNIT_NUMBER, FALSE, 0, 4, 5, "0 1 2 3 4");
  check_ticks (ATTUNE_UNIT_NUMBER, FALSE, 0, 1, 4, "0 0.25 0.50 0.75 1.00");
  check_ticks (ATTUNE_UNIT_NUMBER, FALSE, -3, 3, 3, "\u22122 0 2");
  check_ticks (ATTUNE_UNIT_NUMBER, FALSE, 0, 6e6, 3, "0 2 M 4 M 6 M");
  check_ticks (ATTUNE_UNIT_NUMBER, FALSE, 0, 4e-5, 2, "0 2×10⁻⁵ 4×10⁻⁵");
  check_ticks (ATTUNE_UNIT_PERCENT, FALSE, 0, 1, 5, "0% 20% 40% 60% 80% 100%");
  check_ticks (ATTUNE_UNIT_BYTES, FALSE, 0, 8e9, 4, "0 2\u00a0GB 4\u00a0GB 6\u00a0GB 8\u00a0GB");
}

static void
test_time (void)
{
  check_ticks (ATTUNE_UNIT_SECONDS, FALSE, 0, 90, 3, "0 30 s 1 min 1:30 min");
  check_ticks (ATTUNE_UNIT_SECONDS, FALSE, 0, 5 * 3600, 3, "0 2 h 4 h");
  check_ticks (ATTUNE_UNIT_SECONDS, FALSE, 0, 0.4, 4, "0 100 ms 200 ms 300 ms 400 ms");
  /* 2023-11-14 22:13:20 UTC and six hours on: whole hours, not multiples of the start */
  check_ticks (ATTUNE_UNIT_CLOCK, FALSE, 1.7e9, 1.7e9 + 6 * 3600, 3, "00:00 02:00 04:00");
}

static void
test_log (void)
{
  check_ticks (ATTUNE_UNIT_NUMBER, TRUE, 1e-6, 1e-3, 4, "10⁻⁶ 10⁻⁵ 10⁻⁴ 10⁻³");
  check_ticks (ATTUNE_UNIT_NUMBER, TRUE, 1e-6, 2e-5, 6, "10⁻⁶ 2×10⁻⁶ 5×10⁻⁶ 10⁻⁵ 2×10⁻⁵");
  check_ticks (ATTUNE_UNIT_NUMBER, TRUE, 1e-12, 1e12, 4, "10⁻¹² 10⁻⁶ 10⁰ 10⁶ 10¹²");
}

/* Whatever the range, the ticks rise, lie within it and are few. */
static void
test_any_range (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (int i = 0; i < 2000; i++)
    {
      const double lo
          = g_rand_double_range (rand, -1, 1) * pow (10, g_rand_int_range (rand, -8, 12));
      const double hi = lo + fabs (lo) * pow (10, g_rand_int_range (rand, -6, 6)) + 1e-9;
      const int target = g_rand_int_range (rand, 1, 12);
      double step;
      g_autoptr (GArray) ticks = attune_ticks (ATTUNE_UNIT_NUMBER, FALSE, lo, hi, target, &step);

      g_assert_cmpuint (ticks->len, <=, target + 1);
      for (guint k = 0; k < ticks->len; k++)
        {
          const double v = g_array_index (ticks, double, k);

          g_assert_cmpfloat (v, >=, lo - step * 1e-6);
          g_assert_cmpfloat (v, <=, hi + step * 1e-6);
          g_assert_true (k == 0 || v > g_array_index (ticks, double, k - 1));
        }
    }
}

static void
check_widen (gboolean log, double lo, double hi, double wide_lo, double wide_hi)
{
  attune_ticks_widen (ATTUNE_UNIT_NUMBER, log, &lo, &hi, 5);
  g_assert_cmpfloat_with_epsilon (lo, wide_lo, fabs (wide_lo) * 1e-9 + 1e-15);
  g_assert_cmpfloat_with_epsilon (hi, wide_hi, fabs (wide_hi) * 1e-9 + 1e-15);
}

static void
test_widen (void)
{
  check_widen (FALSE, 0.7, 3.4, 0, 4);         /* near to 0: begins there */
  check_widen (FALSE, 101, 103.2, 101, 103.5); /* far from 0: does not */
  check_widen (FALSE, -3.4, -0.7, -4, 0);
  check_widen (FALSE, 0, 0, -1, 1); /* one value: still a range */
  check_widen (FALSE, 2, 2, 1.8, 2.2);
  check_widen (TRUE, 1.2e-6, 2.1e-4, 1e-6, 5e-4);
  check_widen (TRUE, 1, 1, 0.5, 2);
}

static void
test_numbers (void)
{
  static const struct
  {
    double value;
    AttuneUnit unit;
    double step;
    const char *expected;
  } cases[] = {
    { 1.20449, ATTUNE_UNIT_NUMBER, 0, "1.204" },
    { 0.97386, ATTUNE_UNIT_NUMBER, 0, "0.9739" },
    { -3, ATTUNE_UNIT_NUMBER, 0, "\u22123" },
    { 48812, ATTUNE_UNIT_NUMBER, 0, "48812" },
    { 0.0000162, ATTUNE_UNIT_NUMBER, 0, "1.62×10⁻⁵" },
    { 9.9996e-5, ATTUNE_UNIT_NUMBER, 0, "1.00×10⁻⁴" },
    { NAN, ATTUNE_UNIT_NUMBER, 0, "no value" },
    { INFINITY, ATTUNE_UNIT_BYTES, 0, "∞" },
    { -INFINITY, ATTUNE_UNIT_PERCENT, 0, "\u2212∞" },
    { -1e-12, ATTUNE_UNIT_NUMBER, 0.5, "0.0" }, /* no minus before nothing */
    { 0.931, ATTUNE_UNIT_PERCENT, 0, "93.1%" },
    { 3.09e9, ATTUNE_UNIT_BYTES, 0, "3.1\u00a0GB" },
    { 999, ATTUNE_UNIT_BYTES, 0, "999\u00a0B" },
    { 1e6, ATTUNE_UNIT_BYTES, 0, "1.0\u00a0MB" },
    { 0.0042, ATTUNE_UNIT_SECONDS, 0, "4.2 ms" },
    { 75, ATTUNE_UNIT_SECONDS, 0, "1:15 min" },
    { 3 * 3600 + 12 * 60, ATTUNE_UNIT_SECONDS, 0, "3:12 h" },
    { 1e300, ATTUNE_UNIT_CLOCK, 0, "no value" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = attune_number_format (cases[i].value, cases[i].unit, cases[i].step);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/charts/ticks/decimal", test_decimal);
  g_test_add_func ("/charts/ticks/time", test_time);
  g_test_add_func ("/charts/ticks/log", test_log);
  g_test_add_func ("/charts/ticks/any-range", test_any_range);
  g_test_add_func ("/charts/ticks/widen", test_widen);
  g_test_add_func ("/charts/numbers", test_numbers);
  return g_test_run ();
}
