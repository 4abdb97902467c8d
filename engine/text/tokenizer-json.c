/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tokenizer.json of the library tokenizers: the vocabulary is taken over, the steps that are done
 * to a text are kept as they are written (json-rules.c), or as the name that they have in GGUF.
 */
#include "text/json-rules.h"
#include "text/vocabulary-builder.h"

#include <json-glib/json-glib.h>
#include <string.h>

static gboolean
damaged (GError **error, const char *what)
{
  g_set_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_VOCABULARY, "its %s cannot be read.",
               what);
  return FALSE;
}

static JsonNode *
get (JsonObject *object, const char *name, JsonNodeType type)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_node_type (node) == type ? node : NULL;
}

static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = get (object, name, JSON_NODE_VALUE);

  return node != NULL ? json_node_get_string (node) : NULL;
}

static gboolean
get_bool (JsonObject *object, const char *name)
{
  JsonNode *node = get (object, name, JSON_NODE_VALUE);

  return node != NULL && json_node_get_boolean (node);
}

static gboolean
is_byte (const char *token)
{
  return strlen (token) == 6 && g_str_has_prefix (token, "<0x") && g_ascii_isxdigit (token[3])
         && g_ascii_isxdigit (token[4]) && token[5] == '>';
}

/* --- the model */

static gboolean
read_vocabulary (AttuneVocabularyBuilder *self, JsonObject *model, GError **error)
{
  JsonNode *node = get (model, "vocab", JSON_NODE_OBJECT);
  const gboolean has_bytes = get_bool (model, "byte_fallback");
  JsonObjectIter iter;
  const char *token;
  JsonNode *id;

  if (node == NULL)
    return damaged (error, "list of tokens (vocab)");
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &token, &id))
    if (!JSON_NODE_HOLDS_VALUE (id))
      return damaged (error, "list of tokens (vocab)");
    else if (!attune_vocabulary_builder_set (self, json_node_get_int (id), token,
                                             has_bytes && is_byte (token) ? ATTUNE_TOKEN_BYTE
                                                                          : ATTUNE_TOKEN_NORMAL,
                                             0, 0, error))
      return FALSE;
  return TRUE;
}

/* A merge is "left right", or a list of the two. */
static char *
read_merge (JsonNode *node)
{
  JsonArray *pair;

  if (JSON_NODE_HOLDS_VALUE (node))
    return json_node_dup_string (node);
  pair = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (pair != NULL && json_array_get_length (pair) == 2
      && JSON_NODE_HOLDS_VALUE (json_array_get_element (pair, 0))
      && JSON_NODE_HOLDS_VALUE (json_array_get_element (pair, 1)))
    return g_strjoin (" ", json_node_get_string (json_array_get_element (pair, 0)),
                      json_node_get_string (json_array_get_element (pair, 1)), NULL);
  return NULL;
}

static gboolean
read_merges (AttuneVocabularyBuilder *self, JsonObject *model, GError **error)
{
  JsonNode *node = get (model, "merges", JSON_NODE_ARRAY);
  JsonArray *list = node != NULL ? json_node_get_array (node) : NULL;

  if (list == NULL)
    return damaged (error, "list of merges");
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      char *merge = read_merge (json_array_get_element (list, i));

      if (merge == NULL)
        return damaged (error, "list of merges");
      g_ptr_array_add (self->merges, merge);
    }
  return TRUE;
}

/* Scores that make SentencePiece merge in the same order, for files that know no merges. */
static void
score_merges (AttuneVocabularyBuilder *self)
{
  g_autoptr (GHashTable) index = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->tokens->len; i++)
    if (self->tokens->pdata[i] != NULL)
      g_hash_table_insert (index, self->tokens->pdata[i], GUINT_TO_POINTER (i + 1));
  for (guint i = self->merges->len; i > 0; i--)
    {
      g_autoptr (GString) joined = g_string_new (self->merges->pdata[i - 1]);
      const char *space = joined->len > 0 ? strchr (joined->str + 1, ' ') : NULL;
      guint id;

      if (space == NULL)
        continue;
      g_string_erase (joined, space - joined->str, 1);
      id = GPOINTER_TO_UINT (g_hash_table_lookup (index, joined->str));
      if (id > 0)
        g_array_index (self->scores, float, id - 1) = -(float) i;
    }
}

