/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening, committing and closing; attributes; the lock and the errors. HDF5 is thread-safe as
 * Debian builds it, but its errors are kept per thread and its calls come in groups: one lock holds
 * a whole operation together.
 */
#include "store/store-private.h"

#include "core/file.h"
#include "store/disk.h"

#include <glib/gstdio.h>
#include <string.h>

#define ROOT_ATTRIBUTE_KIND "attune-kind"
#define ROOT_ATTRIBUTE_VERSION "attune-schema"
/* A longer attribute is not one of ours. */
#define MAX_STRING (64u << 20)

G_DEFINE_QUARK (attune_store_error_quark, attune_store_error)

static GMutex lock;

GMutexLocker *
attune_store_enter (void)
{
  GMutexLocker *locker = g_mutex_locker_new (&lock);
  static gboolean prepared = FALSE;

  if (!prepared)
    {
      H5PLset_loading_state (0); /* a file must not be able to load code: no filter plug-ins */
      prepared = TRUE;
    }
  H5Eset_auto2 (H5E_DEFAULT, NULL, NULL); /* per thread; else HDF5 prints to stderr */
  return locker;
}

static herr_t
keep_reason (unsigned n, const H5E_error2_t *entry, void *data)
{
  const char **reason = data;

  if (*reason == NULL && entry->desc != NULL && *entry->desc != '\0')
    *reason = entry->desc;
  return 0;
}

/* HDF5 wraps the system's reason in numbers and addresses: "file write failed: time = …, error
 * message = 'No space left on device', buf = …". */
static char *
plain_reason (const char *reason)
{
  const char *begin = strstr (reason, "error message = '"), *end;

  if (begin == NULL)
    return g_strdup (reason);
  begin += strlen ("error message = '");
  end = strchr (begin, '\'');
  return end != NULL ? g_strndup (begin, end - begin) : g_strdup (begin);
}

gpointer
attune_store_fail (GError **error, AttuneStoreError code, const char *doing, AttuneStore *store,
                   const char *name)
{
  const char *reason = NULL;
  g_autofree char *part = name != NULL ? g_strdup_printf (" (“%s”)", name) : g_strdup ("");
  g_autofree char *words = NULL;

  H5Ewalk2 (H5E_DEFAULT, H5E_WALK_UPWARD, keep_reason, &reason);
  words = plain_reason (reason != NULL ? reason : "it does not hold what it should");
  g_set_error (error, ATTUNE_STORE_ERROR, code, "%s “%s”%s: %s", doing, store->path, part, words);
  H5Eclear2 (H5E_DEFAULT);
  return NULL;
}

/* @code: an errno, or 0 where all went well. */
static gboolean
check_code (AttuneStore *store, int code, GError **error)
{
  if (code == 0)
    return TRUE;
  g_set_error (error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_OPEN, "Could not write “%s”: %s",
               store->path, g_strerror (code));
  return FALSE;
}

gboolean
attune_store_check_written (AttuneStore *store, GError **error)
{
  return check_code (store, attune_disk_get_failure (store->file), error);
}

hid_t
attune_store_native_type (AttuneStoreType type)
{
  switch (type)
    {
    case ATTUNE_STORE_U8:
      return H5T_NATIVE_UINT8;
    case ATTUNE_STORE_I32:
      return H5T_NATIVE_INT32;
    case ATTUNE_STORE_I64:
      return H5T_NATIVE_INT64;
    case ATTUNE_STORE_F32:
      return H5T_NATIVE_FLOAT;
    case ATTUNE_STORE_F64:
      return H5T_NATIVE_DOUBLE;
    default:
      g_return_val_if_reached (H5I_INVALID_HID);
    }
}

hid_t
attune_store_link_properties (void)
{
  hid_t list = H5Pcreate (H5P_LINK_CREATE);

  H5Pset_create_intermediate_group (list, 1);
  return list;
}

hid_t
attune_store_array_properties (void)
{
  hid_t list = H5Pcreate (H5P_DATASET_CREATE);

  H5Pset_obj_track_times (list, FALSE);
  return list;
}

static AttuneStore *
store_new (const char *path, const char *temporary)
{
  AttuneStore *store = g_new0 (AttuneStore, 1);

  store->file = H5I_INVALID_HID;
  store->path = g_strdup (path);
  store->temporary = g_strdup (temporary);
  return store;
}

