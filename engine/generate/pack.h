/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Packs samples of different lengths into one stream without padding. A sample's rows are its
 * tokens up to the last one that predicts something: row t reads token t and predicts token t + 1
 * where that is learned.
 *
 * Conversations mostly begin with the same instruction. What a sample has in common with the pack's
 * first, up to where it learns, is computed once: its rows in every layer are the same for both,
 * and the gradient that they get is the sum of both. So nothing changes but the time.
 */
#pragma once
#include "data/dataset.h"
#include "nn/decoder.h"

G_BEGIN_DECLS

typedef struct _AttunePack AttunePack;

/* @share: compute common beginnings once; not with dropout, which draws anew for every sample. */
AttunePack *attune_pack_new (int max_tokens, gboolean share);
void attune_pack_free (AttunePack *self);
void attune_pack_clear (AttunePack *self);
int attune_pack_get_capacity (const AttunePack *self); /* max_tokens */

/**
 * attune_pack_add:
 *
 * Returns: FALSE, and adds nothing, where the sample does not fit any more. An empty pack takes
 * every sample: one that is longer than the pack is cut. A sample that teaches nothing is taken and
 * adds nothing.
 */
gboolean attune_pack_add (AttunePack *self, const AttuneSample *sample);

/* Multiplies into each target's gradient what @weights has for its sample, in the order of adding;
 * until the pack is cleared. */
void attune_pack_weigh (AttunePack *self, const float *weights);
/* The same with a weight of its own for each target, in their order, of all samples added. */
void attune_pack_weigh_targets (AttunePack *self, const double *weights);
/* Valid until the next add or clear. n_targets may be 0: then there is nothing to compute. */
const AttuneBatch *attune_pack_get_batch (const AttunePack *self);
/* Tokens that were added, those that are computed once for several samples each time. */
int attune_pack_count_tokens (const AttunePack *self);
/* Which sample, in the order of adding, target @i belongs to. */
int attune_pack_get_owner (const AttunePack *self, int i);

/* Tokens before the first learned one: the prompt that the answer follows. */
guint attune_sample_prompt_length (const AttuneSample *sample);
/* Lets all of the sample be learned, but its first token. */
void attune_sample_learn_all (AttuneSample *sample);
/* Rows that a sample takes in a pack, and targets it has. */
guint attune_sample_rows (const AttuneSample *sample);
guint attune_sample_targets (const AttuneSample *sample);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttunePack, attune_pack_free)

G_END_DECLS
