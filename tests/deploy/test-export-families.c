/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Models of every family, from a folder and from a GGUF file, written as both again: what is read
 * back computes what the tuned model computes, and makes the same tokens.
 */
#include "deploy/family-model.h"
#include "deploy/scratch-folder.h"
#include "family-names.h"
#include "model/gguf.h"

#include <string.h>

static void
add_prompt (GPtrArray *prompts, int n)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint32));

  for (gint32 i = 0; i < n; i++)
    {
      const gint32 id = 3 + (i * 29 + n) % 90;

      g_array_append_val (ids, id);
    }
  g_ptr_array_add (prompts, ids);
}

/* Longer than every window of these models. @tolerance: of the logits, relative to the largest. */
static void
check (FamilyModel *f, AttuneExportFormat format, const char *path, double tolerance)
{
  g_autoptr (GPtrArray) prompts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  const AttuneParityCheck parity_check = { .format = format,
                                           .path = path,
                                           .base = f->model,
                                           .stop = -1,
                                           .prompts = prompts,
                                           .max_new_tokens = 4 };
  g_autoptr (GError) error = NULL;
  AttuneParity parity;

  add_prompt (prompts, 24);
  add_prompt (prompts, 9);
  attune_export_check (f->decoder, &parity_check, &parity, &error);
  g_assert_no_error (error);
  g_test_message ("%s: logits differ by %.2g of %.2g", attune_export_format_get_name (format),
                  parity.largest_gap, parity.largest_logit);
  g_assert_cmpfloat (parity.largest_gap, <, tolerance * parity.largest_logit);
}

/* Returns: (transfer full): its path */
static char *export (FamilyModel *f, AttuneExportFormat format, const char *folder,
                     const char *name)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  attune_export (format, f->model, f->decoder, &f->lora, "some/base", path, NULL, NULL, NULL,
                 &error);
  g_assert_no_error (error);
  check (f, format, path, 1e-4); /* 4e-6 seen */
  return path;
}

/* All that llama.cpp goes by when it makes tokens. */
static void
check_vocabulary (const char *path, gboolean unigram)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneGguf) gguf = attune_gguf_open (path, &error);
  const char *const *tokens;
  const gint32 *kinds;
  const float *scores;
  gboolean flag = FALSE;
  guint64 id = 0;
  guint n = 0;

  g_assert_no_error (error);
  g_assert_cmpstr (attune_gguf_get_string (gguf, "tokenizer.ggml.model"), ==,
                   unigram ? "t5" : "llama");
  tokens = attune_gguf_get_strings (gguf, "tokenizer.ggml.tokens", &n);
  g_assert_cmpuint (n, ==, 96); /* as many as the weights have rows */
  g_assert_cmpstr (tokens[0], ==, "<unk>");
  g_assert_cmpstr (tokens[95], ==, "[PAD95]");
  kinds = attune_gguf_get_ints (gguf, "tokenizer.ggml.token_type", &n);
  g_assert_cmpuint (n, ==, 96);
  g_assert_cmpint (kinds[0], ==, ATTUNE_TOKEN_UNKNOWN);
  g_assert_cmpint (kinds[1], ==, ATTUNE_TOKEN_CONTROL);
  g_assert_cmpint (kinds[4], ==, ATTUNE_TOKEN_NORMAL);
  g_assert_cmpint (kinds[95], ==, ATTUNE_TOKEN_UNUSED);
  scores = attune_gguf_get_floats (gguf, "tokenizer.ggml.scores", &n);
  g_assert_cmpuint (n, ==, 96);
  g_assert_cmpfloat (scores[80], <, scores[79]); /* merged later, or less likely */
  g_assert_true (attune_gguf_get_bool (gguf, "tokenizer.ggml.add_space_prefix", &flag) && flag);
  g_assert_true (attune_gguf_get_bool (gguf, "tokenizer.ggml.add_bos_token", &flag) && flag);
  g_assert_true (attune_gguf_get_bool (gguf, "tokenizer.ggml.add_eos_token", &flag) && !flag);
  g_assert_true (attune_gguf_get_uint (gguf, "tokenizer.ggml.bos_token_id", &id) && id == 1);
  g_assert_true (attune_gguf_get_uint (gguf, "tokenizer.ggml.eos_token_id", &id) && id == 2);
  g_assert_true (attune_gguf_get_uint (gguf, "tokenizer.ggml.unknown_token_id", &id) && id == 0);
  g_assert_nonnull (strstr (attune_gguf_get_string (gguf, "tokenizer.chat_template"), "bos_token"));
}

