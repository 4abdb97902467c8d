/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hub is asked what a repository has, and then for that: the parts of a folder several at once.
 */
#include "model/fetch-hub.h"

#include "core/file.h"
#include "model/hub-cache.h"
#include "model/hub.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define MOST_ANSWER_BYTES (16 << 20) /* a list of files; the largest seen had 2 MB */
#define MOST_AT_ONCE 4               /* parts of a folder; more make no line faster */

static AttuneHubModel *
ask (const AttuneFetch *access, const char *repository, GCancellable *cancellable, GError **error)
{
  g_autofree char *url = attune_hub_get_model_url (access->url, repository);
  const AttuneFetch fetch = { .url = url, .proxy = access->proxy, .token = access->token };
  g_autoptr (GBytes) answer = attune_fetch_bytes (&fetch, MOST_ANSWER_BYTES, cancellable, error);

  return answer != NULL ? attune_hub_read_model (answer, error) : NULL;
}

/* Another program of this computer may have fetched the same. It is one file with two names then,
 * or a copy where the disk is another one. Returns: (transfer full): where it is now, or %NULL. */
static char *
take_from_cache (const char *repository, const AttuneHubFile *file, const char *path,
                 gboolean replace, GCancellable *cancellable)
{
  g_autofree char *folder = attune_hub_cache_get_folder (), *found = NULL, *whole = NULL;
  char *placed = NULL;
  g_autoptr (GFile) from = NULL, to = NULL;

  if (file->sha256 == NULL
      || (found = attune_hub_cache_find (folder, repository, file->sha256)) == NULL
      || !attune_check_sum (found, file->sha256, cancellable, NULL))
    return NULL;
  whole = g_strconcat (path, ".whole", NULL);
  from = g_file_new_for_path (found);
  to = g_file_new_for_path (whole);
  g_unlink (whole);
  if (link (found, whole) == 0
      || (attune_check_space (whole, file->bytes, NULL)
          && g_file_copy (from, to, G_FILE_COPY_NONE, cancellable, NULL, NULL, NULL)))
    placed = !replace ? attune_fetch_place (whole, path, NULL)
             : attune_file_sync_and_rename (whole, path, NULL) ? g_strdup (path)
                                                               : NULL;
  if (placed == NULL)
    g_unlink (whole);
  return placed;
}

/* @replace: what is at @path; otherwise it stays. Returns: (transfer full): where it is now, or
 * %NULL. */
static char *
fetch (const AttuneFetch *access, const AttuneHubModel *model, const AttuneHubFile *file,
       const char *path, gboolean replace, AttuneFetchProgress progress, gpointer data,
       GCancellable *cancellable, GError **error)
{
  g_autofree char *url
      = attune_hub_get_file_url (access->url, model->repository, model->revision, file->name);
  const AttuneFetch fetch = { .url = url,
                              .proxy = access->proxy,
                              .token = access->token,
                              .sha256 = file->sha256,
                              .bytes = file->bytes };

  char *placed = take_from_cache (model->repository, file, path, replace, cancellable);

  if (placed != NULL)
    {
      progress (data, file->bytes, file->bytes);
      return placed;
    }
  if (!replace)
    return attune_fetch_new_file (&fetch, path, progress, data, cancellable, error);
  return attune_fetch_file (&fetch, path, progress, data, cancellable, error) ? g_strdup (path)
                                                                              : NULL;
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

/* --- one file */

/* "a.gguf, b.gguf and 3 more" */
static char *
list_names (const AttuneHubModel *model)
{
  g_autoptr (GString) list = g_string_new (NULL);
  const guint most = 6;

  for (guint i = 0; i < model->files->len && i < most; i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "",
                            ((AttuneHubFile *) model->files->pdata[i])->name);
  if (model->files->len > most)
    return g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", model->files->len - most),
                            list->str, model->files->len - most);
  return g_string_free (g_steal_pointer (&list), FALSE);
}

static void
refuse_name (GError **error, const AttuneHubModel *model, const char *file)
{
  g_autofree char *names = list_names (model);

  if (model->files->len == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _ ("“%s” no longer has the file “%s”."),
                 model->repository, file);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 _ ("“%s” no longer has the file “%s”, but %s. Find it in the hub to choose one."),
                 model->repository, file, names);
}

