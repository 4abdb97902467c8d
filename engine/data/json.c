/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON and JSONL: one object per record, streamed; the shapes of Alpaca, OpenAI messages and
 * ShareGPT conversations are brought to question, answer and system.
 */
#include "data/import-private.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define BUFFER (256 * 1024)
#define PREVIEW_ROWS 20
#define MAX_OBJECT_BYTES (4u << 20)

/* Cuts a stream into objects. For JSONL an object ends with its line, so that a broken one harms no
 * other. */
typedef struct
{
  GInputStream *stream;
  gboolean lines;
  char *buffer;
  gsize n, next;
  guint64 line;  /* of the next byte */
  GString *text; /* the object at hand */
  gboolean too_long;
} Splitter;

typedef enum
{
  OBJECT,
  END_OF_FILE,
  FAILED,
} Piece;

static void
splitter_clear (Splitter *s)
{
  g_clear_object (&s->stream);
  g_free (s->buffer);
  if (s->text != NULL)
    g_string_free (s->text, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Splitter, splitter_clear)

/* -1 at the end, -2 with @error. */
static int
next_byte (Splitter *s, GCancellable *cancellable, GError **error)
{
  int c;

  if (s->next == s->n)
    {
      const gssize got = g_input_stream_read (s->stream, s->buffer, BUFFER, cancellable, error);

      if (got <= 0)
        return got < 0 ? -2 : -1;
      s->n = got;
      s->next = 0;
    }
  c = (guchar) s->buffer[s->next++];
  s->line += c == '\n';
  return c;
}

static void
keep (Splitter *s, int c)
{
  if (s->text->len < MAX_OBJECT_BYTES)
    g_string_append_c (s->text, c);
  else
    s->too_long = TRUE;
}

static gboolean
is_blank (const GString *text)
{
  for (gsize i = 0; i < text->len; i++)
    if (!g_ascii_isspace (text->str[i]))
      return FALSE;
  return TRUE;
}

static Piece
next_line (Splitter *s, guint64 *line, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      int c;

      *line = s->line;
      while ((c = next_byte (s, cancellable, error)) >= 0 && c != '\n')
        keep (s, c);
      if (c == -2)
        return FAILED;
      if (!is_blank (s->text) || s->too_long)
        return OBJECT;
      g_string_truncate (s->text, 0);
      if (c == -1)
        return END_OF_FILE;
    }
}

/* Everything between a brace at depth 0 and its partner; strings are passed over whole. JSON has no
 * line ends in strings: where one comes a closing quote is missing, and the object is given up
 * there, so that it does not take the others with it. */
static Piece
next_object (Splitter *s, guint64 *line, GCancellable *cancellable, GError **error)
{
  gboolean in_string = FALSE, escaped = FALSE;
  int depth = 0, c;

  while ((c = next_byte (s, cancellable, error)) >= 0)
    {
      if (depth == 0 && c != '{')
        continue; /* brackets, commas and blanks between the objects */
      if (depth == 0)
        *line = s->line;
      keep (s, c);
      if (in_string && c == '\n')
        return OBJECT;
      if (escaped)
        escaped = FALSE;
      else if (c == '\\' && in_string)
        escaped = TRUE;
      else if (c == '"')
        in_string = !in_string;
      else if (!in_string && c == '{')
        depth++;
      else if (!in_string && c == '}' && --depth == 0)
        return OBJECT;
    }
  if (c == -2)
    return FAILED;
  return s->text->len > 0 ? OBJECT
                          : END_OF_FILE; /* an object that the file cuts off is a bad row */
}

static gboolean
splitter_init (Splitter *s, const AttuneSource *source, GCancellable *cancellable, GError **error)
{
  s->stream = attune_source_open_text (source->path, source->encoding, cancellable, error);
  s->lines = g_str_equal (source->format, "jsonl");
  s->buffer = g_malloc (BUFFER);
  s->text = g_string_new (NULL);
  s->line = 1;
  return s->stream != NULL;
}

