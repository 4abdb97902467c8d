/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the optimizer remembers in a mapped file instead of memory: every step reads and writes it
 * once from end to end, and the system holds as much of it as there is room for.
 */
#include "tune/trainer-private.h"

#include <glib/gstdio.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static gboolean
fail (const char *folder, gsize bytes, int code, GError **error)
{
  g_set_error (
      error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_CHECKPOINT,
      "There is no room for %.1f MB in “%s”, where what the optimizer remembers was to lie: "
      "%s. Make room on the disk, choose an optimizer that remembers less (--optimizer "
      "adamw-8bit), or keep it in memory (--paged-optimizer no).",
      bytes / 1e6, folder, g_strerror (code));
  return FALSE;
}

/* A new file of @bytes, all of them taken: a write to a page that the disk has no room for would
 * end the process. It has no name any more, so nothing of it stays. -1 with errno where that does
 * not go. */
static int
make_file (const char *folder, gsize bytes)
{
  g_autofree char *path = g_build_filename (folder, ".optimizer-XXXXXX", NULL);
  const int fd = g_mkstemp (path);
  int code;

  if (fd < 0)
    return -1;
  g_unlink (path);
  while ((code = posix_fallocate (fd, 0, bytes)) == EINTR)
    ;
  if (code == 0)
    return fd;
  g_close (fd, NULL);
  errno = code;
  return -1;
}

gboolean
attune_trainer_page_optimizer (AttuneTrainer *self, gint64 count, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->checkpoint_path);
  const gsize bytes = MAX (1, count) * sizeof (float);
  const int fd = make_file (folder, bytes);
  void *memory;
  int code;

  if (fd < 0)
    return fail (folder, bytes, errno, error);
  memory = mmap (NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  code = errno;
  g_close (fd, NULL); /* the mapping keeps it */
  if (memory == MAP_FAILED)
    return fail (folder, bytes, code, error);
  self->optimizer = (AttuneTensor) { memory, 1, { count } };
  return TRUE;
}

void
attune_trainer_release_pages (AttuneTrainer *self)
{
  if (self->optimizer.data != NULL)
    munmap (self->optimizer.data, MAX (1, self->optimizer.dims[0]) * sizeof (float));
  self->optimizer.data = NULL;
}
