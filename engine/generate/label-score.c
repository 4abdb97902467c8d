/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See label-score.h.
 */
#include "generate/label-score.h"

#include <math.h>

/* --- means, and what leaves one out */

static double
error_of_mean (double sum, double squares, guint64 n)
{
  return n > 1 ? sqrt (MAX (0, squares - sum * sum / n) / (n - 1) / n) : 0;
}

/* A number that is made of sums, to which each record adds some. */
typedef double (*OfSums) (const double *sums, guint64 n);

#define MOST_SUMS 4
/* @parts: n · @n_sums. @error: (out): the jackknife's */
static double
jackknife (OfSums function, const double *parts, guint n_sums, guint64 n, double *error)
{
  double sums[MOST_SUMS] = { 0 }, mean = 0, squares = 0;

  for (guint64 i = 0; i < n; i++)
    for (guint k = 0; k < n_sums; k++)
      sums[k] += parts[i * n_sums + k];
  for (guint64 i = 0; n > 1 && i < n; i++)
    {
      double without[MOST_SUMS], value;

      for (guint k = 0; k < n_sums; k++)
        without[k] = sums[k] - parts[i * n_sums + k];
      value = function (without, n - 1);
      mean += value;
      squares += value * value;
    }
  *error = n > 1 ? sqrt (MAX (0, squares - mean * mean / n) * (n - 1) / n) : 0;
  return function (sums, n);
}

/* Right, wanted and said labels. */
static double
f1_of_sums (const double *sums, guint64 n)
{
  return sums[1] + sums[2] > 0 ? 2 * sums[0] / (sums[1] + sums[2]) : 0;
}

/* The square of the distance. */
static double
root_of_sums (const double *sums, guint64 n)
{
  return n > 0 ? sqrt (sums[0] / n) : 0;
}

/* The square of the distance, what is wanted, and its square. */
static double
r2_of_sums (const double *sums, guint64 n)
{
  const double all = n > 0 ? sums[2] - sums[1] * sums[1] / n : 0;

  return all > 0 ? 1 - sums[0] / all : 0;
}

/* --- of each kind */

static void
score_numbers (const AttuneLabels *self, guint64 n, const gint32 *wanted, const float *shares,
               AttuneLabelScores *scores)
{
  g_autofree double *parts = g_new (double, 3 * n + 1);
  double sum = 0, squares = 0, mean = 0;

  for (guint64 i = 0; i < n; i++)
    mean += g_array_index (self->wanted, float, wanted[i]) / n;
  for (guint64 i = 0; i < n; i++)
    {
      const double own = g_array_index (self->wanted, float, wanted[i]),
                   distance = self->spread * fabs (shares[i] - own);

      sum += distance;
      squares += distance * distance;
      parts[3 * i] = distance * distance;
      parts[3 * i + 1] = self->spread * (own - mean); /* from their mean, so that digits stay */
      parts[3 * i + 2] = parts[3 * i + 1] * parts[3 * i + 1];
    }
  scores->mae = n > 0 ? sum / n : 0;
  scores->mae_error = error_of_mean (sum, squares, n);
  scores->r2 = jackknife (r2_of_sums, parts, 3, n, &scores->r2_error);
  for (guint64 i = 0; i < n; i++)
    parts[i] = parts[3 * i];
  scores->rmse = jackknife (root_of_sums, parts, 1, n, &scores->rmse_error);
}

static void
score_several (const AttuneLabels *self, guint64 n, const gint32 *wanted, const guint32 *unknown,
               const float *shares, AttuneConfusion *confusion, AttuneLabelScores *scores)
{
  const guint n_labels = self->names->len;
  g_autofree double *parts = g_new0 (double, 3 * n + 1);
  guint64 right = 0;

  for (guint64 i = 0; i < n; i++)
    {
      const float *row = (const float *) self->wanted->data + (gsize) MAX (0, wanted[i]) * n_labels;
      gboolean all = wanted[i] >= 0 && (unknown == NULL || !unknown[i]);

      for (guint k = 0; k < n_labels; k++)
        {
          const gboolean applies = wanted[i] >= 0 && row[k] > 0.5f,
                         said = shares[i * n_labels + k] >= ATTUNE_LABELS_APPLY;

          attune_confusion_add_one_of_several (confusion, k, applies, said);
          all = all && applies == said;
          parts[3 * i] += applies && said;
          parts[3 * i + 1] += applies;
          parts[3 * i + 2] += said;
        }
      /* those that cannot be said are wanted and never found */
      parts[3 * i + 1] += unknown != NULL ? unknown[i] : 0;
      right += all;
    }
  scores->accuracy = n > 0 ? (double) right / n : 0;
  scores->macro_f1 = attune_confusion_macro_f1 (confusion);
  scores->micro_f1 = jackknife (f1_of_sums, parts, 3, n, &scores->micro_f1_error);
}

