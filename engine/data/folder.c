/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is in a folder, and what it hashes to.
 */
#include "data/folder.h"

#include "data/document.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_FILES 100000
#define MAX_DEPTH 32

typedef struct
{
  const char *path;
  GPtrArray *documents, *others; /* char* */
  guint n_files;
} Listing;

static gboolean list_folder (Listing *self, const char *name, guint depth, GError **error);

static gboolean
list_entry (Listing *self, const char *name, guint depth, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, name, NULL);
  GStatBuf info;

  if (g_lstat (path, &info) != 0) /* it has just been removed */
    return TRUE;
  if (S_ISDIR (info.st_mode))
    return depth >= MAX_DEPTH || list_folder (self, name, depth + 1, error);
  /* a link to a file is followed; one to a folder could lead in a ring */
  if (S_ISLNK (info.st_mode) && g_stat (path, &info) != 0)
    return TRUE;
  if (!S_ISREG (info.st_mode))
    return TRUE;
  if (++self->n_files > MAX_FILES)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                   "“%s” holds more than %d files. Add the folders within it one by one.",
                   self->path, MAX_FILES);
      return FALSE;
    }
  if (attune_document_guess_format (name) != NULL)
    g_ptr_array_add (self->documents, g_strdup (name));
  else if (self->others != NULL)
    g_ptr_array_add (self->others, g_strdup (name));
  return TRUE;
}

/* @name: below the path; "": the path itself */
static gboolean
list_folder (Listing *self, const char *name, guint depth, GError **error)
{
  g_autofree char *path
      = *name != '\0' ? g_build_filename (self->path, name, NULL) : g_strdup (self->path);
  g_autoptr (GError) reason = NULL;
  g_autoptr (GDir) folder = g_dir_open (path, 0, &reason);
  const char *entry;

  if (folder == NULL)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ, "Could not read “%s”: %s",
                   path, reason->message);
      return FALSE;
    }
  while ((entry = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *child
          = *name != '\0' ? g_build_filename (name, entry, NULL) : g_strdup (entry);

      if (*entry != '.' && !list_entry (self, child, depth, error))
        return FALSE;
    }
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
attune_folder_list (const char *path, GPtrArray *others, GError **error)
{
  g_autoptr (GPtrArray) documents = g_ptr_array_new_with_free_func (g_free);
  Listing self = { path, documents, others };

  if (!list_folder (&self, "", 0, error))
    return NULL;
  g_ptr_array_sort (documents, compare_names);
  if (others != NULL)
    g_ptr_array_sort (others, compare_names);
  if (documents->len > 0)
    return g_steal_pointer (&documents);
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
               "There is no document in “%s”: no text, Markdown, HTML, Word or PDF file.", path);
  return NULL;
}

static gboolean
hash_file (const char *path, GChecksum *sum, guint64 *bytes, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, error);
  g_autofree guchar *buffer = g_malloc (1 << 18);
  gssize n = 0;

  while (stream != NULL
         && (n = g_input_stream_read (G_INPUT_STREAM (stream), buffer, 1 << 18, NULL, error)) > 0)
    {
      g_checksum_update (sum, buffer, n);
      *bytes += n;
    }
  return stream != NULL && n == 0;
}

char *
attune_source_hash (const char *path, guint64 *bytes, GError **error)
{
  g_autoptr (GChecksum) all = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GPtrArray) names = NULL;

  *bytes = 0;
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return hash_file (path, all, bytes, error) ? g_strdup (g_checksum_get_string (all)) : NULL;
  if ((names = attune_data_folder_list (path)) == NULL
      && (names = attune_folder_list (path, NULL, error)) == NULL)
    return NULL;
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *file = g_build_filename (path, names->pdata[i], NULL);
      g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

      /* one that cannot be opened is told, and kept aside, where it is read */
      hash_file (file, sum, bytes, NULL);
      g_checksum_update (all, names->pdata[i], strlen (names->pdata[i]) + 1);
      g_checksum_update (all, (const guchar *) g_checksum_get_string (sum), -1);
    }
  return g_strdup (g_checksum_get_string (all));
}
