/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said and done where a graphics card cannot be used, or not as it is: before a run and in
 * the middle of one.
 */
#include "device-run.h"

static void
check_fault (Fixture *f, const char *plugin, const char *said)
{
  Told told = { 0 };

  g_setenv ("ATTUNE_PLUGIN", plugin, TRUE);
  g_object_set (f->plan, "max-steps", 1, "batch-size", 1, "samples", 0, "max-validation-samples", 1,
                NULL);
  run_talking (f, plugin, FALSE, ATTUNE_DEVICE_GPU, &told);
  g_assert_cmpint (told.steps, ==, 1);
  g_test_message ("%s: %s", plugin, told.message);
  g_assert_true (g_str_has_prefix (told.message, "The processor does the work"));
  g_assert_nonnull (strstr (told.message, said));
  g_free (told.message);
}

/* What a run would say, without one. */
static void
check_open (const char *plugin, const char *expected)
{
  const AttuneDeviceWish wish = { ATTUNE_DEVICE_GPU, "/proc/self/exe", 1, 0 };
  const AttunePlugin *card = NULL;
  g_autofree char *said = NULL;
  g_autoptr (AttuneBackend) be = NULL;

  g_setenv ("ATTUNE_PLUGIN", plugin, TRUE);
  be = attune_device_open (&wish, &card, &said);
  g_test_message ("%s: %s", plugin, said);
  g_assert_null (card);
  g_assert_true (be->download == NULL);
  g_assert_nonnull (said);
  g_assert_nonnull (strstr (said, expected));
}

static void
test_faults (Fixture *f, gconstpointer data)
{
  check_fault (f, "absent", "not installed");
  check_open ("other", "another version");
  check_open ("killed", "failed its test run");
  check_open ("none", "No graphics card answers");
}

/* The same of the emulated card, with a fault that compute/hip/gpu-emulation-api.h names. */
static void
check_card (const char *fault, const char *said)
{
  g_setenv ("GPU_EMULATION_FAULT", fault, TRUE);
  check_open ("emulation", said);
  g_unsetenv ("GPU_EMULATION_FAULT");
}

static void
test_cards (Fixture *f, gconstpointer data)
{
  check_card ("devices=0", "No graphics card answers");
  check_card ("kernels=0", "no kernel image");
  check_card ("lost=0", "does not answer");
  /* a run says what it needs */
  g_setenv ("GPU_EMULATION_FAULT", "first=20000000", TRUE);
  check_fault (f, "emulation", "MB free, and this plan needs about");
  g_unsetenv ("GPU_EMULATION_FAULT");
}

/* Files that are no plug-in, a part of one, or one that needs what is missing: the child's end is
 * not ours. */
static void
test_damaged (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_strdup (g_getenv ("ATTUNE_PLUGIN_DIR"));
  g_autofree char *whole = g_build_filename (folder, "libattune-emulation.so", NULL),
                  *text = g_build_filename (f->folder, "libattune-text.so", NULL),
                  *part = g_build_filename (f->folder, "libattune-part.so", NULL),
                  *needy = g_build_filename (f->folder, "libattune-needy.so", NULL), *bytes = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (whole, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (part, bytes, n / 32, NULL));
  g_assert_true (g_file_set_contents (text, "not a library\n", -1, NULL));
  /* what it needs is a library that is not there */
  for (gsize i = 0; i + 10 < n; i++)
    if (memcmp (bytes + i, "libc.so.6", 10) == 0)
      memcpy (bytes + i, "libq.so.6", 9);
  g_assert_true (g_file_set_contents (needy, bytes, n, NULL));
  g_setenv ("ATTUNE_PLUGIN_DIR", f->folder, TRUE);
  check_open ("needy", "libq.so.6: cannot open shared object file");
  check_open ("text", "cannot be loaded");
  check_open ("part", "");
  g_setenv ("ATTUNE_PLUGIN_DIR", folder, TRUE);
}

/* Without a plug-in nobody asked for a card. */
static void
test_auto (Fixture *f, gconstpointer data)
{
  Told told = { 0 };

  g_unsetenv ("ATTUNE_PLUGIN");
  g_object_set (f->plan, "max-steps", 1, "batch-size", 1, "samples", 0, "max-validation-samples", 1,
                NULL);
  run_talking (f, "auto.h5", FALSE, ATTUNE_DEVICE_AUTO, &told);
  g_assert_null (told.message);
}

/* --- where it can be used */

/* What a card computes wrongly the processor does: the run is the same. */
static void
check_wrong (Fixture *f, const char *plugin, const char *said)
{
  Told on_cpu = { 0 }, told = { 0 };

  g_setenv ("ATTUNE_PLUGIN", plugin, TRUE);
  g_object_set (f->plan, "max-steps", 1, "batch-size", 1, "samples", 0, "validate-every", 1,
                "max-validation-samples", 1, "lora-dropout", 0.1, NULL);
  run_talking (f, "cpu.h5", FALSE, ATTUNE_DEVICE_CPU, &on_cpu);
  run_talking (f, plugin, FALSE, ATTUNE_DEVICE_GPU, &told);
  g_test_message ("%s: %s", plugin, told.message);
  g_assert_true (
      g_str_has_prefix (told.message, "A graphics card does the work: CPU emulation The graphics"));
  g_assert_nonnull (strstr (told.message, said));
  g_assert_cmpfloat_with_epsilon (told.losses[1], on_cpu.losses[1], TOLERANCE);
  g_assert_cmpfloat_with_epsilon (told.last_loss, on_cpu.last_loss, TOLERANCE);
  g_free (told.message);
}

