/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Packing of samples into one stream.
 */
#include "generate/pack.h"

#include <string.h>

/* Fewer tokens in common are not worth their own turn through attention. */
#define MIN_SHARED 8

struct _AttunePack
{
  int max_tokens;
  gboolean share;
  int n_samples;
  int n_added; /* tokens, each sample's own and shared */
  AttuneBatch batch;
  gint32 *tokens, *positions, *target_rows, *targets, *owners; /* max_tokens each */
  gint32 *segments, *prefixes;                                 /* max_tokens + 1 */
  float *weights;                                              /* max_tokens */
};

AttunePack *
attune_pack_new (int max_tokens, gboolean share)
{
  AttunePack *self = g_new0 (AttunePack, 1);

  self->max_tokens = max_tokens;
  self->share = share;
  self->tokens = g_new (gint32, max_tokens);
  self->positions = g_new (gint32, max_tokens);
  self->target_rows = g_new (gint32, max_tokens);
  self->targets = g_new (gint32, max_tokens);
  self->owners = g_new (gint32, max_tokens);
  self->weights = g_new (float, max_tokens);
  self->segments = g_new0 (gint32, max_tokens + 1);
  self->prefixes = g_new0 (gint32, max_tokens + 1);
  self->batch = (AttuneBatch) { .tokens = self->tokens,
                                .positions = self->positions,
                                .segments = self->segments,
                                .target_rows = self->target_rows,
                                .targets = self->targets };
  return self;
}

void
attune_pack_free (AttunePack *self)
{
  g_free (self->tokens);
  g_free (self->positions);
  g_free (self->target_rows);
  g_free (self->targets);
  g_free (self->owners);
  g_free (self->segments);
  g_free (self->prefixes);
  g_free (self->weights);
  g_free (self);
}

void
attune_pack_clear (AttunePack *self)
{
  self->n_samples = 0;
  self->n_added = 0;
  self->batch.prefixes = NULL;
  self->batch.weights = NULL;
  self->batch.n_tokens = 0;
  self->batch.n_segments = 0;
  self->batch.n_targets = 0;
}

int
attune_pack_get_capacity (const AttunePack *self)
{
  return self->max_tokens;
}

void
attune_sample_learn_all (AttuneSample *sample)
{
  if (sample->n > 1)
    memset (sample->learn + 1, 1, sample->n - 1);
}

guint
attune_sample_rows (const AttuneSample *sample)
{
  guint n = sample->n;

  while (n > 1 && !sample->learn[n - 1])
    n--;
  return n > 0 ? n - 1 : 0;
}

guint
attune_sample_targets (const AttuneSample *sample)
{
  guint n = 0;

  for (guint i = 1; i < sample->n; i++)
    n += sample->learn[i] != 0;
  return n;
}

guint
attune_sample_prompt_length (const AttuneSample *sample)
{
  guint n = 0;

  while (n < sample->n && !sample->learn[n])
    n++;
  return n;
}

/* How many rows of the pack's first sample do for @sample as well. */
static int
count_shared (const AttunePack *self, const AttuneSample *sample, int rows)
{
  const AttuneBatch *batch = &self->batch;
  int n = 0, most;

  if (!self->share || batch->n_segments == 0)
    return 0;
  most = MIN (self->segments[1], MIN (rows, (int) attune_sample_prompt_length (sample)) - 1);
  while (n < most && self->tokens[n] == sample->tokens[n])
    n++;
  return n >= MIN_SHARED ? n : 0;
}

gboolean
attune_pack_add (AttunePack *self, const AttuneSample *sample)
{
  AttuneBatch *batch = &self->batch;
  const int rows = MIN (attune_sample_rows (sample), (guint) self->max_tokens),
            shared = count_shared (self, sample, rows), first = batch->n_tokens - shared;

  if (rows > self->max_tokens - first)
    return FALSE;
  if (rows > 0)
    {
      memcpy (self->tokens + first + shared, sample->tokens + shared,
              (rows - shared) * sizeof (gint32));
      for (int t = shared; t < rows; t++)
        {
          self->positions[first + t] = t;
          if (!sample->learn[t + 1])
            continue;
          self->target_rows[batch->n_targets] = first + t;
          self->targets[batch->n_targets] = sample->tokens[t + 1];
          self->owners[batch->n_targets++] = self->n_samples;
        }
      batch->n_tokens = first + rows;
      self->n_added += rows;
      self->prefixes[batch->n_segments] = shared;
      if (shared > 0)
        batch->prefixes = self->prefixes;
      self->segments[++batch->n_segments] = batch->n_tokens;
    }
  self->n_samples++;
  return TRUE;
}

void
attune_pack_weigh (AttunePack *self, const float *weights)
{
  for (int i = 0; i < self->batch.n_targets; i++)
    self->weights[i] = weights[self->owners[i]];
  self->batch.weights = self->weights;
}

void
attune_pack_weigh_targets (AttunePack *self, const double *weights)
{
  for (int i = 0; i < self->batch.n_targets; i++)
    self->weights[i] = weights[i];
  self->batch.weights = self->weights;
}

int
attune_pack_count_tokens (const AttunePack *self)
{
  return self->n_added;
}

const AttuneBatch *
attune_pack_get_batch (const AttunePack *self)
{
  return &self->batch;
}

int
attune_pack_get_owner (const AttunePack *self, int i)
{
  g_return_val_if_fail (i >= 0 && i < self->batch.n_targets, -1);
  return self->owners[i];
}
