/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which members belong together, directly or through others: a forest in an array (union-find), in
 * which each names an earlier one of its family, or itself. Private to data/.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* @families: guint32s. Returns: the first of the family of @member. */
guint32 attune_families_find (GArray *families, guint32 member);
/* One family of two. */
void attune_families_join (GArray *families, guint32 one, guint32 other);

G_END_DECLS
