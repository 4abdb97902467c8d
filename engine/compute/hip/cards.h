/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Several cards that share a run: the maker's library between them (NCCL, RCCL), opened when they
 * join, and not needed otherwise. What it does goes on beside the stream that computes.
 */
#pragma once
#include "compute/hip/device.h"

/* The functions of AttunePlugin, which says what they do. */
gboolean gpu_cards_invite (char key[ATTUNE_CARDS_KEY_BYTES], GError **error);
gboolean gpu_cards_join (AttuneBackend *be, const char key[ATTUNE_CARDS_KEY_BYTES], int rank, int n,
                         GError **error);
void gpu_cards_add_up (AttuneBackend *be, float *vector, const gint64 *cuts, gint64 from,
                       gint64 to);
void gpu_cards_share (AttuneBackend *be, float *vector, const gint64 *cuts);
void gpu_cards_settle (AttuneBackend *be);

/* Waits for the stream, which waits for the other cards: no longer than one that still lives takes.
 */
bool gpu_cards_wait (Gpu *gpu);
/* @cards: (nullable) (transfer full): */
void gpu_cards_leave (struct GpuCards *cards);
