/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How many records there are of each day.
 */
#include "data/timeline.h"

#include "data/date.h"

struct _AttuneTimeline
{
  GTree *days; /* day -> records of it */
  guint64 n, n_unread, readings[ATTUNE_N_DATE_READINGS];
};

static int
compare_days (gconstpointer a, gconstpointer b, gpointer data)
{
  return (GPOINTER_TO_UINT (a) > GPOINTER_TO_UINT (b))
         - (GPOINTER_TO_UINT (a) < GPOINTER_TO_UINT (b));
}

AttuneTimeline *
attune_timeline_new (void)
{
  AttuneTimeline *self = g_new0 (AttuneTimeline, 1);

  self->days = g_tree_new_full (compare_days, NULL, NULL, NULL);
  return self;
}

void
attune_timeline_free (AttuneTimeline *self)
{
  if (self == NULL)
    return;
  g_tree_unref (self->days);
  g_free (self);
}

void
attune_timeline_add (AttuneTimeline *self, guint32 day, AttuneDateReading reading, const char *text)
{
  const gsize n = GPOINTER_TO_SIZE (g_tree_lookup (self->days, GUINT_TO_POINTER (day)));

  if (day == 0)
    {
      self->n_unread += *text != '\0';
      return;
    }
  self->n++;
  if (reading < ATTUNE_N_DATE_READINGS)
    self->readings[reading]++;
  g_tree_insert (self->days, GUINT_TO_POINTER (day), GSIZE_TO_POINTER (n + 1));
}

char *
attune_timeline_get_first (const AttuneTimeline *self)
{
  return attune_date_to_text (GPOINTER_TO_UINT (g_tree_node_key (g_tree_node_first (self->days))));
}

char *
attune_timeline_get_last (const AttuneTimeline *self)
{
  return attune_date_to_text (GPOINTER_TO_UINT (g_tree_node_key (g_tree_node_last (self->days))));
}

gboolean
attune_timeline_has_dates (const AttuneTimeline *self)
{
  return self->n > 0;
}

/* The day from which on there are no more than a tenth of the records; 0 where the last has more.
 */
static guint32
newest_tenth (const AttuneTimeline *self)
{
  GTreeNode *node = g_tree_node_last (self->days);
  guint32 day = 0;
  guint64 n = 0;

  for (; node != NULL; node = g_tree_node_previous (node))
    {
      n += GPOINTER_TO_SIZE (g_tree_node_value (node));
      if (n > self->n / 10)
        break;
      day = GPOINTER_TO_UINT (g_tree_node_key (node));
    }
  return day;
}

static void
set_day (JsonObject *object, const char *name, guint32 day)
{
  g_autofree char *text = attune_date_to_text (day);

  json_object_set_string_member (object, name, text);
}

void
attune_timeline_report (const AttuneTimeline *self, JsonObject *report)
{
  JsonObject *dates;

  if (self->n == 0)
    return; /* what was taken for dates is none; who splits by them is told */
  dates = json_object_new ();
  json_object_set_int_member (dates, "unread", self->n_unread);
  set_day (dates, "first", GPOINTER_TO_UINT (g_tree_node_key (g_tree_node_first (self->days))));
  set_day (dates, "last", GPOINTER_TO_UINT (g_tree_node_key (g_tree_node_last (self->days))));
  if (newest_tenth (self) > 0)
    set_day (dates, "newest_tenth", newest_tenth (self));
  for (int i = 0; i < ATTUNE_N_DATE_READINGS; i++)
    if (self->readings[i] > 0)
      json_object_set_int_member (dates, attune_date_reading_get_name (i), self->readings[i]);
  json_object_set_object_member (report, "dates", dates);
}
