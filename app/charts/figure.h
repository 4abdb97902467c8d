/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A figure is what a chart shows: data, names and units, without a colour and without a window. It
 * draws itself on any cairo context, answers what lies at a position, and says in words what it
 * shows. Figures live on one thread.
 */
#pragma once
#include "charts/figure-style.h"
#include "charts/figure-axis.h"
#include <glib-object.h>

G_BEGIN_DECLS

/**
 * AttuneCursor:
 * @series: which series, row of a matrix or part of a bar; -1 for none
 * @index: which point, category or column of it; -1 for none
 *
 * The mark that is looked at.
 */
typedef struct
{
  int series, index;
} AttuneCursor;

#define ATTUNE_CURSOR_NONE ((AttuneCursor) { -1, -1 })

/**
 * AttuneStep:
 *
 * Where the keyboard moves the cursor. @ATTUNE_STEP_PAGE_BACK and @ATTUNE_STEP_PAGE_ON go a tenth
 * of the way.
 */
typedef enum
{
  ATTUNE_STEP_START,
  ATTUNE_STEP_END,
  ATTUNE_STEP_UP,
  ATTUNE_STEP_DOWN,
  ATTUNE_STEP_FIRST,
  ATTUNE_STEP_LAST,
  ATTUNE_STEP_PAGE_BACK,
  ATTUNE_STEP_PAGE_ON,
} AttuneStep;

#define ATTUNE_TYPE_FIGURE (attune_figure_get_type ())
G_DECLARE_DERIVABLE_TYPE (AttuneFigure, attune_figure, ATTUNE, FIGURE, GObject)

/**
 * AttuneFigureClass:
 * @downwards: its items follow one another from top to bottom, not from start to end
 * @count_series: how many series
 * @count_items: how many marks the cursor can be on in a series
 * @draw: draws on a canvas (an AttuneCanvas); not called when there is nothing
 * @find: what lies at a position of the canvas
 * @describe: (transfer full): a sentence on one mark
 * @summarize: (transfer full): a few sentences on all
 * @write_csv: appends lines that end in CR LF
 * @natural_height: (nullable): the height at which nothing is left out
 * @steady: as high as a plot while it is empty, so that a page does not jump when a run begins
 *
 * What a kind of figure implements, in this folder.
 */
struct _AttuneFigureClass
{
  GObjectClass parent_class;

  gboolean downwards, steady;
  int (*count_series) (AttuneFigure *self);
  int (*count_items) (AttuneFigure *self, int series);
  void (*draw) (AttuneFigure *self, gpointer canvas, AttuneCursor cursor);
  AttuneCursor (*find) (AttuneFigure *self, gpointer canvas, double x, double y);
  char *(*describe) (AttuneFigure *self, AttuneCursor cursor);
  char *(*summarize) (AttuneFigure *self);
  void (*write_csv) (AttuneFigure *self, GString *csv);
  double (*natural_height) (AttuneFigure *self, gpointer canvas);
};

/**
 * attune_figure_draw:
 * @cr: the caller's; its state is restored
 * @width: in user units of @cr, usually pixels
 * @height: likewise
 * @cursor: the mark whose read-out is shown, or %ATTUNE_CURSOR_NONE
 *
 * Draws within (0, 0, @width, @height) and paints no background. With no data the figure's empty
 * text stands in the middle; a box too small for a plot stays empty.
 */
void attune_figure_draw (AttuneFigure *self, cairo_t *cr, double width, double height,
                         const AttuneFigureStyle *style, AttuneCursor cursor);

/**
 * attune_figure_find:
 * @width: as it was drawn
 * @height: as it was drawn
 * @style: as it was drawn
 * @x: position from the left
 * @y: position from the top
 *
 * Returns: the nearest mark, or %ATTUNE_CURSOR_NONE outside of the plot
 */
AttuneCursor attune_figure_find (AttuneFigure *self, double width, double height,
                                 const AttuneFigureStyle *style, double x, double y);

/**
 * attune_figure_step:
 * @cursor: where it is; none begins at the last item of the first series, or at the first one of
 *   figures whose items go downwards
 * @step: where to
 *
 * Returns: the next mark; none only when the figure is empty
 */
AttuneCursor attune_figure_step (AttuneFigure *self, AttuneCursor cursor, AttuneStep step);

/* Returns: whether @cursor is on a mark that exists (still) */
gboolean attune_figure_has (AttuneFigure *self, AttuneCursor cursor);
/* Returns: whether there is nothing to draw */
gboolean attune_figure_is_empty (AttuneFigure *self);

/**
 * attune_figure_describe:
 * @cursor: a mark
 *
 * Returns: (transfer full): what a screen reader says of it, e.g. "Step 340, Training: 1.204";
 * empty when there is no such mark
 */
char *attune_figure_describe (AttuneFigure *self, AttuneCursor cursor);

/**
 * attune_figure_summarize:
 *
 * Returns: (transfer full): what the whole figure shows, in words
 */
char *attune_figure_summarize (AttuneFigure *self);

/**
 * attune_figure_to_csv:
 *
 * Returns: (transfer full): all data as CSV (RFC 4180: commas, CR LF), numbers in full and with a
 *   decimal point whatever the locale
 */
char *attune_figure_to_csv (AttuneFigure *self);

/**
 * attune_figure_get_natural_height:
 * @width: in pixels
 *
 * Returns: the height in pixels at which all rows are shown well
 */
double attune_figure_get_natural_height (AttuneFigure *self, double width,
                                         const AttuneFigureStyle *style);

/* @title: (nullable) */
void attune_figure_set_title (AttuneFigure *self, const char *title);
/* Returns: (nullable) */
const char *attune_figure_get_title (AttuneFigure *self);
/* @text: (nullable): a sentence for when there is no data; %NULL for the usual one */
void attune_figure_set_empty_text (AttuneFigure *self, const char *text);
const char *attune_figure_get_empty_text (AttuneFigure *self);

/* Emits #AttuneFigure::changed. For those who implement figures. */
void attune_figure_changed (AttuneFigure *self);

G_END_DECLS
