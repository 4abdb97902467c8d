/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Changes in memory and on disk.
 */
#include "data/changes.h"

#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define CHANGES_VERSION 1
/* 128 bits, in hex: at a billion records a chance clash has odds of 1e-21. */
#define KEY_CHARACTERS 32
/* So much of a record is kept to recognise it by. */
#define TITLE_CHARACTERS 120
/* A larger file is not one of ours: a million records with new texts. */
#define MAX_BYTES (1u << 30)

typedef struct
{
  char *title;
  AttuneChange *change;
} Entry;

struct _AttuneChanges
{
  GTree *entries; /* key → Entry; sorted, so that the file's text depends on its content alone */
};

/* --- one change */

void
attune_change_free (AttuneChange *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    g_free (self->fields[i]);
  g_free (self);
}

AttuneChange *
attune_change_copy (const AttuneChange *self)
{
  AttuneChange *copy = self != NULL ? g_new0 (AttuneChange, 1) : NULL;

  if (self == NULL)
    return NULL;
  copy->excluded = self->excluded;
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    copy->fields[i] = g_strdup (self->fields[i]);
  return copy;
}

guint
attune_change_get_kind (const AttuneChange *self)
{
  guint kind = self != NULL && self->excluded ? ATTUNE_BY_HAND_EXCLUDED : 0;

  for (int i = 0; self != NULL && i < ATTUNE_N_FIELDS; i++)
    if (self->fields[i] != NULL)
      kind |= ATTUNE_BY_HAND_EDITED;
  return kind;
}

char *
attune_record_get_key (const AttuneRecord *imported)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    {
      const char *text = imported->fields[i] != NULL ? imported->fields[i] : "";

      if (i >= ATTUNE_FIELD_REJECTED && *text == '\0')
        continue; /* the keys of before there was such a field */
      g_checksum_update (sum, (const guchar *) text, strlen (text) + 1); /* the NUL parts them */
    }
  return g_strndup (g_checksum_get_string (sum), KEY_CHARACTERS);
}

/* --- all of them */

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->title);
  attune_change_free (entry->change);
  g_free (entry);
}

static int
compare_keys (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

static AttuneChanges *
changes_new (void)
{
  AttuneChanges *self = g_new (AttuneChanges, 1);

  self->entries = g_tree_new_full (compare_keys, NULL, g_free, entry_free);
  return self;
}

void
attune_changes_free (AttuneChanges *self)
{
  if (self == NULL)
    return;
  g_tree_unref (self->entries);
  g_free (self);
}

guint
attune_changes_get_size (const AttuneChanges *self)
{
  return g_tree_nnodes (self->entries);
}

const AttuneChange *
attune_changes_find (const AttuneChanges *self, const char *key)
{
  const Entry *entry = g_tree_lookup (self->entries, key);

  return entry != NULL ? entry->change : NULL;
}

const char *
attune_changes_get_title (const AttuneChanges *self, const char *key)
{
  const Entry *entry = g_tree_lookup (self->entries, key);

  return entry != NULL ? entry->title : "";
}

static gboolean
add_key (gpointer key, gpointer entry, gpointer keys)
{
  g_ptr_array_add (keys, key);
  return FALSE;
}

GPtrArray *
attune_changes_get_keys (const AttuneChanges *self)
{
  GPtrArray *keys = g_ptr_array_new ();

  g_tree_foreach (self->entries, add_key, keys);
  return keys;
}

/* Takes @change. */
static void
set_change (AttuneChanges *self, const char *key, const char *title, AttuneChange *change)
{
  Entry *entry;

  if (attune_change_get_kind (change) == 0)
    {
      g_tree_remove (self->entries, key);
      attune_change_free (change);
      return;
    }
  entry = g_new (Entry, 1);
  *entry = (Entry) { g_strdup (title), change };
  g_tree_replace (self->entries, g_strdup (key), entry);
}

/* --- reading */

/* "dataset.changes.json" */
static char *
get_path (const char *dataset_path)
{
  g_autofree char *stem = g_strdup (dataset_path);

  if (g_str_has_suffix (stem, ".h5"))
    stem[strlen (stem) - strlen (".h5")] = '\0';
  return g_strconcat (stem, ".changes.json", NULL);
}

static gboolean
damaged (GError **error, const char *path)
{
  g_set_error (
      error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
      "The changes of single records in “%s” cannot be read: the file is damaged. Mend it, "
      "or give it another name to go on without them.",
      path);
  return FALSE;
}

static gboolean
is_key (const char *text)
{
  return text != NULL && strlen (text) == KEY_CHARACTERS
         && strspn (text, "0123456789abcdef") == KEY_CHARACTERS;
}

static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static gboolean
take_change (AttuneChanges *self, JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *key = object != NULL ? get_string (object, "record") : NULL;
  JsonNode *texts = object != NULL ? json_object_get_member (object, "texts") : NULL;
  g_autoptr (AttuneChange) change = g_new0 (AttuneChange, 1);
  const char *title;

  if (!is_key (key) || (texts != NULL && !JSON_NODE_HOLDS_OBJECT (texts)))
    return FALSE;
  title = get_string (object, "begins");
  change->excluded = json_object_get_boolean_member_with_default (object, "excluded", FALSE);
  for (int i = 0; texts != NULL && i < ATTUNE_N_FIELDS; i++)
    {
      const char *name = attune_field_get_name (i);
      const char *text = get_string (json_node_get_object (texts), name);

      if (text == NULL && json_object_has_member (json_node_get_object (texts), name))
        return FALSE;
      change->fields[i] = g_strdup (text);
    }
  if (attune_change_get_kind (change) == 0)
    return FALSE; /* it was a change once: it is not dropped without a word */
  set_change (self, key, title != NULL ? title : "", g_steal_pointer (&change));
  return TRUE;
}

static gboolean
parse (AttuneChanges *self, const char *text, const char *path, GError **error)
{
  g_autoptr (JsonNode) root = json_from_string (text, NULL);
  JsonObject *object
      = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  JsonNode *list = object != NULL ? json_object_get_member (object, "changes") : NULL;
  const gint64 version
      = object != NULL ? json_object_get_int_member_with_default (object, "version", 0) : 0;

  if (version > CHANGES_VERSION)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_VERSION,
                   "The changes of single records in “%s” were made by a newer version of Attune. "
                   "Please update Attune.",
                   path);
      return FALSE;
    }
  if (version != CHANGES_VERSION || list == NULL || !JSON_NODE_HOLDS_ARRAY (list))
    return damaged (error, path);
  for (guint i = 0; i < json_array_get_length (json_node_get_array (list)); i++)
    if (!take_change (self, json_array_get_element (json_node_get_array (list), i)))
      return damaged (error, path);
  return TRUE;
}

