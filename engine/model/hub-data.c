/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See hub-data.h.
 */
#include "model/hub-data.h"

#include "data/data-file.h"
#include "model/fetch-hub.h"
#include "model/hub-private.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#define MOST_ANSWER_BYTES (16 << 20) /* a list of files */
#define WORD "[\\w-][\\w.-]*"

void
attune_hub_data_free (AttuneHubData *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->page);
  g_strfreev (self->configurations);
  g_free (self->configuration);
  attune_hub_model_free (self->model);
  g_free (self);
}

/* --- its name */

gboolean
attune_hub_data_is_address (const char *text)
{
  g_return_val_if_fail (text != NULL, FALSE);
  return g_str_has_prefix (text, "hf:");
}

/* @configuration: (out) (nullable) */
static gboolean
read_address (const char *hub, const char *address, char **name, char **configuration,
              GError **error)
{
  g_autofree char *page = g_strconcat (hub, "/datasets/", NULL);
  const char *rest = g_str_has_prefix (address, page) ? address + strlen (page) : address;
  /* old ones have no owner: the hub sends one on to where they are now */
  g_autoptr (GRegex) regex
      = g_regex_new ("^(" WORD "/" WORD "|" WORD "$)(?:/([^/].*))?$", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  if (g_str_has_prefix (rest, "hf:"))
    rest += strlen ("hf:");
  if (g_str_has_prefix (rest, "datasets/"))
    rest += strlen ("datasets/");
  if (!g_regex_match (regex, rest, 0, &match))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   _ ("“%s” is no name of a data set at the hub. It looks like hf:OWNER/NAME, or "
                      "hf:OWNER/NAME/CONFIGURATION."),
                   address);
      return FALSE;
    }
  *name = g_match_info_fetch (match, 1);
  *configuration = g_match_info_fetch (match, 2);
  if (*configuration != NULL && **configuration == '\0')
    g_clear_pointer (configuration, g_free);
  return TRUE;
}

/* --- configurations, as the card says them */

static JsonArray *
get_configurations (JsonParser *parser)
{
  JsonObject *object = json_node_get_object (json_parser_get_root (parser));

  return attune_hub_get_array (attune_hub_get_object (object, "cardData"), "configs");
}

static JsonObject *
get_element (JsonArray *array, guint i)
{
  JsonNode *node = json_array_get_element (array, i);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* @array: (nullable). Returns: (transfer full) */
static char **
list_configurations (JsonArray *array)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      const char *name = attune_hub_get_string (get_element (array, i), "config_name");

      if (name != NULL)
        g_strv_builder_add (names, name);
    }
  return g_strv_builder_end (names);
}

/* The one called @name; where it is %NULL, the one that is said to be read where none is named. */
static JsonObject *
find_configuration (JsonArray *array, const char *name)
{
  JsonObject *found = NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *one = get_element (array, i);
      const char *its = attune_hub_get_string (one, "config_name");
      JsonNode *is_default = attune_hub_get_value (one, "default");

      if (its == NULL)
        continue;
      if (name != NULL ? g_str_equal (its, name)
                       : (is_default != NULL && json_node_get_boolean (is_default))
                             || (found == NULL && g_str_equal (its, "default")))
        found = one;
    }
  return found == NULL && name == NULL && array != NULL && json_array_get_length (array) == 1
             ? get_element (array, 0)
             : found;
}

/* Patterns are a text, several, or objects with these as their path. */
static void
add_patterns (JsonNode *node, const char *folder, GPtrArray *patterns)
{
  if (node == NULL)
    return;
  if (JSON_NODE_HOLDS_ARRAY (node))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      add_patterns (json_array_get_element (json_node_get_array (node), i), folder, patterns);
  else if (JSON_NODE_HOLDS_OBJECT (node))
    add_patterns (json_object_get_member (json_node_get_object (node), "path"), folder, patterns);
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_string (node) != NULL)
    {
      g_autofree char *path = g_build_path ("/", folder, json_node_get_string (node), NULL);
      g_autoptr (GString) pattern = g_string_new (g_str_has_prefix (path, "./") ? path + 2 : path);

      g_string_replace (pattern, "**/", "*", 0); /* no folder, or some; here a star takes slashes */
      g_ptr_array_add (patterns, g_pattern_spec_new (pattern->str));
    }
}

/* @configuration: (nullable). Returns: (transfer full): GPatternSpec of the names of its files, of
 * which one fits; empty: all fit. */
