/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl chat: talks with a model over standard input and output.
 */
#include "command.h"
#include "output.h"

#include "generate/generator.h"
#include "job/tuned-model.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  gboolean base, greedy;
  char *run, *system, *prompt;
  double temperature, top_p;
  int top_k, max_tokens, context;
  gint64 seed;
} Options;

typedef struct
{
  const Options *options;
  AttuneTunedModel *tuned;
  AttuneGenerator *generator;
  GPtrArray *turns; /* char*: question, answer, question … */
  char *system;
  int capacity;
  guint64 n_answers; /* so that each draws other random numbers */
} Chat;

/* Ctrl+C ends the answer that is being written. */
static volatile sig_atomic_t interrupted;

static void
on_interrupt (int number)
{
  interrupted = 1;
}

static gboolean
on_text (const char *piece, gpointer data)
{
  if (!attune_output_is_json ())
    {
      g_autoptr (GString) clean = g_string_new (NULL);

      /* What a model writes must not steer the terminal. */
      for (const char *c = piece; *c != '\0'; c = g_utf8_next_char (c))
        {
          const gunichar u = g_utf8_get_char (c);

          g_string_append_unichar (clean,
                                   g_unichar_iscntrl (u) && u != '\n' && u != '\t' ? ' ' : u);
        }
      g_print ("%s", clean->str);
    }
  return !interrupted;
}

static void
chat_clear (Chat *self)
{
  g_clear_pointer (&self->generator, attune_generator_free);
  g_clear_pointer (&self->tuned, attune_tuned_model_free);
  g_clear_pointer (&self->turns, g_ptr_array_unref);
  g_clear_pointer (&self->system, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Chat, chat_clear)

/* The conversation as tokens, without its @skip oldest turns. */
static GArray *
encode (Chat *self, guint skip, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autofree AttuneMessage *messages = g_new0 (AttuneMessage, self->turns->len + 1);
  guint n = 0;

  if (self->system != NULL && *self->system != '\0')
    messages[n++] = (AttuneMessage) { ATTUNE_ROLE_SYSTEM, self->system };
  for (guint i = skip; i < self->turns->len; i++)
    messages[n++] = (AttuneMessage) { i % 2 == 0 ? ATTUNE_ROLE_USER : ATTUNE_ROLE_ASSISTANT,
                                      self->turns->pdata[i] };
  if (!attune_chat_template_encode (attune_model_get_template (self->tuned->model),
                                    attune_model_get_tokenizer (self->tuned->model), messages, n,
                                    TRUE, ids, NULL, error))
    return NULL;
  return g_steal_pointer (&ids);
}

/* Answers the last question; what no longer fits of the conversation is left out from its
 * beginning. Returns: (transfer full). */
static char *
answer (Chat *self, GError **error)
{
  const Options *o = self->options;
  AttuneSampling sampling = { .max_tokens = o->max_tokens,
                              .temperature = o->greedy ? 0 : o->temperature,
                              .top_p = o->top_p,
                              .top_k = o->top_k,
                              .seed = o->seed + self->n_answers++ };
  g_autoptr (GArray) ids = encode (self, 0, error);

  for (guint skip = 2;
       ids != NULL && (int) ids->len + o->max_tokens > self->capacity && skip < self->turns->len;
       skip += 2)
    {
      g_array_unref (ids);
      ids = encode (self, skip, error);
    }
  if (ids == NULL)
    return NULL;
  interrupted = 0;
  return attune_generator_run (self->generator, (const gint32 *) ids->data, ids->len, &sampling,
                               on_text, NULL, error);
}

static void
tell_answer (const char *question, const char *text)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "prompt", question);
  json_object_set_string_member (object, "answer", text);
  attune_output_json (object);
  if (!attune_output_is_json ())
    g_print ("\n"); /* the text itself has been shown as it came */
}

/* One question and its answer. */
static gboolean
take_turn (Chat *self, const char *question, GError **error)
{
  char *text;

  g_ptr_array_add (self->turns, g_strdup (question));
  if ((text = answer (self, error)) == NULL)
    return FALSE;
  g_ptr_array_add (self->turns, text);
  tell_answer (question, text);
  return TRUE;
}

