/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bands of all records, and the exact comparison.
 */
#include "data/similar.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* Of one record. Where more share a band, a form is filled in rather than a text repeated. */
#define MAX_COMPARED 256
/* Records that there is room for at least. */
#define FEWEST 1024
/* A chain of four is passed in the time that two more bytes of memory a record would be worth. */
#define RECORDS_OF_BUCKET 2

/* Of a record in its bucket's chain. */
typedef struct __attribute__ ((packed))
{
  guint32 next; /* the record before it + 1, or 0 */
  guint16 tag;  /* bits of the key that the bucket does not have */
} Link;

/* One band of all sketches: chains of the records that agree in it. */
typedef struct
{
  guint32 *heads; /* one per bucket: the latest record + 1, or 0 */
  Link *links;    /* per record */
} Band;

struct _AttuneSimilar
{
  double limit;
  AttuneSketcher sketcher;
  guint32 n_buckets;
  Band *bands;
  int file;
  char *folder;
  guint64 *ends;     /* per record: its pairs end there in the file, in bytes */
  GArray *other;     /* guint32, sorted: pairs of the one compared with */
  guint32 *compared; /* per record: the number of the search it was last met in */
  guint32 n_searches, n_records, n_room;
  AttuneSpill *spill, *own; /* borrowed; (nullable): the same where it is ours */
};

/* --- set-up */

static gboolean
disk_failed (AttuneSimilar *self, GError **error)
{
  const int code = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
               "Records could not be compared with each other, for want of room in “%s”: %s",
               self->folder, g_strerror (code));
  return FALSE;
}

/* Takes room for @n records and copies what is in the old one. */
static gboolean
move (AttuneSimilar *self, gpointer *table, gsize size, guint64 n, GError **error)
{
  gpointer room = attune_spill_take (self->spill, n * size, error);

  if (room == NULL)
    return FALSE;
  if (self->n_records > 0)
    memcpy (room, *table, self->n_records * size);
  *table = room;
  return TRUE;
}

static gboolean
make_room (AttuneSimilar *self, guint64 n, GError **error)
{
  for (guint i = 0; i < self->sketcher.n_bands; i++)
    if (!move (self, (gpointer *) &self->bands[i].links, sizeof (Link), n, error))
      return FALSE;
  self->n_room = n;
  return move (self, (gpointer *) &self->ends, sizeof (guint64), n, error)
         && move (self, (gpointer *) &self->compared, sizeof (guint32), n, error);
}

