/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See offline.h.
 */
#include "core/offline.h"

static int is_offline; /* atomic */

void
attune_set_offline (gboolean offline)
{
  g_atomic_int_set (&is_offline, offline);
}

gboolean
attune_is_offline (void)
{
  static const char *const words[] = { "1", "on", "yes", "true", NULL };
  const char *value = g_getenv ("HF_HUB_OFFLINE");
  g_autofree char *word = value != NULL ? g_ascii_strdown (value, -1) : NULL;

  return g_atomic_int_get (&is_offline) || (word != NULL && g_strv_contains (words, word));
}
