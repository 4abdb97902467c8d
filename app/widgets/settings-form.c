/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The form: which settings, and which of them are folded away. A row costs a millisecond or two, so
 * it is made when there is time for it, and those that are folded away when somebody unfolds them.
 */
#include "widgets/settings-form.h"

#include "core/settings.h"
#include "widgets/gently.h"
#include "widgets/settings-row.h"

#include <glib/gi18n.h>

/* What is known of a setting, with its row or before it has one. */
typedef struct
{
  GParamSpec *pspec;
  AdwPreferencesRow *row; /* (nullable); borrowed */
  GtkWidget *addition;    /* (nullable); owned */
  gboolean is_hidden;
} Setting;

struct _AttuneSettingsForm
{
  AdwPreferencesGroup parent_instance;

  GObject *settings;
  GPtrArray *entries;      /* Setting: the plain ones, then those for experts */
  guint n_plain, n_made;   /* of them; rows are made in this order */
  AdwExpanderRow *experts; /* (nullable); borrowed */
};

G_DEFINE_FINAL_TYPE (AttuneSettingsForm, attune_settings_form, ADW_TYPE_PREFERENCES_GROUP)

static void
setting_free (gpointer data)
{
  Setting *setting = data;

  g_param_spec_unref (setting->pspec);
  g_clear_object (&setting->addition);
  g_free (setting);
}

/* --- rows */

static void
place_addition (Setting *setting)
{
  if (ADW_IS_ENTRY_ROW (setting->row))
    adw_entry_row_add_suffix (ADW_ENTRY_ROW (setting->row), setting->addition);
  else
    adw_action_row_add_suffix (ADW_ACTION_ROW (setting->row), setting->addition);
  /* it comes last: switches would no longer stand below one another */
  gtk_widget_insert_after (setting->addition, gtk_widget_get_parent (setting->addition), NULL);
}

/* Where hidden rows stand between, GTK 4.18 does not tell the last one that was seen that it is not
 * the last any more, and it keeps the style without a line below. */
static void
tell_rows_before (AttuneSettingsForm *self)
{
  for (guint i = self->n_made; i > 0; i--)
    {
      Setting *before = self->entries->pdata[i - 1];

      if (!before->is_hidden)
        return;
      gtk_widget_set_visible (GTK_WIDGET (before->row), TRUE);
      gtk_widget_set_visible (GTK_WIDGET (before->row), FALSE);
    }
}

/* Returns: whether there are more that can be seen. */
static gboolean
make_row (gpointer form)
{
  AttuneSettingsForm *self = form;
  Setting *setting;

  if (self->n_made == self->entries->len)
    return FALSE;
  setting = self->entries->pdata[self->n_made];
  setting->row = ADW_PREFERENCES_ROW (attune_settings_row_new (self->settings, setting->pspec));
  gtk_widget_set_visible (GTK_WIDGET (setting->row), !setting->is_hidden);
  if (setting->addition != NULL)
    place_addition (setting);
  if (self->n_made < self->n_plain)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), GTK_WIDGET (setting->row));
  else
    adw_expander_row_add_row (self->experts, GTK_WIDGET (setting->row));
  tell_rows_before (self);
  self->n_made++;
  if (self->n_made == self->n_plain && self->experts != NULL)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), GTK_WIDGET (self->experts));
  return self->n_made < self->n_plain
         || (self->n_made < self->entries->len && adw_expander_row_get_expanded (self->experts));
}

static void
on_unfolded (AttuneSettingsForm *self)
{
  if (self->n_made >= self->n_plain && adw_expander_row_get_expanded (self->experts))
    attune_do_gently (self, make_row);
}

static void
name_row (AdwExpanderRow *row, const char *title, const char *subtitle)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_expander_row_set_subtitle (row, subtitle);
  /* the row as a whole has no name of its own */
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
}

static AdwExpanderRow *
experts_row_new (AttuneSettingsForm *self)
{
  AdwExpanderRow *row = ADW_EXPANDER_ROW (adw_expander_row_new ());

  name_row (row, _ ("Expert Settings"), _ ("Rarely needed: the defaults suit most work"));
  g_signal_connect_swapped (row, "notify::expanded", G_CALLBACK (on_unfolded), self);
  return row;
}

