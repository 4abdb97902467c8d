/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The room's error domain and its sentences.
 */
#include "model/model-error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

G_DEFINE_QUARK (attune_model_error, attune_model_error)

gboolean
attune_model_fail (GError **error, AttuneModelError code, const char *path, const char *format, ...)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *shown = g_filename_display_name (name);
  g_autofree char *rest = NULL;
  va_list args;

  va_start (args, format);
  rest = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, ATTUNE_MODEL_ERROR, code, "“%s” %s", shown, rest);
  return FALSE;
}

gboolean
attune_model_fail_errno (GError **error, const char *path, const char *what, int error_number)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (error_number), "“%s” %s: %s.", shown,
               what, g_strerror (error_number));
  return FALSE;
}

GMappedFile *
attune_model_map (const char *path, GError **error)
{
  g_autofd int file
      = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0); /* a pipe must not block */
  g_autoptr (GError) reason = NULL;
  GMappedFile *map;
  struct stat info;

  if (file < 0 || fstat (file, &info) != 0)
    {
      attune_model_fail (error, ATTUNE_MODEL_ERROR_OPEN, path, "could not be opened: %s.",
                         g_strerror (errno));
      return NULL;
    }
  if (!S_ISREG (info.st_mode))
    {
      attune_model_fail (error, ATTUNE_MODEL_ERROR_OPEN, path,
                         "is not a file that can be read as a model.");
      return NULL;
    }
  map = g_mapped_file_new_from_fd (file, FALSE, &reason);
  if (map == NULL)
    attune_model_fail (error, ATTUNE_MODEL_ERROR_OPEN, path, "could not be mapped: %s.",
                       reason->message);
  return map;
}

void
attune_model_release_map (GBytes *bytes, const char *path)
{
  gsize size;
  gpointer data = (gpointer) g_bytes_get_data (bytes, &size);

  if (size > 0 && madvise (data, size, MADV_DONTNEED) != 0)
    g_debug ("%s: %s", path, g_strerror (errno)); /* it is a hint */
}