static void
score_one (const AttuneLabels *self, guint64 n, const gint32 *wanted, const float *shares,
           AttuneConfusion *confusion, AttuneLabelScores *scores)
{
  const guint n_labels = self->names->len;
  double sum = 0, squares = 0;
  guint64 n_known = 0;

  for (guint64 i = 0; i < n; i++)
    {
      const int said = attune_labels_choose (self, shares + i * n_labels);

      attune_confusion_add (confusion, wanted[i], said);
      if (self->costs == NULL || wanted[i] < 0)
        continue;
      n_known++;
      sum += self->costs[wanted[i] * n_labels + said];
      squares += pow (self->costs[wanted[i] * n_labels + said], 2);
    }
  scores->accuracy = attune_confusion_accuracy (confusion);
  scores->macro_f1 = attune_confusion_macro_f1 (confusion);
  scores->cost = n_known > 0 ? sum / n_known : 0;
  scores->cost_error = error_of_mean (sum, squares, n_known);
}

AttuneLabelScores
attune_label_score (const AttuneLabels *self, guint64 n, const gint32 *wanted,
                    const guint32 *unknown, const float *shares, AttuneConfusion *confusion)
{
  AttuneLabelScores scores = { .n = n };

  if (self->format.kind == ATTUNE_LABELS_NUMBER)
    score_numbers (self, n, wanted, shares, &scores);
  else if (self->format.kind == ATTUNE_LABELS_SEVERAL)
    score_several (self, n, wanted, unknown, shares, confusion, &scores);
  else
    score_one (self, n, wanted, shares, confusion, &scores);
  return scores;
}

/* --- what is known without reading */

void
attune_labels_fill_frequencies (const AttuneLabels *self, float *shares)
{
  const guint n = attune_labels_count (self);

  for (guint i = 0; i < n; i++)
    shares[i] = self->format.kind == ATTUNE_LABELS_NUMBER
                    ? 0
                    : (double) g_array_index (self->counts, guint64, i) / MAX (1, self->n_samples);
}

/* No label is taken for impossible. */
#define LEAST_SHARE 1e-6

double
attune_labels_get_loss (const AttuneLabels *self, gint32 wanted, const float *shares)
{
  const guint n = attune_labels_count (self);
  const float *row = (const float *) self->wanted->data + (gsize) wanted * n;
  double sum = 0;

  for (guint i = 0; i < n; i++)
    {
      const double share = CLAMP (shares[i], LEAST_SHARE, 1 - LEAST_SHARE);

      if (self->format.kind == ATTUNE_LABELS_NUMBER)
        sum += pow (shares[i] - row[i], 2);
      else if (self->format.kind == ATTUNE_LABELS_SEVERAL)
        sum -= log (row[i] > 0.5f ? share : 1 - share) / n;
      else if (row[i] > 0.5f)
        sum -= log (share);
    }
  return sum;
}

AttuneConfusion *
attune_labels_new_confusion (const AttuneLabels *self)
{
  if (self->format.kind == ATTUNE_LABELS_NUMBER)
    return NULL;
  return (self->format.kind == ATTUNE_LABELS_SEVERAL
              ? attune_confusion_new_several
              : attune_confusion_new) ((const char *const *) self->names->pdata, self->names->len);
}

char *
attune_label_scores_tell (const AttuneLabels *self, const AttuneLabelScores *scores, gint64 step)
{
  if (self->format.kind == ATTUNE_LABELS_NUMBER)
    return g_strdup_printf ("After step %" G_GINT64_FORMAT
                            " the numbers are %.4g off in the mean, and %.0f %% of their "
                            "differences are explained (R²).",
                            step, scores->mae, 100 * scores->r2);
  if (self->format.kind == ATTUNE_LABELS_SEVERAL)
    return g_strdup_printf ("After step %" G_GINT64_FORMAT
                            " all labels of %.0f %% of the records are right; micro F1 is %.3f, "
                            "macro F1 %.3f.",
                            step, 100 * scores->accuracy, scores->micro_f1, scores->macro_f1);
  if (self->costs != NULL)
    return g_strdup_printf ("After step %" G_GINT64_FORMAT
                            " %.0f %% of the labels are right; macro F1 is %.3f, and a record "
                            "costs %.4g in the mean.",
                            step, 100 * scores->accuracy, scores->macro_f1, scores->cost);
  return g_strdup_printf ("After step %" G_GINT64_FORMAT
                          " %.0f %% of the labels are right; macro F1 is %.3f.",
                          step, 100 * scores->accuracy, scores->macro_f1);
}
