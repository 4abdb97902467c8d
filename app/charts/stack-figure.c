/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Draws a bar of parts: a line of words above it, the legend below.
 */
#include "charts/stack-figure.h"
#include "charts/canvas.h"
#include "charts/csv-text.h"
#include <glib/gi18n.h>
#include <math.h>

typedef struct
{
  char *name;
  double value;
} Part;

struct _AttuneStackFigure
{
  AttuneFigure parent_instance;

  AttuneUnit unit;
  GArray *parts; /* of Part */
  double limit;
  char *limit_name;
};

G_DEFINE_FINAL_TYPE (AttuneStackFigure, attune_stack_figure, ATTUNE_TYPE_FIGURE)

typedef struct
{
  double y, height; /* of the bar */
  double whole;     /* value at the bar's end */
  double legend;    /* where the legend begins */
} Layout;

static void
part_clear (gpointer data)
{
  g_clear_pointer (&((Part *) data)->name, g_free);
}

static const Part *
part (AttuneStackFigure *self, guint i)
{
  return &g_array_index (self->parts, Part, i);
}

static double
total (AttuneStackFigure *self)
{
  double sum = 0;

  for (guint i = 0; i < self->parts->len; i++)
    sum += part (self, i)->value;
  return sum;
}

AttuneStackFigure *
attune_stack_figure_new (AttuneUnit unit)
{
  AttuneStackFigure *self = g_object_new (ATTUNE_TYPE_STACK_FIGURE, NULL);

  self->unit = unit;
  return self;
}

void
attune_stack_figure_add_part (AttuneStackFigure *self, const char *name, double value)
{
  Part new_part = { .value = value };

  g_return_if_fail (ATTUNE_IS_STACK_FIGURE (self) && name != NULL);
  g_return_if_fail (value >= 0 && isfinite (value));

  new_part.name = g_strdup (name);
  g_array_append_val (self->parts, new_part);
  attune_figure_changed (ATTUNE_FIGURE (self));
}

void
attune_stack_figure_clear (AttuneStackFigure *self)
{
  g_return_if_fail (ATTUNE_IS_STACK_FIGURE (self));

  g_array_set_size (self->parts, 0);
  attune_figure_changed (ATTUNE_FIGURE (self));
}

void
attune_stack_figure_set_limit (AttuneStackFigure *self, double limit, const char *name)
{
  g_return_if_fail (ATTUNE_IS_STACK_FIGURE (self));
  g_return_if_fail (!(limit < 0));

  self->limit = limit;
  g_set_str (&self->limit_name, name);
  attune_figure_changed (ATTUNE_FIGURE (self));
}

/* "9.6 GB of 24.0 GB" or, beyond the limit, "27.1 GB: 3.1 GB more than there is" */
static char *
total_text (AttuneStackFigure *self)
{
  const double sum = total (self);
  g_autofree char *all = attune_number_format (sum, self->unit, 0);
  g_autofree char *limit = attune_number_format (self->limit, self->unit, 0);
  g_autofree char *over = attune_number_format (sum - self->limit, self->unit, 0);

  if (isnan (self->limit))
    return g_steal_pointer (&all);
  if (sum > self->limit)
    /* Translators: needed, available, too much: "27.1 GB of 24.0 GB: 3.1 GB too much" */
    return g_strdup_printf (_ ("%s of %s: %s too much"), all, limit, over);
  return g_strdup_printf (_ ("%s of %s"), all, limit);
}

static AttuneColor
part_color (const AttuneFigureStyle *style, guint i)
{
  AttuneColor color = style->series[i % ATTUNE_PALETTE_LENGTH];

  /* Beyond the palette the colours come again, paler each time. */
  for (guint round = i / ATTUNE_PALETTE_LENGTH; round > 0; round--)
    color = attune_color_mix (color, style->background, 0.4);
  return color;
}

static AttuneColor
free_color (const AttuneFigureStyle *style)
{
  return attune_color_fade (style->grid, style->high_contrast ? 0.3 : 0.14);
}

static GArray *
legend_keys (AttuneStackFigure *self, const AttuneFigureStyle *style)
{
  GArray *keys = attune_keys_new ();

  for (guint i = 0; i < self->parts->len; i++)
    attune_keys_add (keys, g_strdup (part (self, i)->name),
                     attune_number_format (part (self, i)->value, self->unit, 0),
                     part_color (style, i), ATTUNE_KEY_AREA);
  if (total (self) < self->limit)
    attune_keys_add (keys, g_strdup (_ ("Free")),
                     attune_number_format (self->limit - total (self), self->unit, 0),
                     free_color (style), ATTUNE_KEY_AREA);
  return keys;
}

