/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which of a base's own weights learn, by the names of their tensors, and how many they are. Pure
 * and light: the plan's estimate counts by it, and the decoder allocates by it.
 */
#pragma once
#include "nn/decoder-config.h"

G_BEGIN_DECLS

/* All zero: every weight. */
typedef struct
{
  gboolean biases;       /* only what is added to others (Ben Zaken et al. 2022) */
  gboolean some_layers;  /* only what is in @layers: not embedding, last norm and LM head */
  AttuneLayerSet layers; /* of some_layers */
  gboolean half;         /* all of them, a half at a time: attune_base_half_learns() */
} AttuneBaseParts;

/* A number that follows from a matrix's shape; of a vector, whose rows are 1, in proportion to its
 * length. */
typedef gint64 (*AttuneShapeCount) (gint64 rows, gint64 columns);

/* The layer that the tensor @name is in; -1: in none. */
int attune_tensor_layer (const char *name);

/* Whether the tensor @name learns, now or in another round. */
gboolean attune_base_parts_has (const AttuneBaseParts *self, const char *name);
/* Values that learn, now or in another round; what @config counts of vectors must be set. */
gint64 attune_base_parts_count (const AttuneDecoderConfig *config, const AttuneBaseParts *self);
/* The most of them that learn at once: gradients and moments are so many. */
gint64 attune_base_parts_count_at_once (const AttuneDecoderConfig *config,
                                        const AttuneBaseParts *self);
/* The sum of @count over all matrices that learn, and over the vectors, which may be counted
 * together. */
gint64 attune_base_parts_count_by_shape (const AttuneDecoderConfig *config,
                                         const AttuneBaseParts *self, AttuneShapeCount count);
/* The lowest layer with something that learns. Below it nothing goes backward. */
int attune_base_parts_first_layer (const AttuneDecoderConfig *config, const AttuneBaseParts *self);

/**
 * attune_base_half_learns:
 * @round: another half in each
 *
 * Half fine-tuning (Hui et al. 2024): whether the tensor @name learns in this round. What is
 * outside of the layers always does. In a layer one of q and o does and one of k and v, which are
 * of one size; of gate, up and down one or two, by turns from layer to layer; and attention's norms
 * or the feed-forward's. So about half of the layers' weights learn, and as many in every round. A
 * bias goes with its weight.
 */
gboolean attune_base_half_learns (const AttuneDecoderConfig *config, guint64 seed, guint64 round,
                                  const char *name);

G_END_DECLS
