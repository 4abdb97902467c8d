/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a variant's text is compared by with the text that it was made of; for variant-check.c
 * alone.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* A bag: so much more often in the one text than in the other; takes @what. */
GHashTable *attune_variant_bag_new (void);
void attune_variant_bag_put (GHashTable *bag, char *what, int n);
/* Whether both have all of it equally often. */
gboolean attune_variant_bag_is_even (GHashTable *bag);

/* Whether both have the same numbers, written in digits or words, with the signs, units and words
 * that belong to them, and the same codes (“I21.9”, “q8h”). @language: (nullable): their code */
gboolean attune_variant_same_amounts (const char *text, const char *made, const char *language);
/* Whether no word has been turned to its opposite: “left” to “right”, “hypo…” to “hyper…”. */
gboolean attune_variant_same_sides (const char *text, const char *made);
/* Whether both have the same active substances and persons, which may be written like any noun. */
gboolean attune_variant_same_substances (const char *text, const char *made);

G_END_DECLS
