/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A time limit for a child process, which GSubprocess has not. Private to data/.
 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _AttuneChildGuard AttuneChildGuard;

/* Ends @process when @seconds are over. @process has to stay until the guard ends. */
AttuneChildGuard *attune_child_guard_new (GSubprocess *process, guint seconds);
/* After the process has ended. @self: (transfer full). Returns: whether it was ended for its time.
 */
gboolean attune_child_guard_end (AttuneChildGuard *self);

/* Ends the process at once, with all of its own children where it leads a process group, also where
 * it has ended and they have not. */
void attune_child_guard_kill (AttuneChildGuard *self);

G_END_DECLS
