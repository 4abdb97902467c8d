/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Data parallel training. Every rank holds what learns and computes a part of a step's samples;
 * gradients are added up in the order of the ranks, each of which then updates its own slice of
 * the values with its slice of the moments (Rajbhandari et al. 2020), and takes over those of the
 * others. So a step gives the same bits every time, and no moment is there twice.
 *
 * Shared memory, in vectors of all values: a gradient of each rank, and the one or two that the
 * optimizer remembers. The updated values travel in the gradient of rank 0: its slice has been read
 * by whom it belongs to.
 */
#include "tune/trainer-private.h"

/* Values: vectors begin at a cache line. */
#define ALIGN 16

static gint64
vector_stride (const AttuneTrainer *self)
{
  return (self->parameters->count + ALIGN - 1) / ALIGN * ALIGN;
}

/* The shared vector @i, as a whole. */
static AttuneTensor
shared_vector (const AttuneTrainer *self, int i)
{
  return (AttuneTensor) { self->shared + i * vector_stride (self), 1, { self->parameters->count } };
}

AttuneTensor
attune_trainer_slice (const AttuneTrainer *self, const AttuneTensor *vector)
{
  AttuneTensor slice = *vector;
  gint64 from, to;

  if (self->n_ranks == 1)
    return slice;
  attune_split (self->parameters->count, ALIGN, self->rank, self->n_ranks, &from, &to);
  slice.data = (float *) vector->data + from;
  slice.dims[0] = to - from;
  return slice;
}

int
attune_trainer_count_threads (const AttuneTrainer *self)
{
  const int all = self->plan->threads > 0 ? self->plan->threads : attune_count_cores ();
  gint64 from, to;

  if (self->n_ranks == 1)
    return self->plan->threads;
  attune_split (all, 1, self->rank, self->n_ranks, &from, &to);
  return MAX (1, to - from);
}

gboolean
attune_trainer_share_memory (AttuneTrainer *self, GError **error)
{
  self->shared = attune_ranks_map (
      self->ranks, (self->n_ranks + 2) * vector_stride (self) * sizeof (float), error);
  if (self->shared == NULL)
    return FALSE;
  self->optimizer = shared_vector (self, self->n_ranks);
  self->optimizer.dims[0] = attune_trainer_count_optimizer (self);
  return TRUE;
}

void
attune_trainer_choose_part (const AttuneTrainer *self, int n, int *begin, int *end)
{
  guint64 all = 0, before = 0;

  *begin = 0;
  *end = n;
  if (self->n_ranks == 1)
    return;
  for (int i = 0; i < n; i++)
    all += attune_sample_rows (&self->samples[i]);
  *begin = *end = n;
  for (int i = 0; i < n; i++)
    {
      /* A sample goes to the rank in whose share of the tokens its middle lies. */
      const guint64 rows = attune_sample_rows (&self->samples[i]),
                    rank = (2 * before + rows) * self->n_ranks / (2 * MAX (1, all));

      if (rank >= (guint64) self->rank && *begin == n)
        *begin = i;
      if (rank > (guint64) self->rank)
        {
          *end = i;
          break;
        }
      before += rows;
    }
}

gboolean
attune_trainer_add (AttuneTrainer *self, double *numbers, int n, GError **error)
{
  return self->ranks == NULL || attune_ranks_add (self->ranks, numbers, n, error);
}

gboolean
attune_trainer_agree (AttuneTrainer *self, gboolean *answer, GError **error)
{
  return self->ranks == NULL || attune_ranks_tell (self->ranks, answer, sizeof *answer, error);
}

void
attune_trainer_give_gradients (AttuneTrainer *self)
{
  AttuneTensor mine;

  if (self->ranks == NULL)
    return;
  mine = shared_vector (self, self->rank);
  self->be->copy (self->be, &mine, &self->parameters->grads);
}

void
attune_trainer_take_gradients (AttuneTrainer *self)
{
  const AttuneTensor sum = attune_trainer_slice (self, &self->parameters->grads);

  for (int rank = 0; self->ranks != NULL && rank < self->n_ranks; rank++)
    {
      const AttuneTensor whole = shared_vector (self, rank),
                         part = attune_trainer_slice (self, &whole);

      if (rank == 0)
        self->be->copy (self->be, &sum, &part);
      else
        self->be->add (self->be, &sum, &part);
    }
}

/* All values are what stands in the shared memory, once all have come. */
static gboolean
take_values (AttuneTrainer *self, GError **error)
{
  const AttuneTensor values = shared_vector (self, 0);

  if (!attune_backend_sync (self->be, error) || !attune_ranks_meet (self->ranks, error))
    return FALSE;
  self->be->copy (self->be, &self->parameters->values, &values);
  return attune_backend_sync (self->be, error);
}

gboolean
attune_trainer_exchange_values (AttuneTrainer *self, GError **error)
{
  AttuneTensor whole, mine, place;

  if (self->ranks == NULL)
    return TRUE;
  whole = shared_vector (self, 0);
  mine = attune_trainer_slice (self, &self->parameters->values);
  place = attune_trainer_slice (self, &whole);
  self->be->copy (self->be, &place, &mine);
  return take_values (self, error);
}

gboolean
attune_trainer_follow (AttuneTrainer *self, GError **error)
{
  AttuneCheckpoint first = self->state;
  const AttuneTensor values = shared_vector (self, 0);

  G_STATIC_ASSERT (sizeof first <= ATTUNE_RANKS_MAX_BYTES);
  if (self->rank == 0)
    self->be->copy (self->be, &values, &self->parameters->values);
  if (!attune_ranks_tell (self->ranks, &first, sizeof first, error))
    return FALSE;
  /* Where they lie differs from process to process. */
  first.values = self->state.values;
  first.state = self->state.state;
  first.best = self->state.best;
  first.average = self->state.average;
  first.starts = self->state.starts;
  first.labels = self->state.labels;
  first.key = self->state.key;
  self->state = first;
  return take_values (self, error);
}
