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
#define NONE G_MAXUINT32
/* A chain of four is passed in the time that two more bytes of memory a record would be worth. */
#define RECORDS_OF_BUCKET 2

/* One band of all sketches: chains of the records that agree in it. */
typedef struct
{
  guint32 *heads; /* one per bucket: the latest record, or NONE */
  GArray *next;   /* guint32 per record: the one before it in its bucket */
  GArray *tags;   /* guint16 per record: bits of the key that the bucket does not have */
} Band;

struct _AttuneSimilar
{
  double limit;
  AttuneSketcher sketcher;
  guint32 n_buckets;
  Band *bands;
  int file;
  char *folder;
  GArray *ends;     /* guint64 per record: its pairs end there in the file, in bytes */
  GArray *other;    /* guint32, sorted: pairs of the one compared with */
  GArray *compared; /* guint32 per record: the number of the search it was last met in */
  guint32 n_searches;
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

AttuneSimilar *
attune_similar_new (double limit, guint64 n_records, const char *folder, GError **error)
{
  g_autoptr (AttuneSimilar) self = g_new0 (AttuneSimilar, 1);
  g_autofree char *name = g_build_filename (folder, ".similar-XXXXXX", NULL);

  self->limit = limit;
  self->folder = g_strdup (folder);
  attune_sketcher_init (&self->sketcher, limit);
  self->n_buckets = CLAMP (n_records / RECORDS_OF_BUCKET, 1u << 10, 1u << 26);
  self->bands = g_new0 (Band, self->sketcher.n_bands);
  for (guint i = 0; i < self->sketcher.n_bands; i++)
    {
      self->bands[i].heads = g_new (guint32, self->n_buckets);
      memset (self->bands[i].heads, 0xff, self->n_buckets * sizeof (guint32)); /* NONE */
      self->bands[i].next = g_array_new (FALSE, FALSE, sizeof (guint32));
      self->bands[i].tags = g_array_new (FALSE, FALSE, sizeof (guint16));
    }
  self->ends = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->other = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->compared = g_array_new (FALSE, TRUE, sizeof (guint32));
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
  for (guint i = 0; i < self->sketcher.n_bands; i++)
    {
      g_free (self->bands[i].heads);
      g_array_unref (self->bands[i].next);
      g_array_unref (self->bands[i].tags);
    }
  g_free (self->bands);
  g_array_unref (self->ends);
  g_array_unref (self->other);
  g_array_unref (self->compared);
  g_free (self->folder);
  if (self->file >= 0)
    close (self->file);
  g_free (self);
}

/* --- the file */

static gboolean
write_pairs (AttuneSimilar *self, const GArray *pairs, GError **error)
{
  const guint n = self->ends->len;
  const guint64 start = n > 0 ? g_array_index (self->ends, guint64, n - 1) : 0;
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
  g_array_append_val (self->ends, end);
  return TRUE;
}

static gboolean
read_pairs (AttuneSimilar *self, guint32 record, GError **error)
{
  const guint64 start = record > 0 ? g_array_index (self->ends, guint64, record - 1) : 0;
  const gsize bytes = g_array_index (self->ends, guint64, record) - start;
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
  guint n_compared = 0;

  for (guint b = 0; b < self->sketcher.n_bands; b++)
    __builtin_prefetch (head_of (self, &self->bands[b], sketch->bands[b]));
  for (guint b = 0; b < self->sketcher.n_bands; b++)
    {
      const Band *band = &self->bands[b];
      const guint64 key = sketch->bands[b];

      for (guint32 at = *head_of (self, band, key); at != NONE && n_compared < MAX_COMPARED;
           at = g_array_index (band->next, guint32, at))
        {
          guint32 *last;

          if (g_array_index (band->tags, guint16, at) != tag_of (key))
            continue;
          last = &g_array_index (self->compared, guint32, at);
          if (*last == search)
            continue;
          *last = search;
          n_compared++;
          if (!compare_with (self, sketch->pairs, at, hits, error))
            return NULL;
        }
    }
  g_array_sort (hits, compare_hits);
  return g_steal_pointer (&hits);
}

gboolean
attune_similar_keep (AttuneSimilar *self, const AttuneSketch *sketch, GError **error)
{
  const guint32 record = self->ends->len, no_search = 0;

  if (!write_pairs (self, sketch->pairs, error))
    return FALSE;
  for (guint b = 0; b < self->sketcher.n_bands; b++)
    {
      Band *band = &self->bands[b];
      const guint64 key = sketch->bands[b];
      const guint16 tag = tag_of (key);
      guint32 *head = head_of (self, band, key);

      g_array_append_val (band->next, *head);
      g_array_append_val (band->tags, tag);
      *head = record;
    }
  g_array_append_val (self->compared, no_search);
  return TRUE;
}
