/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys tell which series is which: in the legend and in the bubble.
 */
#include "charts/canvas.h"
#include <math.h>

static void
key_clear (gpointer data)
{
  AttuneKey *key = data;

  g_clear_pointer (&key->name, g_free);
  g_clear_pointer (&key->value, g_free);
}

GArray *
attune_keys_new (void)
{
  GArray *keys = g_array_new (FALSE, TRUE, sizeof (AttuneKey));

  g_array_set_clear_func (keys, key_clear);
  return keys;
}

AttuneKey *
attune_keys_add (GArray *keys, char *name, char *value, AttuneColor color, AttuneKeyShape shape)
{
  const AttuneKey key = { .name = name, .value = value, .color = color, .shape = shape };

  g_array_append_val (keys, key);
  return &g_array_index (keys, AttuneKey, keys->len - 1);
}

void
attune_canvas_mark (AttuneCanvas *self, AttuneKeyShape shape, AttuneColor color, double x, double y,
                    double radius)
{
  if (self->cr == NULL)
    return;
  cairo_new_path (self->cr);
  if (shape == ATTUNE_KEY_DIAMOND)
    {
      cairo_move_to (self->cr, x, y - radius * 1.2);
      cairo_line_to (self->cr, x + radius * 1.2, y);
      cairo_line_to (self->cr, x, y + radius * 1.2);
      cairo_line_to (self->cr, x - radius * 1.2, y);
      cairo_close_path (self->cr);
    }
  else
    cairo_arc (self->cr, x, y, radius, 0, 2 * G_PI);
  /* A rim in the background's colour sets the mark off from what it lies on. */
  cairo_set_dash (self->cr, NULL, 0, 0);
  cairo_set_line_join (self->cr, CAIRO_LINE_JOIN_ROUND);
  attune_canvas_set_color (self, self->style->background);
  cairo_set_line_width (self->cr, 3 * self->unit);
  cairo_stroke_preserve (self->cr);
  if (shape == ATTUNE_KEY_RING)
    {
      cairo_fill_preserve (self->cr);
      attune_canvas_set_color (self, color);
      cairo_set_line_width (self->cr, 2 * self->unit);
      cairo_stroke (self->cr);
      return;
    }
  attune_canvas_set_color (self, color);
  cairo_fill (self->cr);
}

static double
symbol_width (AttuneCanvas *self, const AttuneKey *key)
{
  switch (key->shape)
    {
    case ATTUNE_KEY_LINE:
      return 1.3 * self->line;
    case ATTUNE_KEY_NONE:
      return 0;
    case ATTUNE_KEY_AREA:
    case ATTUNE_KEY_HATCH:
    case ATTUNE_KEY_DOT:
    case ATTUNE_KEY_RING:
    case ATTUNE_KEY_DIAMOND:
    default:
      return 0.65 * self->line;
    }
}

/* The symbol with its middle at height @y. */
static void
draw_symbol (AttuneCanvas *self, const AttuneKey *key, double x, double y)
{
  const double width = symbol_width (self, key);

  if (self->cr == NULL || key->shape == ATTUNE_KEY_NONE)
    return;
  switch (key->shape)
    {
    case ATTUNE_KEY_LINE:
      attune_canvas_set_color (self, key->color);
      attune_canvas_dash (self, key->dash);
      cairo_set_line_width (self->cr, 2 * self->unit);
      cairo_set_line_cap (self->cr, CAIRO_LINE_CAP_BUTT);
      cairo_move_to (self->cr, x, y);
      cairo_line_to (self->cr, x + width, y);
      cairo_stroke (self->cr);
      cairo_set_dash (self->cr, NULL, 0, 0);
      break;
    case ATTUNE_KEY_AREA:
    case ATTUNE_KEY_HATCH:
      attune_canvas_rounded (self, x, y - width / 2, width, width, 2.5 * self->unit);
      if (key->shape == ATTUNE_KEY_HATCH)
        {
          attune_canvas_hatch (self, key->color);
          break;
        }
      attune_canvas_set_color (self, key->color);
      cairo_fill (self->cr);
      break;
    case ATTUNE_KEY_DOT:
    case ATTUNE_KEY_RING:
    case ATTUNE_KEY_DIAMOND:
    case ATTUNE_KEY_NONE:
    default:
      attune_canvas_mark (self, key->shape, key->color, x + width / 2, y, 4 * self->unit);
    }
}