static GPtrArray *
list_patterns (JsonObject *configuration)
{
  GPtrArray *patterns = g_ptr_array_new_with_free_func ((GDestroyNotify) g_pattern_spec_free);
  const char *folder = attune_hub_get_string (configuration, "data_dir");

  if (configuration == NULL)
    return patterns;
  add_patterns (json_object_get_member (configuration, "data_files"), folder != NULL ? folder : "",
                patterns);
  if (patterns->len == 0 && folder != NULL)
    {
      g_autofree char *all = g_build_path ("/", folder, "*", NULL);

      g_ptr_array_add (patterns, g_pattern_spec_new (all));
    }
  return patterns;
}

static gboolean
fits (const GPtrArray *patterns, const char *name)
{
  for (guint i = 0; i < patterns->len; i++)
    if (g_pattern_spec_match_string (patterns->pdata[i], name))
      return TRUE;
  return patterns->len == 0;
}

/* --- files */

/* All are looked at together later: which are data depends on what else is there. */
static void
keep_file (AttuneHubModel *model, AttuneHubFile *file)
{
  g_ptr_array_add (model->parts, file);
}

/* What tells of the data: its card, and the text of its licence. */
static gboolean
is_paper (const char *name)
{
  static const char *const names[]
      = { "README.md",   "LICENSE",    "LICENSE.txt", "LICENSE.md", "LICENCE",
          "LICENCE.txt", "LICENCE.md", "COPYING",     NULL };

  return g_strv_contains (names, name);
}

/* Leaves of all the files those that are to be fetched. */
static void
sort_files (AttuneHubData *self, const GPtrArray *patterns)
{
  GPtrArray *files = self->model->parts;
  AttuneDataFile kind = ATTUNE_DATA_FILE_NONE;

  for (guint i = 0; i < files->len; i++)
    {
      const AttuneHubFile *file = files->pdata[i];

      if (fits (patterns, file->name))
        kind = MAX (kind, attune_data_file_judge (file->name));
    }
  for (guint i = files->len; i-- > 0;)
    {
      const AttuneHubFile *file = files->pdata[i];
      const gboolean is_data = kind != ATTUNE_DATA_FILE_NONE && fits (patterns, file->name)
                               && attune_data_file_judge (file->name) == kind;

      if (!is_data && !is_paper (file->name))
        {
          g_ptr_array_remove_index (files, i);
          continue;
        }
      self->n_files += is_data;
      self->bytes += file->bytes;
    }
}

static gboolean
check_configuration (const AttuneHubData *self, const char *asked, GError **error)
{
  g_autofree char *names = g_strjoinv (", ", self->configurations);

  if (asked != NULL && self->configuration == NULL && *names == '\0')
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                 _ ("“%s” has one configuration only: leave “%s” out."), self->name, asked);
  else if (asked != NULL && self->configuration == NULL)
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                 _ ("“%s” has no configuration “%s”. It has: %s."), self->name, asked, names);
  else if (self->configuration == NULL && *names != '\0')
    g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                 _ ("“%s” has several configurations. Say behind its name which one, as "
                    "hf:%s/%s. It has: %s."),
                 self->name, self->name, self->configurations[0], names);
  else if (self->n_files == 0)
    g_set_error (
        error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
        _ ("“%s” has no Parquet, JSON Lines, CSV, TSV or JSON files at the hub. Look at %s "
           "whether another repository has the same in one of these."),
        self->name, self->page);
  else
    return TRUE;
  return FALSE;
}

AttuneHubData *
attune_hub_data_read (GBytes *answer, const char *configuration, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (AttuneHubData) self = g_new0 (AttuneHubData, 1);
  g_autoptr (GPtrArray) patterns = NULL;
  g_autofree char *address = attune_hub_get_address ();
  JsonObject *object, *chosen;
  const char *revision;

  g_return_val_if_fail (answer != NULL, NULL);

  self->model = attune_hub_read_answer (parser, answer, keep_file, error);
  if (self->model == NULL)
    return NULL;
  object = json_node_get_object (json_parser_get_root (parser));
  revision = attune_hub_get_string (object, "sha");
  if (revision != NULL && *revision != '\0'
      && strspn (revision, "0123456789abcdef") == strlen (revision))
    self->model->revision = g_strdup (revision);
  self->name = self->model->repository;
  self->model->repository = g_strconcat ("datasets/", self->name, NULL);
  self->page = attune_hub_get_page_url (address, self->model->repository);
  self->configurations = list_configurations (get_configurations (parser));
  chosen = find_configuration (get_configurations (parser), configuration);
  self->configuration = g_strdup (attune_hub_get_string (chosen, "config_name"));
  patterns = list_patterns (chosen);
  sort_files (self, patterns);
  return check_configuration (self, configuration, error) ? g_steal_pointer (&self) : NULL;
}

