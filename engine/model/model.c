/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model file opened whole: weights, configuration, tokenizer and chat template, checked against
 * each other.
 */
#include "model/model.h"
#include "model/chat-check.h"
#include "model/hf-folder.h"
#include "model/hub-cache.h"
#include "model/families.h"
#include "model/model-error.h"
#include "model/model-folder.h"
#include "nn/decoder.h"
#include "model/tokenizer-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define HASH_CHUNK_BYTES (1 << 20)

struct _AttuneModel
{
  AttuneGguf *gguf; /* %NULL: the model is a folder, and this is it: */
  AttuneHfFolder *folder;
  char *path;
  char *name;
  AttuneDecoderConfig config;
  AttuneTokenizer *tokenizer;
  AttuneChatTemplate *template;
  GHashTable *decoded; /* name to AttuneTensor: gains that were not stored as f32; both owned */
  GPtrArray *warnings; /* NULL-terminated */
  GMutex hash_lock;
  char *hash;
};

static void
decoded_free (gpointer data)
{
  AttuneTensor *tensor = data;

  g_free (tensor->data);
  g_free (tensor);
}

void
attune_model_close (AttuneModel *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->template, attune_chat_template_free);
  g_clear_pointer (&self->tokenizer, attune_tokenizer_unref);
  g_clear_pointer (&self->decoded, g_hash_table_unref);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);
  g_clear_pointer (&self->gguf, attune_gguf_close);
  g_clear_pointer (&self->folder, attune_hf_folder_close);
  g_mutex_clear (&self->hash_lock);
  g_free (self->path);
  g_free (self->name);
  g_free (self->hash);
  g_free (self);
}

static void G_GNUC_PRINTF (2, 3) warn (AttuneModel *self, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (self->warnings, g_strdup_vprintf (format, args));
  va_end (args);
}

static gboolean
read_template (AttuneModel *self, const char *source, GError **error)
{
  static const char *const names[] = { "bos_token", "eos_token", "unk_token", "pad_token" };
  const AttuneVocabulary *vocabulary = attune_tokenizer_get_vocabulary (self->tokenizer);
  const gint32 ids[] = { vocabulary->bos, vocabulary->eos, vocabulary->unknown, vocabulary->pad };
  const AttuneMessage question = { ATTUNE_ROLE_USER, "x" };
  g_autofree char *text = NULL;
  g_autoptr (GError) reason = NULL;

  self->template = attune_chat_template_new (source, &reason);
  for (guint i = 0; self->template != NULL && i < G_N_ELEMENTS (ids); i++)
    if (ids[i] >= 0)
      attune_chat_template_set_token (self->template, names[i], vocabulary->tokens[ids[i]]);
  if (self->template != NULL)
    text = attune_chat_template_render (self->template, &question, 1, TRUE,
                                        &reason); /* does it work at all? */
  if (text == NULL)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, self->path,
                              "has a chat template that this version of Attune cannot follow: %s",
                              reason->message);
  if (source == NULL)
    warn (self, "The file has no chat template: it may be a base model that was never taught to "
                "converse. Attune "
                "writes conversations in the ChatML form.");
  return TRUE;
}

/* Weights, vocabulary and template against each other. */
static gboolean
cross_check (AttuneModel *self, GError **error)
{
  const guint n_tokens = attune_tokenizer_get_size (self->tokenizer);
  guint64 end_of_turn = G_MAXUINT64;

  if (n_tokens > (guint) self->config.n_vocab)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "has a vocabulary of %u tokens, but weights for only %d.", n_tokens,
                              self->config.n_vocab);
  if (n_tokens < (guint) self->config.n_vocab)
    warn (self,
          "The weights have room for %d tokens, the vocabulary has %u; the rest is never written.",
          self->config.n_vocab, n_tokens);
  if (self->gguf != NULL)
    attune_gguf_get_uint (self->gguf, "tokenizer.ggml.eot_token_id", &end_of_turn);
  attune_chat_check (self->template, self->tokenizer, end_of_turn, self->warnings);
  return TRUE;
}

