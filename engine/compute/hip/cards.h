/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Several cards that share a run: the maker's library between them (NCCL, RCCL), opened when they
 * join, and not needed otherwise. What it does goes on beside the stream that computes.
 */
#pragma once
#include "compute/hip/device.h"

/* The functions of AttunePlugin, which says what they do. */
gboolean gpu_cards_prepare (AttuneBackend *be, GError **error);
gboolean gpu_cards_invite (AttuneBackend *be, char key[ATTUNE_CARDS_KEY_BYTES], GError **error);
gboolean gpu_cards_join (AttuneBackend *be, const char key[ATTUNE_CARDS_KEY_BYTES], int rank, int n,
                         GError **error);
void gpu_cards_add_up (AttuneBackend *be, float *vector, const gint64 *cuts, gint64 from,
                       gint64 to);
void gpu_cards_share (AttuneBackend *be, float *vector, const gint64 *cuts);
void gpu_cards_settle (AttuneBackend *be);
void gpu_cards_leave (AttuneBackend *be);

/* After settle(): waits for the stream, no longer than cards that still live take. */
bool gpu_cards_wait (Gpu *gpu);
void gpu_cards_free (Gpu *gpu);