static Piece
splitter_next (Splitter *s, guint64 *line, GCancellable *cancellable, GError **error)
{
  g_string_truncate (s->text, 0);
  s->too_long = FALSE;
  return s->lines ? next_line (s, line, cancellable, error)
                  : next_object (s, line, cancellable, error);
}

/* --- an object as named texts */

static char *
value_text (JsonNode *node)
{
  if (JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("");
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return json_to_string (node, FALSE);
}

static const char *
member_text (JsonObject *object, const char *first, const char *second)
{
  const char *name = json_object_has_member (object, first) ? first : second;
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
                 && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

/* A conversation of one question and one answer, in OpenAI's or ShareGPT's words. */
static const char *
read_conversation (JsonArray *turns, GHashTable *out)
{
  const char *question = NULL, *answer = NULL, *system = NULL;

  for (guint i = 0; i < json_array_get_length (turns); i++)
    {
      JsonNode *node = json_array_get_element (turns, i);
      const char *role, *content;

      if (!JSON_NODE_HOLDS_OBJECT (node))
        return "Its conversation holds something that is no message.";
      role = member_text (json_node_get_object (node), "role", "from");
      content = member_text (json_node_get_object (node), "content", "value");
      if (role == NULL || content == NULL)
        return "A message of its conversation has no role or no text.";
      if (g_str_equal (role, "system"))
        system = content;
      else if (g_str_equal (role, "user") || g_str_equal (role, "human"))
        {
          if (question != NULL)
            return "It has more than one question; only one question with one answer is read.";
          question = content;
        }
      else if (g_str_equal (role, "assistant") || g_str_equal (role, "gpt"))
        {
          if (answer != NULL)
            return "It has more than one answer; only one question with one answer is read.";
          answer = content;
        }
      else
        return "A message of its conversation has a role that is not system, user or assistant.";
    }
  g_hash_table_insert (out, g_strdup ("question"), g_strdup (question != NULL ? question : ""));
  g_hash_table_insert (out, g_strdup ("answer"), g_strdup (answer != NULL ? answer : ""));
  if (system != NULL)
    g_hash_table_insert (out, g_strdup ("system"), g_strdup (system));
  return NULL;
}

/* Alpaca: the input belongs to the instruction. */
static void
join_alpaca (GHashTable *out)
{
  const char *instruction = g_hash_table_lookup (out, "instruction"),
             *input = g_hash_table_lookup (out, "input");

  if (instruction == NULL || input == NULL || !g_hash_table_contains (out, "output"))
    return;
  if (*input != '\0')
    g_hash_table_insert (out, g_strdup ("instruction"),
                         g_strconcat (instruction, "\n\n", input, NULL));
  g_hash_table_remove (out, "input");
}

/* Texts by name out of one object's text; returns what is wrong with it, or %NULL. @order:
 * (nullable): gets new names. */
static const char *
read_object (const GString *text, gboolean too_long, GHashTable *out, GPtrArray *order)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GList) names = NULL;
  const char *fault = NULL;
  JsonObject *object;

  g_hash_table_remove_all (out);
  if (too_long)
    return "It is longer than four million characters.";
  if (memchr (text->str, '\0', text->len) != NULL)
    return "It holds NUL bytes, which no text has.";
  if (!g_utf8_validate (text->str, text->len, NULL))
    return "It holds bytes that are no characters in UTF-8.";
  if (!json_parser_load_from_data (parser, text->str, text->len, NULL)
      || json_parser_get_root (parser) == NULL
      || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    return "It is not a whole JSON object.";
  object = json_node_get_object (json_parser_get_root (parser));
  names = json_object_get_members (object);
  for (GList *l = names; l != NULL && fault == NULL; l = l->next)
    {
      JsonNode *node = json_object_get_member (object, l->data);

      if ((g_str_equal (l->data, "messages") || g_str_equal (l->data, "conversations"))
          && JSON_NODE_HOLDS_ARRAY (node))
        fault = read_conversation (json_node_get_array (node), out);
      else
        g_hash_table_insert (out, g_strdup (l->data), value_text (node));
    }
  join_alpaca (out);
  for (GList *l = names; order != NULL && fault == NULL && l != NULL; l = l->next)
    if (g_hash_table_contains (out, l->data)
        && !g_ptr_array_find_with_equal_func (order, l->data, g_str_equal, NULL))
      g_ptr_array_add (order, g_strdup (l->data));
  for (int field = 0; order != NULL && fault == NULL && field < ATTUNE_N_FIELDS; field++)
    if (g_hash_table_contains (out, attune_field_get_name (field))
        && !g_ptr_array_find_with_equal_func (order, attune_field_get_name (field), g_str_equal,
                                              NULL))
      g_ptr_array_add (order, g_strdup (attune_field_get_name (field)));
  return fault;
}

static GHashTable *
new_texts (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

gboolean
attune_json_probe (AttuneSource *source, GError **error)
{
  g_auto (Splitter) splitter = { 0 };
  g_autoptr (GPtrArray) objects
      = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  Piece piece = OBJECT;
  guint64 line;

  if (!splitter_init (&splitter, source, NULL, error))
    return FALSE;
  source->header = TRUE;
  for (int tried = 0; objects->len < PREVIEW_ROWS && tried < 10 * PREVIEW_ROWS; tried++)
    {
      g_autoptr (GHashTable) texts = new_texts ();

      if ((piece = splitter_next (&splitter, &line, NULL, error)) != OBJECT)
        break;
      if (read_object (splitter.text, splitter.too_long, texts, source->columns) == NULL)
        g_ptr_array_add (objects, g_steal_pointer (&texts));
    }
  if (piece == FAILED)
    return FALSE;
  if (objects->len == 0)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                   "“%s” holds no JSON object that can be read as a record.", source->path);
      return FALSE;
    }
  for (guint i = 0; i < objects->len; i++)
    {
      char **row = g_new0 (char *, source->columns->len + 1);

      for (guint j = 0; j < source->columns->len; j++)
        {
          const char *text = g_hash_table_lookup (g_ptr_array_index (objects, i),
                                                  g_ptr_array_index (source->columns, j));

          row[j] = g_strdup (text != NULL ? text : "");
        }
      g_ptr_array_add (source->preview, row);
    }
  attune_source_guess_roles (source);
  return TRUE;
}