static Layout
layout (AttuneStackFigure *self, AttuneCanvas *canvas)
{
  g_autoptr (GArray) keys = legend_keys (self, canvas->style);
  const double sum = total (self), above = 1.5 * canvas->line;
  const double legend = attune_canvas_legend (canvas, keys, 0, 0, canvas->width, FALSE);
  const double left = canvas->height - above - legend - 0.5 * canvas->line;
  const double height = CLAMP (left, 0.8 * canvas->line, 2 * canvas->line);

  return (Layout) { above, height, MAX (sum, isnan (self->limit) ? sum : self->limit),
                    above + height + 0.5 * canvas->line };
}

static void
draw_head (AttuneStackFigure *self, AttuneCanvas *canvas)
{
  g_autofree char *text = total_text (self);
  const gboolean over = total (self) > self->limit;
  double width;

  attune_canvas_measure (canvas, text, ATTUNE_TEXT_BOLD, canvas->width - 2, &width, NULL);
  attune_canvas_text (canvas, text, ATTUNE_TEXT_BOLD,
                      over ? canvas->style->warning : canvas->style->text, 1, 0, 0, 0,
                      canvas->width - 2);
  if (self->limit_name != NULL && canvas->width - width > 6 * canvas->line)
    attune_canvas_text (canvas, self->limit_name, ATTUNE_TEXT_PLAIN, canvas->style->muted,
                        canvas->width - 1, 0, 1, 0, canvas->width - width - canvas->line);
}

static void
draw_bar (AttuneStackFigure *self, AttuneCanvas *canvas, const Layout *plot, AttuneCursor cursor)
{
  const AttuneFigureStyle *style = canvas->style;
  const double scale = plot->whole > 0 ? canvas->width / plot->whole : 0;
  const double gap = 1.5 * canvas->unit;
  double at = 0, over;

  cairo_save (canvas->cr);
  attune_canvas_rounded (canvas, 0, plot->y, canvas->width, plot->height, 0.35 * canvas->line);
  cairo_clip (canvas->cr);
  attune_canvas_set_color (canvas, free_color (style));
  cairo_paint (canvas->cr);
  for (guint i = 0; i < self->parts->len; i++)
    {
      const double width = part (self, i)->value * scale;
      AttuneColor color = part_color (style, i);

      if (cursor.index >= 0 && cursor.index != (int) i)
        color = attune_color_mix (color, style->background, 0.55);
      attune_canvas_set_color (canvas, color);
      cairo_rectangle (canvas->cr, at, plot->y, width > 3 * gap ? width - gap : width,
                       plot->height);
      cairo_fill (canvas->cr);
      at += width;
    }
  over = self->limit * scale;
  if (total (self) > self->limit)
    {
      cairo_rectangle (canvas->cr, over, plot->y, canvas->width - over, plot->height);
      attune_canvas_set_color (canvas, attune_color_fade (style->background, 0.45));
      cairo_fill_preserve (canvas->cr);
      attune_canvas_hatch (canvas, style->warning);
      cairo_new_path (canvas->cr);
    }
  cairo_restore (canvas->cr);
  if (total (self) > self->limit)
    {
      attune_canvas_set_color (canvas, style->warning);
      cairo_rectangle (canvas->cr, over - canvas->unit, plot->y - 0.2 * canvas->line,
                       2 * canvas->unit, plot->height + 0.4 * canvas->line);
      cairo_fill (canvas->cr);
    }
}

static void
attune_stack_figure_draw (AttuneFigure *figure, gpointer data, AttuneCursor cursor)
{
  AttuneStackFigure *self = ATTUNE_STACK_FIGURE (figure);
  AttuneCanvas *canvas = data;
  g_autoptr (GArray) keys = legend_keys (self, canvas->style);
  const Layout plot = layout (self, canvas);

  /* The legend names every part: the one that is looked at is shown there, not in a bubble over it.
   */
  if (cursor.index >= 0)
    g_array_index (keys, AttuneKey, cursor.index).strong = TRUE;
  draw_head (self, canvas);
  draw_bar (self, canvas, &plot, cursor);
  attune_canvas_legend (canvas, keys, 0, plot.legend, canvas->width, TRUE);
}

