/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cells of CSV as RFC 4180 has them.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Appends @text, in quotes where it needs them, after a comma unless the line begins. */
void attune_csv_text (GString *csv, const char *text);
/* Appends @value so that reading it gives the same number; nothing when it is not finite. */
void attune_csv_number (GString *csv, double value);
void attune_csv_end_line (GString *csv);

G_END_DECLS
