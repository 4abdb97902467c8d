/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One figure of each kind with data such as the app has, for the tests.
 */
#pragma once
#include "charts/figure.h"

/* Names that sample_new() knows, NULL at the end. */
extern const char *const sample_names[];

/* Returns: (transfer full): always the same figure for the same @name */
AttuneFigure *sample_new (const char *name);

/* DejaVu Sans 10, gray antialiasing, no hinting: the same pixels on every machine that has the
 * font. */
void sample_style_init (AttuneFigureStyle *style, gboolean dark, gboolean high_contrast);
