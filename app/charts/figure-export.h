/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Figures as files: pictures for a report and the numbers for a spreadsheet.
 */
#pragma once
#include "charts/figure.h"
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * AttuneFigureFormat:
 * @ATTUNE_FIGURE_PNG: pixels, two for each unit of width, so that print is sharp
 * @ATTUNE_FIGURE_SVG: lines and outlines of letters
 * @ATTUNE_FIGURE_PDF: one page of the size of the figure, at 96 units to the inch
 * @ATTUNE_FIGURE_CSV: the numbers
 */
typedef enum
{
  ATTUNE_FIGURE_PNG,
  ATTUNE_FIGURE_SVG,
  ATTUNE_FIGURE_PDF,
  ATTUNE_FIGURE_CSV,
} AttuneFigureFormat;

/* Returns: "png", "svg", "pdf" or "csv" */
const char *attune_figure_format_get_suffix (AttuneFigureFormat format);
/* Returns: e.g. "image/png" */
const char *attune_figure_format_get_mime_type (AttuneFigureFormat format);

/**
 * attune_figure_export:
 * @width: without the margin, e.g. 800; not used for CSV
 * @height: likewise
 * @style: the style's background is painted; its title is shown if the style says so
 *
 * Makes a whole file in memory; does not block on anything. CSV begins with a byte order mark, as
 * spreadsheets take it for UTF-8 only then.
 *
 * Returns: (transfer full): the file's content, or %NULL with @error set to %G_IO_ERROR_FAILED when
 *   cairo cannot draw so large a picture or has no memory
 */
GBytes *attune_figure_export (AttuneFigure *self, AttuneFigureFormat format, double width,
                              double height, const AttuneFigureStyle *style, GError **error);

G_END_DECLS
