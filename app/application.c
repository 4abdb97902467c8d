/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The application.
 */
#include "application.h"

#include "folders.h"
#include "preferences.h"
#include "stages/model/network.h"
#include "window.h"

#include <glib/gi18n.h>
#include <locale.h>

struct _AttuneApplication
{
  AdwApplication parent_instance;

  GSettings *settings; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (AttuneApplication, attune_application, ADW_TYPE_APPLICATION)

void
attune_application_set_up_language (void)
{
  g_autoptr (GSettings) settings = attune_open_settings ();
  g_autofree char *language
      = settings != NULL ? g_settings_get_string (settings, "language") : NULL;
  const char *folder = g_getenv ("ATTUNE_LOCALEDIR");

  if (language != NULL && *language != '\0')
    g_setenv ("LANGUAGE", language, TRUE);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, folder != NULL ? folder : ATTUNE_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}

GSettings *
attune_application_get_settings (AttuneApplication *self)
{
  g_return_val_if_fail (ATTUNE_IS_APPLICATION (self), NULL);
  return self->settings;
}

static AttuneWindow *
new_window (AttuneApplication *self)
{
  return attune_window_new (self);
}

/* The window that has the project at @path open, or %NULL. */
static AttuneWindow *
find_window (AttuneApplication *self, const char *path)
{
  g_autofree char *wanted = g_canonicalize_filename (path, NULL);

  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (ATTUNE_IS_WINDOW (l->data)
        && g_strcmp0 (attune_window_get_path (ATTUNE_WINDOW (l->data)), wanted) == 0)
      return ATTUNE_WINDOW (l->data);
  return NULL;
}

void
attune_application_open_project (AttuneApplication *self, const char *path)
{
  GtkWindow *active;
  AttuneWindow *window;

  g_return_if_fail (ATTUNE_IS_APPLICATION (self) && path != NULL);

  active = gtk_application_get_active_window (GTK_APPLICATION (self));
  if ((window = find_window (self, path)) == NULL)
    {
      window = ATTUNE_IS_WINDOW (active) && attune_window_get_path (ATTUNE_WINDOW (active)) == NULL
                   ? ATTUNE_WINDOW (active)
                   : new_window (self);
      attune_window_open (window, path);
    }
  gtk_window_present (GTK_WINDOW (window));
}

/* --- actions */

static void
show_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AdwDialog *dialog
      = adw_about_dialog_new_from_appdata ("/app/attune/Attune/metainfo.xml", ATTUNE_VERSION);

  adw_about_dialog_set_translator_credits (ADW_ABOUT_DIALOG (dialog), _ ("translator-credits"));
  adw_dialog_present (dialog,
                      GTK_WIDGET (gtk_application_get_active_window (GTK_APPLICATION (data))));
}

static void
show_preferences (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AttuneApplication *self = data;

  adw_dialog_present (attune_preferences_new (self->settings),
                      GTK_WIDGET (gtk_application_get_active_window (GTK_APPLICATION (self))));
}

static void
open_window (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_window_present (GTK_WINDOW (new_window (data)));
}

/* What a notification is clicked for. */
static void
show_project (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  attune_application_open_project (data, g_variant_get_string (parameter, NULL));
}

static void
quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GList *windows = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (data)));

  /* each window saves what it has */
  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
  g_list_free (windows);
}

static void
set_accelerator (AttuneApplication *self, const char *action, const char *keys)
{
  gtk_application_set_accels_for_action (GTK_APPLICATION (self), action,
                                         (const char *[]) { keys, NULL });
}

static void
set_up_actions (AttuneApplication *self)
{
  static const GActionEntry entries[] = {
    { .name = "about", .activate = show_about },
    { .name = "preferences", .activate = show_preferences },
    { .name = "new-window", .activate = open_window },
    { .name = "show-project", .activate = show_project, .parameter_type = "s" },
    { .name = "quit", .activate = quit },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  set_accelerator (self, "app.quit", "<Control>q");
  set_accelerator (self, "app.preferences", "<Control>comma");
  set_accelerator (self, "app.new-window", "<Control><Shift>n");
  set_accelerator (self, "win.new-project", "<Control>n");
  set_accelerator (self, "win.open-project", "<Control>o");
  set_accelerator (self, "window.close", "<Control>w");
  set_accelerator (self, "win.show-help-overlay", "<Control>question");
  set_accelerator (self, "win.toggle-sidebar", "F9");
  set_accelerator (self, "win.help", "F1");
  for (int i = 0; i < 6; i++)
    {
      g_autofree char *action = g_strdup_printf ("win.show-stage(%d)", i);
      g_autofree char *keys = g_strdup_printf ("<Alt>%d", i + 1);

      set_accelerator (self, action, keys);
    }
}

/* --- the object */

static void
attune_application_startup (GApplication *application)
{
  AttuneApplication *self = ATTUNE_APPLICATION (application);

  G_APPLICATION_CLASS (attune_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (ATTUNE_APP_ID);
  self->settings = attune_open_settings ();
  attune_network_follow (self->settings);
  set_up_actions (self);
}

static void
attune_application_activate (GApplication *application)
{
  AttuneApplication *self = ATTUNE_APPLICATION (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  gtk_window_present (window != NULL ? window : GTK_WINDOW (new_window (self)));
}

static void
attune_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  for (int i = 0; i < n_files; i++)
    if (g_file_peek_path (files[i]) != NULL)
      attune_application_open_project (ATTUNE_APPLICATION (application),
                                       g_file_peek_path (files[i]));
}

static void
attune_application_finalize (GObject *object)
{
  g_clear_object (&ATTUNE_APPLICATION (object)->settings);
  G_OBJECT_CLASS (attune_application_parent_class)->finalize (object);
}

static void
attune_application_class_init (AttuneApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = attune_application_finalize;
  application_class->startup = attune_application_startup;
  application_class->activate = attune_application_activate;
  application_class->open = attune_application_open;
}

static void
attune_application_init (AttuneApplication *self)
{
}

AttuneApplication *
attune_application_new (void)
{
  return g_object_new (ATTUNE_TYPE_APPLICATION, "application-id", ATTUNE_APP_ID,
                       "resource-base-path", "/app/attune/Attune", "flags",
                       G_APPLICATION_HANDLES_OPEN, NULL);
}
