/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See stay-awake.h. The login manager answers with a descriptor: while it is open, nothing sleeps.
 * Reference: https://systemd.io/INHIBITOR_LOCKS
 */
#include "stay-awake.h"

#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

struct _AttuneStayAwake
{
  GObject parent_instance;

  GtkApplication *application;
  guint cookie; /* 0: GTK knew nobody to ask */
  char *reason;
  GCancellable *cancellable; /* of the question to the login manager */
  int lock;                  /* its answer; -1: none */
};

G_DEFINE_FINAL_TYPE (AttuneStayAwake, attune_stay_awake, G_TYPE_OBJECT)

/* --- the login manager */

static void
answered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneStayAwake) self = data;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), &descriptors, result, &error);

  if (answer == NULL)
    g_debug ("nobody keeps the computer awake: %s", error->message);
  else if (!g_cancellable_is_cancelled (self->cancellable) && descriptors != NULL)
    self->lock = g_unix_fd_list_get (descriptors, 0, NULL);
}

static void
connected (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneStayAwake) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);

  if (bus == NULL)
    {
      g_debug ("nobody keeps the computer awake: %s", error->message);
      return;
    }
  g_dbus_connection_call_with_unix_fd_list (
      bus, "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
      "Inhibit", g_variant_new ("(ssss)", "sleep:idle", _ ("Attune"), self->reason, "block"),
      G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, self->cancellable, answered,
      g_object_ref (self));
}

/* --- the object */

AttuneStayAwake *
attune_stay_awake_begin (GtkApplication *application, GtkWindow *window, const char *reason)
{
  AttuneStayAwake *self;

  g_return_val_if_fail (GTK_IS_APPLICATION (application) && reason != NULL, NULL);

  self = g_object_new (ATTUNE_TYPE_STAY_AWAKE, NULL);
  self->application = g_object_ref (application);
  self->reason = g_strdup (reason);
  self->cookie
      = gtk_application_inhibit (application, window, GTK_APPLICATION_INHIBIT_SUSPEND, reason);
  if (self->cookie == 0)
    g_bus_get (G_BUS_TYPE_SYSTEM, self->cancellable, connected, g_object_ref (self));
  return self;
}

void
attune_stay_awake_end (AttuneStayAwake *self)
{
  g_return_if_fail (ATTUNE_IS_STAY_AWAKE (self));

  if (self->cookie != 0)
    gtk_application_uninhibit (self->application, self->cookie);
  g_cancellable_cancel (self->cancellable);
  g_clear_fd (&self->lock, NULL);
  g_object_unref (self);
}

static void
attune_stay_awake_finalize (GObject *object)
{
  AttuneStayAwake *self = ATTUNE_STAY_AWAKE (object);

  g_clear_object (&self->application);
  g_clear_object (&self->cancellable);
  g_free (self->reason);
  G_OBJECT_CLASS (attune_stay_awake_parent_class)->finalize (object);
}

static void
attune_stay_awake_class_init (AttuneStayAwakeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = attune_stay_awake_finalize;
}

static void
attune_stay_awake_init (AttuneStayAwake *self)
{
  self->cancellable = g_cancellable_new ();
  self->lock = -1;
}
