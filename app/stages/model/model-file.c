/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model is opened whole, for only then it is known to be sound, and closed again: what is kept is
 * a few numbers and sentences.
 */
#include "stages/model/model-file.h"

#include "model/describe.h"
#include "model/hub-cache.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

/* What the thread finds. */
typedef struct
{
  char *name, *error;
  AttuneDecoderConfig config;
  gint64 parameters;
  guint64 bytes;
  int bits;
  char **warnings;
} Found;

struct _AttuneModelFile
{
  GObject parent_instance;

  char *path;
  gint64 size, modified_us; /* of what was looked at; -1: none */
  gboolean loading;
  Found *found; /* (nullable) */
  char *display_name;
};

G_DEFINE_FINAL_TYPE (AttuneModelFile, attune_model_file, G_TYPE_OBJECT)

static guint changed_signal;
static const char *const no_warnings[] = { NULL };

static void
found_free (gpointer data)
{
  Found *found = data;

  g_free (found->name);
  g_free (found->error);
  g_strfreev (found->warnings);
  g_free (found);
}

static void
look (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Found *found = g_new0 (Found, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModel) model = attune_model_open (data, &error);

  if (model == NULL)
    found->error = g_strdup (error->message);
  else
    {
      found->name = g_strdup (attune_model_get_name (model));
      found->config = *attune_model_get_config (model);
      found->parameters = attune_model_count_parameters (model);
      found->bytes = attune_model_get_bytes (model);
      found->bits = attune_model_count_bits (model);
      found->warnings = g_strdupv ((char **) attune_model_get_warnings (model));
    }
  g_task_return_pointer (task, found, found_free);
}

static void
looked (GObject *source, GAsyncResult *result, gpointer data)
{
  AttuneModelFile *self = ATTUNE_MODEL_FILE (source);

  g_clear_pointer (&self->found, found_free);
  self->found = g_task_propagate_pointer (G_TASK (result), NULL);
  self->loading = FALSE;
  g_signal_emit (self, changed_signal, 0);
}

void
attune_model_file_refresh (AttuneModelFile *self)
{
  GStatBuf info;
  gint64 size = -1, modified_us = -1;
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (ATTUNE_IS_MODEL_FILE (self));

  if (g_stat (self->path, &info) == 0)
    {
      size = info.st_size;
      modified_us = info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000;
    }
  if (self->loading
      || (self->found != NULL && size == self->size && modified_us == self->modified_us))
    return;
  self->size = size;
  self->modified_us = modified_us;
  self->loading = TRUE;
  task = g_task_new (self, NULL, looked, NULL);
  g_task_set_task_data (task, g_strdup (self->path), g_free);
  g_task_run_in_thread (task, look);
}

/* --- doors */

AttuneModelFile *
attune_model_file_new (const char *path)
{
  AttuneModelFile *self;
  g_autofree char *name = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_object_new (ATTUNE_TYPE_MODEL_FILE, NULL);
  self->path = g_strdup (path);
  name = attune_hub_cache_name (path);
  self->display_name = g_filename_display_name (name);
  attune_model_file_refresh (self);
  return self;
}

const char *
attune_model_file_get_path (AttuneModelFile *self)
{
  g_return_val_if_fail (ATTUNE_IS_MODEL_FILE (self), NULL);
  return self->path;
}

gboolean
attune_model_file_is_loading (AttuneModelFile *self)
{
  g_return_val_if_fail (ATTUNE_IS_MODEL_FILE (self), FALSE);
  return self->loading;
}

const char *
attune_model_file_get_error (AttuneModelFile *self)
{
  g_return_val_if_fail (ATTUNE_IS_MODEL_FILE (self), NULL);
  return self->found != NULL ? self->found->error : NULL;
}

const char *
attune_model_file_get_name (AttuneModelFile *self)
{
  g_return_val_if_fail (ATTUNE_IS_MODEL_FILE (self), NULL);
  return self->found != NULL && self->found->name != NULL ? self->found->name : self->display_name;
}

/* What was found where it is sound, or %NULL. */
static const Found *
sound (AttuneModelFile *self)
{
  return self->found != NULL && self->found->error == NULL ? self->found : NULL;
}

const AttuneDecoderConfig *
attune_model_file_get_config (AttuneModelFile *self)
{
  g_return_val_if_fail (ATTUNE_IS_MODEL_FILE (self), NULL);
  return sound (self) != NULL ? &self->found->config : NULL;
}

gint64
attune_model_file_get_parameters (AttuneModelFile *self)
{
  g_return_val_if_fail (ATTUNE_IS_MODEL_FILE (self), 0);
  return sound (self) != NULL ? self->found->parameters : 0;
}

guint64
attune_model_file_get_bytes (AttuneModelFile *self)
{
  g_return_val_if_fail (ATTUNE_IS_MODEL_FILE (self), 0);
  return sound (self) != NULL ? self->found->bytes : 0;
}

int
attune_model_file_get_bits (AttuneModelFile *self)
{
  g_return_val_if_fail (ATTUNE_IS_MODEL_FILE (self), 0);
  return sound (self) != NULL ? self->found->bits : 0;
}

const char *const *
attune_model_file_get_warnings (AttuneModelFile *self)
{
  g_return_val_if_fail (ATTUNE_IS_MODEL_FILE (self), no_warnings);
  return sound (self) != NULL ? (const char *const *) self->found->warnings : no_warnings;
}

static void
attune_model_file_finalize (GObject *object)
{
  AttuneModelFile *self = ATTUNE_MODEL_FILE (object);

  g_clear_pointer (&self->found, found_free);
  g_free (self->path);
  g_free (self->display_name);
  G_OBJECT_CLASS (attune_model_file_parent_class)->finalize (object);
}

static void
attune_model_file_class_init (AttuneModelFileClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = attune_model_file_finalize;
  changed_signal = g_signal_new ("changed", ATTUNE_TYPE_MODEL_FILE, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
attune_model_file_init (AttuneModelFile *self)
{
  self->size = self->modified_us = -1;
}