/* Whether two files of the repository, in two of its folders, are called so. */
static gboolean
is_shared (const AttuneHubModel *model, const AttuneHubFile *file)
{
  g_autofree char *name = g_path_get_basename (file->name);

  for (guint i = 0; i < model->files->len; i++)
    {
      const AttuneHubFile *other = model->files->pdata[i];
      g_autofree char *its = g_path_get_basename (other->name);

      if (other != file && g_str_equal (its, name))
        return TRUE;
    }
  return FALSE;
}

/* Where it goes: as it is called, or by a longer name where that is another one's. @path: where it
 * was to go. @here: (out): whether it is there already. Returns: (transfer full) */
static char *
choose_path (const AttuneHubModel *model, const AttuneHubFile *file, const char *asked,
             const char *path, gboolean *here, GCancellable *cancellable)
{
  g_autofree char *folder = g_path_get_dirname (path), *name = g_path_get_basename (file->name);
  g_autofree char *longer = g_strdup_printf ("%s-%s", model->repository, file->name);
  /* the name says which model it is and how it is rounded, so another one must not have it */
  g_autofree char *plain
      = g_str_equal (file->name, asked) || attune_hub_is_same_name (file->name, asked)
            ? g_strdup (path)
            : g_build_filename (folder, name, NULL);
  g_autofree char *other = g_build_filename (folder, g_strdelimit (longer, "/", '-'), NULL);

  *here = TRUE;
  if (is_here (plain, file, cancellable))
    return g_steal_pointer (&plain);
  if (is_here (other, file, cancellable))
    return g_steal_pointer (&other);
  *here = FALSE;
  return is_shared (model, file) || g_file_test (plain, G_FILE_TEST_EXISTS)
             ? g_steal_pointer (&other)
             : g_steal_pointer (&plain);
}

char *
attune_fetch_hub_file (const AttuneFetch *access, const char *repository, const char *file,
                       const char *path, AttuneFetchProgress progress, gpointer data,
                       GCancellable *cancellable, GError **error)
{
  g_autoptr (AttuneHubModel) model = ask (access, repository, cancellable, error);
  const AttuneHubFile *found
      = model != NULL ? attune_hub_model_find_alike (model, file, access->bytes) : NULL;
  g_autofree char *to = NULL;
  gboolean here;

  if (model == NULL)
    return NULL;
  if (found == NULL)
    {
      refuse_name (error, model, file);
      return NULL;
    }
  to = choose_path (model, found, file, path, &here, cancellable);
  if (!here)
    return fetch (access, model, found, to, FALSE, progress, data, cancellable, error);
  progress (data, found->bytes, found->bytes);
  return g_steal_pointer (&to);
}

/* --- folders */

/* Several parts on their way, and their progress as that of all of them. */
typedef struct
{
  const AttuneFetch *access;
  const AttuneHubModel *model;
  const char *folder;
  AttuneFetchProgress progress;
  gpointer data;
  GCancellable *cancellable; /* our own: one that fails stops the others */

  GMutex lock; /* what follows is behind it */
  GPtrArray *missing;
  guint next;
  guint64 done, total;
  GError *error; /* the first one */
} Share;

/* One part of them. */
typedef struct
{
  Share *share;
  guint64 done;
} Part;

static void
on_progress (gpointer data, guint64 done, guint64 total)
{
  Part *part = data;
  Share *share = part->share;

  g_mutex_lock (&share->lock);
  share->done = share->done + done - part->done;
  part->done = done;
  share->progress (share->data, share->done, share->total);
  g_mutex_unlock (&share->lock);
}

/* Bytes of @file that are yet to come: what an earlier call has begun is gone on with. */
static guint64
count_missing (const char *path, const AttuneHubFile *file)
{
  g_autofree char *part = g_strconcat (path, ".part", NULL);
  const guint64 begun = file->sha256 != NULL ? get_size (part) : 0;

  return file->bytes > begun ? file->bytes - begun : 0;
}

/* Lists the parts that are not here; their room on the disk is seen to. FALSE: there is none, with
 * a sentence. */
