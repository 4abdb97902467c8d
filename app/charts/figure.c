/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all figures share: title, empty text, the cursor's way, the frame of drawing.
 */
#include "charts/figure.h"
#include "charts/canvas.h"
#include <glib/gi18n.h>
#include <math.h>

typedef struct
{
  char *title, *empty_text;
} AttuneFigurePrivate;

enum
{
  PROP_TITLE = 1,
  PROP_EMPTY_TEXT,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];
static guint changed_signal;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (AttuneFigure, attune_figure, G_TYPE_OBJECT)

static AttuneFigurePrivate *
priv (AttuneFigure *self)
{
  return attune_figure_get_instance_private (self);
}

static int
count_series (AttuneFigure *self)
{
  return ATTUNE_FIGURE_GET_CLASS (self)->count_series (self);
}

static int
count_items (AttuneFigure *self, int series)
{
  return ATTUNE_FIGURE_GET_CLASS (self)->count_items (self, series);
}

gboolean
attune_figure_is_empty (AttuneFigure *self)
{
  g_return_val_if_fail (ATTUNE_IS_FIGURE (self), TRUE);

  for (int s = 0; s < count_series (self); s++)
    if (count_items (self, s) > 0)
      return FALSE;
  return TRUE;
}

gboolean
attune_figure_has (AttuneFigure *self, AttuneCursor cursor)
{
  g_return_val_if_fail (ATTUNE_IS_FIGURE (self), FALSE);

  return cursor.series >= 0 && cursor.index >= 0 && cursor.series < count_series (self)
         && cursor.index < count_items (self, cursor.series);
}

/* Height that the title takes; the canvas is what remains below it. */
static double
title_height (AttuneFigure *self, AttuneCanvas *canvas)
{
  return canvas->style->show_title && priv (self)->title != NULL ? 1.7 * canvas->line : 0;
}

void
attune_figure_draw (AttuneFigure *self, cairo_t *cr, double width, double height,
                    const AttuneFigureStyle *style, AttuneCursor cursor)
{
  g_auto (AttuneCanvas) canvas = { 0 };
  double top;

  g_return_if_fail (ATTUNE_IS_FIGURE (self));
  g_return_if_fail (cr != NULL && style != NULL);

  if (width < 8 || height < 8)
    return;
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_clip (cr);
  attune_canvas_init (&canvas, cr, width, height, style);
  top = title_height (self, &canvas);
  if (top > 0)
    attune_canvas_text (&canvas, priv (self)->title, ATTUNE_TEXT_BOLD, style->text, 1, 1, 0, 0,
                        width - 2);
  cairo_translate (cr, 0, top);
  canvas.height -= top;
  if (attune_figure_is_empty (self))
    attune_canvas_sentence (&canvas, attune_figure_get_empty_text (self));
  else if (canvas.height >= 8)
    ATTUNE_FIGURE_GET_CLASS (self)->draw (
        self, &canvas, attune_figure_has (self, cursor) ? cursor : ATTUNE_CURSOR_NONE);
  cairo_restore (cr);
}

AttuneCursor
attune_figure_find (AttuneFigure *self, double width, double height, const AttuneFigureStyle *style,
                    double x, double y)
{
  g_auto (AttuneCanvas) canvas = { 0 };
  double top;

  g_return_val_if_fail (ATTUNE_IS_FIGURE (self), ATTUNE_CURSOR_NONE);
  g_return_val_if_fail (style != NULL, ATTUNE_CURSOR_NONE);

  if (width < 8 || height < 8 || attune_figure_is_empty (self))
    return ATTUNE_CURSOR_NONE;
  attune_canvas_init (&canvas, NULL, width, height, style);
  top = title_height (self, &canvas);
  canvas.height -= top;
  if (canvas.height < 8)
    return ATTUNE_CURSOR_NONE;
  return ATTUNE_FIGURE_GET_CLASS (self)->find (self, &canvas, style->rtl ? width - x : x, y - top);
}

/* The next series with marks in direction @by, or @from when there is none. */
static int
next_series (AttuneFigure *self, int from, int by)
{
  for (int s = from + by; s >= 0 && s < count_series (self); s += by)
    if (count_items (self, s) > 0)
      return s;
  return from;
}

AttuneCursor
attune_figure_step (AttuneFigure *self, AttuneCursor cursor, AttuneStep step)
{
  gboolean downwards;
  int along = 0, across = 0, n;

  g_return_val_if_fail (ATTUNE_IS_FIGURE (self), ATTUNE_CURSOR_NONE);

  if (attune_figure_is_empty (self))
    return ATTUNE_CURSOR_NONE;
  downwards = ATTUNE_FIGURE_GET_CLASS (self)->downwards;
  if (!attune_figure_has (self, cursor))
    {
      cursor.series = next_series (self, -1, 1);
      n = count_items (self, cursor.series);
      cursor.index = step == ATTUNE_STEP_FIRST                ? 0
                     : step == ATTUNE_STEP_LAST || !downwards ? n - 1
                                                              : 0;
      return cursor;
    }
  n = count_items (self, cursor.series);
  switch (step)
    {
    case ATTUNE_STEP_START:
      *(downwards ? &across : &along) = -1;
      break;
    case ATTUNE_STEP_END:
      *(downwards ? &across : &along) = 1;
      break;
    case ATTUNE_STEP_UP:
      *(downwards ? &along : &across) = -1;
      break;
    case ATTUNE_STEP_DOWN:
      *(downwards ? &along : &across) = 1;
      break;
    case ATTUNE_STEP_FIRST:
      along = -n;
      break;
    case ATTUNE_STEP_LAST:
      along = n;
      break;
    case ATTUNE_STEP_PAGE_BACK:
      along = -MAX (n / 10, 1);
      break;
    case ATTUNE_STEP_PAGE_ON:
      along = MAX (n / 10, 1);
      break;
    default:
      break;
    }
  if (across != 0)
    {
      const int from = n;

      cursor.series = next_series (self, cursor.series, across);
      n = count_items (self, cursor.series);
      /* Series of unequal length: as far along as before. */
      if (n != from)
        cursor.index = (int) ((gint64) cursor.index * n / from);
    }
  cursor.index = (int) CLAMP ((gint64) cursor.index + along, 0, n - 1);
  return cursor;
}

