/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lays out rows with names.
 */
#include "charts/rows.h"
#include <glib/gi18n.h>
#include <math.h>

#define NAMES_SHARE 0.4
#define NAME_ABOVE 1.2 /* lines */

static gboolean
names_above (AttuneCanvas *canvas, GPtrArray *names)
{
  return attune_canvas_widest (canvas, names, ATTUNE_TEXT_PLAIN, 1) > NAMES_SHARE * canvas->width;
}

/* Rows of several marks lie further apart than their marks do. */
static double
gap_between (AttuneCanvas *canvas, double natural)
{
  return MAX (0.4 * canvas->line, 0.32 * natural);
}

double
attune_rows_natural_height (AttuneCanvas *canvas, GPtrArray *names, double natural)
{
  const double row = names_above (canvas, names) ? NAME_ABOVE * canvas->line + natural
                                                 : MAX (natural, 1.3 * canvas->line);

  return names->len * (row + gap_between (canvas, natural));
}

void
attune_rows_layout (AttuneRows *self, AttuneCanvas *canvas, GPtrArray *names, double top,
                    double bottom, double least, double natural)
{
  const double height = MAX (canvas->height - top - bottom, 1);
  const double gap = gap_between (canvas, natural);
  double name, lowest;

  *self = (AttuneRows) { .top = top, .n = names->len, .above = names_above (canvas, names) };
  if (!self->above)
    self->names_width
        = attune_canvas_widest (canvas, names, ATTUNE_TEXT_PLAIN, NAMES_SHARE) + 0.6 * canvas->line;
  name = self->above ? NAME_ABOVE * canvas->line : 0;
  lowest = name + MAX (least, self->above ? 0 : 1.1 * canvas->line);
  self->shown = self->n;
  if (self->n * lowest > height)
    self->shown = (guint) MAX ((height - 1.2 * canvas->line) / lowest, 1);
  self->row = CLAMP (height / MAX (self->shown, 1), lowest,
                     (name + MAX (natural, self->above ? 0 : 1.3 * canvas->line) + gap) * 1.4);
  self->content = CLAMP (self->row - name - gap, least, natural * 1.3);
}

void
attune_rows_draw_names (AttuneRows *self, AttuneCanvas *canvas, GPtrArray *names)
{
  for (guint i = 0; i < self->shown; i++)
    {
      const char *name = g_ptr_array_index (names, i);

      if (self->above)
        attune_canvas_text (canvas, name, ATTUNE_TEXT_PLAIN, canvas->style->text, 1,
                            attune_rows_middle (self, canvas, i) - self->content / 2
                                - 0.1 * canvas->line,
                            0, 1, canvas->width - 2);
      else
        attune_canvas_text (canvas, name, ATTUNE_TEXT_PLAIN, canvas->style->text,
                            self->names_width - 0.6 * canvas->line,
                            attune_rows_middle (self, canvas, i), 1, 0.5,
                            NAMES_SHARE * canvas->width);
    }
  if (self->shown < self->n)
    {
      const guint more = self->n - self->shown;
      g_autofree char *text = g_strdup_printf (ngettext ("and %u more", "and %u more", more), more);

      attune_canvas_text (canvas, text, ATTUNE_TEXT_SMALL, canvas->style->muted,
                          self->above ? 1 : self->names_width,
                          self->top + self->shown * self->row + 0.1 * canvas->line, 0, 0,
                          canvas->width - self->names_width - 1);
    }
}

double
attune_rows_middle (const AttuneRows *self, AttuneCanvas *canvas, guint i)
{
  const double name = self->above ? NAME_ABOVE * canvas->line : 0;

  return self->top + i * self->row + name + (self->row - name) / 2;
}

int
attune_rows_at (const AttuneRows *self, double y)
{
  const double i = floor ((y - self->top) / self->row);

  return i >= 0 && i < self->shown ? (int) i : -1;
}
