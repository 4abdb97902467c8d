/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A window. Making and opening projects: window-projects.c.
 */
#include "window-private.h"

#include "project-view.h"
#include "recent.h"
#include "welcome.h"

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (AttuneWindow, attune_window, ADW_TYPE_APPLICATION_WINDOW)

GSettings *
attune_window_get_settings (AttuneWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  return application != NULL ? attune_application_get_settings (ATTUNE_APPLICATION (application))
                             : NULL;
}

void
attune_window_toast (AttuneWindow *self, const char *text)
{
  AdwToast *toast = adw_toast_new (text);

  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_overlay_add_toast (self->toast_overlay, toast);
}

/* --- the open project */

const char *
attune_window_get_path (AttuneWindow *self)
{
  g_return_val_if_fail (ATTUNE_IS_WINDOW (self), NULL);
  return self->session != NULL
             ? attune_project_get_path (attune_session_get_project (self->session))
             : NULL;
}

AttuneSession *
attune_window_get_session (AttuneWindow *self)
{
  g_return_val_if_fail (ATTUNE_IS_WINDOW (self), NULL);
  return self->session;
}

void
attune_window_show_stage (AttuneWindow *self, AttuneStage stage)
{
  g_return_if_fail (ATTUNE_IS_WINDOW (self));

  if (self->view != NULL && stage < ATTUNE_N_STAGES)
    attune_project_view_show_stage (self->view, stage);
}

/* A computer that falls asleep does not tune. */
static void
stay_awake (AttuneWindow *self, gboolean awake)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  if (!awake)
    g_clear_pointer (&self->awake, attune_stay_awake_end);
  else if (self->awake == NULL && application != NULL)
    self->awake
        = attune_stay_awake_begin (application, GTK_WINDOW (self), _ ("A model is being tuned"));
}

static void
on_changed (AttuneWindow *self)
{
  stay_awake (self, attune_session_get_run_state (self->session) == ATTUNE_RUN_RUNNING
                        || attune_session_get_search_state (self->session) == ATTUNE_RUN_RUNNING);
}

static void
on_stage_ended (AttuneWindow *self, int stage, const char *text)
{
  GApplication *application = G_APPLICATION (gtk_window_get_application (GTK_WINDOW (self)));
  g_autoptr (GNotification) notification = NULL;
  g_autofree char *title = NULL;

  if (gtk_window_is_active (GTK_WINDOW (self)) || application == NULL)
    {
      attune_window_toast (self, text);
      return;
    }
  title = attune_session_get_title (self->session);
  notification = g_notification_new (title);
  g_notification_set_body (notification, text);
  g_notification_set_default_action_and_target (notification, "app.show-project", "s",
                                                attune_window_get_path (self));
  g_application_send_notification (application, attune_stage_get_name (stage), notification);
}

