/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Progress lines.
 */
#include "progress.h"

#include "job/json.h"
#include "output.h"

#include <stdio.h>
#include <unistd.h>

#define REDRAW_US (100 * 1000) /* on a terminal and in a window: ten times a second is smooth */
#define PLAIN_LONG_US (10 * G_USEC_PER_SEC) /* elsewhere: a line every ten seconds, … */
#define PLAIN_SHORT_US                                                                             \
  (2 * G_USEC_PER_SEC) /* … or every two, where that is a twentieth of the work */
#define PLAIN_FRACTION 0.05

void
attune_progress_line_clear (AttuneProgressLine *self)
{
  if (self->on_screen)
    g_printerr ("\r\033[K");
  self->on_screen = FALSE;
}

static gboolean
is_due (const AttuneProgressLine *self, gboolean terminal, gint64 now, double fraction)
{
  const gint64 waited = now - MAX (self->shown, self->started);

  if (attune_output_is_json ())
    return self->shown == 0 || waited >= REDRAW_US;
  if (terminal)
    return self->shown == 0 || waited >= REDRAW_US || fraction >= 1;
  return waited >= PLAIN_LONG_US
         || (waited >= PLAIN_SHORT_US && fraction - self->shown_fraction >= PLAIN_FRACTION);
}

static void
show_json (double fraction, double left, const char *text)
{
  g_autofree char *what = attune_format_line (text, 0);
  JsonObject *object = json_object_new ();

  attune_json_set_double (object, "progress", fraction);
  json_object_set_string_member (object, "what", what);
  attune_json_set_double (object, "seconds_left", left >= 0 ? left : NAN);
  attune_output_json_aside (object);
}

void
attune_progress_line_show (AttuneProgressLine *self, double fraction, double left, const char *text)
{
  const gboolean terminal = isatty (STDERR_FILENO);
  const gint64 now = g_get_monotonic_time ();
  g_autofree char *time = NULL, *whole = NULL, *line = NULL;

  fraction = CLAMP (fraction, 0, 1);
  if (!is_due (self, terminal, now, fraction))
    return;
  self->shown = now;
  self->shown_fraction = fraction;
  if (attune_output_is_json ())
    {
      show_json (fraction, left, text);
      return;
    }

  if (left >= 0)
    {
      g_autofree char *duration = attune_format_seconds (left);

      time = g_strdup_printf (", %s left", duration);
    }
  whole = g_strdup_printf ("%3.0f %%  %s%s", fraction * 100, text, time != NULL ? time : "");
  line = attune_format_line (whole, terminal ? attune_output_get_width () - 1 : 0);
  if (terminal)
    g_printerr ("\r%s\033[K", line);
  else
    g_printerr ("%s\n", line);
  self->on_screen = terminal;
}

void
attune_progress_line_report (gpointer line, double fraction, const char *what)
{
  AttuneProgressLine *self = line;
  const double spent = (g_get_monotonic_time () - self->started) / 1e6;

  /* The first moments say nothing of the rest. */
  attune_progress_line_show (self, fraction,
                             fraction > 0.03 && spent > 1 ? spent / fraction - spent : -1,
                             what != NULL ? what : self->title);
}
