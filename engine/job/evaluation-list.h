/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All evaluations of a project at a glance, and how long the next one will take. Light.
 */
#pragma once
#include "job/evaluation.h"

G_BEGIN_DECLS

typedef struct
{
  char *path;
  guint number;        /* 3 for 0003.h5 */
  gint64 made_seconds; /* since 1970, by the file's date */
  char *problem;       /* (nullable): why it cannot be read; then there is nothing below */
  char *run, *split;
  gint64 step; /* these are as in #AttuneEvaluation */
  gboolean labels, rewards;
  AttuneLabelKind label_kind;
  AttuneScores base, tuned;
} AttuneEvaluationSummary;

/* @paths: as attune_project_list_evaluations() gives them. Blocks. Returns: (transfer full)
 * (element-type AttuneEvaluationSummary): newest first; damaged ones are there with their problem.
 */
GPtrArray *attune_evaluation_list_read (const char *const *paths);

/**
 * attune_evaluation_list_estimate:
 * @list: (element-type AttuneEvaluationSummary)
 * @n_records: in the part of the data that will be scored
 * @n_answers: questions to answer with each model
 *
 * Returns: seconds, by what the latest evaluations took; < 0 when they do not say
 */
double attune_evaluation_list_estimate (const GPtrArray *list, guint64 n_records, guint n_answers);

G_END_DECLS
