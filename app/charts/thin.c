/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keeps first, lowest, highest and last point of each pixel column (Jugel et al. 2014, "M4"): the
 * drawn line is the same as with all points, up to the anti-aliasing.
 */
#include "charts/thin.h"

typedef struct
{
  GArray *out;
  AttunePoint first, low, high, last;
  double column; /* which one is open */
  gboolean open;
} Thinner;

static void
emit (Thinner *self, AttunePoint p)
{
  const AttunePoint *end
      = self->out->len > 0 ? &g_array_index (self->out, AttunePoint, self->out->len - 1) : NULL;

  if (end == NULL || end->x != p.x || !(end->y == p.y))
    g_array_append_val (self->out, p);
}

static void
flush (Thinner *self)
{
  if (!self->open)
    return;
  emit (self, self->first);
  /* in the order in which they came, or the line would run backwards */
  emit (self, self->low.x <= self->high.x ? self->low : self->high);
  emit (self, self->low.x <= self->high.x ? self->high : self->low);
  emit (self, self->last);
  self->open = FALSE;
}

static void
lift (Thinner *self, double x)
{
  flush (self);
  emit (self, (AttunePoint) { x, NAN });
}

static void
add (Thinner *self, AttunePoint p, double column)
{
  if (!self->open || column != self->column)
    {
      flush (self);
      self->first = self->low = self->high = self->last = p;
      self->column = column;
      self->open = TRUE;
      return;
    }
  if (p.y < self->low.y)
    self->low = p;
  if (p.y > self->high.y)
    self->high = p;
  self->last = p;
}

GArray *
attune_thin (const double *x, const double *y, guint n, const AttuneScale *across,
             const AttuneScale *up, double column)
{
  const gboolean dense = n > fabs (across->to - across->from) / column;
  Thinner self = { .out = g_array_new (FALSE, FALSE, sizeof (AttunePoint)) };
  double before = NAN;
  gboolean gap = FALSE;

  g_return_val_if_fail (column > 0, self.out);

  for (guint i = 0; i < n; i++)
    {
      const AttunePoint p = { attune_scale_map (across, x[i]), attune_scale_map (up, y[i]) };

      if (!isfinite (p.x) || !isfinite (p.y))
        {
          gap = TRUE;
          continue;
        }
      if (gap && isfinite (before) && (!dense || fabs (p.x - before) > column))
        lift (&self, before);
      gap = FALSE;
      before = p.x;
      if (dense)
        add (&self, p, floor (p.x / column));
      else
        g_array_append_val (self.out, p);
    }
  flush (&self);
  return self.out;
}

GArray *
attune_thin_band (const double *x, const double *y, guint n, const AttuneScale *across,
                  const AttuneScale *up, double column)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (AttuneColumn));
  AttuneColumn *open = NULL;
  double current = NAN, before = NAN;
  gboolean gap = FALSE;

  g_return_val_if_fail (column > 0, out);

  for (guint i = 0; i < n; i++)
    {
      const double px = attune_scale_map (across, x[i]), py = attune_scale_map (up, y[i]);
      const double at = floor (px / column);

      if (!isfinite (px) || !isfinite (py))
        {
          gap = TRUE;
          continue;
        }
      if (gap && fabs (px - before) > column)
        {
          const AttuneColumn lifted = { before, NAN, NAN };

          g_array_append_val (out, lifted);
          open = NULL;
        }
      gap = FALSE;
      before = px;
      if (open == NULL || at != current)
        {
          const AttuneColumn first = { (at + 0.5) * column, py, py };

          g_array_append_val (out, first);
          open = &g_array_index (out, AttuneColumn, out->len - 1);
          current = at;
        }
      open->top = MIN (open->top, py);
      open->bottom = MAX (open->bottom, py);
    }
  return out;
}
