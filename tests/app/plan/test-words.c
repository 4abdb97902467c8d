/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "widgets/words.h"

static void
check_count (double count, const char *expected)
{
  g_autofree char *text = attune_say_count (count);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_count (void)
{
  check_count (0, "0");
  check_count (999, "999");
  check_count (134515008, "134.5 million");
  check_count (999940000, "999.9 million");
  check_count (999960000, "1.0 billion");
  check_count (1711376384, "1.7 billion");
}

static void
check_about (double seconds, const char *expected)
{
  g_autofree char *text = attune_say_about (seconds);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_about (void)
{
  check_about (0, "less than a minute");
  check_about (49, "less than a minute");
  check_about (50, "about 1 minute");
  check_about (95, "about 2 minutes");
  check_about (5000, "about 83 minutes");
  check_about (5400, "about 2 hours");
  check_about (3600 * 47, "about 47 hours");
  check_about (3600 * 60, "about 3 days");
  check_about (1e300, "about 10000 days");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/words/count", test_count);
  g_test_add_func ("/words/about", test_about);
  return g_test_run ();
}
