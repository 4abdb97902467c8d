/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the parts of the session share; for app/session*.c alone.
 */
#pragma once
#include "session.h"

#include "job/project-lock.h"
#include "job/run-plan.h"

/* What runs in a stage: in a thread or in attunectl. */
typedef struct
{
  GCancellable *cancellable; /* %NULL: nothing runs */
  int permille;              /* atomic: written by the thread */
  char *doing;               /* (nullable); of attunectl only */
  guint serial;              /* counts what was begun, so that what comes late is known */
} SessionJob;

struct _AttuneSession
{
  GObject parent_instance;

  AttuneProject *project;
  GSettings *settings; /* (nullable): the preferences */
  AttuneProjectLock *lock;
  char *read_only;
  gboolean closed;

  SessionJob jobs[ATTUNE_N_STAGES];
  char *errors[ATTUNE_N_STAGES];
  gboolean saving, save_again;
  guint changed_id, save_id, tick_id, plan_id, follow_id;

  AttuneDataSummary *data;
  guint data_serial;
  gboolean has_facts;
  guint changes_serial;
  AttuneChanges *changes;                /* (nullable): of single records, by hand */
  char *changes_text, *changes_problem;  /* (nullable): the same as text; why there are none */
  gboolean settings_stale, reader_stale; /* why the data is to be prepared again */
  gboolean changes_stale;                /* likewise */
  gboolean prepare_when_ready;           /* as soon as data and model are there */
  AttuneDataFacts facts;

  AttuneModel *model;
  char *reader; /* how it reads text; see attune_chat_template_get_key() */

  gboolean has_estimate;
  AttuneEstimate estimate;
  char *plan_problem;
  double speed; /* tokens per second of an earlier run, or 0 */
  double rate;  /* of this computer, where there is no earlier run; see plan/rate.h */

  AttuneSearch *search; /* (nullable): the latest, as it was read */
  char *search_folder, *search_problem;
  AttuneRunState search_state;
  guint64 search_size;         /* of its events then */
  guint search_serial;         /* as run_serial */
  gboolean looking_for_search; /* a thread does */

  char *run;
  AttuneRunState run_state;
  AttuneRunCurves *curves;
  AttuneRunPlan *run_plan; /* (nullable): what the run was started with */
  AttuneRunNews *news;
  guint run_serial;         /* counts what was begun, so that what a thread saw before is known */
  char *used_run;           /* (nullable): what is evaluated and deployed; as run where NULL */
  AttuneRunPlan *used_plan; /* (nullable): of that where it is another one */
  gint64 run_step;          /* of that: see attune_run_read_step() */
  gboolean run_read;        /* what was there when the run was found has been read */
  gboolean looking;         /* a thread does */
  gboolean pausing;         /* that was asked for */
  gboolean silent;          /* no news for too long */
  gint64 heard;             /* when there was news last, in µs of the monotonic clock */
  double silence_limit;     /* seconds; 0: by the run's own pace. Tests set it. */
  guint end_seconds;        /* likewise: what a worker that hangs is given */
  guint end_id;             /* after which it is ended */
  guint idle_follows;       /* turns without a run */

  GPtrArray *evaluations; /* (nullable) (element-type AttuneEvaluationSummary) */
  AttuneEvaluation *evaluation;
  char *evaluation_path;
  gpointer evaluation_task; /* borrowed: the latest that reads them */
  GHashTable *ratings;      /* path of an evaluation → AttuneRatings */
  char *ratings_problem;
  gboolean ratings_unwritten;
  GArray *rating_steps; /* to undo them */
  GThreadPool *ratings_pool;
  AttuneExportRecord *exports[ATTUNE_N_EXPORTS]; /* (nullable) */
  int exporting;
};

/* Writes what waits to be written. */
void attune_session_save_now (AttuneSession *self);
/* Tells "changed" soon. */
void attune_session_changed (AttuneSession *self);

/* Marks @stage as running. Returns: (transfer none): to be given to what runs. */
GCancellable *attune_session_begin (AttuneSession *self, AttuneStage stage);
void attune_session_end (AttuneSession *self, AttuneStage stage);
/* An AttuneProgressFunc for threads; @data: a SessionJob of a session that is kept alive. */
void attune_session_on_progress (gpointer data, double fraction, const char *what);
/* Takes "changed" of what is in the project's folder. */
void attune_session_load_data (AttuneSession *self);
void attune_session_prepare_if_ready (AttuneSession *self);
void attune_session_load_model (AttuneSession *self);
void attune_session_load_evaluation (AttuneSession *self);
void attune_session_init_ratings (AttuneSession *self);
void attune_session_take_ratings (AttuneSession *self, AttuneRatings *ratings, /* taken */
                                  const char *problem);
void attune_session_flush_ratings (AttuneSession *self); /* waits until they are written */
void attune_session_clear_ratings (AttuneSession *self);
void attune_session_load_exports (AttuneSession *self);
void attune_session_find_run (AttuneSession *self);
/* Looks at the runs now and then from here on, or once now. */
void attune_session_follow (AttuneSession *self);
void attune_session_look (AttuneSession *self);
void attune_session_look_for_search (AttuneSession *self);
void attune_session_clear_search (AttuneSession *self);
void attune_session_run_ended (AttuneSession *self);
void attune_session_plan_changed (AttuneSession *self);
/* Bytes that the preferences let a run take; 0: all that is free. */
guint64 attune_session_get_memory_limit (AttuneSession *self);
/* Returns: (transfer full): the plan as a run begins with it: what it leaves to the preferences
 * filled in. */
AttunePlan *attune_session_make_run_plan (AttuneSession *self);
void attune_session_check_data (AttuneSession *self); /* stale or not */
/* Takes @changes; @problem: why they cannot be read. */
void attune_session_take_changes (AttuneSession *self, AttuneChanges *changes, const char *problem);
/* Whether the data may be changed now; says why not. */
gboolean attune_session_may_change_data (AttuneSession *self);
/* Ends the data's job; an error other than a cancellation becomes the stage's. */
void attune_session_end_data (AttuneSession *self, const GError *error);

/* Whether attunectl may begin in @stage; says why not. */
gboolean attune_session_may_begin (AttuneSession *self, AttuneStage stage);
typedef void (*SessionDone) (AttuneSession *self, gboolean good);
/* Runs attunectl with @argv (NULL-terminated, taken; without the program's name); @done is called
 * with the object that it has printed. A failure becomes the stage's error. */
void attune_session_run_program (AttuneSession *self, AttuneStage stage, GStrv argv,
                                 SessionDone done);