static void
test_wrong (Fixture *f, gconstpointer data)
{
  check_wrong (f, "wrong", "computes rotary positions differently from the processor");
  check_wrong (f, "useless", "computes zeros, copies, sums and ");
}

/* Of two cards the one that the plan fits on. */
static void
test_choice (Fixture *f, gconstpointer data)
{
  Told told = { 0 };
  AttuneTrainerResult result;

  g_setenv ("ATTUNE_PLUGIN", "emulation", TRUE);
  g_setenv ("GPU_EMULATION_FAULT", "devices=2,first=20000000", TRUE);
  g_object_set (f->plan, "max-steps", 1, "batch-size", 1, "samples", 0, "max-validation-samples", 1,
                NULL);
  result = run_talking (f, "choice.h5", FALSE, ATTUNE_DEVICE_AUTO, &told);
  g_unsetenv ("GPU_EMULATION_FAULT");
  g_assert_cmpstr (told.message, ==, "A graphics card does the work: CPU emulation 2");
  g_assert_true (result.on_card);
  g_assert_false (result.resumed);
  g_free (told.message);
}

/* Another program takes the card's memory before this one does. */
static void
test_taken (Fixture *f, gconstpointer data)
{
  Told told = { 0 };
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;

  g_setenv ("ATTUNE_PLUGIN", "emulation", TRUE);
  g_setenv ("GPU_EMULATION_FAULT", "taken=2500000", TRUE);
  g_object_set (f->plan, "method", ATTUNE_METHOD_FULL, "learning-rate", 1e-4, "max-steps", 1,
                "batch-size", 1, "samples", 0, "max-validation-samples", 1, NULL);
  g_assert_false (try_run (f, "taken.h5", FALSE, ATTUNE_DEVICE_GPU, &told, &result, &error));
  g_unsetenv ("GPU_EMULATION_FAULT");
  g_assert_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_MEMORY);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "--device cpu"));
  result = run_talking (f, "taken.h5", TRUE, ATTUNE_DEVICE_GPU, &told);
  g_assert_cmpint (result.steps, ==, 1);
  g_free (told.message);
}

/* The card is lost in the middle of a run, which goes on on the processor from its checkpoint. */
static gboolean
lose_card (gpointer data)
{
  if (((Told *) data)->steps == 3)
    g_setenv ("GPU_EMULATION_FAULT", "lost=0", TRUE);
  return FALSE;
}

static void
test_lost (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "lost.h5", NULL);
  AttuneTrainerFuncs losing = funcs;
  Told whole = { 0 }, told = { 0 }, after = { .steps = 2 };
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;

  g_setenv ("ATTUNE_PLUGIN", "emulation", TRUE);
  g_object_set (f->plan, "max-steps", 4, "batch-size", 1, "samples", 0, "validate-every", 2,
                "max-validation-samples", 1, NULL);
  run_talking (f, "whole.h5", FALSE, ATTUNE_DEVICE_CPU, &whole);
  g_object_set (f->plan, "device", ATTUNE_DEVICE_GPU, NULL);
  losing.should_stop = lose_card;
  attune_trainer_run (f->plan, f->model, f->dataset, path, FALSE, &losing, &told, &result, &error);
  g_assert_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_DEVICE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "CPU emulation failed"));
  g_assert_nonnull (strstr (error->message, "the processor goes on"));
  g_assert_cmpint (told.steps, ==, 3);
  /* as it says: a run keeps its plan, and the card is still lost */
  result = run_talking (f, "lost.h5", TRUE, ATTUNE_DEVICE_GPU, &after);
  g_unsetenv ("GPU_EMULATION_FAULT");
  g_assert_true (result.resumed && !result.on_card);
  g_assert_cmpint (after.steps, ==, 4);
  g_assert_cmpfloat_with_epsilon (after.last_loss, whole.last_loss, TOLERANCE);
  g_free (after.message);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/tune/device-faults/" name, Fixture, NULL, set_up_exact, function, tear_down)

int
main (int argc, char **argv)
{
  if (IS_CHILD (argc, argv))
    return probe (argv[3]);
  g_test_init (&argc, &argv, NULL);
  ADD ("faults", test_faults);
  ADD ("cards", test_cards);
  ADD ("damaged", test_damaged);
  ADD ("auto", test_auto);
  ADD ("wrong", test_wrong);
  ADD ("choice", test_choice);
  ADD ("taken", test_taken);
  ADD ("lost", test_lost);
  return g_test_run ();
}
