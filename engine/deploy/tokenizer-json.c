/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A vocabulary as tokenizer.json, which the library tokenizers reads: byte-level BPE, and
 * SentencePiece's two kinds. Part of the merged export.
 */
#include "deploy/tokenizer-json.h"

#include "deploy/json-members.h"
#include "text/pretokenize.h"

#include <string.h>

#define MAX_TOKEN 4096 /* making its merges takes the square of it; real ones have 256 at most */
#define BAR "\xe2\x96\x81" /* how SentencePiece's tokens spell a space */

static gboolean
is_bytes (const AttuneVocabulary *v)
{
  return g_str_equal (v->model, "gpt2");
}

static const char *
way_of_cutting (const AttuneVocabulary *v)
{
  return v->pre != NULL ? v->pre : "default";
}

gboolean
attune_export_check_tokenizer (const AttuneVocabulary *v, GError **error)
{
  g_autoptr (GPtrArray) patterns
      = is_bytes (v) ? attune_pretokenizer_list_patterns (way_of_cutting (v)) : NULL;

  for (guint i = 0; i < v->n_tokens; i++)
    if (strlen (v->tokens[i]) > MAX_TOKEN)
      {
        g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
                     "Token %u of the model is longer than %d bytes, which is more than can be "
                     "written for Hugging Face. Export the model as GGUF instead.",
                     i, MAX_TOKEN);
        return FALSE;
      }
  if (patterns != NULL || g_str_equal (v->model, "llama") || g_str_equal (v->model, "t5"))
    return TRUE;
  g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
               "The model's tokenizer (“%s”) cannot be written for Hugging Face. Export the model "
               "as GGUF instead.",
               is_bytes (v) ? way_of_cutting (v) : v->model);
  return FALSE;
}

/* --- small pieces of JSON */

static void
begin_step (JsonBuilder *builder, const char *name, const char *type)
{
  attune_json_begin_object (builder, name);
  attune_json_add_string (builder, "type", type);
}

static void
add_pattern (JsonBuilder *builder, const char *kind, const char *pattern)
{
  attune_json_begin_object (builder, "pattern");
  attune_json_add_string (builder, kind, pattern);
  json_builder_end_object (builder);
}

/* --- added tokens */

gboolean
attune_export_is_added (const AttuneVocabulary *v, guint id, gboolean *special)
{
  const gint32 kind = v->kinds != NULL ? v->kinds[id] : ATTUNE_TOKEN_NORMAL;

  *special = kind == ATTUNE_TOKEN_CONTROL || kind == ATTUNE_TOKEN_UNKNOWN;
  return *special || kind == ATTUNE_TOKEN_USER_DEFINED;
}

void
attune_export_add_token (JsonBuilder *builder, const AttuneVocabulary *v, guint id,
                         gboolean special)
{
  const guint8 flags = v->flags != NULL ? v->flags[id] : 0;

  attune_json_add_string (builder, "content", v->tokens[id]);
  attune_json_add_bool (builder, "single_word", (flags & ATTUNE_TOKEN_SINGLE_WORD) != 0);
  attune_json_add_bool (builder, "lstrip", (flags & ATTUNE_TOKEN_STRIPS_LEFT) != 0);
  attune_json_add_bool (builder, "rstrip", (flags & ATTUNE_TOKEN_STRIPS_RIGHT) != 0);
  attune_json_add_bool (builder, "normalized", (flags & ATTUNE_TOKEN_NORMALIZED) != 0);
  attune_json_add_bool (builder, "special", special);
}