AttuneSimilar *
attune_similar_new (double limit, guint64 n_records, const char *folder, AttuneSpill *spill,
                    GError **error)
{
  g_autoptr (AttuneSimilar) self = g_new0 (AttuneSimilar, 1);
  g_autofree char *name = g_build_filename (folder, ".similar-XXXXXX", NULL);

  self->limit = limit;
  self->folder = g_strdup (folder);
  attune_sketcher_init (&self->sketcher, limit);
  self->n_buckets = CLAMP (n_records / RECORDS_OF_BUCKET, 1u << 10, 1u << 26);
  self->bands = g_new0 (Band, self->sketcher.n_bands);
  self->other = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->file = -1;
  if (spill == NULL)
    self->own = attune_spill_new (folder, G_MAXUINT64);
  self->spill = spill != NULL ? spill : self->own;
  for (guint i = 0; i < self->sketcher.n_bands; i++)
    {
      self->bands[i].heads
          = attune_spill_take (self->spill, self->n_buckets * sizeof *self->bands[i].heads, error);
      if (self->bands[i].heads == NULL)
        return NULL;
    }
  if (!make_room (self, CLAMP (n_records, FEWEST, G_MAXUINT32 - 1), error))
    return NULL;
  self->file = g_mkstemp (name);
  if (self->file < 0 || g_unlink (name) != 0)
    {
      disk_failed (self, error);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
attune_similar_free (AttuneSimilar *self)
{
  if (self == NULL)
    return;
  g_free (self->bands);
  g_array_unref (self->other);
  attune_spill_free (self->own);
  g_free (self->folder);
  if (self->file >= 0)
    close (self->file);
  g_free (self);
}

/* --- the file */

static gboolean
write_pairs (AttuneSimilar *self, const GArray *pairs, GError **error)
{
  const guint32 n = self->n_records;
  const guint64 start = n > 0 ? self->ends[n - 1] : 0;
  const gsize bytes = pairs->len * sizeof (guint32);
  const guint64 end = start + bytes;
  gsize done = 0;

  while (done < bytes)
    {
      const gssize written = pwrite (self->file, pairs->data + done, bytes - done, start + done);

      if (written < 0 && errno != EINTR)
        return disk_failed (self, error);
      done += MAX (0, written);
    }
  self->ends[n] = end;
  return TRUE;
}

static gboolean
read_pairs (AttuneSimilar *self, guint32 record, GError **error)
{
  const guint64 start = record > 0 ? self->ends[record - 1] : 0;
  const gsize bytes = self->ends[record] - start;
  gsize done = 0;

  g_array_set_size (self->other, bytes / sizeof (guint32));
  while (done < bytes)
    {
      const gssize n = pread (self->file, self->other->data + done, bytes - done, start + done);

      if (n == 0)
        errno = EIO;
      if (n == 0 || (n < 0 && errno != EINTR))
        return disk_failed (self, error);
      done += MAX (0, n);
    }
  return TRUE;
}

/* --- finding */

const AttuneSketcher *
attune_similar_get_sketcher (const AttuneSimilar *self)
{
  return &self->sketcher;
}

/* Where the chain of @key begins. */
static guint32 *
head_of (const AttuneSimilar *self, const Band *band, guint64 key)
{
  return &band->heads[(guint64) (guint32) key * self->n_buckets >> 32];
}

static guint16
tag_of (guint64 key)
{
  return key >> 48;
}

static gboolean
compare_with (AttuneSimilar *self, const GArray *pairs, guint32 record, GArray *hits,
              GError **error)
{
  AttuneSimilarHit hit = { record };

  if (!read_pairs (self, record, error))
    return FALSE;
  hit.similarity = attune_sketch_compare (pairs, self->other);
  if (hit.similarity >= self->limit)
    g_array_append_val (hits, hit);
  return TRUE;
}

static int
compare_hits (gconstpointer a, gconstpointer b)
{
  const AttuneSimilarHit *x = a, *y = b;

  return x->similarity != y->similarity ? (x->similarity < y->similarity) * 2 - 1
                                        : (x->record > y->record) - (x->record < y->record);
}

GArray *
attune_similar_find (AttuneSimilar *self, const AttuneSketch *sketch, GError **error)
{
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (AttuneSimilarHit));
  const guint32 search = ++self->n_searches;
  guint n_compared = 0, n_passed = 0;

  for (guint b = 0; b < self->sketcher.n_bands; b++)
    __builtin_prefetch (head_of (self, &self->bands[b], sketch->bands[b]));
  for (guint b = 0; b < self->sketcher.n_bands; b++)
    {
      const Band *band = &self->bands[b];
      const guint64 key = sketch->bands[b];

      for (guint32 at = *head_of (self, band, key); at != 0 && n_compared < MAX_COMPARED;
           at = band->links[at - 1].next)
        {
          const guint32 record = at - 1;

          n_passed++;
          if (band->links[record].tag != tag_of (key) || self->compared[record] == search)
            continue;
          self->compared[record] = search;
          n_compared++;
          if (!compare_with (self, sketch->pairs, record, hits, error))
            return NULL;
        }
    }
  /* of each band a bucket, of each record passed its link, of each one compared two more */
  attune_spill_touched (self->spill, self->sketcher.n_bands + n_passed + 2 * n_compared);
  g_array_sort (hits, compare_hits);
  return g_steal_pointer (&hits);
}

gboolean
attune_similar_keep (AttuneSimilar *self, const AttuneSketch *sketch, GError **error)
{
  const guint32 record = self->n_records;

  if (record == self->n_room
      && !make_room (self, MIN ((guint64) record * 2, G_MAXUINT32 - 1), error))
    return FALSE;
  if (!write_pairs (self, sketch->pairs, error))
    return FALSE;
  for (guint b = 0; b < self->sketcher.n_bands; b++)
    {
      Band *band = &self->bands[b];
      const guint64 key = sketch->bands[b];
      guint32 *head = head_of (self, band, key);

      band->links[record] = (Link) { *head, tag_of (key) };
      *head = record + 1;
    }
  self->n_records++;
  return TRUE;
}
