/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a window knows of its open project, and what it can ask for. One session per window, on the
 * main thread. What takes time runs in threads (importing, preparing, opening a model) or in
 * attunectl (tuning, evaluating, exporting, chatting). Pages show what it says and ask it for
 * more; they compute nothing.
 */
#pragma once
#include "data/changes.h"
#include "data/summary.h"
#include "job/evaluation-list.h"
#include "job/export-record.h"
#include "job/project.h"
#include "job/ratings.h"
#include "job/run-news.h"
#include "job/search.h"
#include "model/hub-data.h"
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

/* "data", "model" …: the name of its page, its icon and its room. */
const char *attune_stage_get_name (AttuneStage stage);
/* "Data", translated. */
const char *attune_stage_get_title (AttuneStage stage);

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

/**
 * attune_session_new:
 * @project: (transfer none)
 *
 * Takes the project's lock, or is read-only without it, and begins to look at what is there.
 *
 * Signals: #AttuneSession::changed: something below has another value, told once per idle;
 * #AttuneSession::progress: only a fraction has; #AttuneSession::message (text): a sentence for a
 * toast; #AttuneSession::stage-ended (stage, text): what ran in @stage has ended, for a
 * notification.
 */
AttuneSession *attune_session_new (AttuneProject *project);
AttuneProject *attune_session_get_project (AttuneSession *self); /* borrowed */
char *attune_session_get_title (AttuneSession *self);            /* "Nursing"; (transfer full) */
/* Why nothing can be changed here (open in another window, a folder that cannot be written), or
 * %NULL. Borrowed. */
const char *attune_session_get_read_only (AttuneSession *self);
/* Ends what this window does; a run that tunes goes on. Called before the last reference goes. */
void attune_session_close (AttuneSession *self);

AttuneStageState attune_session_get_state (AttuneSession *self, AttuneStage stage);
/* What is missing before @stage can begin, as a sentence, or %NULL. Static. */
const char *attune_session_get_missing (AttuneSession *self, AttuneStage stage);
/* 0 … 1 of what runs in @stage, or -1 where nothing does. */
double attune_session_get_progress (AttuneSession *self, AttuneStage stage);
/* What is being done there: "Tuned: answers"; %NULL when it does not say. Borrowed. */
const char *attune_session_get_doing (AttuneSession *self, AttuneStage stage);
/* The last failure of @stage, or %NULL. Borrowed. */
const char *attune_session_get_error (AttuneSession *self, AttuneStage stage);
/* Makes @message the failure of @stage. */
void attune_session_fail (AttuneSession *self, AttuneStage stage, const char *message);
void attune_session_clear_error (AttuneSession *self, AttuneStage stage);
/* TRUE while data, model or plan may not be changed because something works on them. */
gboolean attune_session_is_busy (AttuneSession *self);
/* Stops what runs in @stage. What a run has learned is kept. */
void attune_session_cancel (AttuneSession *self, AttuneStage stage);
/* Looks at the folder again, whoever has changed it. */
void attune_session_refresh (AttuneSession *self);
/* Writes the project's settings soon. Changes of the settings objects do so by themselves. */
void attune_session_save (AttuneSession *self);
/* Shows @text as a toast. */
/* Fetches web pages below @address, and imports them. */
void attune_session_fetch_pages (AttuneSession *self, const char *address, guint max_pages);
/* The proxy of the preferences. Returns: (transfer full): %NULL where there is none, or with
 * @error.
 */
char *attune_session_dup_proxy (AttuneSession *self, GError **error);
/* Fetches @data, which is taken, into the project's folder; @token: (nullable). The finish returns
 * (transfer full) its folder, or %NULL: the session has told why. */
void attune_session_fetch_data_async (AttuneSession *self, AttuneHubData *data, const char *token,
                                      GAsyncReadyCallback callback, gpointer user_data);
char *attune_session_fetch_data_finish (GAsyncResult *result);
/* Has the project's model write variants of what is learned from, and prepares the data with them.
 */
void attune_session_write_variants (AttuneSession *self);
/* Whether the settings ask for that, and it can be done. */
gboolean attune_session_may_write (AttuneSession *self);
void attune_session_say (AttuneSession *self, const char *text);