static void
add_added_tokens (JsonBuilder *builder, const AttuneVocabulary *v)
{
  attune_json_begin_array (builder, "added_tokens");
  for (guint i = 0; i < v->n_tokens; i++)
    {
      gboolean special;

      if (!attune_export_is_added (v, i, &special))
        continue;
      attune_json_begin_object (builder, NULL);
      attune_json_add_int (builder, "id", i);
      attune_export_add_token (builder, v, i, special);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/* --- before and after */

/* One text as [bos] text [eos], with whichever the model adds by itself. */
static void
add_template_part (JsonBuilder *builder, const char *kind, const char *id, int type_id)
{
  attune_json_begin_object (builder, NULL);
  attune_json_begin_object (builder, kind);
  attune_json_add_string (builder, "id", id);
  attune_json_add_int (builder, "type_id", type_id);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

static void
add_special_id (JsonBuilder *builder, const AttuneVocabulary *v, gint32 id)
{
  const char *token = v->tokens[id];

  attune_json_begin_object (builder, token);
  attune_json_add_string (builder, "id", token);
  attune_json_begin_array (builder, "ids");
  json_builder_add_int_value (builder, id);
  json_builder_end_array (builder);
  attune_json_begin_array (builder, "tokens");
  json_builder_add_string_value (builder, token);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
add_post_processor (JsonBuilder *builder, const AttuneVocabulary *v)
{
  const gint32 bos = v->add_bos ? v->bos : -1, eos = v->add_eos ? v->eos : -1;

  if (bos < 0 && eos < 0)
    {
      attune_json_add_string (builder, "post_processor", NULL);
      return;
    }
  begin_step (builder, "post_processor", "TemplateProcessing");
  for (int n = 1; n <= 2; n++)
    {
      attune_json_begin_array (builder, n == 1 ? "single" : "pair");
      for (int type_id = 0; type_id < n; type_id++)
        {
          if (bos >= 0)
            add_template_part (builder, "SpecialToken", v->tokens[bos], type_id);
          add_template_part (builder, "Sequence", type_id == 0 ? "A" : "B", type_id);
          if (eos >= 0)
            add_template_part (builder, "SpecialToken", v->tokens[eos], type_id);
        }
      json_builder_end_array (builder);
    }
  attune_json_begin_object (builder, "special_tokens");
  if (bos >= 0)
    add_special_id (builder, v, bos);
  if (eos >= 0 && eos != bos)
    add_special_id (builder, v, eos);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

/* --- byte-level BPE */

static void
add_byte_level (JsonBuilder *builder, const char *name)
{
  begin_step (builder, name, "ByteLevel");
  attune_json_add_bool (builder, "add_prefix_space", FALSE);
  attune_json_add_bool (builder, "trim_offsets", TRUE);
  attune_json_add_bool (builder, "use_regex", FALSE);
  json_builder_end_object (builder);
}

static void
add_byte_level_steps (JsonBuilder *builder, const AttuneVocabulary *v)
{
  g_autoptr (GPtrArray) patterns = attune_pretokenizer_list_patterns (way_of_cutting (v));

  if (attune_pretokenizer_name_composes (way_of_cutting (v)))
    {
      begin_step (builder, "normalizer", "NFC");
      json_builder_end_object (builder);
    }
  else
    attune_json_add_string (builder, "normalizer", NULL);
  begin_step (builder, "pre_tokenizer", "Sequence");
  attune_json_begin_array (builder, "pretokenizers");
  for (guint i = 0; i < patterns->len; i++)
    {
      begin_step (builder, NULL, "Split");
      add_pattern (builder, "Regex", g_ptr_array_index (patterns, i));
      attune_json_add_string (builder, "behavior", "Isolated");
      attune_json_add_bool (builder, "invert", FALSE);
      json_builder_end_object (builder);
    }
  add_byte_level (builder, NULL);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  add_byte_level (builder, "decoder");
}

/* --- SentencePiece */

static void
add_replace (JsonBuilder *builder, const char *kind, const char *pattern, const char *content)
{
  begin_step (builder, NULL, "Replace");
  add_pattern (builder, kind, pattern);
  attune_json_add_string (builder, "content", content);
  json_builder_end_object (builder);
}

static void
add_normalizer (JsonBuilder *builder, const AttuneVocabulary *v)
{
  begin_step (builder, "normalizer", "Sequence");
  attune_json_begin_array (builder, "normalizers");
  if (v->charsmap != NULL)
    {
      g_autofree char *map = g_base64_encode (v->charsmap, v->n_charsmap);

      begin_step (builder, NULL, "Precompiled");
      attune_json_add_string (builder, "precompiled_charsmap", map);
      json_builder_end_object (builder);
    }
  if (v->merges_spaces)
    {
      begin_step (builder, NULL, "Strip");
      attune_json_add_bool (builder, "strip_left", TRUE);
      attune_json_add_bool (builder, "strip_right", TRUE);
      json_builder_end_object (builder);
      add_replace (builder, "Regex", " {2,}", " ");
    }
  if (v->space_prefix)
    {
      begin_step (builder, NULL, "Prepend");
      attune_json_add_string (builder, "prepend", BAR);
      json_builder_end_object (builder);
    }
  add_replace (builder, "String", " ", BAR);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
add_decoder (JsonBuilder *builder, const AttuneVocabulary *v)
{
  static const char *const steps[] = { "ByteFallback", "Fuse" };

  begin_step (builder, "decoder", "Sequence");
  attune_json_begin_array (builder, "decoders");
  add_replace (builder, "String", BAR, " ");
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      begin_step (builder, NULL, steps[i]);
      json_builder_end_object (builder);
    }
  if (v->space_prefix)
    {
      begin_step (builder, NULL, "Strip");
      attune_json_add_string (builder, "content", " ");
      attune_json_add_int (builder, "start", 1);
      attune_json_add_int (builder, "stop", 0);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/* --- the vocabulary */

static gboolean
has_byte_tokens (const AttuneVocabulary *v)
{
  for (guint i = 0; v->kinds != NULL && i < v->n_tokens; i++)
    if (v->kinds[i] == ATTUNE_TOKEN_BYTE)
      return TRUE;
  return FALSE;
}

static void
add_vocab (JsonBuilder *builder, const AttuneVocabulary *v)
{
  attune_json_begin_object (builder, "vocab");
  for (guint i = 0; i < v->n_tokens; i++)
    attune_json_add_int (builder, v->tokens[i], i);
  json_builder_end_object (builder);
}

static void
add_bpe (JsonBuilder *builder, const AttuneVocabulary *v)
{
  const gboolean bytes = is_bytes (v);
  g_autoptr (AttunePretokenizer) cutting
      = bytes ? attune_pretokenizer_new (way_of_cutting (v)) : NULL;
  g_autoptr (GPtrArray) made = bytes ? NULL : attune_export_make_merges (v);
  const guint n = bytes ? v->n_merges : made->len;

  begin_step (builder, "model", "BPE");
  attune_json_add_string (builder, "dropout", NULL);
  attune_json_add_string (builder, "unk_token", /* byte-level: every byte is in the vocabulary */
                          bytes || v->unknown < 0 ? NULL : v->tokens[v->unknown]);
  attune_json_add_string (builder, "continuing_subword_prefix", NULL);
  attune_json_add_string (builder, "end_of_word_suffix", NULL);
  /* Without tokens for bytes SentencePiece, as llama.cpp reads it, has one unknown each. */
  attune_json_add_bool (builder, "fuse_unk", !bytes && has_byte_tokens (v));
  attune_json_add_bool (builder, "byte_fallback", !bytes);
  attune_json_add_bool (builder, "ignore_merges",
                        bytes && attune_pretokenizer_prefers_whole (cutting));
  add_vocab (builder, v);
  attune_json_begin_array (builder, "merges");
  for (guint i = 0; i < n; i++)
    json_builder_add_string_value (builder, bytes ? v->merges[i] : g_ptr_array_index (made, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
add_unigram (JsonBuilder *builder, const AttuneVocabulary *v)
{
  begin_step (builder, "model", "Unigram");
  if (v->unknown >= 0)
    attune_json_add_int (builder, "unk_id", v->unknown);
  else
    attune_json_add_string (builder, "unk_id", NULL);
  attune_json_add_bool (builder, "byte_fallback", has_byte_tokens (v));
  attune_json_begin_array (builder, "vocab");
  for (guint i = 0; i < v->n_tokens; i++)
    {
      json_builder_begin_array (builder);
      json_builder_add_string_value (builder, v->tokens[i]);
      json_builder_add_double_value (builder, v->scores != NULL ? v->scores[i] : 0);
      json_builder_end_array (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

JsonNode *
attune_export_make_tokenizer (const AttuneVocabulary *v)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  attune_json_begin_object (builder, NULL);
  attune_json_add_string (builder, "version", "1.0");
  attune_json_add_string (builder, "truncation", NULL);
  attune_json_add_string (builder, "padding", NULL);
  add_added_tokens (builder, v);
  if (is_bytes (v))
    add_byte_level_steps (builder, v);
  else
    {
      add_normalizer (builder, v);
      attune_json_add_string (builder, "pre_tokenizer", NULL);
      add_decoder (builder, v);
    }
  add_post_processor (builder, v);
  if (g_str_equal (v->model, "t5"))
    add_unigram (builder, v);
  else
    add_bpe (builder, v);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}
