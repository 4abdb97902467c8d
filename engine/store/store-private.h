/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of store/ share: identifiers that close themselves, the lock, and errors out of
 * HDF5's stack.
 */
#pragma once
#include "store/store.h"

#include <hdf5.h>

G_BEGIN_DECLS

typedef hid_t AttuneHid; /* any HDF5 identifier; closed when it leaves its scope */

static inline void
attune_hid_close (AttuneHid id)
{
  H5Idec_ref (id); /* closes files, datasets, dataspaces and types alike */
}
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (AttuneHid, attune_hid_close, H5I_INVALID_HID)

static inline hid_t
attune_hid_steal (AttuneHid *id)
{
  const hid_t stolen = *id;

  *id = H5I_INVALID_HID;
  return stolen;
}

struct _AttuneStore
{
  hid_t file;          /* H5I_INVALID_HID after a commit */
  char *path;          /* where it stands, or will stand */
  char *temporary;     /* where it is written; %NULL when it was opened for reading */
  GHashTable *waiting; /* (nullable): arrays that grow, by name; see append.c */
  GPtrArray *full;     /* (nullable): chunks to be compressed; see packed.c */
  AttunePool *pool;    /* (nullable): borrowed */
};

/* Locks HDF5 for this thread and silences its printing. Declare it first, so that it is released
 * last. */
GMutexLocker *attune_store_enter (void);

/* Sets @error to “@doing “path”: HDF5's innermost reason” and returns NULL, which also serves as
 * FALSE. */
gpointer attune_store_fail (GError **error, AttuneStoreError code, const char *doing,
                            AttuneStore *store, const char *name);

/* FALSE with @error once a write has failed; see disk.h. The lock is held. */
gboolean attune_store_check_written (AttuneStore *store, GError **error);

/* HDF5's type of @type in memory and in the file; not to be closed. */
hid_t attune_store_native_type (AttuneStoreType type);
/* How a property list for creating groups on the way to a name is made. */
hid_t attune_store_link_properties (void);
/* How one for creating arrays is: without the time, so that the same content is the same file. */
hid_t attune_store_array_properties (void);

/* TRUE where @name is in the file itself. The lock is held. */
gboolean attune_store_has_locked (AttuneStore *store, const char *name);

/* Appends to a one-axis array, made on first use. @deflate: 0 is none. The lock is held. */
gboolean attune_store_append_locked (AttuneStore *store, const char *name, AttuneStoreType type,
                                     gint64 n, const void *data, int deflate, GError **error);
/* Whether @name is such an array of a file that is being written, and how long it is by now. */
gboolean attune_store_is_growing_locked (AttuneStore *store, const char *name,
                                         AttuneStoreType *type, gint64 *n);
/* Writes what waits in memory: of @name, which can still grow, or of all, for good. */
gboolean attune_store_settle_locked (AttuneStore *store, const char *name, GError **error);
gboolean attune_store_settle_all_locked (AttuneStore *store, GError **error);

/* So many chunks are compressed at a time: always as many, whatever the number of threads. */
#define ATTUNE_STORE_PACKED 16
/* A full chunk of the array @name, which the file has, from its value @first on; takes @values. It
 * is compressed and written with others, by attune_store_write_packed_locked() at the latest. The
 * lock is held. */
gboolean attune_store_pack_locked (AttuneStore *store, const char *name, gint64 first,
                                   GBytes *values, GError **error);
gboolean attune_store_write_packed_locked (AttuneStore *store, GError **error);
/* Length of a one-axis array of @type, or -1 with @error. The lock is held. */
gint64 attune_store_length_locked (AttuneStore *store, const char *name, AttuneStoreType type,
                                   GError **error);
gboolean attune_store_get_locked (AttuneStore *store, const char *name, AttuneStoreType type,
                                  gint64 first, gint64 n, void *data, GError **error);

G_END_DECLS
