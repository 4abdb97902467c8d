/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Words for a search.
 */
#include "stages/plan/search-words.h"

#include "widgets/settings-row.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

static const struct
{
  const char *title, *text;
} strategies[ATTUNE_N_SEARCHES] = {
  [ATTUNE_SEARCH_GRID] = { N_ ("Every Combination"),
                           N_ ("One after the other, from end to end. Good for one or two settings "
                               "with few values.") },
  [ATTUNE_SEARCH_RANDOM]
  = { N_ ("By Chance"), N_ ("Values are drawn at random. Good where nobody knows which of the "
                            "settings matter.") },
  [ATTUNE_SEARCH_TPE] = { N_ ("Learn from the Trials So Far"),
                          N_ ("New values are close to those that did well. Good for ten trials "
                              "and more.") },
  [ATTUNE_SEARCH_HALVING] = { N_ ("Begin Many, Finish the Best"),
                              N_ ("Many trials begin, and only those that look best go on to the "
                                  "end. Tries the most in the same time.") },
  [ATTUNE_SEARCH_POLICY]
  = { N_ ("Learn by Reward"),
      N_ ("What did well is drawn more often from trial to trial. Needs some "
          "dozens of trials.") },
};

const char *
attune_search_strategy_get_title (AttuneSearchStrategy strategy)
{
  g_return_val_if_fail ((guint) strategy < ATTUNE_N_SEARCHES, NULL);
  return _ (strategies[strategy].title);
}

const char *
attune_search_strategy_get_text (AttuneSearchStrategy strategy)
{
  g_return_val_if_fail ((guint) strategy < ATTUNE_N_SEARCHES, NULL);
  return _ (strategies[strategy].text);
}

static GParamSpec *
find_setting (const char *name)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (ATTUNE_TYPE_PLAN);

  return g_object_class_find_property (G_OBJECT_CLASS (klass), name);
}

const char *
attune_search_name_setting (const char *name)
{
  GParamSpec *setting = find_setting (name);

  return setting != NULL ? _ (g_param_spec_get_nick (setting)) : name;
}

char *
attune_search_say_number (double value)
{
  char *text
      = fabs (value) >= 1e-6 ? g_strdup_printf ("%.10f", value) : g_strdup_printf ("%g", value);
  char *end = text + strlen (text);

  if (fabs (value) < 1e-6)
    return text;
  while (end[-1] == '0')
    *--end = '\0';
  if (!g_ascii_isdigit (end[-1]))
    end[-1] = '\0';
  return text;
}

char *
attune_search_say_value (const char *name, const char *text)
{
  GParamSpec *setting = find_setting (name);
  const GEnumValue *value;

  if (setting != NULL && G_IS_PARAM_SPEC_BOOLEAN (setting))
    return g_strdup (g_str_equal (text, "yes") ? _ ("Yes") : _ ("No"));
  if (setting != NULL && G_IS_PARAM_SPEC_DOUBLE (setting))
    return attune_search_say_number (g_ascii_strtod (text, NULL));
  if (setting == NULL || !G_IS_PARAM_SPEC_ENUM (setting))
    return g_strdup (text);
  value = g_enum_get_value_by_nick (G_PARAM_SPEC_ENUM (setting)->enum_class, text);
  return value != NULL ? attune_settings_name_choice (G_PARAM_SPEC_VALUE_TYPE (setting), value)
                       : g_strdup (text);
}

char *
attune_search_say_values (const AttuneSearch *search, const AttuneSearchTrial *trial)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < search->space->len; i++)
    {
      const char *name = ((AttuneSearchVariable *) search->space->pdata[i])->name;
      g_autofree char *value = attune_search_say_value (name, trial->texts[i]);

      /* Translators: between a setting with its value and the next: "Passes 2, Adapter Rank 8" */
      g_string_append_printf (text, "%s%s %s", i > 0 ? _ (", ") : "",
                              attune_search_name_setting (name), value);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
attune_search_say_best (const AttuneSearch *search)
{
  const int best = attune_search_find_best (search);
  const AttuneSearchTrial *trial;

  if (best < 0)
    return g_strdup (_ ("No trial has come to its end yet."));
  trial = search->trials->pdata[best];
  if (trial->score >= trial->base)
    return g_strdup_printf (
        _ ("No trial made the model better than it was before tuning (a loss of %.3f). Try others, "
           "such as a lower learning rate."),
        trial->base);
  if (isnan (trial->base))
    return g_strdup_printf (
        _ ("Trial %d is the best so far, with a loss of %.3f. Lower is better."), best + 1,
        trial->score);
  return g_strdup_printf (_ ("Trial %d is the best so far, with a loss of %.3f; before tuning it "
                             "was %.3f. Lower is better."),
                          best + 1, trial->score, trial->base);
}
