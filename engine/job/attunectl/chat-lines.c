/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See chat-lines.h. A thread reads the input, so that stop is heard while an answer is written.
 */
#include "chat-lines.h"

#include "job/json.h"
#include "output.h"

#include <gio/gunixinputstream.h>
#include <string.h>
#include <unistd.h>

#define MAX_LINE_BYTES (1024 * 1024) /* far more than any model reads at once */

typedef enum
{
  LINE_TEXT,
  LINE_OBJECT,
  LINE_BAD,
  LINE_END,
} LineKind;

typedef struct
{
  LineKind kind;
  guint serial;
  char *text;     /* of LINE_TEXT; of LINE_BAD: what is wrong */
  JsonNode *node; /* of LINE_OBJECT */
} Line;

typedef struct
{
  AttuneConversation *conversation;
  volatile sig_atomic_t *interrupted;
  GAsyncQueue *lines;
  guint stopped_to; /* atomic: lines up to this serial are not to be answered any further */
  guint answering;  /* the serial of the line that is */
} Chat;

static void
line_free (Line *line)
{
  g_free (line->text);
  g_clear_pointer (&line->node, json_node_unref);
  g_free (line);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Line, line_free)

/* --- the thread that reads */

static Line *
make_line (char *text, gsize n)
{
  Line *line = g_new0 (Line, 1);
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;

  line->kind = LINE_BAD;
  if (n > MAX_LINE_BYTES)
    line->text = g_strdup_printf (
        "That is too long: %" G_GSIZE_FORMAT " bytes. A line has at most %d.", n, MAX_LINE_BYTES);
  else if (!g_utf8_validate_len (text, n, NULL)) /* a NUL is not valid either */
    line->text = g_strdup ("That was not readable text (UTF-8).");
  else if (*g_strstrip (text) != '{')
    {
      line->kind = LINE_TEXT;
      line->text = g_strdup (text);
    }
  else if ((node = json_from_string (text, &error)) == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    line->text = g_strdup_printf ("That was not a JSON object: %s",
                                  error != NULL ? error->message : "something else");
  else
    {
      line->kind = LINE_OBJECT;
      line->node = g_steal_pointer (&node);
    }
  return line;
}

static gpointer
read_lines (gpointer data)
{
  Chat *self = data;
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (input);
  Line *line = NULL;
  guint serial = 0;

  g_data_input_stream_set_newline_type (lines, G_DATA_STREAM_NEWLINE_TYPE_LF);
  for (;;)
    {
      gsize n;
      g_autofree char *text = g_data_input_stream_read_line (lines, &n, NULL, NULL);

      if (text == NULL)
        break;
      line = make_line (text, n);
      line->serial = ++serial;
      if (line->kind == LINE_OBJECT
          && attune_json_get_boolean (json_node_get_object (line->node), "stop"))
        g_atomic_int_set (&self->stopped_to, serial - 1);
      g_async_queue_push (self->lines, line);
    }
  line = g_new0 (Line, 1);
  line->kind = LINE_END;
  g_async_queue_push (self->lines, line);
  return NULL;
}

/* --- saying */

static void
tell_error (const char *message)
{
  JsonObject *object = json_object_new (), *inner = json_object_new ();
  g_autofree char *line = attune_format_line (message, 0);

  json_object_set_string_member (inner, "message", line);
  json_object_set_object_member (object, "error", inner);
  attune_output_json (object);
}

static gboolean
is_tuned (const AttuneConversation *conversation)
{
  return conversation->tuned->parameters != NULL && !conversation->tuned->decoder->base_only;
}

void
attune_chat_lines_tell (AttuneConversation *conversation, const char *question,
                        const AttuneConversationAnswer *answer, gboolean stopped)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "prompt", question);
  json_object_set_string_member (object, "answer", answer->text);
  json_object_set_string_member (object, "model", is_tuned (conversation) ? "tuned" : "base");
  json_object_set_int_member (object, "tokens", answer->n_tokens);
  attune_json_set_double (object, "seconds", answer->seconds);
  attune_json_set_double (object, "tokens_per_second",
                          answer->n_tokens / MAX (answer->seconds, 1e-6));
  json_object_set_boolean_member (object, "cut", answer->cut && !stopped);
  json_object_set_boolean_member (object, "stopped", stopped);
  attune_output_json (object);
}

static gboolean
is_stopped (Chat *self)
{
  return *self->interrupted || (guint) g_atomic_int_get (&self->stopped_to) >= self->answering;
}

static gboolean
on_text (const char *piece, gpointer data)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "piece", piece);
  attune_output_json (object);
  return !is_stopped (data);
}

/* --- doing */

static void
ask (Chat *self, const char *question)
{
  AttuneConversationAnswer answer;
  g_autoptr (GError) error = NULL;

  *self->interrupted = 0;
  if (attune_conversation_ask (self->conversation, question, on_text, self, &answer, &error))
    attune_chat_lines_tell (self->conversation, question, &answer, is_stopped (self));
  else
    tell_error (error->message);
}

/* The string member @name. Returns: (nullable): says why there is none. */
static const char *
get_text (JsonObject *object, const char *name)
{
  const char *text = attune_json_get_string (object, name);

  if (text == NULL || !g_utf8_validate (text, -1, NULL))
    {
      g_autofree char *message = g_strdup_printf ("“%s” must be text.", name);

      tell_error (message);
      return NULL;
    }
  return text;
}

