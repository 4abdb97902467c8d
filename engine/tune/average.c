/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The running mean of what learns, which is validated, sampled and kept in its place.
 */
#include "tune/trainer-private.h"

void
attune_trainer_average (AttuneTrainer *self)
{
  const double step = self->state.step + 1;
  /* At first over few steps, so that the start is soon forgotten: as TensorFlow's num_updates. */
  const double decay = MIN (self->plan->ema_decay, (1 + step) / (10 + step));

  if (self->average.data != NULL)
    self->be->approach (self->be, &self->average, &self->parameters->values, 1 - decay);
}

void
attune_trainer_swap_average (AttuneTrainer *self)
{
  if (self->average.data == NULL)
    return;
  self->be->swap (self->be, &self->parameters->values, &self->average);
  attune_decoder_update_norms (self->decoder);
}
