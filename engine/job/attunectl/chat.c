/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl chat: talks with a model over standard input and output.
 */
#include "chat-lines.h"
#include "command.h"
#include "output.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  gboolean base, greedy, exact, small;
  char *run, *system, *prompt, *draft;
  double temperature, top_p;
  int top_k, max_tokens, context;
  gint64 seed;
} Options;

/* Ctrl+C ends the answer that is being written. */
static volatile sig_atomic_t interrupted;

static void
on_interrupt (int number)
{
  interrupted = 1;
}

/* For people. */
static gboolean
on_text (const char *piece, gpointer data)
{
  g_autoptr (GString) clean = g_string_new (NULL);

  /* What a model writes must not steer the terminal. */
  for (const char *c = piece; *c != '\0'; c = g_utf8_next_char (c))
    {
      const gunichar u = g_utf8_get_char (c);

      g_string_append_unichar (clean, g_unichar_iscntrl (u) && u != '\n' && u != '\t' ? ' ' : u);
    }
  g_print ("%s", clean->str);
  return !interrupted;
}

/* One question and its answer. */
static gboolean
take_turn (AttuneConversation *self, const char *question, GError **error)
{
  AttuneConversationAnswer answer;

  interrupted = 0;
  if (!attune_conversation_ask (self, question, attune_output_is_json () ? NULL : on_text, NULL,
                                &answer, error))
    return FALSE;
  attune_chat_lines_tell (self, question, &answer, FALSE);
  if (!attune_output_is_json ())
    g_print ("\n"); /* the text itself has been shown as it came */
  return TRUE;
}

static int
chat_on (AttuneConversation *self, GError **error)
{
  const gboolean prompts = isatty (STDIN_FILENO);
  g_autofree char *line = NULL;
  size_t size = 0;

  attune_output_heading ("Chat with %s%s", attune_model_get_name (self->tuned->model),
                         self->tuned->parameters != NULL ? ", tuned" : "");
  attune_output_line (
      "  /new forgets the conversation, /quit or Ctrl+D ends it, Ctrl+C ends an answer.");
  for (;;)
    {
      if (prompts)
        g_print ("\nYou:   ");
      if (getline (&line, &size, stdin) < 0 || strcmp (g_strstrip (line), "/quit") == 0)
        break;
      if (strcmp (line, "/new") == 0)
        g_ptr_array_set_size (self->turns, 0);
      else if (!g_utf8_validate (line, -1, NULL))
        g_printerr ("That was not readable text (UTF-8).\n");
      else if (*line != '\0')
        {
          g_print ("Model: ");
          if (!take_turn (self, line, error))
            return attune_output_fail (*error);
        }
    }
  if (prompts)
    g_print ("\n");
  return ATTUNE_EXIT_OK;
}

static int
chat (const Options *options, const char *where)
{
  g_auto (AttuneConversation) self = {
    .sampling = { .max_tokens = options->max_tokens,
                  .temperature = options->greedy ? 0 : (float) options->temperature,
                  .top_p = (float) options->top_p,
                  .top_k = options->top_k,
                  .seed = (guint64) options->seed },
    .capacity = options->context,
    .exact = options->exact,
    .small = options->small,
    .draft_path = options->draft,
  };
  /* No SA_RESTART: at the prompt, reading ends. */
  struct sigaction action = { .sa_handler = on_interrupt };
  g_autoptr (GError) error = NULL;

  if (!attune_conversation_open (&self, where, options->run, options->base, options->system,
                                 &error))
    return attune_output_fail (error);
  sigaction (SIGINT, &action, NULL);
  if (options->prompt != NULL)
    return take_turn (&self, options->prompt, &error) ? ATTUNE_EXIT_OK : attune_output_fail (error);
  if (!attune_output_is_json ())
    return chat_on (&self, &error);
  attune_chat_lines_run (&self, &interrupted);
  return ATTUNE_EXIT_OK;
}

