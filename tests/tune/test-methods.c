/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole runs with the other adapters, and on a base in 4 bits: each learns, and stopped on the way
 * it ends with the same bits.
 */
#include "whole-run.h"

static void
check_method (Fixture *f, AttuneMethod method, double rate)
{
  Told whole = { 0 }, told = { .stop_after = 5 };
  AttuneTrainerResult result;
  g_autoptr (GBytes) expected = NULL, got = NULL;

  g_object_set (f->plan, "method", method, "learning-rate", rate, "lora-dropout", 0.1, NULL);
  result = run (f, "whole.h5", FALSE, &whole);
  g_assert_cmpint (result.end, ==, ATTUNE_END_FINISHED);
  g_assert_cmpfloat (result.best_loss, <, 0.9 * result.base_loss);
  run (f, "parts.h5", FALSE, &told);
  told.stop_after = 0;
  run (f, "parts.h5", TRUE, &told);
  g_assert_cmpint (told.steps, ==, 12);
  expected = read_state (f, "whole.h5");
  got = read_state (f, "parts.h5");
  g_assert_true (g_bytes_equal (expected, got));
}

static void
test_dora (Fixture *f, gconstpointer data)
{
  check_method (f, ATTUNE_METHOD_DORA, 5e-3);
}

static void
test_ia3 (Fixture *f, gconstpointer data)
{
  check_method (f, ATTUNE_METHOD_IA3, 5e-2);
}

static void
test_prompt (Fixture *f, gconstpointer data)
{
  check_method (f, ATTUNE_METHOD_PROMPT, 5e-2);
}

static void
test_prefix (Fixture *f, gconstpointer data)
{
  check_method (f, ATTUNE_METHOD_PREFIX, 5e-2);
}

/* The checkpoint says where the adapter began. */
static void
check_starts (Fixture *f)
{
  g_autofree char *path = g_build_filename (f->folder, "parts.h5", NULL);
  AttuneLoraConfig lora;
  g_autofree float *starts = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (attune_plan_get_lora (f->plan, &lora, &error));
  starts = attune_checkpoint_read_starts (
      path, attune_lora_count (attune_model_get_config (f->model), &lora), &error);
  g_assert_no_error (error);
  g_assert_nonnull (starts);
}

/* LoRA that begins in the weights: before any step it is the base. */
static void
test_pissa (Fixture *f, gconstpointer data)
{
  Told plain = { 0 }, told = { 0 };

  g_object_set (f->plan, "max-steps", 1, NULL);
  run (f, "plain.h5", FALSE, &plain);
  g_object_set (f->plan, "adapter-start", ATTUNE_ADAPTER_START_PRINCIPAL, NULL);
  run (f, "pissa.h5", FALSE, &told);
  g_assert_cmpfloat_with_epsilon (told.first_loss, plain.first_loss, 1e-5);
  g_assert_cmpfloat (told.last_loss, !=, plain.last_loss);
  g_object_set (f->plan, "max-steps", 12, NULL);
  check_method (f, ATTUNE_METHOD_LORA, 5e-3);
  check_starts (f);
  for (int method = ATTUNE_METHOD_QLORA; method <= ATTUNE_METHOD_IA3; method++)
    {
      g_autoptr (GError) error = NULL;

      g_object_set (f->plan, "method", method, NULL);
      g_assert_false (attune_plan_check (f->plan, &error));
      g_assert_nonnull (strstr (error->message, "--adapter-start zero"));
    }
}

static void
test_qlora (Fixture *f, gconstpointer data)
{
  Told stored = { 0 }, rounded = { 0 };

  take_f16_model (f);
  check_method (f, ATTUNE_METHOD_QLORA, 5e-3);

  /* the base is another one in 4 bits than as it is stored */
  g_object_set (f->plan, "max-steps", 1, NULL);
  run (f, "rounded.h5", FALSE, &rounded);
  g_object_set (f->plan, "method", ATTUNE_METHOD_LORA, NULL);
  run (f, "stored.h5", FALSE, &stored);
  g_test_message ("base loss %g as stored, %g in NF4", stored.first_loss, rounded.first_loss);
  g_assert_cmpfloat (stored.first_loss, !=, rounded.first_loss);
  g_assert_cmpfloat (fabs (rounded.first_loss / stored.first_loss - 1), <, 0.1);
}

/* What 4 bits have lost is in the adapter: the base in NF4 begins nearer to what is stored, and the
 * run learns on, also from where it was stopped. */
