/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tokenizer's files of the merged export: those of the folder that the model came from, or
 * tokenizer.json (the tokenizers library reads it), tokenizer_config.json and
 * special_tokens_map.json (transformers does), made of the vocabulary.
 */
#include "core/file.h"
#include "deploy/json-members.h"
#include "deploy/tokenizer-json.h"

static const AttuneVocabulary *
get_vocabulary (const AttuneExport *self)
{
  return attune_tokenizer_get_vocabulary (attune_model_get_tokenizer (self->model));
}

/* bos_token … by their spelling. The token that ends an answer is eos, so that generation stops
 * there. */
static void
add_names (JsonBuilder *builder, const AttuneExport *self)
{
  const AttuneVocabulary *vocabulary = get_vocabulary (self);
  const gint32 stop = attune_export_stop (self);
  const struct
  {
    const char *name;
    gint32 id;
  } names[] = { { "bos_token", vocabulary->bos },
                { "eos_token", stop >= 0 ? stop : vocabulary->eos },
                { "pad_token", vocabulary->pad },
                { "unk_token", vocabulary->unknown } };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].id >= 0 && (guint) names[i].id < vocabulary->n_tokens)
      attune_json_add_string (builder, names[i].name, vocabulary->tokens[names[i].id]);
}

static JsonNode *
make_tokenizer_config (const AttuneExport *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const AttuneVocabulary *vocabulary = get_vocabulary (self);

  attune_json_begin_object (builder, NULL);
  attune_json_add_bool (builder, "add_prefix_space", FALSE);
  attune_json_begin_object (builder, "added_tokens_decoder");
  for (guint i = 0; i < vocabulary->n_tokens; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      gboolean special;

      if (!attune_export_is_added (vocabulary, i, &special))
        continue;
      attune_json_begin_object (builder, id);
      attune_export_add_token (builder, vocabulary, i, special);
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
  add_names (builder, self);
  attune_json_add_string (builder, "chat_template", attune_export_template (self));
  attune_json_add_bool (builder, "clean_up_tokenization_spaces", FALSE);
  attune_json_add_int (builder, "model_max_length", self->decoder->config.max_tokens);
  /* The class that takes tokenizer.json as it is; others put their own pre-tokenizer in its place.
   */
  attune_json_add_string (builder, "tokenizer_class", "PreTrainedTokenizerFast");
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static JsonNode *
make_special_tokens_map (const AttuneExport *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  attune_json_begin_object (builder, NULL);
  add_names (builder, self);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static gboolean
write_made (AttuneExport *self, const char *folder, GError **error)
{
  return attune_export_json (folder, "tokenizer.json",
                             attune_export_make_tokenizer (get_vocabulary (self)), error)
         && attune_export_json (folder, "tokenizer_config.json", make_tokenizer_config (self),
                                error)
         && attune_export_json (folder, "special_tokens_map.json", make_special_tokens_map (self),
                                error);
}

/* --- those of a folder */

static const char *const copied[] = { ATTUNE_TOKENIZER_FILES };

static gboolean
copy_file (const char *from, const char *to, const char *name, GError **error)
{
  g_autofree char *old = g_build_filename (from, name, NULL),
                  *new = g_build_filename (to, name, NULL), *text = NULL;
  gsize length;

  if (!g_file_test (old, G_FILE_TEST_EXISTS))
    return TRUE;
  return g_file_get_contents (old, &text, &length, error)
         && attune_file_write (new, text, (gssize) length, error);
}

/* What the folder said, with the template that the model was tuned with where it had none. */
static gboolean
complete_config (AttuneExport *self, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "tokenizer_config.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return attune_export_json (folder, "tokenizer_config.json", make_tokenizer_config (self),
                               error);
  if (attune_chat_template_get_source (attune_model_get_template (self->model)) != NULL)
    return TRUE;
  if (!json_parser_load_from_file (parser, path, error))
    return FALSE;
  root = json_parser_steal_root (parser); /* the model's own reader found an object in it */
  json_object_set_string_member (json_node_get_object (root), "chat_template",
                                 attune_export_template (self));
  return attune_export_json (folder, "tokenizer_config.json", root, error);
}

static gboolean
copy_files (AttuneExport *self, const char *folder, GError **error)
{
  const char *from = attune_model_get_path (self->model);
  g_autofree char *made = g_build_filename (folder, "tokenizer.json", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (copied); i++)
    if (!copy_file (from, folder, copied[i], error))
      return FALSE;
  /* A tokenizer.model alone asks for a library that not everybody has. */
  if (!g_file_test (made, G_FILE_TEST_EXISTS)
      && !attune_export_json (folder, "tokenizer.json",
                              attune_export_make_tokenizer (get_vocabulary (self)), error))
    return FALSE;
  return complete_config (self, folder, error);
}

gboolean
attune_export_can_tokenize (const AttuneExport *self, GError **error)
{
  return attune_model_get_gguf (self->model) == NULL
         || attune_export_check_tokenizer (get_vocabulary (self), error);
}

gboolean
attune_export_tokenizer (AttuneExport *self, const char *folder, GError **error)
{
  return attune_model_get_gguf (self->model) != NULL ? write_made (self, folder, error)
                                                     : copy_files (self, folder, error);
}
