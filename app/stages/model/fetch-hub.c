/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hub is asked what a repository has, and then for that.
 */
#include "stages/model/fetch-hub.h"

#include "model/hub.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define MOST_ANSWER_BYTES (16 << 20) /* a list of files; the largest seen had 2 MB */

static AttuneHubModel *
ask (const AttuneFetch *access, const char *repository, GCancellable *cancellable, GError **error)
{
  g_autofree char *address = attune_hub_get_address ();
  g_autofree char *url = attune_hub_get_model_url (address, repository);
  const AttuneFetch fetch = { .url = url, .proxy = access->proxy, .token = access->token };
  g_autoptr (GBytes) answer = attune_fetch_bytes (&fetch, MOST_ANSWER_BYTES, cancellable, error);

  return answer != NULL ? attune_hub_read_model (answer, error) : NULL;
}

static gboolean
fetch (const AttuneFetch *access, const char *repository, const AttuneHubFile *file,
       const char *path, AttuneFetchProgress progress, gpointer data, GCancellable *cancellable,
       GError **error)
{
  g_autofree char *address = attune_hub_get_address ();
  g_autofree char *url = attune_hub_get_file_url (address, repository, file->name);
  const AttuneFetch fetch = { .url = url,
                              .proxy = access->proxy,
                              .token = access->token,
                              .sha256 = file->sha256,
                              .bytes = file->bytes };

  return attune_fetch_file (&fetch, path, progress, data, cancellable, error);
}

gboolean
attune_fetch_hub_file (const AttuneFetch *access, const char *repository, const char *file,
                       const char *path, AttuneFetchProgress progress, gpointer data,
                       GCancellable *cancellable, GError **error)
{
  g_autoptr (AttuneHubModel) model = ask (access, repository, cancellable, error);
  const AttuneHubFile *found = model != NULL ? attune_hub_model_find_alike (model, file) : NULL;

  if (model == NULL)
    return FALSE;
  if (found == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("“%s” no longer has the file “%s”."),
                   repository, file);
      return FALSE;
    }
  return fetch (access, repository, found, path, progress, data, cancellable, error);
}

/* --- folders */

/* Progress of one file as that of all of them. */
typedef struct
{
  AttuneFetchProgress progress;
  gpointer data;
  guint64 before, total;
} Share;

static void
on_progress (gpointer data, guint64 done, guint64 total)
{
  const Share *share = data;

  share->progress (share->data, share->before + done, share->total);
}

static guint64
get_size (const char *path)
{
  GStatBuf info;

  return g_stat (path, &info) == 0 ? info.st_size : 0;
}

/* Whether an earlier call has got it; the size alone may be that of another revision. */
static gboolean
is_here (const char *path, const AttuneHubFile *file, GCancellable *cancellable)
{
  return file->sha256 != NULL && get_size (path) == file->bytes
         && attune_check_sum (path, file->sha256, cancellable, NULL);
}

/* Bytes of @file that are yet to come: what an earlier call has begun is gone on with. */
static guint64
count_missing (const char *path, const AttuneHubFile *file)
{
  g_autofree char *part = g_strconcat (path, ".part", NULL);
  const guint64 begun = file->sha256 != NULL ? get_size (part) : 0;

  return file->bytes > begun ? file->bytes - begun : 0;
}

/* Returns: (transfer full) (element-type AttuneHubFile): the parts that are not here; their room on
 * the disk is seen to. %NULL: there is none, with a sentence. */
static GPtrArray *
find_missing (const AttuneHubModel *model, const char *folder, Share *share,
              GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();
  guint64 needed = 0;

  for (guint i = 0; i < model->parts->len; i++)
    {
      AttuneHubFile *file = model->parts->pdata[i];
      g_autofree char *path = g_build_filename (folder, file->name, NULL);

      share->total += file->bytes;
      if (is_here (path, file, cancellable))
        share->before += file->bytes;
      else
        {
          needed += count_missing (path, file);
          g_ptr_array_add (missing, file);
        }
    }
  return attune_check_space (folder, needed, error) ? g_steal_pointer (&missing) : NULL;
}

static gboolean
fetch_parts (const AttuneFetch *access, const AttuneHubModel *model, const char *folder,
             Share *share, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) missing = find_missing (model, folder, share, cancellable, error);

  for (guint i = 0; missing != NULL && i < missing->len; i++)
    {
      const AttuneHubFile *file = missing->pdata[i];
      g_autofree char *path = g_build_filename (folder, file->name, NULL);

      if (!fetch (access, model->repository, file, path, on_progress, share, cancellable, error))
        return FALSE;
      share->before += file->bytes;
    }
  return missing != NULL;
}

gboolean
attune_fetch_hub_folder (const AttuneFetch *access, const char *repository, const char *path,
                         AttuneFetchProgress progress, gpointer data, GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (AttuneHubModel) model = ask (access, repository, cancellable, error);
  g_autofree char *folder = g_strconcat (path, ".part", NULL);
  Share share = { .progress = progress, .data = data };

  if (model == NULL || !attune_hub_model_check_parts (model, error))
    return FALSE;
  g_mkdir_with_parents (folder, 0777); /* a failure shows when the first file is written */
  if (!fetch_parts (access, model, folder, &share, cancellable, error))
    return FALSE;
  if (g_rename (folder, path) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
               _ ("The folder “%s” could not be given its name. Is there another one called so?"),
               path);
  return FALSE;
}