/* --- doors */

static void
add_settings (AttuneSettingsForm *self, GParamSpec **specs, guint n, gboolean are_expert)
{
  for (guint i = 0; i < n; i++)
    if ((specs[i]->flags & G_PARAM_READWRITE) == G_PARAM_READWRITE
        && ((specs[i]->flags & ATTUNE_PARAM_EXPERT) != 0) == are_expert)
      {
        Setting *setting = g_new0 (Setting, 1);

        setting->pspec = g_param_spec_ref (specs[i]);
        g_ptr_array_add (self->entries, setting);
      }
}

GtkWidget *
attune_settings_form_new (GObject *settings, const char *const *names)
{
  AttuneSettingsForm *self;
  GObjectClass *klass;
  guint n = 0;
  g_autofree GParamSpec **specs = NULL;

  g_return_val_if_fail (G_IS_OBJECT (settings), NULL);

  klass = G_OBJECT_GET_CLASS (settings);
  specs = g_object_class_list_properties (klass, &n);
  if (names != NULL)
    for (n = 0; names[n] != NULL; n++)
      {
        specs[n] = g_object_class_find_property (klass, names[n]);
        g_return_val_if_fail (specs[n] != NULL, NULL);
      }
  self = g_object_new (ATTUNE_TYPE_SETTINGS_FORM, NULL);
  self->settings = g_object_ref (settings);
  add_settings (self, specs, n, FALSE);
  self->n_plain = self->entries->len;
  add_settings (self, specs, n, TRUE);
  if (self->entries->len > self->n_plain)
    self->experts = g_object_ref_sink (experts_row_new (self));
  attune_do_gently (self, make_row);
  return GTK_WIDGET (self);
}

static Setting *
find_setting (AttuneSettingsForm *self, const char *name)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Setting *setting = self->entries->pdata[i];

      if (g_str_equal (setting->pspec->name, name))
        return setting;
    }
  return NULL;
}

AdwPreferencesRow *
attune_settings_form_get_row (AttuneSettingsForm *self, const char *name)
{
  Setting *setting;

  g_return_val_if_fail (ATTUNE_IS_SETTINGS_FORM (self) && name != NULL, NULL);

  setting = find_setting (self, name);
  while (setting != NULL && setting->row == NULL)
    make_row (self);
  return setting != NULL ? setting->row : NULL;
}

void
attune_settings_form_show_row (AttuneSettingsForm *self, const char *name, gboolean shown)
{
  Setting *setting;

  g_return_if_fail (ATTUNE_IS_SETTINGS_FORM (self) && name != NULL);

  setting = find_setting (self, name);
  if (setting == NULL)
    return;
  setting->is_hidden = !shown;
  if (setting->row != NULL)
    gtk_widget_set_visible (GTK_WIDGET (setting->row), shown);
}

void
attune_settings_form_name_experts (AttuneSettingsForm *self, const char *title,
                                   const char *subtitle)
{
  g_return_if_fail (ATTUNE_IS_SETTINGS_FORM (self) && title != NULL && subtitle != NULL);

  if (self->experts != NULL)
    name_row (self->experts, title, subtitle);
}

void
attune_settings_form_add_to_row (AttuneSettingsForm *self, const char *name, GtkWidget *widget)
{
  Setting *setting;

  g_return_if_fail (ATTUNE_IS_SETTINGS_FORM (self) && GTK_IS_WIDGET (widget));

  setting = find_setting (self, name);
  g_return_if_fail (setting != NULL && setting->addition == NULL);
  setting->addition = g_object_ref_sink (widget);
  if (setting->row != NULL)
    place_addition (setting);
}

static void
attune_settings_form_dispose (GObject *object)
{
  AttuneSettingsForm *self = ATTUNE_SETTINGS_FORM (object);

  self->n_plain = self->n_made = 0;
  g_ptr_array_set_size (self->entries, 0);
  g_clear_object (&self->experts);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (attune_settings_form_parent_class)->dispose (object);
}

static void
attune_settings_form_finalize (GObject *object)
{
  g_ptr_array_unref (ATTUNE_SETTINGS_FORM (object)->entries);
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
  self->entries = g_ptr_array_new_with_free_func (setting_free);
}
