/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * MinHash, bands, and the exact comparison.
 */
#include "data/similar.h"

#include "core/random.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define N_HASHES 128
/* How surely a pair at the limit is met. */
#define SURENESS 0.99
/* Of one record. Where more share a band, a form is filled in rather than a text repeated. */
#define MAX_COMPARED 256
#define NONE G_MAXUINT32

/* One band of all signatures: chains of the records that agree in it. */
typedef struct
{
  guint32 *heads; /* one per bucket: the latest record, or NONE */
  GArray *next;   /* guint32 per record: the one before it in its bucket */
  GArray *tags;   /* guint16 per record: bits of the key that the bucket does not have */
} Band;

struct _AttuneSimilar
{
  double limit;
  guint n_rows, n_bands; /* hashes of a band; bands */
  guint32 mask;          /* of the bucket's number */
  guint32 factors[N_HASHES], flips[N_HASHES];
  Band *bands;
  int file;
  char *folder;
  GArray *ends;          /* guint64 per record: its pairs end there in the file, in bytes */
  GArray *pairs, *other; /* guint32, sorted: of the record at hand, of the one compared with */
  GArray *compared;      /* guint32 per record: the number of the search it was last met in */
  guint32 n_searches;
  guint32 signature[N_HASHES], numbers; /* of the record at hand */
};

/* --- a record as pairs of words */

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  const guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;

  return (x > y) - (x < y);
}

/* FNV-1a, with its bits mixed at the end (Murmur 3), so that each one counts. */
static guint32
hash_bytes (const char *text, gsize n)
{
  guint32 h = 2166136261u;

  for (gsize i = 0; i < n; i++)
    h = (h ^ (guint8) text[i]) * 16777619u;
  h = (h ^ h >> 16) * 0x85ebca6bu;
  h = (h ^ h >> 13) * 0xc2b2ae35u;
  return h ^ h >> 16;
}

/* Adds the pairs of @text, and what stands for its numbers to @numbers. The first word follows an
 * empty one and the last precedes one, so that a single word is two pairs. */
static void
add_pairs (const char *text, GArray *pairs, guint32 *numbers)
{
  guint32 previous = 0x9e3779b9u; /* any: the start of a text */

  while (*text != '\0')
    {
      const gsize n = strcspn (text, " ");
      const guint32 word = hash_bytes (text, n);
      const guint32 pair = (previous * 0x01000193u) ^ word;

      g_array_append_val (pairs, pair);
      for (gsize i = 0; i < n; i++)
        if (g_ascii_isdigit (text[i]))
          {
            *numbers = (*numbers ^ word) * 0x85ebca6bu;
            break;
          }
      previous = word;
      text += n;
      text += *text == ' ';
    }
  previous = previous * 0x01000193u;
  g_array_append_val (pairs, previous);
}

/* Sorted and without repetitions. */
static void
make_set (GArray *pairs)
{
  guint32 *values = (guint32 *) pairs->data;
  guint n = 0;

  g_array_sort (pairs, compare_numbers);
  for (guint i = 0; i < pairs->len; i++)
    if (n == 0 || values[n - 1] != values[i])
      values[n++] = values[i];
  g_array_set_size (pairs, n);
}

static double
jaccard (const GArray *a, const GArray *b)
{
  const guint32 *x = (const guint32 *) a->data, *y = (const guint32 *) b->data;
  guint i = 0, j = 0, both = 0;

  while (i < a->len && j < b->len)
    if (x[i] == y[j])
      {
        both++;
        i++;
        j++;
      }
    else if (x[i] < y[j])
      i++;
    else
      j++;
  return (double) both / (a->len + b->len - both);
}

double
attune_similarity (const char *a, const char *b)
{
  g_autoptr (GArray) x = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GArray) y = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 numbers_x = 0, numbers_y = 0;

  add_pairs (a, x, &numbers_x);
  add_pairs (b, y, &numbers_y);
  make_set (x);
  make_set (y);
  return numbers_x == numbers_y ? jaccard (x, y) : 0;
}

/* --- set-up */

