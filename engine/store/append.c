/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Arrays that grow. What has been appended waits in memory until it fills a chunk, so that each
 * chunk is compressed and written once, and so that an array that never fills one takes the room of
 * its values and no more: a chunk of 8-byte values is 1 MiB, and an evaluation of 200 answers has
 * some twenty arrays.
 */
#include "store/store-private.h"

/* Measured: chunks of 128 Ki to 1 Mi elements read windows at random at the same rate as contiguous
 * data. */
#define CHUNK (128 * 1024)

typedef struct
{
  AttuneStoreType type;
  int deflate;
  gint64 n_written; /* values in the file */
  GByteArray *bytes;
} Waiting;

static void
waiting_free (gpointer data)
{
  Waiting *waiting = data;

  g_byte_array_unref (waiting->bytes);
  g_free (waiting);
}

static Waiting *
find (AttuneStore *store, const char *name)
{
  return store->waiting != NULL ? g_hash_table_lookup (store->waiting, name) : NULL;
}

static gint64
count (const Waiting *waiting)
{
  return waiting->bytes->len / H5Tget_size (attune_store_native_type (waiting->type));
}

/* --- into the file */

static gboolean
fail (AttuneStore *store, const char *name, GError **error)
{
  return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not write", store, name) != NULL;
}

/* @chunk: 0: the array will not grow and is written in one piece */
static hid_t
create (AttuneStore *store, const char *name, const Waiting *waiting, hsize_t n, hsize_t chunk)
{
  const hsize_t unlimited = H5S_UNLIMITED;
  const gboolean deflated = waiting->deflate > 0 && n > 0;
  g_auto (AttuneHid) space = H5Screate_simple (1, &n, chunk > 0 ? &unlimited : NULL),
                     links = attune_store_link_properties ();
  g_auto (AttuneHid) properties = attune_store_array_properties ();

  if (chunk > 0 || deflated) /* what is compressed has chunks: one of them holds it all */
    H5Pset_chunk (properties, 1, chunk > 0 ? &chunk : &n);
  if (deflated)
    {
      H5Pset_shuffle (properties);
      H5Pset_deflate (properties, waiting->deflate);
    }
  return H5Dcreate2 (store->file, name, attune_store_native_type (waiting->type), space, links,
                     properties, H5P_DEFAULT);
}

/* All of it, as an array that will not grow. */
static gboolean
write_whole (AttuneStore *store, const char *name, const Waiting *waiting, GError **error)
{
  const hid_t native = attune_store_native_type (waiting->type);
  const gint64 n = count (waiting);
  g_auto (AttuneHid) set = create (store, name, waiting, n, 0);

  if (set < 0
      || (n > 0 && H5Dwrite (set, native, H5S_ALL, H5S_ALL, H5P_DEFAULT, waiting->bytes->data) < 0))
    return fail (store, name, error);
  return attune_store_check_written (store, error);
}

/* The first @n values that wait, behind those that are in the file. */
static gboolean
write_behind (AttuneStore *store, const char *name, Waiting *waiting, hsize_t n, GError **error)
{
  const hid_t native = attune_store_native_type (waiting->type);
  const hsize_t first = waiting->n_written, total = first + n;
  g_auto (AttuneHid) set = first > 0 ? H5Dopen2 (store->file, name, H5P_DEFAULT)
                                     : create (store, name, waiting, n, CHUNK);
  g_auto (AttuneHid) disk = H5I_INVALID_HID, memory = H5I_INVALID_HID;

  if (set < 0 || H5Dset_extent (set, &total) < 0 || (disk = H5Dget_space (set)) < 0
      || H5Sselect_hyperslab (disk, H5S_SELECT_SET, &first, NULL, &n, NULL) < 0
      || (memory = H5Screate_simple (1, &n, NULL)) < 0
      || H5Dwrite (set, native, memory, disk, H5P_DEFAULT, waiting->bytes->data) < 0)
    return fail (store, name, error);
  waiting->n_written = total;
  g_byte_array_remove_range (waiting->bytes, 0, n * H5Tget_size (native));
  return attune_store_check_written (store, error);
}

