/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Resident memory by /proc (proc_pid_status(5), proc_pid_clear_refs(5)).
 */
#include "job/process-memory.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* @name: "VmHWM". Returns: 0 where there is no such line. */
static guint64
read_bytes (const char *name)
{
  g_autofree char *status = NULL, *begin = g_strdup_printf ("\n%s:", name);
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL)
      || (line = strstr (status, begin)) == NULL)
    return 0;
  return g_ascii_strtoull (line + strlen (begin), NULL, 10) * 1024; /* always in kB */
}

guint64
attune_process_peak_bytes (void)
{
  return read_bytes ("VmHWM");
}

guint64
attune_process_own_peak_bytes (void)
{
  const guint64 peak = read_bytes ("VmHWM"),
                shared = read_bytes ("RssFile") + read_bytes ("RssShmem");

  return peak - MIN (peak, shared);
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
