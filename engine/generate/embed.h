/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where samples lie, as a model sees them: the mean of what its last norm gives of their tokens.
 * Compute side.
 */
#pragma once
#include "data/dataset.h"
#include "nn/decoder.h"

G_BEGIN_DECLS

/**
 * attune_embed_samples:
 * @numbers: (array length=n): samples of @split
 * @max_tokens: of longer texts the beginning is read
 * @vectors: (out caller-allocates): (n, C) f32
 *
 * Of a sample its question is read, with all that stands in front of the answer; of a text that is
 * learned whole all of it. Takes memory for a pack of @max_tokens. Blocks.
 */
gboolean attune_embed_samples (AttuneDecoder *decoder, AttuneDataset *dataset, AttuneSplit split,
                               const guint32 *numbers, guint n, int max_tokens, float *vectors,
                               GCancellable *cancellable, GError **error);

G_END_DECLS
