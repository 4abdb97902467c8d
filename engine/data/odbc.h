/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is known of ODBC without a driver manager: its addresses, and what its states mean to a
 * person. Private to data/.
 */
#pragma once
#include "data/import.h"

G_BEGIN_DECLS

/* Returns: (transfer full): what a driver manager connects with, password and all; %NULL with
 * @error where @address cannot be understood. */
char *attune_odbc_get_connection (const char *address, GError **error);
/* Returns: (transfer full) (nullable): the value of @key in @address. */
char *attune_odbc_find (const char *address, const char *key);
/* Returns: (transfer full): @text without the secrets of @address, which a driver may repeat. */
char *attune_odbc_hide (const char *address, const char *text);

/* When a driver said no. */
typedef enum
{
  ATTUNE_ODBC_CONNECTING,
  ATTUNE_ODBC_ASKING,
  ATTUNE_ODBC_READING, /* rows have come already */
} AttuneOdbcMoment;

/* Says what a driver's @state means. @state: SQLSTATE, five letters and digits; @reason: the
 * driver's sentence; @known: (nullable): the names of what there is instead of what is not. Returns
 * %FALSE. */
gboolean attune_odbc_explain (const AttuneSource *source, AttuneOdbcMoment moment,
                              const char *state, const char *reason, const char *known,
                              GError **error);

G_END_DECLS
