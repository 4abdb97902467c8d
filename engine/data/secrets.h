/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What opens a door, in a text: keys of services, private keys, passwords. Found by its form, as
 * gitleaks, TruffleHog and detect-secrets do it: a key by the prefix that its service gives it and
 * its length, anything else only where the words before say what it is and it is as mixed as what
 * was made by chance (Shannon's entropy). Placeholders such as “<your-key>” are none. What is only
 * mixed, a checksum say, is not taken. Pure functions.
 */
#pragma once
#include "data/span.h"

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_SECRET_KEY,         /* that a service gave out: “AKIA…”, “ghp_…”, a web token */
  ATTUNE_SECRET_PRIVATE_KEY, /* of a pair: what stands between BEGIN and END */
  ATTUNE_SECRET_PASSWORD,    /* in an address, in a connection's parameters, or said to be one */
  ATTUNE_N_SECRETS,
} AttuneSecretKind;

/* "key", "private-key", "password": as reports say it. */
const char *attune_secret_kind_get_name (AttuneSecretKind kind);

/* Returns: (transfer full): #AttuneSpan, in their order, none within another. Of an address or a
 * line “password: …” it is the password alone. */
GArray *attune_secrets_find (const char *text);

/* Returns: (transfer full): @text with "[KEY]", "[PRIVATE KEY]" or "[PASSWORD]" in their place. */
char *attune_secrets_mask (const char *text, const GArray *spans);

/* Returns: (transfer full): @text with stars for all but the beginning of each secret in it: enough
 * to see what was found, too little to use it. */
char *attune_secrets_hide (const char *text);

G_END_DECLS
