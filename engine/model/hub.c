/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the hub answers is somebody else's: names that could lead elsewhere are passed over.
 */
#include "model/hub-private.h"

#include <string.h>

#define PUBLIC_HUB "https://huggingface.co"
#define MOST_RESULTS "30" /* more than one looks through */

/* --- addresses */

/* What the person has chosen; asked for from threads. */
G_LOCK_DEFINE_STATIC (mirror);
static char *mirror; /* (nullable) */

void
attune_hub_set_mirror (const char *address)
{
  G_LOCK (mirror);
  g_set_str (&mirror, address != NULL && *address != '\0' ? address : NULL);
  G_UNLOCK (mirror);
}

char *
attune_hub_get_address (void)
{
  const char *named = g_getenv ("HF_ENDPOINT");
  char *address;

  G_LOCK (mirror);
  address = g_strdup (mirror != NULL                    ? mirror
                      : named != NULL && *named != '\0' ? named
                                                        : PUBLIC_HUB);
  G_UNLOCK (mirror);
  while (g_str_has_suffix (address, "/"))
    address[strlen (address) - 1] = '\0';
  return address;
}

char *
attune_hub_get_search_url (const char *address, const char *query)
{
  g_autofree char *escaped = g_uri_escape_string (query, NULL, FALSE);

  return g_strdup_printf (
      "%s/api/models?search=%s&filter=gguf&sort=downloads&direction=-1&limit=" MOST_RESULTS,
      address, escaped);
}

char *
attune_hub_get_model_url (const char *address, const char *repository)
{
  g_autofree char *escaped = g_uri_escape_string (repository, "/", FALSE);

  return g_strdup_printf ("%s/api/models/%s?blobs=true", address, escaped);
}

char *
attune_hub_get_file_url (const char *address, const char *repository, const char *revision,
                         const char *file)
{
  g_autofree char *escaped = g_uri_escape_string (repository, "/", FALSE);
  g_autofree char *name = g_uri_escape_string (file, "/", FALSE);

  return g_strdup_printf ("%s/%s/resolve/%s/%s", address, escaped,
                          revision != NULL ? revision : "main", name);
}

char *
attune_hub_get_page_url (const char *address, const char *repository)
{
  g_autofree char *escaped = g_uri_escape_string (repository, "/", FALSE);

  return g_strdup_printf ("%s/%s", address, escaped);
}

/* --- answers */

void
attune_hub_file_free (AttuneHubFile *self)
{
  g_free (self->name);
  g_free (self->sha256);
  g_free (self);
}

void
attune_hub_model_free (AttuneHubModel *self)
{
  if (self == NULL)
    return;
  g_free (self->repository);
  g_free (self->revision);
  g_free (self->licence);
  g_free (self->architecture);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->parts, g_ptr_array_unref);
  g_free (self);
}

/* A name that stays where it is put: no "..", no start at the root. */
static gboolean
is_plain_path (const char *name)
{
  g_auto (GStrv) parts = NULL;

  if (name == NULL || !g_utf8_validate (name, -1, NULL))
    return FALSE;
  parts = g_strsplit (name, "/", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] == '\0' || parts[i][0] == '.')
      return FALSE;
  return parts[0] != NULL;
}

/* Returns: (transfer full): the licence of the card, or of the tags. */
static char *
read_licence (JsonObject *object)
{
  JsonObject *card = attune_hub_get_object (object, "cardData");
  JsonArray *tags = attune_hub_get_array (object, "tags");
  const char *name = attune_hub_get_string (card, "license_name");

  if (name == NULL)
    name = attune_hub_get_string (card, "license");
  for (guint i = 0; name == NULL && tags != NULL && i < json_array_get_length (tags); i++)
    {
      JsonNode *tag = json_array_get_element (tags, i);
      const char *text = JSON_NODE_HOLDS_VALUE (tag) ? json_node_get_string (tag) : NULL;

      if (text != NULL && g_str_has_prefix (text, "license:"))
        name = text + strlen ("license:");
    }
  return g_strdup (name);
}

static AttuneHubFile *
read_file (JsonObject *object)
{
  const char *name = attune_hub_get_string (object, "rfilename");
  JsonObject *lfs = attune_hub_get_object (object, "lfs");
  const char *sha256 = attune_hub_get_string (lfs, "sha256");
  AttuneHubFile *file;

  if (!is_plain_path (name))
    return NULL;
  file = g_new0 (AttuneHubFile, 1);
  file->name = g_strdup (name);
  file->bytes
      = lfs != NULL ? attune_hub_get_count (lfs, "size") : attune_hub_get_count (object, "size");
  if (sha256 != NULL && strlen (sha256) == 64 && strspn (sha256, "0123456789abcdef") == 64)
    file->sha256 = g_strdup (sha256);
  return file;
}

