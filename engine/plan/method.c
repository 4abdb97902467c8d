/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of methods.
 */
#include "plan/method.h"

#include <glib/gi18n.h> /* N_(): the window translates titles and sentences */

/* Rates: adapters begin at zero and take large steps; weights that already know something take
 * small ones (Hu et al. 2021, table 11; Touvron et al. 2023 tune with 2e-5). */
static const struct
{
  const char *name, *title, *text;
  double rate;
  gboolean adapts;
} methods[ATTUNE_N_METHODS] = {
  [ATTUNE_METHOD_LORA] = { "lora", N_ ("Adapter (LoRA)"),
                           N_ ("A small adapter learns beside the model, which stays as it is: it "
                               "takes little memory and forgets little."),
                           5e-4, TRUE },
  [ATTUNE_METHOD_QLORA]
  = { "qlora", N_ ("Adapter on a Compressed Model (QLoRA)"),
      N_ ("A small adapter learns beside the model, which is rounded to 4 bits a value while it "
          "learns: it takes least memory, and answers a little less well."),
      5e-4, TRUE },
  [ATTUNE_METHOD_DORA]
  = { "dora", N_ ("Adapter for Length and Direction (DoRA)"),
      N_ ("An adapter learns how strong and of which kind each weight is apart: it comes nearer to "
          "tuning the whole model, and takes half as long again."),
      5e-4, TRUE },
  [ATTUNE_METHOD_IA3]
  = { "ia3", N_ ("Factors Only ((IA)³)"),
      N_ ("Only a factor for some parts of the model learns: a file of some kilobytes, for a "
          "manner or a format rather than for knowledge."),
      5e-3, TRUE },
  [ATTUNE_METHOD_PROMPT]
  = { "prompt", N_ ("Learned Prompt (Prompt Tuning)"),
      N_ ("Some words that no dictionary has are put before every text and learn: a file of some "
          "kilobytes, for a task rather than for knowledge."),
      3e-2, TRUE },
  [ATTUNE_METHOD_PREFIX]
  = { "prefix", N_ ("Learned Beginning (Prefix Tuning)"),
      N_ ("What every layer has seen before a text begins learns: more than a learned prompt can "
          "say, in a small file."),
      1e-2, TRUE },
  [ATTUNE_METHOD_FULL] = { "full", N_ ("Whole Model (Full Fine-Tuning)"),
                           N_ ("Every weight of the model learns: it can change most, takes much "
                               "memory and disk, and forgets more."),
                           2e-5, FALSE },
  [ATTUNE_METHOD_HALF] = { "half", N_ ("Half of the Model at a Time (HFT)"),
                           N_ ("Half of the weights learn at a time, another half in each round: "
                               "it forgets less than the whole model, and takes less memory."),
                           2e-5, FALSE },
  [ATTUNE_METHOD_LAYERS] = { "layers", N_ ("Some Layers"),
                             N_ ("Only the chosen layers learn, mostly the last: it takes little "
                                 "memory and time, and what lies before them stays."),
                             5e-5, FALSE },
  [ATTUNE_METHOD_BIAS] = { "bias", N_ ("Biases Only (BitFit)"),
                           N_ ("Only the model’s biases learn, some thousandths of its weights: it "
                               "takes least, and changes more the manner than the knowledge."),
                           1e-3, FALSE },
};

GType
attune_method_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_METHOD_LORA, "ATTUNE_METHOD_LORA", "lora" },
        { ATTUNE_METHOD_QLORA, "ATTUNE_METHOD_QLORA", "qlora" },
        { ATTUNE_METHOD_DORA, "ATTUNE_METHOD_DORA", "dora" },
        { ATTUNE_METHOD_IA3, "ATTUNE_METHOD_IA3", "ia3" },
        { ATTUNE_METHOD_PROMPT, "ATTUNE_METHOD_PROMPT", "prompt" },
        { ATTUNE_METHOD_PREFIX, "ATTUNE_METHOD_PREFIX", "prefix" },
        { ATTUNE_METHOD_FULL, "ATTUNE_METHOD_FULL", "full" },
        { ATTUNE_METHOD_HALF, "ATTUNE_METHOD_HALF", "half" },
        { ATTUNE_METHOD_LAYERS, "ATTUNE_METHOD_LAYERS", "layers" },
        { ATTUNE_METHOD_BIAS, "ATTUNE_METHOD_BIAS", "bias" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttuneMethod", values));
    }
  return type;
}

GType
attune_adapter_start_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_ADAPTER_START_ZERO, "ATTUNE_ADAPTER_START_ZERO", "zero" },
        { ATTUNE_ADAPTER_START_PRINCIPAL, "ATTUNE_ADAPTER_START_PRINCIPAL", "pissa" },
        { ATTUNE_ADAPTER_START_LOFTQ, "ATTUNE_ADAPTER_START_LOFTQ", "loftq" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttuneAdapterStart", values));
    }
  return type;
}

const char *
attune_method_get_name (AttuneMethod method)
{
  g_return_val_if_fail ((guint) method < ATTUNE_N_METHODS, NULL);
  return methods[method].name;
}

const char *
attune_method_get_title (AttuneMethod method)
{
  g_return_val_if_fail ((guint) method < ATTUNE_N_METHODS, NULL);
  return methods[method].title;
}

const char *
attune_method_get_text (AttuneMethod method)
{
  g_return_val_if_fail ((guint) method < ATTUNE_N_METHODS, NULL);
  return methods[method].text;
}

gboolean
attune_method_adapts (AttuneMethod method)
{
  g_return_val_if_fail ((guint) method < ATTUNE_N_METHODS, FALSE);
  return methods[method].adapts;
}

gboolean
attune_method_is_virtual (AttuneMethod method)
{
  return method == ATTUNE_METHOD_PROMPT || method == ATTUNE_METHOD_PREFIX;
}

double
attune_method_get_rate (AttuneMethod method)
{
  g_return_val_if_fail ((guint) method < ATTUNE_N_METHODS, 0);
  return methods[method].rate;
}
