/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which labels there are, what is wanted of a text, and how much each counts.
 */
#include "generate/labels-private.h"

#include "plan/estimate.h"

#include <math.h>
#include <string.h>

/* What is closer than that to a number is the same, in sums of many of them. */
#define ROUNDING 1e-9

void
attune_labels_free (AttuneLabels *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->counts, g_array_unref);
  g_clear_pointer (&self->wanted, g_array_unref);
  g_clear_pointer (&self->rows, g_hash_table_unref);
  g_free (self->costs);
  g_free (self);
}

AttuneLabels *
attune_labels_new (AttuneLabelFormat format)
{
  AttuneLabels *self = g_new0 (AttuneLabels, 1);

  self->format = format;
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->counts = g_array_new (FALSE, TRUE, sizeof (guint64));
  self->wanted = g_array_new (FALSE, TRUE, sizeof (float));
  self->rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->spread = 1;
  return self;
}

void
attune_labels_add (AttuneLabels *self, const char *name, guint64 count)
{
  g_ptr_array_add (self->names, g_strdup (name));
  g_array_append_val (self->counts, count);
}

guint
attune_labels_count (const AttuneLabels *self)
{
  return self->format.kind == ATTUNE_LABELS_NUMBER ? 1 : self->names->len;
}

/* One label's rows are the labels; others come as they are met, and the first asks for nothing. */
void
attune_labels_begin_rows (AttuneLabels *self)
{
  const guint n = attune_labels_count (self), rows = self->format.kind == ATTUNE_LABELS_ONE ? n : 1;

  g_array_set_size (self->wanted, n * rows);
  for (guint i = 0; self->format.kind == ATTUNE_LABELS_ONE && i < n; i++)
    g_array_index (self->wanted, float, i *n + i) = 1;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Whether most of some samples spread over the split are texts that are learned whole. */
static gboolean
are_whole (AttuneDataset *dataset, gboolean *whole, GError **error)
{
  const guint64 n = attune_dataset_count (dataset, ATTUNE_SPLIT_TRAIN), looked = MIN (n, 100);
  guint64 n_whole = 0;

  for (guint64 i = 0; i < looked; i++)
    {
      g_auto (AttuneSample) sample = { 0 };

      if (!attune_dataset_get_sample (dataset, ATTUNE_SPLIT_TRAIN, i * n / looked, &sample, error))
        return FALSE;
      n_whole += attune_sample_prompt_length (&sample) <= 1;
    }
  *whole = 2 * n_whole > looked;
  return TRUE;
}

/* How often each label is in @texts, and in how many of these there is one. */
static void
count_labels (AttuneLabels *self, char **texts)
{
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) names = NULL;

  for (guint i = 0; texts[i] != NULL; i++)
    {
      g_auto (GStrv) parts
          = *texts[i] != '\0' ? attune_label_format_split (&self->format, texts[i]) : NULL;

      self->n_samples += parts != NULL && parts[0] != NULL;
      for (guint j = 0; parts != NULL && parts[j] != NULL; j++)
        {
          const gsize count = GPOINTER_TO_SIZE (g_hash_table_lookup (counts, parts[j]));

          g_hash_table_insert (counts, g_strdup (parts[j]), GSIZE_TO_POINTER (count + 1));
        }
    }
  names = g_hash_table_get_keys_as_ptr_array (counts);
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    attune_labels_add (self, names->pdata[i],
                       GPOINTER_TO_SIZE (g_hash_table_lookup (counts, names->pdata[i])));
}

/* Mean and spread of @texts: a head has no bias, and begins near 0. */
static void
measure_numbers (AttuneLabels *self, char **texts)
{
  double sum = 0, squares = 0, largest = 0, number;

  for (guint i = 0; texts[i] != NULL; i++)
    if (attune_label_parse_number (self->format.mark, texts[i], &number))
      {
        sum += number;
        largest = MAX (largest, fabs (number));
        self->n_samples++;
      }
  if (self->n_samples == 0)
    return;
  self->mean = sum / self->n_samples;
  for (guint i = 0; texts[i] != NULL; i++)
    if (attune_label_parse_number (self->format.mark, texts[i], &number))
      squares += (number - self->mean) * (number - self->mean);
  self->spread = sqrt (squares / self->n_samples);
  if (self->spread <= ROUNDING * largest) /* 0.1, 0.1, 0.1 have a mean beside 0.1 */
    self->spread = 0;
}

