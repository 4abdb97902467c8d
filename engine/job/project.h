/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A project is a folder, Name.attune/: project.json (settings of every stage, the model),
 * dataset.h5, runs/, evaluations/, exports/. Light: reads and writes small files only.
 */
#pragma once
#include "data/data-settings.h"
#include "plan/plan.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define ATTUNE_JOB_ERROR (attune_job_error_quark ())
typedef enum
{
  ATTUNE_JOB_ERROR_PROJECT, /* not a project folder, damaged, cannot be written */
  ATTUNE_JOB_ERROR_VERSION, /* made by a newer version of Attune */
  ATTUNE_JOB_ERROR_LOCKED,  /* somebody else works in that run folder */
  ATTUNE_JOB_ERROR_STAGE,   /* an earlier stage is missing: the message says which command or button
                             */
} AttuneJobError;
GQuark attune_job_error_quark (void);

#define ATTUNE_PROJECT_VERSION 1

#define ATTUNE_TYPE_PROJECT (attune_project_get_type ())
G_DECLARE_FINAL_TYPE (AttuneProject, attune_project, ATTUNE, PROJECT, GObject)

/* Makes the folder and project.json; a folder that is there and not empty is refused. Returns:
 * (transfer full). */
AttuneProject *attune_project_create (const char *path, GError **error);
AttuneProject *attune_project_open (const char *path, GError **error);
/* Writes project.json, atomically. Members that this version does not know are kept. */
gboolean attune_project_save (AttuneProject *self, GError **error);
/* The same in two steps, for who must not wait for the disk: what would be written, and writing it
 * into the folder @path, from any thread but one at a time. Returns: (transfer full). */
char *attune_project_to_text (AttuneProject *self);
gboolean attune_project_write_text (const char *path, const char *text, GError **error);

const char *attune_project_get_path (AttuneProject *self);
char *attune_project_get_file (AttuneProject *self,
                               const char *name); /* path of a file in it; (transfer full) */
/* Where pages from @address go: a folder in it that there is not yet. (transfer full) */
char *attune_project_get_web_folder (AttuneProject *self, const char *address);
const char *attune_project_get_model (AttuneProject *self); /* (nullable): path of the model file */
void attune_project_set_model (AttuneProject *self, const char *path);
AttuneDataSettings *attune_project_get_data_settings (AttuneProject *self); /* borrowed */
AttunePlan *attune_project_get_plan (AttuneProject *self);                  /* borrowed */

/* Runs, oldest first: "0001" … Returns: (transfer full): NULL-terminated, may be empty. */
char **attune_project_list_runs (AttuneProject *self);
/* Makes the next runs/NNNN. @plan: (nullable): what the run does; the project's own where NULL.
 * Returns: (transfer full): its path. */
char *attune_project_new_run (AttuneProject *self, AttunePlan *plan, GError **error);
/* @name: "0003", or %NULL for the latest. Returns: (transfer full): its path, or %NULL with an
 * error that says what to do. */
char *attune_project_get_run (AttuneProject *self, const char *name, GError **error);

G_END_DECLS
