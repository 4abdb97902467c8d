/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fetching over HTTP, for threads: every function here blocks, and fails with a sentence
 * while nothing is to be fetched: see attune_is_offline().
 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  const char *url;
  const char *accept; /* (nullable): which type of content */
  const char *token;  /* (nullable): shown to the server of @url alone, and never in the clear */
  const char *proxy;  /* (nullable): address; %NULL as the system says */
  const char *sha256; /* (nullable): that the content must have */
  guint64 bytes;      /* 0: not known before */
} AttuneFetch;

/* @text: (nullable): what the preferences call the mirror of the hub and is no address. Until it is
 * %NULL again nothing is fetched: another server is not what was asked for. */
void attune_fetch_set_bad_mirror (const char *text);

/* @total: 0 where it is not known. Called from the thread. */
typedef void (*AttuneFetchProgress) (gpointer data, guint64 done, guint64 total);

/* Returns: (transfer full): the content, or %NULL with a sentence; more than @most bytes are
 * refused. */
GBytes *attune_fetch_bytes (const AttuneFetch *self, gsize most, GCancellable *cancellable,
                            GError **error);

/**
 * attune_fetch_file:
 * @path: where to; until it is whole and its checksum is right, it is @path.part, to which nobody
 *   else writes meanwhile. What was there is replaced.
 *
 * Goes on where an earlier call has stopped, if there is a checksum to be sure by; so it does by
 * itself where the connection breaks off, as long as something comes. Errors are
 * sentences that say what to do; what has come is kept for the next time, unless it is wrong.
 */
gboolean attune_fetch_file (const AttuneFetch *self, const char *path, AttuneFetchProgress progress,
                            gpointer data, GCancellable *cancellable, GError **error);

/* The same for what must not replace anything. Returns: (transfer full): where it lies: @path, or
 * beside it with a number where something is there by then; or %NULL. */
char *attune_fetch_new_file (const AttuneFetch *self, const char *path,
                             AttuneFetchProgress progress, gpointer data, GCancellable *cancellable,
                             GError **error);

/* Gives the finished file @temporary its name. Returns: like attune_fetch_new_file() */
char *attune_fetch_place (const char *temporary, const char *path, GError **error);

/* FALSE with a sentence where the content of @path is another one. */
gboolean attune_check_sum (const char *path, const char *sha256, GCancellable *cancellable,
                           GError **error);

/* Before it fails: a download that fills the disk helps nobody. FALSE with a sentence where the
 * folder of @path has no room for @needed bytes. */
gboolean attune_check_space (const char *path, guint64 needed, GError **error);

G_END_DECLS
