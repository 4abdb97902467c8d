/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The check of a device before a run trusts it: every entry once, on small tensors, against another
 * backend's results.
 */
#pragma once
#include "compute/backend.h"

G_BEGIN_DECLS

/**
 * attune_device_check:
 * @be: the device's; what it computes otherwise than @trusted is put right: see host-entries.h
 * @n_threads: of the processor, where that has to compute something
 * @note: (out) (nullable): what was put right, as a sentence
 *
 * Takes milliseconds; blocks.
 *
 * Returns: %FALSE with the device's own failure
 */
gboolean attune_device_check (AttuneBackend *be, AttuneBackend *trusted, int n_threads, char **note,
                              GError **error);

G_END_DECLS
