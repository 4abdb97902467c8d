/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One pass over the dates, before they are read.
 */
#include "data/date-column.h"

#include "data/dataset-private.h"

#define ALL_ORDERS ((1u << ATTUNE_N_DATE_ORDERS) - 1)
#define MILLI 1000

const char *
attune_date_reading_get_name (AttuneDateReading reading)
{
  static const char *const names[ATTUNE_N_DATE_READINGS]
      = { "day_first", "month_first", "year_first", "seconds", "milliseconds" };

  return reading < ATTUNE_N_DATE_READINGS ? names[reading] : "as_it_is";
}

void
attune_date_column_look (AttuneDateColumn *self, const char *text)
{
  guint32 readings[ATTUNE_N_DATE_ORDERS];

  if (text[strspn (text, " \t")] == '\0')
    return;
  self->n++;
  self->n_seconds += attune_date_of_stamp (text, 1) != 0;
  self->n_milliseconds += attune_date_of_stamp (text, MILLI) != 0;
  if (!attune_date_read_orders (text, readings))
    return;
  for (int i = 0; i < ATTUNE_N_DATE_ORDERS; i++)
    if (readings[i] == 0)
      self->excluded |= 1u << i;
}

/* The one order that is left, or ATTUNE_N_DATE_ORDERS. */
static AttuneDateOrder
only_order (const AttuneDateColumn *self)
{
  for (int i = 0; i < ATTUNE_N_DATE_ORDERS; i++)
    if ((ALL_ORDERS & ~self->excluded) == 1u << i)
      return i;
  return ATTUNE_N_DATE_ORDERS;
}

guint32
attune_date_column_read (const AttuneDateColumn *self, const char *text, AttuneDateReading *reading)
{
  const AttuneDateOrder order = only_order (self);
  guint32 readings[ATTUNE_N_DATE_ORDERS], day = attune_date_parse (text);

  *reading = ATTUNE_DATE_READ_AS_IT_IS;
  if (day != 0)
    return day;
  if (order < ATTUNE_N_DATE_ORDERS && attune_date_read_orders (text, readings))
    {
      *reading = (AttuneDateReading) order;
      return readings[order];
    }
  if (self->n > 0 && self->n_seconds == self->n)
    *reading = ATTUNE_DATE_READ_SECONDS;
  else if (self->n > 0 && self->n_milliseconds == self->n)
    *reading = ATTUNE_DATE_READ_MILLISECONDS;
  else
    return 0;
  return attune_date_of_stamp (text, *reading == ATTUNE_DATE_READ_SECONDS ? 1 : MILLI);
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
