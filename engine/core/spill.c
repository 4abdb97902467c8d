/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A part of the file is mapped for each table. A page that is let go of (MADV_DONTNEED) stays in
 * the system's cache as long as there is memory for it, so that to touch it again costs no more
 * than a fault.
 */
#include "core/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* 32 MiB of pages of 4 KiB. With one that is read Linux maps up to 15 around it that it has at
 * hand: of 128 MiB, 550 were held. */
#define MOST_PAGES 8192
/* Mapped parts begin at whole pages, also where these are large. */
#define ALIGN (64u << 10)

typedef struct
{
  gpointer at;
  gsize bytes;
  gboolean in_file;
} Part;

struct _AttuneSpill
{
  char *folder;
  guint64 in_memory_bytes, n_memory, n_file;
  guint n_pages; /* touched since the last time */
  int fd;        /* -1: there is no file yet */
  GArray *parts; /* Part */
};

AttuneSpill *
attune_spill_new (const char *folder, guint64 in_memory_bytes)
{
  AttuneSpill *self = g_new0 (AttuneSpill, 1);

  self->folder = g_strdup (folder);
  self->in_memory_bytes = in_memory_bytes;
  self->fd = -1;
  self->parts = g_array_new (FALSE, FALSE, sizeof (Part));
  return self;
}

void
attune_spill_free (AttuneSpill *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->parts->len; i++)
    munmap (g_array_index (self->parts, Part, i).at, g_array_index (self->parts, Part, i).bytes);
  if (self->fd >= 0)
    close (self->fd);
  g_array_unref (self->parts);
  g_free (self->folder);
  g_free (self);
}

static gboolean
fail (const AttuneSpill *self, int code, GError **error)
{
  const gboolean full = code == ENOSPC || code == EDQUOT || code == ENOMEM;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), "%s “%s”: %s",
               full ? "There is not enough room for the tables of this data set in"
                    : "Could not make a file for the tables of this data set in",
               self->folder, g_strerror (code));
  return FALSE;
}

static gboolean
open_file (AttuneSpill *self, GError **error)
{
  g_autofree char *name = g_build_filename (self->folder, ".spill-XXXXXX", NULL);

  if (self->fd < 0)
    self->fd = g_mkstemp_full (name, O_RDWR | O_CLOEXEC, 0600);
  else
    return TRUE;
  return (self->fd >= 0 && g_unlink (name) == 0) || fail (self, errno, error);
}

/* Room of the file is taken from the disk at once: a write to a page that finds none is a signal
 * and no error. */
static gpointer
take_of_file (AttuneSpill *self, gsize bytes, GError **error)
{
  gpointer at;
  int code;

  if (!open_file (self, error))
    return NULL;
  do
    code = posix_fallocate (self->fd, self->n_file, bytes);
  while (code == EINTR);
  if (code != 0)
    {
      fail (self, code, error);
      return NULL;
    }
  at = mmap (NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, self->n_file);
  if (at == MAP_FAILED)
    {
      fail (self, errno, error);
      return NULL;
    }
  madvise (at, bytes, MADV_RANDOM); /* no reading ahead of what nobody asks for */
  self->n_file += bytes;
  return at;
}

gpointer
attune_spill_take (AttuneSpill *self, guint64 bytes, GError **error)
{
  const gsize rounded = (bytes + ALIGN - 1) / ALIGN * ALIGN;
  Part part = { .bytes = rounded };

  g_return_val_if_fail (bytes > 0 && bytes < G_MAXINT64, NULL);

  part.in_file = rounded > self->in_memory_bytes - MIN (self->n_memory, self->in_memory_bytes);
  if (part.in_file)
    part.at = take_of_file (self, rounded, error);
  else
    part.at = mmap (NULL, rounded, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (part.at == MAP_FAILED)
    fail (self, errno, error);
  if (part.at == MAP_FAILED || part.at == NULL)
    return NULL;
  if (!part.in_file)
    self->n_memory += rounded;
  g_array_append_val (self->parts, part);
  return part.at;
}

void
attune_spill_touched (AttuneSpill *self, guint pages)
{
  self->n_pages += pages;
  if (self->n_pages < MOST_PAGES || self->fd < 0)
    return;
  self->n_pages = 0;
  for (guint i = 0; i < self->parts->len; i++)
    if (g_array_index (self->parts, Part, i).in_file)
      madvise (g_array_index (self->parts, Part, i).at, g_array_index (self->parts, Part, i).bytes,
               MADV_DONTNEED);
}
