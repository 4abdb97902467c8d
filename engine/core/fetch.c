/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libsoup, used in the thread that calls. Redirections are followed here rather than by libsoup, so
 * that it is certain who sees the token and that nothing goes on in the clear.
 */
#include "core/fetch.h"

#include "core/fetch-private.h"

#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
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

static gboolean
refuse_content (GError **error)
{
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
      _ ("What came is not the file that was expected, so it was removed. Try again; if it "
         "stays so, the file was changed where it comes from."));
  return FALSE;
}

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
  return refuse_content (error);
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

/* A file that is on its way, which nobody else writes to meanwhile. */
typedef struct
{
  const AttuneFetch *fetch;
  const char *path;
  int file;
  AttuneFetchProgress progress;
  gpointer data;
} Part;

static guint64
get_size (const Part *part)
{
  struct stat info;

  return fstat (part->file, &info) == 0 ? info.st_size : 0;
}

/* Returns: a descriptor; or -1: it cannot be written, or somebody does already. */
static int
open_part (const char *path, GError **error)
{
  for (;;)
    {
      g_autofd int file = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
      struct stat ours, there;

      if (file < 0)
        {
          attune_file_fail (error, errno, "write", path);
          return -1;
        }
      /* where the file system knows no locks, there is none */
      if (flock (file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                       _ ("It is being fetched already, in another window perhaps."));
          return -1;
        }
      /* who had it may have given it its name meanwhile */
      if (fstat (file, &ours) == 0 && stat (path, &there) == 0 && ours.st_ino == there.st_ino
          && ours.st_dev == there.st_dev)
        return g_steal_fd (&file);
    }
}

static gboolean
write_all (const Part *part, const guint8 *bytes, gsize n, GError **error)
{
  while (n > 0)
    {
      const gssize written = write (part->file, bytes, n);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0 && (errno == ENOSPC || errno == EDQUOT))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                       _ ("The disk is full. What has come is kept: make room and try again."));
          return FALSE;
        }
      if (written < 0)
        return attune_file_fail (error, errno, "write", part->path);
      bytes += written;
      n -= written;
    }
  return TRUE;
}

static gboolean
cut (const Part *part, guint64 size, GError **error)
{
  if ((get_size (part) != size && ftruncate (part->file, size) != 0)
      || lseek (part->file, size, SEEK_SET) < 0)
    return attune_file_fail (error, errno, "write", part->path);
  return TRUE;
}

/* Copies @stream to the file from @start on. @total: bytes of all of it; 0: not known. */
static gboolean
copy (const Part *part, GInputStream *stream, guint64 start, guint64 total,
      GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *chunk = g_malloc (CHUNK_BYTES);
  guint64 done = start;
  gssize n;

  if (!cut (part, start, error))
    return FALSE;
  while ((n = g_input_stream_read (stream, chunk, CHUNK_BYTES, cancellable, error)) > 0)
    {
      if (!attune_fetch_check_online (error)) /* what runs stops as well */
        return FALSE;
      if (total > 0 && (done > total || (guint64) n > total - done))
        return cut (part, 0, error) && refuse_content (error);
      if (!write_all (part, chunk, n, error))
        return FALSE;
      done += n;
      if (part->progress != NULL)
        part->progress (part->data, done, total);
    }
  if (n == 0 && (total == 0 || done == total))
    return TRUE;
  if (n == 0 && part->fetch->sha256 == NULL)
    return cut (part, 0, error) && refuse_content (error);
  if (n == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                 _ ("The connection broke off. What has come is kept: try again."));
  else if (error != NULL && !g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_prefix_error (error, _ ("The connection broke off. What has come is kept: try again. "));
  return FALSE;
}

/* Asks for what begins at *@start, or for all of it: *@start is 0 then. Of what begins anywhere
 * else nobody could say where it belongs. */
static GInputStream *
ask_from (SoupSession *session, const AttuneFetch *self, guint64 *start, SoupMessage **message,
          GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      g_autoptr (GInputStream) stream
          = attune_fetch_send (session, self, *start, message, cancellable, error);
      const guint64 got = stream != NULL ? attune_fetch_get_start (*message) : 0;

      if (stream == NULL)
        return NULL;
      if (got == 0 || got == *start)
        {
          *start = got;
          return g_steal_pointer (&stream);
        }
      g_clear_object (message);
      if (*start == 0)
        {
          refuse_content (error);
          return NULL;
        }
      *start = 0;
    }
}

/* The content is all there, or FALSE: fetches what lacks. */
static gboolean
complete (const Part *part, GCancellable *cancellable, GError **error)
{
  const AttuneFetch *self = part->fetch;
  guint64 start = self->sha256 != NULL ? get_size (part) : 0, total = self->bytes;
  g_autoptr (SoupSession) session = attune_fetch_open (self);
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GInputStream) stream = NULL;

  if (total > 0 && start == total)
    return TRUE;
  if (total > 0 && start > total)
    start = 0;
  stream = ask_from (session, self, &start, &message, cancellable, error);
  if (stream == NULL)
    return FALSE;
  if (total == 0)
    total = attune_fetch_get_total (message);
  return attune_check_space (part->path, total > start ? total - start : 0, error)
         && copy (part, stream, start, total, cancellable, error);
}

