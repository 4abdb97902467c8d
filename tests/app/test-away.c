/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * test-away KIND: what the desktop is told of a run while nobody looks: not to sleep, and that it
 * is done. KIND is that of the desktop: "gnome" has a session manager and notifications of its own,
 * "portal" those that every desktop has, "bare" only the login manager. Each service is a small one
 * of ours.
 */
#include "window.h"

#include "job/program.h"
#include "loop.h"
#include "mock-bus.h"

#include <fcntl.h>
#include <unistd.h>

#define RUNNING_REASON "A model is being tuned"

static const char *kind; /* of the desktop */

/* What the services were told. The bus has a thread of its own. */
static struct
{
  GMutex mutex;
  char *reason; /* (nullable): why not to sleep */
  gboolean ended;
  int lock;           /* our end of what the login manager gives */
  char *title, *body; /* (nullable): of the notification */
  char *target;       /* what it is clicked for */
} told = { .lock = -1 };

static MockService *notifications;

/* --- services */

static void
remember (char **place, const char *text)
{
  g_mutex_lock (&told.mutex);
  g_set_str (place, text);
  g_mutex_unlock (&told.mutex);
}

static void
remember_end (void)
{
  g_mutex_lock (&told.mutex);
  told.ended = TRUE;
  g_mutex_unlock (&told.mutex);
}

/* org.gnome.SessionManager */
static GVariant *
answer_session (GDBusMessage *message, GUnixFDList *descriptors, gpointer data)
{
  GVariant *parameters = g_dbus_message_get_body (message);
  const char *reason;
  guint flags;

  if (mock_is (message, "Inhibit"))
    {
      g_variant_get (parameters, "(&su&su)", NULL, NULL, &reason, &flags);
      g_assert_cmpuint (flags, ==, GTK_APPLICATION_INHIBIT_SUSPEND);
      remember (&told.reason, reason);
      return g_variant_new ("(u)", 7);
    }
  if (mock_is (message, "Uninhibit"))
    {
      remember_end ();
      return g_variant_new ("()");
    }
  return mock_is (message, "GetAll") ? g_variant_new ("(a{sv})", NULL) : NULL;
}

/* org.freedesktop.portal.Desktop */
static GVariant *
answer_portal (GDBusMessage *message, GUnixFDList *descriptors, gpointer data)
{
  GVariant *parameters = g_dbus_message_get_body (message);
  g_autoptr (GVariant) options = NULL;
  const char *reason, *interface = "";
  guint flags;

  if (mock_is (message, "Get"))
    g_variant_get_child (parameters, 0, "&s", &interface);
  if (g_str_equal (interface, "org.freedesktop.portal.Inhibit"))
    return g_variant_new ("(v)", g_variant_new_uint32 (3)); /* its version: GTK asks for it */
  if (mock_is (message, "Inhibit"))
    {
      g_variant_get (parameters, "(&su@a{sv})", NULL, &flags, &options);
      g_assert_true (g_variant_lookup (options, "reason", "&s", &reason));
      g_assert_cmpuint (flags, ==, GTK_APPLICATION_INHIBIT_SUSPEND);
      remember (&told.reason, reason);
      return g_variant_new ("(o)", "/org/freedesktop/portal/desktop/request/1/2");
    }
  if (mock_is (message, "Close"))
    {
      remember_end ();
      return g_variant_new ("()");
    }
  return mock_is (message, "GetAll") ? g_variant_new ("(a{sv})", NULL) : NULL;
}

/* org.freedesktop.login1: what it gives is closed when the computer may sleep. */
static GVariant *
answer_login (GDBusMessage *message, GUnixFDList *descriptors, gpointer data)
{
  const char *what, *reason, *mode;
  int ends[2];

  if (!mock_is (message, "Inhibit"))
    return NULL;
  g_variant_get (g_dbus_message_get_body (message), "(&s&s&s&s)", &what, NULL, &reason, &mode);
  g_assert_cmpstr (what, ==, "sleep:idle");
  g_assert_cmpstr (mode, ==, "block");
  g_assert_cmpint (pipe2 (ends, O_CLOEXEC | O_NONBLOCK), ==, 0);
  g_assert_cmpint (g_unix_fd_list_append (descriptors, ends[1], NULL), ==, 0);
  close (ends[1]);
  told.lock = ends[0];
  remember (&told.reason, reason);
  return g_variant_new ("(h)", 0);
}

/* org.gtk.Notifications */
static GVariant *
answer_gtk_notifications (GDBusMessage *message, GUnixFDList *descriptors, gpointer data)
{
  GVariant *parameters = g_dbus_message_get_body (message);
  g_autoptr (GVariant) notification = NULL, target = NULL;
  const char *title, *body;

  if (!mock_is (message, "AddNotification"))
    return NULL;
  g_variant_get (parameters, "(&s&s@a{sv})", NULL, NULL, &notification);
  g_assert_true (g_variant_lookup (notification, "title", "&s", &title));
  g_assert_true (g_variant_lookup (notification, "body", "&s", &body));
  target = g_variant_lookup_value (notification, "default-action-target", G_VARIANT_TYPE_STRING);
  remember (&told.target, g_variant_get_string (target, NULL));
  remember (&told.title, title);
  remember (&told.body, body);
  return g_variant_new ("()");
}

