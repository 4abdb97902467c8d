/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of names, and those that need more than another name.
 */
#include "aliases.h"

#include "output.h"

#include <string.h>

static const char *const names[][2] = {
  { "num-train-epochs", "epochs" },
  { "lr-scheduler-type", "schedule" },
  { "optim", "optimizer" },
  { "max-grad-norm", "max-gradient-norm" },
  { "adam-beta1", "beta1" },
  { "adam-beta2", "beta2" },
  { "adam-epsilon", "epsilon" },
  { "label-smoothing-factor", "label-smoothing" },
  { "neftune-noise-alpha", "neftune-alpha" },
  { "early-stopping-patience", "patience" },
  { "gradient-checkpointing", "checkpoint-activations" },
  { "eval-steps", "validate-every" },
  { "save-steps", "checkpoint-every" },
  { "lora-r", "lora-rank" },
  { "use-rslora", "rank-stabilised" },
  { "target-modules", "targets" },
  { "train-batch-size", "batch-size" },
};

/* Their words for what is chosen; whose own name is not here is taken as it is. */
static const char *const their_words[][3] = {
  { "schedule", "cosine_with_restarts", "restarts" },
  { "schedule", "constant_with_warmup", "constant" },
  { "optimizer", "adamw_torch", "adamw" },
  { "optimizer", "adamw_torch_fused", "adamw" },
  { "optimizer", "adamw_hf", "adamw" },
  { "optimizer", "adamw_32bit", "adamw" },
  { "optimizer", "adamw_8bit", "adamw-8bit" },
  { "optimizer", "adamw_bnb_8bit", "adamw-8bit" },
  { "optimizer", "lion_32bit", "lion" },
};

static const char *
find_name (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i][0]))
      return names[i][1];
  return name;
}

static const char *
find_word (const char *name, const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (their_words); i++)
    if (g_str_equal (name, their_words[i][0]) && g_ascii_strcasecmp (word, their_words[i][1]) == 0)
      return their_words[i][2];
  return word;
}

typedef struct
{
  GPtrArray *out;      /* words */
  GPtrArray *notes;    /* sentences */
  guint64 per_device;  /* 0: not said */
  guint64 accumulated; /* likewise */
  gboolean batch_size; /* whether it was said by its own name */
} Aliases;

static gboolean
read_count (const char *name, const char *text, guint64 *count, GError **error)
{
  if (text != NULL && g_ascii_string_to_unsigned (text, 10, 1, 65536, count, NULL))
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--%s must be a whole number from 1 to 65536; “%s” is not.", name,
               text != NULL ? text : "");
  return FALSE;
}

/* fp16 and bf16, which may stand without a value. */
static gboolean
is_truth (const char *word)
{
  return word != NULL
         && (g_ascii_strcasecmp (word, "true") == 0 || g_ascii_strcasecmp (word, "false") == 0);
}

/* The option @name, with its dashes, and its value (nullable). Returns FALSE with @error. */
static gboolean
take_option (Aliases *self, const char *name, const char *value, GError **error)
{
  const char *own;

  if (g_str_equal (name, "per-device-train-batch-size"))
    return read_count ("per_device_train_batch_size", value, &self->per_device, error);
  if (g_str_equal (name, "gradient-accumulation-steps"))
    return read_count ("gradient_accumulation_steps", value, &self->accumulated, error);
  if (g_str_equal (name, "fp16") || g_str_equal (name, "bf16"))
    {
      if (value == NULL || g_ascii_strcasecmp (value, "false") != 0)
        g_ptr_array_add (self->notes,
                         g_strdup_printf ("--%s changes nothing: weights stay in the type that "
                                          "they are stored in, and are computed with in 32 bits.",
                                          name));
      return TRUE;
    }
  own = find_name (name);
  self->batch_size = self->batch_size || g_str_equal (own, "batch-size");
  if (g_str_equal (own, "optimizer") && value != NULL && g_str_has_prefix (value, "paged_"))
    {
      g_ptr_array_add (self->out, g_strdup ("--paged-optimizer=yes"));
      value += strlen ("paged_");
    }
  g_ptr_array_add (self->out, g_strconcat ("--", own, NULL));
  if (value != NULL)
    g_ptr_array_add (self->out, g_strdup (find_word (own, value)));
  return TRUE;
}

