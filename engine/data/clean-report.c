/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the cleaning did, as a part of the data set's report.
 */
#include "data/abbreviations.h"
#include "data/clean.h"
#include "data/personal-data.h"

/* A report names so many abbreviations at most. */
#define MAX_UNDECIDED 50

static JsonObject *
step_object (const AttuneCleanStep *step)
{
  JsonObject *object = json_object_new ();
  JsonArray *examples = json_array_new ();

  for (guint i = 0; i < step->n_examples; i++)
    {
      JsonObject *example = json_object_new ();

      json_object_set_string_member (example, "before", step->before[i]);
      if (step->after[i] != NULL)
        json_object_set_string_member (example, "after", step->after[i]);
      json_array_add_object_element (examples, example);
    }
  json_object_set_string_member (object, "name", step->name);
  json_object_set_string_member (object, "title", step->title);
  json_object_set_boolean_member (object, "enabled", step->enabled);
  json_object_set_string_member (object, "deed", attune_clean_deed_get_name (step->deed));
  json_object_set_int_member (object, "count", step->count);
  if (step->changes > 0)
    json_object_set_int_member (object, "changes", step->changes);
  json_object_set_array_member (object, "examples", examples);
  return object;
}

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
  const guint64 *counts = attune_cleaner_get_personal (self);
  JsonObject *personal = json_object_new ();
  JsonArray *array = json_array_new ();
  guint n;
  const AttuneCleanStep *steps = attune_cleaner_get_steps (self, &n);

  for (guint i = 0; i < n; i++)
    json_array_add_object_element (array, step_object (&steps[i]));
  for (int i = 0; i < ATTUNE_N_PERSONAL; i++)
    json_object_set_int_member (personal, attune_personal_kind_get_name (i), counts[i]);
  json_object_set_array_member (report, "steps", array);
  json_object_set_object_member (report, "personal", personal);
  json_object_set_array_member (report, "undecided_abbreviations", undecided_array (self));
}
