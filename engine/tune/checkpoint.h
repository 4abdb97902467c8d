/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * checkpoint.h5: the state of a run after a step: what learns, the optimizer's state, the best so
 * far (of weights of the base in a file of its own: best-weights.h), position. The previous
 * checkpoint stays until the new one has been written, synced and read back.
 */
#pragma once
#include "nn/decoder.h"
#include "tune/trainer.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 step;
  double base_loss, best_loss;
  double earlier_loss; /* of the base, on earlier material; 0: there is none */
  gint64 best_step;
  int bad_validations; /* in a row */
  double seconds;
  double train_loss; /* running mean, for the result */
  guint64 tokens, target_tokens;
  gint64 count;         /* values … */
  float *values, *best; /* … in these; borrowed by save; filled by load; best: %NULL where weights
                           of the base learn */
  float *average;       /* (nullable) the running mean of values */
  gint64 state_count;   /* values in: */
  float *state;         /* what the optimizer remembers */
  gint64 starts_count;  /* values in: */
  const float *starts;  /* (nullable) where a principal adapter began; saved, not loaded */
  const char *labels;   /* (nullable) what a head for labels tells apart: generate/labels.h; saved,
                           not loaded */
  double kl_weight;     /* of PPO; 0: there is none */
  const char *plan, *model; /* (nullable) of a reward model: settings as JSON, and the model’s hash,
                               by which other runs open it; saved, not loaded */
  const char *key; /* hash of plan, model and data: a checkpoint of another run is refused */
} AttuneCheckpoint;

gboolean attune_checkpoint_save (const char *path, const AttuneCheckpoint *state, GError **error);
/* Fills the vectors and numbers; @state's counts and key are what is expected. A damaged file (its
 * checksum is kept) or one of another run is an error. @found: (out): FALSE without error when
 * there is none. */
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

/* Where a run's principal adapter of so many values began. Returns: (transfer full): %NULL without
 * @error where the file does not say (an earlier version wrote it) or is not there. */
float *attune_checkpoint_read_starts (const char *path, gint64 count, GError **error);

/* The labels that a run's head tells apart. Returns: (transfer full): %NULL without @error where it
 * has no such head. */
char *attune_checkpoint_read_labels (const char *path, GError **error);

/**
 * attune_checkpoint_read_weights:
 * @parts: which weights of the base learned
 * @step: (out): which step's they are; 0: the base's, which was not surpassed
 *
 * Puts the best weights of such a run into @decoder. Returns: (transfer full): the parameters,
 * without gradients.
 */
AttuneParameters *attune_checkpoint_read_weights (const char *path, AttuneDecoder *decoder,
                                                  const AttuneBaseParts *parts, gint64 *step,
                                                  GError **error);

G_END_DECLS
