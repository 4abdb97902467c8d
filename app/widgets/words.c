/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers in sentences.
 */
#include "widgets/words.h"

#include <glib/gi18n.h>
#include <math.h>

char *
attune_say_count (double count)
{
  const double size = fabs (count);

  if (size < 1e6)
    return g_strdup_printf ("%'.0f", count);
  if (size < 999.95e6)
    return g_strdup_printf (_ ("%'.1f million"), count / 1e6);
  return g_strdup_printf (_ ("%'.1f billion"), count / 1e9);
}

char *
attune_say_about (double seconds)
{
  const double shown = MIN (seconds, 1e4 * 86400); /* beyond all sense, and within a long */
  const gulong minutes = lround (shown / 60), hours = lround (shown / 3600);

  if (seconds < 50)
    return g_strdup (_ ("less than a minute"));
  if (minutes < 90)
    return g_strdup_printf (ngettext ("about %lu minute", "about %lu minutes", minutes), minutes);
  if (hours < 48)
    return g_strdup_printf (ngettext ("about %lu hour", "about %lu hours", hours), hours);
  return g_strdup_printf (ngettext ("about %lu day", "about %lu days", (hours + 12) / 24),
                          (hours + 12) / 24);
}
