/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A folder of documents. Private to data/.
 */
#pragma once
#include "data/import.h"

G_BEGIN_DECLS

/**
 * attune_folder_list:
 * @path: of a folder
 * @others: (nullable): gets the files that are no documents
 *
 * Goes into folders within, but follows no links out of it; what is hidden stays so. Returns:
 * (transfer full): paths below @path, sorted; %NULL with %ATTUNE_DATA_ERROR_EMPTY where there is no
 * document, %ATTUNE_DATA_ERROR_FORMAT where there are too many files
 */
GPtrArray *attune_folder_list (const char *path, GPtrArray *others, GError **error);

/* The files of a folder that is a data set of Parquet or JSON Lines files. Returns: (transfer full)
 * (nullable): paths below it, sorted; %NULL where it is none. */
GPtrArray *attune_data_folder_list (const char *path);

/* SHA-256 of a file, or of the names and hashes of all documents or data files of a folder, in hex;
 * @bytes: (out): of all. Returns: (transfer full): %NULL with @error. */
char *attune_source_hash (const char *path, guint64 *bytes, GError **error);

G_END_DECLS
