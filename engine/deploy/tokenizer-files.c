/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A byte-level BPE as Hugging Face's files: tokenizer.json (the tokenizers library reads it),
 * tokenizer_config.json and special_tokens_map.json (transformers does). Part of the merged export.
 */
#include "deploy/weights.h"

static const AttuneVocabulary *
get_vocabulary (const AttuneExport *self)
{
  return attune_tokenizer_get_vocabulary (attune_model_get_tokenizer (self->model));
}

static gboolean
splits_digits (const AttuneVocabulary *vocabulary)
{
  return g_strcmp0 (vocabulary->pre, "smollm") == 0;
}

gboolean
attune_export_check_tokenizer (const AttuneExport *self, GError **error)
{
  const AttuneVocabulary *vocabulary = get_vocabulary (self);

  if (g_strcmp0 (vocabulary->model, "gpt2") == 0
      && (splits_digits (vocabulary) || g_strcmp0 (vocabulary->pre, "gpt-2") == 0))
    return TRUE;
  g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
               "The model's tokenizer (“%s”) cannot be written for Hugging Face. Export the model "
               "as GGUF instead.",
               vocabulary->pre != NULL ? vocabulary->pre : vocabulary->model);
  return FALSE;
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_bool (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
begin_object (JsonBuilder *builder, const char *name)
{
  if (name != NULL)
    json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
}

static void
begin_array (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
}

/* Added tokens are found in text before it is cut; special ones are left out when tokens become
 * text. */
static gboolean
is_added (const AttuneVocabulary *vocabulary, guint id, gboolean *special)
{
  const gint32 kind = vocabulary->kinds != NULL ? vocabulary->kinds[id] : ATTUNE_TOKEN_NORMAL;

  *special = kind == ATTUNE_TOKEN_CONTROL || kind == ATTUNE_TOKEN_UNKNOWN;
  return *special || kind == ATTUNE_TOKEN_USER_DEFINED;
}

static void
add_added_token (JsonBuilder *builder, const char *content, gboolean special)
{
  add_string (builder, "content", content);
  add_bool (builder, "single_word", FALSE);
  add_bool (builder, "lstrip", FALSE);
  add_bool (builder, "rstrip", FALSE);
  add_bool (builder, "normalized", FALSE);
  add_bool (builder, "special", special);
}

static void
add_byte_level (JsonBuilder *builder, const char *name, gboolean prefix_space)
{
  begin_object (builder, name);
  add_string (builder, "type", "ByteLevel");
  add_bool (builder, "add_prefix_space", prefix_space);
  add_bool (builder, "trim_offsets", TRUE);
  add_bool (builder, "use_regex", TRUE);
  json_builder_end_object (builder);
}

static void
add_pre_tokenizer (JsonBuilder *builder, const AttuneVocabulary *vocabulary)
{
  if (!splits_digits (vocabulary))
    {
      add_byte_level (builder, "pre_tokenizer", FALSE);
      return;
    }
  begin_object (builder, "pre_tokenizer");
  add_string (builder, "type", "Sequence");
  begin_array (builder, "pretokenizers");
  begin_object (builder, NULL);
  add_string (builder, "type", "Digits");
  add_bool (builder, "individual_digits", TRUE);
  json_builder_end_object (builder);
  add_byte_level (builder, NULL, FALSE);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/* One text as [bos] text [eos], with whichever the model adds by itself. */
static void
add_template_part (JsonBuilder *builder, const char *kind, const char *id, int type_id)
{
  begin_object (builder, NULL);
  begin_object (builder, kind);
  add_string (builder, "id", id);
  json_builder_set_member_name (builder, "type_id");
  json_builder_add_int_value (builder, type_id);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

static void
add_special_id (JsonBuilder *builder, const AttuneVocabulary *vocabulary, gint32 id)
{
  const char *token = vocabulary->tokens[id];

  begin_object (builder, token);
  add_string (builder, "id", token);
  begin_array (builder, "ids");
  json_builder_add_int_value (builder, id);
  json_builder_end_array (builder);
  begin_array (builder, "tokens");
  json_builder_add_string_value (builder, token);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
add_post_processor (JsonBuilder *builder, const AttuneVocabulary *vocabulary)
{
  const gint32 bos = vocabulary->add_bos ? vocabulary->bos : -1;
  const gint32 eos = vocabulary->add_eos ? vocabulary->eos : -1;

  if (bos < 0 && eos < 0)
    {
      add_string (builder, "post_processor", NULL);
      return;
    }
  begin_object (builder, "post_processor");
  add_string (builder, "type", "TemplateProcessing");
  for (int n = 1; n <= 2; n++)
    {
      begin_array (builder, n == 1 ? "single" : "pair");
      for (int type_id = 0; type_id < n; type_id++)
        {
          if (bos >= 0)
            add_template_part (builder, "SpecialToken", vocabulary->tokens[bos], type_id);
          add_template_part (builder, "Sequence", type_id == 0 ? "A" : "B", type_id);
          if (eos >= 0)
            add_template_part (builder, "SpecialToken", vocabulary->tokens[eos], type_id);
        }
      json_builder_end_array (builder);
    }
  begin_object (builder, "special_tokens");
  if (bos >= 0)
    add_special_id (builder, vocabulary, bos);
  if (eos >= 0 && eos != bos)
    add_special_id (builder, vocabulary, eos);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

static void
add_model (JsonBuilder *builder, const AttuneVocabulary *vocabulary)
{
  begin_object (builder, "model");
  add_string (builder, "type", "BPE");
  add_string (builder, "dropout", NULL);
  add_string (builder, "unk_token", NULL); /* every byte is in the vocabulary */
  add_string (builder, "continuing_subword_prefix", NULL);
  add_string (builder, "end_of_word_suffix", NULL);
  add_bool (builder, "fuse_unk", FALSE);
  add_bool (builder, "byte_fallback", FALSE);
  add_bool (builder, "ignore_merges", FALSE);
  begin_object (builder, "vocab");
  for (guint i = 0; i < vocabulary->n_tokens; i++)
    {
      json_builder_set_member_name (builder, vocabulary->tokens[i]);
      json_builder_add_int_value (builder, i);
    }
  json_builder_end_object (builder);
  begin_array (builder, "merges");
  for (guint i = 0; i < vocabulary->n_merges; i++)
    json_builder_add_string_value (builder, vocabulary->merges[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static JsonNode *
make_tokenizer (const AttuneVocabulary *vocabulary)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  begin_object (builder, NULL);
  add_string (builder, "version", "1.0");
  add_string (builder, "truncation", NULL);
  add_string (builder, "padding", NULL);
  begin_array (builder, "added_tokens");
  for (guint i = 0; i < vocabulary->n_tokens; i++)
    {
      gboolean special;

      if (!is_added (vocabulary, i, &special))
        continue;
      begin_object (builder, NULL);
      json_builder_set_member_name (builder, "id");
      json_builder_add_int_value (builder, i);
      add_added_token (builder, vocabulary->tokens[i], special);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  add_string (builder, "normalizer", NULL);
  add_pre_tokenizer (builder, vocabulary);
  add_post_processor (builder, vocabulary);
  add_byte_level (builder, "decoder", TRUE);
  add_model (builder, vocabulary);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
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
      add_string (builder, names[i].name, vocabulary->tokens[names[i].id]);
}

static JsonNode *
make_tokenizer_config (const AttuneExport *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const AttuneVocabulary *vocabulary = get_vocabulary (self);

  begin_object (builder, NULL);
  add_bool (builder, "add_prefix_space", FALSE);
  begin_object (builder, "added_tokens_decoder");
  for (guint i = 0; i < vocabulary->n_tokens; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      gboolean special;

      if (!is_added (vocabulary, i, &special))
        continue;
      begin_object (builder, id);
      add_added_token (builder, vocabulary->tokens[i], special);
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
  add_names (builder, self);
  add_string (builder, "chat_template", attune_export_template (self));
  add_bool (builder, "clean_up_tokenization_spaces", FALSE);
  json_builder_set_member_name (builder, "model_max_length");
  json_builder_add_int_value (builder, self->decoder->config.max_tokens);
  /* The class that takes tokenizer.json as it is; others put their own pre-tokenizer in its place.
   */
  add_string (builder, "tokenizer_class", "PreTrainedTokenizerFast");
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static JsonNode *
make_special_tokens_map (const AttuneExport *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  begin_object (builder, NULL);
  add_names (builder, self);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

gboolean
attune_export_tokenizer (AttuneExport *self, const char *folder, GError **error)
{
  return attune_export_json (folder, "tokenizer.json", make_tokenizer (get_vocabulary (self)),
                             error)
         && attune_export_json (folder, "tokenizer_config.json", make_tokenizer_config (self),
                                error)
         && attune_export_json (folder, "special_tokens_map.json", make_special_tokens_map (self),
                                error);
}
