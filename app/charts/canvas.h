/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What figures draw with: a cairo context that is mirrored for right-to-left languages, text that
 * is measured and placed by an anchor, legend, bubble. For the files of this folder only.
 *
 * Coordinates run from the start side (left, or right when mirrored) and from the top. A canvas
 * without a cairo context only measures: every drawing function then does nothing.
 */
#pragma once
#include "charts/figure-style.h"
#include <pango/pangocairo.h>

G_BEGIN_DECLS

/**
 * AttuneCanvas:
 * @cr: (nullable): %NULL only measures
 * @width: in pixels
 * @height: in pixels
 * @style: borrowed
 * @line: height of a line of text; every distance is a part of it, so that all grows with the text
 * @unit: width of a thin line
 */
typedef struct
{
  cairo_t *cr;
  double width, height;
  const AttuneFigureStyle *style;
  double line, unit;
  PangoContext *pango;
  PangoFontDescription *font;
} AttuneCanvas;

void attune_canvas_init (AttuneCanvas *self, cairo_t *cr, double width, double height,
                         const AttuneFigureStyle *style);
void attune_canvas_clear (AttuneCanvas *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneCanvas, attune_canvas_clear)

typedef enum
{
  ATTUNE_TEXT_PLAIN = 0,
  ATTUNE_TEXT_BOLD = 1 << 0,
  ATTUNE_TEXT_SMALL = 1 << 1, /* 85 % */
  ATTUNE_TEXT_HALO = 1 << 2,  /* stands out from lines beneath */
} AttuneTextFlags;

void attune_canvas_set_color (AttuneCanvas *self, AttuneColor color);

/* @max_width: 0 for any; longer text ends in "…". @width, @height: (out) (optional) */
void attune_canvas_measure (AttuneCanvas *self, const char *text, AttuneTextFlags flags,
                            double max_width, double *width, double *height);

/* The point (@x, @y) lies at (@ax, @ay) of the text's box: 0 start or top, 1 end or bottom. */
void attune_canvas_text (AttuneCanvas *self, const char *text, AttuneTextFlags flags,
                         AttuneColor color, double x, double y, double ax, double ay,
                         double max_width);

/* Text that runs upwards; (@x, @y) is the middle of its lower end. */
void attune_canvas_text_up (AttuneCanvas *self, const char *text, AttuneTextFlags flags,
                            AttuneColor color, double x, double y, double max_width);

/* A sentence in the middle, in several lines if need be. */
void attune_canvas_sentence (AttuneCanvas *self, const char *text);

/* A thin line between two points, on whole pixels when it is upright or level. */
void attune_canvas_rule (AttuneCanvas *self, AttuneColor color, double x0, double y0, double x1,
                         double y1);
void attune_canvas_rounded (AttuneCanvas *self, double x, double y, double width, double height,
                            double radius);
/* What the cursor is on: a pale field, in high contrast with an outline. */
void attune_canvas_highlight (AttuneCanvas *self, double x, double y, double width, double height);
/* Fills the path with slanted lines: tells by more than colour that something is too much. */
void attune_canvas_hatch (AttuneCanvas *self, AttuneColor color);
/* @index: 0 is solid; the others differ in their dashes */
void attune_canvas_dash (AttuneCanvas *self, guint index);

/* How a series is shown in legend and bubble. */
typedef enum
{
  ATTUNE_KEY_LINE,
  ATTUNE_KEY_AREA,
  ATTUNE_KEY_HATCH,
  ATTUNE_KEY_DOT,
  ATTUNE_KEY_RING,
  ATTUNE_KEY_DIAMOND,
  ATTUNE_KEY_NONE,
} AttuneKeyShape;

typedef struct
{
  char *name;
  char *value; /* (nullable) */
  AttuneColor color;
  AttuneKeyShape shape;
  guint dash; /* of ATTUNE_KEY_LINE */
  gboolean strong;
} AttuneKey;

/* A list of keys that frees its texts. */
GArray *attune_keys_new (void);
/* @name, @value: (transfer full) */
AttuneKey *attune_keys_add (GArray *keys, char *name, char *value, AttuneColor color,
                            AttuneKeyShape shape);

void attune_canvas_mark (AttuneCanvas *self, AttuneKeyShape shape, AttuneColor color, double x,
                         double y, double radius);

/* Lays @keys out in rows within @width. @draw: FALSE only measures. Returns: the height */
double attune_canvas_legend (AttuneCanvas *self, GArray *keys, double x, double y, double width,
                             gboolean draw);

/* The read-out beside the point (@x, @y), always within the canvas. @title: (nullable) */
void attune_canvas_bubble (AttuneCanvas *self, double x, double y, const char *title, GArray *keys);

/* The width a column of names may take: the widest of them, at most @share of the canvas. */
double attune_canvas_widest (AttuneCanvas *self, GPtrArray *names, AttuneTextFlags flags,
                             double share);

G_END_DECLS
