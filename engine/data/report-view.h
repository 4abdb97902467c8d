/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a report and the list of sources say, as plain structs: for who shows them. They come out of
 * files, so that any part may be missing; it is 0 then.
 */
#pragma once
#include "data/clean.h"
#include "data/dataset.h"
#include "data/date-column.h"
#include "data/personal-data.h"
#include "data/secrets.h"
#include "data/toxic.h"

G_BEGIN_DECLS

/* A report names so many of the records that are gone. */
#define ATTUNE_REPORT_GONE 3

/* What a cleaning step did; see AttuneCleanStep. */
typedef struct
{
  char *name, *title;
  gboolean enabled;
  AttuneCleanDeed deed;
  guint64 count, changes;
  guint n_examples;
  char *before[ATTUNE_CLEAN_EXAMPLES], *after[ATTUNE_CLEAN_EXAMPLES]; /* after: (nullable) */
} AttuneReportStep;

typedef struct
{
  char *label;
  guint64 count;
  guint64 original,
      learned; /* samples to learn from, before and after balancing; 0: not balanced */
} AttuneReportLabel;

/* An abbreviation that was left as it is, since nothing near it says what it means. */
typedef struct
{
  char *abbreviation, *meanings;
  guint64 count;
} AttuneReportUndecided;

typedef struct
{
  char *code; /* "de" */
  guint64 count;
} AttuneReportLanguage;

/* What the samples of a split are made of. */
typedef struct
{
  guint64 rows;    /* tokens that are read to predict the learned ones */
  guint64 targets; /* learned tokens */
  guint64 longest; /* tokens of the longest sample */
  guint64 samples; /* how many; of training that is not the number of records where labels were
                      balanced or variants made */
} AttuneSplitSize;

typedef struct
{
  guint64 read, bad, splits[ATTUNE_N_SPLITS];
  /* by hand: records left out, edited; changes that have found no record, and how some of those
   * begin */
  guint64 n_excluded, n_edited, n_gone;
  GPtrArray *gone;    /* char* */
  gboolean has_sizes; /* reports of before they were told have none */
  AttuneSplitSize sizes[ATTUNE_N_SPLITS];
  guint64 n_variants; /* made with synonyms, and learned from beside the records */
  AttuneSplitSize pairs[ATTUNE_SPLIT_EXCLUDED]; /* the worse answers of preference pairs */
  guint64 shared_answers;                       /* answers that are both learned and tested */
  GPtrArray *steps;                             /* AttuneReportStep */
  GPtrArray *labels;                            /* AttuneReportLabel, most frequent first */
  AttuneLabelKind label_kind;
  AttuneLabelDoubt label_doubt; /* what else they could have been meant as */
  guint64 n_labelled; /* records with a label; 0: reports of before it was told have none */
  guint64 n_numbers, n_unread_numbers; /* labels that are numbers: records; those that are none */
  double least_number, most_number, mean_number;
  GPtrArray *undecided;                        /* AttuneReportUndecided, most frequent first */
  GPtrArray *languages;                        /* AttuneReportLanguage, most frequent first */
  char *first_date, *last_date, *newest_tenth; /* "2026-01-31"; "" where there are none */
  guint64 n_unread_dates;
  guint64 n_dates[ATTUNE_N_DATE_READINGS]; /* read in a way that only others of their column show */
  char *test_from;                         /* "2026-01-31" where the split is by time; else "" */
  /* of the test, of what validates, and for each label: chosen, but without effect */
  gboolean unused_share, unused_check_share, unused_labels;
  guint64 n_languages_looked_at, n_languages_undecided;     /* records; of them, without one */
  guint64 personal[ATTUNE_N_PERSONAL];                      /* personal data found, of each kind */
  guint64 secrets[ATTUNE_N_SECRETS], toxic[ATTUNE_N_TOXIC]; /* likewise */
  /* of the samples, in tokens */
  guint64 tokens, learned; /* in all; of these answers */
  guint64 n_cut, n_too_long;
  guint64 n_endless, n_restarts; /* with no end that is learned; beginning twice */
  guint64 shortest, median, p95, longest;
  guint64 bin_width; /* 0: the report holds no histogram */
  GArray *bins;      /* guint64: samples of each bin, the first begins at 0 */
} AttuneReportView;

/* @report: as attune_dataset_prepare() gives it; anything else is an empty report. Returns:
 * (transfer full). */
AttuneReportView *attune_report_view_new (JsonNode *report);
void attune_report_view_free (AttuneReportView *self);
/* The step of the setting @name, or %NULL. Borrowed. */
const AttuneReportStep *attune_report_view_find_step (const AttuneReportView *self,
                                                      const char *name);

/* A file that rows came from. */
typedef struct
{
  char *path, *format, *encoding; /* "" where it is not known */
  guint64 rows, bad;
} AttuneSourceView;

/* @sources: of AttuneDataSummary. Returns: (transfer full): AttuneSourceView, in their order. */
GPtrArray *attune_source_views_new (JsonNode *sources);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneReportView, attune_report_view_free)

G_END_DECLS
