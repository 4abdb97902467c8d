/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is worth trying of a setting, for who does not know it.
 */
#include "core/settings.h"
#include "plan/search-space.h"

/* Where around the value of now says little: it is zero, or near an end. Ranges are those that are
 * searched over in the papers of each, or usual for it. */
static const struct
{
  const char *name, *values;
} usual[] = {
  { "epochs", "1..4:linear" },    { "lora-dropout", "0..0.2" },
  { "lora-plus-ratio", "1..16" }, { "warmup-ratio", "0..0.2" },
  { "weight-decay", "0..0.1" },   { "beta1", "0.8..0.95" },
  { "beta2", "0.95..0.999" },     { "max-gradient-norm", "0.1..10" },
  { "ema-decay", "0..0.99" },     { "neftune-alpha", "0..15" },
  { "patience", "0..5" },         { "rounds", "2..16" },
};

#define AROUND_RATE 10 /* a learning rate is sought by the power of ten */
#define AROUND 4

/* Down and up by a factor, within what the setting can be. */
static char *
suggest_around (GParamSpec *setting, double value)
{
  const double factor = g_str_equal (setting->name, "learning-rate") ? AROUND_RATE : AROUND;
  char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];

  if (G_IS_PARAM_SPEC_INT (setting))
    {
      const GParamSpecInt *whole = G_PARAM_SPEC_INT (setting);
      const int least = MAX (whole->minimum, (int) (value / factor)),
                most = (int) MIN (whole->maximum, value * factor);

      return most > least ? g_strdup_printf ("%s=%d..%d", setting->name, least, most) : NULL;
    }
  g_ascii_formatd (low, sizeof low, "%.4g",
                   MAX (G_PARAM_SPEC_DOUBLE (setting)->minimum, value / factor));
  g_ascii_formatd (high, sizeof high, "%.4g",
                   MIN (G_PARAM_SPEC_DOUBLE (setting)->maximum, value * factor));
  return g_strdup_printf ("%s=%s..%s", setting->name, low, high);
}

char *
attune_search_suggest (AttunePlan *plan, const char *name)
{
  GParamSpec *setting;
  g_autofree char *text = NULL;
  double value;

  g_return_val_if_fail (ATTUNE_IS_PLAN (plan) && name != NULL, NULL);

  setting = g_object_class_find_property (G_OBJECT_GET_CLASS (plan), name);
  if (setting == NULL || !attune_search_space_can_vary (name) || !attune_plan_uses (plan, name))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    if (g_str_equal (usual[i].name, name))
      return g_strdup_printf ("%s=%s", name, usual[i].values);
  if (G_IS_PARAM_SPEC_BOOLEAN (setting) || G_IS_PARAM_SPEC_ENUM (setting))
    return g_strdup_printf ("%s=all", name);
  if (!G_IS_PARAM_SPEC_DOUBLE (setting) && !G_IS_PARAM_SPEC_INT (setting))
    return NULL;
  text = attune_settings_get_text (G_OBJECT (plan), name);
  value = g_ascii_strtod (text, NULL);
  return value > 0 ? suggest_around (setting, value) : NULL;
}
