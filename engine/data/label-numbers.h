/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers as people write them in a column of labels: which mark divides the fraction and which the
 * thousands, told by the column as a whole; and numbers that are no amounts. Light.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * attune_label_find_decimal:
 * @texts: (array length=n)
 * @clear: (out): %FALSE where they could be meant in two ways: "1.200" and "2.400" alone, or "0,5"
 * beside "0.5"
 *
 * Looks at those that look like numbers. A mark with other than three digits behind it divides a
 * fraction; one that comes several times, or before another one, thousands. Where all that have it
 * have three digits behind it, others without it and below a thousand say that it divides
 * thousands, and others above that it does not. Returns: '.' or ','. Pure.
 */
char attune_label_find_decimal (const char *const *texts, guint n, gboolean *clear);

/* Whether @text is one number. @decimal: '.' or ',', and the other one divides thousands where it
 * is in their places; 0: either divides the fraction, where the other is not there (so were data
 * read that do not say). */
gboolean attune_label_parse_number (char decimal, const char *text, double *number);

/* Whether numbers are marks of something ("042", "250.00" beside "401.9", a few of many that there
 * could be, again and again) and not amounts. @counts: how many records have each. Texts that are
 * no number are passed over. */
gboolean attune_label_are_codes (char decimal, const char *const *texts, const guint64 *counts,
                                 guint n);

/* Whether some are whole numbers with commas between them, as lists are written, and not fractions:
 * ascending, none from 0 on, and some number is there alone, too, or behind a space. */
gboolean attune_label_are_lists (const char *const *texts, guint n);

G_END_DECLS
