/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nn/quantise-base.h"
#include "plan/earlier.h"
#include "plan/sample-model.h"

#include <glib/gstdio.h>
#include <string.h>

static void
test_counts (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  AttuneEstimate e;

  g_object_set (plan, "lora-rank", 16, "batch-size", 16, "epochs", 1.0, NULL);
  e = sample_estimate (plan);
  g_assert_cmpint (e.trainable, ==, 4884480); /* what PEFT counts for r = 16 on all seven linears */
  g_assert_cmpuint (e.steps, ==, 100);
  g_assert_cmpuint (e.peak_bytes, ==,
                    e.weights_bytes + e.learning_bytes + e.activation_bytes + e.sampling_bytes
                        + e.packing_bytes + e.data_bytes + e.base_bytes);
  g_object_set (plan, "targets", "q,v", NULL);
  g_assert_cmpint (sample_estimate (plan).trainable, ==, 30 * 16 * ((576 + 576) + (192 + 576)));
}

/* All weights learn: four vectors of f32 and what is computed. */
static void
test_full (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttuneEstimate adapter = sample_estimate (plan);
  AttuneEstimate e;

  g_object_set (plan, "method", ATTUNE_METHOD_FULL, "learning-rate", 2e-5, "checkpoint-activations",
                TRUE, NULL);
  e = sample_estimate (plan);
  g_assert_cmpint (e.trainable, ==, SAMPLE_PARAMETERS);
  g_assert_cmpuint (e.weights_bytes + e.learning_bytes, ==, 16 * (guint64) SAMPLE_PARAMETERS);
  g_assert_cmpuint (e.disk_bytes, ==, 32 * (guint64) SAMPLE_PARAMETERS);
  g_assert_cmpuint (e.peak_bytes, <, 2500000000);
  g_assert_cmpfloat (e.flops, >, 1.2 * adapter.flops);
  g_assert_cmpfloat (e.flops, <, 1.6 * adapter.flops);
  g_object_set (plan, "lora-rank", 512, "lora-dropout", 0.5, NULL); /* have no say */
  g_assert_cmpuint (sample_estimate (plan).peak_bytes, ==, e.peak_bytes);
}

/* An optimizer that remembers less takes less. */
static void
test_optimizers (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const gint64 n = sample_estimate (plan).trainable;
  g_autoptr (GError) error = NULL;
  AttuneEstimate e, paged;

  g_assert_cmpuint (sample_estimate (plan).learning_bytes, ==, 5 * n * sizeof (float));
  g_object_set (plan, "optimizer", ATTUNE_OPTIMIZER_LION, NULL);
  g_assert_cmpuint (sample_estimate (plan).learning_bytes, ==, 4 * n * sizeof (float));
  g_assert_cmpuint (sample_estimate (plan).disk_bytes, ==, 2 * 3 * n * sizeof (float));
  g_object_set (plan, "optimizer", ATTUNE_OPTIMIZER_ADAFACTOR, NULL);
  g_assert_cmpuint (sample_estimate (plan).learning_bytes, <, 3.2 * n * sizeof (float));
  g_object_set (plan, "method", ATTUNE_METHOD_FULL, "learning-rate", 2e-5, NULL);
  g_assert_cmpuint (sample_estimate (plan).learning_bytes, <, 1.01 * SAMPLE_PARAMETERS * 4);
  /* a byte for each moment, and 8 for every 256 of both */
  g_object_set (plan, "optimizer", ATTUNE_OPTIMIZER_ADAMW_8BIT, NULL);
  e = sample_estimate (plan);
  g_assert_cmpfloat_with_epsilon (e.learning_bytes, (4 + 520 / 256.0) * SAMPLE_PARAMETERS,
                                  1e-3 * e.learning_bytes);
  /* on the disk it takes no memory, but its file, beside the checkpoints */
  g_object_set (plan, "paged-optimizer", TRUE, NULL);
  paged = sample_estimate (plan);
  g_assert_cmpuint (paged.learning_bytes, ==, 4 * (guint64) SAMPLE_PARAMETERS);
  g_assert_cmpuint (paged.disk_bytes - e.disk_bytes, ==, e.learning_bytes - paged.learning_bytes);
  g_object_set (plan, "ranks", 2, NULL);
  g_assert_false (attune_plan_check (plan, &error));
  g_assert_nonnull (strstr (error->message, "--optimizer adamw-8bit. Use --ranks 1"));
}

