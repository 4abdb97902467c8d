/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A Hugging Face folder's tokenizer.json or tokenizer.model, and tokenizer_config.json.
 */
#include "model/tokenizer-file.h"
#include "model/model-error.h"
#include "text/tokenizer-json.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* A list of added tokens is in it too: some have 1 MB. */
#define CONFIG_MAX_BYTES (16 << 20)
#define TOKENIZER_CONFIG "tokenizer_config.json"

/* The object in the file @name of @folder; %NULL without @error set where there is no such file. */
static JsonParser *
read_config (const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (GError) reason = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  if ((file = attune_model_map (path, error)) == NULL)
    return NULL;
  if (g_mapped_file_get_length (file) > CONFIG_MAX_BYTES)
    attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path, "is too large to be one.");
  else if (!json_parser_load_from_data (parser, g_mapped_file_get_contents (file),
                                        (gssize) g_mapped_file_get_length (file), &reason))
    attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path, "is no JSON: %s", reason->message);
  else if (json_parser_get_root (parser) == NULL
           || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path, "holds no settings.");
  else
    return g_steal_pointer (&parser);
  return NULL;
}

/* A token is written as it is spelled, or as an object that says more of it. */
static const char *
get_token (JsonObject *config, const char *name)
{
  JsonNode *node = json_object_get_member (config, name);

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    node = json_object_get_member (json_node_get_object (node), "content");
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static gboolean
get_bool (JsonObject *config, const char *name, gboolean *value)
{
  JsonNode *node = json_object_get_member (config, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return FALSE;
  *value = json_node_get_boolean (node);
  return TRUE;
}

static AttuneTokenNames
read_names (JsonObject *config)
{
  AttuneTokenNames names = {
    .bos = get_token (config, "bos_token"),
    .eos = get_token (config, "eos_token"),
    .unknown = get_token (config, "unk_token"),
    .pad = get_token (config, "pad_token"),
  };
  const gboolean bos = get_bool (config, "add_bos_token", &names.adds_bos);
  const gboolean eos = get_bool (config, "add_eos_token", &names.adds_eos);

  names.knows_adds = bos && eos;
  return names;
}

/* @path, or the file in it if it is a folder. */
static char *
find_file (const char *path, GError **error)
{
  static const char *const names[] = { "tokenizer.json", "tokenizer.model" };

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_strdup (path);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file = g_build_filename (path, names[i], NULL);

      if (g_file_test (file, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&file);
    }
  attune_model_fail (error, ATTUNE_MODEL_ERROR_OPEN, path,
                     "has neither tokenizer.json nor tokenizer.model, so its text cannot be made "
                     "into tokens.");
  return NULL;
}

/* --- what the folder says against the vocabulary */

static void
check_name (const AttuneTokenizer *tokenizer, const char *key, const char *token,
            GPtrArray *warnings)
{
  if (token != NULL && attune_tokenizer_find (tokenizer, token) < 0)
    g_ptr_array_add (warnings, g_strdup_printf (TOKENIZER_CONFIG
                                                " names “%s” as its “%s”, which the vocabulary "
                                                "lacks; it is not used.",
                                                token, key));
}

/* @node: (nullable): a token's number, or a list of them. */
static void
check_ids (const AttuneTokenizer *tokenizer, const char *file, const char *key, JsonNode *node,
           GPtrArray *warnings)
{
  const guint n = attune_tokenizer_get_size (tokenizer);
  gint64 id;

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *list = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (list); i++)
        if (JSON_NODE_HOLDS_VALUE (json_array_get_element (list, i)))
          check_ids (tokenizer, file, key, json_array_get_element (list, i), warnings);
      return;
    }
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_INT64)
    return;
  id = json_node_get_int (node);
  if (id < 0 || id >= n)
    g_ptr_array_add (warnings, g_strdup_printf ("%s gives %" G_GINT64_FORMAT
                                                " as its “%s”, but the vocabulary has %u tokens; "
                                                "it is not used.",
                                                file, id, key, n));
}