/* Of a repository's files those that Attune reads of a folder. Others are of other programs: the
 * same weights in other forms among them, which may be called consolidated.safetensors. */
static gboolean
is_part (const char *name)
{
  static const char *const names[] = { "config.json",
                                       "generation_config.json",
                                       "tokenizer.json",
                                       "tokenizer.model",
                                       "tokenizer_config.json",
                                       "special_tokens_map.json",
                                       "chat_template.jinja",
                                       "model.safetensors.index.json",
                                       "vocab.json",
                                       "merges.txt",
                                       "added_tokens.json",
                                       NULL };

  return g_strv_contains (names, name)
         || g_regex_match_simple ("^model(-\\d{5}-of-\\d{5})?\\.safetensors$", name, 0, 0);
}

/* Takes @file. */
static void
sort_file (AttuneHubModel *model, AttuneHubFile *file)
{
  if (g_str_has_suffix (file->name, ".gguf"))
    g_ptr_array_add (model->files, file);
  else if (is_part (file->name))
    g_ptr_array_add (model->parts, file);
  else
    attune_hub_file_free (file);
}

static AttuneHubModel *
read_model (JsonObject *object, AttuneHubSort sort)
{
  const char *id = attune_hub_get_string (object, "id"),
             *slash = id != NULL ? strchr (id, '/') : NULL;
  JsonNode *gated = attune_hub_get_value (object, "gated");
  JsonArray *files = attune_hub_get_array (object, "siblings");
  AttuneHubModel *model;

  if (slash == NULL || strchr (slash + 1, '/') != NULL || !is_plain_path (id))
    return NULL;
  model = g_new0 (AttuneHubModel, 1);
  model->repository = g_strdup (id);
  model->licence = read_licence (object);
  model->architecture
      = g_strdup (attune_hub_get_string (attune_hub_get_object (object, "gguf"), "architecture"));
  /* false, or how it is granted: "auto", "manual" */
  model->gated
      = gated != NULL && (json_node_get_string (gated) != NULL || json_node_get_boolean (gated));
  model->downloads = attune_hub_get_count (object, "downloads");
  model->files = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_hub_file_free);
  model->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_hub_file_free);
  for (guint i = 0; files != NULL && i < json_array_get_length (files); i++)
    {
      JsonNode *one = json_array_get_element (files, i);
      AttuneHubFile *file
          = JSON_NODE_HOLDS_OBJECT (one) ? read_file (json_node_get_object (one)) : NULL;

      if (file != NULL)
        sort (model, file);
    }
  return model;
}

static JsonNode *
parse (JsonParser *parser, GBytes *answer)
{
  gsize size;
  const char *text = g_bytes_get_data (answer, &size);

  return size > 0 && json_parser_load_from_data (parser, text, size, NULL)
             ? json_parser_get_root (parser)
             : NULL;
}

static void
set_no_answer (GError **error)
{
  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
               "The hub’s answer could not be understood. Something may stand between it and this "
               "computer, such as a page to log in to the network.");
}

GPtrArray *
attune_hub_read_search (GBytes *answer, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root = parse (parser, answer);
  GPtrArray *models;

  if (root == NULL || !JSON_NODE_HOLDS_ARRAY (root))
    {
      set_no_answer (error);
      return NULL;
    }
  models = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_hub_model_free);
  for (guint i = 0; i < json_array_get_length (json_node_get_array (root)); i++)
    {
      JsonNode *one = json_array_get_element (json_node_get_array (root), i);
      AttuneHubModel *model = JSON_NODE_HOLDS_OBJECT (one)
                                  ? read_model (json_node_get_object (one), sort_file)
                                  : NULL;

      if (model != NULL)
        g_ptr_array_add (models, model);
    }
  return models;
}

AttuneHubModel *
attune_hub_read_answer (JsonParser *parser, GBytes *answer, AttuneHubSort sort, GError **error)
{
  JsonNode *root = parse (parser, answer);
  AttuneHubModel *model = root != NULL && JSON_NODE_HOLDS_OBJECT (root)
                              ? read_model (json_node_get_object (root), sort)
                              : NULL;

  if (model == NULL)
    set_no_answer (error);
  return model;
}

AttuneHubModel *
attune_hub_read_model (GBytes *answer, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();

  return attune_hub_read_answer (parser, answer, sort_file, error);
}
