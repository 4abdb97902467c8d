/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lines of JSON, read and written. Whatever a program prints may come in, so nothing in a line is
 * taken for granted.
 */
#include "job/pipe-message.h"

#include "job/json.h"

static void
take_answer (AttuneChatAnswer *answer, JsonObject *object)
{
  *answer = (AttuneChatAnswer) {
    .text = g_strdup (attune_json_get_string (object, "answer")),
    .n_tokens = (int) CLAMP (attune_json_get_int (object, "tokens"), 0, G_MAXINT),
    .seconds = attune_json_get_double (object, "seconds"),
    .cut = attune_json_get_boolean (object, "cut"),
    .stopped = attune_json_get_boolean (object, "stopped"),
  };
}

AttunePipeMessage *
attune_pipe_message_parse (const char *line)
{
  g_autoptr (JsonNode) node = NULL;
  AttunePipeMessage *self;
  JsonObject *object;
  const char *error, *piece;

  g_return_val_if_fail (line != NULL, NULL);

  node = json_from_string (line, NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  object = json_node_get_object (node);
  error = attune_json_get_string (attune_json_get_object (object, "error"), "message");
  piece = attune_json_get_string (object, "piece");
  self = g_new0 (AttunePipeMessage, 1);
  if (error != NULL)
    {
      self->kind = ATTUNE_PIPE_ERROR;
      self->text = g_strdup (error);
    }
  else if (json_object_has_member (object, "progress"))
    {
      self->kind = ATTUNE_PIPE_PROGRESS;
      self->fraction = attune_json_get_double (object, "progress");
      self->text = g_strdup (attune_json_get_string (object, "what"));
    }
  else if (attune_json_get_boolean (object, "ready"))
    self->kind = ATTUNE_PIPE_READY;
  else if (piece != NULL)
    {
      self->kind = ATTUNE_PIPE_PIECE;
      self->text = g_strdup (piece);
    }
  else if (attune_json_get_string (object, "answer") != NULL)
    {
      self->kind = ATTUNE_PIPE_ANSWER;
      take_answer (&self->answer, object);
    }
  return self;
}

void
attune_pipe_message_free (AttunePipeMessage *self)
{
  g_free (self->text);
  g_free (self->answer.text);
  g_free (self);
}

char *
attune_chat_question_to_line (const AttuneChatQuestion *question)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;
  JsonArray *history;

  g_return_val_if_fail (question != NULL && question->text != NULL, NULL);

  object = json_object_new ();
  history = json_array_new ();
  for (const char *const *turn = question->history;
       turn != NULL && turn[0] != NULL && turn[1] != NULL; turn += 2)
    {
      JsonObject *said = json_object_new ();

      json_object_set_string_member (said, "prompt", turn[0]);
      json_object_set_string_member (said, "answer", turn[1]);
      json_array_add_object_element (history, said);
    }
  json_object_set_array_member (object, "history", history);
  json_object_set_string_member (object, "model", question->base ? "base" : "tuned");
  json_object_set_string_member (object, "system", question->system); /* null where %NULL */
  json_object_set_double_member (object, "temperature", question->temperature);
  json_object_set_int_member (object, "max_tokens", question->max_tokens);
  json_object_set_string_member (object, "prompt", question->text);
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  return json_to_string (node, FALSE);
}