/* Norm gains must be f32 for the decoder; the few that are not are decoded here. */
static void
decode_gains (AttuneModel *self)
{
  for (guint i = 0; i < attune_gguf_n_tensors (self->gguf); i++)
    {
      const char *name = attune_gguf_tensor_name (self->gguf, i);
      const AttuneTensor *stored = attune_gguf_find_tensor (self->gguf, name);
      AttuneTensor *tensor;

      if (stored->n_dims != 1 || stored->type == ATTUNE_TYPE_F32)
        continue;
      tensor = g_new (AttuneTensor, 1);
      *tensor = *stored;
      tensor->type = ATTUNE_TYPE_F32;
      tensor->data = g_malloc (attune_tensor_bytes (tensor));
      attune_type_info (stored->type)
          ->decode (tensor->data, stored->data, attune_tensor_count (stored));
      g_hash_table_insert (self->decoded, g_strdup (name), tensor);
    }
}

static gboolean
read_family (AttuneModel *self, GError **error)
{
  const char *architecture = attune_gguf_get_string (self->gguf, "general.architecture");
  const char *type = attune_gguf_get_string (self->gguf, "general.type");
  const AttuneFamily *family;
  guint64 n_parts;

  if (architecture == NULL)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                              "does not say which kind of model it is.");
  if (type != NULL && !g_str_equal (type, "model"))
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, self->path,
                              "is not a model but “%s”.", type);
  if (attune_gguf_get_uint (self->gguf, "split.count", &n_parts) && n_parts > 1)
    return attune_model_fail (error, ATTUNE_MODEL_ERROR_UNSUPPORTED, self->path,
                              "is one of %" G_GUINT64_FORMAT
                              " parts of a model; join them into one file first.",
                              n_parts);
  family = attune_family_find (architecture);
  if (family == NULL)
    {
      g_autofree char *list = attune_family_list ();

      return attune_model_fail (
          error, ATTUNE_MODEL_ERROR_UNSUPPORTED, self->path,
          "is a model of the family “%s”; this version of Attune can use: %s.", architecture, list);
    }
  return attune_family_read_config (family, self->gguf, self->path, &self->config, error);
}

/* "Smollm2 135M 8k Lc100K Mix1 Ep2" says less than the file's name, but is what the makers wrote.
 */
static char *
choose_name (AttuneModel *self)
{
  const char *name
      = self->gguf != NULL ? attune_gguf_get_string (self->gguf, "general.name") : NULL;
  g_autofree char *base = attune_hub_cache_name (self->path);
  char *dot = strrchr (base, '.');

  if (name != NULL && *name != 0)
    return g_strdup (name);
  if (dot != NULL && dot != base && self->gguf != NULL)
    *dot = 0;
  return g_filename_display_name (base);
}

static gboolean
open_file (AttuneModel *self, GError **error)
{
  self->gguf = attune_gguf_open (self->path, error);
  if (self->gguf == NULL || !read_family (self, error))
    return FALSE;
  self->tokenizer = attune_tokenizer_from_gguf (self->gguf, self->path, self->warnings, error);
  if (self->tokenizer == NULL
      || !read_template (self, attune_gguf_get_string (self->gguf, "tokenizer.chat_template"),
                         error))
    return FALSE;
  decode_gains (self);
  return TRUE;
}

static gboolean
open_folder (AttuneModel *self, GError **error)
{
  g_autofree char *source = NULL;
  g_autoptr (GError) reason = NULL;

  if (!attune_model_folder_check (self->path, error)
      || (self->folder = attune_hf_folder_open (self->path, error)) == NULL)
    return FALSE;
  self->config = *attune_hf_folder_get_config (self->folder);
  self->tokenizer = attune_tokenizer_from_folder (self->path, self->warnings, error);
  if (self->tokenizer == NULL)
    return FALSE;
  source = attune_template_from_folder (self->path, &reason);
  if (reason == NULL)
    return read_template (self, source, error);
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

AttuneModel *
attune_model_open (const char *path, GError **error)
{
  g_autoptr (AttuneModel) self = g_new0 (AttuneModel, 1);
  gboolean opened;

  g_return_val_if_fail (path != NULL, NULL);

  g_mutex_init (&self->hash_lock);
  self->path = g_strdup (path);
  self->warnings = g_ptr_array_new_null_terminated (4, g_free, TRUE);
  self->decoded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, decoded_free);
  opened = g_file_test (path, G_FILE_TEST_IS_DIR) ? open_folder (self, error)
                                                  : open_file (self, error);
  if (!opened || !cross_check (self, error))
    return NULL;
  attune_decoder_config_count_vectors (&self->config, attune_model_lookup, self);
  self->name = choose_name (self);
  return g_steal_pointer (&self);
}

