/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Named arrays: written whole, and read. Those that grow: append.c.
 */
#include "store/store-private.h"

/* Deflate cannot do better than 1032 to 1. */
#define MAX_DEFLATE_RATIO 1100
/* Larger than any disk: no such array was ever written. */
#define MAX_BYTES ((guint64) 1 << 56)

gboolean
attune_store_put (AttuneStore *store, const char *name, AttuneStoreType type, int n_dims,
                  const gint64 *dims, const void *data, GError **error)
{
  g_autoptr (GMutexLocker) locker = attune_store_enter ();
  const hid_t native = attune_store_native_type (type);
  hsize_t size[4] = { 1, 1, 1, 1 };
  g_auto (AttuneHid) space = H5I_INVALID_HID, links = attune_store_link_properties (),
                     properties = attune_store_array_properties (), set = H5I_INVALID_HID;
  gboolean empty = FALSE;

  g_return_val_if_fail (n_dims >= 1 && n_dims <= 4, FALSE);
  for (int i = 0; i < n_dims; i++)
    {
      size[i] = dims[i];
      empty = empty || dims[i] == 0;
    }
  space = H5Screate_simple (n_dims, size, NULL);
  set = H5Dcreate2 (store->file, name, native, space, links, properties, H5P_DEFAULT);
  if (set < 0 || (!empty && H5Dwrite (set, native, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0))
    return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not write", store, name)
           != NULL;
  return attune_store_check_written (store, error);
}

/* The stored type must be the native one: conversions would hide a wrong schema, and are slow. */
static gboolean
find_type (hid_t set, AttuneStoreType *type)
{
  g_auto (AttuneHid) stored = H5Dget_type (set);

  for (int i = ATTUNE_STORE_U8; i <= ATTUNE_STORE_F64; i++)
    if (H5Tequal (stored, attune_store_native_type (i)) > 0)
      {
        *type = i;
        return TRUE;
      }
  return FALSE;
}

/* A file may come from anybody. Data that lie elsewhere (external storage, a virtual data set)
 * would have us read other files of this person, and an unknown filter would load a plug-in: none
 * of these is ours. */
static gboolean
is_plain (hid_t set)
{
  g_auto (AttuneHid) properties = H5Dget_create_plist (set);
  const H5D_layout_t layout = H5Pget_layout (properties);

  if ((layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED && layout != H5D_COMPACT)
      || H5Pget_external_count (properties) != 0)
    return FALSE;
  for (int i = 0; i < H5Pget_nfilters (properties); i++)
    {
      unsigned flags, config;
      size_t n_values = 0;
      const H5Z_filter_t filter
          = H5Pget_filter2 (properties, i, &flags, &n_values, NULL, 0, NULL, &config);

      if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE
          && filter != H5Z_FILTER_FLETCHER32)
        return FALSE;
    }
  return TRUE;
}

/* Whether the file holds enough for @size bytes: a few hundred bytes can claim an array of
 * terabytes, whose missing chunks HDF5 would fill with zeros. */
static gboolean
is_all_there (hid_t set, guint64 size)
{
  g_auto (AttuneHid) properties = H5Dget_create_plist (set);
  const guint64 stored = H5Dget_storage_size (set);

  if (H5Pget_nfilters (properties) > 0)
    return size / MAX_DEFLATE_RATIO <= stored;
  return size <= stored;
}

/* Opens an array of the file for reading, when it is one of ours: at most four axes of a known
 * type. */
static hid_t
open_checked (AttuneStore *store, const char *name, AttuneStoreType *type, int *n_dims,
              gint64 *dims, GError **error)
{
  g_auto (AttuneHid) set
      = attune_store_settle_locked (store, name, error) && attune_store_has_locked (store, name)
            ? H5Dopen2 (store->file, name, H5P_DEFAULT)
            : H5I_INVALID_HID;
  g_auto (AttuneHid) space = set >= 0 ? H5Dget_space (set) : H5I_INVALID_HID;
  hsize_t size[H5S_MAX_RANK];
  guint64 bytes;
  int rank;

  if (set < 0 || space < 0 || (rank = H5Sget_simple_extent_ndims (space)) < 1 || rank > 4
      || H5Sget_simple_extent_dims (space, size, NULL) < 0 || !find_type (set, type)
      || !is_plain (set))
    {
      attune_store_fail (error, ATTUNE_STORE_ERROR_SCHEMA, "Could not read", store, name);
      return H5I_INVALID_HID;
    }
  bytes = H5Tget_size (attune_store_native_type (*type));
  for (int i = 0; i < 4; i++)
    {
      dims[i] = i < rank && size[i] < MAX_BYTES ? (gint64) size[i] : 1;
      if ((i < rank && size[i] >= MAX_BYTES) || !g_uint64_checked_mul (&bytes, bytes, dims[i])
          || bytes >= MAX_BYTES)
        bytes = MAX_BYTES;
    }
  if (bytes == MAX_BYTES || !is_all_there (set, bytes))
    {
      attune_store_fail (error, ATTUNE_STORE_ERROR_SCHEMA, "A part is missing in", store, name);
      return H5I_INVALID_HID;
    }
  *n_dims = rank;
  return attune_hid_steal (&set);
}

gboolean
attune_store_shape (AttuneStore *store, const char *name, AttuneStoreType *type, int *n_dims,
                    gint64 *dims, GError **error)
{
  g_autoptr (GMutexLocker) locker = attune_store_enter ();
  g_auto (AttuneHid) set = open_checked (store, name, type, n_dims, dims, error);

  return set >= 0;
}

