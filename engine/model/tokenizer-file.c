/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keys of a GGUF file that say how text becomes tokens, and what llama.cpp takes for those that
 * are not there.
 */
#include "model/tokenizer-file.h"
#include "model/model-error.h"

#include <string.h>

typedef struct
{
  const AttuneGguf *gguf;
  const char *path;
  GPtrArray *warnings;
  AttuneVocabulary vocabulary; /* borrows from @gguf */
  guint8 *flags, *charsmap;    /* owned */
  gint32 *kinds;               /* owned */
} Source;

static void G_GNUC_PRINTF (2, 3) warn (Source *self, const char *format, ...)
{
  va_list args;

  if (self->warnings == NULL)
    return;
  va_start (args, format);
  g_ptr_array_add (self->warnings, g_strdup_vprintf (format, args));
  va_end (args);
}

static gint32
read_id (Source *self, const char *key)
{
  guint64 id;

  if (!attune_gguf_get_uint (self->gguf, key, &id)
      || id == G_MAXUINT32) /* llama.cpp writes -1 so */
    return -1;
  if (id < self->vocabulary.n_tokens)
    return (gint32) id;
  warn (self, "The file's “%s” is no token of its vocabulary; it is not used.", key);
  return -1;
}

/* Phi-3's control tokens take the white space after them, which its files do not say. */
static void
read_flags (Source *self)
{
  static const char *const others[] = { "<unk>", "<s>", "<|endoftext|>", NULL };
  AttuneVocabulary *vocabulary = &self->vocabulary;
  const char *name = attune_gguf_get_string (self->gguf, "general.name");
  g_autofree char *small = g_ascii_strdown (name != NULL ? name : "", -1);

  if (vocabulary->kinds == NULL
      || (strstr (small, "phi-3") == NULL && strstr (small, "phi3") == NULL))
    return;
  self->flags = g_new0 (guint8, vocabulary->n_tokens);
  for (guint i = 0; i < vocabulary->n_tokens; i++)
    if ((vocabulary->kinds[i] == ATTUNE_TOKEN_CONTROL
         || vocabulary->kinds[i] == ATTUNE_TOKEN_USER_DEFINED)
        && !g_strv_contains (others, vocabulary->tokens[i]))
      self->flags[i] = ATTUNE_TOKEN_STRIPS_RIGHT;
  vocabulary->flags = self->flags;
}

/* Tokens that end a turn are control tokens, whatever their file says: else whoever writes "</s>"
 * would end it. */
static void
mend_kinds (Source *self)
{
  static const char *const ends[] = { "</s>",
                                      "<|endoftext|>",
                                      "<|im_end|>",
                                      "<|eot_id|>",
                                      "<|eom_id|>",
                                      "<|end|>",
                                      "<end_of_turn>",
                                      "<|end_of_text|>",
                                      "<|eot|>",
                                      "<turn|>",
                                      "<EOT>",
                                      "<|return|>",
                                      "<|endofturn|>",
                                      "<|END_OF_TURN_TOKEN|>",
                                      NULL };
  AttuneVocabulary *vocabulary = &self->vocabulary;

  for (guint i = 0; vocabulary->kinds != NULL && i < vocabulary->n_tokens; i++)
    if (vocabulary->kinds[i] == ATTUNE_TOKEN_USER_DEFINED
        && g_strv_contains (ends, vocabulary->tokens[i]))
      {
        if (self->kinds == NULL)
          self->kinds
              = g_memdup2 (vocabulary->kinds, vocabulary->n_tokens * sizeof *vocabulary->kinds);
        self->kinds[i] = ATTUNE_TOKEN_CONTROL;
      }
  if (self->kinds != NULL)
    vocabulary->kinds = self->kinds;
}

static void
read_charsmap (Source *self)
{
  guint n = 0;
  const gint32 *bytes
      = attune_gguf_get_ints (self->gguf, "tokenizer.ggml.precompiled_charsmap", &n);

  if (bytes == NULL || n == 0)
    return;
  self->charsmap = g_new (guint8, n);
  for (guint i = 0; i < n; i++)
    self->charsmap[i] = (guint8) bytes[i];
  self->vocabulary.charsmap = self->charsmap;
  self->vocabulary.n_charsmap = n;
}

