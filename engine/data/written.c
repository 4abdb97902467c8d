/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See written.h.
 */
#include "data/written.h"

#include "data/clean.h"

#include <errno.h>
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

struct _AttuneWritten
{
  GHashTable *texts; /* attune_text_key() of a question → GPtrArray of AttuneWrittenText */
  guint n;
};

static void
text_free (gpointer data)
{
  AttuneWrittenText *text = data;

  g_free (text->text);
  g_free (text->origin);
  g_free (text);
}

static char *
get_file (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return g_build_filename (folder, "dataset.variants.jsonl", NULL);
}

/* Returns: whether @line is one. */
static gboolean
take_line (AttuneWritten *self, const char *line)
{
  g_autoptr (JsonNode) node = json_from_string (line, NULL);
  JsonObject *object
      = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *question, *text, *origin;
  GPtrArray *texts;
  guint64 key;

  if (object == NULL)
    return FALSE;
  question = json_object_get_string_member_with_default (object, "question", NULL);
  text = json_object_get_string_member_with_default (object, "text", NULL);
  origin = json_object_get_string_member_with_default (object, "origin", NULL);
  if (question == NULL || text == NULL || origin == NULL)
    return FALSE;
  key = attune_text_key (question);
  texts = g_hash_table_lookup (self->texts, &key);
  if (texts == NULL)
    g_hash_table_insert (self->texts, g_memdup2 (&key, sizeof key),
                         texts = g_ptr_array_new_with_free_func (text_free));
  if (*text != '\0')
    {
      AttuneWrittenText *written = g_new (AttuneWrittenText, 1);

      *written = (AttuneWrittenText) { g_strdup (text), g_strdup (origin) };
      g_ptr_array_add (texts, written);
      self->n++;
    }
  return TRUE;
}

AttuneWritten *
attune_written_read (const char *path, GError **error)
{
  g_autoptr (AttuneWritten) self = g_new0 (AttuneWritten, 1);
  g_autofree char *file = get_file (path), *text = NULL;
  g_autoptr (GError) reason = NULL;
  guint number = 0;
  char *end;

  self->texts = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                       (GDestroyNotify) g_ptr_array_unref);
  if (!g_file_get_contents (file, &text, NULL, &reason))
    {
      if (g_error_matches (reason, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return g_steal_pointer (&self);
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  for (char *line = text; (end = strchr (line, '\n')) != NULL; line = end + 1)
    {
      *end = '\0';
      number++;
      if (*line != '\0' && !take_line (self, line))
        {
          g_set_error (
              error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
              "%s, line %u, is no text that a model has written. Take the line out, or the "
              "file away: then they can be written anew.",
              file, number);
          return NULL;
        }
    }
  return g_steal_pointer (&self);
}

void
attune_written_free (AttuneWritten *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->texts);
  g_free (self);
}

guint
attune_written_count (const AttuneWritten *self)
{
  return self->n;
}

guint
attune_written_count_questions (const AttuneWritten *self)
{
  return g_hash_table_size (self->texts);
}

GPtrArray *
attune_written_find (const AttuneWritten *self, const char *question)
{
  const guint64 key = attune_text_key (question);

  return g_hash_table_lookup (self->texts, &key);
}

/* Takes away a line without its end, which a writer that was ended has left. */
static gboolean
mend (int fd)
{
  off_t end = lseek (fd, 0, SEEK_END);
  const off_t before = end;
  char c = '\n';

  while (end > 0 && pread (fd, &c, 1, end - 1) == 1 && c != '\n')
    end--;
  return end == before || ftruncate (fd, end) == 0;
}

gboolean
attune_written_append (const char *path, const char *question, const char *text, const char *origin,
                       GError **error)
{
  g_autofree char *file = get_file (path), *json = NULL, *line = NULL;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  gssize n, written;
  int fd;

  json_object_set_string_member (object, "question", question);
  json_object_set_string_member (object, "text", text);
  json_object_set_string_member (object, "origin", origin);
  json_node_take_object (node, object);
  json = json_to_string (node, FALSE);
  line = g_strconcat (json, "\n", NULL);
  n = strlen (line);
  fd = open (file, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  written = fd >= 0 && mend (fd) ? write (fd, line, n) : -1;
  if (written != n)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "Could not write “%s”: %s",
                 file, written < 0 ? g_strerror (errno) : "it is full");
  if (fd >= 0)
    close (fd);
  return written == n;
}