static gboolean
find_missing (Share *share, GError **error)
{
  g_autofree char *inside = g_build_filename (share->folder, "x", NULL);
  guint64 needed = 0;

  for (guint i = 0; i < share->model->parts->len; i++)
    {
      AttuneHubFile *file = share->model->parts->pdata[i];
      g_autofree char *path = g_build_filename (share->folder, file->name, NULL);

      share->total += file->bytes;
      if (is_here (path, file, share->cancellable))
        share->done += file->bytes;
      else
        {
          needed += count_missing (path, file);
          g_ptr_array_add (share->missing, file);
        }
    }
  return attune_check_space (inside, needed, error);
}

/* Returns: %NULL: there is no more, or one has failed. */
static const AttuneHubFile *
take_next (Share *share)
{
  const AttuneHubFile *file = NULL;

  g_mutex_lock (&share->lock);
  if (share->error == NULL && share->next < share->missing->len)
    file = share->missing->pdata[share->next++];
  g_mutex_unlock (&share->lock);
  return file;
}

static void
keep_error (Share *share, GError *error)
{
  g_mutex_lock (&share->lock);
  if (share->error == NULL)
    share->error = error;
  else
    g_error_free (error);
  g_mutex_unlock (&share->lock);
  g_cancellable_cancel (share->cancellable);
}

static gpointer
fetch_some (gpointer data)
{
  Share *share = data;
  const AttuneHubFile *file;

  while ((file = take_next (share)) != NULL)
    {
      g_autofree char *path = g_build_filename (share->folder, file->name, NULL);
      Part part = { .share = share };
      g_autofree char *inside = g_path_get_dirname (path), *placed = NULL;
      GError *error = NULL;

      g_mkdir_with_parents (inside, 0777); /* a failure shows when the file is written */
      placed = fetch (share->access, share->model, file, path, TRUE, on_progress, &part,
                      share->cancellable, &error);
      if (placed != NULL)
        on_progress (&part, file->bytes, 0);
      else
        keep_error (share, error);
    }
  return NULL;
}

/* In some threads at once, of which this is one. */
static gboolean
fetch_parts (Share *share, GError **error)
{
  GThread *threads[MOST_AT_ONCE - 1];
  guint n = 0;

  while (n < G_N_ELEMENTS (threads) && n + 1 < share->missing->len)
    {
      threads[n] = g_thread_new ("part", fetch_some, share);
      n++;
    }
  fetch_some (share);
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
  if (share->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&share->error));
  return FALSE;
}

static void
on_cancelled (GCancellable *cancellable, GCancellable *own)
{
  g_cancellable_cancel (own);
}

static gboolean
fetch_folder (const AttuneFetch *access, const AttuneHubModel *model, const char *folder,
              AttuneFetchProgress progress, gpointer data, GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GCancellable) own = g_cancellable_new ();
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();
  Share share = { .access = access,
                  .model = model,
                  .folder = folder,
                  .progress = progress,
                  .data = data,
                  .cancellable = own,
                  .missing = missing };
  const gulong id = cancellable != NULL
                        ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), own, NULL)
                        : 0;
  gboolean done;

  g_mutex_init (&share.lock);
  done = find_missing (&share, error) && fetch_parts (&share, error);
  g_cancellable_disconnect (cancellable, id);
  g_mutex_clear (&share.lock);
  return done;
}

gboolean
attune_fetch_hub_parts (const AttuneFetch *access, const AttuneHubModel *model, const char *path,
                        AttuneFetchProgress progress, gpointer data, GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *folder = g_strconcat (path, ".part", NULL);

  g_return_val_if_fail (access != NULL && model != NULL && path != NULL, FALSE);

  g_mkdir_with_parents (folder, 0777); /* a failure shows when the first file is written */
  if (!fetch_folder (access, model, folder, progress, data, cancellable, error))
    return FALSE;
  if (g_rename (folder, path) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
               _ ("The folder “%s” could not be given its name. Is there another one called so?"),
               path);
  return FALSE;
}

gboolean
attune_fetch_hub_folder (const AttuneFetch *access, const char *repository, const char *path,
                         AttuneFetchProgress progress, gpointer data, GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (AttuneHubModel) model = ask (access, repository, cancellable, error);

  return model != NULL && attune_hub_model_check_parts (model, error)
         && attune_fetch_hub_parts (access, model, path, progress, data, cancellable, error);
}
