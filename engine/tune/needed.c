/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What consolidation holds, kept beside the checkpoint: how much each value is needed, and where it
 * began. A run goes on with the same numbers, without finding them again.
 */
#include "store/store.h"
#include "tune/trainer-private.h"

#include <string.h>

#define KIND "needed"
#define VERSION 1

/* "…/checkpoint-needed.h5" */
static char *
make_path (const AttuneTrainer *self)
{
  const gsize length
      = strlen (self->checkpoint_path) - (g_str_has_suffix (self->checkpoint_path, ".h5") ? 3 : 0);

  return g_strdup_printf ("%.*s-needed.h5", (int) length, self->checkpoint_path);
}

/* From the host's memory, which is the backend's own on a processor. */
static gboolean
get (AttuneTrainer *self, AttuneStore *store, const char *name, const AttuneTensor *vector)
{
  const gint64 n = self->parameters->count;
  g_autofree float *copy = self->be->upload != NULL ? g_try_new (float, n) : NULL;

  if (self->be->upload != NULL && copy == NULL)
    return FALSE;
  if (!attune_store_get (store, name, ATTUNE_STORE_F32, 0, n, copy != NULL ? copy : vector->data,
                         NULL))
    return FALSE;
  if (copy != NULL)
    self->be->upload (self->be, vector->data, copy, n * sizeof (float));
  return TRUE;
}

static gboolean
put (AttuneTrainer *self, AttuneStore *store, const char *name, const AttuneTensor *vector,
     GError **error)
{
  const gint64 n = self->parameters->count;
  g_autofree float *copy = NULL;

  if (self->be->download != NULL)
    {
      copy = g_new (float, n);
      self->be->download (self->be, copy, vector->data, n * sizeof (float));
      if (!attune_backend_sync (self->be, error))
        return FALSE;
    }
  return attune_store_put (store, name, ATTUNE_STORE_F32, 1, &n, copy != NULL ? copy : vector->data,
                           error);
}

/* Both are whole and of this adapter. */
static gboolean
check_shapes (const AttuneTrainer *self, AttuneStore *store)
{
  static const char *const names[] = { "fisher", "began" };
  AttuneStoreType type;
  gint64 dims[4];
  int n_dims;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (!attune_store_shape (store, names[i], &type, &n_dims, dims, NULL)
        || type != ATTUNE_STORE_F32 || n_dims != 1 || dims[0] != self->parameters->count)
      return FALSE;
  return TRUE;
}

gboolean
attune_trainer_load_needed (AttuneTrainer *self)
{
  g_autofree char *path = make_path (self), *key = NULL;
  g_autoptr (GError) reason = NULL;
  g_autoptr (AttuneStore) store = NULL;

  if (!self->resume || !g_file_test (path, G_FILE_TEST_EXISTS))
    return FALSE;
  store = attune_store_open (path, KIND, VERSION, &reason);
  key = store != NULL ? attune_store_get_string (store, "key", NULL) : NULL;
  if (reason != NULL)
    g_info ("What is needed is found again: %s", reason->message);
  if (g_strcmp0 (key, self->key) != 0)
    return FALSE;
  /* began comes first: what is found again is ADDED to fisher */
  if (check_shapes (self, store) && get (self, store, "began", &self->anchor)
      && get (self, store, "fisher", &self->fisher))
    return TRUE;
  g_info ("What is needed is found again: “%s” is not whole.", path);
  self->be->zero (self->be, &self->fisher); /* of which some may have been read */
  return FALSE;
}

gboolean
attune_trainer_save_needed (AttuneTrainer *self, GError **error)
{
  g_autofree char *path = make_path (self);
  g_autoptr (AttuneStore) store = attune_store_create (path, KIND, VERSION, error);

  return store != NULL && attune_store_set_string (store, "key", self->key, error)
         && put (self, store, "fisher", &self->fisher, error)
         && put (self, store, "began", &self->anchor, error) && attune_store_commit (store, error);
}
