/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Progress on standard error: one line that is rewritten on a terminal; elsewhere a plain line now
 * and then. In JSON mode an object a line, at most ten a second:
 * {"progress":0.42,"what":"Tuned: answers","seconds_left":12.3}; seconds_left is null where it is
 * not known.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const char *title;     /* "Importing" */
  gint64 started, shown; /* monotonic, µs */
  double shown_fraction;
  gboolean on_screen; /* a line that is to be rewritten stands there */
} AttuneProgressLine;

#define ATTUNE_PROGRESS_LINE(text) { .title = (text), .started = g_get_monotonic_time () }

/* An AttuneProgressFunc; @line: the AttuneProgressLine. @what: (nullable): replaces the title. */
void attune_progress_line_report (gpointer line, double fraction, const char *what);
/* @left: seconds, < 0 where it is not known. */
void attune_progress_line_show (AttuneProgressLine *self, double fraction, double left,
                                const char *text);
/* Takes the line off the screen, before something else is written. */
void attune_progress_line_clear (AttuneProgressLine *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneProgressLine, attune_progress_line_clear)

G_END_DECLS