/* As many rows as leave a pair at the limit SURENESS to agree in one of the bands. */
static guint
choose_rows (double limit)
{
  guint rows = 1;

  for (guint r = 2; r <= 16; r++)
    if (1 - pow (1 - pow (limit, r), N_HASHES / r) >= SURENESS)
      rows = r;
  return rows;
}

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
  guint32 n_buckets = 1u << 10;
  AttuneRandom random;

  self->limit = limit;
  self->folder = g_strdup (folder);
  self->n_rows = choose_rows (limit);
  self->n_bands = N_HASHES / self->n_rows;
  while (n_buckets < n_records && n_buckets < 1u << 26)
    n_buckets *= 2;
  self->mask = n_buckets - 1;
  attune_random_init (&random, 0, ATTUNE_RANDOM_SIMILAR, 0); /* the same for every data set */
  for (guint i = 0; i < N_HASHES; i++)
    {
      self->factors[i] = attune_random_uint32 (&random) | 1;
      self->flips[i] = attune_random_uint32 (&random);
    }
  self->bands = g_new0 (Band, self->n_bands);
  for (guint i = 0; i < self->n_bands; i++)
    {
      self->bands[i].heads = g_new (guint32, n_buckets);
      memset (self->bands[i].heads, 0xff, n_buckets * sizeof (guint32)); /* NONE */
      self->bands[i].next = g_array_new (FALSE, FALSE, sizeof (guint32));
      self->bands[i].tags = g_array_new (FALSE, FALSE, sizeof (guint16));
    }
  self->ends = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->pairs = g_array_new (FALSE, FALSE, sizeof (guint32));
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
  for (guint i = 0; i < self->n_bands; i++)
    {
      g_free (self->bands[i].heads);
      g_array_unref (self->bands[i].next);
      g_array_unref (self->bands[i].tags);
    }
  g_free (self->bands);
  g_array_unref (self->ends);
  g_array_unref (self->pairs);
  g_array_unref (self->other);
  g_array_unref (self->compared);
  g_free (self->folder);
  if (self->file >= 0)
    close (self->file);
  g_free (self);
}

/* --- the file */

static gboolean
write_pairs (AttuneSimilar *self, GError **error)
{
  const guint n = self->ends->len;
  const guint64 start = n > 0 ? g_array_index (self->ends, guint64, n - 1) : 0;
  const gsize bytes = self->pairs->len * sizeof (guint32);
  const guint64 end = start + bytes;
  gsize done = 0;

  while (done < bytes)
    {
      const gssize written
          = pwrite (self->file, self->pairs->data + done, bytes - done, start + done);

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

static void
sign (AttuneSimilar *self)
{
  memset (self->signature, 0xff, sizeof self->signature);
  for (guint i = 0; i < self->pairs->len; i++)
    {
      const guint32 pair = g_array_index (self->pairs, guint32, i);

      for (guint j = 0; j < N_HASHES; j++) /* independent of each other: a vector at a time */
        {
          const guint32 h = (pair ^ self->flips[j]) * self->factors[j];

          self->signature[j] = MIN (self->signature[j], h);
        }
    }
}

/* The key of band @b; records with other numbers have another. */
static guint64
band_key (const AttuneSimilar *self, guint b)
{
  guint64 key = self->numbers + G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) * (b + 1);

  for (guint i = 0; i < self->n_rows; i++)
    {
      key = (key ^ self->signature[b * self->n_rows + i]) * G_GUINT64_CONSTANT (0xff51afd7ed558ccd);
      key ^= key >> 32;
    }
  return key;
}

static guint16
tag_of (guint64 key)
{
  return key >> 48;
}

static gboolean
compare_with (AttuneSimilar *self, guint32 record, GArray *hits, GError **error)
{
  AttuneSimilarHit hit = { record };

  if (!read_pairs (self, record, error))
    return FALSE;
  hit.similarity = jaccard (self->pairs, self->other);
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
attune_similar_find (AttuneSimilar *self, const char *question, const char *answer, GError **error)
{
  g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (AttuneSimilarHit));
  const guint32 search = ++self->n_searches;
  guint n_compared = 0;

  self->numbers = 0;
  g_array_set_size (self->pairs, 0);
  add_pairs (question, self->pairs, &self->numbers);
  add_pairs (answer, self->pairs, &self->numbers);
  make_set (self->pairs);
  sign (self);
  for (guint b = 0; b < self->n_bands; b++)
    {
      const Band *band = &self->bands[b];
      const guint64 key = band_key (self, b);

      for (guint32 at = band->heads[key & self->mask]; at != NONE && n_compared < MAX_COMPARED;
           at = g_array_index (band->next, guint32, at))
        {
          guint32 *last = &g_array_index (self->compared, guint32, at);

          if (g_array_index (band->tags, guint16, at) != tag_of (key) || *last == search)
            continue;
          *last = search;
          n_compared++;
          if (!compare_with (self, at, hits, error))
            return NULL;
        }
    }
  g_array_sort (hits, compare_hits);
  return g_steal_pointer (&hits);
}

gboolean
attune_similar_keep (AttuneSimilar *self, GError **error)
{
  const guint32 record = self->ends->len, no_search = 0;

  if (!write_pairs (self, error))
    return FALSE;
  for (guint b = 0; b < self->n_bands; b++)
    {
      Band *band = &self->bands[b];
      const guint64 key = band_key (self, b);
      const guint16 tag = tag_of (key);
      guint32 *head = &band->heads[key & self->mask];

      g_array_append_val (band->next, *head);
      g_array_append_val (band->tags, tag);
      *head = record;
    }
  g_array_append_val (self->compared, no_search);
  return TRUE;
}