/* The chunk that waits, of an array that is compressed: it goes on its way, and counts as written.
 */
static gboolean
hand_over (AttuneStore *store, const char *name, Waiting *waiting, GError **error)
{
  const gint64 first = waiting->n_written;

  if (first == 0)
    {
      g_auto (AttuneHid) set = create (store, name, waiting, CHUNK, CHUNK);

      if (set < 0)
        return fail (store, name, error);
    }
  waiting->n_written += CHUNK;
  return attune_store_pack_locked (
      store, name, first, g_byte_array_free_to_bytes (g_steal_pointer (&waiting->bytes)), error);
}

/* A whole chunk waits. */
static gboolean
write_full (AttuneStore *store, const char *name, Waiting *waiting, GError **error)
{
  gboolean done;

  /* behind a part of a chunk, which reading while it grows has written, chunks do not fit */
  if (waiting->deflate == 0 || waiting->n_written % CHUNK != 0)
    return write_behind (store, name, waiting, CHUNK, error);
  done = hand_over (store, name, waiting, error);
  if (waiting->bytes == NULL)
    waiting->bytes = g_byte_array_sized_new (CHUNK);
  return done;
}

/* --- doors */

gboolean
attune_store_append_locked (AttuneStore *store, const char *name, AttuneStoreType type, gint64 n,
                            const void *data, int deflate, GError **error)
{
  const size_t size = H5Tget_size (attune_store_native_type (type));
  Waiting *waiting = find (store, name);

  g_return_val_if_fail (store->temporary != NULL && n >= 0, FALSE);
  g_return_val_if_fail (waiting == NULL || waiting->type == type, FALSE);

  if (store->waiting == NULL)
    store->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, waiting_free);
  if (waiting == NULL)
    {
      waiting = g_new (Waiting, 1);
      *waiting = (Waiting) { type, deflate, 0, g_byte_array_new () };
      g_hash_table_insert (store->waiting, g_strdup (name), waiting);
    }
  for (gint64 done = 0; done < n;)
    {
      const gint64 some = MIN (n - done, CHUNK - count (waiting));

      g_byte_array_append (waiting->bytes, (const guint8 *) data + done * size, some * size);
      done += some;
      if (count (waiting) == CHUNK && !write_full (store, name, waiting, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
attune_store_append (AttuneStore *store, const char *name, AttuneStoreType type, gint64 n,
                     const void *data, GError **error)
{
  g_autoptr (GMutexLocker) locker = attune_store_enter ();

  return attune_store_append_locked (store, name, type, n, data, 0, error);
}

gboolean
attune_store_is_growing_locked (AttuneStore *store, const char *name, AttuneStoreType *type,
                                gint64 *n)
{
  const Waiting *waiting = find (store, name);

  if (waiting == NULL)
    return FALSE;
  *type = waiting->type;
  *n = waiting->n_written + count (waiting);
  return TRUE;
}

gboolean
attune_store_settle_locked (AttuneStore *store, const char *name, GError **error)
{
  Waiting *waiting = find (store, name);

  return waiting == NULL
         || (attune_store_write_packed_locked (store, error)
             && ((waiting->n_written > 0 && waiting->bytes->len == 0)
                 || write_behind (store, name, waiting, count (waiting), error)));
}

gboolean
attune_store_settle_all_locked (AttuneStore *store, GError **error)
{
  GHashTableIter iter;
  gpointer name, waiting;

  if (store->waiting == NULL)
    return TRUE;
  g_hash_table_iter_init (&iter, store->waiting);
  while (g_hash_table_iter_next (&iter, &name, &waiting))
    if (!(((Waiting *) waiting)->n_written > 0 ? attune_store_settle_locked (store, name, error)
                                               : write_whole (store, name, waiting, error)))
      return FALSE;
  g_clear_pointer (&store->waiting, g_hash_table_unref);
  return TRUE;
}
