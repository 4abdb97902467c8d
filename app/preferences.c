/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The preferences.
 */
#include "preferences.h"

#include "core/proxy.h"
#include "device-group.h"
#include "folders.h"
#include "stages/model/network.h"
#include "stages/model/token-group.h"

#include <glib/gi18n.h>
#include <string.h>

struct _AttunePreferences
{
  AdwPreferencesDialog parent_instance;

  GSettings *settings; /* (nullable) */
  AdwPreferencesPage *page;
  AdwSpinRow *threads_row, *memory_row;
  AdwActionRow *projects_row, *models_row;
  AdwPreferencesGroup *network_group;
  AdwEntryRow *proxy_row, *mirror_row;
  AdwSwitchRow *offline_row;
  AttuneTokenGroup *token_group;
  AdwComboRow *language_row;
};

G_DEFINE_FINAL_TYPE (AttunePreferences, attune_preferences, ADW_TYPE_PREFERENCES_DIALOG)

/* The languages there are translations for, as people who speak them call them; the first is the
 * system's. */
static const struct
{
  const char *code, *name;
} languages[] = {
  { "", N_ ("As the System") },
  { "en", "English" },
  { "de", "Deutsch" },
};

/* --- folders */

static void
show_folders (AttunePreferences *self)
{
  g_autofree char *projects = attune_projects_folder (self->settings);
  g_autofree char *models = attune_models_folder (self->settings);

  adw_action_row_set_subtitle (self->projects_row, projects);
  adw_action_row_set_subtitle (self->models_row, models);
}

typedef struct
{
  AttunePreferences *self; /* owned */
  const char *key;
} Choice;

static void
folder_chosen (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Choice *choice = data;
  g_autoptr (AttunePreferences) self = choice->self;
  g_autoptr (GFile) folder
      = gtk_file_dialog_select_folder_finish (GTK_FILE_DIALOG (source), result, NULL);

  if (folder == NULL || g_file_peek_path (folder) == NULL)
    return;
  g_settings_set_string (self->settings, choice->key, g_file_peek_path (folder));
  show_folders (self);
}

static void
choose (AttunePreferences *self, const char *key)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  Choice *choice = g_new0 (Choice, 1);

  choice->self = g_object_ref (self);
  choice->key = key;
  gtk_file_dialog_set_title (dialog, _ ("Choose a Folder"));
  gtk_file_dialog_select_folder (
      dialog, GTK_WINDOW (gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_WINDOW)), NULL,
      folder_chosen, choice);
}

static void
choose_projects (AttunePreferences *self)
{
  choose (self, "projects-folder");
}

static void
choose_models (AttunePreferences *self)
{
  choose (self, "models-folder");
}

/* --- network */

/* Shows whether what @row has is an address. */
static void
mark (AdwEntryRow *row, gboolean good)
{
  if (good)
    gtk_widget_remove_css_class (GTK_WIDGET (row), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (row), "error");
}

static void
show_network (AttunePreferences *self)
{
  const char *proxy_text = gtk_editable_get_text (GTK_EDITABLE (self->proxy_row));
  const char *mirror_text = gtk_editable_get_text (GTK_EDITABLE (self->mirror_row));
  g_autofree char *proxy = attune_proxy_parse (proxy_text);
  g_autofree char *mirror = attune_network_parse_mirror (mirror_text);
  const gboolean good_proxy = *proxy_text == '\0' || proxy != NULL;
  const gboolean good_mirror = *mirror_text == '\0' || mirror != NULL;

  mark (self->proxy_row, good_proxy);
  mark (self->mirror_row, good_mirror);
  adw_preferences_group_set_description (
      self->network_group, !good_proxy    ? _ ("This is no address of a proxy. It looks like "
                                                  "http://proxy.example.org:3128")
                           : !good_mirror ? _ ("This is no address of a mirror. It looks like "
                                               "https://hub.example.org")
                                          : _ ("Used only to find and fetch models. None of your "
                                               "data is sent; an access token is sent to its hub "
                                               "alone, and never unencrypted."));
}

