/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The columns of what is imported and what each is for; and what is missing still.
 */
#include "stages/data/import-dialog-private.h"

#include <glib/gi18n.h>

/* In the order of the list that is shown. */
static const struct
{
  AttuneField field;
  const char *title;
} roles[] = {
  { ATTUNE_FIELD_NONE, N_ ("Not Used") },
  { ATTUNE_FIELD_QUESTION, N_ ("Question") },
  { ATTUNE_FIELD_ANSWER, N_ ("Answer") },
  { ATTUNE_FIELD_SYSTEM, N_ ("Instruction") },
  { ATTUNE_FIELD_LABEL, N_ ("Label") },
  { ATTUNE_FIELD_GROUP, N_ ("Group") },
  { ATTUNE_FIELD_TEXT, N_ ("Text to Learn Whole") },
  { ATTUNE_FIELD_REJECTED, N_ ("Worse Answer") },
  { ATTUNE_FIELD_DATE, N_ ("Date") },
};

/* --- what is missing */

static const char *
find_problem (AttuneImportDialog *self)
{
  if (self->source == NULL)
    return NULL;
  switch (attune_source_get_missing_role (self->source))
    {
    case ATTUNE_FIELD_QUESTION:
      return self->source->columns->len < 2
                 ? _ ("There is one column only; a question and an answer are needed. If there "
                      "are more, change how the file is read. Or say that it is a text to learn "
                      "whole.")
                 : _ ("Say which column holds the question.");
    case ATTUNE_FIELD_ANSWER:
      return self->source->columns->len < 2
                 ? _ ("There is one column only; a question and an answer are needed. If there "
                      "are more, change how the file is read. Or say that it is a text to learn "
                      "whole.")
                 : _ ("Say which column holds the answer.");
    default:
      return NULL;
    }
}

void
attune_import_dialog_show_problem (AttuneImportDialog *self, const char *problem)
{
  const char *shown = problem != NULL ? problem : find_problem (self);

  gtk_label_set_text (self->problem_label, shown != NULL ? shown : "");
  gtk_widget_set_visible (self->problem_box, shown != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "import.import",
                                 self->source != NULL && self->looking == NULL && shown == NULL);
}

/* --- the columns */

static void
show_roles (AttuneImportDialog *self)
{
  self->showing = TRUE;
  for (guint i = 0; i < self->role_rows->len; i++)
    {
      const AttuneField field = g_array_index (self->source->roles, AttuneField, i);

      for (guint j = 0; j < G_N_ELEMENTS (roles); j++)
        if (roles[j].field == field)
          adw_combo_row_set_selected (g_ptr_array_index (self->role_rows, i), j);
    }
  self->showing = FALSE;
}

static void
on_role (AdwComboRow *row, GParamSpec *pspec, AttuneImportDialog *self)
{
  const guint selected = adw_combo_row_get_selected (row);
  guint column;

  if (self->showing || selected >= G_N_ELEMENTS (roles)
      || !g_ptr_array_find (self->role_rows, row, &column))
    return;
  attune_source_set_role_at (self->source, column, roles[selected].field);
  show_roles (self); /* another column may have lost that role */
  attune_import_dialog_show_problem (self, NULL);
}

static GtkWidget *
role_row_new (AttuneImportDialog *self, guint column)
{
  const char *name = g_ptr_array_index (self->source->columns, column);
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    gtk_string_list_append (names, _ (roles[i].title));
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), *name != '\0' ? name : _ ("No Name"));
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (names));
  g_signal_connect_object (row, "notify::selected", G_CALLBACK (on_role), self, G_CONNECT_DEFAULT);
  return row;
}

void
attune_import_dialog_show_columns (AttuneImportDialog *self)
{
  for (guint i = 0; i < self->role_rows->len; i++)
    adw_preferences_group_remove (self->roles_group, g_ptr_array_index (self->role_rows, i));
  g_ptr_array_set_size (self->role_rows, 0);
  for (guint i = 0; self->source != NULL && i < self->source->columns->len; i++)
    {
      GtkWidget *row = role_row_new (self, i);

      g_ptr_array_add (self->role_rows, row);
      adw_preferences_group_add (self->roles_group, row);
    }
  if (self->source != NULL)
    show_roles (self);
}
