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
 * only one reading is a date; as programs write: "20240315101500", "2024:03:15 10:15:00",
 * "15/Mar/2024:10:15:00 +0100", "Fri Mar 15 10:15:00 +0000 2024"
 *
 * Returns: its day, counted from 1 January of the year 1; 0 where it is none, or could be two
 */
guint32 attune_date_parse (const char *text);

/* In which order three numbers can be a date. */
typedef enum
{
  ATTUNE_DATE_DAY_FIRST,   /* day, month, year */
  ATTUNE_DATE_MONTH_FIRST, /* month, day, year */
  ATTUNE_DATE_YEAR_FIRST,  /* year, month, day */
  ATTUNE_N_DATE_ORDERS,
} AttuneDateOrder;

/* @readings: (out): of each order, its day as attune_date_parse() has it; 0 where that makes no
 * date. Returns: FALSE where @text is not three numbers of which some order makes a date, or says
 * its order itself, as "15.3.2024" does. */
gboolean attune_date_read_orders (const char *text, guint32 *readings);
/* @text: seconds since 1970, where @per_second is 1; milliseconds, where it is 1000; a fraction may
 * be behind them. Returns: their day (UTC), of the years 1971 to 2099; else 0. */
guint32 attune_date_of_stamp (const char *text, gint64 per_second);

/* "2024-03-15". (transfer full) */
char *attune_date_to_text (guint32 day);

G_END_DECLS