AttuneLabels *
attune_labels_find (AttuneDataset *dataset, GError **error)
{
  g_autoptr (AttuneLabels) self
      = attune_labels_new (attune_label_format_of_report (attune_dataset_get_report (dataset)));
  g_auto (GStrv) texts = attune_dataset_get_labels (dataset, ATTUNE_SPLIT_TRAIN, error);

  if (texts == NULL || !are_whole (dataset, &self->whole, error))
    return NULL;
  if (self->format.kind == ATTUNE_LABELS_NUMBER)
    measure_numbers (self, texts);
  else
    count_labels (self, texts);
  if (attune_labels_check (self, G_MAXINT64, NULL))
    attune_labels_begin_rows (self);
  return g_steal_pointer (&self);
}

gboolean
attune_labels_check (const AttuneLabels *self, gint64 n_vocab, GError **error)
{
  if (self->format.kind != ATTUNE_LABELS_NUMBER)
    return attune_labels_check_number (self->names->len, n_vocab, error);
  if (self->n_samples > 0 && self->spread > 0 && isfinite (self->spread))
    return TRUE;
  g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
               "The labels are to be numbers, and %s. Prepare the data with --labels one or "
               "several, or choose another column.",
               self->n_samples == 0       ? "none of what is learned from has one"
               : !isfinite (self->spread) ? "some are too large to be squared"
                                          : "all that is learned from has the same");
  return FALSE;
}

/* --- numbers */

int
attune_labels_get_number (const AttuneLabels *self, const char *name)
{
  guint from = 0, to = self->names->len;

  while (from < to)
    {
      const guint middle = (from + to) / 2;
      const int order = strcmp (name, self->names->pdata[middle]);

      if (order == 0)
        return middle;
      if (order < 0)
        to = middle;
      else
        from = middle + 1;
    }
  return -1;
}

/* What is wanted of a text with several labels, or with a number. */
static gboolean
fill_row (const AttuneLabels *self, const char *text, float *row)
{
  g_auto (GStrv) parts = NULL;
  gboolean known = FALSE;
  double number;

  if (self->format.kind == ATTUNE_LABELS_NUMBER)
    {
      if (!attune_label_parse_number (self->format.mark, text, &number))
        return FALSE;
      *row = (number - self->mean) / self->spread;
      return TRUE;
    }
  parts = attune_label_format_split (&self->format, text);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      const int label = attune_labels_get_number (self, parts[i]);

      if (label >= 0)
        row[label] = 1;
      known = known || label >= 0;
    }
  return known;
}

gint32
attune_labels_find_row (AttuneLabels *self, const char *text)
{
  const guint n = attune_labels_count (self),
              found = GPOINTER_TO_UINT (g_hash_table_lookup (self->rows, text));
  g_autofree float *row = NULL;

  if (self->format.kind == ATTUNE_LABELS_ONE)
    return attune_labels_get_number (self, text);
  if (found > 0 || *text == '\0')
    return (gint32) found - 1;
  row = g_new0 (float, n);
  if (!fill_row (self, text, row))
    return -1;
  g_array_append_vals (self->wanted, row, n);
  g_hash_table_insert (self->rows, g_strdup (text), GUINT_TO_POINTER (self->wanted->len / n));
  return (gint32) (self->wanted->len / n) - 1;
}

gint32 *
attune_labels_read (AttuneLabels *self, AttuneDataset *dataset, AttuneSplit split, guint64 *n,
                    GError **error)
{
  g_auto (GStrv) labels = attune_dataset_get_labels (dataset, split, error);
  gint32 *numbers;

  if (labels == NULL)
    return NULL;
  *n = g_strv_length (labels);
  numbers = g_new (gint32, *n + 1);
  for (guint64 i = 0; i < *n; i++)
    numbers[i] = attune_labels_find_row (self, labels[i]);
  return numbers;
}

void
attune_labels_fill_loss (const AttuneLabels *self, AttuneLabelLoss *loss)
{
  loss->kind = self->format.kind;
  loss->wanted = (const float *) self->wanted->data;
  loss->costs = self->costs;
}

int
attune_labels_get_most_frequent (const AttuneLabels *self)
{
  int at = 0;

  for (guint i = 1; i < self->counts->len; i++)
    if (g_array_index (self->counts, guint64, i) > g_array_index (self->counts, guint64, at))
      at = i;
  return at;
}