/* Some layers, and a half at a time: what is not trained takes neither gradients nor moments, and
 * of layers below nothing is kept. */
static void
test_parts (void)
{
  const gint64 layer = 2 * 576 + 2 * 576 * 576 + 2 * 192 * 576 + 3 * 1536 * 576;
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  g_autoptr (GError) error = NULL;
  AttuneEstimate full, e;

  g_object_set (plan, "method", ATTUNE_METHOD_FULL, "learning-rate", 2e-5, NULL);
  full = sample_estimate (plan);
  g_object_set (plan, "method", ATTUNE_METHOD_LAYERS, "layers", "last 4", NULL);
  e = sample_estimate (plan);
  g_assert_cmpint (e.trainable, ==, 4 * layer);
  g_assert_cmpuint (e.weights_bytes, ==, SAMPLE_WEIGHTS_BYTES);
  g_assert_cmpuint (e.learning_bytes, ==, 16 * 4 * layer);
  g_assert_cmpuint (e.activation_bytes, <, full.activation_bytes / 2);
  g_assert_cmpfloat (e.flops, <, 0.6 * full.flops);
  g_object_set (plan, "layers", "0-29", NULL);
  g_assert_cmpint (sample_estimate (plan).trainable + 49152 * 576 + 576, ==, SAMPLE_PARAMETERS);

  g_object_set (plan, "method", ATTUNE_METHOD_HALF, NULL);
  e = sample_estimate (plan);
  g_assert_cmpint (e.trainable, ==, SAMPLE_PARAMETERS);
  g_assert_cmpuint (e.weights_bytes, ==, 4 * (guint64) SAMPLE_PARAMETERS);
  /* the embedding, which always learns, and half of the layers */
  g_assert_cmpfloat_with_epsilon (e.learning_bytes, 12 * (49152 * 576 + 30 * layer / 2.0),
                                  0.02 * e.learning_bytes);
  g_assert_cmpfloat (e.flops, <, full.flops);

  g_object_set (plan, "method", ATTUNE_METHOD_BIAS, NULL);
  g_assert_false (attune_estimate (plan, &sample_config, 1, 1, &sample_facts, &e, &error));
  g_assert_nonnull (strstr (error->message, "no biases"));
}

/* Starts in the parts of the weights need as many parts, in the numbers that are used later. */
static void
test_principal (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  g_autoptr (GError) error = NULL;

  g_object_set (plan, "lora-rank", 256, NULL); /* keys and values have 192 rows */
  g_assert_true (attune_plan_check_model (plan, &sample_config, &error));
  g_object_set (plan, "adapter-start", ATTUNE_ADAPTER_START_PRINCIPAL, NULL);
  g_assert_false (attune_plan_check_model (plan, &sample_config, &error));
  g_assert_nonnull (strstr (error->message, "256"));
  g_assert_nonnull (strstr (error->message, "at most 192"));
  g_clear_error (&error);
  g_object_set (plan, "targets", "q,o", NULL);
  g_assert_true (attune_plan_check_model (plan, &sample_config, &error));
  g_object_set (plan, "targets", "all", "lora-rank", 192, NULL);
  g_assert_true (attune_plan_check_model (plan, &sample_config, &error));
  g_object_set (plan, "base-type", ATTUNE_BASE_NF4, NULL);
  g_assert_false (attune_plan_check (plan, &error));
  g_assert_nonnull (strstr (error->message, "--base-type auto"));
  g_clear_error (&error);
  g_object_set (plan, "adapter-start", ATTUNE_ADAPTER_START_ZERO, NULL);
  g_assert_true (attune_plan_check (plan, &error));
}

