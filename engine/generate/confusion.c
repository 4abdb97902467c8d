/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See confusion.h.
 */
#include "generate/confusion.h"

gsize
attune_confusion_count_cells (const AttuneConfusion *self)
{
  return (self->several ? 3 : (gsize) self->n + 1) * self->n;
}

static AttuneConfusion *
make (const char *const *names, guint n, gboolean several)
{
  AttuneConfusion *self = g_new0 (AttuneConfusion, 1);

  self->n = n;
  self->several = several;
  self->names = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    self->names[i] = g_strdup (names[i]);
  self->counts = g_new0 (guint64, attune_confusion_count_cells (self));
  return self;
}

AttuneConfusion *
attune_confusion_new (const char *const *names, guint n)
{
  return make (names, n, FALSE);
}

AttuneConfusion *
attune_confusion_new_several (const char *const *names, guint n)
{
  return make (names, n, TRUE);
}

AttuneConfusion *
attune_confusion_copy (const AttuneConfusion *self)
{
  AttuneConfusion *copy;

  if (self == NULL)
    return NULL;
  copy = make ((const char *const *) self->names, self->n, self->several);
  for (gsize i = 0; i < attune_confusion_count_cells (self); i++)
    copy->counts[i] = self->counts[i];
  return copy;
}

void
attune_confusion_free (AttuneConfusion *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->names);
  g_free (self->counts);
  g_free (self);
}

void
attune_confusion_add (AttuneConfusion *self, int wanted, int said)
{
  g_return_if_fail (!self->several && wanted < (int) self->n && said >= 0 && said < (int) self->n);

  self->counts[(gsize) (wanted < 0 ? self->n : (guint) wanted) * self->n + (guint) said]++;
}

void
attune_confusion_add_one_of_several (AttuneConfusion *self, guint label, gboolean wanted,
                                     gboolean said)
{
  g_return_if_fail (self->several && label < self->n);

  self->counts[label] += wanted;
  self->counts[self->n + label] += said;
  self->counts[2 * self->n + label] += wanted && said;
}

static double
share (double part, double whole)
{
  return whole > 0 ? part / whole : 0;
}

guint64
attune_confusion_count (const AttuneConfusion *self)
{
  guint64 count = 0;

  for (gsize i = 0; i < attune_confusion_count_cells (self); i++)
    count += self->counts[i];
  return count;
}

static AttuneLabelScore
count_label (const AttuneConfusion *self, guint label)
{
  AttuneLabelScore score = { .right = self->counts[(gsize) label * self->n + label] };

  for (guint i = 0; i < self->n; i++)
    score.wanted += self->counts[(gsize) label * self->n + i];
  for (guint i = 0; i <= self->n; i++)
    score.said += self->counts[(gsize) i * self->n + label];
  return score;
}

AttuneLabelScore
attune_confusion_score (const AttuneConfusion *self, guint label)
{
  AttuneLabelScore score;

  if (self->several)
    score = (AttuneLabelScore) { .wanted = self->counts[label],
                                 .said = self->counts[self->n + label],
                                 .right = self->counts[2 * self->n + label] };
  else
    score = count_label (self, label);
  score.precision = share (score.right, score.said);
  score.recall = share (score.right, score.wanted);
  score.f1 = share (2.0 * score.right, score.wanted + score.said);
  return score;
}

double
attune_confusion_accuracy (const AttuneConfusion *self)
{
  guint64 right = 0;

  for (guint i = 0; i < self->n; i++)
    right += self->counts[(gsize) i * self->n + i];
  return share (right, attune_confusion_count (self));
}

double
attune_confusion_macro_f1 (const AttuneConfusion *self)
{
  double sum = 0;
  guint n = 0;

  for (guint i = 0; i < self->n; i++)
    {
      const AttuneLabelScore score = attune_confusion_score (self, i);

      sum += score.f1;
      n += score.wanted + score.said > 0;
    }
  return share (sum, n);
}
