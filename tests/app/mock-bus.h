/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Services of a desktop, as small as a test needs them, on the session bus that `headless` made.
 * They answer in the thread that reads the bus, so that the program under test may wait for them.
 */
#pragma once
#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <string.h>

/* What a service says to @message: a tuple, or %NULL where there is no such method. @descriptors:
 * what goes with it. Called in another thread. */
typedef GVariant *(*MockCall) (GDBusMessage *message, GUnixFDList *descriptors, gpointer data);

typedef struct
{
  GDBusConnection *bus;
  MockCall call;
  gpointer data;
} MockService;

static inline gboolean
mock_is (GDBusMessage *message, const char *member)
{
  return g_strcmp0 (g_dbus_message_get_member (message), member) == 0;
}

static inline GDBusMessage *
mock_filter (GDBusConnection *bus, GDBusMessage *message, gboolean incoming, gpointer data)
{
  MockService *self = data;
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  g_autoptr (GDBusMessage) reply = NULL;
  GVariant *body;

  if (!incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;
  if ((body = self->call (message, descriptors, self->data)) != NULL)
    {
      reply = g_dbus_message_new_method_reply (message);
      g_dbus_message_set_body (reply, body);
      if (g_unix_fd_list_get_length (descriptors) > 0)
        g_dbus_message_set_unix_fd_list (reply, descriptors);
    }
  else
    reply = g_dbus_message_new_method_error_literal (
        message, "org.freedesktop.DBus.Error.NotSupported", "The service has no such method");
  g_dbus_connection_send_message (bus, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
  g_object_unref (message);
  return NULL;
}

/* Answers for @name until mock_service_free(). */
static inline MockService *
mock_service_new (const char *name, MockCall call, gpointer data)
{
  MockService *self = g_new0 (MockService, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) owned = NULL;

  self->call = call;
  self->data = data;
  self->bus = g_dbus_connection_new_for_address_sync (
      g_getenv ("DBUS_SESSION_BUS_ADDRESS"),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_add_filter (self->bus, mock_filter, self, NULL);
  owned = g_dbus_connection_call_sync (self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", name, 0), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  return self;
}

/* Nothing is answered any more when it returns. */
static inline void
mock_service_free (MockService *self)
{
  g_assert_true (g_dbus_connection_close_sync (self->bus, NULL, NULL));
  g_object_unref (self->bus);
  g_free (self);
}

/* A signal to whoever listens. @parameters: (transfer floating) */
static inline void
mock_service_emit (MockService *self, const char *path, const char *interface, const char *name,
                   GVariant *parameters)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_emit_signal (self->bus, NULL, path, interface, name, parameters, &error);
  g_assert_no_error (error);
}
