/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libarchive reads; what it says is in a member is believed only as far as the bytes go that were
 * expected.
 */
#include "stages/model/zip-member.h"

#include "core/file.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define BLOCK_BYTES (256 << 10)

typedef struct archive Zip;

static void
zip_free (Zip *zip)
{
  archive_read_free (zip);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Zip, zip_free)

static gboolean
fail (GError **error, const char *path, const char *reason)
{
  g_autofree char *name = g_filename_display_basename (path);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               _ ("The package “%s” could not be unpacked: %s."), name, reason);
  return FALSE;
}

/* Goes to @member. */
static gboolean
seek (Zip *zip, const char *archive, const char *member, GError **error)
{
  struct archive_entry *entry;
  int status;

  while ((status = archive_read_next_header (zip, &entry)) == ARCHIVE_OK || status == ARCHIVE_WARN)
    {
      const char *name = archive_entry_pathname_utf8 (entry);

      if (g_strcmp0 (name != NULL ? name : archive_entry_pathname (entry), member) == 0)
        return TRUE;
    }
  if (status == ARCHIVE_EOF)
    return fail (error, archive, _ ("the model is not in it"));
  return fail (error, archive, archive_error_string (zip));
}

static gboolean
copy (Zip *zip, const char *archive, const char *path, guint64 bytes, GCancellable *cancellable,
      GError **error)
{
  g_autofd int file = g_open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  g_autofree guint8 *block = g_malloc (BLOCK_BYTES);
  guint64 left = bytes;
  la_ssize_t n;

  if (file < 0)
    return attune_file_fail (error, errno, "write", path);
  while ((n = archive_read_data (zip, block, BLOCK_BYTES)) > 0)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if ((guint64) n > left)
        return fail (error, archive, _ ("the model in it is larger than it should be"));
      left -= n;
      for (la_ssize_t done = 0; done < n;)
        {
          const gssize written = write (file, block + done, n - done);

          if (written < 0 && errno != EINTR)
            return attune_file_fail (error, errno, "write", path);
          done += MAX (0, written);
        }
    }
  if (n < 0)
    return fail (error, archive, archive_error_string (zip));
  return left == 0 || fail (error, archive, _ ("the model in it is smaller than it should be"));
}

gboolean
attune_unzip_member (const char *archive, const char *member, const char *path, guint64 bytes,
                     GCancellable *cancellable, GError **error)
{
  g_autoptr (Zip) zip = archive_read_new ();

  g_return_val_if_fail (archive != NULL && member != NULL && path != NULL, FALSE);

  archive_read_support_format_zip (zip);
  if (archive_read_open_filename (zip, archive, BLOCK_BYTES) != ARCHIVE_OK)
    return fail (error, archive, archive_error_string (zip));
  return seek (zip, archive, member, error) && copy (zip, archive, path, bytes, cancellable, error);
}