/* The number member @name, from @least on. Returns FALSE, and says why, where it is none. */
static gboolean
get_number (JsonObject *object, const char *name, double least, double *number)
{
  JsonNode *node = attune_json_get_value (object, name);
  const GType type = node != NULL ? json_node_get_value_type (node) : G_TYPE_INVALID;
  g_autofree char *message = NULL;

  *number = type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double (node) : NAN;
  if (*number >= least && *number <= G_MAXINT)
    return TRUE;
  message = g_strdup_printf ("“%s” must be a number from %g on.", name, least);
  tell_error (message);
  return FALSE;
}

static gboolean
choose_model (Chat *self, JsonObject *object)
{
  const char *name = get_text (object, "model");
  AttuneTunedModel *tuned = self->conversation->tuned;

  if (name == NULL)
    return FALSE;
  if (strcmp (name, "base") != 0 && strcmp (name, "tuned") != 0)
    tell_error ("“model” must be base or tuned.");
  else if (strcmp (name, "tuned") == 0 && tuned->parameters == NULL)
    tell_error ("This is the base model alone: there is no tuned one to ask.");
  else
    {
      attune_decoder_set_base_only (tuned->decoder, strcmp (name, "base") == 0);
      return TRUE;
    }
  return FALSE;
}

static gboolean
choose_system (Chat *self, JsonObject *object)
{
  const char *text = self->conversation->usual_system;

  if (!json_object_get_null_member (object, "system")
      && (text = get_text (object, "system")) == NULL)
    return FALSE;
  g_free (self->conversation->system);
  self->conversation->system = g_strdup (text);
  return TRUE;
}

/* Takes what was said from @object, all of it or nothing. */
static gboolean
take_history (Chat *self, JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "history");
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  g_autoptr (GPtrArray) turns = g_ptr_array_new_with_free_func (g_free);

  if (array == NULL)
    {
      tell_error ("“history” must be a list of prompts with their answers.");
      return FALSE;
    }
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      JsonObject *turn = JSON_NODE_HOLDS_OBJECT (element) ? json_node_get_object (element) : NULL;
      const char *prompt = get_text (turn, "prompt");
      const char *answer = prompt != NULL ? get_text (turn, "answer") : NULL;

      if (answer == NULL)
        return FALSE;
      g_ptr_array_add (turns, g_strdup (prompt));
      g_ptr_array_add (turns, g_strdup (answer));
    }
  g_ptr_array_unref (self->conversation->turns);
  self->conversation->turns = g_steal_pointer (&turns);
  return TRUE;
}

static gboolean
check_members (JsonObject *object)
{
  static const char *const known[] = { "stop", "model",   "system", "temperature", "max_tokens",
                                       "new",  "history", "prompt", NULL };
  JsonObjectIter iter;
  const char *name;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, NULL))
    if (!g_strv_contains (known, name))
      {
        g_autofree char *message = g_strdup_printf ("“%s” is not known here.", name);

        tell_error (message);
        return FALSE;
      }
  return TRUE;
}

static void
take_object (Chat *self, JsonObject *object)
{
  AttuneSampling *sampling = &self->conversation->sampling;
  const char *prompt;
  double number;

  if (!check_members (object)
      || (json_object_has_member (object, "model") && !choose_model (self, object))
      || (json_object_has_member (object, "system") && !choose_system (self, object)))
    return;
  if (json_object_has_member (object, "temperature"))
    {
      if (!get_number (object, "temperature", 0, &number))
        return;
      sampling->temperature = (float) number;
    }
  if (json_object_has_member (object, "max_tokens"))
    {
      if (!get_number (object, "max_tokens", 1, &number))
        return;
      sampling->max_tokens = (int) number;
    }
  if (attune_json_get_boolean (object, "new"))
    g_ptr_array_set_size (self->conversation->turns, 0);
  if (json_object_has_member (object, "history") && !take_history (self, object))
    return;
  if (json_object_has_member (object, "prompt") && (prompt = get_text (object, "prompt")) != NULL)
    ask (self, prompt);
}

/* Returns FALSE at the end. */
static gboolean
take_line (Chat *self, const Line *line)
{
  self->answering = line->serial;
  switch (line->kind)
    {
    case LINE_BAD:
      tell_error (line->text);
      return TRUE;
    case LINE_OBJECT:
      take_object (self, json_node_get_object (line->node));
      return TRUE;
    case LINE_TEXT:
      if (strcmp (line->text, "/quit") == 0)
        return FALSE;
      if (strcmp (line->text, "/new") == 0)
        g_ptr_array_set_size (self->conversation->turns, 0);
      else if (*line->text != '\0')
        ask (self, line->text);
      return TRUE;
    case LINE_END:
    default:
      return FALSE;
    }
}

void
attune_chat_lines_run (AttuneConversation *conversation, volatile sig_atomic_t *interrupted)
{
  /* Of the process, which has one input: the thread may still wait for a line when it ends. */
  static Chat chat;
  Chat *self = &chat;
  JsonObject *ready = json_object_new ();
  gboolean more = TRUE;

  self->conversation = conversation;
  self->interrupted = interrupted;
  self->lines = g_async_queue_new_full ((GDestroyNotify) line_free);
  g_thread_unref (g_thread_new ("input", read_lines, self));

  json_object_set_boolean_member (ready, "ready", TRUE);
  json_object_set_string_member (ready, "model",
                                 attune_model_get_name (conversation->tuned->model));
  json_object_set_boolean_member (ready, "tuned", is_tuned (conversation));
  json_object_set_string_member (
      ready, "system", conversation->usual_system != NULL ? conversation->usual_system : "");
  attune_output_json (ready);
  while (more)
    {
      g_autoptr (Line) line = g_async_queue_pop (self->lines);

      more = take_line (self, line);
    }
}