const char *
attune_model_get_path (const AttuneModel *self)
{
  return self->path;
}

const char *
attune_model_get_name (const AttuneModel *self)
{
  return self->name;
}

const AttuneDecoderConfig *
attune_model_get_config (const AttuneModel *self)
{
  return &self->config;
}

AttuneTokenizer *
attune_model_get_tokenizer (AttuneModel *self)
{
  return self->tokenizer;
}

const AttuneChatTemplate *
attune_model_get_template (const AttuneModel *self)
{
  return self->template;
}

const AttuneGguf *
attune_model_get_gguf (const AttuneModel *self)
{
  return self->gguf;
}

void
attune_model_release_pages (const AttuneModel *self)
{
  if (self->gguf != NULL)
    attune_gguf_release_pages (self->gguf);
  else
    attune_hf_folder_release_pages (self->folder);
}

const char *const *
attune_model_get_warnings (const AttuneModel *self)
{
  return (const char *const *) self->warnings->pdata;
}

const AttuneTensor *
attune_model_lookup (gpointer model, const char *name)
{
  AttuneModel *self = model;
  const AttuneTensor *decoded = g_hash_table_lookup (self->decoded, name);

  if (self->folder != NULL)
    return attune_hf_folder_lookup (self->folder, name);
  return decoded != NULL ? decoded : attune_gguf_find_tensor (self->gguf, name);
}

char **
attune_model_list_tensors (const AttuneModel *self)
{
  g_autoptr (GPtrArray) names = NULL;

  if (self->folder != NULL)
    return attune_hf_folder_list_tensors (self->folder);
  names = g_ptr_array_new_null_terminated (0, NULL, TRUE);
  for (guint i = 0; i < attune_gguf_n_tensors (self->gguf); i++)
    g_ptr_array_add (names, (char *) attune_gguf_tensor_name (self->gguf, i));
  return (char **) g_ptr_array_steal (names, NULL);
}

/* As stored, not as decoded. */
static const AttuneTensor *
find_stored (const AttuneModel *self, const char *name)
{
  return self->folder != NULL ? attune_hf_folder_lookup (self->folder, name)
                              : attune_gguf_find_tensor (self->gguf, name);
}

gint64
attune_model_count_parameters (const AttuneModel *self)
{
  g_autofree char **names = attune_model_list_tensors (self);
  gint64 n = 0;

  for (int i = 0; names[i] != NULL; i++)
    n += attune_tensor_count (find_stored (self, names[i]));
  return n;
}

gsize
attune_model_get_bytes (const AttuneModel *self)
{
  g_autofree char **names = attune_model_list_tensors (self);
  gsize n = 0;

  for (int i = 0; names[i] != NULL; i++)
    n += (gsize) attune_tensor_bytes (find_stored (self, names[i]));
  return n;
}

/* Reads instead of going through the map, so that the pages do not count as the process's memory.
 */
static gboolean
hash_file (GChecksum *sum, const char *path, GError **error)
{
  g_autofree guchar *chunk = g_malloc (HASH_CHUNK_BYTES);
  g_autofd int file = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  gssize n;

  if (file < 0)
    return attune_model_fail_errno (error, path, "could not be read", errno);
  while ((n = read (file, chunk, HASH_CHUNK_BYTES)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return attune_model_fail_errno (error, path, "could not be read", errno);
      g_checksum_update (sum, chunk, n);
    }
  return TRUE;
}

/* Returns: (transfer full) (nullable) */
static char *
hash_model (const AttuneModel *self, GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *config = g_build_filename (self->path, "config.json", NULL);
  const char *const *files;

  if (!hash_file (sum, self->folder != NULL ? config : self->path, error))
    return NULL;
  files = self->folder != NULL ? attune_hf_folder_get_files (self->folder) : NULL;
  for (int i = 0; files != NULL && files[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (self->path, files[i], NULL);

      if (!hash_file (sum, path, error))
        return NULL;
    }
  return g_strdup (g_checksum_get_string (sum));
}

const char *
attune_model_get_hash (AttuneModel *self, GError **error)
{
  g_autoptr (GMutexLocker) lock = g_mutex_locker_new (&self->hash_lock);

  if (self->hash == NULL)
    self->hash = hash_model (self, error);
  return self->hash;
}

char *
attune_model_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "attune", "models", NULL);
}