AttuneHubData *
attune_hub_data_look (const AttuneFetch *access, const char *address, GCancellable *cancellable,
                      GError **error)
{
  g_autofree char *name = NULL, *configuration = NULL, *url = NULL;
  g_autoptr (GBytes) answer = NULL;
  AttuneFetch fetch;

  g_return_val_if_fail (access != NULL && address != NULL, NULL);

  if (!read_address (access->url, address, &name, &configuration, error))
    return NULL;
  url = g_strdup_printf ("%s/api/datasets/%s?blobs=true", access->url, name);
  fetch = (AttuneFetch) {
    .url = url, .accept = "application/json", .proxy = access->proxy, .token = access->token
  };
  answer = attune_fetch_bytes (&fetch, MOST_ANSWER_BYTES, cancellable, error);
  return answer != NULL ? attune_hub_data_read (answer, configuration, error) : NULL;
}

/* --- fetching */

/* Said before anything is fetched. */
static gboolean
check_before (const AttuneFetch *access, const AttuneHubData *self, guint64 most, GError **error)
{
  g_autofree char *size = g_format_size (self->bytes), *limit = g_format_size (most);

  if (self->model->gated && (access->token == NULL || *access->token == '\0'))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 _ ("“%s” is given only to those who have accepted its terms. Accept them at %s, "
                    "and give your access token, which the command line takes from HF_TOKEN."),
                 self->name, self->page);
  else if (self->bytes > most)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                 _ ("“%s” has %s, and no more than %s are fetched unless you allow it. A smaller "
                    "configuration may do as well."),
                 self->name, size, limit);
  else
    return TRUE;
  return FALSE;
}

/* "owner-name-configuration-0123abcd": of another revision it is another folder. */
static char *
get_folder (const AttuneHubData *self, const char *folder)
{
  g_autoptr (GString) name = g_string_new (self->name);
  g_autofree char *clean = NULL;

  if (self->configuration != NULL && !g_str_equal (self->configuration, "default"))
    g_string_append_printf (name, "-%s", self->configuration);
  if (self->model->revision != NULL)
    g_string_append_printf (name, "-%.8s", self->model->revision);
  clean = g_strcanon (g_steal_pointer (&name->str), G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._-",
                      '-');
  return g_build_filename (folder, clean, NULL);
}

/* A folder is known as a data set by its card: where there is none it says as much as we know. */
static gboolean
write_card (const AttuneHubData *self, const char *path, GError **error)
{
  g_autofree char *part = g_strconcat (path, ".part", NULL),
                  *card = g_build_filename (part, "README.md", NULL), *licence = NULL, *text = NULL;

  for (guint i = 0; i < self->model->parts->len; i++)
    if (g_str_equal (((AttuneHubFile *) self->model->parts->pdata[i])->name, "README.md"))
      return TRUE;
  licence = g_strdelimit (g_strdup (self->model->licence), "\r\n", ' ');
  text = g_strdup_printf ("---\n%s%s\n---\n\n%s\n", licence != NULL ? "license: " : "",
                          licence != NULL ? licence : "", self->page);
  g_mkdir_with_parents (part, 0777); /* a failure shows when the file is written */
  return g_file_set_contents (card, text, -1, error);
}

char *
attune_hub_data_fetch (const AttuneFetch *access, const AttuneHubData *self, guint64 most_bytes,
                       const char *folder, AttuneFetchProgress progress, gpointer data,
                       GCancellable *cancellable, GError **error)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (access != NULL && self != NULL && folder != NULL && progress != NULL, NULL);

  if (!check_before (access, self, most_bytes > 0 ? most_bytes : ATTUNE_HUB_DATA_BYTES, error))
    return NULL;
  path = get_folder (self, folder);
  if ((self->model->revision != NULL && g_file_test (path, G_FILE_TEST_IS_DIR))
      || (write_card (self, path, error)
          && attune_fetch_hub_parts (access, self->model, path, progress, data, cancellable,
                                     error)))
    return g_steal_pointer (&path);
  return NULL;
}
