/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Words for ranges and choices, and values at their places.
 */
#include "plan/search-space.h"

#include "core/settings.h"
#include "plan/estimate.h"

#include <math.h>
#include <string.h>

#define GRID_POINTS 3
#define MOST_POINTS 1000

static gboolean G_GNUC_PRINTF (2, 3) fail (GError **error, const char *format, ...)
{
  va_list list;

  va_start (list, format);
  g_propagate_error (error,
                     g_error_new_valist (ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE, format, list));
  va_end (list);
  return FALSE;
}

static void
variable_free (gpointer data)
{
  AttuneSearchVariable *self = data;

  g_free (self->name);
  g_strfreev (self->choices);
  g_free (self);
}

/* Trials are compared by their loss over the same records: what would make it another measure. */
static gboolean
check_name (const char *name, GError **error)
{
  static const char *const measures[] = { "objective",
                                          "preference-loss",
                                          "preference-beta",
                                          "simpo-gamma",
                                          "desirable-weight",
                                          "undesirable-weight",
                                          "label-weights",
                                          "effective-beta",
                                          "focal-gamma",
                                          "label-smoothing",
                                          "folds",
                                          "fold",
                                          "max-validation-samples",
                                          NULL };
  static const char *const idle[] = { "seed",
                                      "samples",
                                      "device",
                                      "precision",
                                      "threads",
                                      "ranks",
                                      "checkpoint-every",
                                      "validate-every",
                                      "checkpoint-activations",
                                      "paged-optimizer",
                                      "micro-batch-tokens",
                                      NULL };

  if (g_strv_contains (measures, name))
    return fail (error,
                 "A search cannot vary %s: it changes what is measured, so that the trials could "
                 "not be compared. Make a search for each value.",
                 name);
  if (g_strv_contains (idle, name))
    return fail (error,
                 "A search over %s would find nothing: it does not change how well the model "
                 "learns. Vary the learning-rate, for one.",
                 name);
  return TRUE;
}

gboolean
attune_search_space_can_vary (const char *name)
{
  return check_name (name, NULL);
}

static gboolean
check_value (const char *name, const char *text, GError **error)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();

  return attune_settings_set_text (G_OBJECT (plan), name, text, error);
}

/* Two good values, however they are written: 1e-3 is 0.001. */
static gboolean
are_same (const char *name, const char *one, const char *two)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  g_autofree char *first = NULL, *second = NULL;

  attune_settings_set_text (G_OBJECT (plan), name, one, NULL);
  first = attune_settings_get_text (G_OBJECT (plan), name);
  attune_settings_set_text (G_OBJECT (plan), name, two, NULL);
  second = attune_settings_get_text (G_OBJECT (plan), name);
  return g_str_equal (first, second);
}

static char **
list_all (GParamSpec *setting)
{
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();

  if (G_IS_PARAM_SPEC_BOOLEAN (setting))
    g_strv_builder_add_many (all, "no", "yes", NULL);
  if (G_IS_PARAM_SPEC_ENUM (setting))
    for (guint i = 0; i < G_PARAM_SPEC_ENUM (setting)->enum_class->n_values; i++)
      g_strv_builder_add (all, G_PARAM_SPEC_ENUM (setting)->enum_class->values[i].value_nick);
  return g_strv_builder_end (all);
}

static gboolean
parse_choices (AttuneSearchVariable *self, GParamSpec *setting, const char *words, GError **error)
{
  self->choices = g_str_equal (words, "all") ? list_all (setting) : g_strsplit (words, ",", -1);
  if (self->choices[0] == NULL)
    return fail (error,
                 "“all” goes with settings that have names for their values, which %s has not: say "
                 "a range such as LOW..HIGH, or the values.",
                 self->name);
  for (guint i = 0; self->choices[i] != NULL; i++)
    {
      g_strstrip (self->choices[i]);
      if (!check_value (self->name, self->choices[i], error))
        return FALSE;
      for (guint j = 0; j < i; j++)
        if (are_same (self->name, self->choices[i], self->choices[j]))
          return fail (error, "The search names a value of %s twice: %s.", self->name,
                       self->choices[i]);
    }
  if (g_strv_length (self->choices) >= 2)
    return TRUE;
  return fail (error, "The search has to choose between at least two values of %s.", self->name);
}