/* --- data: %NULL before anything was imported. Borrowed until "changed". */
const AttuneDataSummary *attune_session_get_data (AttuneSession *self);
/* Another number after each reading of the data, from 1. */
guint attune_session_get_data_serial (AttuneSession *self);
/* TRUE when the data was prepared with other settings, or for a model that reads otherwise. */
gboolean attune_session_is_data_stale (AttuneSession *self);
/* The same as a sentence, or %NULL. Static. */
const char *attune_session_get_data_stale_reason (AttuneSession *self);
/* Whether the samples are what the model of now reads. */
gboolean attune_session_is_data_for_model (AttuneSession *self);
void attune_session_import (AttuneSession *self, AttuneSource *source); /* takes @source */
/* The same for a new project: the data is prepared as soon as the model is there. */
void attune_session_import_first (AttuneSession *self, AttuneSource *source);
void attune_session_prepare (AttuneSession *self);
/* Takes the data away; attune_session_restore_data() brings it back until more is imported. */
void attune_session_remove_data (AttuneSession *self);
void attune_session_restore_data (AttuneSession *self);
/* Takes away the rows of one source, by its number; attune_session_restore_data() brings them back,
 * too. */
void attune_session_remove_source (AttuneSession *self, guint source);

/* --- changes of single records by hand: %NULL where they cannot be read, and the problem says why.
 * Borrowed until "changed". */
const AttuneChanges *attune_session_get_changes (AttuneSession *self);
const char *attune_session_get_changes_problem (AttuneSession *self);
/* Gives the file that cannot be read another name and goes on without; says so. */
void attune_session_set_changes_aside (AttuneSession *self);
/* Another number after each change. */
guint attune_session_get_changes_serial (AttuneSession *self);
/* Whether there are some that the data was not prepared with. */
gboolean attune_session_has_new_changes (AttuneSession *self);
/**
 * attune_session_change_record:
 * @imported: the record as it was imported
 * @change: (nullable): in place of its change of now
 *
 * Written in a thread; attune_session_change_record_finish() tells how it went.
 */
void attune_session_change_record (AttuneSession *self, const AttuneRecord *imported,
                                   const AttuneChange *change, GAsyncReadyCallback callback,
                                   gpointer data);
gboolean attune_session_change_record_finish (AttuneSession *self, GAsyncResult *result,
                                              GError **error);

/* --- model: %NULL while none is chosen or it is being opened. Borrowed until "changed". */
AttuneModel *attune_session_get_model (AttuneSession *self);
/* @path: (nullable): none. Opened in a thread; what is wrong with it becomes the stage's error. */
void attune_session_set_model (AttuneSession *self, const char *path);

/* --- plan: %NULL while data or model are missing. Follows the plan's properties. Borrowed. */
const AttuneEstimate *attune_session_get_estimate (AttuneSession *self);
const AttuneDataFacts *attune_session_get_facts (AttuneSession *self);
/* Bytes that a run may take now: what is free, or the limit of the preferences. */
guint64 attune_session_get_available_memory (AttuneSession *self);
/* Why the plan cannot be run (does not fit, contradicts itself), or %NULL. Borrowed. */
const char *attune_session_get_plan_problem (AttuneSession *self);
/* Seconds that a run will take, from the speed of an earlier one; < 0 when it is not known. */
double attune_session_get_run_seconds (AttuneSession *self);

/* --- search for good settings, by attunectl: the latest one, or %NULL. Borrowed until "changed".
 */
const AttuneSearch *attune_session_get_search (AttuneSession *self);
AttuneRunState attune_session_get_search_state (AttuneSession *self);
/* Why the latest cannot be read, or %NULL. Borrowed. */
const char *attune_session_get_search_problem (AttuneSession *self);
/* Why none can begin or go on now, or %NULL. Borrowed. */
const char *attune_session_get_search_obstacle (AttuneSession *self);
/* A new one, from the plan of now: see attune_search_new(). @n_folds: parts of the records, of
 * which each checks once in every trial; 1: the records for checking do */
gboolean attune_session_start_search (AttuneSession *self, const char *const *words,
                                      AttuneSearchStrategy strategy, int n_trials, int n_folds,
                                      GError **error);
