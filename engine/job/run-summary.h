/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run in a few words, for a list of runs, and how the plans of two runs differ. Light.
 */
#pragma once
#include "job/run-folder.h"
#include "job/run-plan.h"

G_BEGIN_DECLS

typedef struct
{
  char *name; /* "0003" */
  AttuneRunState state;
  double begun;        /* seconds since 1970; 0: not known */
  gint64 best_step;    /* where the validation loss was lowest; -1: nothing was validated */
  double best_loss;    /* NaN then */
  double best_reward;  /* of answers of its own; NaN: it learned from others */
  AttuneRunPlan *plan; /* (nullable): damaged, or of a newer version */
} AttuneRunSummary;

/* What can be read of it; never fails. Blocks, for a second where a long run has crashed. */
AttuneRunSummary *attune_run_summary_read (const char *folder);
void attune_run_summary_free (AttuneRunSummary *self);

/* The names of the plan's settings that differ, and before them "model" and "data" where these do.
 * How many threads there were is left out: it makes no other result. Returns: (transfer full):
 * NULL-terminated. */
char **attune_run_plan_compare (const AttuneRunPlan *self, const AttuneRunPlan *other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRunSummary, attune_run_summary_free)

G_END_DECLS
