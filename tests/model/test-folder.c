/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Folders as Hugging Face lays them out: opened whole, and with something wrong.
 */
#include "family.h"
#include "model/model.h"
#include "model/tokenizer-file.h"
#include "scratch-folder.h"

#include <string.h>

static void
put_file (const char *folder, const char *name, const char *content)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, content, -1, NULL));
}

/* A folder in which @from is replaced by @to in config.json, or, where @from is %NULL, with @to as
 * the file @name. */
static void
assert_refused (const char *name, const char *from, const char *to, const char *words)
{
  g_autofree char *golden
      = g_test_build_filename (G_TEST_DIST, "golden", "families", "qwen2", NULL);
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  const char *const files[] = { "config.json", "model.safetensors" };
  g_autoptr (AttuneHfFolder) checkpoint = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *source = g_build_filename (golden, files[i], NULL),
                      *target = g_build_filename (folder, files[i], NULL), *text = NULL;
      g_autoptr (GString) changed = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (source, &text, &length, NULL));
      changed = g_string_new_len (text, length);
      if (i == 0 && from != NULL)
        g_assert_cmpuint (g_string_replace (changed, from, to, 1), ==, 1);
      g_assert_true (g_file_set_contents (target, changed->str, changed->len, NULL));
    }
  if (from == NULL)
    put_file (folder, name, to);
  checkpoint = attune_hf_folder_open (folder, &error);
  if (checkpoint != NULL)
    g_error ("not refused: %s", words);
  g_assert_true (error->domain == ATTUNE_MODEL_ERROR || error->domain == G_FILE_ERROR);
  if (strstr (error->message, words) == NULL || strstr (error->message, name) == NULL)
    g_error ("“%s” does not say “%s” of “%s”", error->message, words, name);
}

static void
test_refused (void)
{
  assert_refused ("config.json", "\"qwen2\"", "\"klingon\"", "“klingon”");
  assert_refused ("config.json", "\"model_type\"", "\"kind\"", "model_type");
  assert_refused ("config.json", "{", "[", "no JSON object");
  assert_refused ("config.json", "\"hidden_size\": 32", "\"hidden_size\": 40", "rows of 40");
  assert_refused ("config.json", "\"hidden_size\": 32", "\"hidden_size\": \"wide\"",
                  "whole number");
  assert_refused ("config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 0",
                  "no attention heads");
  assert_refused ("config.json", "\"num_hidden_layers\": 3", "\"num_hidden_layers\": 9000000000",
                  "impossible");
  assert_refused ("config.json", "\"rms_norm_eps\": 1e-06", "\"rms_norm_eps\": -1", "impossible");
  assert_refused ("config.json", "\"rope_type\": \"yarn\"", "\"rope_type\": \"warp\"",
                  "stretches its positions");
  assert_refused ("config.json", "\"hidden_act\": \"silu\"", "\"hidden_act\": \"relu6\"", "relu6");
  assert_refused ("model.safetensors", "\"num_hidden_layers\": 3", "\"num_hidden_layers\": 2",
                  "model.layers.2.");
  assert_refused ("model.safetensors", NULL, "x", "too short");
  assert_refused ("model.safetensors.index.json", NULL, "{\"weight_map\": {\"a\": \"../a\"}}",
                  "cannot be one");
  assert_refused ("model.safetensors.index.json", NULL, "{\"weight_map\": 1}", "which files");
}

/* --- a folder opened whole, with tokenizer and template */

static const char tokenizer_json[]
    = "{\"version\": \"1.0\", \"added_tokens\": ["
      "{\"id\": 0, \"content\": \"<|im_start|>\", \"special\": true, \"normalized\": false,"
      " \"lstrip\": false, \"rstrip\": false, \"single_word\": false},"
      "{\"id\": 1, \"content\": \"<|im_end|>\", \"special\": true, \"normalized\": false,"
      " \"lstrip\": false, \"rstrip\": false, \"single_word\": false}],"
      "\"normalizer\": null, \"pre_tokenizer\": {\"type\": \"ByteLevel\", \"add_prefix_space\": "
      "false, \"trim_offsets\": true, \"use_regex\": true}, \"post_processor\": null,"
      "\"decoder\": {\"type\": \"ByteLevel\"}, \"model\": {\"type\": \"BPE\", \"vocab\": "
      "{\"<|im_start|>\": 0, \"<|im_end|>\": 1, \"a\": 2, \"b\": 3, \"ab\": 4}, "
      "\"merges\": [\"a b\"]}}";
static const char tokenizer_config[]
    = "{\"eos_token\": \"<|im_end|>\", \"chat_template\": \"{% for m in messages %}<|im_start|>"
      "{{ m['role'] }}{{ m['content'] }}<|im_end|>{% endfor %}\"}";