static int
run_chat (const AttuneCommand *self, char **argv)
{
  Options options
      = { .temperature = 0.7, .top_p = 0.95, .max_tokens = 256, .context = 2048, .seed = -1 };
  const GOptionEntry entries[] = {
    { "prompt", 'p', 0, G_OPTION_ARG_STRING, &options.prompt, "Ask this one question, and end",
      "TEXT" },
    { "base", 0, 0, G_OPTION_ARG_NONE, &options.base, "Talk with the model as it was before tuning",
      NULL },
    { "run", 0, 0, G_OPTION_ARG_STRING, &options.run, "Which run; the latest by default",
      "NUMBER" },
    { "system", 0, 0, G_OPTION_ARG_STRING, &options.system,
      "What the model is told to be; as in training by default", "TEXT" },
    { "greedy", 0, 0, G_OPTION_ARG_NONE, &options.greedy,
      "Always take the likeliest word: the same answer each time", NULL },
    { "temperature", 0, 0, G_OPTION_ARG_DOUBLE, &options.temperature,
      "How freely words are chosen (default 0.7)", "T" },
    { "top-p", 0, 0, G_OPTION_ARG_DOUBLE, &options.top_p,
      "Choose among the likeliest, up to this share (default 0.95)", "P" },
    { "top-k", 0, 0, G_OPTION_ARG_INT, &options.top_k, "Choose among so many; 0 is off (default)",
      "K" },
    { "max-tokens", 0, 0, G_OPTION_ARG_INT, &options.max_tokens,
      "Longest answer, in tokens (default 256)", "N" },
    { "context", 0, 0, G_OPTION_ARG_INT, &options.context,
      "Tokens of the conversation that are kept (default 2048)", "N" },
    { "draft", 0, 0, G_OPTION_ARG_FILENAME, &options.draft,
      "A smaller model of the same vocabulary that looks ahead: the same answers, sooner", "FILE" },
    { "exact", 0, 0, G_OPTION_ARG_NONE, &options.exact,
      "Compute as in training, which is slower and hardly ever says something else", NULL },
    { "small-context", 0, 0, G_OPTION_ARG_NONE, &options.small,
      "Keep the conversation in half the memory, in 8 bits; not with --exact", NULL },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &options.seed,
      "Start of the random numbers; another one each time by default", "N" },
    { NULL },
  };
  g_auto (GStrv) arguments = attune_command_parse (self, entries, NULL, argv);
  g_autofree char *prompt = options.prompt, *run = options.run, *system = options.system,
                  *draft = options.draft;

  if (arguments == NULL)
    return ATTUNE_EXIT_USAGE;
  if (options.temperature < 0 || options.top_p <= 0 || options.top_p > 1 || options.top_k < 0
      || options.max_tokens < 1 || options.context < 16)
    return attune_command_misused (
        self, "--temperature must be 0 or more, --top-p above 0 and at most 1, --top-k 0 or "
              "more, --max-tokens 1 or more, --context 16 or more.");
  if (options.exact && options.small)
    return attune_command_misused (self,
                                   "Only one of --exact and --small-context can be asked for.");
  if (options.seed < 0)
    options.seed = g_random_int ();
  return chat (&options, arguments[0]);
}

const AttuneCommand attune_command_chat = {
  .name = "chat",
  .parameters = "DIR|MODEL",
  .summary = "Talk with the tuned model",
  .description = "Examples:\n"
                 "  attunectl chat Nursing.attune\n"
                 "  attunectl chat Nursing.attune --base\n"
                 "  attunectl chat Nursing.attune --greedy --prompt \"What is dyspnoea?\"\n"
                 "  attunectl chat ~/model.gguf\n"
                 "\n"
                 "With --json it reads and writes an object a line: {\"prompt\":\"…\"} in, "
                 "{\"piece\":\"…\"} and at the end\n"
                 "{\"answer\":\"…\"} out; {\"stop\":true} ends an answer, "
                 "{\"model\":\"base\"} asks the model before tuning.\n"
                 "\n"
                 "Next: attunectl export Nursing.attune --format gguf-q8_0",
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run_chat,
};
