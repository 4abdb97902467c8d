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
} methods[ATTUNE_N_METHODS] = {
  [ATTUNE_METHOD_LORA] = { "lora", N_ ("Adapter (LoRA)"),
                           N_ ("A small adapter learns beside the model, which stays as it is: it "
                               "takes little memory and forgets little."),
                           5e-4 },
  [ATTUNE_METHOD_FULL] = { "full", N_ ("Whole Model (Full Fine-Tuning)"),
                           N_ ("Every weight of the model learns: it can change most, takes much "
                               "memory and disk, and forgets more."),
                           2e-5 },
};

GType
attune_method_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_METHOD_LORA, "ATTUNE_METHOD_LORA", "lora" },
        { ATTUNE_METHOD_FULL, "ATTUNE_METHOD_FULL", "full" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttuneMethod", values));
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

double
attune_method_get_rate (AttuneMethod method)
{
  g_return_val_if_fail ((guint) method < ATTUNE_N_METHODS, 0);
  return methods[method].rate;
}