/* Only what is an address is kept; half of one would be another server. */
static void
apply_mirror (AttunePreferences *self)
{
  g_autofree char *text
      = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->mirror_row))));
  g_autofree char *mirror = attune_network_parse_mirror (text);

  if (self->settings != NULL && (*text == '\0' || mirror != NULL))
    g_settings_set_string (self->settings, "hub-mirror", text);
}

static void
show_mirror (AttunePreferences *self)
{
  g_autofree char *text = g_settings_get_string (self->settings, "hub-mirror");

  /* The row takes what is done here for typing, and would offer to apply it. */
  adw_entry_row_set_show_apply_button (self->mirror_row, FALSE);
  if (!g_str_equal (text, gtk_editable_get_text (GTK_EDITABLE (self->mirror_row))))
    gtk_editable_set_text (GTK_EDITABLE (self->mirror_row), text);
  adw_entry_row_set_show_apply_button (self->mirror_row, TRUE);
}

/* Each hub has its own token. */
static void
on_mirror_changed (AttunePreferences *self)
{
  attune_network_apply (self->settings); /* whether or not its turn was before ours */
  show_mirror (self);
  attune_token_group_update (self->token_group);
}

/* --- language */

static void
language_selected (AttunePreferences *self)
{
  const guint selected = adw_combo_row_get_selected (self->language_row);

  if (self->settings != NULL && selected < G_N_ELEMENTS (languages))
    g_settings_set_string (self->settings, "language", languages[selected].code);
}

static void
show_language (AttunePreferences *self)
{
  g_autofree char *code = g_settings_get_string (self->settings, "language");

  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    if (strcmp (code, languages[i].code) == 0)
      adw_combo_row_set_selected (self->language_row, i);
}

/* --- the object */

AdwDialog *
attune_preferences_new (GSettings *settings)
{
  AttunePreferences *self = g_object_new (ATTUNE_TYPE_PREFERENCES, NULL);

  gtk_widget_set_sensitive (GTK_WIDGET (self->page), settings != NULL);
  if (settings == NULL)
    return ADW_DIALOG (self);
  self->settings = g_object_ref (settings);
  g_settings_bind (settings, "threads", self->threads_row, "value", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "memory-limit", self->memory_row, "value", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "proxy", self->proxy_row, "text", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "offline", self->offline_row, "active", G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_object (settings, "changed::hub-mirror", G_CALLBACK (on_mirror_changed), self,
                           G_CONNECT_SWAPPED);
  show_mirror (self);
  show_language (self);
  show_folders (self);
  g_signal_connect_swapped (self->language_row, "notify::selected", G_CALLBACK (language_selected),
                            self);
  return ADW_DIALOG (self);
}

static void
attune_preferences_dispose (GObject *object)
{
  AttunePreferences *self = ATTUNE_PREFERENCES (object);

  g_clear_object (&self->settings);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_PREFERENCES);
  G_OBJECT_CLASS (attune_preferences_parent_class)->dispose (object);
}

static void
attune_preferences_class_init (AttunePreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_preferences_dispose;
  g_type_ensure (ATTUNE_TYPE_DEVICE_GROUP);
  g_type_ensure (ATTUNE_TYPE_TOKEN_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/app/attune/Attune/preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, page);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, threads_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, memory_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, projects_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, models_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, network_group);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, proxy_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, mirror_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, offline_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, token_group);
  gtk_widget_class_bind_template_child (widget_class, AttunePreferences, language_row);
  gtk_widget_class_bind_template_callback (widget_class, choose_projects);
  gtk_widget_class_bind_template_callback (widget_class, choose_models);
  gtk_widget_class_bind_template_callback (widget_class, show_network);
  gtk_widget_class_bind_template_callback (widget_class, apply_mirror);
}

static void
attune_preferences_init (AttunePreferences *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  gtk_widget_init_template (GTK_WIDGET (self));
  show_network (self);
  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    gtk_string_list_append (names, i == 0 ? _ (languages[i].name) : languages[i].name);
  adw_combo_row_set_model (self->language_row, G_LIST_MODEL (names));
}
