/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The reference backend: every entry as a plain loop in f64, to read and to check faster ones
 * against.
 */
#pragma once
#include "compute/backend.h"

G_BEGIN_DECLS

/* Returns: (transfer full): one thread, no cleverness */
AttuneBackend *attune_backend_reference_new (void);

G_END_DECLS
