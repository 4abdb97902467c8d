/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * checkpoint.h5: the state of a run after a step: what learns, optimizer moments, the best so far
 * (of a full run in a file of its own: best-weights.h), position. The previous checkpoint stays
 * until the new one has been written, synced and read back.
 */
#pragma once
#include "nn/decoder.h"
#include "tune/trainer.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 step;
  double base_loss, best_loss;
  gint64 best_step;
  int bad_validations; /* in a row */
  double seconds;
  double train_loss; /* running mean, for the result */
  guint64 tokens, target_tokens;
  gint64 count;                                        /* values in each vector below */
  float *values, *first_moment, *second_moment, *best; /* borrowed by save; filled by load; best:
                                                          %NULL in a full run */
  const char *key; /* hash of plan, model and data: a checkpoint of another run is refused */
} AttuneCheckpoint;

gboolean attune_checkpoint_save (const char *path, const AttuneCheckpoint *state, GError **error);
/* Fills the vectors (of @state->count values) and numbers; @state->count and @state->key are what
 * is expected. A damaged file (its checksum is kept) or one of another run is an error. @found:
 * (out): FALSE without error when there is none. */
gboolean attune_checkpoint_load (const char *path, AttuneCheckpoint *state, gboolean *found,
                                 GError **error);

/**
 * attune_checkpoint_read_adapter:
 * @best: the best adapter by validation loss, else the latest
 * @lora: what the run was made with
 *
 * Puts a run's adapter on @decoder. Returns: (transfer full): its parameters, without gradients.
 */
AttuneParameters *attune_checkpoint_read_adapter (const char *path, gboolean best,
                                                  AttuneDecoder *decoder,
                                                  const AttuneLoraConfig *lora, GError **error);

/**
 * attune_checkpoint_read_weights:
 * @step: (out): which step's they are; 0: the base's, which was not surpassed
 *
 * Puts the best weights of a full run into @decoder. Returns: (transfer full): the parameters,
 * without gradients.
 */
AttuneParameters *attune_checkpoint_read_weights (const char *path, AttuneDecoder *decoder,
                                                  gint64 *step, GError **error);

G_END_DECLS