static gboolean
read_unigram (AttuneVocabularyBuilder *self, JsonObject *model, GError **error)
{
  JsonNode *node = get (model, "vocab", JSON_NODE_ARRAY),
           *unknown = get (model, "unk_id", JSON_NODE_VALUE);
  JsonArray *list = node != NULL ? json_node_get_array (node) : NULL;
  const gboolean has_bytes = get_bool (model, "byte_fallback");

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonNode *pair = json_array_get_element (list, i);
      JsonArray *two = JSON_NODE_HOLDS_ARRAY (pair) ? json_node_get_array (pair) : NULL;
      JsonNode *token, *score;

      if (two == NULL || json_array_get_length (two) != 2)
        return damaged (error, "list of tokens (vocab)");
      token = json_array_get_element (two, 0);
      score = json_array_get_element (two, 1);
      if (!JSON_NODE_HOLDS_VALUE (token) || json_node_get_string (token) == NULL
          || !JSON_NODE_HOLDS_VALUE (score))
        return damaged (error, "list of tokens (vocab)");
      if (!attune_vocabulary_builder_set (self, i, json_node_get_string (token),
                                          has_bytes && is_byte (json_node_get_string (token))
                                              ? ATTUNE_TOKEN_BYTE
                                              : ATTUNE_TOKEN_NORMAL,
                                          (float) json_node_get_double (score), 0, error))
        return FALSE;
    }
  if (list == NULL)
    return damaged (error, "list of tokens (vocab)");
  if (unknown != NULL)
    {
      self->vocabulary.unknown = (gint32) CLAMP (json_node_get_int (unknown), -1, G_MAXINT32);
      if (self->vocabulary.unknown >= (gint32) self->tokens->len)
        return damaged (error, "unknown token (unk_id)");
      if (self->vocabulary.unknown >= 0)
        g_array_index (self->kinds, gint32, self->vocabulary.unknown) = ATTUNE_TOKEN_UNKNOWN;
    }
  return TRUE;
}

static gboolean
read_model (AttuneVocabularyBuilder *self, JsonObject *model, GError **error)
{
  const char *type = get_string (model, "type");
  const char *unknown = get_string (model, "unk_token");

  if (g_strcmp0 (type, "Unigram") == 0)
    return read_unigram (self, model, error);
  /* old files do not say; only this kind has merges */
  if (g_strcmp0 (type, "BPE") != 0 && (type != NULL || !json_object_has_member (model, "merges")))
    {
      g_set_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_UNSUPPORTED,
                   "this version of Attune does not know the kind of vocabulary “%s”.",
                   type != NULL ? type : "");
      return FALSE;
    }
  if (!read_vocabulary (self, model, error) || !read_merges (self, model, error))
    return FALSE;
  if (unknown != NULL)
    self->vocabulary.unknown = attune_vocabulary_builder_find (self, unknown);
  if (self->vocabulary.unknown >= 0)
    g_array_index (self->kinds, gint32, self->vocabulary.unknown) = ATTUNE_TOKEN_UNKNOWN;
  return TRUE;
}

/* --- the rest */

static gboolean
read_added (AttuneVocabularyBuilder *self, JsonObject *root, GError **error)
{
  JsonNode *node = get (root, "added_tokens", JSON_NODE_ARRAY);
  JsonArray *list = node != NULL ? json_node_get_array (node) : NULL;

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonNode *item = json_array_get_element (list, i);
      JsonObject *token = JSON_NODE_HOLDS_OBJECT (item) ? json_node_get_object (item) : NULL;
      const char *content = token != NULL ? get_string (token, "content") : NULL;
      JsonNode *id = token != NULL ? get (token, "id", JSON_NODE_VALUE) : NULL;
      guint8 flags = 0;
      float score = 0;

      if (content == NULL || *content == 0 || id == NULL)
        return damaged (error, "list of added tokens");
      flags |= get_bool (token, "lstrip") ? ATTUNE_TOKEN_STRIPS_LEFT : 0;
      flags |= get_bool (token, "rstrip") ? ATTUNE_TOKEN_STRIPS_RIGHT : 0;
      flags |= get_bool (token, "single_word") ? ATTUNE_TOKEN_SINGLE_WORD : 0;
      flags |= get_bool (token, "normalized") ? ATTUNE_TOKEN_NORMALIZED : 0;
      if (json_node_get_int (id) >= 0 && json_node_get_int (id) < self->scores->len)
        score = g_array_index (self->scores, float, json_node_get_int (id));
      if (!attune_vocabulary_builder_set (self, json_node_get_int (id), content,
                                          !get_bool (token, "special") ? ATTUNE_TOKEN_USER_DEFINED
                                          : json_node_get_int (id) == self->vocabulary.unknown
                                              ? ATTUNE_TOKEN_UNKNOWN
                                              : ATTUNE_TOKEN_CONTROL,
                                          score, flags, error))
        return FALSE;
    }
  return TRUE;
}