gboolean attune_session_resume_search (AttuneSession *self, GError **error);
/* Its run saves what it has learned first. */
gboolean attune_session_stop_search (AttuneSession *self, GError **error);
/* The plan with the values of the best trial. Returns: (transfer full): or %NULL without @error
 * where there is none. */
AttunePlan *attune_session_make_best_plan (AttuneSession *self, GError **error);

/* --- tune: the latest run */
const char *attune_session_get_run (AttuneSession *self); /* its folder, or %NULL; borrowed */
/* What is evaluated and deployed: the latest run, or the best of the search that it belongs to. Its
 * folder, or %NULL; borrowed. */
const char *attune_session_get_used_run (AttuneSession *self);
AttuneRunState attune_session_get_run_state (AttuneSession *self);
const AttuneRunCurves *attune_session_get_curves (AttuneSession *self); /* grows while it runs */
const AttuneRunNews *attune_session_get_news (AttuneSession *self);     /* never %NULL; likewise */
/* Whether the run that is used tuned an adapter, which can be exported by itself, and not the whole
 * model; TRUE as long as that is not known. */
gboolean attune_session_has_adapter (AttuneSession *self);
/* Whether what was made with the adapter that @run had after @step (-1: not known) is of the run
 * that is used, and that one uses it still. */
gboolean attune_session_uses (AttuneSession *self, const char *run, gint64 step);
/* After how many steps the adapter was taken that the latest run uses; -1: not known, or not yet.
 */
gint64 attune_session_get_run_step (AttuneSession *self);
void attune_session_start_run (AttuneSession *self); /* a new one */
void attune_session_resume_run (AttuneSession *self);
void attune_session_pause_run (AttuneSession *self); /* checkpoint and stop; can be resumed */
/* TRUE from then until it has stopped. */
gboolean attune_session_is_pausing (AttuneSession *self);
/* How many seconds a run has been silent that should have told something by now, or 0. */
double attune_session_get_run_silence (AttuneSession *self);
/* For a silent one: asks it to pause, and after some seconds ends its process. The last checkpoint
 * stays. */
void attune_session_end_run (AttuneSession *self);
/* TRUE from then until it has ended. */
gboolean attune_session_is_ending (AttuneSession *self);

/* --- evaluate, by attunectl */
void attune_session_evaluate (AttuneSession *self, AttuneSplit split, guint n_answers,
                              guint answer_tokens);
/* Seconds that it will take; < 0 when it is not known. */
double attune_session_get_evaluate_seconds (AttuneSession *self, AttuneSplit split, guint n_answers,
                                            guint answer_tokens);
/* (element-type AttuneEvaluationSummary): all there are, newest first; %NULL before they were read.
 * Borrowed until "changed". */
const GPtrArray *attune_session_get_evaluations (AttuneSession *self);
/* The one that is looked at, usually the newest, or %NULL. Borrowed until "changed". */
const AttuneEvaluation *attune_session_get_evaluation (AttuneSession *self);
const char *attune_session_get_evaluation_path (AttuneSession *self);
void attune_session_show_evaluation (AttuneSession *self, const char *path);
/* Of that evaluation; %NULL when they cannot be read: the problem says why. Borrowed. */
const AttuneRatings *attune_session_get_ratings (AttuneSession *self);
const char *attune_session_get_ratings_problem (AttuneSession *self);
/* Begins with none; what cannot be read stays under another name. */
void attune_session_restart_ratings (AttuneSession *self);
/* Rates answer @answer, from 0, and writes all ratings soon. Returns: FALSE where it may not. */
gboolean attune_session_rate (AttuneSession *self, guint answer, AttuneRating rating,
                              gboolean blind);
/* Takes the last rating back. Returns: of which answer, or -1 when there is none. */
int attune_session_undo_rating (AttuneSession *self);

/* --- deploy, by attunectl */
void attune_session_export (AttuneSession *self, AttuneExportFormat format, const char *path);
/* Which export runs now, or -1. */
int attune_session_get_exporting (AttuneSession *self);
/* The latest export of that format that is still where it was written, or %NULL. Borrowed until
 * "changed". */
const AttuneExportRecord *attune_session_get_export (AttuneSession *self,
                                                     AttuneExportFormat format);
/* What the model of the latest run was told to be in training; may be empty. (transfer full) */
char *attune_session_get_system_prompt (AttuneSession *self);

G_END_DECLS