static gboolean
give_record (const AttuneReading *reading, GHashTable *texts, guint64 line, GError **error)
{
  const AttuneSource *source = reading->source;
  AttuneRecord record = { .line = line };

  for (guint i = 0; i < source->columns->len; i++)
    {
      const AttuneField role = g_array_index (source->roles, AttuneField, i);

      if (role != ATTUNE_FIELD_NONE)
        record.fields[role] = g_hash_table_lookup (texts, g_ptr_array_index (source->columns, i));
    }
  return reading->on_record (&record, reading->data, error);
}

gboolean
attune_json_read (const AttuneReading *reading, GError **error)
{
  g_auto (Splitter) splitter = { 0 };
  g_autoptr (GHashTable) texts = new_texts ();
  Piece piece;
  guint64 line = 0;

  if (!splitter_init (&splitter, reading->source, reading->cancellable, error))
    return FALSE;
  while ((piece = splitter_next (&splitter, &line, reading->cancellable, error)) == OBJECT)
    {
      const char *fault = read_object (splitter.text, splitter.too_long, texts, NULL);

      if (fault != NULL ? !attune_reading_bad (reading, line, splitter.text->str,
                                               splitter.text->len, fault, error)
                        : !give_record (reading, texts, line, error))
        return FALSE;
    }
  return piece == END_OF_FILE;
}