double
attune_canvas_legend (AttuneCanvas *self, GArray *keys, double x, double y, double width,
                      gboolean draw)
{
  const double gap = 0.35 * self->line, between = 1.1 * self->line, row = 1.3 * self->line;
  double at = 0, top = 0;

  if (keys->len == 0)
    return 0;
  for (guint i = 0; i < keys->len; i++)
    {
      const AttuneKey *key = &g_array_index (keys, AttuneKey, i);
      const double symbol = symbol_width (self, key) + gap;
      double name, value = 0;

      if (key->value != NULL)
        attune_canvas_measure (self, key->value, ATTUNE_TEXT_PLAIN, 0, &value, NULL);
      attune_canvas_measure (self, key->name, ATTUNE_TEXT_PLAIN,
                             MAX (width - symbol - value - gap, 1), &name, NULL);
      if (at > 0 && at + symbol + name + (value > 0 ? gap + value : 0) > width)
        at = 0, top += row;
      if (draw)
        {
          const double middle = y + top + row / 2;

          /* A line beneath takes no width, so that nothing moves with the pointer. */
          if (key->strong)
            attune_canvas_rule (self, self->style->text, x + at, y + top + row - self->unit,
                                x + at + symbol + name + (value > 0 ? gap + value : 0),
                                y + top + row - self->unit);
          draw_symbol (self, key, x + at, middle);
          attune_canvas_text (self, key->name, ATTUNE_TEXT_PLAIN,
                              key->value != NULL ? self->style->muted : self->style->text,
                              x + at + symbol, middle, 0, 0.5, name + 1);
          if (key->value != NULL)
            attune_canvas_text (self, key->value, ATTUNE_TEXT_PLAIN, self->style->text,
                                x + at + symbol + name + gap, middle, 0, 0.5, 0);
        }
      at += symbol + name + (value > 0 ? gap + value : 0) + between;
    }
  return top + row;
}

static void
bubble_box (AttuneCanvas *self, double x, double y, double width, double height)
{
  const double r = 0.5 * self->line;

  /* A soft shadow of three widening rims; gradients would make SVG and PDF heavy. */
  for (int i = 3; i >= 1 && !self->style->high_contrast; i--)
    {
      attune_canvas_rounded (self, x - i, y - i + 1, width + 2 * i, height + 2 * i, r + i);
      cairo_set_source_rgba (self->cr, 0, 0, 0, 0.05);
      cairo_fill (self->cr);
    }
  attune_canvas_rounded (self, x, y, width, height, r);
  attune_canvas_set_color (self, self->style->bubble);
  cairo_fill_preserve (self->cr);
  attune_canvas_set_color (self,
                           self->style->high_contrast ? self->style->text : self->style->grid);
  cairo_set_line_width (self->cr, 1);
  cairo_stroke (self->cr);
}

static AttuneTextFlags
name_flags (const AttuneKey *key)
{
  return key->strong ? ATTUNE_TEXT_BOLD : ATTUNE_TEXT_PLAIN;
}

void
attune_canvas_bubble (AttuneCanvas *self, double x, double y, const char *title, GArray *keys)
{
  const double pad = 0.5 * self->line, gap = 0.45 * self->line, row = 1.25 * self->line;
  const double away = 0.8 * self->line;
  const double most = MAX (self->width - 2 * pad - 8, 1);
  double names = 0, values = 0, symbols = 0, head = 0, width, height, left, top;

  if (self->cr == NULL)
    return;
  if (title != NULL)
    attune_canvas_measure (self, title, ATTUNE_TEXT_BOLD, most, &head, NULL);
  for (guint i = 0; i < keys->len; i++)
    {
      const AttuneKey *key = &g_array_index (keys, AttuneKey, i);
      double w;

      symbols = MAX (symbols, symbol_width (self, key));
      if (key->value != NULL)
        {
          attune_canvas_measure (self, key->value, ATTUNE_TEXT_PLAIN, 0, &w, NULL);
          values = MAX (values, w);
        }
    }
  symbols += symbols > 0 ? gap : 0;
  for (guint i = 0; i < keys->len; i++)
    {
      const AttuneKey *key = &g_array_index (keys, AttuneKey, i);
      double w;

      attune_canvas_measure (self, key->name, name_flags (key),
                             MAX (most - symbols - values - 1.5 * gap, 1), &w, NULL);
      names = MAX (names, w);
    }
  width = MAX (head, symbols + names + (values > 0 ? 1.5 * gap + values : 0)) + 2 * pad;
  height = row * (keys->len + (title != NULL)) + 1.2 * pad;
  /* Beside the point, on the side with more room, never over it if that can be helped. */
  left = x + away + width <= self->width - 4 || x < self->width / 2 ? x + away : x - away - width;
  left = CLAMP (left, 4, MAX (self->width - width - 4, 4));
  /* Above the point rather than below, where a curve has yet to go. */
  top = y - height - away >= 4 ? y - height - away : y + away;
  top = CLAMP (top, 4, MAX (self->height - height - 4, 4));
  bubble_box (self, left, top, width, height);
  top += 0.6 * pad + row / 2;
  if (title != NULL)
    {
      attune_canvas_text (self, title, ATTUNE_TEXT_BOLD, self->style->text, left + pad, top, 0, 0.5,
                          most);
      top += row;
    }
  for (guint i = 0; i < keys->len; i++, top += row)
    {
      const AttuneKey *key = &g_array_index (keys, AttuneKey, i);

      draw_symbol (self, key, left + pad, top);
      attune_canvas_text (self, key->name, name_flags (key), self->style->text,
                          left + pad + symbols, top, 0, 0.5, names + 1);
      if (key->value != NULL)
        attune_canvas_text (self, key->value, ATTUNE_TEXT_PLAIN, self->style->text,
                            left + width - pad, top, 1, 0.5, 0);
    }
}
