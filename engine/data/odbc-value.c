/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The values of a row by ODBC, of any length, as text.
 */
#include "data/odbc-private.h"

#include <string.h>

/* Takes the next pieces of a column of the row at hand into the value. @type: SQL_C_WCHAR, _CHAR or
 * _BINARY. Returns: what SQLGetData() did. */
static SQLRETURN
take_pieces (AttuneOdbc *self, guint column, SQLSMALLINT type)
{
  const gsize end = type == SQL_C_WCHAR  ? 2
                    : type == SQL_C_CHAR ? 1
                                         : 0,
              room = ATTUNE_ODBC_PIECE_BYTES - end;
  SQLRETURN result;

  g_byte_array_set_size (self->value, 0);
  do
    {
      SQLLEN n = 0;
      gsize got = room;

      result = SQLGetData (self->statement, column + 1, type, self->piece, ATTUNE_ODBC_PIECE_BYTES,
                           &n);
      if (result == SQL_NO_DATA)
        return SQL_SUCCESS;
      if (!SQL_SUCCEEDED (result) || n == SQL_NULL_DATA)
        return result;
      if (n >= 0 && n <= (SQLLEN) room)
        {
          got = n;
          result = SQL_SUCCESS;
        }
      else if (type == SQL_C_CHAR) /* a driver may leave room, not to part a character */
        got = strnlen ((const char *) self->piece, room);
      else if (type == SQL_C_WCHAR)
        for (got = 0; got < room && ((const gunichar2 *) self->piece)[got / 2] != 0;)
          got += 2;
      if (got == 0)
        return SQL_SUCCESS;
      g_byte_array_append (self->value, self->piece, got);
    }
  /* of what is longer than any text the rest is of no use */
  while (result == SQL_SUCCESS_WITH_INFO && self->value->len <= 2 * ATTUNE_MAX_FIELD_BYTES);
  return SQL_SUCCESS;
}

static gboolean
is_binary (SQLSMALLINT type)
{
  return type == SQL_BINARY || type == SQL_VARBINARY || type == SQL_LONGVARBINARY;
}

/* Whether the driver says of the statement that it has no such type. */
static gboolean
has_no_wide (const AttuneOdbc *self)
{
  SQLCHAR state[6] = { 0 }, text[4];
  SQLINTEGER native;
  SQLSMALLINT n;

  SQLGetDiagRec (SQL_HANDLE_STMT, self->statement, 1, state, &native, text, sizeof text, &n);
  return memcmp (state, "07006", 5) == 0 || memcmp (state, "HY003", 5) == 0
         || memcmp (state, "HYC00", 5) == 0;
}

gboolean
attune_odbc_get_text (AttuneOdbc *self, guint column, SQLSMALLINT type, char **text, gsize *n,
                      GError **error)
{
  const SQLSMALLINT as = is_binary (type) ? SQL_C_BINARY : self->narrow ? SQL_C_CHAR : SQL_C_WCHAR;
  SQLRETURN result = take_pieces (self, column, as);
  const guint8 zero[2] = { 0 };
  glong written = 0;
  char *utf8;

  if (!SQL_SUCCEEDED (result) && as == SQL_C_WCHAR && has_no_wide (self))
    {
      self->narrow = TRUE;
      return attune_odbc_get_text (self, column, type, text, n, error);
    }
  if (!SQL_SUCCEEDED (result))
    return attune_odbc_fail_statement (self, error);
  if (as == SQL_C_WCHAR && self->value->len > 0)
    {
      utf8 = g_utf16_to_utf8 ((const gunichar2 *) (gconstpointer) self->value->data,
                              self->value->len / 2, NULL, &written, NULL);
      g_byte_array_set_size (self->value, 0);
      *text = NULL;
      if (utf8 == NULL)
        return TRUE;
      g_byte_array_append (self->value, (const guint8 *) utf8, written);
      g_free (utf8);
    }
  *n = self->value->len;
  g_byte_array_append (self->value, zero, 1);
  *text = (char *) self->value->data;
  return TRUE;
}
