/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The formats by name. Light.
 */
#include "deploy/export.h"

G_DEFINE_QUARK (attune_deploy_error, attune_deploy_error)

static const struct
{
  const char *name, *blurb;
} formats[ATTUNE_N_EXPORTS] = {
  [ATTUNE_EXPORT_ADAPTER]
  = { "adapter", "The adapter alone, a small file, for PEFT and for whoever has the base model." },
  [ATTUNE_EXPORT_MERGED]
  = { "merged", "The whole model as a folder for Hugging Face Transformers and vLLM." },
  [ATTUNE_EXPORT_GGUF_F16]
  = { "gguf-f16", "The whole model in one file for llama.cpp, Ollama and LM Studio, in 16 bits." },
  [ATTUNE_EXPORT_GGUF_Q8_0]
  = { "gguf-q8_0", "The same in 8 bits: half the size, and hardly a difference in what it says." },
  [ATTUNE_EXPORT_GGUF_F32]
  = { "gguf-f32", "The same without any rounding, twice the size of 16 bits: to convert further." },
  [ATTUNE_EXPORT_GGUF_BF16]
  = { "gguf-bf16", "The same in the 16 bits that models are trained in, for programs that ask for "
                   "it." },
  [ATTUNE_EXPORT_GGUF_Q6_K]
  = { "gguf-q6_k", "The same in about 6.6 bits, which is hard to tell from 8." },
  [ATTUNE_EXPORT_GGUF_Q5_K_M]
  = { "gguf-q5_k_m", "The same in about 5.7 bits, with more of them where rounding shows." },
  [ATTUNE_EXPORT_GGUF_Q5_K_S] = { "gguf-q5_k_s", "The same in about 5.5 bits everywhere." },
  [ATTUNE_EXPORT_GGUF_Q5_1]
  = { "gguf-q5_1", "The same in about 6 bits, in an old and simple way that every program reads." },
  [ATTUNE_EXPORT_GGUF_Q5_0]
  = { "gguf-q5_0", "The same in about 5.5 bits, in an old and simple way that every program "
                   "reads." },
  [ATTUNE_EXPORT_GGUF_Q4_K_M]
  = { "gguf-q4_k_m", "The same in about 4.9 bits, with more of them where rounding shows: what "
                     "most people take where memory is short." },
  [ATTUNE_EXPORT_GGUF_Q4_K_S] = { "gguf-q4_k_s", "The same in about 4.6 bits nearly everywhere." },
  [ATTUNE_EXPORT_GGUF_Q4_1]
  = { "gguf-q4_1", "The same in about 5 bits, in an old and simple way that every program reads." },
  [ATTUNE_EXPORT_GGUF_Q4_0]
  = { "gguf-q4_0", "The same in about 4.5 bits, in an old and simple way that every program "
                   "reads; it answers less well than newer ways of this size." },
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

int
attune_export_safe_context (const AttuneDecoderConfig *config)
{
  return config->stretch.kind == ATTUNE_STRETCH_LONG ? config->stretch.original : 0;
}

gboolean
attune_export_format_find (const char *name, AttuneExportFormat *format)
{
  for (int i = 0; name != NULL && i < ATTUNE_N_EXPORTS; i++)
    if (g_str_equal (name, formats[i].name))
      {
        *format = i;
        return TRUE;
      }
  return FALSE;
}