/* Experts lie in one tensor, as llama.cpp reads them, and their router is not rounded. */
static void
check_experts (const char *path, int n_experts)
{
  g_autoptr (AttuneGguf) gguf = attune_gguf_open (path, NULL);
  const AttuneTensor *all = attune_gguf_find_tensor (gguf, "blk.1.ffn_gate_exps.weight");

  g_assert_nonnull (all);
  g_assert_cmpint (all->n_dims, ==, 3);
  g_assert_cmpint (all->dims[0], ==, n_experts);
  g_assert_null (attune_gguf_find_tensor (gguf, "blk.1.ffn_gate.0.weight"));
  g_assert_cmpint (attune_gguf_find_tensor (gguf, "blk.1.ffn_gate_inp.weight")->type, ==,
                   ATTUNE_TYPE_F32);
}

/* Doubles the second of @angles in the GGUF file @path. */
static void
spoil (const char *path, const AttuneTensor *angles)
{
  const gsize n = attune_tensor_bytes (angles);
  g_autofree char *bytes = NULL;
  gsize size;
  float *found = NULL;

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  for (gsize i = 0; i + n <= size && found == NULL; i += 4)
    if (memcmp (bytes + i, angles->data, n) == 0)
      found = (float *) (bytes + i);
  g_assert_nonnull (found);
  found[1] *= 2;
  g_assert_true (g_file_set_contents (path, bytes, (gssize) size, NULL));
}

/* Kept in the folder $ATTUNE_EXPORTS, where tests/peers/test_folders.py has Transformers read what
 * was written. */
static char *
choose_folder (const char *scratch, const char *family)
{
  const char *kept = g_getenv ("ATTUNE_EXPORTS");
  char *folder = kept != NULL ? g_build_filename (kept, family, NULL) : g_strdup (scratch);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  return folder;
}

static void
test_family (gconstpointer family)
{
  g_autoptr (ScratchFolder) temporary = scratch_folder_new ();
  g_autofree char *scratch = choose_folder (temporary, family),
                  *folder = g_build_filename (scratch, "model", NULL), *merged = NULL, *file = NULL,
                  *plain = NULL, *plain_again = NULL, *file_again = NULL, *again = NULL,
                  *adapter = NULL, *adapter_again = NULL;
  g_autoptr (FamilyModel) of_folder = NULL, untuned = NULL, of_plain = NULL, of_file = NULL;

  family_make_folder (family, folder);
  of_folder = family_model_open (folder, TRUE);
  merged = export (of_folder, ATTUNE_EXPORT_MERGED, scratch, "merged");
  file = export (of_folder, ATTUNE_EXPORT_GGUF_F32, scratch, "a.gguf");
  check_vocabulary (file, g_str_equal (family, "olmo2"));
  g_assert_cmpint (attune_export_safe_context (&of_folder->decoder->config), ==,
                   g_str_equal (family, "phi3-long") ? 12 : 0);
  if (of_folder->decoder->config.n_experts > 0)
    check_experts (file, of_folder->decoder->config.n_experts);

  /* from GGUF: as it is, and tuned */
  untuned = family_model_open (folder, FALSE);
  plain = export (untuned, ATTUNE_EXPORT_GGUF_F32, scratch, "plain.gguf");
  of_plain = family_model_open (plain, FALSE);
  plain_again = export (of_plain, ATTUNE_EXPORT_MERGED, scratch, "plain-again");
  of_file = family_model_open (plain, TRUE);
  file_again = export (of_file, ATTUNE_EXPORT_GGUF_F32, scratch, "b.gguf");
  again = export (of_file, ATTUNE_EXPORT_MERGED, scratch, "again");
  adapter = export (of_folder, ATTUNE_EXPORT_ADAPTER, scratch, "adapter");
  adapter_again = export (of_file, ATTUNE_EXPORT_ADAPTER, scratch, "adapter-again");
}

