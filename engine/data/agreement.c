/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Kappa and odds, and reading several annotators' columns of a table.
 */
#include "data/agreement.h"

#include <math.h>
#include <string.h>

double
attune_cohen_kappa (const guint *a, const guint *b, guint n, guint n_classes)
{
  g_autofree guint64 *first = g_new0 (guint64, MAX (1, n_classes)),
                     *second = g_new0 (guint64, MAX (1, n_classes));
  guint64 n_same = 0;
  double chance = 0;

  for (guint i = 0; i < n; i++)
    {
      n_same += a[i] == b[i];
      first[a[i]]++;
      second[b[i]]++;
    }
  for (guint i = 0; i < n_classes; i++)
    chance += (double) first[i] / n * second[i] / n;
  return n > 0 && chance < 1 ? ((double) n_same / n - chance) / (1 - chance) : NAN;
}

double
attune_fleiss_kappa (const guint *counts, guint n, guint n_classes)
{
  double agreed = 0, chance = 0, all;
  guint n_raters = 0;

  for (guint j = 0; n > 0 && j < n_classes; j++)
    n_raters += counts[j];
  all = (double) n * n_raters;
  for (guint i = 0; i < n; i++)
    {
      double squares = 0;

      for (guint j = 0; j < n_classes; j++)
        {
          const double count = counts[(gsize) i * n_classes + j];

          squares += count * count;
        }
      agreed += (squares - n_raters) / ((double) n_raters * (n_raters - 1)) / n;
    }
  for (guint j = 0; j < n_classes; j++)
    {
      double share = 0;

      for (guint i = 0; i < n; i++)
        share += counts[(gsize) i * n_classes + j] / all;
      chance += share * share;
    }
  return n > 0 && n_raters > 1 && chance < 1 ? (agreed - chance) / (1 - chance) : NAN;
}

/* The 97.5 % point of the normal distribution. */
#define Z 1.959963984540054

AttuneLogOdds
attune_log_odds (guint64 with, guint64 without, guint64 other_with, guint64 other_without)
{
  const double more = with == 0 || without == 0 || other_with == 0 || other_without == 0 ? 0.5 : 0;
  const double a = with + more, b = without + more, c = other_with + more, d = other_without + more;
  const double value = log (a * d / (b * c)), error = sqrt (1 / a + 1 / b + 1 / c + 1 / d);

  return (AttuneLogOdds) { value, value - Z * error, value + Z * error };
}

/* --- columns of a table */

typedef struct
{
  guint n_annotators;
  const char *path;
  GHashTable *classes; /* label in small letters -> its number + 1 */
  GArray *labels;      /* guint: n_annotators per record */
  guint n_missing;
} Reading;

/* More would be no classes but free texts. */
#define MAX_CLASSES 1000

static gboolean
fail_classes (const Reading *self, GError **error)
{
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS,
               "The columns of “%s” hold no labels: there are more than %d different ones.",
               self->path, MAX_CLASSES);
  return FALSE;
}

static gboolean
on_bad (const AttuneBadRow *bad, gpointer data, GError **error)
{
  Reading *self = data;

  self->n_missing++;
  return TRUE;
}

static gboolean
on_record (const AttuneRecord *record, gpointer data, GError **error)
{
  Reading *self = data;
  guint found[ATTUNE_MAX_ANNOTATORS];

  for (guint i = 0; i < self->n_annotators; i++)
    {
      g_autofree char *small
          = g_utf8_strdown (record->fields[i] != NULL ? record->fields[i] : "", -1);

      g_strstrip (small);
      if (*small == '\0')
        {
          self->n_missing++;
          return TRUE;
        }
      found[i] = GPOINTER_TO_UINT (g_hash_table_lookup (self->classes, small));
      if (found[i] == 0)
        {
          found[i] = g_hash_table_size (self->classes) + 1;
          if (found[i] > MAX_CLASSES)
            return fail_classes (self, error);
          g_hash_table_insert (self->classes, g_steal_pointer (&small),
                               GUINT_TO_POINTER (found[i]));
        }
      found[i]--;
    }
  g_array_append_vals (self->labels, found, self->n_annotators);
  return TRUE;
}

static double
kappa_of_two (const guint *labels, guint n, guint n_classes)
{
  g_autofree guint *a = g_new (guint, MAX (1, n)), *b = g_new (guint, MAX (1, n));

  for (guint i = 0; i < n; i++)
    {
      a[i] = labels[2 * i];
      b[i] = labels[2 * i + 1];
    }
  return attune_cohen_kappa (a, b, n, n_classes);
}

static double
kappa_of_more (const guint *labels, guint n, guint n_annotators, guint n_classes)
{
  g_autofree guint *counts = g_new0 (guint, MAX (1, (gsize) n * n_classes));

  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < n_annotators; j++)
      counts[(gsize) i * n_classes + labels[(gsize) i * n_annotators + j]]++;
  return attune_fleiss_kappa (counts, n, n_classes);
}

static gboolean
same_labels (const guint *labels, guint n)
{
  for (guint i = 1; i < n; i++)
    if (labels[i] != labels[0])
      return FALSE;
  return TRUE;
}

static gboolean
fill (const Reading *self, AttuneAgreement *out, GError **error)
{
  const guint *labels = (const guint *) self->labels->data;
  const guint n = self->labels->len / self->n_annotators;
  guint n_same = 0;

  if (n == 0)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                   "No record of “%s” has a label in each of these columns.", self->path);
      return FALSE;
    }
  for (guint i = 0; i < n; i++)
    n_same += same_labels (labels + (gsize) i * self->n_annotators, self->n_annotators);
  *out = (AttuneAgreement) {
    .n_records = n,
    .n_missing = self->n_missing,
    .n_classes = g_hash_table_size (self->classes),
    .agreed = (double) n_same / n,
  };
  out->kappa = self->n_annotators == 2
                   ? kappa_of_two (labels, n, out->n_classes)
                   : kappa_of_more (labels, n, self->n_annotators, out->n_classes);
  return TRUE;
}

gboolean
attune_agreement_read (const char *path, const char *const *columns, AttuneAgreement *out,
                       GError **error)
{
  g_autoptr (AttuneSource) source = attune_source_probe (path, error);
  g_autoptr (GHashTable) classes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GArray) labels = g_array_new (FALSE, FALSE, sizeof (guint));
  Reading self = { g_strv_length ((char **) columns), NULL, classes, labels };

  if (source == NULL)
    return FALSE;
  self.path = source->path; /* without the password that an address may have */
  if (self.n_annotators < 2 || self.n_annotators > ATTUNE_MAX_ANNOTATORS)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS,
                   "The labels of 2 to %d annotators can be compared, each in a column.",
                   ATTUNE_MAX_ANNOTATORS);
      return FALSE;
    }
  for (guint i = 1; i < self.n_annotators; i++)
    if (g_strv_contains (columns + i, columns[i - 1]))
      {
        g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS,
                     "The column “%s” is named twice. Name one column for each annotator.",
                     columns[i - 1]);
        return FALSE;
      }
  for (guint i = 0; i < source->roles->len; i++)
    g_array_index (source->roles, AttuneField, i) = ATTUNE_FIELD_NONE;
  /* the first annotator's stand where a record's question does, and so on */
  for (guint i = 0; i < self.n_annotators; i++)
    if (!attune_source_set_role (source, columns[i], i, error))
      return FALSE;
  return attune_source_read (source, on_record, on_bad, &self, NULL, error)
         && fill (&self, out, error);
}
