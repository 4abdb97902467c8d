/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the five characters mean with which an ODBC driver says that something went wrong (SQLSTATE;
 * ODBC's reference, appendix A), as sentences.
 */
#include "data/odbc.h"
#include "data/sql.h"

#include <string.h>

/* Behind the names in brackets of who says it, as "[unixODBC][Driver Manager]". */
static const char *
skip_speakers (const char *reason)
{
  while (*reason == '[' && strchr (reason, ']') != NULL)
    reason = strchr (reason, ']') + 1;
  return reason + strspn (reason, " ");
}

/* No such data source, or no such driver. */
static gboolean
explain_unknown (const AttuneSource *source, const char *reason, const char *known, GError **error)
{
  g_autofree char *driver = attune_odbc_find (source->address, "Driver"),
                  *name = attune_odbc_find (source->address, "DSN");

  if (driver == NULL && strstr (reason, "open lib") == NULL)
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
                 "No ODBC data source is called “%s” on this computer. There are: %s. They are set "
                 "up in the files odbc.ini in /etc and .odbc.ini in your home folder.",
                 name != NULL ? name : "", known != NULL ? known : "none");
  else
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
                 "The ODBC driver of “%s” is not installed, or cannot be loaded (%s). Installed "
                 "are: %s.",
                 source->path, reason, known != NULL ? known : "none");
  return FALSE;
}

/* As the databases themselves say it: not every driver has a state for it. */
static gboolean
is_about_password (const char *reason)
{
  return strstr (reason, "authentication failed") != NULL     /* PostgreSQL */
         || strstr (reason, "Access denied for user") != NULL /* MySQL, MariaDB */
         || strstr (reason, "Login failed for user") != NULL; /* SQL Server */
}

/* What a driver hands on of PostgreSQL's own states, as ODBC has them. */
static const char *
translate (const char *state)
{
  return g_str_equal (state, "42P01") ? "42S02" : g_str_equal (state, "42703") ? "42S22" : state;
}

static const char *
get_sentence (AttuneOdbcMoment moment, const char *state, AttuneDataError *code)
{
  static const struct
  {
    const char *state; /* how it begins */
    AttuneDataError code;
    const char *sentence;
  } sentences[] = {
    { "28", ATTUNE_DATA_ERROR_READ,
      "You were not let in by “%s”: name or password are wrong (%s)." },
    { "HYT", ATTUNE_DATA_ERROR_READ,
      "“%s” did not answer in time (%s). Try later, or ask for less." },
    { "42S02", ATTUNE_DATA_ERROR_SETTINGS,
      "“%s” has no such table (%s). Look how its tables are written, or choose one." },
    { "42S22", ATTUNE_DATA_ERROR_SETTINGS,
      "“%s” has no such column (%s). Look how its columns are written." },
    { "42501", ATTUNE_DATA_ERROR_READ, "Your name may not read this in “%s” (%s)." },
    { "25006", ATTUNE_DATA_ERROR_SETTINGS,
      "The query of “%s” does something else than read its tables (%s). Nothing was done. Ask for "
      "rows with one SELECT." },
    { "42", ATTUNE_DATA_ERROR_SETTINGS,
      "What is asked of “%s” is not understood (%s). Look how its tables and columns are written "
      "in the query, or choose a table." },
    { "37", ATTUNE_DATA_ERROR_SETTINGS, "What is asked of “%s” is not understood (%s)." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sentences); i++)
    if (g_str_has_prefix (state, sentences[i].state))
      {
        *code = sentences[i].code;
        return sentences[i].sentence;
      }
  *code = ATTUNE_DATA_ERROR_READ;
  if (moment == ATTUNE_ODBC_CONNECTING)
    return "Could not reach “%s”: %s";
  if (g_str_has_prefix (state, "08"))
    return "The connection is lost to “%s” (%s). Try again when it is there.";
  if (moment == ATTUNE_ODBC_READING)
    return "“%s” could be read in part only: %s";
  *code = ATTUNE_DATA_ERROR_SETTINGS;
  return "“%s” refuses what is asked of it: %s";
}

gboolean
attune_odbc_explain (const AttuneSource *source, AttuneOdbcMoment moment, const char *state,
                     const char *reason, const char *known, GError **error)
{
  g_autofree char *said = attune_odbc_hide (source->address, skip_speakers (reason)),
                  *sentence = NULL;
  AttuneDataError code = ATTUNE_DATA_ERROR_READ;
  g_auto (GStrv) parts = NULL;

  g_strstrip (said);
  state
      = is_about_password (said) && moment == ATTUNE_ODBC_CONNECTING ? "28000" : translate (state);
  if (moment == ATTUNE_ODBC_CONNECTING
      && (g_str_has_prefix (state, "IM") || g_str_equal (state, "01000")))
    return explain_unknown (source, said, known, error);
  /* a sentence has %s twice: what is read, and what the driver says */
  parts = g_strsplit (get_sentence (moment, state, &code), "%s", 3);
  sentence = g_strconcat (parts[0], source->path, parts[1], said, parts[2], NULL);
  g_set_error_literal (error, ATTUNE_DATA_ERROR, code, sentence);
  return FALSE;
}