void
attune_window_close_project (AttuneWindow *self)
{
  if (self->session == NULL)
    return;
  stay_awake (self, FALSE);
  g_signal_handlers_disconnect_by_data (self->session, self);
  attune_session_close (self->session);
  adw_bin_set_child (self->project_bin, NULL);
  self->view = NULL;
  g_clear_object (&self->session);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Attune"));
  gtk_stack_set_visible_child_name (self->stack, "welcome");
  attune_welcome_set_recent (self->welcome, attune_window_get_settings (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.close-project", FALSE);
}

void
attune_window_set_project (AttuneWindow *self, AttuneProject *project)
{
  g_autofree char *title = NULL;

  attune_window_close_project (self);
  self->session = attune_session_new (project);
  g_signal_connect_swapped (self->session, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (self->session, "message", G_CALLBACK (attune_window_toast), self);
  g_signal_connect_swapped (self->session, "stage-ended", G_CALLBACK (on_stage_ended), self);
  self->view = ATTUNE_PROJECT_VIEW (attune_project_view_new (self->session));
  adw_bin_set_child (self->project_bin, GTK_WIDGET (self->view));
  gtk_stack_set_visible_child_name (self->stack, "project");
  title = attune_session_get_title (self->session);
  gtk_window_set_title (GTK_WINDOW (self), title);
  attune_recent_add (attune_window_get_settings (self), attune_project_get_path (project));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.close-project", TRUE);
}

/* --- actions */

static void
close_project (GtkWidget *widget, const char *action, GVariant *parameter)
{
  attune_window_close_project (ATTUNE_WINDOW (widget));
}

static void
show_stage (GtkWidget *widget, const char *action, GVariant *parameter)
{
  attune_window_show_stage (ATTUNE_WINDOW (widget), g_variant_get_int32 (parameter));
}

static void
toast (GtkWidget *widget, const char *action, GVariant *parameter)
{
  attune_window_toast (ATTUNE_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
restore_data (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);

  if (self->session != NULL)
    attune_session_restore_data (self->session);
}

static void
offer_undo (AttuneWindow *self, const char *title)
{
  AdwToast *removed = adw_toast_new (title);

  adw_toast_set_button_label (removed, _ ("_Undo"));
  adw_toast_set_action_name (removed, "win.restore-data");
  adw_toast_overlay_add_toast (self->toast_overlay, removed);
}

static void
remove_data (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);

  if (self->session == NULL)
    return;
  attune_session_remove_data (self->session);
  offer_undo (self, _ ("Data removed"));
}

static void
remove_source (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);

  if (self->session == NULL)
    return;
  attune_session_remove_source (self->session, g_variant_get_uint32 (parameter));
  offer_undo (self, _ ("Table removed"));
}

static void
help_shown (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (gtk_uri_launcher_launch_finish (GTK_URI_LAUNCHER (source), result, &error)
      || g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    return;
  g_debug ("%s", error->message);
  attune_window_toast (self, _ ("No program that shows help is installed; one is called Yelp"));
}

/* The page of the stage that is shown. */
static void
show_help (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);
  g_autofree char *uri = g_strconcat (
      "help:attune", self->view != NULL ? "/" : "",
      self->view != NULL ? attune_stage_get_name (attune_project_view_get_stage (self->view)) : "",
      NULL);
  g_autoptr (GtkUriLauncher) launcher = gtk_uri_launcher_new (uri);

  gtk_uri_launcher_launch (launcher, GTK_WINDOW (self), NULL, help_shown, g_object_ref (self));
}

static void
toggle_sidebar (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneWindow *self = ATTUNE_WINDOW (widget);

  if (self->view != NULL)
    attune_project_view_toggle_sidebar (self->view);
}

/* --- the object */

static gboolean
attune_window_close_request (GtkWindow *window)
{
  AttuneWindow *self = ATTUNE_WINDOW (window);

  attune_window_close_project (self);
  return GTK_WINDOW_CLASS (attune_window_parent_class)->close_request (window);
}

AttuneWindow *
attune_window_new (AttuneApplication *application)
{
  AttuneWindow *self = g_object_new (ATTUNE_TYPE_WINDOW, "application", application, NULL);
  GSettings *settings = attune_application_get_settings (application);

  if (settings != NULL)
    {
      g_settings_bind (settings, "window-width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
      g_settings_bind (settings, "window-height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
      g_settings_bind (settings, "window-maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
    }
  attune_welcome_set_recent (self->welcome, settings);
  return self;
}

static void
attune_window_dispose (GObject *object)
{
  AttuneWindow *self = ATTUNE_WINDOW (object);

  if (self->session != NULL)
    attune_window_close_project (self);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_WINDOW);
  G_OBJECT_CLASS (attune_window_parent_class)->dispose (object);
}

static void
attune_window_class_init (AttuneWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = attune_window_close_request;
  attune_window_install_project_actions (widget_class);
  gtk_widget_class_install_action (widget_class, "win.close-project", NULL, close_project);
  gtk_widget_class_install_action (widget_class, "win.show-stage", "i", show_stage);
  gtk_widget_class_install_action (widget_class, "win.toast", "s", toast);
  gtk_widget_class_install_action (widget_class, "win.remove-data", NULL, remove_data);
  gtk_widget_class_install_action (widget_class, "win.remove-source", "u", remove_source);
  gtk_widget_class_install_action (widget_class, "win.restore-data", NULL, restore_data);
  gtk_widget_class_install_action (widget_class, "win.toggle-sidebar", NULL, toggle_sidebar);
  gtk_widget_class_install_action (widget_class, "win.help", NULL, show_help);
  g_type_ensure (ATTUNE_TYPE_WELCOME);
  gtk_widget_class_set_template_from_resource (widget_class, "/app/attune/Attune/window.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneWindow, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, AttuneWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneWindow, welcome);
  gtk_widget_class_bind_template_child (widget_class, AttuneWindow, project_bin);
}

static void
attune_window_init (AttuneWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.close-project", FALSE);
  attune_window_accept_files (self);
}
