/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps by the clock: they are real ones, on the processor and on the emulated graphics card. The
 * program is also the child in which plug-ins are tried.
 */
#include "compute/device.h"
#include "job/speed-model.h"
#include "job/speed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define N_VOCAB 256 /* of the tiny shape */

static AttuneSpeed
measure (AttuneMethod method, AttuneDeviceKind device)
{
  const AttuneSpeedQuestion question = { .shape = "tiny",
                                         .method = method,
                                         .tokens = 9,
                                         .batch = 2,
                                         .steps = 2,
                                         .device = { device, "/proc/self/exe", 1, 0 } };
  g_autoptr (GError) error = NULL;
  AttuneSpeed speed;

  attune_speed_measure (&question, &speed, &error);
  g_assert_no_error (error);
  g_test_message ("%s: %.4f s, loss %.4f to %.4f, %.3g of the products", speed.device,
                  speed.seconds, speed.first_loss, speed.last_loss, speed.share);
  g_assert_cmpfloat (speed.seconds, >, 0);
  g_assert_cmpfloat_with_epsilon (speed.tokens_per_second * speed.seconds, 18, 1e-6);
  g_assert_cmpfloat (speed.product_flops, >, 0);
  g_assert_cmpfloat (speed.share, >, 0);
  /* it knows nothing at first, and learns the same text again and again */
  g_assert_cmpfloat_with_epsilon (speed.first_loss, log (N_VOCAB), 0.5);
  g_assert_cmpfloat (speed.last_loss, <, speed.first_loss);
  return speed;
}

static void
test_processor (void)
{
  static const AttuneMethod methods[]
      = { ATTUNE_METHOD_LORA, ATTUNE_METHOD_QLORA, ATTUNE_METHOD_FULL };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_auto (AttuneSpeed) speed = measure (methods[i], ATTUNE_DEVICE_CPU);

      g_assert_false (speed.on_card);
      g_assert_cmpuint (speed.card_bytes, ==, 0);
      g_assert_null (speed.said);
    }
}

static void
test_card (void)
{
  g_auto (AttuneSpeed) on_cpu = measure (ATTUNE_METHOD_QLORA, ATTUNE_DEVICE_CPU), speed = { 0 };

  g_setenv ("ATTUNE_PLUGIN", "emulation", TRUE);
  speed = measure (ATTUNE_METHOD_QLORA, ATTUNE_DEVICE_GPU);
  g_unsetenv ("ATTUNE_PLUGIN");
  g_assert_true (speed.on_card);
  g_assert_cmpuint (speed.card_bytes, >, 64 * N_VOCAB * 2); /* the embedding alone */
  g_assert_cmpfloat_with_epsilon (speed.first_loss, on_cpu.first_loss, 1e-4);
  g_assert_cmpfloat_with_epsilon (speed.last_loss, on_cpu.last_loss, 1e-3);
}

/* It does not measure the processor in its place. */
static void
test_no_card (void)
{
  const AttuneSpeedQuestion question = { .shape = "tiny",
                                         .tokens = 9,
                                         .batch = 2,
                                         .steps = 2,
                                         .device = { ATTUNE_DEVICE_GPU, "/proc/self/exe", 1, 0 } };
  g_auto (AttuneSpeed) speed = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (attune_speed_measure (&question, &speed, &error));
  g_assert_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_DEVICE);
  g_assert_nonnull (strstr (error->message, "No plug-in for graphics cards is installed"));
}

/* Weights are the same whenever they are asked for, and spread as a trained model's. */
static void
test_model (void)
{
  g_autoptr (AttuneSpeedModel) model = attune_speed_model_new ("tiny", 16);
  const AttuneTensor *w = attune_speed_model_lookup (model, "blk.1.ffn_down.weight");
  double squares = 0;

  g_assert_null (attune_speed_model_new ("7 legs", 16));
  g_assert_nonnull (w);
  g_assert_true (w == attune_speed_model_lookup (model, "blk.1.ffn_down.weight"));
  g_assert_cmpint (w->dims[0], ==, 64);
  g_assert_cmpint (w->dims[1], ==, 128);
  g_assert_null (attune_speed_model_lookup (model, "blk.1.attn_q.bias"));
  for (gint64 i = 0; i < attune_tensor_count (w); i++)
    squares += pow (attune_bf16_to_f32 (((guint16 *) w->data)[i]), 2);
  g_assert_cmpfloat_with_epsilon (sqrt (squares / attune_tensor_count (w)), 0.02, 0.005);
}

/* As attunectl devices --probe. */
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

int
main (int argc, char **argv)
{
  if (argc == 4 && strcmp (argv[1], "devices") == 0)
    return probe (argv[3]);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/speed/processor", test_processor);
  g_test_add_func ("/job/speed/card", test_card);
  g_test_add_func ("/job/speed/no-card", test_no_card);
  g_test_add_func ("/job/speed/model", test_model);
  return g_test_run ();
}