/* Which tokens are put before and after a text: a template of "SpecialToken" and "Sequence". */
static void
read_post_processor (AttuneVocabularyBuilder *self, JsonObject *step, int depth)
{
  const char *type = get_string (step, "type");
  JsonNode *node = get (step, "processors", JSON_NODE_ARRAY);
  gboolean before = TRUE;

  if (g_strcmp0 (type, "Sequence") == 0 && node != NULL && depth < 4)
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      {
        JsonNode *inner = json_array_get_element (json_node_get_array (node), i);

        if (JSON_NODE_HOLDS_OBJECT (inner))
          read_post_processor (self, json_node_get_object (inner), depth + 1);
      }
  node = get (step, "single", JSON_NODE_ARRAY);
  if (g_strcmp0 (type, "TemplateProcessing") != 0 || node == NULL)
    return;
  for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
    {
      JsonNode *part = json_array_get_element (json_node_get_array (node), i);
      JsonNode *special = JSON_NODE_HOLDS_OBJECT (part)
                              ? get (json_node_get_object (part), "SpecialToken", JSON_NODE_OBJECT)
                              : NULL;
      const char *name = special != NULL ? get_string (json_node_get_object (special), "id") : NULL;
      const gint32 id = name != NULL ? attune_vocabulary_builder_find (self, name) : -1;

      if (special == NULL)
        before = FALSE;
      else if (id >= 0 && before)
        {
          self->vocabulary.bos = id;
          self->vocabulary.add_bos = TRUE;
        }
      else if (id >= 0)
        {
          self->vocabulary.eos = id;
          self->vocabulary.add_eos = TRUE;
        }
    }
}

/* The file's steps without its lists. */
static char *
copy_rules (JsonObject *root, JsonObject *model)
{
  static const char *const parts[] = { "normalizer", "pre_tokenizer", "decoder" };
  JsonObject *rules = json_object_new (), *rest = json_object_new ();
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), rules);
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (get (root, parts[i], JSON_NODE_OBJECT) != NULL)
      json_object_set_member (rules, parts[i],
                              json_node_copy (json_object_get_member (root, parts[i])));
  json_object_iter_init (&iter, model);
  while (json_object_iter_next (&iter, &name, &member))
    if (JSON_NODE_HOLDS_VALUE (member))
      json_object_set_member (rest, name, json_node_copy (member));
  json_object_set_object_member (rules, "model", rest);
  json_object_unref (rules);
  return json_to_string (node, FALSE);
}

/* Finds out which kind it is, and whether a name says all of its rules. */
static gboolean
name_rules (AttuneVocabularyBuilder *self, gboolean is_unigram, GError **error)
{
  g_autoptr (AttuneTextRules) rules = attune_text_rules_alloc ();
  const char *name;

  if (!attune_json_rules_read (rules, self->rules, error))
    return FALSE;
  self->model = g_strdup (is_unigram ? "t5" : rules->byte_level ? "gpt2" : "llama");
  if (rules->byte_level)
    {
      const gboolean composes = attune_normalizer_is_nfc (rules->normalizer);

      name = attune_pretokenizer_get_name (rules->pretokenizer, composes);
      if (name != NULL && (composes || attune_normalizer_is_empty (rules->normalizer)))
        {
          self->pre = g_strdup (name);
          g_clear_pointer (&self->rules, g_free);
        }
      return TRUE;
    }
  self->vocabulary.space_prefix = rules->strips_first;
  if (!is_unigram)
    score_merges (self);
  return TRUE;
}

AttuneTokenizer *
attune_tokenizer_new_from_json (const char *data, gsize length, const AttuneTokenNames *names,
                                GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (AttuneVocabularyBuilder) self = attune_vocabulary_builder_new ();
  JsonObject *root, *model;
  JsonNode *node;

  if (!json_parser_load_from_data (parser, data, (gssize) length, error))
    return NULL;
  node = json_parser_get_root (parser);
  root = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  node = root != NULL ? get (root, "model", JSON_NODE_OBJECT) : NULL;
  if (node == NULL)
    {
      damaged (error, "vocabulary (model)");
      return NULL;
    }
  model = json_node_get_object (node);
  if (!read_model (self, model, error) || !read_added (self, root, error))
    return NULL;
  if ((node = get (root, "post_processor", JSON_NODE_OBJECT)) != NULL)
    read_post_processor (self, json_node_get_object (node), 0);
  self->rules = copy_rules (root, model);
  if (!name_rules (self, g_strcmp0 (get_string (model, "type"), "Unigram") == 0, error))
    return NULL;
  return attune_vocabulary_builder_end (self, names, error);
}
