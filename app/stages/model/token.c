/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libsecret; the token of each hub is kept under its address.
 */
#include "stages/model/token.h"

#include "model/hub.h"

#include <glib/gi18n.h>
#include <libsecret/secret.h>

static const SecretSchema schema = {
  ATTUNE_APP_ID ".HubToken",
  SECRET_SCHEMA_NONE,
  { { "server", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
};

static void
look_up (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autofree char *server = attune_hub_get_address ();
  g_autoptr (GError) error = NULL;
  char *secret = secret_password_lookup_sync (&schema, NULL, &error, "server", server, NULL);

  if (error != NULL)
    g_debug ("no keyring: %s", error->message); /* then it is asked for each time */
  g_task_return_pointer (task, g_strdup (secret), g_free);
  secret_password_free (secret);
}

void
attune_token_lookup_async (gpointer source, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (source, NULL, callback, data);

  g_task_run_in_thread (task, look_up);
}

char *
attune_token_lookup_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

static void
store (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autofree char *server = attune_hub_get_address ();
  const char *token = data;
  g_autoptr (GError) error = NULL;

  if (*token == '\0')
    secret_password_clear_sync (&schema, NULL, &error, "server", server, NULL);
  else
    secret_password_store_sync (&schema, SECRET_COLLECTION_DEFAULT, _ ("Access token of Attune"),
                                token, NULL, &error, "server", server, NULL);
  if (error == NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                             _ ("The keyring of this computer did not take the token: %s. It is "
                                "used until this is closed."),
                             error->message);
}

void
attune_token_store_async (const char *token, gpointer source, GAsyncReadyCallback callback,
                          gpointer data)
{
  g_autoptr (GTask) task = g_task_new (source, NULL, callback, data);

  g_return_if_fail (token != NULL);
  g_task_set_task_data (task, g_strdup (token), g_free);
  g_task_run_in_thread (task, store);
}

gboolean
attune_token_store_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
