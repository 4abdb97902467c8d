/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The check of a device before a run trusts it: the entries that training is made of, each once, on
 * small tensors, against another backend's results.
 */
#pragma once
#include "compute/backend.h"

G_BEGIN_DECLS

/* Takes milliseconds; blocks. Returns: %FALSE with ATTUNE_COMPUTE_ERROR_DEVICE and the first entry
 * that disagrees, or with the device's own failure. */
gboolean attune_device_check (AttuneBackend *be, AttuneBackend *trusted, GError **error);

G_END_DECLS
