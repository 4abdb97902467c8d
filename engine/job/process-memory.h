/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What this process has taken of the machine's memory.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Highest resident memory so far (VmHWM), in bytes; 0 where the system does not tell. */
guint64 attune_process_peak_bytes (void);
/* Counts from now on, where the system lets us. */
void attune_process_reset_peak (void);

/* Of the peak, what no other process shares: without mapped files and shared memory, as far as they
 * are resident now. */
guint64 attune_process_own_peak_bytes (void);

G_END_DECLS
