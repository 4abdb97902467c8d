/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the cleaning did, as a part of the data set's report.
 */
#include "data/clean-private.h"
#include "data/language.h"

/* A report names so many abbreviations at most. */
#define MAX_UNDECIDED 50

static JsonArray *
undecided_array (const AttuneCleaner *cleaner)
{
  g_autoptr (GArray) undecided = attune_cleaner_get_undecided (cleaner);
  JsonArray *array = json_array_new ();

  for (guint i = 0; undecided != NULL && i < MIN (undecided->len, MAX_UNDECIDED); i++)
    {
      const AttuneUndecided *item = &g_array_index (undecided, AttuneUndecided, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "abbreviation", item->abbreviation);
      json_object_set_string_member (object, "meanings", item->meanings);
      json_object_set_int_member (object, "count", item->count);
      json_array_add_object_element (array, object);
    }
  return array;
}

void
attune_cleaner_report (const AttuneCleaner *self, JsonObject *report)
{
  JsonArray *array = json_array_new ();
  guint n;
  const AttuneCleanStep *steps = attune_cleaner_get_steps (self, &n);

  for (guint i = 0; i < n; i++)
    json_array_add_object_element (array, attune_clean_step_to_json (&steps[i]));
  json_object_set_array_member (report, "steps", array);
  attune_findings_report (&self->findings, report);
  json_object_set_array_member (report, "undecided_abbreviations", undecided_array (self));
  if (attune_cleaner_get_languages (self) != NULL)
    json_object_set_object_member (report, "languages",
                                   attune_languages_to_json (attune_cleaner_get_languages (self)));
}
