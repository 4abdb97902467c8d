/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dates as people write them, for a split by time. Private to data/.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * attune_date_parse:
 * @text: "2024-03-15", with a time or without the day; "20240315", "15.3.2024", "15.03.24",
 * "15. März 2024", "March 15, 2024", "Fri, 15 Mar 2024 10:00"; "15/3/2024" and "3/15/2024", where
 * only one reading is a date
 *
 * Returns: its day, counted from 1 January of the year 1; 0 where it is none, or could be two
 */
guint32 attune_date_parse (const char *text);
/* "2024-03-15". (transfer full) */
char *attune_date_to_text (guint32 day);

G_END_DECLS
