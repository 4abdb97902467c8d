/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libsoup, used in the thread that calls. Redirections are followed here rather than by libsoup, so
 * that it is certain who sees the token and that nothing goes on in the clear.
 */
#include "stages/model/fetch.h"

#include "stages/model/fetch-private.h"

#include "core/file.h"

#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define CHUNK_BYTES (64 << 10)

GBytes *
attune_fetch_bytes (const AttuneFetch *self, gsize most, GCancellable *cancellable, GError **error)
{
  g_autoptr (SoupSession) session = attune_fetch_open (self);
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GInputStream) stream
      = attune_fetch_send (session, self, 0, &message, cancellable, error);
  g_autoptr (GByteArray) content = g_byte_array_new ();
  g_autofree guint8 *chunk = g_malloc (CHUNK_BYTES);
  gssize n;

  if (stream == NULL)
    return NULL;
  while ((n = g_input_stream_read (stream, chunk, CHUNK_BYTES, cancellable, error)) > 0)
    {
      if (n > most - content->len)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       _ ("The server’s answer is longer than it should be."));
          return NULL;
        }
      g_byte_array_append (content, chunk, n);
    }
  return n < 0 ? NULL : g_byte_array_free_to_bytes (g_steal_pointer (&content));
}

/* --- files */

gboolean
attune_check_sum (const char *path, const char *sha256, GCancellable *cancellable, GError **error)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autofree guint8 *chunk = g_malloc (CHUNK_BYTES);
  gssize n;

  if (stream == NULL)
    return FALSE;
  while ((n = g_input_stream_read (G_INPUT_STREAM (stream), chunk, CHUNK_BYTES, cancellable, error))
         > 0)
    g_checksum_update (sum, chunk, n);
  if (n < 0)
    return FALSE;
  if (g_str_equal (g_checksum_get_string (sum), sha256))
    return TRUE;
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
      _ ("What came is not the file that was expected, so it was removed. Try again; if it "
         "stays so, the file was changed where it comes from."));
  return FALSE;
}

/* Bytes of @path; 0 where it is not. */
static guint64
get_size (const char *path)
{
  GStatBuf info;

  return g_stat (path, &info) == 0 ? info.st_size : 0;
}

gboolean
attune_check_space (const char *path, guint64 needed, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  g_autoptr (GFileInfo) info
      = g_file_query_filesystem_info (file, G_FILE_ATTRIBUTE_FILESYSTEM_FREE, NULL, NULL);
  g_autofree char *size = NULL, *left = NULL;
  guint64 available;

  if (info == NULL || !g_file_info_has_attribute (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE))
    return TRUE; /* unknown: writing will tell */
  available = g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE);
  if (needed <= available)
    return TRUE;
  size = g_format_size (needed);
  left = g_format_size (available);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
               _ ("The disk has no room for it: %s are needed, and %s are free."), size, left);
  return FALSE;
}

static gboolean
write_all (int file, const guint8 *bytes, gsize n, const char *path, GError **error)
{
  while (n > 0)
    {
      const gssize written = write (file, bytes, n);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return attune_file_fail (error, errno, "write", path);
      bytes += written;
      n -= written;
    }
  return TRUE;
}

/* Copies @stream to @part from @start on. */
static gboolean
copy (const AttuneFetch *self, GInputStream *stream, const char *part, guint64 start,
      AttuneFetchProgress progress, gpointer data, GCancellable *cancellable, GError **error)
{
  g_autofd int file
      = g_open (part, O_WRONLY | O_CREAT | O_CLOEXEC | (start > 0 ? O_APPEND : O_TRUNC), 0666);
  g_autofree guint8 *chunk = g_malloc (CHUNK_BYTES);
  guint64 done = start;
  gssize n;

  if (file < 0)
    return attune_file_fail (error, errno, "write", part);
  while ((n = g_input_stream_read (stream, chunk, CHUNK_BYTES, cancellable, error)) > 0)
    {
      if (!write_all (file, chunk, n, part, error))
        return FALSE;
      done += n;
      if (progress != NULL)
        progress (data, done, self->bytes);
    }
  if (n < 0 && error != NULL && !g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_prefix_error (error, _ ("The connection broke off. What has come is kept: try again. "));
  return n == 0;
}

/* The content is all there, or FALSE: fetches what @part lacks. */
static gboolean
complete (const AttuneFetch *self, const char *part, AttuneFetchProgress progress, gpointer data,
          GCancellable *cancellable, GError **error)
{
  guint64 start = self->sha256 != NULL ? get_size (part) : 0;
  g_autoptr (SoupSession) session = attune_fetch_open (self);
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GInputStream) stream = NULL;
  AttuneFetch sized = *self;

  if (self->bytes > 0 && start == self->bytes)
    return TRUE;
  if (self->bytes > 0 && start > self->bytes)
    start = 0;
  stream = attune_fetch_send (session, self, start, &message, cancellable, error);
  if (stream == NULL)
    return FALSE;
  start = attune_fetch_get_start (message);
  if (sized.bytes == 0)
    sized.bytes = attune_fetch_get_total (message);
  return attune_check_space (part, sized.bytes > start ? sized.bytes - start : 0, error)
         && copy (&sized, stream, part, start, progress, data, cancellable, error);
}

/* Long downloads break off often: as long as each try brings something, there is another one. What
 * is told in the end is how the first one broke off. */
static gboolean
complete_in_tries (const AttuneFetch *self, const char *part, AttuneFetchProgress progress,
                   gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) first = NULL;
  guint64 before;

  do
    {
      g_autoptr (GError) reason = NULL;

      before = get_size (part);
      if (complete (self, part, progress, data, cancellable, &reason))
        return TRUE;
      if (first == NULL || g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_clear_error (&first);
          first = g_steal_pointer (&reason);
        }
    }
  while (self->sha256 != NULL && get_size (part) > before
         && !g_error_matches (first, G_IO_ERROR, G_IO_ERROR_NO_SPACE)
         && !g_cancellable_is_cancelled (cancellable));
  g_propagate_error (error, g_steal_pointer (&first));
  return FALSE;
}

gboolean
attune_fetch_file (const AttuneFetch *self, const char *path, AttuneFetchProgress progress,
                   gpointer data, GCancellable *cancellable, GError **error)
{
  g_autofree char *part = g_strconcat (path, ".part", NULL);

  g_return_val_if_fail (self != NULL && self->url != NULL && path != NULL, FALSE);

  if (!complete_in_tries (self, part, progress, data, cancellable, error))
    return FALSE;
  if (self->sha256 != NULL && !attune_check_sum (part, self->sha256, cancellable, error))
    {
      if (!g_cancellable_is_cancelled (cancellable))
        g_unlink (part);
      return FALSE;
    }
  return attune_file_sync_and_rename (part, path, error);
}
