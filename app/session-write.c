/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Variants of questions that the project's model writes: by attunectl, since the window computes
 * nothing. What is written is kept by it; then the data is prepared with it.
 */
#include "session-private.h"

#include <glib/gi18n.h>

static void
written (AttuneSession *self, gboolean good)
{
  if (!good || self->closed)
    return;
  attune_session_say (self, _ ("Variants written; the data is prepared with them"));
  attune_session_prepare (self);
}

gboolean
attune_session_may_write (AttuneSession *self)
{
  const AttuneDataValues *values;

  g_return_val_if_fail (ATTUNE_IS_SESSION (self), FALSE);

  values = attune_data_settings_get_values (attune_project_get_data_settings (self->project));
  return values->variants > 0 && values->variants_by == ATTUNE_VARIANTS_MODEL && self->data != NULL
         && self->data->prepared && self->model != NULL;
}

void
attune_session_write_variants (AttuneSession *self)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_autofree char *each = NULL;

  g_return_if_fail (ATTUNE_IS_SESSION (self));

  if (!attune_session_may_change_data (self) || !attune_session_may_write (self))
    return;
  each = g_strdup_printf (
      "%d",
      attune_data_settings_get_values (attune_project_get_data_settings (self->project))->variants);
  g_strv_builder_add_many (words, "data", "write", attune_project_get_path (self->project),
                           "--json", "--each", each, NULL);
  attune_session_run_program (self, ATTUNE_STAGE_DATA, g_strv_builder_end (words), written);
}
