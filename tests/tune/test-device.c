/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole runs on the GPU's kernels, emulated: they give what the processor gives, and go on on the
 * other. And what is said and done where a graphics card cannot be used.
 */
#include "whole-run.h"

#include "compute/device.h"

/* Measured: 3e-6. */
#define TOLERANCE 1e-3

static AttuneTrainerResult
run_talking (Fixture *f, const char *name, gboolean resume, AttuneDeviceKind device, Told *told)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL);
  AttuneTrainerFuncs talking = funcs;
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;

  talking.on_message = on_message;
  g_object_set (f->plan, "device", device, NULL);
  attune_trainer_run (f->plan, f->model, f->dataset, path, resume, &talking, told, &result, &error);
  g_assert_no_error (error);
  return result;
}

static void
check_method (Fixture *f, AttuneMethod method)
{
  Told on_cpu = { 0 }, on_gpu = { 0 };
  double worst = 0;

  g_setenv ("ATTUNE_PLUGIN", "emulation", TRUE);
  g_object_set (f->plan, "method", method, "max-steps", 2, "batch-size", 1, "validate-every", 2,
                "max-validation-samples", 1, NULL);
  run_talking (f, "cpu.h5", FALSE, ATTUNE_DEVICE_CPU, &on_cpu);
  run_talking (f, "gpu.h5", FALSE, ATTUNE_DEVICE_GPU, &on_gpu);
  g_assert_null (on_cpu.message);
  g_assert_cmpstr (on_gpu.message, ==, "A graphics card does the work: CPU emulation");
  g_assert_cmpint (on_gpu.steps, ==, 2);
  g_assert_cmpfloat_with_epsilon (on_cpu.first_loss, on_gpu.first_loss, TOLERANCE);
  g_assert_cmpfloat_with_epsilon (on_cpu.last_loss, on_gpu.last_loss, TOLERANCE);
  for (int i = 1; i <= 2; i++)
    worst = MAX (worst, fabs (on_cpu.losses[i] - on_gpu.losses[i]));
  g_test_message ("losses differ by %.1e at most", worst);
  g_assert_cmpfloat (worst, <, TOLERANCE);
  g_assert_cmpuint (on_gpu.samples, ==, on_cpu.samples);
  g_free (on_gpu.message);
}

static void
test_lora (Fixture *f, gconstpointer data)
{
  g_object_set (f->plan, "lora-dropout", 0.1, "ema-decay", 0.9, NULL);
#if defined(__SANITIZE_ADDRESS__) /* answers are long, token by token */
  g_object_set (f->plan, "samples", 0, NULL);
#endif
  check_method (f, ATTUNE_METHOD_LORA);
}

static void
test_qlora (Fixture *f, gconstpointer data)
{
  take_f16_model (f);
  g_object_set (f->plan, "samples", 0, NULL);
  check_method (f, ATTUNE_METHOD_QLORA);
}

static void
test_dora (Fixture *f, gconstpointer data)
{
  g_object_set (f->plan, "samples", 0, NULL);
  check_method (f, ATTUNE_METHOD_DORA);
}

static void
test_full (Fixture *f, gconstpointer data)
{
  g_object_set (f->plan, "samples", 0, "optimizer", ATTUNE_OPTIMIZER_ADAMW_8BIT, "learning-rate",
                1e-3, NULL);
  check_method (f, ATTUNE_METHOD_FULL);
}

/* Stopped on the card, a run goes on on the processor. */
static void
test_resume (Fixture *f, gconstpointer data)
{
  Told whole = { 0 }, told = { .stop_after = 2 };

  g_setenv ("ATTUNE_PLUGIN", "emulation", TRUE);
  g_object_set (f->plan, "max-steps", 4, "batch-size", 2, "samples", 0, "validate-every", 4,
                "max-validation-samples", 2, NULL);
  run_talking (f, "whole.h5", FALSE, ATTUNE_DEVICE_CPU, &whole);
  run_talking (f, "parts.h5", FALSE, ATTUNE_DEVICE_GPU, &told);
  g_assert_cmpint (told.steps, ==, 2);
  told.stop_after = 0;
  run_talking (f, "parts.h5", TRUE, ATTUNE_DEVICE_CPU, &told);
  g_assert_cmpint (told.steps, ==, 4);
  g_assert_cmpfloat_with_epsilon (told.last_loss, whole.last_loss, TOLERANCE);
  g_free (told.message);
}

/* --- where there is none */

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

static void
test_faults (Fixture *f, gconstpointer data)
{
  check_fault (f, "absent", "not installed");
  check_fault (f, "other", "another version");
  check_fault (f, "killed", "failed its test run");
  check_fault (f, "none", "No graphics card answers");
  check_fault (f, "wrong", "computes rotary positions differently");
}

/* Files that are no plug-in, or a part of one: the child's end is not ours. */
static void
test_damaged (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_strdup (g_getenv ("ATTUNE_PLUGIN_DIR"));
  g_autofree char *whole = g_build_filename (folder, "libattune-emulation.so", NULL),
                  *text = g_build_filename (f->folder, "libattune-text.so", NULL),
                  *part = g_build_filename (f->folder, "libattune-part.so", NULL), *bytes = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (whole, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (part, bytes, n / 32, NULL));
  g_assert_true (g_file_set_contents (text, "not a library\n", -1, NULL));
  g_setenv ("ATTUNE_PLUGIN_DIR", f->folder, TRUE);
  check_fault (f, "text", "cannot be loaded");
  check_fault (f, "part", "");
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

/* The child in which a plug-in is tried. */
static int
probe (const char *name)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (!attune_plugin_probe (name, lines, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  fputs (lines->str, stdout);
  return 0;
}

#define ADD(name, function)                                                                        \
  g_test_add ("/tune/device/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  if (argc == 4 && strcmp (argv[1], "devices") == 0)
    return probe (argv[3]);
  g_test_init (&argc, &argv, NULL);
  ADD ("lora", test_lora);
  ADD ("qlora", test_qlora);
  ADD ("dora", test_dora);
  ADD ("full", test_full);
  ADD ("resume", test_resume);
  ADD ("faults", test_faults);
  ADD ("damaged", test_damaged);
  ADD ("auto", test_auto);
  return g_test_run ();
}
