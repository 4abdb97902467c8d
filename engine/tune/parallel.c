/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Data parallel training. Every rank holds what learns and computes a part of a step's samples;
 * gradients are added up in the order of the ranks, each of which then updates its own slice of
 * the values with its slice of the moments (Rajbhandari et al. 2020), and takes over those of the
 * others. So a step gives the same bits every time, and no moment is there twice. (More than two
 * cards that reach each other add up in an order of their library's.)
 *
 * Shared memory, in vectors of all values: a gradient of each rank, and the one or two that the
 * optimizer remembers. The updated values travel in the gradient of rank 0: its slice has been read
 * by whom it belongs to. On graphics cards the moments lie there, and come into the shared memory
 * for a checkpoint; what cards exchange goes through it only where they cannot reach each other.
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

void
attune_trainer_cut (const AttuneTrainer *self, int rank, gint64 *from, gint64 *to)
{
  attune_split (self->parameters->count, ALIGN, rank, self->n_ranks, from, to);
}

AttuneTensor
attune_trainer_slice (const AttuneTrainer *self, const AttuneTensor *vector)
{
  AttuneTensor slice = *vector;
  gint64 from, to;

  if (self->n_ranks == 1)
    return slice;
  attune_trainer_cut (self, self->rank, &from, &to);
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

/* Of a card, whose memory is not the host's. */
static gboolean
on_cards (const AttuneTrainer *self)
{
  return self->ranks != NULL && self->be->download != NULL;
}

AttuneTensor
attune_trainer_all_moments (const AttuneTrainer *self)
{
  AttuneTensor all = self->optimizer;

  if (self->ranks == NULL)
    return all;
  all = shared_vector (self, self->n_ranks);
  all.dims[0] = attune_trainer_count_optimizer (self);
  return all;
}

gboolean
attune_trainer_share_memory (AttuneTrainer *self, GError **error)
{
  self->shared = attune_ranks_map (
      self->ranks, (self->n_ranks + 2) * vector_stride (self) * sizeof (float), error);
  if (self->shared == NULL)
    return FALSE;
  if (on_cards (self))
    return attune_trainer_set_up_cards (self, error);
  self->optimizer = attune_trainer_all_moments (self);
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

/* To and from the memory that all see. */
static void
show (AttuneTrainer *self, const AttuneTensor *shared, const AttuneTensor *mine)
{
  if (on_cards (self))
    self->be->download (self->be, shared->data, mine->data, mine->dims[0] * sizeof (float));
  else
    self->be->copy (self->be, shared, mine);
}

static void
take (AttuneTrainer *self, const AttuneTensor *mine, const AttuneTensor *shared)
{
  if (on_cards (self))
    self->be->upload (self->be, mine->data, shared->data, mine->dims[0] * sizeof (float));
  else
    self->be->copy (self->be, mine, shared);
}

void
attune_trainer_give_gradients (AttuneTrainer *self)
{
  AttuneTensor mine;

  if (self->ranks == NULL)
    return;
  if (self->joined)
    {
      attune_trainer_begin_exchange (self, -1);
      return;
    }
  mine = shared_vector (self, self->rank);
  show (self, &mine, &self->parameters->grads);
}

/* On the processor, whatever computes: what others have shown lies in its memory. */
static void
add_shown (AttuneTrainer *self, const AttuneTensor *sum)
{
  const AttuneTensor first = shared_vector (self, 0), mine = attune_trainer_slice (self, &first);
  float *to = mine.data;

  for (int rank = 1; rank < self->n_ranks; rank++)
    {
      const AttuneTensor whole = shared_vector (self, rank),
                         part = attune_trainer_slice (self, &whole);
      const float *from = part.data;

      for (gint64 i = 0; i < mine.dims[0]; i++)
        to[i] += from[i];
    }
  take (self, sum, &mine);
}

gboolean
attune_trainer_take_gradients (AttuneTrainer *self, GError **error)
{
  const AttuneTensor sum = attune_trainer_slice (self, &self->parameters->grads);

  if (self->joined)
    return attune_trainer_end_exchange (self, error);
  if (on_cards (self))
    add_shown (self, &sum);
  else
    for (int rank = 0; self->ranks != NULL && rank < self->n_ranks; rank++)
      {
        const AttuneTensor whole = shared_vector (self, rank),
                           part = attune_trainer_slice (self, &whole);

        if (rank == 0)
          self->be->copy (self->be, &sum, &part);
        else
          self->be->add (self->be, &sum, &part);
      }
  return TRUE;
}

/* All values are what stands in the shared memory, once all have come. */
static gboolean
take_values (AttuneTrainer *self, GError **error)
{
  const AttuneTensor values = shared_vector (self, 0);

  if (!attune_backend_sync (self->be, error) || !attune_ranks_meet (self->ranks, error))
    return FALSE;
  take (self, &self->parameters->values, &values);
  return attune_backend_sync (self->be, error);
}

gboolean
attune_trainer_exchange_values (AttuneTrainer *self, GError **error)
{
  AttuneTensor whole, mine, place;

  if (self->ranks == NULL)
    return TRUE;
  if (self->joined)
    return attune_trainer_share_slices (self, error);
  whole = shared_vector (self, 0);
  mine = attune_trainer_slice (self, &self->parameters->values);
  place = attune_trainer_slice (self, &whole);
  show (self, &place, &mine);
  return take_values (self, error);
}

gboolean
attune_trainer_gather (AttuneTrainer *self, GError **error)
{
  const AttuneTensor all = attune_trainer_all_moments (self);

  if (!on_cards (self))
    return TRUE;
  attune_trainer_show_moments (self, &all);
  return attune_backend_sync (self->be, error) && attune_ranks_meet (self->ranks, error);
}

gboolean
attune_trainer_follow (AttuneTrainer *self, gboolean resumed, GError **error)
{
  AttuneCheckpoint first = self->state;
  const AttuneTensor values = shared_vector (self, 0), moments = attune_trainer_all_moments (self);

  G_STATIC_ASSERT (sizeof first <= ATTUNE_RANKS_MAX_BYTES);
  if (self->rank == 0)
    show (self, &values, &self->parameters->values);
  if (!attune_backend_sync (self->be, error)
      || !attune_ranks_tell (self->ranks, &first, sizeof first, error))
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
  if (on_cards (self) && resumed) /* what nobody has written would take memory when it is read */
    attune_trainer_take_moments (self, &moments);
  return take_values (self, error);
}
