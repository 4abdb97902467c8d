/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dates of records: from when to when they are, and from when on the newest tenth is, so that a
 * person can choose a day to split at. Private to data/.
 */
#pragma once
#include "data/date-column.h"
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct _AttuneTimeline AttuneTimeline;

AttuneTimeline *attune_timeline_new (void);
void attune_timeline_free (AttuneTimeline *self);
/* @day: of a record, 0: none that can be read; @reading: how it was read; @text: it, may be empty
 */
void attune_timeline_add (AttuneTimeline *self, guint32 day, AttuneDateReading reading,
                          const char *text);
/* Whether any date was read. */
gboolean attune_timeline_has_dates (const AttuneTimeline *self);
/* Of the days there are: there must be one. Returns: (transfer full). */
char *attune_timeline_get_first (const AttuneTimeline *self);
char *attune_timeline_get_last (const AttuneTimeline *self);
/* Adds "dates" to @report, where records have some: "first", "last", "unread", "newest_tenth" where
 * the last day has no more than a tenth of them, and how many were read in a way that only others
 * of their column show: "day_first", "month_first", "year_first", "seconds", "milliseconds". */
void attune_timeline_report (const AttuneTimeline *self, JsonObject *report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTimeline, attune_timeline_free)

G_END_DECLS
