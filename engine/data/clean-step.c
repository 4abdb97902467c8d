/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The examples of a step.
 */
#include "data/clean-step.h"

void
attune_clean_step_add_example (AttuneCleanStep *self, const char *before, const char *after)
{
  if (self->n_examples == ATTUNE_CLEAN_EXAMPLES)
    return;
  self->before[self->n_examples] = g_strdup (before);
  self->after[self->n_examples++] = g_strdup (after);
}

void
attune_clean_step_clear (AttuneCleanStep *self)
{
  for (guint i = 0; i < self->n_examples; i++)
    {
      g_free (self->before[i]);
      g_free (self->after[i]);
    }
  self->n_examples = 0;
}

const char *
attune_clean_deed_get_name (AttuneCleanDeed deed)
{
  static const char *const names[] = { "changes", "leaves-out", "finds" };

  g_return_val_if_fail ((guint) deed < G_N_ELEMENTS (names), NULL);
  return names[deed];
}
