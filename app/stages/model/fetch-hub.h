/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fetching a model from the hub, for threads: every function here blocks.
 */
#pragma once
#include "stages/model/fetch.h"

G_BEGIN_DECLS

/**
 * attune_fetch_hub_file:
 * @access: token and proxy; the rest is not looked at
 * @file: its name in @repository; where it is no longer called so, the one of its type is taken
 * @path: where to
 */
gboolean attune_fetch_hub_file (const AttuneFetch *access, const char *repository, const char *file,
                                const char *path, AttuneFetchProgress progress, gpointer data,
                                GCancellable *cancellable, GError **error);

/* The files that Attune reads of @repository, into the folder @path; until all of them are there it
 * is @path.part, which the next call goes on with. */
gboolean attune_fetch_hub_folder (const AttuneFetch *access, const char *repository,
                                  const char *path, AttuneFetchProgress progress, gpointer data,
                                  GCancellable *cancellable, GError **error);

G_END_DECLS
