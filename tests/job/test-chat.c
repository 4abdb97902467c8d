/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl chat --json: a conversation over pipes, as the window leads it; and what somebody else
 * may send.
 */
#include "program.h"

#include <gio/gio.h>

typedef struct
{
  TestProject project;
  GSubprocess *program;
  GOutputStream *input;
  GDataInputStream *output;
} Talk;

static void
set_up (Talk *self, gconstpointer data)
{
  test_project_set_up (&self->project, NULL);
  test_project_prepare (&self->project, "--max-steps 30");
  g_free (test_attunectl_good (&self->project, "tune %P"));
}

static void
start (Talk *self, const char *option)
{
  g_autoptr (GError) error = NULL;

  self->program = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                    &error, test_attunectl (), "chat", self->project.project,
                                    "--json", "--greedy", "--max-tokens", "12", option, NULL);
  g_assert_no_error (error);
  self->input = g_subprocess_get_stdin_pipe (self->program);
  self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->program));
}

static void
tear_down (Talk *self, gconstpointer data)
{
  if (self->program != NULL)
    g_subprocess_force_exit (self->program);
  g_clear_object (&self->output);
  g_clear_object (&self->program);
  test_project_tear_down (&self->project, NULL);
}

static void
say_bytes (Talk *self, const char *bytes, gsize n)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (self->input, bytes, n, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
say (Talk *self, const char *line)
{
  g_autofree char *whole = g_strconcat (line, "\n", NULL);

  say_bytes (self, whole, strlen (whole));
}

/* The next object; %NULL at the end. */
static JsonNode *
hear (Talk *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line_utf8 (self->output, NULL, NULL, &error);

  g_assert_no_error (error);
  return line != NULL ? test_last_json (line) : NULL;
}

/* The answer, past its pieces, which must say the same. */
static JsonNode *
hear_answer (Talk *self)
{
  g_autoptr (GString) pieces = g_string_new (NULL);

  for (;;)
    {
      g_autoptr (JsonNode) node = hear (self);
      JsonObject *object;

      g_assert_nonnull (node);
      object = json_node_get_object (node);
      if (json_object_has_member (object, "piece"))
        {
          g_string_append (pieces, attune_json_get_string (object, "piece"));
          continue;
        }
      g_assert_cmpstr (attune_json_get_string (object, "answer"), ==, pieces->str);
      return g_steal_pointer (&node);
    }
}

static const char *
text (JsonNode *node, const char *name)
{
  return attune_json_get_string (json_node_get_object (node), name);
}

static void
assert_error (Talk *self, const char *line, const char *word)
{
  g_autoptr (JsonNode) node = NULL;
  const char *message;

  say (self, line);
  node = hear (self);
  message = attune_json_get_string (attune_json_get_object (json_node_get_object (node), "error"),
                                    "message");
  if (message == NULL || strstr (message, word) == NULL)
    g_error ("%.80s: no “%s” in “%s”", line, word, message);
}

static void
assert_ended (Talk *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (hear (self));
  g_subprocess_wait_check (self->program, NULL, &error);
  g_assert_no_error (error);
}

static void
test_conversation (Talk *self, gconstpointer data)
{
  g_autoptr (JsonNode) ready = NULL, first = NULL, plain = NULL, base = NULL, again = NULL;
  JsonObject *object;

  start (self, NULL);
  ready = hear (self);
  g_assert_true (attune_json_get_boolean (json_node_get_object (ready), "ready"));
  g_assert_true (attune_json_get_boolean (json_node_get_object (ready), "tuned"));
  g_assert_cmpstr (text (ready, "model"), ==, "Tiny Llama for tests");
  g_assert_nonnull (text (ready, "system"));

  say (self, "{\"prompt\": \"cardiitis\"}");
  first = hear_answer (self);
  object = json_node_get_object (first);
  g_assert_cmpstr (text (first, "prompt"), ==, "cardiitis");
  g_assert_cmpstr (text (first, "model"), ==, "tuned");
  g_assert_cmpint (attune_json_get_int (object, "tokens"), >, 0);
  g_assert_cmpint (attune_json_get_int (object, "tokens"), <=, 12);
  g_assert_cmpint (attune_json_get_boolean (object, "cut"), ==,
                   attune_json_get_int (object, "tokens") == 12);
  g_assert_cmpfloat (attune_json_get_double (object, "tokens_per_second"), >, 0);
  g_assert_false (attune_json_get_boolean (object, "stopped"));

  /* A plain line asks as well; after /new nothing is remembered. */
  say (self, "/new");
  say (self, "cardiitis");
  plain = hear_answer (self);
  g_assert_cmpstr (text (plain, "answer"), ==, text (first, "answer"));

  /* The model before tuning, in the same process; and back. */
  say (self, "{\"new\": true, \"model\": \"base\", \"prompt\": \"cardiitis\"}");
  base = hear_answer (self);
  g_assert_cmpstr (text (base, "model"), ==, "base");
  g_assert_cmpstr (text (base, "answer"), !=, text (first, "answer"));
  say (self, "{\"model\": \"tuned\", \"history\": [], \"prompt\": \"cardiitis\"}");
  again = hear_answer (self);
  g_assert_cmpstr (text (again, "answer"), ==, text (first, "answer"));

  say (self, "/quit");
  assert_ended (self);
}

/* What was said before is part of the question, and can be told from outside. */
static void
test_history (Talk *self, gconstpointer data)
{
  g_autoptr (JsonNode) ready = NULL, one = NULL, two = NULL, told = NULL;
  g_autoptr (JsonNode) history = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *line = NULL;
  JsonObject *object = json_object_new (), *turn = json_object_new ();
  JsonArray *turns = json_array_new ();

  start (self, NULL);
  ready = hear (self);
  say (self, "{\"prompt\": \"cardiitis\", \"system\": \"Answer.\"}");
  one = hear_answer (self);
  say (self, "{\"prompt\": \"dermalgia\"}");
  two = hear_answer (self);

  json_object_set_string_member (turn, "prompt", "cardiitis");
  json_object_set_string_member (turn, "answer", text (one, "answer"));
  json_array_add_object_element (turns, turn);
  json_object_set_array_member (object, "history", turns);
  json_object_set_string_member (object, "prompt", "dermalgia");
  json_node_take_object (history, object);
  line = json_to_string (history, FALSE);
  say (self, line);
  told = hear_answer (self);
  g_assert_cmpstr (text (told, "answer"), ==, text (two, "answer"));

  /* Another system prompt is another question. */
  g_clear_pointer (&told, json_node_unref);
  say (self, "{\"new\": true, \"system\": \"Say something else, please: no\", \"max_tokens\": 40,"
             " \"prompt\": \"cardiitis\"}");
  told = hear_answer (self);
  g_assert_cmpstr (text (told, "answer"), !=, text (one, "answer"));
}

/* Nothing of this ends the conversation. */
static void
test_bad_lines (Talk *self, gconstpointer data)
{
  static const struct
  {
    const char *line, *says;
  } cases[] = {
    { "{\"prompt\": ", "JSON" },
    { "{\"prompt\": 3}", "“prompt”" },
    { "{\"prompt\": null}", "“prompt”" },
    { "{\"wings\": true}", "“wings”" },
    { "{\"model\": \"best\"}", "base or tuned" },
    { "{\"model\": 1}", "“model”" },
    { "{\"system\": []}", "“system”" },
    { "{\"temperature\": \"hot\"}", "“temperature”" },
    { "{\"temperature\": -1}", "“temperature”" },
    { "{\"temperature\": 1e999}", "“temperature”" },
    { "{\"max_tokens\": 0}", "“max_tokens”" },
    { "{\"history\": \"none\"}", "“history”" },
    { "{\"history\": [{\"prompt\": \"a\"}]}", "“answer”" },
    { "{\"history\": [7]}", "“prompt”" },
    { "broken \xff\xfe text", "UTF-8" },
    { "{\"prompt\": \"\xc3\x28\"}", "UTF-8" },
  };
  g_autoptr (JsonNode) ready = NULL, good = NULL;
  g_autofree char *words = g_strnfill (200000, 'a'), *enormous = g_strnfill (1200000, 'a');
  g_autofree char *long_line = g_strconcat ("{\"prompt\": \"", words, "\"}", NULL);

  start (self, NULL);
  ready = hear (self);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_error (self, cases[i].line, cases[i].says);
  say_bytes (self, "nul\0 inside\n", 12);
  assert_error (self, "", "UTF-8");
  assert_error (self, long_line, "too long");
  assert_error (self, words, "too long");
  assert_error (self, enormous, "too long");

  /* None of the questions that failed is remembered. */
  say (self, "{\"prompt\": \"cardiitis\"}");
  good = hear_answer (self);
  g_assert_cmpstr (text (good, "prompt"), ==, "cardiitis");

  /* The end of the input is the end. */
  g_output_stream_close (self->input, NULL, NULL);
  assert_ended (self);
}

static void
assert_stopped (Talk *self)
{
  g_autoptr (JsonNode) answer = hear_answer (self), next = NULL;
  JsonObject *object = json_node_get_object (answer);

  g_assert_true (attune_json_get_boolean (object, "stopped"));
  g_assert_cmpint (attune_json_get_int (object, "tokens"), <, 400);
  say (self, "{\"max_tokens\": 4, \"new\": true, \"prompt\": \"cardiitis\"}");
  next = hear_answer (self);
  g_assert_false (attune_json_get_boolean (json_node_get_object (next), "stopped"));
}

/* A long answer is ended by a line or a signal, and the next question is answered. With this seed
 * neither ends by itself before its 400 tokens. */
static void
test_stop (Talk *self, gconstpointer data)
{
  static const char question[] = "{\"temperature\": 50, \"max_tokens\": 400, \"new\": true,"
                                 " \"model\": \"base\", \"prompt\": \"cardiitis\"}";
  g_autoptr (JsonNode) ready = NULL, piece = NULL;

  start (self, "--seed=1");
  ready = hear (self);
  say (self, question);
  say (self, "{\"stop\": true}"); /* before the first word, maybe */
  assert_stopped (self);

  say (self, question);
  piece = hear (self);
  g_assert_nonnull (text (piece, "piece"));
  g_subprocess_send_signal (self->program, SIGINT);
  g_clear_pointer (&piece, json_node_unref);
  for (;;)
    {
      g_autoptr (JsonNode) node = hear (self);

      if (text (node, "answer") == NULL)
        continue;
      g_assert_true (attune_json_get_boolean (json_node_get_object (node), "stopped"));
      break;
    }
  say (self, "{\"max_tokens\": 4, \"new\": true, \"prompt\": \"cardiitis\"}");
  piece = hear_answer (self);
  g_assert_false (attune_json_get_boolean (json_node_get_object (piece), "stopped"));
}

/* Without the adapter there is nothing to switch to. */
static void
test_base_alone (Talk *self, gconstpointer data)
{
  g_autoptr (JsonNode) ready = NULL, answer = NULL;

  start (self, "--base");
  ready = hear (self);
  g_assert_false (attune_json_get_boolean (json_node_get_object (ready), "tuned"));
  assert_error (self, "{\"model\": \"tuned\"}", "base model alone");
  say (self, "{\"prompt\": \"cardiitis\"}");
  answer = hear_answer (self);
  g_assert_cmpstr (text (answer, "model"), ==, "base");
}

/* All of it at once, as from a file: every line is answered before the end. */
static void
test_file (Talk *self, gconstpointer data)
{
  g_autofree char *out = NULL, *plain = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GSubprocess) program = NULL;
  g_autoptr (GError) error = NULL;
  guint answers = 0;

  start (self, NULL);
  g_subprocess_communicate_utf8 (self->program, "cardiitis\n\n  dermalgia  \n/new\nosteitis", NULL,
                                 &out, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (g_strchomp (out), "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_autoptr (JsonNode) node = test_last_json (*line);

      answers += text (node, "answer") != NULL;
    }
  g_assert_cmpuint (answers, ==, 3);

  /* The same for people. */
  program = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                              &error, test_attunectl (), "chat", self->project.project, "--greedy",
                              "--max-tokens", "4", NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (program, "cardiitis\n/new\nosteitis\n", NULL, &plain, NULL,
                                 &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (program));
  g_assert_nonnull (strstr (plain, "Chat with Tiny Llama for tests, tuned"));
  g_assert_null (strchr (plain, '{'));
  answers = 0;
  for (const char *c = plain; (c = strstr (c, "Model: ")) != NULL; c++)
    answers++;
  g_assert_cmpuint (answers, ==, 2);
}

#define ADD(name, function) g_test_add (name, Talk, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  ADD ("/chat/conversation", test_conversation);
  ADD ("/chat/history", test_history);
  ADD ("/chat/bad-lines", test_bad_lines);
  ADD ("/chat/stop", test_stop);
  ADD ("/chat/base-alone", test_base_alone);
  ADD ("/chat/file", test_file);
  return g_test_run ();
}
