/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Virtual tokens, which every text begins with: of a prompt their embeddings are learned (Lester et
 * al. 2021), of a prefix their keys and values in every layer (Li & Liang 2021). Private to nn/:
 * who uses the decoder does not see them. They take the positions 0 … P - 1, and rows before those
 * of a step's first text; the other texts of the step share these.
 */
#pragma once
#include "nn/activations.h"

G_BEGIN_DECLS

/* Room for the rows of a step with virtual ones before them. */
struct _AttuneVirtualRows
{
  AttuneBatch batch;
  const gint32 *own_segments; /* of the batch that they were put before; borrowed for the step */
  gint32 *tokens, *positions, *target_rows, *segments, *prefixes;
};

/* Virtual tokens that have a say now. */
static inline int
attune_count_virtual (const AttuneDecoder *decoder)
{
  return decoder->base_only ? 0 : decoder->n_virtual;
}

AttuneVirtualRows *attune_virtual_rows_new (const AttuneStepShape *shape);
void attune_virtual_rows_free (AttuneVirtualRows *self);
/* @batch with virtual rows before it, or itself where there are none. */
const AttuneBatch *attune_virtual_rows_add (AttuneVirtualRows *self, const AttuneBatch *batch,
                                            int n_virtual);

/* Puts a prompt's embeddings into the first rows of @x. */
void attune_virtual_embed (const AttuneDecoder *decoder, const AttuneTensor *x);
/* The first rows of @dx ADDED to the gradients. */
void attune_virtual_embed_backward (const AttuneDecoder *decoder, const AttuneTensor *dx);
/* Puts a prefix's into the first rows of a layer's keys and values. */
void attune_virtual_attend (const AttuneDecoder *decoder, const AttuneDecoderLayer *layer,
                            const AttuneTensor *k, const AttuneTensor *v);
/* The first rows of @dk and @dv ADDED to the gradients, and zero from here on. */
void attune_virtual_attend_backward (const AttuneDecoder *decoder, const AttuneDecoderLayer *layer,
                                     const AttuneTensor *dk, const AttuneTensor *dv);

/* The parameters of attune_decoder_add_lora() for a prompt or a prefix. */
AttuneParameters *attune_virtual_add (AttuneDecoder *decoder, const AttuneLoraConfig *config,
                                      guint64 seed, gboolean trainable, GError **error);
void attune_virtual_remove (AttuneDecoder *decoder);

G_END_DECLS