/* The lists. */
static gboolean
read_tokens (Source *self, GError **error)
{
  AttuneVocabulary *v = &self->vocabulary;
  guint n_kinds = 0, n_scores = 0;

  v->model = attune_gguf_get_string (self->gguf, "tokenizer.ggml.model");
  v->pre = attune_gguf_get_string (self->gguf, "tokenizer.ggml.pre");
  v->tokens = attune_gguf_get_strings (self->gguf, "tokenizer.ggml.tokens", &v->n_tokens);
  v->kinds = attune_gguf_get_ints (self->gguf, "tokenizer.ggml.token_type", &n_kinds);
  v->scores = attune_gguf_get_floats (self->gguf, "tokenizer.ggml.scores", &n_scores);
  v->merges = attune_gguf_get_strings (self->gguf, "tokenizer.ggml.merges", &v->n_merges);
  if (v->model == NULL || v->tokens == NULL || v->n_tokens == 0)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path, "has no vocabulary.");
  if (v->kinds != NULL && n_kinds != v->n_tokens)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "has %u tokens, but says of %u what they are.", v->n_tokens, n_kinds);
  if (v->scores != NULL && n_scores != v->n_tokens)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "has %u tokens, but says of %u how likely they are.", v->n_tokens,
                              n_scores);
  return TRUE;
}

/* What the lists leave open. */
static void
read_settings (Source *self)
{
  AttuneVocabulary *v = &self->vocabulary;
  const gboolean merges = g_str_equal (v->model, "gpt2");

  if (v->pre == NULL && merges)
    {
      v->pre = "default";
      warn (self, "The file does not say how text is cut into words before it is made into tokens; "
                  "the usual way is "
                  "taken, which may not be how the model was trained.");
    }
  v->bos = read_id (self, "tokenizer.ggml.bos_token_id");
  v->eos = read_id (self, "tokenizer.ggml.eos_token_id");
  v->unknown = read_id (self, "tokenizer.ggml.unknown_token_id");
  v->pad = read_id (self, "tokenizer.ggml.padding_token_id");
  v->add_bos = g_str_equal (v->model, "llama") && v->bos >= 0;
  v->space_prefix = !merges && !g_str_equal (v->model, "gemma4");
  attune_gguf_get_bool (self->gguf, "tokenizer.ggml.add_bos_token", &v->add_bos);
  attune_gguf_get_bool (self->gguf, "tokenizer.ggml.add_eos_token", &v->add_eos);
  attune_gguf_get_bool (self->gguf, "tokenizer.ggml.add_space_prefix", &v->space_prefix);
  attune_gguf_get_bool (self->gguf, "tokenizer.ggml.remove_extra_whitespaces", &v->merges_spaces);
  mend_kinds (self);
  read_flags (self);
  read_charsmap (self);
}

AttuneTokenizer *
attune_tokenizer_from_gguf (const AttuneGguf *gguf, const char *path, GPtrArray *warnings,
                            GError **error)
{
  Source self = { gguf, path, warnings, { 0 }, NULL, NULL, NULL };
  g_autoptr (GError) reason = NULL;
  AttuneTokenizer *tokenizer;

  if (!read_tokens (&self, error))
    return NULL;
  read_settings (&self);
  tokenizer = attune_tokenizer_new (&self.vocabulary, &reason);
  g_free (self.kinds);
  g_free (self.flags);
  g_free (self.charsmap);
  if (tokenizer == NULL)
    attune_model_fail (error,
                       g_error_matches (reason, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_UNSUPPORTED)
                           ? ATTUNE_MODEL_ERROR_UNSUPPORTED
                           : ATTUNE_MODEL_ERROR_FORMAT,
                       path, "has a vocabulary that cannot be used: %s", reason->message);
  return tokenizer;
}

AttuneTokenizer *
attune_tokenizer_open (const char *path, GPtrArray *warnings, GError **error)
{
  g_autoptr (AttuneGguf) gguf = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_DIR) || g_str_has_suffix (path, ".json")
      || g_str_has_suffix (path, ".model"))
    return attune_tokenizer_from_folder (path, warnings, error);
  gguf = attune_gguf_open (path, error);
  return gguf != NULL ? attune_tokenizer_from_gguf (gguf, path, warnings, error) : NULL;
}
