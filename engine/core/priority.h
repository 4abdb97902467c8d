/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Letting others go first: what computes for minutes must not make the desktop slow.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* As “nice” has it: of a process; and of a whole session, which still gets a quarter of a core that
 * another one wants, so that it is not starved by what else somebody computes. */
#define ATTUNE_LOW_PRIORITY 10
#define ATTUNE_LOW_SESSION_PRIORITY 5

/**
 * attune_priority_lower:
 * @leads_session: whether the process has called setsid(). The kernel may share the processor out
 *   among sessions first ("autogroup"), where what nice says counts within one only: then the whole
 *   session is lowered, too. In somebody else's session that would lower them.
 *
 * Lowers this process and all that it starts. May be called between fork and exec.
 */
void attune_priority_lower (gboolean leads_session);

G_END_DECLS
