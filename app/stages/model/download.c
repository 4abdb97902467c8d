/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps of a download. Everything that the thread reads is set before it starts; what it tells
 * are two atomic numbers.
 */
#include "stages/model/download.h"

#include "model/fetch-hub.h"
#include "model/hub.h"
#include "model/package-index.h"
#include "stages/model/zip-member.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define TELL_MS 100
#define MOST_ANSWER_BYTES (16 << 20) /* a list of files; the largest seen had 2 MB */

struct _AttuneDownload
{
  GObject parent_instance;

  char *name, *path;
  guint64 bytes;
  char *sha256;                     /* (nullable) */
  char *package, *version, *member; /* all or none */
  char *repository;                 /* of the hub, where it is no package */
  char *file;                       /* (nullable): in it; none: all that makes a folder */
  char *proxy;                      /* (nullable) */
  char *hub, *token;                /* (nullable): its address, and what is for it alone */
  char *address;                    /* of the hub, for as long as the thread works */

  GCancellable *cancellable; /* (nullable): it runs */
  guint tell_id;
  int done_kib, total_kib; /* atomic */
  char *error;
  gboolean done;
};

G_DEFINE_FINAL_TYPE (AttuneDownload, attune_download, G_TYPE_OBJECT)

enum
{
  CHANGED,
  ENDED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

/* --- in the thread */

static void
on_progress (gpointer data, guint64 done, guint64 total)
{
  AttuneDownload *self = data;

  g_atomic_int_set (&self->done_kib, (int) MIN (done >> 10, G_MAXINT));
  g_atomic_int_set (&self->total_kib, (int) MIN (total >> 10, G_MAXINT));
}

static gboolean
find_wheel (AttuneDownload *self, AttuneIndexFile *wheel, GCancellable *cancellable, GError **error)
{
  g_autofree char *address = attune_index_get_address (error), *url = NULL;
  AttuneFetch fetch = { .accept = ATTUNE_INDEX_TYPE, .proxy = self->proxy };
  g_autoptr (GBytes) answer = NULL;

  if (address == NULL)
    return FALSE;
  fetch.url = url = attune_index_get_url (address, self->package);
  answer = attune_fetch_bytes (&fetch, MOST_ANSWER_BYTES, cancellable, error);
  return answer != NULL
         && attune_index_find (answer, url, self->package, self->version, wheel, error);
}

/* The package first, then the model out of it. Returns: (transfer full): where it is now, or %NULL.
 */
static char *
fetch_package (AttuneDownload *self, GCancellable *cancellable, GError **error)
{
  g_auto (AttuneIndexFile) wheel = { 0 };
  g_autofree char *package = g_strconcat (self->path, ".whl", NULL);
  g_autofree char *fresh = g_strconcat (self->path, ".new", NULL);
  AttuneFetch fetch = { .proxy = self->proxy };
  char *placed;

  if (!find_wheel (self, &wheel, cancellable, error))
    return NULL;
  fetch.url = wheel.url;
  fetch.sha256 = wheel.sha256;
  fetch.bytes = wheel.bytes;
  if (!attune_fetch_file (&fetch, package, on_progress, self, cancellable, error))
    return NULL;
  if (!attune_unzip_member (package, self->member, fresh, self->bytes, cancellable, error)
      || !attune_check_sum (fresh, self->sha256, cancellable, error)
      || (placed = attune_fetch_place (fresh, self->path, error)) == NULL)
    {
      g_unlink (fresh);
      return NULL;
    }
  g_unlink (package);
  return placed;
}

/* Returns: (transfer full): where it is now, or %NULL. */
static char *
fetch_hub (AttuneDownload *self, GCancellable *cancellable, GError **error)
{
  const AttuneFetch access
      = { .url = self->address, .proxy = self->proxy, .token = self->token, .bytes = self->bytes };

  if (self->file != NULL)
    return attune_fetch_hub_file (&access, self->repository, self->file, self->path, on_progress,
                                  self, cancellable, error);
  return attune_fetch_hub_folder (&access, self->repository, self->path, on_progress, self,
                                  cancellable, error)
             ? g_strdup (self->path)
             : NULL;
}

static void
work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  AttuneDownload *self = source;
  g_autofree char *folder = g_path_get_dirname (self->path);
  GError *error = NULL;
  char *path;

  g_mkdir_with_parents (folder, 0777); /* a failure shows when the file is written */
  path = self->package == NULL ? fetch_hub (self, cancellable, &error)
                               : fetch_package (self, cancellable, &error);
  if (path != NULL)
    g_task_return_pointer (task, path, g_free);
  else
    g_task_return_error (task, error);
}

/* --- on the main thread */

static gboolean
tell (gpointer data)
{
  g_signal_emit (data, signals[CHANGED], 0);
  return G_SOURCE_CONTINUE;
}

static void
worked (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneDownload *self = ATTUNE_DOWNLOAD (source);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_task_propagate_pointer (G_TASK (result), &error);

  self->done = path != NULL;
  if (path != NULL && !g_str_equal (path, self->path))
    g_set_str (&self->path, path);
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    self->error = g_strdup (error->message);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->tell_id, g_source_remove);
  g_signal_emit (self, signals[ENDED], 0);
}

