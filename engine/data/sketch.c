/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pairs of words and MinHash.
 */
#include "data/sketch.h"

#include "core/random.h"

#include <math.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define N_HASHES ATTUNE_SKETCH_HASHES
/* How surely a pair at the limit is met. */
#define SURENESS 0.99

/* --- pairs */

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
      const gsize n = strchrnul (text, ' ') - text;
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

/* Byte by byte, the lowest first: a comparison per step would take longer than all the rest. */
static void
sort_numbers (guint32 *values, guint n)
{
  g_autofree guint32 *other = g_new (guint32, n);
  guint32 *from = values, *to = other;

  for (int shift = 0; shift < 32; shift += 8)
    {
      guint starts[257] = { 0 };
      guint32 *swap = from;

      for (guint i = 0; i < n; i++)
        starts[(from[i] >> shift & 255) + 1]++;
      for (guint i = 1; i < 256; i++)
        starts[i] += starts[i - 1];
      for (guint i = 0; i < n; i++)
        to[starts[from[i] >> shift & 255]++] = from[i];
      from = to;
      to = swap;
    }
}

/* Sorted and without repetitions. */
static void
make_set (GArray *pairs)
{
  guint32 *values = (guint32 *) pairs->data;
  guint n = 0;

  sort_numbers (values, pairs->len);
  for (guint i = 0; i < pairs->len; i++)
    if (n == 0 || values[n - 1] != values[i])
      values[n++] = values[i];
  g_array_set_size (pairs, n);
}

double
attune_sketch_compare (const GArray *a, const GArray *b)
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
  return numbers_x == numbers_y ? attune_sketch_compare (x, y) : 0;
}

/* --- signatures */

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

void
attune_sketcher_init (AttuneSketcher *self, double limit)
{
  AttuneRandom random;

  self->n_rows = choose_rows (limit);
  self->n_bands = N_HASHES / self->n_rows;
  attune_random_init (&random, 0, ATTUNE_RANDOM_SIMILAR, 0); /* the same for every data set */
  for (guint i = 0; i < N_HASHES; i++)
    {
      self->factors[i] = attune_random_uint32 (&random) | 1;
      self->flips[i] = attune_random_uint32 (&random);
    }
}

#if defined(__x86_64__)
/* Eight hashes at a time, their smallest in a register: SSE2, which every x86 has, can neither
 * multiply nor compare such numbers. */
__attribute__ ((target ("avx2"))) static void
sign_avx2 (const AttuneSketcher *self, const guint32 *pairs, guint n, guint32 *signature)
{
  for (guint j = 0; j < N_HASHES; j += 8)
    {
      const __m256i factor = _mm256_loadu_si256 ((const __m256i *) (self->factors + j));
      const __m256i flip = _mm256_loadu_si256 ((const __m256i *) (self->flips + j));
      __m256i smallest = _mm256_set1_epi32 (-1);

      for (guint i = 0; i < n; i++)
        {
          const __m256i pair = _mm256_xor_si256 (_mm256_set1_epi32 (pairs[i]), flip);

          smallest = _mm256_min_epu32 (smallest, _mm256_mullo_epi32 (pair, factor));
        }
      _mm256_storeu_si256 ((__m256i *) (signature + j), smallest);
    }
}
#endif

static void
sign (const AttuneSketcher *self, const guint32 *pairs, guint n, guint32 *signature)
{
#if defined(__x86_64__)
  if (__builtin_cpu_supports ("avx2"))
    {
      sign_avx2 (self, pairs, n, signature);
      return;
    }
#endif
  memset (signature, 0xff, N_HASHES * sizeof *signature);
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < N_HASHES; j++) /* independent of each other: a vector at a time */
      {
        const guint32 h = (pairs[i] ^ self->flips[j]) * self->factors[j];

        signature[j] = MIN (signature[j], h);
      }
}

static guint64
band_key (const AttuneSketcher *self, const guint32 *signature, guint32 numbers, guint b)
{
  guint64 key = numbers + G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) * (b + 1);

  for (guint i = 0; i < self->n_rows; i++)
    {
      key = (key ^ signature[b * self->n_rows + i]) * G_GUINT64_CONSTANT (0xff51afd7ed558ccd);
      key ^= key >> 32;
    }
  return key;
}

void
attune_sketcher_run (const AttuneSketcher *self, const char *question, const char *answer,
                     AttuneSketch *sketch)
{
  guint32 signature[N_HASHES];

  if (sketch->pairs == NULL)
    sketch->pairs = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_set_size (sketch->pairs, 0);
  sketch->numbers = 0;
  add_pairs (question, sketch->pairs, &sketch->numbers);
  add_pairs (answer, sketch->pairs, &sketch->numbers);
  make_set (sketch->pairs);
  sign (self, (const guint32 *) sketch->pairs->data, sketch->pairs->len, signature);
  for (guint b = 0; b < self->n_bands; b++)
    sketch->bands[b] = band_key (self, signature, sketch->numbers, b);
}

void
attune_sketch_clear (AttuneSketch *sketch)
{
  g_clear_pointer (&sketch->pairs, g_array_unref);
}
