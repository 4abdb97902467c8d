/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An evaluation as a document: what is in it, and its two forms. Needs no display and blocks: for
 * threads.
 */
#pragma once
#include "data/summary.h"
#include "job/evaluation-list.h"
#include "job/ratings.h"

#include <cairo.h>

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_REPORT_PDF,
  ATTUNE_REPORT_CSV,
} AttuneReportFormat;

typedef struct
{
  char *project; /* its title */
  char *model;   /* (nullable): name of the base model */
  char *data;    /* (nullable): where the questions are from */
  guint number;  /* of the evaluation */
  gint64 made_seconds;
  AttuneEvaluation *evaluation;
  AttuneRatings *ratings; /* (nullable) */
  char *earlier_name;     /* (nullable): an evaluation to compare with */
  AttuneScores earlier;
} AttuneReport;

void attune_report_free (AttuneReport *self);

/* Returns: (transfer full) (nullable): the tables of @data, and that it has another hash than
 * @run_hash, which the run was tuned with (nullable: not known). */
char *attune_report_describe_data (const AttuneDataSummary *data, const char *run_hash);

/* Returns: (transfer full): every answer with its scores and ratings: RFC 4180 in UTF-8 with a byte
 * order mark, as spreadsheets take it for UTF-8 only then. */
char *attune_report_to_csv (const AttuneReport *self);

/* Returns: (transfer full): a PDF file of A4 pages, or %NULL with #GIOError where cairo fails. */
GBytes *attune_report_to_pdf (const AttuneReport *self, GError **error);

#define ATTUNE_REPORT_WIDTH 595.28 /* A4, in points */
#define ATTUNE_REPORT_HEIGHT 841.89

/**
 * attune_report_draw:
 * @surface: in points; gets a cairo_surface_show_page() after each page
 * @n_pages: how many there will be, for the foot of each; 0 while that is not known
 *
 * Returns: how many there are
 */
guint attune_report_draw (const AttuneReport *self, cairo_surface_t *surface, guint n_pages);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneReport, attune_report_free)

G_END_DECLS