gint64
attune_store_length_locked (AttuneStore *store, const char *name, AttuneStoreType type,
                            GError **error)
{
  AttuneStoreType found;
  gint64 dims[4];
  int n_dims;
  g_auto (AttuneHid) set = H5I_INVALID_HID;

  if (attune_store_is_growing_locked (store, name, &found, &dims[0]) && found == type)
    return dims[0];
  set = open_checked (store, name, &found, &n_dims, dims, error);
  if (set < 0)
    return -1;
  if (found != type || n_dims != 1)
    {
      attune_store_fail (error, ATTUNE_STORE_ERROR_SCHEMA, "Could not read", store, name);
      return -1;
    }
  return dims[0];
}

gboolean
attune_store_get_locked (AttuneStore *store, const char *name, AttuneStoreType type, gint64 first,
                         gint64 n, void *data, GError **error)
{
  hsize_t start[4] = { 0 }, count[4] = { 0 };
  AttuneStoreType found;
  gint64 dims[4];
  int n_dims;
  g_auto (AttuneHid) set = open_checked (store, name, &found, &n_dims, dims, error);
  g_auto (AttuneHid) disk = H5I_INVALID_HID, memory = H5I_INVALID_HID;

  if (set < 0)
    return FALSE;
  if (found != type)
    return attune_store_fail (error, ATTUNE_STORE_ERROR_SCHEMA, "Could not read", store, name)
           != NULL;
  if (first < 0 || n < 0 || first > dims[0] || n > dims[0] - first)
    {
      g_set_error (error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_RANGE,
                   "“%s” has %" G_GINT64_FORMAT " rows of “%s”; %" G_GINT64_FORMAT
                   " from row %" G_GINT64_FORMAT " on were asked for.",
                   store->path, dims[0], name, n, first);
      return FALSE;
    }
  if (n == 0)
    return TRUE;
  for (int i = 0; i < n_dims; i++)
    count[i] = dims[i];
  start[0] = first;
  count[0] = n;
  if ((disk = H5Dget_space (set)) < 0
      || H5Sselect_hyperslab (disk, H5S_SELECT_SET, start, NULL, count, NULL) < 0
      || (memory = H5Screate_simple (n_dims, count, NULL)) < 0
      || H5Dread (set, attune_store_native_type (type), memory, disk, H5P_DEFAULT, data) < 0)
    return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not read", store, name)
           != NULL;
  return TRUE;
}

gboolean
attune_store_get (AttuneStore *store, const char *name, AttuneStoreType type, gint64 first,
                  gint64 n, void *data, GError **error)
{
  g_autoptr (GMutexLocker) locker = attune_store_enter ();

  return attune_store_get_locked (store, name, type, first, n, data, error);
}

gboolean
attune_store_copy (AttuneStore *store, AttuneStore *from, const char *name, GError **error)
{
  g_autoptr (GMutexLocker) locker = attune_store_enter ();
  g_auto (AttuneHid) links = attune_store_link_properties (), set = H5I_INVALID_HID;
  AttuneStoreType type;
  gint64 dims[4];
  int n_dims;

  set = open_checked (from, name, &type, &n_dims, dims, error);
  if (set < 0)
    return FALSE;
  if (H5Ocopy (from->file, name, store->file, name, H5P_DEFAULT, links) < 0)
    return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not write", store, name)
           != NULL;
  return attune_store_check_written (store, error);
}

/* What is in the group @name, but for what is there already. */
static gboolean
copy_group (AttuneStore *store, AttuneStore *from, const char *name, GError **error)
{
  g_auto (AttuneHid) group = H5Gopen2 (from->file, name, H5P_DEFAULT);
  H5G_info_t about;

  if (group < 0 || H5Gget_info (group, &about) < 0)
    return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not read", from, name) != NULL;
  for (hsize_t i = 0; i < about.nlinks; i++)
    {
      char child[256];
      g_autofree char *path = NULL;

      if (H5Lget_name_by_idx (group, ".", H5_INDEX_NAME, H5_ITER_INC, i, child, sizeof child,
                              H5P_DEFAULT)
          < 0)
        return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not read", from, name)
               != NULL;
      path = g_strconcat (name, "/", child, NULL);
      if (H5Lexists (store->file, path, H5P_DEFAULT) <= 0
          && H5Ocopy (from->file, path, store->file, path, H5P_DEFAULT, H5P_DEFAULT) < 0)
        return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not write", store, path)
               != NULL;
    }
  return TRUE;
}

gboolean
attune_store_copy_all (AttuneStore *store, AttuneStore *from, GError **error)
{
  g_autoptr (GMutexLocker) locker = attune_store_enter ();
  H5G_info_t about;

  if (H5Gget_info (from->file, &about) < 0)
    return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not read", from, "/") != NULL;
  for (hsize_t i = 0; i < about.nlinks; i++)
    {
      char name[256];

      if (H5Lget_name_by_idx (from->file, ".", H5_INDEX_NAME, H5_ITER_INC, i, name, sizeof name,
                              H5P_DEFAULT)
          < 0)
        return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not read", from, "/")
               != NULL;
      if (H5Lexists (store->file, name, H5P_DEFAULT) > 0) /* the texts that each store has */
        {
          if (!copy_group (store, from, name, error))
            return FALSE;
        }
      else if (H5Ocopy (from->file, name, store->file, name, H5P_DEFAULT, H5P_DEFAULT) < 0)
        return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not write", store, name)
               != NULL;
    }
  return attune_store_check_written (store, error);
}
