/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files that draw a line figure share: where everything lies, for one size and style.
 */
#pragma once
#include "charts/line-figure-private.h"
#include "charts/frame.h"

/**
 * LineLayout:
 * @keys: of the legend; empty when names stand at the curves
 * @direct: names stand at the curves
 * @names_width: what they take at the end
 * @marks_height: of the row for the labels of events
 */
typedef struct
{
  AttuneLineFigure *figure;
  AttuneCanvas *canvas;
  AttuneFrame frame;
  GArray *keys;
  gboolean direct;
  double legend_height;
  double names_width;
  double marks_height;
} LineLayout;

/* @x, @y: (out): the axes with their ranges filled in. FALSE when nothing can be drawn. */
gboolean attune_line_layout (LineLayout *self, AttuneLineFigure *figure, AttuneCanvas *canvas,
                             AttuneAxis *x, AttuneAxis *y);
void attune_line_layout_clear (LineLayout *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LineLayout, attune_line_layout_clear)

AttuneColor attune_line_color (AttuneCanvas *canvas, const Series *series);
/* Curves of the run are told apart by their dashes, too; earlier runs never are solid. */
guint attune_line_dash (const Series *series);

/* Names at the curves' ends, pushed apart where curves meet. */
void attune_line_draw_names (LineLayout *self);
void attune_line_draw_events (LineLayout *self);
/* A ring and its label, which would peep out from under a read-out. */
void attune_line_draw_best (LineLayout *self, gboolean with_label);