AttuneStore *
attune_store_create (const char *path, const char *kind, int version, GError **error)
{
  g_autofree char *temporary = g_strconcat (path, ".part", NULL);
  g_autoptr (AttuneStore) store = store_new (path, temporary);

  {
    g_autoptr (GMutexLocker) locker = attune_store_enter ();
    int code;

    store->file = attune_disk_create (temporary, &code);
    if (store->file < 0 && !check_code (store, code, error))
      return NULL;
    if (store->file < 0)
      return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not write", store, NULL);
  }
  if (!attune_store_set_string (store, ROOT_ATTRIBUTE_KIND, kind, error)
      || !attune_store_set_int (store, ROOT_ATTRIBUTE_VERSION, version, error))
    return NULL;
  return g_steal_pointer (&store);
}

static gboolean
check_kind (AttuneStore *store, const char *kind, int version, GError **error)
{
  g_autofree char *found = attune_store_get_string (store, ROOT_ATTRIBUTE_KIND, NULL);
  gint64 found_version = 0;

  if (g_strcmp0 (found, kind) != 0)
    {
      g_set_error (error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_SCHEMA,
                   "“%s” is not a file of the kind “%s”.", store->path, kind);
      return FALSE;
    }
  if (!attune_store_get_int (store, ROOT_ATTRIBUTE_VERSION, &found_version, error))
    return FALSE;
  if (found_version > version)
    {
      g_set_error (error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_VERSION,
                   "“%s” was made by a newer version of Attune (format %" G_GINT64_FORMAT
                   "; this one reads up to %d). Please update Attune.",
                   store->path, found_version, version);
      return FALSE;
    }
  return TRUE;
}

AttuneStore *
attune_store_open (const char *path, const char *kind, int version, GError **error)
{
  g_autoptr (AttuneStore) store = store_new (path, NULL);

  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR)) /* opening a pipe would wait for ever */
    {
      g_set_error (error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_OPEN, "There is no file “%s”.",
                   path);
      return NULL;
    }
  {
    g_autoptr (GMutexLocker) locker = attune_store_enter ();

    store->file = H5Fopen (path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (store->file < 0)
      return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not open", store, NULL);
  }
  return check_kind (store, kind, version, error) ? g_steal_pointer (&store) : NULL;
}

gboolean
attune_store_commit (AttuneStore *store, GError **error)
{
  g_return_val_if_fail (store->temporary != NULL && store->file >= 0, FALSE);
  {
    g_autoptr (GMutexLocker) locker = attune_store_enter ();

    if (!attune_store_settle_all_locked (store, error))
      return FALSE;
    if (H5Fflush (store->file, H5F_SCOPE_GLOBAL) < 0)
      return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not write", store, NULL)
             != NULL;
    if (!check_code (store, attune_disk_close (attune_hid_steal (&store->file)), error))
      return FALSE;
  }
  if (!attune_file_sync_and_rename (store->temporary, store->path, error))
    return FALSE;
  g_clear_pointer (&store->temporary, g_free);
  return TRUE;
}

void
attune_store_close (AttuneStore *store)
{
  if (store == NULL)
    return;
  if (store->file >= 0)
    {
      g_autoptr (GMutexLocker) locker = attune_store_enter ();

      H5Fclose (store->file);
      H5Eclear2 (H5E_DEFAULT);
    }
  if (store->temporary != NULL)
    g_unlink (store->temporary);
  g_clear_pointer (&store->waiting, g_hash_table_unref);
  g_clear_pointer (&store->full, g_ptr_array_unref);
  g_free (store->temporary);
  g_free (store->path);
  g_free (store);
}

/* In a file that is being written it may still be in memory. Otherwise every part of the name must
 * be a hard link: a soft or an external one could lead to another file of this person. H5Lexists()
 * is an error, not FALSE, where a group on the way is missing. */
gboolean
attune_store_has_locked (AttuneStore *store, const char *name)
{
  g_auto (GStrv) parts = g_strsplit (name, "/", -1);
  g_autoptr (GString) path = g_string_new (NULL);

  if (store->waiting != NULL && g_hash_table_contains (store->waiting, name))
    return TRUE;
  for (int i = 0; parts[i] != NULL; i++)
    {
      H5L_info2_t link;

      g_string_append_printf (path, "%s%s", i > 0 ? "/" : "", parts[i]);
      if (H5Lexists (store->file, path->str, H5P_DEFAULT) <= 0
          || H5Lget_info2 (store->file, path->str, &link, H5P_DEFAULT) < 0
          || link.type != H5L_TYPE_HARD)
        return FALSE;
    }
  return TRUE;
}

gboolean
attune_store_has (AttuneStore *store, const char *name)
{
  g_autoptr (GMutexLocker) locker = attune_store_enter ();

  return attune_store_has_locked (store, name);
}

/* --- attributes */

