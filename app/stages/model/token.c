/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libsecret; the token of each hub is kept under its address.
 */
#include "stages/model/token.h"

#include <glib/gi18n.h>
#include <libsecret/secret.h>

static const SecretSchema schema = {
  ATTUNE_APP_ID ".HubToken",
  SECRET_SCHEMA_NONE,
  { { "server", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
};

/* What no keyring has taken: address of a hub → token. */
static GHashTable *held;
G_LOCK_DEFINE_STATIC (held);

/* @token: (nullable): none any more */
static void
hold (const char *server, const char *token)
{
  G_LOCK (held);
  if (held == NULL)
    held = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (token != NULL)
    g_hash_table_replace (held, g_strdup (server), g_strdup (token));
  else
    g_hash_table_remove (held, server);
  G_UNLOCK (held);
}

static char *
get_held (const char *server)
{
  char *token;

  G_LOCK (held);
  token = held != NULL ? g_strdup (g_hash_table_lookup (held, server)) : NULL;
  G_UNLOCK (held);
  return token;
}

/* Why the keyring was of no use. */
static char *
explain (const GError *error)
{
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
      || error->domain == G_IO_ERROR) /* no session bus at all */
    return g_strdup (_ ("This computer has no keyring that could keep it."));
  return g_strdup_printf (_ ("The keyring of this computer does not answer: %s."), error->message);
}

/* --- looking it up */

typedef struct
{
  char *token, *problem;
} Answer;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_free (answer->token);
  g_free (answer->problem);
  g_free (answer);
}

static void
look_up (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const char *server = data;
  g_autoptr (GError) error = NULL;
  char *secret = secret_password_lookup_sync (&schema, NULL, &error, "server", server, NULL);
  Answer *answer = g_new0 (Answer, 1);

  answer->problem = error != NULL ? explain (error) : NULL;
  answer->token = secret != NULL ? g_strdup (secret) : get_held (server);
  secret_password_free (secret);
  g_task_return_pointer (task, answer, answer_free);
}

void
attune_token_lookup_async (const char *hub, gpointer source, GAsyncReadyCallback callback,
                           gpointer data)
{
  g_autoptr (GTask) task = g_task_new (source, NULL, callback, data);

  g_return_if_fail (hub != NULL);
  g_task_set_task_data (task, g_strdup (hub), g_free);
  g_task_run_in_thread (task, look_up);
}

char *
attune_token_lookup_finish (GAsyncResult *result, char **problem)
{
  Answer *answer = g_task_propagate_pointer (G_TASK (result), NULL);
  char *token = g_steal_pointer (&answer->token);

  if (problem != NULL)
    *problem = g_steal_pointer (&answer->problem);
  answer_free (answer);
  return token;
}

/* --- keeping it */

static void
store (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  char *const *words = data;
  const char *server = words[0], *token = words[1];
  g_autofree char *reason = NULL;
  g_autoptr (GError) error = NULL;

  if (*token == '\0')
    secret_password_clear_sync (&schema, NULL, &error, "server", server, NULL);
  else
    secret_password_store_sync (&schema, SECRET_COLLECTION_DEFAULT, _ ("Access token of Attune"),
                                token, NULL, &error, "server", server, NULL);
  hold (server, error != NULL && *token != '\0' ? token : NULL);
  if (error == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  reason = explain (error);
  if (*token == '\0')
    g_task_return_new_error_literal (task, G_IO_ERROR, G_IO_ERROR_FAILED, reason);
  else
    /* Translators: %s is a sentence: why there is no keyring. */
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                             _ ("%s The token is used until Attune is closed."), reason);
}

void
attune_token_store_async (const char *hub, const char *token, gpointer source,
                          GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (source, NULL, callback, data);
  const char *const words[] = { hub, token, NULL };

  g_return_if_fail (hub != NULL && token != NULL);
  g_task_set_task_data (task, g_strdupv ((char **) words), (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, store);
}

gboolean
attune_token_store_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