/* What another try would not change. */
static gboolean
is_final (const GError *error)
{
  static const int codes[]
      = { G_IO_ERROR_CANCELLED,         G_IO_ERROR_NO_SPACE,  G_IO_ERROR_INVALID_DATA,
          G_IO_ERROR_PERMISSION_DENIED, G_IO_ERROR_NOT_FOUND, G_IO_ERROR_NETWORK_UNREACHABLE };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (error, G_IO_ERROR, codes[i]))
      return TRUE;
  return error->domain == G_FILE_ERROR;
}

/* Long downloads break off often: as long as each try brings something, there is another one. What
 * is told in the end is what ended it, or how the first one broke off. */
static gboolean
complete_in_tries (const Part *part, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) told = NULL;
  guint64 before;
  gboolean final;

  do
    {
      g_autoptr (GError) reason = NULL;

      before = get_size (part);
      if (complete (part, cancellable, &reason))
        return TRUE;
      final = is_final (reason);
      if (told == NULL || final)
        {
          g_clear_error (&told);
          told = g_steal_pointer (&reason);
        }
    }
  while (part->fetch->sha256 != NULL && !final && get_size (part) > before);
  g_propagate_error (error, g_steal_pointer (&told));
  return FALSE;
}

/* Fetches it and looks whether it is the right one. What an earlier call has left may be of another
 * revision: then all of it is fetched. */
static gboolean
complete_and_check (const Part *part, GCancellable *cancellable, GError **error)
{
  gboolean begun = part->fetch->sha256 != NULL && get_size (part) > 0;

  for (;; begun = FALSE)
    {
      g_autoptr (GError) reason = NULL;

      if (!complete_in_tries (part, cancellable, error))
        return FALSE;
      if (part->fetch->sha256 == NULL
          || attune_check_sum (part->path, part->fetch->sha256, cancellable, &reason))
        return TRUE;
      if (!g_cancellable_is_cancelled (cancellable) && !cut (part, 0, error))
        return FALSE;
      if (!begun || g_cancellable_is_cancelled (cancellable))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
    }
}

/* "a/m-2.gguf" for "a/m.gguf" */
static char *
add_number (const char *path, guint number)
{
  g_autofree char *folder = g_path_get_dirname (path), *name = g_path_get_basename (path);
  const char *dot = strrchr (name, '.');
  const int length = dot != NULL ? (int) (dot - name) : (int) strlen (name);
  g_autofree char *other = g_strdup_printf ("%.*s-%u%s", length, name, number, name + length);

  return g_build_filename (folder, other, NULL);
}

char *
attune_fetch_place (const char *temporary, const char *path, GError **error)
{
  g_autofree char *to = g_strdup (path);

  g_return_val_if_fail (temporary != NULL && path != NULL, NULL);

  for (guint number = 2;; number++)
    {
      g_autoptr (GError) reason = NULL;

      if (attune_file_sync_and_rename_new (temporary, to, &reason))
        return g_steal_pointer (&to);
      if (!g_error_matches (reason, G_FILE_ERROR, G_FILE_ERROR_EXIST))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return NULL;
        }
      g_free (to);
      to = add_number (path, number);
    }
}

/* @placed: (nullable) (out): where it lies now, which is another place where something is at @path;
 * %NULL: that is replaced */
static gboolean
fetch_file (const AttuneFetch *self, const char *path, char **placed, AttuneFetchProgress progress,
            gpointer data, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = g_strconcat (path, ".part", NULL);
  g_autofd int file = open_part (name, error);
  const Part part = { self, name, file, progress, data };

  if (file < 0)
    return FALSE;
  if (complete_and_check (&part, cancellable, error))
    return placed == NULL ? attune_file_sync_and_rename (name, path, error)
                          : (*placed = attune_fetch_place (name, path, error)) != NULL;
  if (get_size (&part) == 0)
    g_unlink (name);
  return FALSE;
}

gboolean
attune_fetch_file (const AttuneFetch *self, const char *path, AttuneFetchProgress progress,
                   gpointer data, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (self != NULL && self->url != NULL && path != NULL, FALSE);
  return fetch_file (self, path, NULL, progress, data, cancellable, error);
}

char *
attune_fetch_new_file (const AttuneFetch *self, const char *path, AttuneFetchProgress progress,
                       gpointer data, GCancellable *cancellable, GError **error)
{
  char *placed = NULL;

  g_return_val_if_fail (self != NULL && self->url != NULL && path != NULL, NULL);
  fetch_file (self, path, &placed, progress, data, cancellable, error);
  return placed;
}
