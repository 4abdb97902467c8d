/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of an export, in plain words, and the commands with which other programs take it.
 */
#pragma once
#include "job/export-record.h"

G_BEGIN_DECLS

/* Translated, static. */
const char *attune_export_get_title (AttuneExportFormat format);
const char *attune_export_get_purpose (AttuneExportFormat format);
/* The same with how large it will be, 0 where that is not known. Returns: (transfer full) */
char *attune_export_describe_purpose (AttuneExportFormat format, guint64 bytes);

/* TRUE where one need not look at it closer. */
gboolean attune_export_is_sound (const AttuneExportRecord *record);
/* What the check has shown; @detail: (out) (transfer full): a second sentence, maybe empty.
 * Returns: (transfer full). */
char *attune_export_describe_check (const AttuneExportRecord *record, char **detail);

/* A command for one program. */
typedef struct
{
  const char *program; /* static */
  char *command;
} AttuneExportCommand;

/* @name: of the project. Returns: (transfer full) (element-type AttuneExportCommand): maybe none.
 */
GPtrArray *attune_export_list_commands (const AttuneExportRecord *record, const char *name);

G_END_DECLS
