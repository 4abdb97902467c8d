/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text columns as Arrow has them: NAME/bytes is all texts one after another, NAME/offsets where
 * each ends; offsets[0] = 0.
 */
#include "store/store-private.h"

#include <string.h>

static gboolean
append_offsets (AttuneStore *store, const char *name, gint64 begin, gint64 n,
                const char *const *texts, gboolean first, GError **error)
{
  g_autofree gint64 *offsets = g_new (gint64, n + 1);
  gint64 end = begin;

  offsets[0] = begin;
  for (gint64 i = 0; i < n; i++)
    offsets[i + 1] = end += texts[i] != NULL ? strlen (texts[i]) : 0;
  return attune_store_append_locked (store, name, ATTUNE_STORE_I64, first ? n + 1 : n,
                                     offsets + (first ? 0 : 1), 0, error);
}

gboolean
attune_store_append_text (AttuneStore *store, const char *name, gint64 n, const char *const *texts,
                          GError **error)
{
  g_autofree char *bytes_name = g_strconcat (name, "/bytes", NULL),
                  *offsets_name = g_strconcat (name, "/offsets", NULL);
  const gboolean first = !attune_store_has (store, offsets_name);
  g_autoptr (GMutexLocker) locker = attune_store_enter ();
  g_autoptr (GString) bytes = g_string_new (NULL);
  gint64 begin = 0;

  if (!first
      && (begin = attune_store_length_locked (store, bytes_name, ATTUNE_STORE_U8, error)) < 0)
    return FALSE;
  for (gint64 i = 0; i < n; i++)
    if (texts[i] != NULL)
      g_string_append (bytes, texts[i]);
  return attune_store_append_locked (store, bytes_name, ATTUNE_STORE_U8, bytes->len, bytes->str, 1,
                                     error)
         && append_offsets (store, offsets_name, begin, n, texts, first, error);
}

gint64
attune_store_count_text (AttuneStore *store, const char *name, GError **error)
{
  g_autoptr (GMutexLocker) locker = attune_store_enter ();
  g_autofree char *offsets_name = g_strconcat (name, "/offsets", NULL);
  const gint64 n = attune_store_length_locked (store, offsets_name, ATTUNE_STORE_I64, error);

  if (n == 0)
    attune_store_fail (error, ATTUNE_STORE_ERROR_SCHEMA, "Could not read", store, name);
  return MAX (n - 1, -1);
}

/* Offsets come from a file: each must lie within the bytes and not before the last. */
static gboolean
check_offsets (const gint64 *offsets, gint64 n, gint64 n_bytes)
{
  if (offsets[0] < 0)
    return FALSE;
  for (gint64 i = 0; i < n; i++)
    if (offsets[i + 1] < offsets[i])
      return FALSE;
  return offsets[n] <= n_bytes;
}

/* Offsets of @n texts from @first on, checked. Returns: (transfer full): @n + 1 of them, or %NULL.
 */
static gint64 *
get_offsets (AttuneStore *store, const char *name, gint64 first, gint64 n, GError **error)
{
  g_autofree char *bytes_name = g_strconcat (name, "/bytes", NULL),
                  *offsets_name = g_strconcat (name, "/offsets", NULL);
  g_autofree gint64 *offsets = NULL;
  const gint64 n_bytes = attune_store_length_locked (store, bytes_name, ATTUNE_STORE_U8, error);
  const gint64 n_offsets
      = n_bytes >= 0 ? attune_store_length_locked (store, offsets_name, ATTUNE_STORE_I64, error)
                     : -1;

  if (n_bytes < 0 || n_offsets < 0)
    return NULL;
  if (first < 0 || n < 0 || first > n_offsets - 1 || n > n_offsets - 1 - first)
    {
      g_set_error (error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_RANGE,
                   "“%s” has %" G_GINT64_FORMAT " texts of “%s”; more were asked for.", store->path,
                   n_offsets - 1, name);
      return NULL;
    }
  offsets = g_new (gint64, n + 1);
  if (!attune_store_get_locked (store, offsets_name, ATTUNE_STORE_I64, first, n + 1, offsets,
                                error))
    return NULL;
  if (!check_offsets (offsets, n, n_bytes))
    return attune_store_fail (error, ATTUNE_STORE_ERROR_SCHEMA, "Could not read", store, name);
  return g_steal_pointer (&offsets);
}

gboolean
attune_store_measure_text (AttuneStore *store, const char *name, gint64 first, gint64 n,
                           gint64 *sizes, GError **error)
{
  g_autoptr (GMutexLocker) locker = attune_store_enter ();
  g_autofree gint64 *offsets = get_offsets (store, name, first, n, error);

  for (gint64 i = 0; offsets != NULL && i < n; i++)
    sizes[i] += offsets[i + 1] - offsets[i];
  return offsets != NULL;
}

gboolean
attune_store_copy_text (AttuneStore *store, AttuneStore *from, const char *name, GError **error)
{
  g_autofree char *bytes_name = g_strconcat (name, "/bytes", NULL),
                  *offsets_name = g_strconcat (name, "/offsets", NULL);

  return attune_store_copy (store, from, bytes_name, error)
         && attune_store_copy (store, from, offsets_name, error);
}

static char *
valid_text (const char *bytes, gint64 n)
{
  /* A NUL or a broken character can only come from a damaged or foreign file: what is readable is
   * shown. */
  return g_utf8_validate (bytes, n, NULL) ? g_strndup (bytes, n) : g_utf8_make_valid (bytes, n);
}

char **
attune_store_get_text (AttuneStore *store, const char *name, gint64 first, gint64 n, GError **error)
{
  g_autoptr (GMutexLocker) locker = attune_store_enter ();
  g_autofree char *bytes_name = g_strconcat (name, "/bytes", NULL), *bytes = NULL;
  g_autofree gint64 *offsets = get_offsets (store, name, first, n, error);
  char **texts;

  if (offsets == NULL)
    return NULL;
  bytes = g_try_malloc (MAX (1, offsets[n] - offsets[0]));
  if (bytes == NULL)
    {
      g_set_error (error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_RANGE,
                   "There is not enough memory for the texts “%s” of “%s”.", name, store->path);
      return NULL;
    }
  if (!attune_store_get_locked (store, bytes_name, ATTUNE_STORE_U8, offsets[0],
                                offsets[n] - offsets[0], bytes, error))
    return NULL;
  texts = g_new0 (char *, n + 1);
  for (gint64 i = 0; i < n; i++)
    texts[i] = valid_text (bytes + (offsets[i] - offsets[0]), offsets[i + 1] - offsets[i]);
  return texts;
}
