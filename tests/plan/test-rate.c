/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/rate.h"

#include <glib/gstdio.h>

static const AttuneEstimate run = { .steps = 10, .flops = 4e12 };

static gboolean
write_rate_of (double tokens_per_second, double seconds, AttuneDeviceKind wanted, gboolean on_card)
{
  return attune_rate_write (
      &run, &(AttuneRateFacts) { 2, 1000, tokens_per_second, seconds, wanted, on_card }, NULL);
}

static gboolean
write_rate (double tokens_per_second, double seconds)
{
  return write_rate_of (tokens_per_second, seconds, ATTUNE_DEVICE_CPU, FALSE);
}

static double
read_rate (void)
{
  return attune_rate_read (ATTUNE_DEVICE_CPU);
}

static void
test_round_trip (void)
{
  g_assert_cmpfloat (read_rate (), ==, 0); /* nothing has run here */
  g_assert_true (write_rate (500, 4));
  /* 4e12 for 2 · 1000 tokens, at 500 tokens a second */
  g_assert_cmpfloat_with_epsilon (read_rate (), 1e12, 1);
}

static void
test_too_short_to_tell (void)
{
  g_assert_true (write_rate (500, 4));
  g_assert_true (write_rate (9000, 0.5));
  g_assert_true (write_rate (0, 4));
  g_assert_true (
      attune_rate_write (&run, &(AttuneRateFacts) { .train_tokens = 1000, .seconds = 4 }, NULL));
  g_assert_cmpfloat_with_epsilon (read_rate (), 1e12, 1);
}

/* A card's number is not the processor's, and goes when the card is not used any more. */
static void
test_card (void)
{
  g_assert_true (write_rate (500, 4));
  g_assert_cmpfloat_with_epsilon (attune_rate_read (ATTUNE_DEVICE_AUTO), 1e12, 1);
  g_assert_true (write_rate_of (50000, 4, ATTUNE_DEVICE_GPU, TRUE));
  g_assert_cmpfloat_with_epsilon (read_rate (), 1e12, 1);
  g_assert_cmpfloat_with_epsilon (attune_rate_read (ATTUNE_DEVICE_AUTO), 1e14, 100);
  g_assert_true (write_rate (600, 4));
  g_assert_cmpfloat_with_epsilon (read_rate (), 1.2e12, 1);
  g_assert_cmpfloat_with_epsilon (attune_rate_read (ATTUNE_DEVICE_GPU), 1e14, 100);
  g_assert_true (write_rate_of (500, 4, ATTUNE_DEVICE_AUTO, FALSE));
  g_assert_cmpfloat_with_epsilon (attune_rate_read (ATTUNE_DEVICE_GPU), 1e12, 1);
}

static void
test_damaged (void)
{
  g_autofree char *path = g_build_filename (g_get_user_state_dir (), "attune", "speed.ini", NULL);
  static const char *const contents[]
      = { "", "not a key file", "[tuning]\nflops-per-second=fast\n",
          "[tuning]\nflops-per-second=-5\n", "[tuning]\nflops-per-second=nan\n" };

  g_assert_true (write_rate (500, 4));
  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_assert_true (g_file_set_contents (path, contents[i], -1, NULL));
      g_assert_cmpfloat (read_rate (), ==, 0);
    }
}

static void
test_no_folder (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_state_dir (), "attune", NULL);
  g_autofree char *path = g_build_filename (folder, "speed.ini", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (write_rate (500, 4));
  g_unlink (path);
  g_rmdir (folder);
  g_assert_true (g_file_set_contents (folder, "a file in the folder's place", -1, NULL));
  g_assert_false (attune_rate_write (
      &run, &(AttuneRateFacts) { 2, 1000, 500, 4, ATTUNE_DEVICE_CPU, FALSE }, &error));
  g_assert_nonnull (error);
  g_unlink (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/plan/rate/round-trip", test_round_trip);
  g_test_add_func ("/plan/rate/too-short-to-tell", test_too_short_to_tell);
  g_test_add_func ("/plan/rate/card", test_card);
  g_test_add_func ("/plan/rate/damaged", test_damaged);
  g_test_add_func ("/plan/rate/no-folder", test_no_folder);
  return g_test_run ();
}