static AttuneCursor
attune_stack_figure_find (AttuneFigure *figure, gpointer data, double x, double y)
{
  AttuneStackFigure *self = ATTUNE_STACK_FIGURE (figure);
  AttuneCanvas *canvas = data;
  const Layout plot = layout (self, canvas);
  double at = 0;

  if (y < plot.y || y > plot.y + plot.height || x < 0)
    return ATTUNE_CURSOR_NONE;
  for (guint i = 0; i < self->parts->len; i++)
    {
      at += part (self, i)->value / plot.whole * canvas->width;
      if (x < at)
        return (AttuneCursor) { 0, (int) i };
    }
  return ATTUNE_CURSOR_NONE;
}

static char *
attune_stack_figure_describe (AttuneFigure *figure, AttuneCursor cursor)
{
  AttuneStackFigure *self = ATTUNE_STACK_FIGURE (figure);
  const Part *chosen = part (self, cursor.index);
  const double sum = total (self);
  g_autofree char *value = attune_number_format (chosen->value, self->unit, 0);
  g_autofree char *share
      = attune_number_format (sum > 0 ? chosen->value / sum : 0, ATTUNE_UNIT_PERCENT, 0.01);

  /* Translators: "Weights: 3.2 GB, 40% of all" */
  return g_strdup_printf (_ ("%s: %s, %s of all"), chosen->name, value, share);
}

static char *
attune_stack_figure_summarize (AttuneFigure *figure)
{
  AttuneStackFigure *self = ATTUNE_STACK_FIGURE (figure);
  g_autofree char *head = total_text (self);
  GString *text = g_string_new (head);

  g_string_append_c (text, '.');
  for (guint i = 0; i < self->parts->len; i++)
    {
      g_autofree char *value = attune_number_format (part (self, i)->value, self->unit, 0);

      g_string_append_printf (text, " %s: %s.", part (self, i)->name, value);
    }
  return g_string_free (text, FALSE);
}

static void
attune_stack_figure_write_csv (AttuneFigure *figure, GString *csv)
{
  AttuneStackFigure *self = ATTUNE_STACK_FIGURE (figure);

  attune_csv_text (csv, _ ("Name"));
  attune_csv_text (csv, _ ("Value"));
  attune_csv_end_line (csv);
  for (guint i = 0; i < self->parts->len; i++)
    {
      attune_csv_text (csv, part (self, i)->name);
      attune_csv_number (csv, part (self, i)->value);
      attune_csv_end_line (csv);
    }
  if (!isnan (self->limit))
    {
      attune_csv_text (csv, self->limit_name != NULL ? self->limit_name : _ ("Limit"));
      attune_csv_number (csv, self->limit);
      attune_csv_end_line (csv);
    }
}

static double
attune_stack_figure_natural_height (AttuneFigure *figure, gpointer data)
{
  AttuneStackFigure *self = ATTUNE_STACK_FIGURE (figure);
  AttuneCanvas *canvas = data;
  g_autoptr (GArray) keys = legend_keys (self, canvas->style);

  return (1.5 + 1.5 + 0.5) * canvas->line
         + attune_canvas_legend (canvas, keys, 0, 0, canvas->width, FALSE);
}

static int
attune_stack_figure_count_series (AttuneFigure *figure)
{
  return 1;
}

static int
attune_stack_figure_count_items (AttuneFigure *figure, int series)
{
  return (int) ATTUNE_STACK_FIGURE (figure)->parts->len;
}

static void
attune_stack_figure_finalize (GObject *object)
{
  AttuneStackFigure *self = ATTUNE_STACK_FIGURE (object);

  g_clear_pointer (&self->parts, g_array_unref);
  g_clear_pointer (&self->limit_name, g_free);
  G_OBJECT_CLASS (attune_stack_figure_parent_class)->finalize (object);
}

static void
attune_stack_figure_class_init (AttuneStackFigureClass *klass)
{
  AttuneFigureClass *figure_class = ATTUNE_FIGURE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = attune_stack_figure_finalize;
  figure_class->count_series = attune_stack_figure_count_series;
  figure_class->count_items = attune_stack_figure_count_items;
  figure_class->draw = attune_stack_figure_draw;
  figure_class->find = attune_stack_figure_find;
  figure_class->describe = attune_stack_figure_describe;
  figure_class->summarize = attune_stack_figure_summarize;
  figure_class->write_csv = attune_stack_figure_write_csv;
  figure_class->natural_height = attune_stack_figure_natural_height;
}

static void
attune_stack_figure_init (AttuneStackFigure *self)
{
  self->limit = NAN;
  self->parts = g_array_new (FALSE, TRUE, sizeof (Part));
  g_array_set_clear_func (self->parts, part_clear);
}
