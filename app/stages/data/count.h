/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A number as a person writes it: with the locale's marks between thousands.
 */
#pragma once
#include <glib.h>

/* Returns: (transfer full) */
static inline char *
attune_count_to_text (guint64 count)
{
  return g_strdup_printf ("%'" G_GUINT64_FORMAT, count);
}
