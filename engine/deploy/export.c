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

  attune_export_begin (&self);
  switch (format)
    {
    case ATTUNE_EXPORT_ADAPTER:
      done = attune_export_adapter (&self, path, error);
      break;
    case ATTUNE_EXPORT_MERGED:
      done = attune_export_merged (&self, path, error);
      break;
    case ATTUNE_EXPORT_GGUF_F16:
      done = attune_export_gguf (&self, ATTUNE_TYPE_F16, path, error);
      break;
    case ATTUNE_EXPORT_GGUF_Q8_0:
      done = attune_export_gguf (&self, ATTUNE_TYPE_Q8_0, path, error);
      break;
    default:
      g_return_val_if_reached (FALSE);
    }
  if (done && progress != NULL)
    progress (data, 1, "Written");
  return done;
}
