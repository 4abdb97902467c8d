/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See families.h.
 */
#include "data/families.h"

guint32
attune_families_find (GArray *families, guint32 member)
{
  guint32 *first = (guint32 *) families->data;

  while (first[member] != member)
    member = first[member] = first[first[member]];
  return member;
}

void
attune_families_join (GArray *families, guint32 one, guint32 other)
{
  const guint32 a = attune_families_find (families, one),
                b = attune_families_find (families, other);

  g_array_index (families, guint32, MAX (a, b)) = MIN (a, b);
}