void
attune_download_start (AttuneDownload *self)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ATTUNE_IS_DOWNLOAD (self));

  if (self->cancellable != NULL || (self->done && g_file_test (self->path, G_FILE_TEST_EXISTS)))
    return;
  self->done = FALSE; /* or it was deleted outside */
  g_clear_pointer (&self->error, g_free);
  g_free (self->address);
  self->address = self->hub != NULL ? g_strdup (self->hub) : attune_hub_get_address ();
  self->cancellable = g_cancellable_new ();
  self->tell_id = g_timeout_add (TELL_MS, tell, self);
  task = g_task_new (self, self->cancellable, worked, NULL);
  g_task_run_in_thread (task, work);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
attune_download_cancel (AttuneDownload *self)
{
  g_return_if_fail (ATTUNE_IS_DOWNLOAD (self));

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
}

gboolean
attune_download_is_running (AttuneDownload *self)
{
  g_return_val_if_fail (ATTUNE_IS_DOWNLOAD (self), FALSE);
  return self->cancellable != NULL;
}

gboolean
attune_download_is_done (AttuneDownload *self)
{
  g_return_val_if_fail (ATTUNE_IS_DOWNLOAD (self), FALSE);
  return self->done;
}

double
attune_download_get_fraction (AttuneDownload *self)
{
  int total;

  g_return_val_if_fail (ATTUNE_IS_DOWNLOAD (self), 0);

  total = g_atomic_int_get (&self->total_kib);
  return total > 0 ? MIN (1.0, (double) g_atomic_int_get (&self->done_kib) / total) : 0;
}

char *
attune_download_get_text (AttuneDownload *self)
{
  g_autofree char *done = NULL, *total = NULL;

  g_return_val_if_fail (ATTUNE_IS_DOWNLOAD (self), NULL);

  if (g_atomic_int_get (&self->total_kib) == 0)
    return g_strdup (_ ("Asking for it…"));
  done = g_format_size ((guint64) g_atomic_int_get (&self->done_kib) << 10);
  total = g_format_size ((guint64) g_atomic_int_get (&self->total_kib) << 10);
  /* Translators: "34 MB of 98 MB" */
  return g_strdup_printf (_ ("%s of %s"), done, total);
}

const char *
attune_download_get_error (AttuneDownload *self)
{
  g_return_val_if_fail (ATTUNE_IS_DOWNLOAD (self), NULL);
  return self->error;
}

const char *
attune_download_get_path (AttuneDownload *self)
{
  g_return_val_if_fail (ATTUNE_IS_DOWNLOAD (self), NULL);
  return self->path;
}

const char *
attune_download_get_name (AttuneDownload *self)
{
  g_return_val_if_fail (ATTUNE_IS_DOWNLOAD (self), NULL);
  return self->name;
}

/* --- the object */

AttuneDownload *
attune_download_new (const AttuneCatalogueModel *model, const char *folder)
{
  AttuneDownload *self;

  g_return_val_if_fail (model != NULL && folder != NULL, NULL);

  self = g_object_new (ATTUNE_TYPE_DOWNLOAD, NULL);
  self->name = g_strdup (model->name);
  self->path = g_build_filename (folder, model->file, NULL);
  self->bytes = model->bytes;
  self->sha256 = g_strdup (model->sha256);
  self->package = g_strdup (model->pypi_package);
  self->version = g_strdup (model->pypi_version);
  self->member = g_strdup (model->pypi_member);
  if (model->hub_repository == NULL && model->pypi_package == NULL)
    self->repository = g_strdup (model->repository);
  else
    {
      self->repository = g_strdup (model->hub_repository);
      self->file = g_strdup (model->file);
    }
  return self;
}

AttuneDownload *
attune_download_new_hub (const char *repository, const char *file, const char *folder)
{
  AttuneDownload *self;
  g_autofree char *name = NULL;

  g_return_val_if_fail (repository != NULL && file != NULL && folder != NULL, NULL);

  name = g_path_get_basename (file);
  self = g_object_new (ATTUNE_TYPE_DOWNLOAD, NULL);
  self->name = g_strdup (name);
  self->path = g_build_filename (folder, name, NULL);
  self->repository = g_strdup (repository);
  self->file = g_strdup (file);
  return self;
}

void
attune_download_set_proxy (AttuneDownload *self, const char *proxy)
{
  g_return_if_fail (ATTUNE_IS_DOWNLOAD (self) && self->cancellable == NULL);

  g_set_str (&self->proxy, proxy);
}

void
attune_download_set_hub (AttuneDownload *self, const char *address, const char *token)
{
  g_return_if_fail (ATTUNE_IS_DOWNLOAD (self) && self->cancellable == NULL);
  g_return_if_fail (address != NULL || token == NULL);

  g_set_str (&self->hub, address);
  g_set_str (&self->token, token);
}

static void
attune_download_finalize (GObject *object)
{
  AttuneDownload *self = ATTUNE_DOWNLOAD (object);
  char *const texts[]
      = { self->name,   self->path,       self->sha256, self->package, self->version,
          self->member, self->repository, self->file,   self->proxy,   self->hub,
          self->token,  self->address,    self->error };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  G_OBJECT_CLASS (attune_download_parent_class)->finalize (object);
}

static void
attune_download_class_init (AttuneDownloadClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = attune_download_finalize;
  signals[CHANGED] = g_signal_new ("changed", ATTUNE_TYPE_DOWNLOAD, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[ENDED] = g_signal_new ("ended", ATTUNE_TYPE_DOWNLOAD, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
attune_download_init (AttuneDownload *self)
{
}
