/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the window knows of an open project, and what it can ask for. One session per window, on the main thread. Slow things run in
 * threads (reading HDF5, cleaning, estimating) or in attunectl (tuning, evaluating, exporting); pages bind to this object, show what it
 * says, and never open a file themselves.
 */
#pragma once
#include "deploy/export.h"
#include "job/evaluation.h"
#include "job/project.h"
#include "job/run-curves.h"
#include "model/model.h"
#include "plan/estimate.h"

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_STAGE_DATA,
  ATTUNE_STAGE_MODEL,
  ATTUNE_STAGE_PLAN,
  ATTUNE_STAGE_TUNE,
  ATTUNE_STAGE_EVALUATE,
  ATTUNE_STAGE_DEPLOY,
  ATTUNE_N_STAGES,
} AttuneStage;

typedef enum
{
  ATTUNE_STAGE_STATE_WAITING, /* an earlier stage is missing */
  ATTUNE_STAGE_STATE_READY,
  ATTUNE_STAGE_STATE_RUNNING,
  ATTUNE_STAGE_STATE_DONE,
  ATTUNE_STAGE_STATE_STALE, /* done, but something before it has changed since */
  ATTUNE_STAGE_STATE_ATTENTION,
} AttuneStageState;

#define ATTUNE_TYPE_SESSION (attune_session_get_type ())
G_DECLARE_FINAL_TYPE (AttuneSession, attune_session, ATTUNE, SESSION, GObject)

/* Signals: "changed": something below has another value; "message" (char *text): a sentence for a toast. */
AttuneSession *attune_session_new (AttuneProject *project);
AttuneProject *attune_session_get_project (AttuneSession *self);
char *attune_session_get_title (AttuneSession *self); /* "Nursing"; (transfer full) */

AttuneStageState attune_session_get_state (AttuneSession *self, AttuneStage stage);
/* What is missing before @stage can begin, as a sentence, or %NULL. Static. */
const char *attune_session_get_missing (AttuneSession *self, AttuneStage stage);
/* 0 … 1 of what runs in @stage, or -1. */
double attune_session_get_progress (AttuneSession *self, AttuneStage stage);
/* The last failure of @stage, or %NULL. Borrowed. */
const char *attune_session_get_error (AttuneSession *self, AttuneStage stage);
/* TRUE while something runs that another start would disturb. */
gboolean attune_session_is_busy (AttuneSession *self);

/* --- data: a summary of the data set; all zero before anything was imported */
typedef struct
{
  gboolean imported, prepared;
  guint64 n_records, n_bad, n_train, n_validation, n_test, n_excluded;
  char *report; /* plain text, as attune_data_report_to_text() gives it; %NULL before preparing */
} AttuneDataSummary;
const AttuneDataSummary *attune_session_get_data (AttuneSession *self);
void attune_session_import (AttuneSession *self, AttuneSource *source); /* takes @source */
void attune_session_prepare (AttuneSession *self);

/* --- model: %NULL while none is chosen or it is being opened */
AttuneModel *attune_session_get_model (AttuneSession *self);
void attune_session_set_model (AttuneSession *self, const char *path);

/* --- plan: %NULL while data or model are missing. Follows the plan's properties by itself. */
const AttuneEstimate *attune_session_get_estimate (AttuneSession *self);
/* Why the plan cannot be run (does not fit, contradicts itself), or %NULL. Borrowed. */
const char *attune_session_get_plan_problem (AttuneSession *self);
/* Writes the project's settings soon; called by pages after a change. */
void attune_session_save (AttuneSession *self);

/* --- tune: the latest run */
char *attune_session_get_run (AttuneSession *self);                    /* its folder, or %NULL; (transfer full) */
AttuneRunState attune_session_get_run_state (AttuneSession *self);
AttuneRunCurves *attune_session_get_curves (AttuneSession *self);      /* borrowed; grows while it runs */
void attune_session_start_run (AttuneSession *self);                   /* a new one */
void attune_session_resume_run (AttuneSession *self);
void attune_session_stop_run (AttuneSession *self);                    /* checkpoint and stop */

/* --- evaluate and deploy */
void attune_session_evaluate (AttuneSession *self, int n_answers);
const AttuneEvaluation *attune_session_get_evaluation (AttuneSession *self); /* the latest, or %NULL */
void attune_session_export (AttuneSession *self, AttuneExportFormat format, const char *path);
/* The path of the last export of that format, or %NULL. Borrowed. */
const char *attune_session_get_export (AttuneSession *self, AttuneExportFormat format);
/* Stops what attunectl does for @stage. */
void attune_session_cancel (AttuneSession *self, AttuneStage stage);

/* Where attunectl is: beside the app, in the build folder, or on PATH. Returns: (transfer full). */
char *attune_find_program (void);

G_END_DECLS
