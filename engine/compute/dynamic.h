/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dynamic tree type of 8 bits: numbers that lie the nearer to each other the nearer they are to
 * zero, down to 10⁻⁷ of the largest. Source: Dettmers 2016.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Ascending. */
extern const float attune_dynamic_table[256];          /* -0.993 … 1 */
extern const float attune_dynamic_unsigned_table[256]; /* 0 … 1 */

/* How many midpoints of neighbours in @table @x is above: the nearest entry; in the middle the
 * lower one wins. */
static inline guint8
attune_dynamic_nearest (const float *table, float x)
{
  int low = 0, high = 255;

  while (low < high)
    {
      const int middle = (low + high) / 2;

      if (x > (table[middle] + table[middle + 1]) / 2.0f)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

G_END_DECLS