/* The numbers that Llama 3's angles came from are found again in those of a GGUF file; angles that
 * come from none are told, and nothing is written. */
static void
test_llama3 (void)
{
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *folder = g_build_filename (scratch, "model", NULL), *file = NULL, *again = NULL,
                  *config = NULL, *refused = g_build_filename (scratch, "refused", NULL);
  g_autoptr (FamilyModel) of_folder = NULL, of_file = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  const AttuneTensor *angles;
  JsonObject *scaling;

  family_make_folder ("llama", folder);
  of_folder = family_model_open (folder, TRUE);
  file = export (of_folder, ATTUNE_EXPORT_GGUF_F32, scratch, "a.gguf");
  of_file = family_model_open (file, TRUE);
  again = export (of_file, ATTUNE_EXPORT_MERGED, scratch, "again");
  config = g_build_filename (again, "config.json", NULL);
  g_assert_true (json_parser_load_from_file (parser, config, NULL));
  scaling = json_object_get_object_member (json_node_get_object (json_parser_get_root (parser)),
                                           "rope_scaling");
  g_assert_cmpstr (json_object_get_string_member (scaling, "rope_type"), ==, "llama3");
  g_assert_cmpfloat (json_object_get_double_member (scaling, "factor"), ==, 8);
  g_assert_cmpint (json_object_get_int_member (scaling, "original_max_position_embeddings"), ==,
                   16);

  angles = attune_model_lookup (of_file->model, "rope_freqs.weight");
  g_assert_nonnull (angles);
  spoil (file, angles);
  family_model_free (g_steal_pointer (&of_file));
  of_file = family_model_open (file, TRUE);
  g_assert_false (attune_export (ATTUNE_EXPORT_MERGED, of_file->model, of_file->decoder,
                                 &of_file->lora, "some/base", refused, NULL, NULL, NULL, &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED);
  g_assert_false (g_file_test (refused, G_FILE_TEST_EXISTS));
}

/* What a folder has been told of the ends of answers stays; one whose files went away is told by
 * name. */
static void
test_ends (void)
{
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *folder = g_build_filename (scratch, "model", NULL), *merged = NULL, *path = NULL,
                  *config = g_build_filename (folder, "config.json", NULL),
                  *again = g_build_filename (scratch, "again", NULL);
  g_autoptr (FamilyModel) model = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonArray *ends;

  family_make_folder ("qwen2", folder);
  family_write (folder, "generation_config.json",
                "{\"eos_token_id\": [7, 2, 9], \"temperature\": 0.7}");
  model = family_model_open (folder, TRUE);
  merged = export (model, ATTUNE_EXPORT_MERGED, scratch, "merged");
  path = g_build_filename (merged, "generation_config.json", NULL);
  g_assert_true (json_parser_load_from_file (parser, path, NULL));
  ends = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)),
                                       "eos_token_id");
  g_assert_cmpuint (json_array_get_length (ends), ==, 3);
  g_assert_cmpint (json_array_get_int_element (ends, 0), ==, 2); /* what ends an answer here */
  g_assert_cmpint (json_array_get_int_element (ends, 1), ==, 7);
  g_assert_cmpint (json_array_get_int_element (ends, 2), ==, 9);

  g_assert_cmpint (g_remove (config), ==, 0);
  g_assert_false (attune_export (ATTUNE_EXPORT_MERGED, model->model, model->decoder, &model->lora,
                                 "some/base", again, NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "config.json"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (family_names); i++)
    {
      g_autofree char *path = g_strdup_printf ("/deploy/export/families/%s", family_names[i]);

      g_test_add_data_func (path, family_names[i], test_family);
    }
  g_test_add_func ("/deploy/export/llama3", test_llama3);
  g_test_add_func ("/deploy/export/ends", test_ends);
  return g_test_run ();
}
