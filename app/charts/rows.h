/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows with a name each, for bars and intervals: names stand before the row where there is width
 * for them, above it where there is none. For the files of this folder only.
 */
#pragma once
#include "charts/canvas.h"

G_BEGIN_DECLS

/**
 * AttuneRows:
 * @names_width: what the names take at the start, with a gap; 0 when they stand above
 * @above: names stand above their rows
 * @top: where the first row begins
 * @row: height of a row with its name
 * @content: height of that part of a row that the marks may use
 * @shown: rows that fit; if fewer than all, a last line says how many more there are
 */
typedef struct
{
  double names_width, top, row, content;
  gboolean above;
  guint shown, n;
} AttuneRows;

/* @least, @natural: height of a row's marks. @top, @bottom: taken by other things. */
void attune_rows_layout (AttuneRows *self, AttuneCanvas *canvas, GPtrArray *names, double top,
                         double bottom, double least, double natural);
/* Height of all rows at their natural size, with nothing above or below. */
double attune_rows_natural_height (AttuneCanvas *canvas, GPtrArray *names, double natural);
void attune_rows_draw_names (AttuneRows *self, AttuneCanvas *canvas, GPtrArray *names);
/* The middle of the marks of row @i. */
double attune_rows_middle (const AttuneRows *self, AttuneCanvas *canvas, guint i);
/* The row at height @y, or -1. */
int attune_rows_at (const AttuneRows *self, double y);

G_END_DECLS
