/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which files of a folder or a repository are its data, by their names.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Where there are files of a greater kind, those of the smaller ones tell of them: a list of names
 * as CSV beside Parquet files, the state of a program as JSON beside either. */
typedef enum
{
  ATTUNE_DATA_FILE_NONE,
  ATTUNE_DATA_FILE_JSON,
  ATTUNE_DATA_FILE_TABLE,   /* CSV, TSV */
  ATTUNE_DATA_FILE_RECORDS, /* Parquet, JSON Lines */
} AttuneDataFile;

/* @name: may have folders in front */
AttuneDataFile attune_data_file_judge (const char *name);

G_END_DECLS