/* org.freedesktop.Notifications */
static GVariant *
answer_notifications (GDBusMessage *message, GUnixFDList *descriptors, gpointer data)
{
  GVariant *parameters = g_dbus_message_get_body (message);
  const char *title, *body;

  if (mock_is (message, "GetServerInformation"))
    return g_variant_new ("(ssss)", "mock", "attune", "1", "1.2");
  if (!mock_is (message, "Notify"))
    return NULL;
  g_variant_get_child (parameters, 3, "&s", &title);
  g_variant_get_child (parameters, 4, "&s", &body);
  remember (&told.title, title);
  remember (&told.body, body);
  return g_variant_new ("(u)", 1);
}

static void
start_services (void)
{
  if (g_str_equal (kind, "gnome"))
    {
      mock_service_new ("org.gnome.SessionManager", answer_session, NULL);
      notifications = mock_service_new ("org.gtk.Notifications", answer_gtk_notifications, NULL);
      return;
    }
  if (g_str_equal (kind, "portal"))
    {
      g_unsetenv ("GDK_DEBUG"); /* `headless` asks for no portals */
      mock_service_new ("org.freedesktop.portal.Desktop", answer_portal, NULL);
    }
  else
    {
      g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_getenv ("DBUS_SESSION_BUS_ADDRESS"), TRUE);
      mock_service_new ("org.freedesktop.login1", answer_login, NULL);
    }
  notifications = mock_service_new ("org.freedesktop.Notifications", answer_notifications, NULL);
}

/* --- the run */

static gboolean
may_not_sleep (gpointer data)
{
  gboolean asked;

  g_mutex_lock (&told.mutex);
  asked = told.reason != NULL;
  g_mutex_unlock (&told.mutex);
  return asked;
}

static gboolean
may_sleep (gpointer data)
{
  char byte;
  gboolean ended;

  if (g_str_equal (kind, "bare"))
    return read (told.lock, &byte, 1) == 0; /* the other end is closed */
  g_mutex_lock (&told.mutex);
  ended = told.ended;
  g_mutex_unlock (&told.mutex);
  return ended;
}

static gboolean
is_notified (gpointer data)
{
  gboolean notified;

  g_mutex_lock (&told.mutex);
  notified = told.body != NULL;
  g_mutex_unlock (&told.mutex);
  return notified;
}

static gboolean
can_start (AttuneSession *session)
{
  return attune_session_get_missing (session, ATTUNE_STAGE_TUNE) == NULL;
}

static gboolean
is_shown (GtkWidget *window)
{
  return gtk_widget_get_mapped (window);
}

/* The person clicks on the notification. */
static void
click (const char *project)
{
  if (told.target
      != NULL) /* GNOME Shell asks the application by its D-Bus name: as the bus would */
    {
      g_assert_cmpstr (told.target, ==, project);
      g_action_group_activate_action (G_ACTION_GROUP (g_application_get_default ()), "show-project",
                                      g_variant_new_string (told.target));
    }
  else
    mock_service_emit (notifications, "/org/freedesktop/Notifications",
                       "org.freedesktop.Notifications", "ActionInvoked",
                       g_variant_new ("(us)", 1, "default"));
}

static gboolean
is_gone (AttuneWindow **window)
{
  return *window == NULL;
}

static void
test_run (gconstpointer data)
{
  AttuneApplication *application = (AttuneApplication *) data;
  AttuneWindow *window = attune_window_new (application);
  AttuneSession *session;
  TestProject files;

  test_project_set_up (&files, NULL);
  g_free (test_attunectl_good (&files, "new %P --model %M"));
  g_free (test_attunectl_good (&files, "import %P %T"));
  g_free (test_attunectl_good (&files, "prepare %P"));
  g_free (test_attunectl_good (&files, "plan %P --lora-rank 4 --max-steps 20 --batch-size 8"));
  attune_window_open (window, files.project);
  session = attune_window_get_session (window);
  test_loop_until (can_start, session);
  g_assert_false (may_not_sleep (NULL));
  attune_session_start_run (session);
  test_loop_until (may_not_sleep, NULL);
  g_assert_cmpint (attune_session_get_run_state (session), ==, ATTUNE_RUN_RUNNING);
  g_assert_cmpstr (told.reason, ==, RUNNING_REASON);
  test_loop_until (is_notified, NULL);
  g_assert_cmpint (attune_session_get_run_state (session), ==, ATTUNE_RUN_FINISHED);
  test_loop_until (may_sleep, NULL);
  g_assert_cmpstr (told.title, ==, "P");
  g_assert_cmpstr (told.body, ==, "Tuning is done");
  g_assert_false (gtk_widget_get_mapped (GTK_WIDGET (window)));
  click (files.project);
  test_loop_until (is_shown, window);

  g_object_add_weak_pointer (G_OBJECT (window), (gpointer *) &window);
  gtk_window_destroy (GTK_WINDOW (window));
  test_loop_until (is_gone, &window);
  test_project_tear_down (&files, NULL);
}

int
main (int argc, char **argv)
{
  g_autoptr (AttuneApplication) application = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  kind = argc > 1 ? argv[1] : "bare";
  start_services ();
  application = attune_application_new ();
  g_application_set_flags (G_APPLICATION (application),
                           G_APPLICATION_NON_UNIQUE | G_APPLICATION_HANDLES_OPEN);
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);
  g_application_hold (G_APPLICATION (application));
  g_test_add_data_func ("/away/run", application, test_run);
  status = g_test_run ();
  g_application_release (G_APPLICATION (application));
  return status;
}
