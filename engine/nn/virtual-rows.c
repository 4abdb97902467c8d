/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows of a step with virtual ones before them; see virtual.h.
 */
#include "nn/virtual.h"

#include <string.h>

AttuneVirtualRows *
attune_virtual_rows_new (const AttuneStepShape *shape)
{
  const int n = shape->max_tokens + shape->n_virtual;
  AttuneVirtualRows *self = g_new0 (AttuneVirtualRows, 1);

  self->tokens = g_new0 (gint32, n);
  self->positions = g_new (gint32, n);
  self->target_rows = g_new (gint32, shape->max_targets);
  self->segments = g_new0 (gint32, n + 1);
  self->prefixes = g_new0 (gint32, n + 1);
  return self;
}

void
attune_virtual_rows_free (AttuneVirtualRows *self)
{
  if (self == NULL)
    return;
  g_free (self->tokens);
  g_free (self->positions);
  g_free (self->target_rows);
  g_free (self->segments);
  g_free (self->prefixes);
  g_free (self);
}

const AttuneBatch *
attune_virtual_rows_add (AttuneVirtualRows *self, const AttuneBatch *batch, int n_virtual)
{
  if (n_virtual == 0)
    return batch;
  self->batch = *batch;
  self->own_segments = batch->segments;
  self->batch.n_tokens = batch->n_tokens + n_virtual;
  for (int i = 0; i < n_virtual; i++)
    {
      self->tokens[i] = 0; /* what is read there is not used */
      self->positions[i] = i;
    }
  memcpy (self->tokens + n_virtual, batch->tokens, batch->n_tokens * sizeof (gint32));
  for (int i = 0; i < batch->n_tokens; i++)
    self->positions[n_virtual + i] = batch->positions[i] + n_virtual;
  for (int i = 0; i < batch->n_targets; i++)
    self->target_rows[i] = batch->target_rows[i] + n_virtual;
  for (int i = 1; i <= batch->n_segments; i++)
    self->segments[i] = batch->segments[i] + n_virtual;
  for (int i = 1; i < batch->n_segments; i++)
    self->prefixes[i] = n_virtual + (batch->prefixes != NULL ? batch->prefixes[i] : 0);
  self->batch.tokens = self->tokens;
  self->batch.positions = self->positions;
  self->batch.target_rows = self->target_rows;
  self->batch.segments = self->segments;
  self->batch.prefixes = self->prefixes;
  return &self->batch;
}
