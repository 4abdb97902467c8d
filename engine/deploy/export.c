/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See export.h: the way to each format.
 */
#include "deploy/weights.h"

gboolean
attune_export (AttuneExportFormat format, AttuneModel *model, AttuneDecoder *decoder,
               const AttuneLoraConfig *lora, const char *base_name, const char *path,
               AttuneProgressFunc progress, gpointer data, GCancellable *cancellable,
               GError **error)
{
  g_auto (AttuneExport) self = { .model = model,
                                 .decoder = decoder,
                                 .lora = lora,
                                 .base_name = base_name,
                                 .progress = progress,
                                 .data = data,
                                 .cancellable = cancellable };
  gboolean done = FALSE;

  g_return_val_if_fail (model != NULL && decoder != NULL && lora != NULL, FALSE);
  g_return_val_if_fail (base_name != NULL && path != NULL, FALSE);
  g_return_val_if_fail ((guint) format < ATTUNE_N_EXPORTS, FALSE);

  if (lora->n_labels > 0 && format != ATTUNE_EXPORT_ADAPTER)
    {
      g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
                   "The run has learned labels, and a head for labels has no place in this format. "
                   "Export the adapter, with which the head goes (--format adapter).");
      return FALSE;
    }
  if (lora->n_virtual > 0 && format != ATTUNE_EXPORT_ADAPTER)
    {
      g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
                   "What the run has learned stands before every text and is no part of the "
                   "weights, so that it has no place in this format. Export the adapter (--format "
                   "adapter), or tune again with --method lora.");
      return FALSE;
    }
  attune_export_begin (&self);
  if (attune_export_format_is_gguf (format))
    done = attune_export_gguf (&self, format, path, error);
  else if (format == ATTUNE_EXPORT_MERGED)
    done = attune_export_merged (&self, path, error);
  else
    done = attune_export_adapter (&self, path, error);
  if (done && progress != NULL)
    progress (data, 1, "Written");
  return done;
}
