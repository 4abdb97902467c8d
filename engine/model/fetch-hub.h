/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fetching a model or a data set from the hub, for threads: every function here blocks.
 */
#pragma once
#include "core/fetch.h"
#include "model/hub.h"

G_BEGIN_DECLS

/**
 * attune_fetch_hub_file:
 * @access: as its url the address of the hub, token and proxy, and about how many bytes the file
 * has (0: not known); the rest is not looked at
 * @file: its name in @repository; where none is called so, the one of its type is taken, or of a
 *   type that takes about as much room
 * @path: where to
 *
 * What is there already, or was fetched by Hugging Face's own programs on this computer, is not
 * fetched again. Another file that is called so stays.
 *
 * Returns: (transfer full): where it lies: @path, or beside it under its own name where it is
 * another one, or under a longer one where that is taken; %NULL with a sentence
 */
char *attune_fetch_hub_file (const AttuneFetch *access, const char *repository, const char *file,
                             const char *path, AttuneFetchProgress progress, gpointer data,
                             GCancellable *cancellable, GError **error);

/* The parts of @model, several at once, into the folder @path; until all of them are there it is
 * @path.part, which the next call goes on with. @progress is called from several threads, one after
 * another. */
gboolean attune_fetch_hub_parts (const AttuneFetch *access, const AttuneHubModel *model,
                                 const char *path, AttuneFetchProgress progress, gpointer data,
                                 GCancellable *cancellable, GError **error);
/* The same for the files that Attune reads of the model @repository. */
gboolean attune_fetch_hub_folder (const AttuneFetch *access, const char *repository,
                                  const char *path, AttuneFetchProgress progress, gpointer data,
                                  GCancellable *cancellable, GError **error);

G_END_DECLS
