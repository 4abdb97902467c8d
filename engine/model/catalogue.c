/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading the catalogue, and choosing from it.
 */
#include "model/catalogue.h"

#include "model/model-error.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* By AttuneAnswers. */
static const char *const answer_names[ATTUNE_N_ANSWERS] = { "short", "long", "labels" };

static void
catalogue_model_free (AttuneCatalogueModel *self)
{
  g_free (self->id);
  g_free (self->name);
  g_free (self->author);
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

static char **
read_words (Record *self, const char *key)
{
  JsonNode *node = json_object_get_member (self->object, key);
  JsonArray *array
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  if (array == NULL || json_array_get_length (array) == 0)
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

static guint
read_answers (Record *self)
{
  g_auto (GStrv) words = read_words (self, "answers");
  guint bits = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      guint kind = 0;

      while (kind < ATTUNE_N_ANSWERS && !g_str_equal (words[i], answer_names[kind]))
        kind++;
      if (kind == ATTUNE_N_ANSWERS)
        fail (self, "answers");
      else
        bits |= 1u << kind;
    }
  return bits;
}

/* The name becomes a path, so it may not lead anywhere else. */
static char *
read_file_name (Record *self)
{
  char *name = read_text (self, "file", TRUE);

  if (name != NULL
      && (name[0] == '.' || strchr (name, G_DIR_SEPARATOR) != NULL
          || !g_str_has_suffix (name, ".gguf")))
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

static void
read_config (Record *self, AttuneDecoderConfig *config)
{
  g_autofree char *family = read_text (self, "family", TRUE);

  *config = (AttuneDecoderConfig) {
    .n_layers = read_number (self, "layers", 4096),
    .n_embd = read_number (self, "width", 1 << 20),
    .n_ff = read_number (self, "inner_width", 1 << 20),
    .n_heads = read_number (self, "heads", 4096),
    .n_kv_heads = read_number (self, "key_value_heads", 4096),
    .n_vocab = read_number (self, "vocabulary", 1 << 24),
    .max_tokens = read_number (self, "context", 1 << 24),
    .norm_eps = 1e-5f,
    .rotary_base = 10000,
    .tied_head = TRUE,
  };
  config->head_dim = MAX (1, config->n_embd / config->n_heads);
  g_strlcpy (config->family, family != NULL ? family : "", sizeof config->family);
  if (self->error == NULL)
    attune_decoder_config_check (config, &self->error);
}

/* Where it comes from: a package or a repository. */
static void
read_source (Record *self, AttuneCatalogueModel *model)
{
  model->hub_repository = read_text (self, "hub_repository", FALSE);
  model->pypi_package = read_text (self, "pypi_package", model->hub_repository == NULL);
  model->pypi_version = read_text (self, "pypi_version", model->pypi_package != NULL);
  model->pypi_member = read_text (self, "pypi_member", model->pypi_package != NULL);
  if (model->pypi_package != NULL && model->sha256 == NULL)
    fail (self, "sha256"); /* a package says the sum of the package only */
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
  model->languages = read_words (&record, "languages");
  model->answers = read_answers (&record);
  model->parameters = read_number (&record, "parameters", G_MAXINT64);
  model->bytes = read_number (&record, "bytes", G_MAXINT64);
  model->file = read_file_name (&record);
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

/* --- choosing */

/* How well model @i serves: the language first, then that it fits, then the answers; of those that
 * are alike the largest that fits, or the smallest where none does. */
static int
rate (const GPtrArray *catalogue, int i, gboolean fits, AttuneAnswers answers, const char *language)
{
  const AttuneCatalogueModel *model = catalogue->pdata[i];
  const gboolean speaks = g_strv_contains ((const char *const *) model->languages, language);
  const gboolean suits = (model->answers >> answers) & 1;
  const int size = fits ? i : (int) catalogue->len - i;

  return ((speaks * 2 + fits) * 2 + (fits && suits)) * ((int) catalogue->len + 1) + size;
}

int
attune_catalogue_recommend (const GPtrArray *catalogue, const guint64 *needed, guint64 available,
                            AttuneAnswers answers, const char *language, AttuneRecommended *why,
                            gboolean *speaks)
{
  const AttuneCatalogueModel *model;
  int best = -1, best_rate = -1;

  g_return_val_if_fail (catalogue != NULL && language != NULL && answers < ATTUNE_N_ANSWERS, -1);

  for (int i = 0; i < (int) catalogue->len; i++)
    {
      const int its = rate (catalogue, i, needed[i] <= available, answers, language);

      if (its > best_rate)
        {
          best = i;
          best_rate = its;
        }
    }
  if (best < 0)
    return -1;
  model = catalogue->pdata[best];
  *speaks = g_strv_contains ((const char *const *) model->languages, language);
  *why = needed[best] > available          ? ATTUNE_RECOMMENDED_TOO_LARGE
         : (model->answers >> answers) & 1 ? ATTUNE_RECOMMENDED_SUITS
                                           : ATTUNE_RECOMMENDED_SMALLER;
  return best;
}
