/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One pass over the dates, before they are read.
 */
#include "data/date-column.h"

#include "data/dataset-private.h"

#define MILLI 1000
/* One of so many texts has to show an order; and one of so many may say otherwise, by mistake. */
#define LEAST_SHARE 20
#define MOST_ERRORS 10
/* So many values, and so many times as many as years, are days. */
#define LEAST_DAYS 3
#define DAYS_PER_YEAR 2

const char *
attune_date_reading_get_name (AttuneDateReading reading)
{
  static const char *const names[ATTUNE_N_DATE_READINGS]
      = { "day_first", "month_first", "year_first", "seconds", "milliseconds" };

  return reading < ATTUNE_N_DATE_READINGS ? names[reading] : "as_it_is";
}

/* "24-03-05": where there are three orders, the first and the last number are days or years. */
static void
note_values (AttuneDateColumn *self, guint32 year_first)
{
  GDate date;

  g_date_clear (&date, 1);
  g_date_set_julian (&date, year_first);
  self->first |= 1u << g_date_get_year (&date) % 100;
  self->last |= 1u << g_date_get_day (&date);
}

void
attune_date_column_look (AttuneDateColumn *self, const char *text)
{
  guint32 readings[ATTUNE_N_DATE_ORDERS];
  guint orders = 0;

  if (text[strspn (text, " \t")] == '\0')
    return;
  self->n++;
  self->n_seconds += attune_date_of_stamp (text, 1) != 0;
  self->n_milliseconds += attune_date_of_stamp (text, MILLI) != 0;
  if (!attune_date_read_orders (text, readings))
    return;
  for (int i = 0; i < ATTUNE_N_DATE_ORDERS; i++)
    orders |= (readings[i] != 0) << i;
  self->n_texts[orders]++;
  if (readings[ATTUNE_DATE_YEAR_FIRST] != 0 && readings[ATTUNE_DATE_DAY_FIRST] != 0)
    note_values (self, readings[ATTUNE_DATE_YEAR_FIRST]);
}

/* Texts that are a date in @one order and not in @other. */
static guint64
count_only (const AttuneDateColumn *self, AttuneDateOrder one, AttuneDateOrder other)
{
  guint64 n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (self->n_texts); i++)
    if ((i >> one & 1) != 0 && (i >> other & 1) == 0)
      n += self->n_texts[i];
  return n;
}

/* Whether @days are those of days, and @years of years: a column has more days than years. */
static gboolean
are_days (guint32 days, guint32 years)
{
  const int n = __builtin_popcount (days);

  return n >= LEAST_DAYS && n >= DAYS_PER_YEAR * __builtin_popcount (years);
}

/* Whether the column shows that it is @one order and not @other. */
static gboolean
is_rather (const AttuneDateColumn *self, AttuneDateOrder one, AttuneDateOrder other)
{
  const guint64 here = count_only (self, one, other), there = count_only (self, other, one);
  guint64 n = 0;

  if (other == ATTUNE_DATE_YEAR_FIRST && are_days (self->first, self->last))
    return TRUE;
  if (one == ATTUNE_DATE_YEAR_FIRST && are_days (self->last, self->first))
    return TRUE;
  for (guint i = 1; i < G_N_ELEMENTS (self->n_texts); i++)
    n += self->n_texts[i];
  return here > 0 && here * LEAST_SHARE >= n && there * MOST_ERRORS <= here;
}

/* The one order that the column shows, or ATTUNE_N_DATE_ORDERS. */
static AttuneDateOrder
only_order (const AttuneDateColumn *self)
{
  for (int i = 0; i < ATTUNE_N_DATE_ORDERS; i++)
    {
      gboolean shown = TRUE;

      for (int j = 0; j < ATTUNE_N_DATE_ORDERS; j++)
        shown = shown && (i == j || is_rather (self, i, j));
      if (shown)
        return i;
    }
  return ATTUNE_N_DATE_ORDERS;
}

