/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How much memory is there to take: the machine's (MemAvailable) or the control group's, whichever
 * is less.
 */
#include "plan/estimate.h"

#include <string.h>

static guint64
machine_available (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/meminfo", &text, NULL, NULL)
      || (line = strstr (text, "MemAvailable:")) == NULL)
    return G_MAXUINT64; /* unknown: nothing is refused for it */
  return g_ascii_strtoull (line + strlen ("MemAvailable:"), NULL, 10) * 1024;
}

/* A number in a file of the control group; "max" and what is missing give @fallback. */
static guint64
read_number (const char *folder, const char *name, guint64 fallback)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL) || !g_ascii_isdigit (text[0]))
    return fallback;
  return g_ascii_strtoull (text, NULL, 10);
}

/* Version 2 of control groups only: what Debian 13 and every current desktop has. */
static guint64
group_available (void)
{
  g_autofree char *text = NULL, *folder = NULL;
  guint64 least = G_MAXUINT64;

  if (!g_file_get_contents ("/proc/self/cgroup", &text, NULL, NULL)
      || !g_str_has_prefix (text, "0::/"))
    return G_MAXUINT64;
  g_strdelimit (text, "\n", '\0');
  folder = g_build_filename ("/sys/fs/cgroup", text + strlen ("0::"), NULL);
  while (strlen (folder) >= strlen ("/sys/fs/cgroup"))
    {
      const guint64 limit = read_number (folder, "memory.max", G_MAXUINT64);
      const guint64 used = read_number (folder, "memory.current", 0);
      char *slash = strrchr (folder, '/');

      if (limit != G_MAXUINT64)
        least = MIN (least, limit > used ? limit - used : 0);
      *slash = '\0';
    }
  return least;
}

guint64
attune_memory_available (void)
{
  return MIN (machine_available (), group_available ());
}
