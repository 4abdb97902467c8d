/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A base kept in 4 bits, under adapters: NF4 or FP4 copies of its linears. What is stored in fewer
 * than 16 bits already stays as it is, as do embedding, head, norms, router, and rows that are no
 * whole blocks of 64.
 */
#pragma once
#include "compute/four-bits.h"
#include "nn/decoder.h"

G_BEGIN_DECLS

/* The `second` of AttuneScales before the blocks of a copy, in whole cache lines. */
#define ATTUNE_QUANTISED_HEAD(blocks)                                                              \
  ((((blocks) + ATTUNE_SECOND_BLOCK - 1) / ATTUNE_SECOND_BLOCK * sizeof (float) + 63) / 64 * 64)

/* Whether linear @i of any layer is of those that are quantised: its rows are whole blocks; the
 * router decides too much for the little that it takes. @count: (out): its weights. Pure. */
gboolean attune_can_quantise (const AttuneDecoderConfig *config, int i, gint64 *count);
/* Bytes of one copy, as they are allocated. Pure. */
gsize attune_quantised_copy_bytes (AttuneType type, gint64 count);
/* What the copies take, and how many weights they are of, where all that can be is quantised. Pure.
 */
gsize attune_quantised_bytes (const AttuneDecoderConfig *config, AttuneType type);
gint64 attune_quantised_count (const AttuneDecoderConfig *config);

/**
 * attune_decoder_quantise_base:
 * @type: NF4, FP4 or one of their doubles
 * @done: (nullable): called after each layer, whose stored weights are then not read again
 *
 * Allocates attune_quantised_bytes(), which the decoder owns, and scratch of a few rows.
 * Deterministic. Errors: %ATTUNE_COMPUTE_ERROR_MEMORY.
 */
gboolean attune_decoder_quantise_base (AttuneDecoder *self, AttuneType type,
                                       void (*done) (gpointer data), gpointer data, GError **error);

/* attune_decoder_free()'s part of it. */
void attune_decoder_release_quantised (AttuneDecoder *self);

G_END_DECLS
