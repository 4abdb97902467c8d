/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl bench: how fast this computer tunes, on a model and texts that are random.
 */
#include "command.h"
#include "output.h"

#include "job/json.h"
#include "job/speed-model.h"
#include "job/speed.h"

#include <string.h>

typedef struct
{
  char *shape, *method, *precision;
  int tokens, batch, steps, threads;
  gboolean checkpoint;
} Options;

static void
options_clear (Options *self)
{
  g_free (self->shape);
  g_free (self->method);
  g_free (self->precision);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* The number of @word among @words (ends with %NULL); -1: none. */
static int
find_word (const char *const *words, const char *word)
{
  for (int i = 0; words[i] != NULL; i++)
    if (g_str_equal (words[i], word))
      return i;
  return -1;
}

/* NULL, or what is wrong. */
static const char *
read_question (const Options *options, const char *device, AttuneSpeedQuestion *question)
{
  static const char *const methods[] = { "lora", "qlora", "full", NULL },
                           *const precisions[] = { "f32", "bf16", "f16", NULL },
                           *const devices[] = { "auto", "cpu", "gpu", NULL };
  static const AttuneMethod numbers[]
      = { ATTUNE_METHOD_LORA, ATTUNE_METHOD_QLORA, ATTUNE_METHOD_FULL };
  const char *shape = options->shape != NULL ? options->shape : "1.1B";
  const int method = find_word (methods, options->method != NULL ? options->method : "lora"),
            precision
            = find_word (precisions, options->precision != NULL ? options->precision : "bf16"),
            kind = find_word (devices, device);

  if (kind < 0)
    return "The device is cpu, gpu or auto.";
  if (method < 0)
    return "--method is lora, qlora or full.";
  if (precision < 0)
    return "--precision is f32, bf16 or f16.";
  if (find_word (attune_speed_shapes, shape) < 0)
    return "--shape is 135M, 1.1B, 8B or tiny.";
  if (options->tokens < 2 || options->tokens > 131072 || options->batch < 1 || options->batch > 1024
      || options->steps < 1 || options->steps > 1000)
    return "--tokens is 2 to 131072, --batch 1 to 1024, --steps 1 to 1000.";
  *question = (AttuneSpeedQuestion) {
    .shape = shape,
    .method = numbers[method],
    .tokens = options->tokens,
    .batch = options->batch,
    .steps = options->steps,
    .checkpoint = options->checkpoint,
    .precision = (AttunePrecision) precision,
    .device = { (AttuneDeviceKind) kind, "/proc/self/exe", options->threads, 0 },
  };
  return NULL;
}

static void
tell (const AttuneSpeed *speed)
{
  JsonObject *object = json_object_new ();

  attune_output_row ("Device", "%s", speed->device);
  if (speed->said != NULL)
    attune_output_row ("", "%s", speed->said);
  attune_output_row ("A step", "%.3f s, %.0f tokens a second", speed->seconds,
                     speed->tokens_per_second);
  if (speed->on_card)
    {
      g_autofree char *bytes = g_format_size (speed->card_bytes);

      attune_output_row ("Memory", "%s of the card", bytes);
    }
  attune_output_row ("Products", "%.3g FLOP/s by themselves; the step's are %.0f %% of that",
                     speed->product_flops, 100 * speed->share);
  attune_output_row ("Loss", "%.4f, then %.4f", speed->first_loss, speed->last_loss);
  json_object_set_string_member (object, "device", speed->device);
  json_object_set_boolean_member (object, "on_card", speed->on_card);
  json_object_set_double_member (object, "seconds", speed->seconds);
  json_object_set_double_member (object, "tokens_per_second", speed->tokens_per_second);
  json_object_set_int_member (object, "card_bytes", speed->card_bytes);
  json_object_set_double_member (object, "product_flops", speed->product_flops);
  json_object_set_double_member (object, "share", speed->share);
  json_object_set_double_member (object, "first_loss", speed->first_loss);
  json_object_set_double_member (object, "last_loss", speed->last_loss);
  attune_output_json (object);
}

static int
run (const AttuneCommand *self, char **argv)
{
  g_auto (Options) options = { .tokens = 2048, .batch = 1, .steps = 5 };
  const GOptionEntry entries[]
      = { { "shape", 0, 0, G_OPTION_ARG_STRING, &options.shape, "135M, 1.1B (usual), 8B or tiny",
            "SHAPE" },
          { "method", 0, 0, G_OPTION_ARG_STRING, &options.method, "lora (usual), qlora or full",
            "METHOD" },
          { "precision", 0, 0, G_OPTION_ARG_STRING, &options.precision,
            "a card's products: bf16 (usual), f16 or f32", "TYPE" },
          { "tokens", 0, 0, G_OPTION_ARG_INT, &options.tokens, "of a text (2048)", "N" },
          { "batch", 0, 0, G_OPTION_ARG_INT, &options.batch, "texts in a step (1)", "N" },
          { "steps", 0, 0, G_OPTION_ARG_INT, &options.steps, "that are measured (5)", "N" },
          { "threads", 0, 0, G_OPTION_ARG_INT, &options.threads, "of the processor (all)", "N" },
          { "checkpoint", 0, 0, G_OPTION_ARG_NONE, &options.checkpoint,
            "compute activations again, for less memory", NULL },
          { 0 } };
  g_auto (GStrv) arguments = attune_command_parse (self, entries, NULL, argv);
  g_auto (AttuneSpeed) speed = { 0 };
  g_autoptr (GError) error = NULL;
  AttuneSpeedQuestion question;
  const char *wrong;

  if (arguments == NULL)
    return ATTUNE_EXIT_USAGE;
  wrong = read_question (&options, arguments[0], &question);
  if (wrong != NULL)
    return attune_command_misused (self, wrong);
  if (!attune_speed_measure (&question, &speed, &error))
    return attune_output_fail (error);
  tell (&speed);
  return ATTUNE_EXIT_OK;
}

const AttuneCommand attune_command_bench = {
  .name = "bench",
  .parameters = "DEVICE",
  .summary = "How fast cpu or gpu tunes",
  .description = "Takes steps of tuning by the clock, on weights and texts that are random: "
                 "nothing is\ndownloaded, kept or written. A model of 8B takes 16 GB of memory in "
                 "bf16.",
  .min_arguments = 1,
  .max_arguments = 1,
  .script = TRUE,
  .run = run,
};
