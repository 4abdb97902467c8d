/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See export.h: the formats by name, and the way to each.
 */
#include "deploy/weights.h"

G_DEFINE_QUARK (attune_deploy_error, attune_deploy_error)

static const struct
{
  const char *name, *blurb;
} formats[ATTUNE_N_EXPORTS] = {
  [ATTUNE_EXPORT_ADAPTER]
  = { "adapter",
      "The adapter alone, a few megabytes, for PEFT and for whoever has the base model." },
  [ATTUNE_EXPORT_MERGED]
  = { "merged", "The whole model as a folder for Hugging Face Transformers and vLLM." },
  [ATTUNE_EXPORT_GGUF_F16]
  = { "gguf-f16", "The whole model in one file for llama.cpp, Ollama and LM Studio, in 16 bits." },
  [ATTUNE_EXPORT_GGUF_Q8_0]
  = { "gguf-q8_0", "The same in 8 bits: half the size, and hardly a difference in what it says." },
};

const char *
attune_export_format_get_name (AttuneExportFormat format)
{
  g_return_val_if_fail ((guint) format < ATTUNE_N_EXPORTS, NULL);
  return formats[format].name;
}

const char *
attune_export_format_get_blurb (AttuneExportFormat format)
{
  g_return_val_if_fail ((guint) format < ATTUNE_N_EXPORTS, NULL);
  return formats[format].blurb;
}

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