/* A micro-batch goes by tokens here, so only the product of the two counts. */
static gboolean
join_batch (Aliases *self, GError **error)
{
  if (self->per_device == 0 && self->accumulated == 0)
    return TRUE;
  if (self->batch_size || self->per_device == 0)
    {
      g_set_error_literal (
          error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
          self->batch_size
              ? "--batch-size is the samples of a step, which --per_device_train_batch_size and "
                "--gradient_accumulation_steps say, too: give only one of them."
              : "--gradient_accumulation_steps needs --per_device_train_batch_size beside it: a "
                "step reads as many samples as both together say.");
      return FALSE;
    }
  g_ptr_array_add (self->out, g_strdup ("--batch-size"));
  g_ptr_array_add (self->out, g_strdup_printf ("%" G_GUINT64_FORMAT,
                                               self->per_device * MAX (1, self->accumulated)));
  return TRUE;
}

/* Whether the option's value is the next word, in the case of an alias. */
static gboolean
takes_next (const char *name, const char *next)
{
  if (next == NULL || g_str_has_prefix (next, "--"))
    return FALSE;
  if (g_str_equal (name, "fp16") || g_str_equal (name, "bf16"))
    return is_truth (next);
  if (g_str_equal (name, "per-device-train-batch-size")
      || g_str_equal (name, "gradient-accumulation-steps"))
    return TRUE;
  return find_name (name) != name || g_str_equal (name, "schedule")
         || g_str_equal (name, "optimizer");
}

char **
attune_aliases_apply (char **argv, GPtrArray **notes, GError **error)
{
  Aliases self = { .out = g_ptr_array_new_null_terminated (0, g_free, TRUE),
                   .notes = g_ptr_array_new_with_free_func (g_free) };
  gboolean good = TRUE;

  for (int i = 0; good && argv[i] != NULL; i++)
    {
      g_auto (GStrv) parts = NULL;

      if (!g_str_has_prefix (argv[i], "--") || argv[i][2] == '\0')
        {
          g_ptr_array_add (self.out, g_strdup (argv[i]));
          continue;
        }
      parts = g_strsplit (argv[i] + 2, "=", 2);
      g_strdelimit (parts[0], "_", '-');
      if (parts[1] == NULL && takes_next (parts[0], argv[i + 1]))
        good = take_option (&self, parts[0], argv[++i], error);
      else
        good = take_option (&self, parts[0], parts[1], error);
    }
  good = good && join_batch (&self, error);
  *notes = self.notes;
  if (good)
    return (char **) g_ptr_array_free (self.out, FALSE);
  g_ptr_array_unref (self.out);
  g_clear_pointer (notes, g_ptr_array_unref);
  return NULL;
}

char **
attune_aliases_parse (const AttuneCommand *self, char **argv)
{
  g_autoptr (GPtrArray) notes = NULL;
  g_autoptr (GError) error = NULL;
  char **words;

  /* What is wrong with the words must already be said in JSON to who asked for it. */
  attune_output_set_json (g_strv_contains ((const char *const *) argv, "--json"));
  words = attune_aliases_apply (argv, &notes, &error);
  if (words == NULL)
    attune_command_misused (self, error->message);
  for (guint i = 0; words != NULL && i < notes->len; i++)
    attune_output_row ("Note", "%s", (const char *) notes->pdata[i]);
  return words;
}

/* Returns: (nullable) (transfer none): the plan's setting that the word is an option for. */
static GParamSpec *
find_setting (GObjectClass *klass, const char *word)
{
  g_auto (GStrv) parts = g_strsplit (word, "=", 2);

  return g_str_has_prefix (word, "--") ? g_object_class_find_property (klass, parts[0] + 2) : NULL;
}

static void
take_said (GObject *plan, GObject *said, char **argv)
{
  for (int i = 0; argv[i] != NULL; i++)
    {
      GParamSpec *setting = find_setting (G_OBJECT_GET_CLASS (plan), argv[i]);
      g_auto (GValue) value = G_VALUE_INIT;

      if (setting == NULL)
        continue;
      g_object_get_property (said, setting->name, &value);
      g_object_set_property (plan, setting->name, &value);
    }
}

void
attune_aliases_take (AttunePlan *plan, AttunePlan *said, char **argv)
{
  const AttunePlanValues before = *attune_plan_get_values (plan);

  take_said (G_OBJECT (plan), G_OBJECT (said), argv);
  attune_plan_follow (plan, &before);
  take_said (G_OBJECT (plan), G_OBJECT (said), argv);
}

const char *
attune_aliases_find_setting (char **argv)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (ATTUNE_TYPE_PLAN);

  for (int i = 0; argv[i] != NULL; i++)
    if (find_setting (G_OBJECT_CLASS (klass), argv[i]) != NULL)
      return argv[i];
  return NULL;
}