/* Of one label: inverse is n / (L · n_c), as scikit-learn's "balanced"; effective (1 - β) / (1 -
 * β^n_c), times what makes their sum L (Cui et al. 2019). Of several each is a choice of its own:
 * how much more its few count than the many that it is not, by the same two. */
void
attune_labels_weigh (const AttuneLabels *self, AttuneLabelWeights how, double beta, float *weights)
{
  const guint n = attune_labels_count (self);
  const gboolean several = self->format.kind == ATTUNE_LABELS_SEVERAL,
                 numbers = self->format.kind == ATTUNE_LABELS_NUMBER;
  double all = 0, sum = 0;

  for (guint i = 0; !numbers && i < n; i++)
    all += g_array_index (self->counts, guint64, i);
  for (guint i = 0; i < n; i++)
    {
      const double count = numbers ? 1 : MAX (1, g_array_index (self->counts, guint64, i)),
                   others = MAX (1, self->n_samples - count);

      if (how == ATTUNE_LABEL_WEIGHTS_NONE || numbers)
        weights[i] = 1;
      else if (how == ATTUNE_LABEL_WEIGHTS_INVERSE)
        weights[i] = several ? others / count : all / (n * count);
      else
        weights[i] = (several ? 1 - pow (beta, others) : 1 - beta) / (1 - pow (beta, count));
      sum += weights[i];
    }
  for (guint i = 0; how == ATTUNE_LABEL_WEIGHTS_EFFECTIVE && !several && i < n; i++)
    weights[i] *= n / sum;
}

/* Cuts the sample to @n tokens, behind which it asks for @target. */
static void
ask_behind (AttuneSample *sample, guint n, gint32 target)
{
  sample->n = n + 1;
  sample->tokens = g_renew (gint32, sample->tokens, n + 1);
  sample->learn = g_renew (guint8, sample->learn, n + 1);
  memset (sample->learn, 0, n);
  sample->tokens[n] = target; /* no token: what the head’s loss is told */
  sample->learn[n] = 1;
}

void
attune_sample_ask_score (AttuneSample *sample, gint32 target)
{
  ask_behind (sample, MIN (sample->n, attune_sample_rows (sample) + 1), target);
}

void
attune_sample_ask_label (AttuneSample *sample, gint32 target, gint32 eos)
{
  const guint prompt = attune_sample_prompt_length (sample);
  /* one that is learned whole has its end as its last token, which is no part of it, unless it was
   * cut or the model knows no end */
  const gboolean whole = prompt <= 1 && sample->n > 1,
                 ended = whole && sample->tokens[sample->n - 1] == eos;

  ask_behind (sample, ended ? sample->n - 1 : whole ? sample->n : prompt, target);
}

int
attune_labels_get_likeliest (const float *shares, guint n)
{
  int at = 0;

  for (guint i = 1; i < n; i++)
    if (shares[i] > shares[at])
      at = i;
  return at;
}

/* --- what a head says */

int
attune_labels_choose (const AttuneLabels *self, const float *shares)
{
  const guint n = attune_labels_count (self);
  double least = INFINITY;
  int at = 0;

  if (self->costs == NULL)
    return attune_labels_get_likeliest (shares, n);
  for (guint said = 0; said < n; said++)
    {
      double cost = 0;

      for (guint wanted = 0; wanted < n; wanted++)
        cost += (double) shares[wanted] * self->costs[wanted * n + said];
      if (cost < least)
        {
          least = cost;
          at = said;
        }
    }
  return at;
}

double
attune_labels_get_number_of (const AttuneLabels *self, float output)
{
  return self->mean + self->spread * output;
}

char *
attune_labels_say (const AttuneLabels *self, const float *shares)
{
  GString *text = g_string_new (NULL);

  if (self->format.kind == ATTUNE_LABELS_ONE)
    g_string_append (text, self->names->pdata[attune_labels_choose (self, shares)]);
  if (self->format.kind == ATTUNE_LABELS_NUMBER)
    g_string_append_printf (text, "%.6g", attune_labels_get_number_of (self, *shares));
  for (guint i = 0; self->format.kind == ATTUNE_LABELS_SEVERAL && i < self->names->len; i++)
    if (shares[i] >= ATTUNE_LABELS_APPLY)
      g_string_append_printf (text, "%s%s",
                              text->len > 0 ? (char[]) { self->format.mark, ' ', 0 } : "",
                              (const char *) self->names->pdata[i]);
  return g_string_free (text, FALSE);
}
