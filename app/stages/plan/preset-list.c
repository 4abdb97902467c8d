/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows with a radio button each. The last one stands for a plan of one's own; nobody can choose it,
 * one comes to it by changing a setting.
 */
#include "stages/plan/preset-list.h"

#include "widgets/gently.h"

#include <glib/gi18n.h>

#define CUSTOM ATTUNE_N_PRESETS

struct _AttunePresetList
{
  AdwBin parent_instance;

  GtkWidget *rows[ATTUNE_N_PRESETS + 1];
  GtkCheckButton *checks[ATTUNE_N_PRESETS + 1];
  int preset;
  gboolean showing; /* what is toggled, nobody has chosen */
};

G_DEFINE_FINAL_TYPE (AttunePresetList, attune_preset_list, ADW_TYPE_BIN)

enum
{
  PROP_0,
  PROP_PRESET,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];
static guint chosen_signal;

static void
on_toggled (AttunePresetList *self, GtkCheckButton *check)
{
  if (self->showing || !gtk_check_button_get_active (check))
    return;
  for (int i = 0; i < ATTUNE_N_PRESETS; i++)
    if (self->checks[i] == check && i != self->preset)
      {
        attune_preset_list_set_preset (self, i);
        g_signal_emit (self, chosen_signal, 0, i);
      }
}

static void
add_row (AttunePresetList *self, AdwPreferencesGroup *group, int i, const char *title,
         const char *text)
{
  GtkWidget *row = adw_action_row_new (), *check = gtk_check_button_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  if (i > 0)
    gtk_check_button_set_group (GTK_CHECK_BUTTON (check), self->checks[0]);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  adw_preferences_group_add (group, row);
  g_signal_connect_object (check, "toggled", G_CALLBACK (on_toggled), self, G_CONNECT_SWAPPED);
  self->rows[i] = row;
  self->checks[i] = GTK_CHECK_BUTTON (check);
}

int
attune_preset_list_get_preset (AttunePresetList *self)
{
  g_return_val_if_fail (ATTUNE_IS_PRESET_LIST (self), -1);
  return self->preset;
}

void
attune_preset_list_set_preset (AttunePresetList *self, int preset)
{
  const int shown = preset < 0 ? CUSTOM : preset;

  g_return_if_fail (ATTUNE_IS_PRESET_LIST (self) && preset >= -1 && preset < ATTUNE_N_PRESETS);

  if (preset == self->preset)
    return;
  self->preset = preset;
  self->showing = TRUE;
  gtk_check_button_set_active (self->checks[shown], TRUE);
  self->showing = FALSE;
  gtk_widget_set_visible (self->rows[CUSTOM], shown == CUSTOM);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PRESET]);
}

GtkWidget *
attune_preset_list_new (void)
{
  return g_object_new (ATTUNE_TYPE_PRESET_LIST, NULL);
}

static void
attune_preset_list_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_PRESET)
    attune_preset_list_set_preset (ATTUNE_PRESET_LIST (object), g_value_get_int (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
attune_preset_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_PRESET)
    g_value_set_int (value, ATTUNE_PRESET_LIST (object)->preset);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
attune_preset_list_class_init (AttunePresetListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = attune_preset_list_set_property;
  object_class->get_property = attune_preset_list_get_property;
  properties[PROP_PRESET]
      = g_param_spec_int ("preset", NULL, NULL, -1, ATTUNE_N_PRESETS - 1, ATTUNE_PRESET_BALANCED,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  chosen_signal = g_signal_new ("chosen", ATTUNE_TYPE_PRESET_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
attune_preset_list_init (AttunePresetList *self)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("How Thoroughly It Learns"));
  for (int i = 0; i < ATTUNE_N_PRESETS; i++)
    add_row (self, ADW_PREFERENCES_GROUP (group), i, _ (attune_preset_get_title (i)),
             _ (attune_preset_get_text (i)));
  add_row (self, ADW_PREFERENCES_GROUP (group), CUSTOM, _ ("Custom"),
           _ ("The settings below were changed by hand"));
  gtk_widget_set_visible (self->rows[CUSTOM], FALSE);
  self->preset = ATTUNE_PRESET_BALANCED;
  self->showing = TRUE;
  gtk_check_button_set_active (self->checks[self->preset], TRUE);
  self->showing = FALSE;
  adw_bin_set_child (ADW_BIN (self), group);
  attune_show_gently (group);
}