/* What comes behind @mark is cut off @words. Returns: (nullable): it. */
static char *
cut_off (char *words, char mark)
{
  char *at = strrchr (words, mark);

  if (at == NULL)
    return NULL;
  *at = '\0';
  return at + 1;
}

/* How the places lie, and how many of them a grid takes. */
static gboolean
parse_manner (AttuneSearchVariable *self, const char *manner, const char *points, GError **error)
{
  guint64 n = GRID_POINTS;

  self->logarithmic = self->low > 0 && self->high / self->low >= 10;
  if (manner != NULL && !g_str_equal (manner, "log") && !g_str_equal (manner, "linear"))
    return fail (error, "The range of %s can be :log or :linear, not :%s.", self->name, manner);
  if (manner != NULL)
    self->logarithmic = g_str_equal (manner, "log");
  if (self->logarithmic && self->low <= 0)
    return fail (error, "The range of %s begins at zero, which has no logarithm: use :linear.",
                 self->name);
  if (points != NULL && !g_ascii_string_to_unsigned (points, 10, 2, MOST_POINTS, &n, NULL))
    return fail (error, "A grid takes from 2 to 1000 points of %s, not %s.", self->name, points);
  self->points = n;
  return TRUE;
}

static gboolean
parse_range (AttuneSearchVariable *self, GParamSpec *setting, const char *words, GError **error)
{
  g_auto (GStrv) ends = g_strsplit (words, "..", 2);
  char *low = ends[0], *high = ends[1];
  const char *points = cut_off (high, '/'), *manner = cut_off (high, ':');

  if (!G_IS_PARAM_SPEC_DOUBLE (setting) && !G_IS_PARAM_SPEC_INT (setting))
    return fail (error, "%s has no range: name the values, such as %s=all.", self->name,
                 self->name);
  if (!check_value (self->name, low, error) || !check_value (self->name, high, error))
    return FALSE;
  self->low = g_ascii_strtod (low, NULL);
  self->high = g_ascii_strtod (high, NULL);
  self->whole = G_IS_PARAM_SPEC_INT (setting);
  if (self->low >= self->high)
    return fail (error, "The range of %s has to rise: %s does not.", self->name, words);
  return parse_manner (self, manner, points, error);
}

static gboolean
parse_word (AttuneSearchVariable *self, const char *word, GError **error)
{
  const char *equals = strchr (word, '=');
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  GParamSpec *setting;

  if (equals == NULL || equals == word || equals[1] == '\0')
    return fail (error,
                 "A setting is varied like learning-rate=1e-5..1e-3 or lora-rank=4,8,16; “%s” is "
                 "neither.",
                 word);
  self->name = g_strndup (word, equals - word);
  g_strdelimit (self->name, "_", '-');
  setting = g_object_class_find_property (G_OBJECT_GET_CLASS (plan), self->name);
  if (setting == NULL)
    return attune_settings_set_text (G_OBJECT (plan), self->name, "", error); /* says which are */
  if (!check_name (self->name, error))
    return FALSE;
  return strstr (equals, "..") != NULL ? parse_range (self, setting, equals + 1, error)
                                       : parse_choices (self, setting, equals + 1, error);
}

GPtrArray *
attune_search_space_parse (const char *const *words, GError **error)
{
  g_autoptr (GPtrArray) space = g_ptr_array_new_with_free_func (variable_free);

  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    {
      AttuneSearchVariable *variable = g_new0 (AttuneSearchVariable, 1);

      g_ptr_array_add (space, variable);
      if (!parse_word (variable, words[i], error))
        return NULL;
      for (guint j = 0; j < i; j++)
        if (g_str_equal (((AttuneSearchVariable *) space->pdata[j])->name, variable->name))
          {
            fail (error, "The search varies %s twice.", variable->name);
            return NULL;
          }
    }
  return g_steal_pointer (&space);
}

guint
attune_search_variable_count (const AttuneSearchVariable *self)
{
  return self->choices != NULL ? g_strv_length (self->choices) : 0;
}

