/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The form: which settings, and which of them are folded away.
 */
#include "widgets/settings-form.h"

#include "core/settings.h"
#include "widgets/settings-row.h"

#include <glib/gi18n.h>

struct _AttuneSettingsForm
{
  AdwPreferencesGroup parent_instance;

  GHashTable *rows;        /* name → AdwPreferencesRow, borrowed */
  AdwExpanderRow *experts; /* (nullable); borrowed */
};

G_DEFINE_FINAL_TYPE (AttuneSettingsForm, attune_settings_form, ADW_TYPE_PREFERENCES_GROUP)

static AdwExpanderRow *
experts_row_new (void)
{
  AdwExpanderRow *row
      = g_object_new (ADW_TYPE_EXPANDER_ROW, "title", _ ("Expert Settings"), "subtitle",
                      _ ("Rarely needed: the defaults suit most work"), NULL);

  /* the row as a whole has no name of its own */
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Expert Settings"), -1);
  return row;
}

static void
add_row (AttuneSettingsForm *self, GObject *settings, GParamSpec *pspec)
{
  GtkWidget *row;

  if ((pspec->flags & G_PARAM_READWRITE) != G_PARAM_READWRITE)
    return;
  row = attune_settings_row_new (settings, pspec);
  g_hash_table_insert (self->rows, g_strdup (pspec->name), row);
  if ((pspec->flags & ATTUNE_PARAM_EXPERT) == 0)
    {
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
      return;
    }
  if (self->experts == NULL)
    self->experts = g_object_ref_sink (experts_row_new ());
  adw_expander_row_add_row (self->experts, row);
}

GtkWidget *
attune_settings_form_new (GObject *settings, const char *const *names)
{
  AttuneSettingsForm *self;
  GObjectClass *klass;

  g_return_val_if_fail (G_IS_OBJECT (settings), NULL);

  self = g_object_new (ATTUNE_TYPE_SETTINGS_FORM, NULL);
  klass = G_OBJECT_GET_CLASS (settings);
  if (names == NULL)
    {
      guint n;
      g_autofree GParamSpec **specs = g_object_class_list_properties (klass, &n);

      for (guint i = 0; i < n; i++)
        add_row (self, settings, specs[i]);
    }
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      GParamSpec *pspec = g_object_class_find_property (klass, names[i]);

      g_return_val_if_fail (pspec != NULL, GTK_WIDGET (self));
      add_row (self, settings, pspec);
    }
  if (self->experts != NULL) /* last, whatever the order was */
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), GTK_WIDGET (self->experts));
  return GTK_WIDGET (self);
}

AdwPreferencesRow *
attune_settings_form_get_row (AttuneSettingsForm *self, const char *name)
{
  g_return_val_if_fail (ATTUNE_IS_SETTINGS_FORM (self) && name != NULL, NULL);
  return g_hash_table_lookup (self->rows, name);
}

void
attune_settings_form_add_to_row (AttuneSettingsForm *self, const char *name, GtkWidget *widget)
{
  AdwPreferencesRow *row;

  g_return_if_fail (ATTUNE_IS_SETTINGS_FORM (self) && GTK_IS_WIDGET (widget));

  row = attune_settings_form_get_row (self, name);
  g_return_if_fail (row != NULL);
  if (ADW_IS_ENTRY_ROW (row))
    adw_entry_row_add_suffix (ADW_ENTRY_ROW (row), widget);
  else
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), widget);
  /* it comes last: switches would no longer stand below one another */
  gtk_widget_insert_after (widget, gtk_widget_get_parent (widget), NULL);
}

static void
attune_settings_form_dispose (GObject *object)
{
  AttuneSettingsForm *self = ATTUNE_SETTINGS_FORM (object);

  g_hash_table_remove_all (self->rows);
  g_clear_object (&self->experts);
  G_OBJECT_CLASS (attune_settings_form_parent_class)->dispose (object);
}

static void
attune_settings_form_finalize (GObject *object)
{
  g_hash_table_unref (ATTUNE_SETTINGS_FORM (object)->rows);
  G_OBJECT_CLASS (attune_settings_form_parent_class)->finalize (object);
}

static void
attune_settings_form_class_init (AttuneSettingsFormClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = attune_settings_form_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_settings_form_finalize;
}

static void
attune_settings_form_init (AttuneSettingsForm *self)
{
  self->rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}