static gboolean
write_attribute (AttuneStore *store, const char *name, hid_t type, const void *value,
                 GError **error)
{
  g_auto (AttuneHid) space = H5Screate (H5S_SCALAR), attribute = H5I_INVALID_HID;

  if (H5Aexists (store->file, name) > 0)
    H5Adelete (store->file, name);
  attribute = H5Acreate2 (store->file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute < 0 || H5Awrite (attribute, type, value) < 0)
    return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not write", store, name)
           != NULL;
  return attune_store_check_written (store, error);
}

static gboolean
read_number (AttuneStore *store, const char *name, hid_t type, H5T_class_t wanted, void *value,
             GError **error)
{
  g_autoptr (GMutexLocker) locker = attune_store_enter ();
  g_auto (AttuneHid) attribute = H5Aopen (store->file, name, H5P_DEFAULT);
  g_auto (AttuneHid) stored = attribute >= 0 ? H5Aget_type (attribute) : H5I_INVALID_HID;
  g_auto (AttuneHid) space = attribute >= 0 ? H5Aget_space (attribute) : H5I_INVALID_HID;

  if (attribute < 0 || H5Tget_class (stored) != wanted || H5Sget_simple_extent_npoints (space) != 1
      || H5Aread (attribute, type, value) < 0)
    return attune_store_fail (error, ATTUNE_STORE_ERROR_SCHEMA, "Could not read", store, name)
           != NULL;
  return TRUE;
}

/* Long texts (reports, settings) do not fit an attribute's 64 KiB: they are data sets of bytes in
 * the group "text". */
gboolean
attune_store_set_string (AttuneStore *store, const char *name, const char *value, GError **error)
{
  g_autoptr (GMutexLocker) locker = attune_store_enter ();
  g_autofree char *path = g_strconcat ("text/", name, NULL);
  const hsize_t length = strlen (value);
  g_auto (AttuneHid) space = H5Screate_simple (1, &length, NULL),
                     links = attune_store_link_properties ();
  g_auto (AttuneHid) properties = attune_store_array_properties (), set = H5I_INVALID_HID;

  if (H5Lexists (store->file, "text", H5P_DEFAULT) > 0
      && H5Lexists (store->file, path, H5P_DEFAULT) > 0)
    H5Ldelete (store->file, path, H5P_DEFAULT);
  set = H5Dcreate2 (store->file, path, H5T_STD_U8LE, space, links, properties, H5P_DEFAULT);
  if (set < 0
      || (length > 0 && H5Dwrite (set, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) < 0))
    return attune_store_fail (error, ATTUNE_STORE_ERROR_OPEN, "Could not write", store, name)
           != NULL;
  return attune_store_check_written (store, error);
}

char *
attune_store_get_string (AttuneStore *store, const char *name, GError **error)
{
  g_autoptr (GMutexLocker) locker = attune_store_enter ();
  g_autofree char *path = g_strconcat ("text/", name, NULL), *value = NULL;
  const gint64 length = attune_store_length_locked (store, path, ATTUNE_STORE_U8, error);

  if (length < 0)
    return NULL;
  if (length > MAX_STRING)
    return attune_store_fail (error, ATTUNE_STORE_ERROR_SCHEMA, "Could not read", store, name);
  value = g_malloc0 (length + 1);
  if (length > 0
      && !attune_store_get_locked (store, path, ATTUNE_STORE_U8, 0, length, value, error))
    return NULL;
  if (!g_utf8_validate (value, length, NULL))
    return attune_store_fail (error, ATTUNE_STORE_ERROR_SCHEMA, "Could not read", store, name);
  return g_steal_pointer (&value);
}

gboolean
attune_store_set_int (AttuneStore *store, const char *name, gint64 value, GError **error)
{
  g_autoptr (GMutexLocker) locker = attune_store_enter ();

  return write_attribute (store, name, H5T_NATIVE_INT64, &value, error);
}

gboolean
attune_store_get_int (AttuneStore *store, const char *name, gint64 *value, GError **error)
{
  return read_number (store, name, H5T_NATIVE_INT64, H5T_INTEGER, value, error);
}

gboolean
attune_store_set_double (AttuneStore *store, const char *name, double value, GError **error)
{
  g_autoptr (GMutexLocker) locker = attune_store_enter ();

  return write_attribute (store, name, H5T_NATIVE_DOUBLE, &value, error);
}

gboolean
attune_store_get_double (AttuneStore *store, const char *name, double *value, GError **error)
{
  return read_number (store, name, H5T_NATIVE_DOUBLE, H5T_FLOAT, value, error);
}
