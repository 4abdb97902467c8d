/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * exports/NNNN-FORMAT.json: what was exported of run NNNN, where it lies, and what the check of it
 * has shown. Kept in the project even where the export itself lies elsewhere. Light.
 */
#pragma once
#include "deploy/parity.h"
#include "job/project.h"

G_BEGIN_DECLS

typedef struct
{
  AttuneExportFormat format;
  char *run;       /* "0001" */
  gint64 step;     /* after which its adapter was taken; -1: not known */
  char *output;    /* path of the file or folder */
  char *modelfile; /* (nullable): path of the lines for Ollama */
  char *system;    /* what the model was told to be in training; may be empty */
  int context; /* tokens; given room for more, llama.cpp turns the positions of short texts, too,
                * otherwise than in training (longrope); 0: that does not matter */
  guint64 bytes;
  gint64 made; /* seconds since 1970 */
  gboolean checked;
  AttuneParity parity; /* where it was checked */
  char *problem;       /* (nullable): why it could not be */
} AttuneExportRecord;

void attune_export_record_free (AttuneExportRecord *self);

/* Bytes of a file, or of what lies in a folder; 0 where there is nothing. Blocks. */
guint64 attune_export_measure (const char *path);

/* Returns: (transfer full). */
JsonObject *attune_export_record_to_json (const AttuneExportRecord *self);
gboolean attune_export_record_write (const AttuneExportRecord *self, AttuneProject *project,
                                     GError **error);
AttuneExportRecord *attune_export_record_read (const char *path, GError **error);

/* exports/NNNN-FORMAT, with .gguf where it is a file: where an export goes by default. Returns:
 * (transfer full). */
char *attune_project_get_export_path (AttuneProject *project, const char *run,
                                      AttuneExportFormat format);

/**
 * attune_project_find_export:
 *
 * Returns: (transfer full) (nullable): the export of the latest run in that format that is still
 * where it was written. One without a readable record counts as not checked. Blocks for the reading
 * of small files.
 */
AttuneExportRecord *attune_project_find_export (AttuneProject *project, AttuneExportFormat format);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneExportRecord, attune_export_record_free)

G_END_DECLS
