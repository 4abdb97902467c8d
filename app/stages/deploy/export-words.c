/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See export-words.h.
 */
#include "stages/deploy/export-words.h"

#include <glib/gi18n.h>
#include <string.h>

/* 8 bits round: now and then another word is as likely. Of SmolLM2 135M they chose 97 of 100 words
 * alike; a wrong weight leaves a few. */
#define SOUND_SHARE 0.8

static const struct
{
  const char *title, *purpose;
} words[ATTUNE_N_EXPORTS] = {
  [ATTUNE_EXPORT_ADAPTER]
  = { N_ ("Adapter (PEFT)"),
      N_ ("Only what was learned, for whoever has the base model. Small, and for programmers.") },
  [ATTUNE_EXPORT_MERGED]
  = { N_ ("Hugging Face Folder"),
      N_ ("The whole model for servers: vLLM, Transformers and what is built on them.") },
  [ATTUNE_EXPORT_GGUF_F16]
  = { N_ ("One File (GGUF, 16 Bit)"),
      N_ ("For Ollama, LM Studio and llama.cpp, where memory is plentiful.") },
  [ATTUNE_EXPORT_GGUF_Q8_0]
  = { N_ ("One File (GGUF, 8 Bit)"),
      N_ ("For Ollama, LM Studio and llama.cpp on any computer. Half the size of 16 bits.") },
  [ATTUNE_EXPORT_GGUF_Q5_K_M]
  = { N_ ("One File (GGUF, 5 Bit)"),
      N_ ("For Ollama, LM Studio and llama.cpp, where 8 bits are too large. It answers nearly the "
          "same.") },
  [ATTUNE_EXPORT_GGUF_Q4_K_M]
  = { N_ ("One File (GGUF, 4 Bit)"),
      N_ ("For Ollama, LM Studio and llama.cpp, where memory is short. Small models answer "
          "noticeably worse.") },
};

const char *
attune_export_get_title (AttuneExportFormat format)
{
  g_return_val_if_fail ((guint) format < ATTUNE_N_EXPORTS, NULL);
  return _ (words[format].title);
}

const char *
attune_export_get_purpose (AttuneExportFormat format)
{
  g_return_val_if_fail ((guint) format < ATTUNE_N_EXPORTS, NULL);
  return _ (words[format].purpose);
}

char *
attune_export_describe_purpose (AttuneExportFormat format, guint64 bytes)
{
  g_autofree char *size = g_format_size (bytes);

  /* Translators: a sentence on what an export is for, and how large it will be: "1.2 GB" */
  return bytes > 0 ? g_strdup_printf (_ ("%s About %s."), attune_export_get_purpose (format), size)
                   : g_strdup (attune_export_get_purpose (format));
}

gboolean
attune_export_is_sound (const AttuneExportRecord *record)
{
  const AttuneParity *parity = &record->parity;

  return record->checked
         && (parity->n_equal == parity->n_prompts
             || parity->n_same_choices >= SOUND_SHARE * parity->n_choices);
}

char *
attune_export_describe_check (const AttuneExportRecord *record, char **detail)
{
  const AttuneParity *parity = &record->parity;

  *detail = g_strdup ("");
  if (!record->checked)
    {
      g_set_str (detail, record->problem != NULL
                             ? record->problem
                             : _ ("Nothing is known of it. Export again, and it is checked."));
      return g_strdup (_ ("Not Checked"));
    }
  if (parity->n_equal == parity->n_prompts)
    return g_strdup_printf (
        g_dngettext (NULL, "The exported model gives the same answer: checked on %u prompt",
                     "The exported model gives the same answers: checked on %u prompts",
                     parity->n_prompts),
        parity->n_prompts);
  g_free (*detail);
  *detail
      = parity->n_choices == 0 ? g_strdup ("")
        : attune_export_is_sound (record)
            ? g_strdup_printf (
                  _ ("Word by word it chose the same in %.0f of 100 cases: the rest is rounding."),
                  100.0 * parity->n_same_choices / parity->n_choices)
            : g_strdup_printf (_ ("Word by word it chose the same in only %.0f of 100 cases. Try "
                                  "it before you rely on it."),
                               100.0 * parity->n_same_choices / parity->n_choices);
  return g_strdup_printf (_ ("The exported model gives the same answer to %u of %u prompts"),
                          parity->n_equal, parity->n_prompts);
}

/* --- commands */

static void
command_free (gpointer data)
{
  AttuneExportCommand *self = data;

  g_free (self->command);
  g_free (self);
}

/* Takes @command. */
static void
add (GPtrArray *commands, const char *program, char *command)
{
  AttuneExportCommand *self = g_new0 (AttuneExportCommand, 1);

  self->program = program;
  self->command = command;
  g_ptr_array_add (commands, self);
}

/* What Ollama takes as a name: lower case, digits, and a few signs between. */
static char *
make_model_name (const char *name)
{
  g_autofree char *plain = g_str_to_ascii (name, NULL), *lower = g_ascii_strdown (plain, -1);
  GString *result = g_string_new (NULL);

  for (const char *c = lower; *c != '\0'; c++)
    if (g_ascii_isalnum (*c))
      g_string_append_c (result, *c);
    else if (result->len > 0 && result->str[result->len - 1] != '-')
      g_string_append_c (result, '-');
  while (result->len > 0 && result->str[result->len - 1] == '-')
    g_string_truncate (result, result->len - 1);
  if (result->len == 0)
    g_string_append (result, "tuned");
  return g_string_free_and_steal (result);
}

static void
add_gguf (GPtrArray *commands, const AttuneExportRecord *record, const char *name)
{
  g_autofree char *file = g_shell_quote (record->output), *model = make_model_name (name);
  g_autofree char *room
      = record->context > 0 ? g_strdup_printf (" -c %d", record->context) : g_strdup ("");
  const char *told = record->system;

  if (record->modelfile != NULL)
    {
      g_autofree char *lines = g_shell_quote (record->modelfile);

      add (commands, "Ollama",
           g_strdup_printf ("ollama create %s -f %s && ollama run %s", model, lines, model));
    }
  add (commands, "LM Studio", g_strdup_printf ("lms import --copy %s", file));
  if (told != NULL && *told != '\0')
    {
      g_autofree char *system = g_shell_quote (told);

      add (commands, "llama.cpp",
           g_strdup_printf ("llama-cli --jinja -m %s%s -sys %s", file, room, system));
    }
  else
    add (commands, "llama.cpp", g_strdup_printf ("llama-cli --jinja -m %s%s", file, room));
}

GPtrArray *
attune_export_list_commands (const AttuneExportRecord *record, const char *name)
{
  GPtrArray *commands = g_ptr_array_new_with_free_func (command_free);
  g_autofree char *path = g_shell_quote (record->output);

  if (attune_export_format_is_gguf (record->format))
    add_gguf (commands, record, name);
  else if (record->format == ATTUNE_EXPORT_MERGED) /* an adapter's README.md says how */
    add (commands, "vLLM", g_strdup_printf ("vllm serve %s", path));
  return commands;
}
