/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The methods of fine-tuning: what of a model learns.
 */
#pragma once
#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_METHOD_LORA,   /* adapters beside the base, which is frozen (Hu et al. 2021) */
  ATTUNE_METHOD_QLORA,  /* the same, and the base is kept in 4 bits (Dettmers et al. 2023) */
  ATTUNE_METHOD_DORA,   /* LoRA, with the lengths of weights apart (Liu et al. 2024) */
  ATTUNE_METHOD_IA3,    /* factors on keys, values and feed-forward (Liu et al. 2022) */
  ATTUNE_METHOD_PROMPT, /* embeddings of virtual tokens (Lester et al. 2021) */
  ATTUNE_METHOD_PREFIX, /* keys and values of such in every layer (Li & Liang 2021) */
  ATTUNE_METHOD_FULL,   /* all weights of the base */
  ATTUNE_METHOD_HALF,   /* likewise, a half of them at a time (Hui et al. 2024) */
  ATTUNE_METHOD_LAYERS, /* those of some layers */
  ATTUNE_METHOD_BIAS,   /* only biases (Ben Zaken et al. 2022) */
  ATTUNE_N_METHODS,
} AttuneMethod;
/* Where LoRA's adapter begins. */
typedef enum
{
  ATTUNE_ADAPTER_START_ZERO,      /* it changes nothing */
  ATTUNE_ADAPTER_START_PRINCIPAL, /* the largest parts of the weights: Meng et al. 2024 (PiSSA) */
  ATTUNE_ADAPTER_START_LOFTQ,     /* those of what 4 bits have lost: Li et al. 2023 (LoftQ) */
} AttuneAdapterStart;
#define ATTUNE_TYPE_ADAPTER_START (attune_adapter_start_get_type ())
GType attune_adapter_start_get_type (void);

#define ATTUNE_TYPE_METHOD (attune_method_get_type ())
GType attune_method_get_type (void);

/* "lora": as it is typed. Static, as are the others. */
const char *attune_method_get_name (AttuneMethod method);
/* "Whole Model (Full Fine-Tuning)", not translated. */
const char *attune_method_get_title (AttuneMethod method);
/* What it does and costs, as a sentence; not translated. */
const char *attune_method_get_text (AttuneMethod method);
/* Whether an adapter learns beside the base, which stays as it is; else the base's own weights
 * learn. */
gboolean attune_method_adapts (AttuneMethod method);
/* Whether that are virtual tokens before every text, which is no part of any linear. */
gboolean attune_method_is_virtual (AttuneMethod method);
/* The learning rate to begin with. */
double attune_method_get_rate (AttuneMethod method);

G_END_DECLS
