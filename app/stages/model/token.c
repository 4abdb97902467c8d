/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libsecret.
 */
#include "stages/model/token.h"

#include <glib/gi18n.h>
#include <libsecret/secret.h>

static const SecretSchema schema = {
  ATTUNE_APP_ID ".HubToken",
  SECRET_SCHEMA_NONE,
  { { "server", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
};

char *
attune_token_lookup (const char *server)
{
  g_autoptr (GError) error = NULL;
  char *secret = secret_password_lookup_sync (&schema, NULL, &error, "server", server, NULL);
  char *token = g_strdup (secret);

  if (error != NULL)
    g_debug ("no keyring: %s", error->message); /* then it is asked for each time */
  secret_password_free (secret);
  return token;
}

gboolean
attune_token_store (const char *server, const char *token, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (*token == '\0')
    secret_password_clear_sync (&schema, NULL, &reason, "server", server, NULL);
  else
    secret_password_store_sync (&schema, SECRET_COLLECTION_DEFAULT, _ ("Access token of Attune"),
                                token, NULL, &reason, "server", server, NULL);
  if (reason == NULL)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
               _ ("The keyring of this computer did not take the token: %s. It is used until this "
                  "is closed."),
               reason->message);
  return FALSE;
}
