/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs of two ranks, each with an emulated graphics card of its own: against the processor, through
 * the maker's library (tests/compute/cards-library.c) and without it, and resumed.
 */
#include "device-run.h"
#include "ranks-run.h"

#include <dlfcn.h>

static void
set_up_cards (Fixture *f, gconstpointer data)
{
  g_autofree char *library
      = g_build_filename (g_getenv ("ATTUNE_PLUGIN_DIR"), "libattune-cards.so", NULL);
  static AttuneTrainerFuncs talking;

  talking = funcs;
  talking.on_message = on_messages;
  rank_funcs = &talking;
  set_up_exact (f, data);
  g_setenv ("ATTUNE_PLUGIN", "emulation", TRUE);
  g_setenv ("GPU_EMULATION_FAULT", "devices=2,slow=3", TRUE);
  g_setenv ("GPU_EMULATION_CARDS", library, TRUE);
  g_object_set (f->plan, "threads", 2, "ranks", 2, "device", ATTUNE_DEVICE_GPU, "samples", 0,
                "batch-size", 3, "max-steps", 2, "validate-every", 2, "max-validation-samples", 2,
                NULL);
}

static void
tear_down_cards (Fixture *f, gconstpointer data)
{
  tear_down (f, data);
  g_unsetenv ("GPU_EMULATION_CARDS");
  g_unsetenv ("GPU_EMULATION_FAULT");
}

/* Exchanges that the library has seen so far. */
static int
count_exchanges (void)
{
  void *library = dlopen (g_getenv ("GPU_EMULATION_CARDS"), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  int (*count) (void) = (int (*) (void)) dlsym (library, "count_calls");

  return count ();
}

static void
run_cards (Fixture *f, const char *name, gboolean resume, Told *told)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&told->message, g_free);
  run_ranks (f, name, resume, told, &error);
  g_assert_no_error (error);
  g_test_message ("%s: %s", name, told->message);
}

/* Every weight learns, so that there are several groups of gradients, and they are exchanged while
 * backward goes on. */
static void
test_full (Fixture *f, gconstpointer data)
{
  Told on_cpu = { 0 }, on_cards = { 0 };
  const int before = count_exchanges ();

  g_object_set (f->plan, "method", ATTUNE_METHOD_FULL, "learning-rate", 1e-3, NULL);
  run_cards (f, "cards.h5", FALSE, &on_cards);
  g_assert_cmpstr (on_cards.message, ==, "2 graphics cards do the work, each: CPU emulation");
  g_test_message ("%d exchanges", count_exchanges () - before);
  /* of both ranks at first; then, of both steps, the groups' and one of values */
  g_assert_cmpint (count_exchanges () - before, >=, 2 * 2 + 2 * (2 + 1));
  g_object_set (f->plan, "ranks", 1, "device", ATTUNE_DEVICE_CPU, NULL);
  run (f, "cpu.h5", FALSE, &on_cpu);
  for (int i = 1; i <= 2; i++)
    g_assert_cmpfloat_with_epsilon (on_cards.losses[i], on_cpu.losses[i], TOLERANCE);
  g_assert_cmpfloat_with_epsilon (on_cards.last_loss, on_cpu.last_loss, TOLERANCE);
  g_assert_cmpfloat (on_cpu.first_loss - on_cpu.last_loss, >, 10 * TOLERANCE);
  g_free (on_cards.message);
}

static void
copy_file (Fixture *f, const char *from, const char *to)
{
  g_autofree char *source = g_build_filename (f->folder, from, NULL),
                  *target = g_build_filename (f->folder, to, NULL), *bytes = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (source, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (target, bytes, n, NULL));
}

/* The same bits, whatever they go through, and stopped on the way: each remembers its part, and a
 * checkpoint has all of it, for cards and for the processor. */
static void
test_same_bits (Fixture *f, gconstpointer data)
{
  Told whole = { 0 }, apart = { 0 }, parts = { .stop_after = 1 }, later;
  g_autoptr (GBytes) expected = NULL, got = NULL, resumed = NULL;

  g_object_set (f->plan, "adapter-start", ATTUNE_ADAPTER_START_PRINCIPAL, "learning-rate", 1e-3,
                NULL);
  run_cards (f, "whole.h5", FALSE, &whole);
  expected = read_state (f, "whole.h5");
  run_cards (f, "parts.h5", FALSE, &parts);
  g_assert_cmpint (parts.steps, ==, 1);
  copy_file (f, "parts.h5", "later.h5");
  later = parts;
  later.message = NULL;
  later.stop_after = parts.stop_after = 0;
  run_cards (f, "parts.h5", TRUE, &parts);
  resumed = read_state (f, "parts.h5");
  g_assert_true (g_bytes_equal (expected, resumed));

  g_unsetenv ("GPU_EMULATION_CARDS");
  run_cards (f, "apart.h5", FALSE, &apart);
  g_assert_nonnull (strstr (apart.message, "exchange through the computer's memory"));
  got = read_state (f, "apart.h5");
  g_assert_true (g_bytes_equal (expected, got));

  g_object_set (f->plan, "device", ATTUNE_DEVICE_CPU, NULL);
  run_cards (f, "later.h5", TRUE, &later);
  g_assert_cmpint (later.steps, ==, 2);
  g_assert_cmpfloat_with_epsilon (later.last_loss, whole.last_loss, TOLERANCE);
  g_free (whole.message);
  g_free (apart.message);
  g_free (parts.message);
  g_free (later.message);
}

/* What one of them finds wrong, all end with: nobody waits for who has gone. */
static void
test_divergence (Fixture *f, gconstpointer data)
{
  Told told = { 0 };
  g_autoptr (GError) error = NULL;

  g_object_set (f->plan, "learning-rate", 1.0, "weight-decay", 10.0, "max-gradient-norm", 0.0,
                "max-steps", 60, "validate-every", 60, "patience", 0, NULL);
  run_ranks (f, "nan.h5", FALSE, &told, &error);
  g_assert_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_DIVERGED);
  g_free (told.message);
}

/* There must be one for each; otherwise the processor does it, and says why. */
static void
test_too_few (Fixture *f, gconstpointer data)
{
  Told told = { 0 };

  g_setenv ("GPU_EMULATION_FAULT", "devices=1", TRUE);
  g_object_set (f->plan, "max-steps", 1, NULL);
  run_cards (f, "few.h5", FALSE, &told);
  g_assert_cmpstr (
      told.message, ==,
      "The processor does the work, not a graphics card. Each of the 2 processes needs "
      "a graphics card of its own, and 1 can be used (--ranks 1).");
  g_assert_cmpint (told.steps, ==, 1);
  g_free (told.message);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/tune/cards/" name, Fixture, NULL, set_up_cards, function, tear_down_cards)

int
main (int argc, char **argv)
{
  if (IS_CHILD (argc, argv))
    return probe (argv[3]);
  g_test_init (&argc, &argv, NULL);
  ADD ("full", test_full);
  ADD ("same-bits", test_same_bits);
  ADD ("divergence", test_divergence);
  ADD ("too-few", test_too_few);
  return g_test_run ();
}
