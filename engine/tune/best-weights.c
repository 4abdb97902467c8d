/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * checkpoint-best-STEP.h5 through the store.
 */
#include "tune/best-weights.h"

#include "core/file.h"
#include "tune/checkpoint-private.h"

#include <errno.h>
#include <glib/gstdio.h>

#define KIND "best-weights"
#define VERSION 1

/* Returns: (transfer full): "…/checkpoint-best-" for "…/checkpoint.h5". */
static char *
make_prefix (const char *checkpoint)
{
  const gsize length = strlen (checkpoint) - (g_str_has_suffix (checkpoint, ".h5") ? 3 : 0);

  return g_strdup_printf ("%.*s-best-", (int) length, checkpoint);
}

static char *
make_path (const char *checkpoint, gint64 step)
{
  g_autofree char *prefix = make_prefix (checkpoint);

  return g_strdup_printf ("%s%" G_GINT64_FORMAT ".h5", prefix, step);
}

static gboolean
write_weights (const char *path, gpointer data, GError **error)
{
  const AttuneCheckpoint *s = data;
  g_autoptr (AttuneStore) store = attune_store_create (path, KIND, VERSION, error);
  const guint64 sum = attune_checkpoint_sum (ATTUNE_CHECKPOINT_SUM, s->values, s->count);

  return store != NULL && attune_store_set_string (store, "key", s->key, error)
         && attune_store_set_int (store, "step", s->best_step, error)
         && attune_store_set_int (store, "checksum", (gint64) sum, error)
         && attune_store_put (store, "values", ATTUNE_STORE_F32, 1, &s->count, s->values, error)
         && attune_store_commit (store, error);
}

static AttuneStore *
open_weights (const char *path, gint64 count, GError **error)
{
  g_autoptr (AttuneStore) store = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_CHECKPOINT,
                   "The file “%s” with the best weights of the run is missing. Put it back, or "
                   "start a new run.",
                   path);
      return NULL;
    }
  store = attune_store_open (path, KIND, VERSION, error);
  if (store == NULL || !attune_checkpoint_check_vector (store, path, "values", count, error))
    return NULL;
  return g_steal_pointer (&store);
}

static gboolean
read_back (const char *path, gpointer data, GError **error)
{
  const AttuneCheckpoint *s = data;
  g_autoptr (AttuneStore) store = open_weights (path, s->count, error);

  return store != NULL
         && attune_checkpoint_compare (store, path, "values", s->values, s->count, error);
}

gboolean
attune_best_weights_save (const char *checkpoint, const AttuneCheckpoint *state, GError **error)
{
  g_autofree char *path = make_path (checkpoint, state->best_step);

  return attune_file_replace (path, write_weights, read_back, (gpointer) state, error);
}

gboolean
attune_best_weights_check (const char *checkpoint, const AttuneCheckpoint *state, GError **error)
{
  g_autofree char *path = make_path (checkpoint, state->best_step), *key = NULL;
  g_autoptr (AttuneStore) store = open_weights (path, state->count, error);

  if (store == NULL || (key = attune_store_get_string (store, "key", error)) == NULL)
    return FALSE;
  return g_strcmp0 (key, state->key) == 0 || attune_checkpoint_of_another (path, error);
}

gboolean
attune_best_weights_read (const char *checkpoint, gint64 step, gint64 count, float *values,
                          GError **error)
{
  g_autofree char *path = make_path (checkpoint, step);
  g_autoptr (AttuneStore) store = open_weights (path, count, error);
  gint64 sum;

  if (store == NULL || !attune_store_get_int (store, "checksum", &sum, error)
      || !attune_store_get (store, "values", ATTUNE_STORE_F32, 0, count, values, error))
    return FALSE;
  return (gint64) attune_checkpoint_sum (ATTUNE_CHECKPOINT_SUM, values, count) == sum
         || attune_checkpoint_damaged (path, error);
}

void
attune_best_weights_keep (const char *checkpoint, gint64 a, gint64 b)
{
  g_autofree char *prefix = make_prefix (checkpoint);
  g_autofree char *name_prefix = g_path_get_basename (prefix),
                  *folder = g_path_get_dirname (prefix);
  g_autofree char *path_a = make_path (checkpoint, a), *path_b = make_path (checkpoint, b);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_str_has_prefix (name, name_prefix) && !g_str_equal (path, path_a)
          && !g_str_equal (path, path_b) && g_unlink (path) != 0)
        g_info ("“%s” could not be deleted: %s", path, g_strerror (errno)); /* takes room only */
    }
}
