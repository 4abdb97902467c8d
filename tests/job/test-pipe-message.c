/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lines on pipes: what each kind is read as, what is no message, and that a question can be read by
 * what answers it (which tests/job/test-chat.c asks).
 */
#include "job/pipe-message.h"

#include "job/json.h"

#include <string.h>

static void
test_kinds (void)
{
  static const struct
  {
    const char *line, *text;
    AttunePipeMessageKind kind;
  } cases[] = {
    { "{\"progress\": 0.25, \"what\": \"Answers\"}", "Answers", ATTUNE_PIPE_PROGRESS },
    { "{\"progress\": 0.25}", NULL, ATTUNE_PIPE_PROGRESS },
    { "{\"error\": {\"message\": \"No room.\"}}", "No room.", ATTUNE_PIPE_ERROR },
    { "{\"ready\": true, \"model\": \"a\"}", NULL, ATTUNE_PIPE_READY },
    { "{\"ready\": false}", NULL, ATTUNE_PIPE_RESULT },
    { "{\"piece\": \" words\"}", " words", ATTUNE_PIPE_PIECE },
    { "{\"piece\": [1]}", NULL, ATTUNE_PIPE_RESULT },
    { "{\"error\": \"not an object\"}", NULL, ATTUNE_PIPE_RESULT },
    { "{}", NULL, ATTUNE_PIPE_RESULT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AttunePipeMessage) message = attune_pipe_message_parse (cases[i].line);

      g_assert_cmpint (message->kind, ==, cases[i].kind);
      g_assert_cmpstr (message->text, ==, cases[i].text);
      g_assert_cmpfloat (message->fraction, ==, cases[i].kind == ATTUNE_PIPE_PROGRESS ? 0.25 : 0.0);
      g_assert_null (message->answer.text);
    }
}

static void
test_answer (void)
{
  g_autoptr (AttunePipeMessage) message = attune_pipe_message_parse (
      "{\"answer\": \"Yes.\", \"tokens\": 99999999999, \"seconds\": 1.5, \"stopped\": true}");

  g_assert_cmpint (message->kind, ==, ATTUNE_PIPE_ANSWER);
  g_assert_cmpstr (message->answer.text, ==, "Yes.");
  g_assert_cmpint (message->answer.n_tokens, ==, G_MAXINT);
  g_assert_cmpfloat (message->answer.seconds, ==, 1.5);
  g_assert_true (message->answer.stopped);
  g_assert_false (message->answer.cut);
}

static void
test_garbage (void)
{
  static const char *const lines[]
      = { "", "Segmentation fault", "[1, 2]", "\"progress\"", "{\"progress\": ", "\xff{}" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    g_assert_null (attune_pipe_message_parse (lines[i]));
}

static void
test_question (void)
{
  const char *const history[] = { "Who?", "I.", "unanswered", NULL };
  const AttuneChatQuestion question = { "Why \"so\"?\n", TRUE, NULL, 0.5, 64, history };
  g_autofree char *line = attune_chat_question_to_line (&question);
  g_autoptr (JsonNode) node = json_from_string (line, NULL);
  JsonObject *object = json_node_get_object (node), *turn;
  JsonArray *turns = json_object_get_array_member (object, "history");

  g_assert_null (strchr (line, '\n'));
  g_assert_cmpstr (attune_json_get_string (object, "prompt"), ==, question.text);
  g_assert_cmpstr (attune_json_get_string (object, "model"), ==, "base");
  g_assert_true (json_object_get_null_member (object, "system"));
  g_assert_cmpfloat (attune_json_get_double (object, "temperature"), ==, 0.5);
  g_assert_cmpint (attune_json_get_int (object, "max_tokens"), ==, 64);
  g_assert_cmpuint (json_array_get_length (turns), ==, 1);
  turn = json_array_get_object_element (turns, 0);
  g_assert_cmpstr (attune_json_get_string (turn, "prompt"), ==, "Who?");
  g_assert_cmpstr (attune_json_get_string (turn, "answer"), ==, "I.");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pipe-message/kinds", test_kinds);
  g_test_add_func ("/pipe-message/answer", test_answer);
  g_test_add_func ("/pipe-message/garbage", test_garbage);
  g_test_add_func ("/pipe-message/question", test_question);
  return g_test_run ();
}