AttuneChanges *
attune_changes_read (const char *dataset_path, GError **error)
{
  g_autofree char *path = get_path (dataset_path), *text = NULL;
  g_autoptr (AttuneChanges) self = changes_new ();
  g_autoptr (GError) failure = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &failure))
    {
      if (g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return g_steal_pointer (&self);
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  if (length > MAX_BYTES || strlen (text) != length || !g_utf8_validate (text, length, NULL))
    {
      damaged (error, path);
      return NULL;
    }
  return parse (self, text, path, error) ? g_steal_pointer (&self) : NULL;
}

/* --- writing */

static gboolean
add_json (gpointer key, gpointer value, gpointer list)
{
  const Entry *entry = value;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "record", key);
  json_object_set_string_member (object, "begins", entry->title);
  if (entry->change->excluded)
    json_object_set_boolean_member (object, "excluded", TRUE);
  if (attune_change_get_kind (entry->change) & ATTUNE_BY_HAND_EDITED)
    {
      JsonObject *texts = json_object_new ();

      for (int i = 0; i < ATTUNE_N_FIELDS; i++)
        if (entry->change->fields[i] != NULL)
          json_object_set_string_member (texts, attune_field_get_name (i),
                                         entry->change->fields[i]);
      json_object_set_object_member (object, "texts", texts);
    }
  json_array_add_object_element (list, object);
  return FALSE;
}

char *
attune_changes_to_text (const AttuneChanges *self)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *list = json_array_new ();

  g_tree_foreach (self->entries, add_json, list);
  json_object_set_int_member (object, "version", CHANGES_VERSION);
  json_object_set_array_member (object, "changes", list);
  json_node_take_object (root, object);
  return json_to_string (root, TRUE);
}

static char *
make_title (const AttuneRecord *imported)
{
  const char *question = imported->fields[ATTUNE_FIELD_QUESTION],
             *answer = imported->fields[ATTUNE_FIELD_ANSWER];
  const char *text = question != NULL && *question != '\0' ? question
                     : answer != NULL                      ? answer
                                                           : "";

  return g_utf8_strlen (text, -1) > TITLE_CHARACTERS ? g_utf8_substring (text, 0, TITLE_CHARACTERS)
                                                     : g_strdup (text);
}

/* Returns: a descriptor that locks the folder until it is closed; -1 where the file system has no
 * locks, and the last one who writes wins. */
static int
lock_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  const int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  while (fd >= 0 && flock (fd, LOCK_EX) != 0 && errno == EINTR)
    ;
  return fd;
}

AttuneChanges *
attune_changes_update (const char *dataset_path, const AttuneRecord *imported,
                       const AttuneChange *change, GError **error)
{
  g_autofree char *path = get_path (dataset_path), *key = attune_record_get_key (imported);
  g_autofree char *title = make_title (imported), *text = NULL;
  const int lock = lock_folder (path);
  g_autoptr (AttuneChanges) self = attune_changes_read (dataset_path, error);
  gboolean good = self != NULL;

  if (good)
    {
      set_change (self, key, title, attune_change_copy (change));
      text = attune_changes_to_text (self);
      good = attune_file_write (path, text, -1, error);
    }
  if (lock >= 0)
    close (lock);
  return good ? g_steal_pointer (&self) : NULL;
}

char *
attune_changes_set_aside (const char *dataset_path, GError **error)
{
  g_autofree char *path = get_path (dataset_path), *aside = attune_file_set_aside (path, error);

  return aside != NULL ? g_path_get_basename (aside) : NULL;
}
