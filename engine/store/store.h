/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The only door to HDF5: named arrays, text columns and attributes in one file. Every call takes
 * the process-wide lock and blocks: never on the main thread. Names are paths ("records/question");
 * groups come by themselves.
 */
#pragma once
#include "core/threads.h"

G_BEGIN_DECLS

#define ATTUNE_STORE_ERROR (attune_store_error_quark ())
typedef enum
{
  ATTUNE_STORE_ERROR_OPEN,    /* missing, not HDF5, truncated, no permission, disk full */
  ATTUNE_STORE_ERROR_SCHEMA,  /* another kind of file, or a part is missing or of the wrong type */
  ATTUNE_STORE_ERROR_VERSION, /* made by a newer version of Attune */
  ATTUNE_STORE_ERROR_RANGE,   /* asked past the end */
} AttuneStoreError;
GQuark attune_store_error_quark (void);

typedef enum
{
  ATTUNE_STORE_U8,
  ATTUNE_STORE_I32,
  ATTUNE_STORE_I64,
  ATTUNE_STORE_F32,
  ATTUNE_STORE_F64,
} AttuneStoreType;

typedef struct _AttuneStore AttuneStore;

/**
 * attune_store_create:
 * @path: where the file will stand once attune_store_commit() has returned %TRUE; until then a file
 * beside it is written
 * @kind: what it is, e.g. "dataset"; checked when it is opened
 * @version: of the schema of that kind
 *
 * Returns: (transfer full): close with attune_store_close(), which throws away what was not
 * committed
 */
AttuneStore *attune_store_create (const char *path, const char *kind, int version, GError **error);

/* Has the threads of @pool compress what is appended; it must stay until the store is closed, and
 * be idle whenever the store is called. (nullable): the calling thread does it. The file is the
 * same. */
void attune_store_set_pool (AttuneStore *store, AttunePool *pool);

/* Opens read-only. A file of another kind or of a newer @version is refused. */
AttuneStore *attune_store_open (const char *path, const char *kind, int version, GError **error);

/* Flushes, syncs, and moves the file to its place, atomically. The store stays open for nothing but
 * close. */
gboolean attune_store_commit (AttuneStore *store, GError **error);
void attune_store_close (AttuneStore *store);

/* --- arrays: at most 4 axes, row-major, in the machine's byte order */

/* Writes a whole array, contiguous and uncompressed (checkpoints, curves). */
gboolean attune_store_put (AttuneStore *store, const char *name, AttuneStoreType type, int n_dims,
                           const gint64 *dims, const void *data, GError **error);

/* Appends @n values to a one-axis array, made on first use: in chunks of 128 Ki elements, or in one
 * piece where it does not fill a chunk. What waits in memory is written by then, or by the commit:
 * a full disk may be told only there. */
gboolean attune_store_append (AttuneStore *store, const char *name, AttuneStoreType type, gint64 n,
                              const void *data, GError **error);

gboolean attune_store_has (AttuneStore *store, const char *name);

/* Copies an array as it lies in @from, compressed where it is; it cannot be appended to. */
gboolean attune_store_copy (AttuneStore *store, AttuneStore *from, const char *name,
                            GError **error);

/* Copies all that is in @from, but for numbers that were set, as it lies there, into a store that
 * was just created for the same kind of file. What was copied cannot be appended to; strings can be
 * set anew. */
gboolean attune_store_copy_all (AttuneStore *store, AttuneStore *from, GError **error);

/* @dims: (out) (array length=4): unused axes are 1. */
gboolean attune_store_shape (AttuneStore *store, const char *name, AttuneStoreType *type,
                             int *n_dims, gint64 *dims, GError **error);

/* Reads rows @first … @first + @n - 1 of the first axis into @data, which holds them in @type. The
 * stored type must be @type. */
gboolean attune_store_get (AttuneStore *store, const char *name, AttuneStoreType type, gint64 first,
                           gint64 n, void *data, GError **error);

/* --- text columns: one byte array and one offsets array, chunked and compressed (deflate 1 on the
 * bytes only) */

/* @texts: (array length=n): %NULL counts as "". */
gboolean attune_store_append_text (AttuneStore *store, const char *name, gint64 n,
                                   const char *const *texts, GError **error);
gint64 attune_store_count_text (AttuneStore *store, const char *name,
                                GError **error); /* -1 on error */
/* Adds the bytes of each of these texts to @sizes (@n of them). */
gboolean attune_store_measure_text (AttuneStore *store, const char *name, gint64 first, gint64 n,
                                    gint64 *sizes, GError **error);
/* Copies a column; see attune_store_copy(). */
gboolean attune_store_copy_text (AttuneStore *store, AttuneStore *from, const char *name,
                                 GError **error);
/* Returns: (transfer full) (array zero-terminated=1): @n strings, free with g_strfreev(). */
char **attune_store_get_text (AttuneStore *store, const char *name, gint64 first, gint64 n,
                              GError **error);

/* --- attributes of the file */
gboolean attune_store_set_string (AttuneStore *store, const char *name, const char *value,
                                  GError **error);
char *attune_store_get_string (AttuneStore *store, const char *name, GError **error);
gboolean attune_store_set_int (AttuneStore *store, const char *name, gint64 value, GError **error);
gboolean attune_store_get_int (AttuneStore *store, const char *name, gint64 *value, GError **error);
gboolean attune_store_set_double (AttuneStore *store, const char *name, double value,
                                  GError **error);
gboolean attune_store_get_double (AttuneStore *store, const char *name, double *value,
                                  GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneStore, attune_store_close)

G_END_DECLS
