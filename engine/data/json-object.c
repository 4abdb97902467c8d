/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A JSON object as named texts; the shapes of Alpaca, OpenAI messages, ShareGPT conversations and
 * TRL's preference pairs are brought to question, answer, system and rejected.
 */
#include "data/json-private.h"

#include "data/import-private.h"

#include <json-glib/json-glib.h>
#include <string.h>

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

/* The last message that one of @roles has said, or %NULL. @n: (out): how many there are. */
static const char *
find_message (JsonArray *turns, const char *const *roles, guint *n)
{
  const char *found = NULL;

  *n = 0;
  for (guint i = 0; i < json_array_get_length (turns); i++)
    {
      JsonNode *node = json_array_get_element (turns, i);
      const char *role = JSON_NODE_HOLDS_OBJECT (node)
                             ? member_text (json_node_get_object (node), "role", "from")
                             : NULL;

      if (role == NULL || !g_strv_contains (roles, role))
        continue;
      found = member_text (json_node_get_object (node), "content", "value");
      ++*n;
    }
  return found;
}

/* A part of a preference pair that is written as messages: the question of a prompt, the answer of
 * the others; whose question is in their own messages, that, too. */
static const char *
read_pair_part (const char *name, JsonArray *turns, GHashTable *out)
{
  static const char *const asks[]
      = { "user", "human", NULL },
      *const answers[] = { "assistant", "gpt", NULL }, *const rules[] = { "system", NULL };
  guint n_questions, n_answers, n_rules;
  const char *question = find_message (turns, asks, &n_questions),
             *answer = find_message (turns, answers, &n_answers),
             *system = find_message (turns, rules, &n_rules);
  const gboolean is_prompt = g_str_equal (name, "prompt");

  if (n_questions > 1 || n_answers > (is_prompt ? 0 : 1)) /* a prompt's answer is an earlier turn */
    return "It has more than one question; only one question with one answer is read.";
  if ((is_prompt ? question : answer) == NULL)
    return "The messages of its pair hold no question or no answer.";
  g_hash_table_insert (out, g_strdup (name), g_strdup (is_prompt ? question : answer));
  if (!is_prompt && question != NULL && !g_hash_table_contains (out, "prompt"))
    g_hash_table_insert (out, g_strdup ("prompt"), g_strdup (question));
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

/* json-glib's reading: of all that is allowed. @order: (nullable): gets new names. */
static const char *
read_parsed (const char *text, gsize n, GHashTable *out, GPtrArray *order)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GList) names = NULL;
  const char *fault = NULL;
  JsonObject *object;

  if (!json_parser_load_from_data (parser, text, n, NULL) || json_parser_get_root (parser) == NULL
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
      else if (JSON_NODE_HOLDS_ARRAY (node)
               && (g_str_equal (l->data, "prompt") || g_str_equal (l->data, "chosen")
                   || g_str_equal (l->data, "rejected")))
        fault = read_pair_part (l->data, json_node_get_array (node), out);
      else
        g_hash_table_insert (out, g_strdup (l->data), value_text (node));
    }
  join_alpaca (out);
  for (GList *l = names; order != NULL && fault == NULL && l != NULL; l = l->next)
    if (g_hash_table_contains (out, l->data)
        && !g_ptr_array_find_with_equal_func (order, l->data, g_str_equal, NULL))
      g_ptr_array_add (order, g_strdup (l->data));
  if (order != NULL && fault == NULL && g_hash_table_contains (out, "prompt")
      && !g_ptr_array_find_with_equal_func (order, "prompt", g_str_equal, NULL))
    g_ptr_array_add (order, g_strdup ("prompt"));
  for (int field = 0; order != NULL && fault == NULL && field < ATTUNE_N_FIELDS; field++)
    if (g_hash_table_contains (out, attune_field_get_name (field))
        && !g_ptr_array_find_with_equal_func (order, attune_field_get_name (field), g_str_equal,
                                              NULL))
      g_ptr_array_add (order, g_strdup (attune_field_get_name (field)));
  return fault;
}

const char *
attune_json_read_object (const char *text, gsize n, gboolean too_long, GHashTable *out,
                         GPtrArray *order)
{
  g_hash_table_remove_all (out);
  if (too_long)
    return "It is longer than four million characters.";
  if (memchr (text, '\0', n) != NULL)
    return "It holds NUL bytes, which no text has.";
  if (!g_utf8_validate (text, n, NULL))
    return "It holds bytes that are no characters in UTF-8.";
  if (order == NULL && attune_json_read_flat (text, n, out))
    {
      join_alpaca (out);
      return NULL;
    }
  g_hash_table_remove_all (out);
  return read_parsed (text, n, out, order);
}
