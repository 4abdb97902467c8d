/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A row with a radio button for each method.
 */
#include "stages/plan/method-row.h"

#include <glib/gi18n.h>

struct _AttuneMethodRow
{
  AdwExpanderRow parent_instance;

  GtkCheckButton *checks[ATTUNE_N_METHODS];
  AttuneMethod method;
  gboolean showing; /* what is toggled, nobody has chosen */
};

G_DEFINE_FINAL_TYPE (AttuneMethodRow, attune_method_row, ADW_TYPE_EXPANDER_ROW)

static guint chosen_signal;

static void
on_toggled (AttuneMethodRow *self, GtkCheckButton *check)
{
  if (self->showing || !gtk_check_button_get_active (check))
    return;
  for (int i = 0; i < ATTUNE_N_METHODS; i++)
    if (self->checks[i] == check && i != (int) self->method)
      {
        self->method = i;
        g_signal_emit (self, chosen_signal, 0, i);
      }
}

static void
add_method (AttuneMethodRow *self, AttuneMethod method)
{
  const char *title = _ (attune_method_get_title (method)),
             *text = _ (attune_method_get_text (method));
  GtkWidget *row = adw_action_row_new (), *check = gtk_check_button_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  if (method > 0)
    gtk_check_button_set_group (GTK_CHECK_BUTTON (check), self->checks[0]);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
  g_signal_connect_object (check, "toggled", G_CALLBACK (on_toggled), self, G_CONNECT_SWAPPED);
  self->checks[method] = GTK_CHECK_BUTTON (check);
}

void
attune_method_row_set_method (AttuneMethodRow *self, AttuneMethod method)
{
  g_return_if_fail (ATTUNE_IS_METHOD_ROW (self) && (guint) method < ATTUNE_N_METHODS);

  self->method = method;
  self->showing = TRUE;
  gtk_check_button_set_active (self->checks[method], TRUE);
  self->showing = FALSE;
}

GtkWidget *
attune_method_row_new (void)
{
  return g_object_new (ATTUNE_TYPE_METHOD_ROW, NULL);
}

static void
attune_method_row_class_init (AttuneMethodRowClass *klass)
{
  chosen_signal = g_signal_new ("chosen", ATTUNE_TYPE_METHOD_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
attune_method_row_init (AttuneMethodRow *self)
{
  for (int i = 0; i < ATTUNE_N_METHODS; i++)
    add_method (self, i);
  attune_method_row_set_method (self, ATTUNE_METHOD_LORA);
}