char *
attune_figure_describe (AttuneFigure *self, AttuneCursor cursor)
{
  g_return_val_if_fail (ATTUNE_IS_FIGURE (self), NULL);

  if (!attune_figure_has (self, cursor))
    return g_strdup ("");
  return ATTUNE_FIGURE_GET_CLASS (self)->describe (self, cursor);
}

char *
attune_figure_summarize (AttuneFigure *self)
{
  g_return_val_if_fail (ATTUNE_IS_FIGURE (self), NULL);

  if (attune_figure_is_empty (self))
    return g_strdup (attune_figure_get_empty_text (self));
  return ATTUNE_FIGURE_GET_CLASS (self)->summarize (self);
}

char *
attune_figure_to_csv (AttuneFigure *self)
{
  GString *csv = g_string_new (NULL);

  g_return_val_if_fail (ATTUNE_IS_FIGURE (self), g_string_free (csv, FALSE));

  ATTUNE_FIGURE_GET_CLASS (self)->write_csv (self, csv);
  return g_string_free (csv, FALSE);
}

double
attune_figure_get_natural_height (AttuneFigure *self, double width, const AttuneFigureStyle *style)
{
  g_auto (AttuneCanvas) canvas = { 0 };
  const AttuneFigureClass *klass;

  g_return_val_if_fail (ATTUNE_IS_FIGURE (self) && style != NULL, 0);

  klass = ATTUNE_FIGURE_GET_CLASS (self);
  attune_canvas_init (&canvas, NULL, MAX (width, 8), 0, style);
  if (klass->natural_height == NULL || (klass->steady && attune_figure_is_empty (self)))
    return ceil (14 * canvas.line + title_height (self, &canvas));
  if (attune_figure_is_empty (self))
    return ceil (5 * canvas.line + title_height (self, &canvas));
  return ceil (klass->natural_height (self, &canvas) + title_height (self, &canvas));
}

void
attune_figure_set_title (AttuneFigure *self, const char *title)
{
  g_return_if_fail (ATTUNE_IS_FIGURE (self));

  if (g_set_str (&priv (self)->title, title))
    {
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
      attune_figure_changed (self);
    }
}

const char *
attune_figure_get_title (AttuneFigure *self)
{
  g_return_val_if_fail (ATTUNE_IS_FIGURE (self), NULL);
  return priv (self)->title;
}

void
attune_figure_set_empty_text (AttuneFigure *self, const char *text)
{
  g_return_if_fail (ATTUNE_IS_FIGURE (self));

  if (g_set_str (&priv (self)->empty_text, text))
    {
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EMPTY_TEXT]);
      attune_figure_changed (self);
    }
}

const char *
attune_figure_get_empty_text (AttuneFigure *self)
{
  g_return_val_if_fail (ATTUNE_IS_FIGURE (self), NULL);
  return priv (self)->empty_text != NULL ? priv (self)->empty_text : _ ("Nothing to show yet");
}

void
attune_figure_changed (AttuneFigure *self)
{
  g_signal_emit (self, changed_signal, 0);
}

static void
attune_figure_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneFigure *self = ATTUNE_FIGURE (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, priv (self)->title);
      break;
    case PROP_EMPTY_TEXT:
      g_value_set_string (value, attune_figure_get_empty_text (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_figure_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  AttuneFigure *self = ATTUNE_FIGURE (object);

  switch (id)
    {
    case PROP_TITLE:
      attune_figure_set_title (self, g_value_get_string (value));
      break;
    case PROP_EMPTY_TEXT:
      attune_figure_set_empty_text (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_figure_finalize (GObject *object)
{
  AttuneFigurePrivate *p = priv (ATTUNE_FIGURE (object));

  g_clear_pointer (&p->title, g_free);
  g_clear_pointer (&p->empty_text, g_free);
  G_OBJECT_CLASS (attune_figure_parent_class)->finalize (object);
}

static void
attune_figure_class_init (AttuneFigureClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = attune_figure_get_property;
  object_class->set_property = attune_figure_set_property;
  object_class->finalize = attune_figure_finalize;

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_EMPTY_TEXT] = g_param_spec_string ("empty-text", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  /**
   * AttuneFigure::changed:
   *
   * The data or the texts are others now; what shows the figure must draw it again.
   */
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
attune_figure_init (AttuneFigure *self)
{
}
