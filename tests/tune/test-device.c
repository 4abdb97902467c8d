/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole runs on the GPU's kernels, emulated: they give what the processor gives, and go on on the
 * other.
 */
#include "device-run.h"

/* The most that a step was seen to use of the card's memory. */
static const AttunePlugin *measured;
static guint64 most_used;

static gboolean
measure (gpointer data)
{
  AttuneDeviceFacts facts;

  if (measured->describe_device (0, &facts, NULL))
    most_used = MAX (most_used, facts.memory_bytes - facts.free_bytes);
  return should_stop (data);
}

#define SAID "A graphics card does the work: CPU emulation"

static void
check_method (Fixture *f, AttuneMethod method, int steps)
{
  Told on_cpu = { 0 }, on_gpu = { 0 };

  g_setenv ("ATTUNE_PLUGIN", "emulation", TRUE);
  g_object_set (f->plan, "method", method, "max-steps", steps, "batch-size", 1, "validate-every",
                steps, "max-validation-samples", 1, NULL);
  run_talking (f, "cpu.h5", FALSE, ATTUNE_DEVICE_CPU, &on_cpu);
  run_talking (f, "gpu.h5", FALSE, ATTUNE_DEVICE_GPU, &on_gpu);
  g_assert_true (g_str_has_prefix (on_gpu.message, SAID));
  if (on_cpu.message == NULL)
    g_assert_cmpstr (on_gpu.message, ==, SAID);
  else /* what labels have to say: the same */
    g_assert_cmpstr (on_gpu.message + strlen (SAID " "), ==, on_cpu.message);
  g_assert_cmpint (on_gpu.steps, ==, steps);
  g_test_message ("losses differ by %.1e, %.1e and %.1e; the step changes them by %.1e",
                  on_cpu.first_loss - on_gpu.first_loss,
                  on_cpu.losses[steps] - on_gpu.losses[steps], on_cpu.last_loss - on_gpu.last_loss,
                  on_cpu.last_loss - on_cpu.first_loss);
  g_assert_cmpfloat_with_epsilon (on_cpu.first_loss, on_gpu.first_loss, TOLERANCE);
  for (int i = 1; i <= steps; i++)
    g_assert_cmpfloat_with_epsilon (on_cpu.losses[i], on_gpu.losses[i], TOLERANCE);
  /* so that it tells whether the step was the same */
  g_assert_cmpfloat (fabs (on_cpu.last_loss - on_cpu.first_loss), >, 2 * TOLERANCE);
  g_assert_cmpfloat_with_epsilon (on_cpu.last_loss, on_gpu.last_loss, TOLERANCE);
  g_assert_cmpuint (on_gpu.samples, ==, on_cpu.samples);
  g_free (on_gpu.message);
  g_free (on_cpu.message);
}

static void
test_lora (Fixture *f, gconstpointer data)
{
  g_object_set (f->plan, "lora-dropout", 0.1, "ema-decay", 0.9, NULL);
#if defined(__SANITIZE_ADDRESS__) /* answers are long, token by token */
  g_object_set (f->plan, "samples", 0, NULL);
#endif
  check_method (f, ATTUNE_METHOD_LORA, 2);
}

static void
test_qlora (Fixture *f, gconstpointer data)
{
  take_f16_model (f);
  g_object_set (f->plan, "samples", 0, NULL);
  check_method (f, ATTUNE_METHOD_QLORA, 1);
}

/* The largest parts of the weights are found with the card's products. */
static void
test_principal (Fixture *f, gconstpointer data)
{
  g_object_set (f->plan, "samples", 0, "adapter-start", ATTUNE_ADAPTER_START_PRINCIPAL,
                "learning-rate", 1e-3, NULL);
  check_method (f, ATTUNE_METHOD_LORA, 1);
}

static void
test_labels (Fixture *f, gconstpointer data)
{
  g_object_set (f->plan, "samples", 0, "objective", ATTUNE_OBJECTIVE_LABELS, NULL);
  check_method (f, ATTUNE_METHOD_LORA, 1);
}

static void
test_dora (Fixture *f, gconstpointer data)
{
  g_object_set (f->plan, "samples", 0, NULL);
  check_method (f, ATTUNE_METHOD_DORA, 1);
}

/* The whole model learns, so that there is memory to measure: it is what was predicted. */
static void
test_full (Fixture *f, gconstpointer data)
{
  AttuneDeviceFacts facts;
  AttuneDataFacts of_data;
  AttuneEstimate estimate;

  measured = attune_plugin_load ("emulation", NULL);
  g_assert_nonnull (measured);
  g_object_set (f->plan, "samples", 0, "optimizer", ATTUNE_OPTIMIZER_ADAMW_8BIT, "learning-rate",
                1e-3, NULL);
  watcher = measure;
  check_method (f, ATTUNE_METHOD_FULL, 1);
  watcher = should_stop;
  g_assert_true (attune_data_facts (f->dataset, FALSE, &of_data, NULL));
  g_assert_true (attune_estimate (
      f->plan, attune_model_get_config (f->model), attune_model_get_bytes (f->model),
      attune_model_count_parameters (f->model), &of_data, &estimate, NULL));
  g_test_message ("%.2f MB of %.2f predicted", most_used / 1e6, estimate.card_bytes / 1e6);
  g_assert_cmpuint (most_used, <, estimate.card_bytes);
  g_assert_cmpuint (most_used, >, (estimate.card_bytes - (256u << 20)) / 2);
  g_assert_true (measured->describe_device (0, &facts, NULL));
  g_assert_cmpuint (facts.memory_bytes - facts.free_bytes, ==, 0); /* all is given back */
}

