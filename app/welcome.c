/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The welcome page.
 */
#include "welcome.h"

#include "recent.h"

#include <glib/gi18n.h>

struct _AttuneWelcome
{
  AdwBin parent_instance;

  GSettings *settings; /* (nullable) */
  AdwPreferencesGroup *recent_group;
  GtkListBox *recent_list;
};

G_DEFINE_FINAL_TYPE (AttuneWelcome, attune_welcome, ADW_TYPE_BIN)

static void
forget (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneWelcome *self = ATTUNE_WELCOME (widget);

  attune_recent_remove (self->settings, g_variant_get_string (parameter, NULL));
  attune_welcome_set_recent (self, self->settings);
}

static GtkWidget *
make_row (const char *path)
{
  GtkWidget *row = adw_action_row_new (), *button;
  g_autofree char *base = g_path_get_basename (path), *folder = g_path_get_dirname (path);
  g_autofree char *name = NULL, *shown = g_filename_display_name (folder);

  if (g_str_has_suffix (base, ".attune"))
    base[strlen (base) - strlen (".attune")] = '\0';
  name = g_filename_display_name (base);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), shown);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 1);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (row), "win.open-recent::");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "s", path);

  button = gtk_button_new_from_icon_name ("window-close-symbolic");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, _ ("Forget; the Project Stays Where It Is"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "welcome.forget");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", path);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  return row;
}

void
attune_welcome_set_recent (AttuneWelcome *self, GSettings *settings)
{
  g_auto (GStrv) paths = NULL;

  g_return_if_fail (ATTUNE_IS_WELCOME (self));

  g_set_object (&self->settings, settings);
  paths = attune_recent_list (settings);
  gtk_list_box_remove_all (self->recent_list);
  for (int i = 0; paths[i] != NULL; i++)
    gtk_list_box_append (self->recent_list, make_row (paths[i]));
  gtk_widget_set_visible (GTK_WIDGET (self->recent_group), paths[0] != NULL);
}

static void
attune_welcome_dispose (GObject *object)
{
  g_clear_object (&ATTUNE_WELCOME (object)->settings);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_WELCOME);
  G_OBJECT_CLASS (attune_welcome_parent_class)->dispose (object);
}

static void
attune_welcome_class_init (AttuneWelcomeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_welcome_dispose;
  gtk_widget_class_install_action (widget_class, "welcome.forget", "s", forget);
  gtk_widget_class_set_template_from_resource (widget_class, "/app/attune/Attune/welcome.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneWelcome, recent_group);
  gtk_widget_class_bind_template_child (widget_class, AttuneWelcome, recent_list);
}

static void
attune_welcome_init (AttuneWelcome *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
