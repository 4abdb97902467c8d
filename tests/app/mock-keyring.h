/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A keyring for one secret: as much of the Secret Service API, with its plain sessions, as
 * libsecret asks for. See https://specifications.freedesktop.org/secret-service-spec
 */
#pragma once
#include "mock-bus.h"

#define MOCK_KEYRING_NAME "org.freedesktop.secrets"
#define MOCK_KEYRING_ITEM "/org/freedesktop/secrets/collection/login/1"
#define MOCK_KEYRING_SESSION "/org/freedesktop/secrets/session/1"

typedef struct
{
  GMutex mutex; /* guards the rest: the bus has a thread of its own */
  char *secret; /* (nullable) */
  char *label;
} MockKeyring;

static inline GVariant *
mock_keyring_get_secret (MockKeyring *self)
{
  GVariantBuilder all;

  g_variant_builder_init (&all, G_VARIANT_TYPE ("a{o(oayays)}"));
  g_variant_builder_add (
      &all, "{o@(oayays)}", MOCK_KEYRING_ITEM,
      g_variant_new (
          "(o@ay@ays)", MOCK_KEYRING_SESSION, g_variant_new_array (G_VARIANT_TYPE_BYTE, NULL, 0),
          g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, self->secret, strlen (self->secret), 1),
          "text/plain"));
  return g_variant_new ("(a{o(oayays)})", &all);
}

static inline GVariant *
mock_keyring_search (MockKeyring *self)
{
  GVariantBuilder unlocked, locked;

  g_variant_builder_init (&unlocked, G_VARIANT_TYPE ("ao"));
  g_variant_builder_init (&locked, G_VARIANT_TYPE ("ao"));
  if (self->secret != NULL)
    g_variant_builder_add (&unlocked, "o", MOCK_KEYRING_ITEM);
  return g_variant_new ("(aoao)", &unlocked, &locked);
}

static inline GVariant *
mock_keyring_create (MockKeyring *self, GVariant *parameters)
{
  g_autoptr (GVariant) properties = NULL, secret = NULL, value = NULL;
  gconstpointer bytes;
  gsize n;

  g_variant_get (parameters, "(@a{sv}@(oayays)b)", &properties, &secret, NULL);
  value = g_variant_get_child_value (secret, 2);
  bytes = g_variant_get_fixed_array (value, &n, 1);
  g_free (self->secret);
  self->secret = g_strndup (bytes, n);
  g_free (self->label);
  g_variant_lookup (properties, "org.freedesktop.Secret.Item.Label", "s", &self->label);
  return g_variant_new ("(oo)", MOCK_KEYRING_ITEM, "/");
}

static inline GVariant *
mock_keyring_answer (MockKeyring *self, GDBusMessage *message)
{
  GVariant *parameters = g_dbus_message_get_body (message);
  const char *algorithm = NULL;

  if (mock_is (message, "GetAll"))
    return g_variant_new ("(a{sv})", NULL);
  if (mock_is (message, "OpenSession"))
    {
      g_variant_get_child (parameters, 0, "&s", &algorithm);
      /* what is no longer known here makes libsecret try the plain one */
      return strcmp (algorithm, "plain") == 0
                 ? g_variant_new ("(vo)", g_variant_new_string (""), MOCK_KEYRING_SESSION)
                 : NULL;
    }
  if (mock_is (message, "SearchItems"))
    return mock_keyring_search (self);
  if (mock_is (message, "GetSecrets") && self->secret != NULL)
    return mock_keyring_get_secret (self);
  if (mock_is (message, "CreateItem"))
    return mock_keyring_create (self, parameters);
  if (mock_is (message, "Delete"))
    {
      g_clear_pointer (&self->secret, g_free);
      return g_variant_new ("(o)", "/");
    }
  return NULL;
}

/* A MockCall. */
static inline GVariant *
mock_keyring_call (GDBusMessage *message, GUnixFDList *descriptors, gpointer data)
{
  MockKeyring *self = data;
  GVariant *answer;

  g_mutex_lock (&self->mutex);
  answer = mock_keyring_answer (self, message);
  g_mutex_unlock (&self->mutex);
  return answer;
}
