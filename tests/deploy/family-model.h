/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The small models of tests/golden/families as folders with a tokenizer, and a decoder on them.
 */
#pragma once
#include "deploy/parity.h"
#include "model/model.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>

#define FAMILY_BAR "\xe2\x96\x81"

static inline void
family_write (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* 90 of the 96 tokens that the models have room for: marks, letters, and some joined from them. */
static inline void
family_write_tokenizer (const char *folder, gboolean unigram)
{
  static const char *const joined[]
      = { FAMILY_BAR "t", "he", FAMILY_BAR "the", "in", "er", "an", "re", "on", "at", "en" };
  g_autoptr (GString) vocab = g_string_new (NULL), json = g_string_new (NULL);
  const char *letters = FAMILY_BAR "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                   ".,!?:;'()-+=";
  int id = 0;

#define ADD(token)                                                                                 \
  if (unigram)                                                                                     \
    g_string_append_printf (vocab, "%s[\"%s\", %d]", id > 0 ? ", " : "", token, -id);              \
  else                                                                                             \
    g_string_append_printf (vocab, "%s\"%s\": %d", id > 0 ? ", " : "", token, id);                 \
  id++
  ADD ("<unk>");
  ADD ("<s>");
  ADD ("</s>");
  for (const char *c = letters; *c != '\0'; c = g_utf8_next_char (c))
    {
      char one[8] = { 0 };

      g_utf8_strncpy (one, c, 1);
      ADD (one);
    }
  for (guint i = 0; i < G_N_ELEMENTS (joined); i++)
    {
      ADD (joined[i]);
    }
#undef ADD
  g_assert_cmpint (id, <=, 96);
  g_string_printf (
      json,
      "{\"added_tokens\": [{\"id\": 0, \"content\": \"<unk>\", \"special\": true},"
      "{\"id\": 1, \"content\": \"<s>\", \"special\": true},"
      "{\"id\": 2, \"content\": \"</s>\", \"special\": true}],"
      "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Prepend\", "
      "\"prepend\": \"" FAMILY_BAR "\"}, {\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}, "
      "\"content\": \"" FAMILY_BAR "\"}]}, \"pre_tokenizer\": null,"
      "\"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": "
      "{\"id\": \"<s>\", \"type_id\": 0}}, {\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}], "
      "\"pair\": []},"
      "\"decoder\": {\"type\": \"Sequence\", \"decoders\": [{\"type\": \"Replace\", \"pattern\": "
      "{\"String\": \"" FAMILY_BAR "\"}, \"content\": \" \"}, {\"type\": \"Fuse\"}, {\"type\": "
      "\"Strip\", \"content\": \" \", \"start\": 1, \"stop\": 0}]},"
      "\"model\": {\"type\": \"%s\", %s, \"vocab\": %s%s%s}}",
      unigram ? "Unigram" : "BPE",
      unigram ? "\"unk_id\": 0, \"byte_fallback\": false"
              : "\"unk_token\": \"<unk>\", \"byte_fallback\": true, \"merges\": [\"" FAMILY_BAR
                " t\", \"h e\", \"" FAMILY_BAR "t he\", \"i n\", \"e r\", \"a n\", \"r e\", "
                "\"o n\", \"a t\", \"e n\"]",
      unigram ? "[" : "{", vocab->str, unigram ? "]" : "}");
  family_write (folder, "tokenizer.json", json->str);
  family_write (folder, "tokenizer_config.json",
                "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\", \"chat_template\": \"{{ "
                "bos_token }}{% for m in messages %}{% if m['role'] == 'assistant' %}{{ "
                "m['content'] + eos_token }}{% else %}{{ m['content'] + ': ' }}{% endif %}"
                "{% endfor %}\"}");
}

/* Makes @folder. */
static inline void
family_make_folder (const char *family, const char *folder)
{
  g_autofree char *golden = g_test_build_filename (G_TEST_DIST, "golden", "families", family, NULL);
  g_autoptr (GDir) dir = g_dir_open (golden, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *from = g_build_filename (golden, name, NULL),
                      *to = g_build_filename (folder, name, NULL), *bytes = NULL;
      gsize length;

      if (g_str_equal (name, "expected.json"))
        continue;
      g_assert_true (g_file_get_contents (from, &bytes, &length, NULL));
      g_assert_true (g_file_set_contents (to, bytes, (gssize) length, NULL));
    }
  family_write_tokenizer (folder, g_str_equal (family, "olmo2"));
}

typedef struct
{
  AttuneBackend *be;
  AttuneModel *model;
  AttuneDecoder *decoder;
  AttuneLoraConfig lora;
  AttuneParameters *adapter; /* (nullable) */
} FamilyModel;

static inline FamilyModel *
family_model_open (const char *path, gboolean tuned)
{
  FamilyModel *f = g_new0 (FamilyModel, 1);
  g_autoptr (GError) error = NULL;

  f->be = attune_backend_cpu_new (1);
  f->model = attune_model_open (path, &error);
  g_assert_no_error (error);
  f->decoder = attune_decoder_new (attune_model_get_config (f->model), f->be, attune_model_lookup,
                                   f->model, &error);
  g_assert_no_error (error);
  if (!tuned)
    return f;
  f->lora = (AttuneLoraConfig) { .rank = 2, .alpha = 4, .targets = ATTUNE_TARGETS_ALL };
  f->adapter = attune_decoder_add_lora (f->decoder, &f->lora, 0, FALSE, &error);
  g_assert_no_error (error);
  for (guint k = 0; k < f->adapter->n_items; k++)
    for (gint64 i = 0; i < attune_tensor_count (&f->adapter->items[k].value); i++)
      ((float *) f->adapter->items[k].value.data)[i] = (float) (0.05 * sin (0.37 * i + 1.3 * k));
  return f;
}

static inline void
family_model_free (FamilyModel *f)
{
  attune_decoder_free (f->decoder);
  g_clear_pointer (&f->adapter, attune_parameters_free);
  attune_model_close (f->model);
  attune_backend_free (f->be);
  g_free (f);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FamilyModel, family_model_free)