/* One label tells nothing apart; the logits of more than tokens would have no room. */
static void
test_labels (void)
{
  static const struct
  {
    int n, n_vocab;
    const char *says;
  } wrong[] = { { 0, 49152, "holds no labels" },
                { 1, 49152, "only one label" },
                { 1001, 49152, "at most 1000" },
                { 300, 256, "at most 256" } };
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  AttuneDataFacts facts = sample_facts;
  AttuneDecoderConfig config = sample_config;
  AttuneEstimate e, prompts;
  g_autoptr (GError) error = NULL;

  g_object_set (plan, "objective", ATTUNE_OBJECTIVE_LABELS, NULL);
  facts.n_labelled = 1600;
  facts.n_validation_labelled = 200;
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      facts.n_labels = wrong[i].n;
      config.n_vocab = wrong[i].n_vocab;
      g_assert_false (attune_estimate (plan, &config, 1, 1, &facts, &e, &error));
      g_assert_nonnull (strstr (error->message, wrong[i].says));
      g_clear_error (&error);
    }
  facts.n_labels = 1000;
  facts.label_tokens = 30000;
  g_assert_true (attune_estimate (plan, &sample_config, 1, 1, &facts, &e, &error));
  /* the answers lie in memory although they are not read */
  facts.label_tokens = facts.train_tokens;
  g_assert_true (attune_estimate (plan, &sample_config, 1, 1, &facts, &prompts, &error));
  g_assert_cmpuint (e.data_bytes, ==, prompts.data_bytes);
}

static void
test_memory_follows_plan (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttuneEstimate usual = sample_estimate (plan);

  g_object_set (plan, "micro-batch-tokens", 256, NULL);
  g_assert_cmpuint (sample_estimate (plan).activation_bytes, <, usual.activation_bytes / 2);
  /* logits, the widest of all, only for the third of the tokens that is learned and some more */
  g_assert_cmpint (attune_plan_step_shape (attune_plan_get_values (plan), &sample_facts).logit_rows,
                   <, 0.5 * 256);
  g_object_set (plan, "micro-batch-tokens", 1024, "checkpoint-activations", TRUE, NULL);
  g_assert_cmpuint (sample_estimate (plan).activation_bytes, <, usual.activation_bytes / 2);
  g_object_set (plan, "checkpoint-activations", FALSE, "micro-batch-tokens", 16, NULL);
  /* a micro-batch always holds the longest sample */
  g_assert_cmpint (attune_plan_step_shape (attune_plan_get_values (plan), &sample_facts).max_tokens,
                   ==, 80);
}

/* What every process has of its own is there twice; the mapped weights are not. */
static void
test_ranks (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttuneEstimate one = sample_estimate (plan);
  AttuneEstimate two;

  g_object_set (plan, "ranks", 2, NULL);
  two = sample_estimate (plan);
  g_assert_cmpuint (two.weights_bytes, ==, one.weights_bytes);
  /* values and gradients twice, those once more in shared memory, two moments, the best */
  g_assert_cmpuint (two.learning_bytes, ==, 9 * sizeof (float) * two.trainable);
  g_assert_cmpuint (two.base_bytes, ==, 2 * one.base_bytes);
  /* each has half of a step's samples, which here is less than the tokens at once */
  g_assert_cmpuint (two.activation_bytes, <, 2 * one.activation_bytes);
  g_assert_cmpuint (two.activation_bytes, >, one.activation_bytes);
  g_assert_cmpuint (two.steps, ==, one.steps);
  g_object_set (plan, "method", ATTUNE_METHOD_FULL, "learning-rate", 2e-5, NULL);
  two = sample_estimate (plan);
  g_assert_cmpuint (two.weights_bytes, ==, 2 * sizeof (float) * two.trainable);
  g_assert_cmpuint (two.learning_bytes, ==, 6 * sizeof (float) * two.trainable);
}