static void
test_loftq (Fixture *f, gconstpointer data)
{
  Told stored = { 0 }, rounded = { 0 }, loftq = { 0 };
  g_autoptr (GError) error = NULL;

  take_f16_model (f);
  g_object_set (f->plan, "max-steps", 1, "lora-rank", 32, "lora-alpha", 32.0, NULL);
  run (f, "stored.h5", FALSE, &stored);
  g_object_set (f->plan, "method", ATTUNE_METHOD_QLORA, NULL);
  run (f, "rounded.h5", FALSE, &rounded);
  g_object_set (f->plan, "adapter-start", ATTUNE_ADAPTER_START_LOFTQ, NULL);
  run (f, "loftq.h5", FALSE, &loftq);
  g_test_message ("base loss %.9g as stored, %.9g in NF4, %.9g with what that has lost",
                  stored.first_loss, rounded.first_loss, loftq.first_loss);
  g_assert_cmpfloat (fabs (loftq.first_loss - stored.first_loss), <,
                     0.7 * fabs (rounded.first_loss - stored.first_loss));
  g_object_set (f->plan, "max-steps", 12, NULL);
  check_method (f, ATTUNE_METHOD_QLORA, 5e-3);
  check_starts (f);
  g_object_set (f->plan, "method", ATTUNE_METHOD_LORA, NULL);
  g_assert_false (attune_plan_check (f->plan, &error));
  g_assert_nonnull (strstr (error->message, "--method qlora"));
}

/* DoRA on a base in FP4. */
static void
test_qdora (Fixture *f, gconstpointer data)
{
  take_f16_model (f);
  g_object_set (f->plan, "base-type", ATTUNE_BASE_FP4, "double-quantisation", FALSE, NULL);
  check_method (f, ATTUNE_METHOD_DORA, 5e-3);
}

/* AdamW's first step moves every value by its rate: b's is 16 times a's. */
static void
test_loraplus (Fixture *f, gconstpointer data)
{
  const AttuneDecoderConfig *config = attune_model_get_config (f->model);
  AttuneLoraConfig lora;
  g_autoptr (GBytes) state = NULL;
  const float *values;
  gint64 shapes[3][2];
  float largest = 0;
  Told told = { 0 };

  g_object_set (f->plan, "max-steps", 1, "warmup-ratio", 0.0, "learning-rate", 1e-3,
                "lora-plus-ratio", 16.0, NULL);
  attune_plan_get_lora (f->plan, &lora, NULL);
  run (f, "plus.h5", FALSE, &told);
  state = read_state (f, "plus.h5");
  values = g_bytes_get_data (state, NULL);
  for (int layer = 0; layer < config->n_layers; layer++)
    for (int i = 0; i < attune_layer_linears (config); i++)
      for (int j = 0, n = attune_lora_shapes (config, &lora, i, shapes); j < n; j++)
        for (gint64 k = shapes[j][0] * shapes[j][1]; k > 0; k--, values++)
          if (j == 1) /* b began at zero */
            largest = MAX (largest, fabsf (*values));
  g_assert_cmpfloat_with_epsilon (largest, 16e-3, 1e-4);
}

/* A file in few bits stays as it is, and that is said. */
static void
test_stored_in_few_bits (Fixture *f, gconstpointer data)
{
  AttuneTrainerFuncs talking = funcs;
  g_autofree char *path = g_build_filename (f->folder, "few.h5", NULL), *message = NULL;
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;
  Told told = { 0 };

  talking.on_message = on_message;
  g_object_set (f->plan, "method", ATTUNE_METHOD_QLORA, "max-steps", 1, NULL);
  attune_trainer_run (f->plan, f->model, f->dataset, path, FALSE, &talking, &told, &result, &error);
  g_assert_no_error (error);
  message = told.message;
  g_assert_nonnull (message);
  g_assert_nonnull (strstr (message, "few bits already"));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/tune/methods/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("dora", test_dora);
  ADD ("ia3", test_ia3);
  ADD ("prompt", test_prompt);
  ADD ("prefix", test_prefix);
  ADD ("pissa", test_pissa);
  ADD ("qlora", test_qlora);
  ADD ("loftq", test_loftq);
  ADD ("qdora", test_qdora);
  ADD ("loraplus", test_loraplus);
  ADD ("stored-in-few-bits", test_stored_in_few_bits);
  return g_test_run ();
}
