/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rows of a data set that could not be read: where they stood, why, and how they begin.
 */
#pragma once
#include "data/dataset.h"

G_BEGIN_DECLS

typedef struct
{
  guint source; /* its number in the list of sources */
  guint64 line; /* of the file, from 1 */
  char *reason; /* a sentence */
  char *text;   /* the start of the row */
} AttuneKeptRow;

void attune_kept_row_free (AttuneKeptRow *row);

/**
 * attune_bad_rows_read:
 * @path: a dataset.h5
 * @source: whose rows, or -1 for all
 * @max: so many at most
 *
 * Returns: (transfer full): #AttuneKeptRow, in the order of the files. Blocks.
 */
GPtrArray *attune_bad_rows_read (const char *path, int source, guint max, GError **error);

G_END_DECLS