/* Rounded to 16 bits, losses differ from the processor's by what the rounding of products explains,
 * and the checks are exact. Measured: 1e-3 with bf16, 5e-5 with f16. */
static void
check_precision (Fixture *f, AttunePrecision precision, const Told *on_cpu, double most)
{
  Told told = { 0 };
  double worst;

  g_object_set (f->plan, "precision", precision, NULL);
  run_talking (f, "gpu.h5", FALSE, ATTUNE_DEVICE_GPU, &told);
  g_assert_cmpstr (told.message, ==, SAID);
  worst = fabs (told.losses[1] - on_cpu->losses[1]) / on_cpu->losses[1];
  g_test_message ("losses differ by %.1e, that of the first check by %.1e", worst,
                  fabs (told.first_loss - on_cpu->first_loss));
  g_assert_cmpfloat (worst, >, most / 1e4);
  g_assert_cmpfloat (worst, <, most);
  g_assert_cmpfloat_with_epsilon (told.first_loss, on_cpu->first_loss, 1e-5);
  g_free (told.message);
}

static void
test_precision (Fixture *f, gconstpointer data)
{
  Told on_cpu = { 0 };

  g_setenv ("ATTUNE_PLUGIN", "emulation", TRUE);
  g_object_set (f->plan, "max-steps", 1, "batch-size", 1, "samples", 0, "validate-every", 1,
                "max-validation-samples", 1, NULL);
  run_talking (f, "cpu.h5", FALSE, ATTUNE_DEVICE_CPU, &on_cpu);
  check_precision (f, ATTUNE_PRECISION_BF16, &on_cpu, 1e-2);
  check_precision (f, ATTUNE_PRECISION_F16, &on_cpu, 1e-3);
}

static void
set_up_few_pairs (Fixture *f, gconstpointer data)
{
  set_up_n_pairs (f, data, 8); /* all are read for the reference */
}

/* Before the first step it is what it is compared with, to the last bit: what says how much better
 * an answer has become is not rounded. */
static void
test_pairs (Fixture *f, gconstpointer data)
{
  Told told = { 0 };

  g_setenv ("ATTUNE_PLUGIN", "emulation", TRUE);
  g_object_set (f->plan, "objective", ATTUNE_OBJECTIVE_DPO, "warmup-ratio", 0.0, "max-steps", 1,
                "batch-size", 1, "samples", 0, "validate-every", 1, "max-validation-samples", 1,
                NULL);
  run_talking (f, "pairs.h5", FALSE, ATTUNE_DEVICE_GPU, &told);
  g_assert_true (g_str_has_prefix (told.message, SAID));
  g_assert_cmpfloat_with_epsilon (told.losses[1], G_LN2, 1e-6);
  g_free (told.message);
}

/* Stopped on the card, a run goes on on the processor. */
static void
test_resume (Fixture *f, gconstpointer data)
{
  Told whole = { 0 }, told = { .stop_after = 1 };

  g_setenv ("ATTUNE_PLUGIN", "emulation", TRUE);
  g_object_set (f->plan, "max-steps", 2, "batch-size", 1, "samples", 0, "validate-every", 2,
                "max-validation-samples", 1, NULL);
  run_talking (f, "whole.h5", FALSE, ATTUNE_DEVICE_CPU, &whole);
  run_talking (f, "parts.h5", FALSE, ATTUNE_DEVICE_GPU, &told);
  g_assert_cmpint (told.steps, ==, 1);
  told.stop_after = 0;
  run_talking (f, "parts.h5", TRUE, ATTUNE_DEVICE_CPU, &told);
  g_assert_cmpint (told.steps, ==, 2);
  g_assert_cmpfloat_with_epsilon (told.last_loss, whole.last_loss, TOLERANCE);
  g_free (told.message);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/tune/device/" name, Fixture, NULL, set_up_exact, function, tear_down)

int
main (int argc, char **argv)
{
  if (IS_CHILD (argc, argv))
    return probe (argv[3]);
  g_test_init (&argc, &argv, NULL);
  ADD ("lora", test_lora);
  ADD ("qlora", test_qlora);
  ADD ("dora", test_dora);
  ADD ("principal", test_principal);
  ADD ("labels", test_labels);
  ADD ("precision", test_precision);
  ADD ("full", test_full);
  g_test_add ("/tune/device/pairs", Fixture, NULL, set_up_few_pairs, test_pairs, tear_down);
  ADD ("resume", test_resume);
  return g_test_run ();
}
