/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Async-signal-safe calls only: see sched(7), "The autogroup feature".
 */
#include "core/priority.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

void
attune_priority_lower (gboolean leads_session)
{
  static const char number[] = G_STRINGIFY (ATTUNE_LOW_SESSION_PRIORITY);
  int fd;

  if (getpriority (PRIO_PROCESS, 0) < ATTUNE_LOW_PRIORITY)
    setpriority (PRIO_PROCESS, 0, ATTUNE_LOW_PRIORITY);
  if (!leads_session || (fd = open ("/proc/self/autogroup", O_WRONLY | O_CLOEXEC)) < 0)
    return; /* a kernel without it */
  if (write (fd, number, sizeof number - 1) < 0)
    { /* it is no worse than before */
    }
  close (fd);
}