/* Whole numbers get like shares of the places. */
static void
find_ends (const AttuneSearchVariable *self, double *low, double *high)
{
  *low = self->whole ? self->low - 0.5 : self->low;
  *high = self->whole ? self->high + 0.5 : self->high;
  if (self->logarithmic)
    {
      *low = log (*low);
      *high = log (*high);
    }
}

static double
find_place (const AttuneSearchVariable *self, double value)
{
  double low, high;

  find_ends (self, &low, &high);
  value = ((self->logarithmic ? log (value) : value) - low) / (high - low);
  return CLAMP (value, 0, 1);
}

/* As short as four digits, where these are in the range and nearly the value. */
static char *
format_value (const AttuneSearchVariable *self, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (self->whole)
    return g_strdup (g_ascii_formatd (text, sizeof text, "%.0f", value));
  for (int digits = 4; digits <= 17; digits++)
    {
      g_autofree char *format = g_strdup_printf ("%%.%dg", digits);
      const double read = g_ascii_strtod (g_ascii_formatd (text, sizeof text, format, value), NULL);

      if (read >= self->low && read <= self->high
          && fabs (find_place (self, read) - find_place (self, value)) < 0.001)
        break;
    }
  return g_strdup (text);
}

char *
attune_search_variable_get_text (const AttuneSearchVariable *self, double place)
{
  double low, high, value;

  if (self->choices != NULL)
    return g_strdup (self->choices[(guint) place]);
  find_ends (self, &low, &high);
  value = low + place * (high - low);
  if (self->logarithmic)
    value = exp (value);
  if (self->whole)
    value = round (value);
  return format_value (self, CLAMP (value, self->low, self->high));
}

double
attune_search_variable_get_place (const AttuneSearchVariable *self, const char *text)
{
  for (guint i = 0; i < attune_search_variable_count (self); i++)
    if (g_str_equal (self->choices[i], text))
      return i;
  return self->choices != NULL ? 0 : find_place (self, g_ascii_strtod (text, NULL));
}

gboolean
attune_search_variable_has (const AttuneSearchVariable *self, const char *text)
{
  double value;

  if (self->choices != NULL)
    return g_strv_contains ((const char *const *) self->choices, text);
  value = g_ascii_strtod (text, NULL);
  return value >= self->low && value <= self->high && check_value (self->name, text, NULL);
}

/* Of so many points from end to end. Whole numbers are rounded, so that some may be the same. */
static double
find_point (const AttuneSearchVariable *self, guint number)
{
  const double share = (double) number / (self->points - 1),
               value = self->logarithmic ? self->low * pow (self->high / self->low, share)
                                         : self->low + share * (self->high - self->low);

  return self->whole ? round (value) : value;
}

guint
attune_search_variable_count_points (const AttuneSearchVariable *self)
{
  guint n = 1;

  if (self->choices != NULL)
    return attune_search_variable_count (self);
  for (guint i = 1; i < self->points; i++)
    n += find_point (self, i) != find_point (self, i - 1);
  return n;
}

double
attune_search_variable_get_point (const AttuneSearchVariable *self, guint number)
{
  guint i = 0;

  if (self->choices != NULL)
    return number;
  while (number > 0 && ++i < self->points)
    number -= find_point (self, i) != find_point (self, i - 1);
  return find_place (self, find_point (self, MIN (i, self->points - 1)));
}

AttunePlan *
attune_search_space_make_plan (const GPtrArray *space, AttunePlan *plan, const char *const *texts,
                               GError **error)
{
  g_autoptr (AttunePlan) changed = attune_plan_copy (plan);
  const AttunePlanValues before = *attune_plan_get_values (plan);

  /* again after the others have followed: what is varied does not follow */
  for (int twice = 0; twice < 2; twice++)
    {
      for (guint i = 0; i < space->len; i++)
        if (!attune_settings_set_text (G_OBJECT (changed),
                                       ((AttuneSearchVariable *) space->pdata[i])->name, texts[i],
                                       error))
          return NULL;
      if (twice == 0)
        attune_plan_follow (changed, &before);
    }
  return g_steal_pointer (&changed);
}