static int
chat_on (Chat *self, GError **error)
{
  const gboolean people = !attune_output_is_json ();
  const gboolean prompts = isatty (STDIN_FILENO) && people;
  /* No SA_RESTART: at the prompt, reading ends. */
  struct sigaction action = { .sa_handler = on_interrupt };
  g_autofree char *line = NULL;
  size_t size = 0;

  sigaction (SIGINT, &action, NULL);
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
          if (people)
            g_print ("Model: ");
          if (!take_turn (self, line, error))
            return attune_output_fail (*error);
        }
    }
  if (prompts)
    g_print ("\n");
  return ATTUNE_EXIT_OK;
}

/* A project's model with or without its adapter, or a model file alone. */
static gboolean
open_model (Chat *self, const char *where, GError **error)
{
  g_autoptr (AttuneProject) project = NULL;
  g_autofree char *folder = NULL, *prompt = NULL;

  if (g_file_test (where, G_FILE_TEST_IS_DIR))
    {
      if ((project = attune_project_open (where, error)) == NULL)
        return FALSE;
      g_object_get (attune_project_get_data_settings (project), "system-prompt", &prompt, NULL);
      if (!self->options->base
          && (folder = attune_project_get_run (project, self->options->run, error)) == NULL)
        return FALSE;
      if (folder == NULL && (where = attune_project_get_model (project)) == NULL)
        {
          g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                       "The project has no model yet. Choose one: attunectl model DIR FILE");
          return FALSE;
        }
    }
  self->tuned = attune_tuned_model_open (folder == NULL ? where : NULL, folder, 0, error);
  if (self->tuned == NULL)
    return FALSE;
  if (self->tuned->plan != NULL)
    {
      g_clear_pointer (&prompt, g_free);
      g_object_get (self->tuned->plan->data_settings, "system-prompt", &prompt, NULL);
    }
  self->system = g_strdup (self->options->system != NULL ? self->options->system : prompt);
  return TRUE;
}

static int
chat (const Options *options, const char *where)
{
  g_auto (Chat) self = { .options = options };
  g_autoptr (GError) error = NULL;
  const AttuneDecoderConfig *config;

  if (!open_model (&self, where, &error))
    return attune_output_fail (error);
  config = attune_model_get_config (self.tuned->model);
  self.capacity = MIN (options->context, config->max_tokens);
  self.turns = g_ptr_array_new_with_free_func (g_free);
  self.generator = attune_generator_new (
      self.tuned->decoder, attune_model_get_tokenizer (self.tuned->model),
      attune_chat_template_get_stop (attune_model_get_template (self.tuned->model),
                                     attune_model_get_tokenizer (self.tuned->model)),
      1, self.capacity, &error);
  if (self.generator == NULL)
    return attune_output_fail (error);
  if (options->prompt == NULL)
    return chat_on (&self, &error);
  return take_turn (&self, options->prompt, &error) ? ATTUNE_EXIT_OK : attune_output_fail (error);
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
    { "seed", 0, 0, G_OPTION_ARG_INT64, &options.seed,
      "Start of the random numbers; another one each time by default", "N" },
    { NULL },
  };
  g_auto (GStrv) arguments = attune_command_parse (self, entries, NULL, argv);
  g_autofree char *prompt = options.prompt, *run = options.run, *system = options.system;

  if (arguments == NULL)
    return ATTUNE_EXIT_USAGE;
  if (options.temperature < 0 || options.top_p <= 0 || options.top_p > 1 || options.top_k < 0
      || options.max_tokens < 1 || options.context < 16)
    return attune_command_misused (
        self, "--temperature must be 0 or more, --top-p above 0 and at most 1, --top-k 0 or "
              "more, --max-tokens 1 or more, --context 16 or more.");
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
                 "Next: attunectl export Nursing.attune --format gguf-q8_0",
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run_chat,
};
