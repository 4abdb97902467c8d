/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Full chunks of texts, compressed beside HDF5: its own filter takes one after another under the
 * lock, and most of the time of writing a data set. They come in fixed numbers and are written in
 * their order, so that the file is the same with however many threads.
 */
#include "store/store-private.h"

#include <libdeflate.h>

/* The fastest; as small as zlib's first level. */
#define LEVEL 1

typedef struct
{
  char *name;
  gint64 first;   /* value of the array */
  GBytes *values; /* bytes */
  guint8 *packed;
  size_t n_packed;
} Chunk;

static void
chunk_free (gpointer data)
{
  Chunk *chunk = data;

  g_free (chunk->name);
  g_bytes_unref (chunk->values);
  g_free (chunk->packed);
  g_free (chunk);
}

static void
pack (gpointer data, int worker, int n_workers)
{
  const GPtrArray *chunks = data;
  struct libdeflate_compressor *compressor = NULL;

  for (guint i = worker; i < chunks->len; i += n_workers)
    {
      Chunk *chunk = g_ptr_array_index (chunks, i);
      gsize n;
      const void *values = g_bytes_get_data (chunk->values, &n);
      gsize room;

      if (compressor == NULL && (compressor = libdeflate_alloc_compressor (LEVEL)) == NULL)
        g_error ("There is not enough memory to write a file.");
      room = libdeflate_zlib_compress_bound (compressor, n);
      chunk->packed = g_malloc (room);
      chunk->n_packed = libdeflate_zlib_compress (compressor, values, n, chunk->packed, room);
    }
  g_clear_pointer (&compressor, libdeflate_free_compressor);
}

static gboolean
write_chunk (AttuneStore *store, const Chunk *chunk, GError **error)
{
  const hsize_t first = chunk->first, total = first + g_bytes_get_size (chunk->values);
  g_auto (AttuneHid) set = H5Dopen2 (store->file, chunk->name, H5P_DEFAULT);

  if (set < 0 || H5Dset_extent (set, &total) < 0
      || H5Dwrite_chunk (set, H5P_DEFAULT, 0, &first, chunk->n_packed, chunk->packed) < 0)
    return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not write", store, chunk->name)
           != NULL;
  return attune_store_check_written (store, error);
}

void
attune_store_set_pool (AttuneStore *store, AttunePool *pool)
{
  store->pool = pool;
}

gboolean
attune_store_write_packed_locked (AttuneStore *store, GError **error)
{
  GPtrArray *chunks = store->full;

  if (chunks == NULL || chunks->len == 0)
    return TRUE;
  if (store->pool != NULL)
    attune_pool_run (store->pool, pack, chunks);
  else
    pack (chunks, 0, 1);
  for (guint i = 0; i < chunks->len; i++)
    if (!write_chunk (store, g_ptr_array_index (chunks, i), error))
      return FALSE;
  g_ptr_array_set_size (chunks, 0);
  return TRUE;
}

gboolean
attune_store_pack_locked (AttuneStore *store, const char *name, gint64 first, GBytes *values,
                          GError **error)
{
  Chunk *chunk = g_new (Chunk, 1);

  *chunk = (Chunk) { g_strdup (name), first, values };
  if (store->full == NULL)
    store->full = g_ptr_array_new_with_free_func (chunk_free);
  g_ptr_array_add (store->full, chunk);
  return store->full->len < ATTUNE_STORE_PACKED || attune_store_write_packed_locked (store, error);
}