static gboolean
are_nearly_all (const AttuneDateColumn *self, guint64 n)
{
  return n > 0 && (self->n - n) * MOST_ERRORS <= self->n;
}

guint32
attune_date_column_read (const AttuneDateColumn *self, const char *text, AttuneDateReading *reading)
{
  const AttuneDateOrder order = only_order (self);
  guint32 readings[ATTUNE_N_DATE_ORDERS], day = attune_date_parse (text);
  const gboolean open = attune_date_read_orders (text, readings);

  *reading = ATTUNE_DATE_READ_AS_IT_IS;
  if (open && order != ATTUNE_DATE_YEAR_FIRST && order < ATTUNE_N_DATE_ORDERS
      && readings[ATTUNE_DATE_DAY_FIRST] == 0 && readings[ATTUNE_DATE_MONTH_FIRST] == 0)
    return 0; /* "31/02/24" among days is no day of 2031 */
  if (day != 0)
    return day;
  if (order < ATTUNE_N_DATE_ORDERS && open)
    {
      *reading = readings[order] != 0 ? (AttuneDateReading) order : ATTUNE_DATE_READ_AS_IT_IS;
      return readings[order];
    }
  for (int i = ATTUNE_DATE_READ_SECONDS; i <= ATTUNE_DATE_READ_MILLISECONDS; i++)
    if (are_nearly_all (self,
                        i == ATTUNE_DATE_READ_SECONDS ? self->n_seconds : self->n_milliseconds)
        && (day = attune_date_of_stamp (text, i == ATTUNE_DATE_READ_SECONDS ? 1 : MILLI)) != 0)
      {
        *reading = i;
        return day;
      }
  return 0;
}

/* How many rows from @first on have no more text than a block may. -1 with @error. */
static gint64
measure (AttuneStore *store, const char *column, gint64 first, gint64 n, GError **error)
{
  g_autofree gint64 *sizes = NULL;
  gint64 bytes = 0, fit = 0;

  n = MIN (n, ATTUNE_DATASET_BLOCK);
  sizes = g_new0 (gint64, n);
  if (!attune_store_measure_text (store, column, first, n, sizes, error))
    return -1;
  for (; fit < n && (fit == 0 || bytes + sizes[fit] <= ATTUNE_DATASET_BLOCK_BYTES); fit++)
    bytes += sizes[fit];
  return fit;
}

/* Returns: rows that were looked at, or -1. */
static gint64
look_at_block (AttuneStore *store, const char *column, gint64 first, gint64 n, GArray *columns,
               GError **error)
{
  g_auto (GStrv) texts = NULL;
  g_autofree gint32 *sources = NULL;

  if ((n = measure (store, column, first, n, error)) < 0)
    return -1;
  sources = g_new (gint32, n);
  if ((texts = attune_store_get_text (store, column, first, n, error)) == NULL
      || !attune_store_get (store, "raw/source", ATTUNE_STORE_I32, first, n, sources, error))
    return -1;
  for (gint64 i = 0; i < n; i++)
    {
      if (sources[i] < 0 || sources[i] > G_MAXUINT16)
        continue; /* of a damaged file */
      if (columns->len <= (guint) sources[i])
        g_array_set_size (columns, sources[i] + 1);
      attune_date_column_look (&g_array_index (columns, AttuneDateColumn, sources[i]), texts[i]);
    }
  return n;
}

GArray *
attune_date_columns_read (AttuneStore *store, gint64 n, GError **error)
{
  const char *column = attune_dataset_column ("raw", ATTUNE_FIELD_DATE);
  g_autoptr (GArray) columns = g_array_new (FALSE, TRUE, sizeof (AttuneDateColumn));

  for (gint64 first = 0; first < n && attune_store_has (store, column);)
    {
      const gint64 done = look_at_block (store, column, first, n - first, columns, error);

      if (done < 0)
        return NULL;
      first += done;
    }
  return g_steal_pointer (&columns);
}
