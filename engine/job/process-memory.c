/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Resident memory by /proc (proc_pid_status(5), proc_pid_clear_refs(5)).
 */
#include "job/process-memory.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

guint64
attune_process_peak_bytes (void)
{
  g_autofree char *status = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL)
      || (line = strstr (status, "\nVmHWM:")) == NULL)
    return 0;
  return g_ascii_strtoull (line + strlen ("\nVmHWM:"), NULL, 10) * 1024; /* always in kB */
}

void
attune_process_reset_peak (void)
{
  const int fd = open ("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

  if (fd < 0)
    return;
  if (write (fd, "5", 1) != 1)
    g_debug ("The peak of resident memory could not be reset.");
  close (fd);
}
