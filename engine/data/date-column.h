/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the dates of one column are written, as all of them together show it: 3/4/2024 alone could be
 * two days, 15/4/2024 above it says which. Private to data/.
 */
#pragma once
#include "data/date.h"
#include "store/store.h"

G_BEGIN_DECLS

/* How a text was read that does not say it by itself. */
typedef enum
{
  /* as AttuneDateOrder */
  ATTUNE_DATE_READ_DAY_FIRST,
  ATTUNE_DATE_READ_MONTH_FIRST,
  ATTUNE_DATE_READ_YEAR_FIRST,
  ATTUNE_DATE_READ_SECONDS, /* since 1970 */
  ATTUNE_DATE_READ_MILLISECONDS,
  ATTUNE_N_DATE_READINGS,
  ATTUNE_DATE_READ_AS_IT_IS = ATTUNE_N_DATE_READINGS,
} AttuneDateReading;

/* As reports call it: "day_first". */
const char *attune_date_reading_get_name (AttuneDateReading reading);

/* All zeros: nothing has been looked at. */
typedef struct
{
  guint64 n, n_seconds, n_milliseconds; /* texts that are not empty; those that could be such */
  /* by the orders in which a text is a date, bits */
  guint64 n_texts[1 << ATTUNE_N_DATE_ORDERS];
  /* of those where each number could be a year of two digits: which values, up to 31, are first and
   * last; bits */
  guint32 first, last;
} AttuneDateColumn;

/* @text: one of the column, may be empty. */
void attune_date_column_look (AttuneDateColumn *self, const char *text);
/**
 * attune_date_column_read:
 * @text: one of those that were looked at
 * @reading: (out): how it was read
 *
 * Three numbers are read in the one order that the column shows: so that at least a twentieth of
 * such texts are a date in it and not in another, and ten times as many as are one only there. One
 * typing error shows nothing. Days are told from years of two digits, too, by how many there are of
 * them. Where no order is shown, only what all that make a date agree on is read. A number is a
 * time where nine of ten texts of the column are such numbers.
 *
 * Returns: its day as attune_date_parse() has it, or 0
 */
guint32 attune_date_column_read (const AttuneDateColumn *self, const char *text,
                                 AttuneDateReading *reading);

/* Looks at the dates of @n imported rows. Returns: (transfer full): an AttuneDateColumn for each
 * source, by its number. Blocks. */
GArray *attune_date_columns_read (AttuneStore *store, gint64 n, GError **error);

G_END_DECLS