/* A copy of the sharded model of the family Llama. Returns: (transfer full) */
static ScratchFolder *
copy_folder (void)
{
  g_autofree char *golden
      = g_test_build_filename (G_TEST_DIST, "golden", "families", "llama", NULL);
  ScratchFolder *folder = scratch_folder_new ();
  g_autoptr (GDir) dir = g_dir_open (golden, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *from = g_build_filename (golden, name, NULL),
                      *to = g_build_filename (folder, name, NULL), *content = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (from, &content, &length, NULL));
      g_assert_true (g_file_set_contents (to, content, (gssize) length, NULL));
    }
  return folder;
}

static void
test_model (void)
{
  g_autoptr (ScratchFolder) folder = copy_folder ();
  g_autofree char *base = g_path_get_basename (folder);
  g_autoptr (Family) f = family_open ("llama");
  g_autoptr (AttuneModel) model = NULL;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GError) error = NULL;

  model = attune_model_open (folder, &error);
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_OPEN); /* no tokenizer */
  g_clear_error (&error);
  put_file (folder, "tokenizer.json", tokenizer_json);
  put_file (folder, "tokenizer_config.json", tokenizer_config);
  model = attune_model_open (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (attune_model_get_name (model), ==, base);
  g_assert_null (attune_model_get_gguf (model));
  g_assert_cmpstr (attune_model_get_config (model)->family, ==, "llama");
  /* 96 · 32 + 3 · (2 · 32 + 2 · 32 · 32 + 2 · 16 · 32 + 3 · 32 · 48) + 32 */
  g_assert_cmpint (attune_model_count_parameters (model), ==, 26336);
  g_assert_cmpuint (attune_model_get_bytes (model), ==, 4 * 26336);
  g_assert_cmpint (strlen (attune_model_get_hash (model, &error)), ==, 64);
  g_assert_no_error (error);
  attune_tokenizer_encode (attune_model_get_tokenizer (model), "abba", -1, ATTUNE_TOKENIZE_PLAIN,
                           ids);
  g_assert_cmpuint (ids->len, ==, 3);
  g_assert_cmpint (g_array_index (ids, gint32, 0), ==, 4);
  g_assert_cmpint (attune_chat_template_get_stop (attune_model_get_template (model),
                                                  attune_model_get_tokenizer (model)),
                   ==, 1);

  attune_decoder_free (f->decoder);
  f->decoder = attune_decoder_new (attune_model_get_config (model), f->be, attune_model_lookup,
                                   model, &error);
  g_assert_no_error (error);
  family_check_losses (f, "base_row_nats", FALSE, FALSE);
}

/* A tokenizer.json of two letters and what ends a text. */
#define TOKENIZER                                                                                  \
  "{\"added_tokens\": [{\"id\": 2, \"content\": \"</s>\", \"special\": true}], "                   \
  "\"pre_tokenizer\": {\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"use_regex\": "      \
  "true}, "                                                                                        \
  "\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 1, \"</s>\": 2}, \"merges\": []}}"

static gboolean
says (const GPtrArray *warnings, const char *words)
{
  for (guint i = 0; i < warnings->len; i++)
    if (strstr (warnings->pdata[i], words) != NULL)
      return TRUE;
  return FALSE;
}

/* Tokens that the folder names and the vocabulary lacks. */
static void
test_tokens (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autoptr (GPtrArray) none = g_ptr_array_new_with_free_func (g_free),
                        some = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (AttuneTokenizer) good = NULL, odd = NULL;
  g_autoptr (GError) error = NULL;

  put_file (folder, "tokenizer.json", TOKENIZER);
  put_file (folder, "tokenizer_config.json", "{\"eos_token\": \"</s>\"}");
  put_file (folder, "config.json", "{\"eos_token_id\": [2, 1], \"bos_token_id\": null}");
  good = attune_tokenizer_open (folder, none, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
  put_file (folder, "tokenizer_config.json",
            "{\"eos_token\": \"</s>\", \"bos_token\": {\"content\": \"<s>\"}}");
  put_file (folder, "config.json", "{\"eos_token_id\": 2, \"bos_token_id\": -1}");
  put_file (folder, "generation_config.json", "{\"eos_token_id\": [2, 3]}");
  odd = attune_tokenizer_open (folder, some, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (some->len, ==, 3);
  g_assert_true (says (some, "“<s>” as its “bos_token”"));
  g_assert_true (says (some, "config.json gives -1 as its “bos_token_id”"));
  g_assert_true (says (some, "generation_config.json gives 3 as its “eos_token_id”, but the "
                             "vocabulary has 3 tokens"));
}

/* A vocabulary of ten million tokens is refused, with the file's name, before its memory is taken.
 */
static void
test_huge_vocabulary (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autoptr (AttuneTokenizer) tokenizer = NULL;
  g_autoptr (GError) error = NULL;

  put_file (folder, "tokenizer.json",
            "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 9999999}, \"merges\": []}}");
  tokenizer = attune_tokenizer_open (folder, NULL, &error);
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "tokenizer.json"));
  g_assert_nonnull (strstr (error->message, "9999999"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/folder/refused", test_refused);
  g_test_add_func ("/folder/model", test_model);
  g_test_add_func ("/model/folder/tokens", test_tokens);
  g_test_add_func ("/model/folder/huge-vocabulary", test_huge_vocabulary);
  return g_test_run ();
}