/* A file that cannot be read is said where it is needed. */
static void
check_folder (const AttuneTokenizer *tokenizer, const char *folder, const AttuneTokenNames *names,
              GPtrArray *warnings)
{
  static const char *const files[] = { "config.json", "generation_config.json" };
  static const char *const keys[] = { "bos_token_id", "eos_token_id" };

  check_name (tokenizer, "bos_token", names->bos, warnings);
  check_name (tokenizer, "eos_token", names->eos, warnings);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (JsonParser) config = read_config (folder, files[i], NULL);

      for (guint k = 0; config != NULL && k < G_N_ELEMENTS (keys); k++)
        check_ids (
            tokenizer, files[i], keys[k],
            json_object_get_member (json_node_get_object (json_parser_get_root (config)), keys[k]),
            warnings);
    }
}

AttuneTokenizer *
attune_tokenizer_from_folder (const char *path, GPtrArray *warnings, GError **error)
{
  g_autofree char *file = find_file (path, error);
  g_autofree char *folder = file != NULL ? g_path_get_dirname (file) : NULL;
  g_autoptr (GError) reason = NULL;
  g_autoptr (JsonParser) config
      = folder != NULL ? read_config (folder, TOKENIZER_CONFIG, &reason) : NULL;
  g_autoptr (GMappedFile) map = NULL;
  AttuneTokenNames names = { 0 };
  AttuneTokenizer *tokenizer;

  if (file == NULL)
    return NULL;
  if (reason != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  if ((map = attune_model_map (file, error)) == NULL)
    return NULL;
  if (g_mapped_file_get_length (map) > ATTUNE_TOKENIZER_FILE_MAX_BYTES)
    {
      attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, file,
                         "has more than %d MB, which no vocabulary has.",
                         ATTUNE_TOKENIZER_FILE_MAX_BYTES >> 20);
      return NULL;
    }
  if (config != NULL)
    names = read_names (json_node_get_object (json_parser_get_root (config)));
  tokenizer
      = g_str_has_suffix (file, ".model")
            ? attune_tokenizer_new_from_sentence_piece (
                  g_mapped_file_get_contents (map), g_mapped_file_get_length (map), &names, &reason)
            : attune_tokenizer_new_from_json (g_mapped_file_get_contents (map),
                                              g_mapped_file_get_length (map), &names, &reason);
  if (tokenizer == NULL)
    attune_model_fail (error,
                       g_error_matches (reason, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_UNSUPPORTED)
                           ? ATTUNE_MODEL_ERROR_UNSUPPORTED
                           : ATTUNE_MODEL_ERROR_FORMAT,
                       file, "has a vocabulary that cannot be used: %s", reason->message);
  else if (warnings != NULL)
    check_folder (tokenizer, folder, &names, warnings);
  return tokenizer;
}

/* The template in @config: a text, or a list of which the one named "default" is taken. */
static const char *
find_template (JsonObject *config)
{
  JsonNode *node = json_object_get_member (config, "chat_template");
  JsonArray *list;

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
  list = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonNode *item = json_array_get_element (list, i);

      if (JSON_NODE_HOLDS_OBJECT (item)
          && g_strcmp0 (get_token (json_node_get_object (item), "name"), "default") == 0)
        return get_token (json_node_get_object (item), "template");
    }
  return NULL;
}

char *
attune_template_from_folder (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "chat_template.jinja", NULL);
  g_autoptr (JsonParser) config = NULL;
  g_autofree char *source = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_autoptr (GMappedFile) file = attune_model_map (path, error);

      if (file == NULL)
        return NULL;
      if (g_mapped_file_get_length (file) <= CONFIG_MAX_BYTES)
        source = g_strndup (g_mapped_file_get_contents (file), g_mapped_file_get_length (file));
      if (source == NULL || !g_utf8_validate (source, -1, NULL))
        {
          attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path, "is no text.");
          return NULL;
        }
      return g_steal_pointer (&source);
    }
  config = read_config (folder, TOKENIZER_CONFIG, error);
  return config != NULL
             ? g_strdup (find_template (json_node_get_object (json_parser_get_root (config))))
             : NULL;
}