static void
test_refusal_names_what_fits (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttuneEstimate usual = sample_estimate (plan);
  g_autoptr (GError) error = NULL;

  g_assert_true (attune_estimate_check (plan, &sample_config, SAMPLE_WEIGHTS_BYTES,
                                        SAMPLE_PARAMETERS, &sample_facts, usual.peak_bytes,
                                        &error));
  g_assert_no_error (error);
  g_assert_false (attune_estimate_check (plan, &sample_config, SAMPLE_WEIGHTS_BYTES,
                                         SAMPLE_PARAMETERS, &sample_facts, usual.peak_bytes - 1,
                                         &error));
  g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_MEMORY);
  g_assert_nonnull (strstr (error->message, "--micro-batch-tokens 512"));
  g_clear_error (&error);

  /* what it names must fit */
  g_object_set (plan, "micro-batch-tokens", 512, NULL);
  g_assert_true (attune_estimate_check (plan, &sample_config, SAMPLE_WEIGHTS_BYTES,
                                        SAMPLE_PARAMETERS, &sample_facts, usual.peak_bytes - 1,
                                        &error));
  g_object_set (plan, "micro-batch-tokens", 1024, NULL);
  g_assert_false (attune_estimate_check (plan, &sample_config, SAMPLE_WEIGHTS_BYTES,
                                         SAMPLE_PARAMETERS, &sample_facts, 1000, &error));
  g_assert_nonnull (strstr (error->message, "No change of the plan makes it fit"));
}

/* A base of few bits is multiplied as whole numbers by the processor, which takes less time; what
 * learns itself is not. */
static void
test_whole_numbers (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  AttuneDecoderConfig config = sample_config;
  AttuneEstimate wide, small;

  config.linears_counted = TRUE;
  attune_estimate (plan, &config, SAMPLE_WEIGHTS_BYTES, SAMPLE_PARAMETERS, &sample_facts, &wide,
                   NULL);
  config.small_linears = attune_quantised_count (&config);
  attune_estimate (plan, &config, SAMPLE_WEIGHTS_BYTES, SAMPLE_PARAMETERS, &sample_facts, &small,
                   NULL);
  g_assert_cmpfloat (small.flops, <, 0.85 * wide.flops);
  config.small_head = TRUE;
  attune_estimate (plan, &config, SAMPLE_WEIGHTS_BYTES, SAMPLE_PARAMETERS, &sample_facts, &small,
                   NULL);
  g_assert_cmpfloat (small.flops, <, 0.75 * wide.flops);
  g_assert_cmpfloat (small.flops, >, 0.65 * wide.flops);
  g_object_set (plan, "device", ATTUNE_DEVICE_AUTO, NULL);
  attune_estimate (plan, &config, SAMPLE_WEIGHTS_BYTES, SAMPLE_PARAMETERS, &sample_facts, &small,
                   NULL);
  g_assert_cmpfloat (small.flops, ==, wide.flops);
  g_object_set (plan, "device", ATTUNE_DEVICE_CPU, "method", ATTUNE_METHOD_FULL, NULL);
  attune_estimate (plan, &config, SAMPLE_WEIGHTS_BYTES, SAMPLE_PARAMETERS, &sample_facts, &small,
                   NULL);
  config.small_linears = 0;
  config.small_head = FALSE;
  attune_estimate (plan, &config, SAMPLE_WEIGHTS_BYTES, SAMPLE_PARAMETERS, &sample_facts, &wide,
                   NULL);
  g_assert_cmpfloat (small.flops, ==, wide.flops);
}

