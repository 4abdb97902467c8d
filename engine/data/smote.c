/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See smote.h.
 */
#include "data/smote.h"

#include "core/random.h"

#include <math.h>
#include <string.h>
#include <unicode/ubrk.h>

static double
get_distance (const float *a, const float *b, guint d)
{
  double sum = 0;

  for (guint i = 0; i < d; i++)
    sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
  return sum;
}

void
attune_smote_find_neighbours (const float *vectors, guint n, guint d, guint k, guint32 *neighbours)
{
  g_autofree double *distances = g_new (double, k + 1);

  g_return_if_fail (k >= 1 && k < n);

  for (guint i = 0; i < n; i++)
    {
      guint32 *found = neighbours + (gsize) i * k;
      guint n_found = 0;

      for (guint j = 0; j < n; j++)
        {
          const double distance
              = j != i ? get_distance (vectors + (gsize) i * d, vectors + (gsize) j * d, d) : 0;
          guint at = n_found;

          if (j == i || (n_found == k && distance >= distances[k - 1]))
            continue;
          for (; at > 0 && distances[at - 1] > distance; at--)
            if (at < k)
              {
                distances[at] = distances[at - 1];
                found[at] = found[at - 1];
              }
          distances[at] = distance;
          found[at] = j;
          n_found = MIN (n_found + 1, k);
        }
    }
}

void
attune_smote_draw (const guint32 *neighbours, guint n, guint k, guint64 seed, guint64 key,
                   guint n_points, AttuneSmotePoint *points)
{
  AttuneRandom random;

  attune_random_init (&random, seed, ATTUNE_RANDOM_SMOTE, key);
  for (guint i = 0; i < n_points; i++)
    {
      points[i].base = attune_random_below (&random, n);
      points[i].neighbour
          = neighbours[(gsize) points[i].base * k + attune_random_below (&random, k)];
      points[i].step = attune_random_uniform (&random);
    }
}

void
attune_smote_place (const float *vectors, guint d, const AttuneSmotePoint *point, float *x)
{
  const float *a = vectors + (gsize) point->base * d, *b = vectors + (gsize) point->neighbour * d;

  for (guint i = 0; i < d; i++)
    x[i] = (float) (a[i] + point->step * ((double) b[i] - a[i]));
}

guint32
attune_smote_find_nearest (const float *vectors, guint n, guint d, const float *x)
{
  double least = HUGE_VAL;
  guint32 nearest = 0;

  for (guint i = 0; i < n; i++)
    {
      const double distance = get_distance (vectors + (gsize) i * d, x, d);

      if (distance < least)
        {
          least = distance;
          nearest = i;
        }
    }
  return nearest;
}

/* Appends the first sentences of @text that make @share of them, and one at least. */
static void
take_sentences (GString *mix, const char *text, double share)
{
  UErrorCode status = U_ZERO_ERROR;
  UText *utext = utext_openUTF8 (NULL, text, -1, &status);
  UBreakIterator *breaks = ubrk_open (UBRK_SENTENCE, "", NULL, 0, &status);
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (gint32));
  gint32 end = strlen (text);

  ubrk_setUText (breaks, utext, &status);
  if (U_SUCCESS (status))
    for (gint32 at = ubrk_next (breaks); at != UBRK_DONE; at = ubrk_next (breaks))
      g_array_append_val (ends, at);
  ubrk_close (breaks);
  utext_close (utext);
  if (ends->len > 0)
    end = g_array_index (ends, gint32,
                         (guint) CLAMP (lround (share * ends->len), 1, (long) ends->len) - 1);
  while (end > 0 && g_ascii_isspace (text[end - 1]))
    end--;
  if (mix->len > 0 && end > 0)
    g_string_append_c (mix, ' ');
  g_string_append_len (mix, text, end);
}

char *
attune_smote_mix (const char *first, const char *second, double step)
{
  g_autoptr (GString) mix = g_string_new (NULL);

  take_sentences (mix, first, 1 - step);
  take_sentences (mix, second, step);
  return g_string_free (g_steal_pointer (&mix), FALSE);
}
