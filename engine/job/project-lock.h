/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One window may change a project; a second one only looks. The lock is the kernel's (flock), so it
 * is free again when its owner ends, however it ends. Light.
 */
#pragma once
#include "job/project.h"

G_BEGIN_DECLS

typedef struct _AttuneProjectLock AttuneProjectLock;

/* Returns: (transfer full): or %NULL: %ATTUNE_JOB_ERROR_LOCKED when another window has it,
 * %ATTUNE_JOB_ERROR_PROJECT when the folder cannot be written. */
AttuneProjectLock *attune_project_lock (AttuneProject *project, GError **error);
void attune_project_unlock (AttuneProjectLock *lock);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneProjectLock, attune_project_unlock)

G_END_DECLS
