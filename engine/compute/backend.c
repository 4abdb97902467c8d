/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is the same for every backend: its error domain, its end and the hand-out of a kept failure.
 */
#include "compute/backend.h"

#include <string.h>

G_DEFINE_QUARK (attune_compute_error_quark, attune_compute_error)

void
attune_backend_free (AttuneBackend *be)
{
  if (be != NULL)
    be->destroy (be);
}

gboolean
attune_backend_sync (AttuneBackend *be, GError **error)
{
  GError *kept;

  g_return_val_if_fail (be != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  kept = be->sync (be);
  if (kept == NULL)
    return TRUE;
  g_propagate_error (error, kept);
  return FALSE;
}

void
attune_backend_upload (AttuneBackend *be, void *memory, const void *from, gsize bytes)
{
  if (be->upload != NULL)
    be->upload (be, memory, from, bytes);
  else
    memcpy (memory, from, bytes);
}

void
attune_backend_download (AttuneBackend *be, void *to, const void *memory, gsize bytes)
{
  if (be->download != NULL)
    be->download (be, to, memory, bytes);
  else
    memcpy (to, memory, bytes);
}
