/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The examples of a step, and its part of the report.
 */
#include "data/clean-step.h"

#include "data/secrets.h"

void
attune_clean_step_add_example (AttuneCleanStep *self, const char *before, const char *after)
{
  if (self->n_examples == ATTUNE_CLEAN_EXAMPLES)
    return;
  self->before[self->n_examples] = attune_secrets_hide (before);
  self->after[self->n_examples++] = after != NULL ? attune_secrets_hide (after) : NULL;
}

void
attune_clean_step_forget_examples (AttuneCleanStep *self, guint n)
{
  while (self->n_examples > n)
    {
      g_free (self->before[--self->n_examples]);
      g_free (self->after[self->n_examples]);
    }
}

void
attune_clean_step_gather (AttuneCleanStep *self, AttuneCleanStep *other)
{
  self->count += other->count;
  self->changes += other->changes;
  for (guint i = 0; i < other->n_examples; i++)
    attune_clean_step_add_example (self, other->before[i], other->after[i]);
  attune_clean_step_clear (other);
  other->count = other->changes = 0;
}

void
attune_clean_step_clear (AttuneCleanStep *self)
{
  attune_clean_step_forget_examples (self, 0);
}

const char *
attune_clean_deed_get_name (AttuneCleanDeed deed)
{
  static const char *const names[] = { "changes", "leaves-out", "finds", "makes" };

  g_return_val_if_fail ((guint) deed < G_N_ELEMENTS (names), NULL);
  return names[deed];
}

JsonObject *
attune_clean_step_to_json (const AttuneCleanStep *self)
{
  JsonObject *object = json_object_new ();
  JsonArray *examples = json_array_new ();

  for (guint i = 0; i < self->n_examples; i++)
    {
      JsonObject *example = json_object_new ();

      json_object_set_string_member (example, "before", self->before[i]);
      if (self->after[i] != NULL)
        json_object_set_string_member (example, "after", self->after[i]);
      json_array_add_object_element (examples, example);
    }
  json_object_set_string_member (object, "name", self->name);
  json_object_set_string_member (object, "title", self->title);
  json_object_set_boolean_member (object, "enabled", self->enabled);
  json_object_set_string_member (object, "deed", attune_clean_deed_get_name (self->deed));
  json_object_set_int_member (object, "count", self->count);
  if (self->changes > 0)
    json_object_set_int_member (object, "changes", self->changes);
  json_object_set_array_member (object, "examples", examples);
  return object;
}