/* A rank beyond all matrices is refused; a base in 4 bits takes what its copies take. */
static void
test_adapters (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  g_autoptr (GError) error = NULL;
  const guint64 f16 = 2 * (guint64) SAMPLE_PARAMETERS;
  const gint64 linears = 30 * (2 * 576 * 576 + 2 * 192 * 576 + 3 * 1536 * 576);
  AttuneEstimate stored, e;
  guint64 lora_bytes;

  g_assert_true (attune_estimate (plan, &sample_config, f16, SAMPLE_PARAMETERS, &sample_facts,
                                  &stored, &error));
  g_assert_cmpuint (stored.weights_bytes, ==, f16);
  lora_bytes = stored.learning_bytes;
  g_object_set (plan, "method", ATTUNE_METHOD_QLORA, "double-quantisation", FALSE, NULL);
  attune_estimate (plan, &sample_config, f16, SAMPLE_PARAMETERS, &sample_facts, &e, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (e.weights_bytes, ==, f16 - 2 * linears + linears / 64 * 36);
  g_object_set (plan, "double-quantisation", TRUE, NULL);
  attune_estimate (plan, &sample_config, f16, SAMPLE_PARAMETERS, &sample_facts, &e, &error);
  g_assert_cmpuint (e.weights_bytes, <, f16 - 2 * linears + linears / 64 * 33.3);
  {
    /* of a file that was looked at, what its linears take counts: here they are in few bits, and
     * embedding and head make the mean wide */
    AttuneDecoderConfig config = sample_config;

    config.linears_counted = TRUE;
    attune_estimate (plan, &config, f16, SAMPLE_PARAMETERS, &sample_facts, &e, &error);
    g_assert_cmpuint (e.weights_bytes, ==, f16);
    config.wide_linears = linears / 2;
    config.wide_bytes = 4 * config.wide_linears; /* in f32 */
    g_object_set (plan, "double-quantisation", FALSE, NULL);
    attune_estimate (plan, &config, f16, SAMPLE_PARAMETERS, &sample_facts, &e, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (e.weights_bytes, ==, f16 - 2 * linears + linears / 64 * 18);
    g_object_set (plan, "double-quantisation", TRUE, NULL);
  }
  /* a file of few bits stays as it is */
  g_assert_cmpuint (sample_estimate (plan).weights_bytes, ==, SAMPLE_WEIGHTS_BYTES);

  g_object_set (plan, "method", ATTUNE_METHOD_DORA, NULL);
  e = sample_estimate (plan);
  g_assert_cmpint (e.trainable - stored.trainable, ==, 30 * (576 + 2 * 192 + 576 + 2 * 1536 + 576));
  g_assert_cmpuint (e.learning_bytes, >, lora_bytes);
  g_assert_cmpuint (e.activation_bytes, >, stored.activation_bytes);
  g_object_set (plan, "method", ATTUNE_METHOD_IA3, NULL);
  g_assert_cmpint (sample_estimate (plan).trainable, ==, 30 * (192 + 192 + 1536));
  g_object_set (plan, "method", ATTUNE_METHOD_PROMPT, "virtual-tokens", 7, NULL);
  g_assert_cmpint (sample_estimate (plan).trainable, ==, 7 * 576);
  g_object_set (plan, "method", ATTUNE_METHOD_PREFIX, NULL);
  g_assert_cmpint (sample_estimate (plan).trainable, ==, 7 * 30 * 2 * 192);
  {
    AttuneDecoderConfig table = sample_config;

    e = sample_estimate (plan);
    g_object_set (plan, "virtual-tokens", 8, NULL); /* a row more in each step */
    g_assert_cmpuint (sample_estimate (plan).activation_bytes, >, e.activation_bytes);
    g_assert_cmpuint (sample_estimate (plan).sampling_bytes, >, e.sampling_bytes);
    table.learned_positions = TRUE;
    g_assert_false (attune_plan_check_model (plan, &table, &error));
    g_assert_nonnull (strstr (error->message, "--method lora"));
    g_clear_error (&error);
  }

  g_object_set (plan, "method", ATTUNE_METHOD_LORA, "lora-rank", 200, "targets", "k,v", NULL);
  g_assert_false (
      attune_estimate (plan, &sample_config, f16, SAMPLE_PARAMETERS, &sample_facts, &e, &error));
  g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
  g_assert_nonnull (strstr (error->message, "at most 192"));
}

/* Two values more for each that is held; the material itself; the time that it takes. */
static void
test_earlier (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttunePlanValues *v = attune_plan_get_values (plan);
  const AttuneEstimate plain = sample_estimate (plan);
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "attune-earlier-XXXXXX", NULL);
  const int fd = g_mkstemp (path);
  g_autoptr (GError) error = NULL;
  double earlier, passes;
  AttuneStepShape shape;
  AttuneEstimate e;

  g_assert_cmpint (fd, >=, 0);
  g_assert_true (g_close (fd, NULL));
  g_assert_true (g_file_set_contents (path, "a text of 20 letters", 20, NULL));
  g_object_set (plan, "earlier", path, "replay-share", 0.2, NULL);
  shape = attune_plan_step_shape (v, &sample_facts);
  e = sample_estimate (plan);
  /* a sample of a text is as long as is read at once, or full */
  earlier = (double) MIN (ATTUNE_EARLIER_TOKENS, shape.max_tokens) * sample_facts.n_train
            / sample_facts.train_tokens;
  g_assert_cmpfloat (fabs (earlier - 1), >, 0.1);
  g_assert_cmpfloat_with_epsilon (e.flops / plain.flops, 1 + 0.25 * earlier, 1e-6);
  g_object_set (plan, "replay-share", 0.0, "ewc-weight", 10.0, NULL);
  e = sample_estimate (plan);
  passes = (double) e.steps * v->batch_size / sample_facts.n_train;
  g_assert_cmpfloat_with_epsilon (
      e.flops / plain.flops, 1 + v->ewc_samples * earlier / sample_facts.n_train / passes, 1e-6);
  g_assert_cmpuint (e.learning_bytes - plain.learning_bytes, ==, 2 * e.trainable * sizeof (float));
  g_assert_cmpuint (e.data_bytes - plain.data_bytes, >=, 20);
  g_assert_cmpuint (e.steps, ==, plain.steps);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_false (attune_estimate (plan, &sample_config, 1, 1, &sample_facts, &e, &error));
  g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
  g_assert_nonnull (strstr (error->message, "There is no file"));
  g_clear_error (&error);
  g_object_set (plan, "earlier", "", "ewc-weight", 0.0, "term-pairs", path, NULL);
  g_assert_false (attune_estimate (plan, &sample_config, 1, 1, &sample_facts, &e, &error));
  g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
  g_assert_nonnull (strstr (error->message, "Pairs of Terms"));
}

/* Virtual tokens take the time of their rows and of nothing that is computed again. */
static void
test_virtual_time (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  AttuneEstimate lora, few, many;

  g_object_set (plan, "lora-rank", 1, NULL);
  lora = sample_estimate (plan);
  g_object_set (plan, "method", ATTUNE_METHOD_PROMPT, "virtual-tokens", 1, NULL);
  few = sample_estimate (plan);
  g_object_set (plan, "virtual-tokens", 100, NULL);
  many = sample_estimate (plan);
  g_test_message ("of an adapter: %.3f; with 100 rows %.3f", few.flops / lora.flops,
                  many.flops / lora.flops);
  g_assert_cmpfloat (few.flops / lora.flops, >, 0.9);
  g_assert_cmpfloat (few.flops / lora.flops, <, 1.01);
  g_assert_cmpfloat (many.flops, >, 1.01 * few.flops);
}

static void
test_bad_targets (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  g_autoptr (GError) error = NULL;
  AttuneEstimate e;

  g_object_set (plan, "targets", "q,knee", NULL);
  g_assert_false (attune_estimate (plan, &sample_config, 1, 1, &sample_facts, &e, &error));
  g_assert_nonnull (strstr (error->message, "knee"));
}

static void
test_available (void)
{
  const guint64 available = attune_memory_available ();

  g_assert_cmpuint (available, >, 1 << 20);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/estimate/principal", test_principal);
  g_test_add_func ("/plan/estimate/labels", test_labels);
  g_test_add_func ("/plan/estimate/counts", test_counts);
  g_test_add_func ("/plan/estimate/full", test_full);
  g_test_add_func ("/plan/estimate/optimizers", test_optimizers);
  g_test_add_func ("/plan/estimate/parts", test_parts);
  g_test_add_func ("/plan/estimate/memory-follows-plan", test_memory_follows_plan);
  g_test_add_func ("/plan/estimate/ranks", test_ranks);
  g_test_add_func ("/plan/estimate/refusal-names-what-fits", test_refusal_names_what_fits);
  g_test_add_func ("/plan/estimate/adapters", test_adapters);
  g_test_add_func ("/plan/estimate/whole-numbers", test_whole_numbers);
  g_test_add_func ("/plan/estimate/earlier", test_earlier);
  g_test_add_func ("/plan/estimate/virtual-time", test_virtual_time);
  g_test_add_func ("/plan/estimate/bad-targets", test_bad_targets);
  g_test_add_func ("/plan/estimate/available", test_available);
  return g_test_run ();
}
