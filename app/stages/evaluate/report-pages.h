/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pages that fill from top to bottom: text is cut between two lines where a page is full, and what
 * is to stay together begins a new one. For the report alone.
 */
#pragma once
#include "charts/color.h"

#include <cairo.h>
#include <pango/pangocairo.h>

G_BEGIN_DECLS

#define ATTUNE_PAGES_MARGIN 56.0 /* points, on all sides */
#define ATTUNE_PAGES_FOOT 28.0   /* of those, from the bottom to the foot's line */

typedef struct
{
  cairo_t *cr;
  double width, height;
  double y;      /* where the next thing goes, from the top */
  guint page;    /* from 1 */
  guint n_pages; /* 0: not known */
  char *foot;    /* stands on every page */
} AttunePages;

typedef enum
{
  ATTUNE_PAGES_BODY,
  ATTUNE_PAGES_TITLE,
  ATTUNE_PAGES_SUBTITLE,
  ATTUNE_PAGES_HEADING,
  ATTUNE_PAGES_STRONG,
  ATTUNE_PAGES_SMALL,
  ATTUNE_PAGES_LABEL, /* small and grey */
} AttunePagesFont;

void attune_pages_init (AttunePages *self, cairo_surface_t *surface, double width, double height,
                        guint n_pages, const char *foot);
/* Ends the last page. */
void attune_pages_finish (AttunePages *self);

/* Width between the margins, and what is left of the page. */
double attune_pages_get_width (const AttunePages *self);
double attune_pages_get_room (const AttunePages *self);
/* Begins a new page unless there is room for @height. */
void attune_pages_need (AttunePages *self, double height);

/**
 * attune_pages_layout:
 * @marks: (nullable): over @text
 *
 * Returns: (transfer full): @text in lines of at most @width; words that are longer are cut
 */
PangoLayout *attune_pages_layout (AttunePages *self, AttunePagesFont font, const char *text,
                                  PangoAttrList *marks, double width);
double attune_pages_measure (PangoLayout *layout);

/* Shows the lines of @layout at @x from the left margin, on as many pages as they take. */
void attune_pages_flow (AttunePages *self, PangoLayout *layout, AttunePagesFont font, double x);
/* Both at once, over the whole width. */
void attune_pages_text (AttunePages *self, AttunePagesFont font, const char *text);
/* Shows @layout at @x, at the current height, without going on: for tables. */
void attune_pages_cell (AttunePages *self, PangoLayout *layout, AttunePagesFont font, double x);
/* A thin line over the whole width. */
void attune_pages_rule (AttunePages *self);
void attune_pages_skip (AttunePages *self, double points);

G_END_DECLS
