/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Secrets by what stands before them: passwords of addresses and connections, and what is said to
 * be a password, key or token.
 */
#include "data/secret-private.h"

#include <string.h>

/* Less can be no key; more is no password. */
#define MIN_KEY 16
#define MAX_KEY 512
#define MIN_PASSWORD 6
#define MAX_PASSWORD 128
/* A name in front, as “AZURE_STORAGE_ACCOUNT_KEY”. */
#define MAX_NAME 64
/* gitleaks takes 3.5 for keys of any form; of hexadecimal ones of 16 digits this is the mean. */
#define KEY_ENTROPY 3.0
#define PASSWORD_ENTROPY 2.2 /* “hunter2!” has 3, “aaaa11” 0.9 */

/* Each is the end of a name, without its joints: “DB_PASSWORD”, “api-key”. */
static const char *const password_names[]
    = { "password", "passwd", "passphrase", "pwd", "passwort", "kennwort", "pw", NULL };
static const char *const key_names[]
    = { "apikey",      "accesskey", "accesskeyid",  "secretkey",    "secretaccesskey",
        "authkey",     "appkey",    "clientsecret", "accesstoken",  "authtoken",
        "bearertoken", "apitoken",  "refreshtoken", "accountkey",   "sharedaccesskey",
        "privatekey",  "secret",    "token",        "apischlüssel", "credential",
        "credentials", NULL };

/* What a word without quotes ends at. */
#define ENDS " \t\r\n,;\"'`<>"

/* --- what is announced */

/* The name that ends before @p, in small letters, without blanks, quotes and joints; empty where
 * there is none. */
static void
read_name (const char *text, const char *p, char name[MAX_NAME + 1])
{
  const char *start;
  gsize n = 0;

  while (p > text
         && (p[-1] == ' ' || p[-1] == '"' || p[-1] == '\'' || p[-1] == '`' || p[-1] == '*'))
    p--;
  for (start = p; start > text && p - start < MAX_NAME
                  && (g_ascii_isalnum (start[-1]) || strchr ("_-.", start[-1]) != NULL
                      || (guchar) start[-1] >= 0x80);)
    start--;
  /* “API key”: two words */
  if (p - start == 3 && g_ascii_strncasecmp (start, "key", 3) == 0 && start - text >= 4
      && g_ascii_strncasecmp (start - 4, "api ", 4) == 0)
    start -= 4;
  for (; start < p; start++)
    if (*start != '_' && *start != '-' && *start != ' ' && *start != '.')
      name[n++] = g_ascii_tolower (*start);
  name[n] = '\0';
}

static gboolean
ends_with (const char *name, const char *const *ends)
{
  for (guint i = 0; ends[i] != NULL; i++)
    if (g_str_has_suffix (name, ends[i])
        && (strlen (ends[i]) > 2 || strlen (ends[i]) == strlen (name)))
      return TRUE;
  return FALSE;
}

/* --- what follows */

/* From @p to the end of the word or quotation, whose quote @p is moved behind. @sign: that stands
 * before it: an address has parameters with “=”, which “&” parts. Returns: its bytes. */
static gsize
read_value (const char **p, char sign, gboolean *quoted)
{
  const char *start = *p, *end;
  const char quote = *start;

  *quoted = quote == '"' || quote == '\'' || quote == '`';
  if (*quoted)
    {
      *p = ++start;
      for (end = start; *end != '\0' && *end != quote && *end != '\n' && end - start <= MAX_KEY;)
        end++;
      return *end == quote ? end - start : 0;
    }
  for (end = start; *end != '\0' && strchr (sign == '=' ? ENDS "&" : ENDS, *end) == NULL;)
    if (++end - start > MAX_KEY)
      return 0;
  /* of the sentence, not of it; “!” ends many passwords, and few sentences of this kind */
  while (end > start && strchr (".?):", end[-1]) != NULL)
    end--;
  return end - start;
}

static void
count_classes (const char *p, gsize n, guint *letters, guint *digits, guint *signs)
{
  *letters = *digits = *signs = 0;
  for (gsize i = 0; i < n; i++)
    if (g_ascii_isdigit (p[i]))
      ++*digits;
    else if (g_ascii_isalpha (p[i]) || (guchar) p[i] >= 0x80)
      ++*letters;
    else if (p[i] != '.' && p[i] != '-' && p[i] != '_')
      ++*signs;
}

/* Like “s3cr3t!x”, and not a word, a call (“get_password()”), a path, “8-stellig”. */
static gboolean
is_password (const char *p, gsize n, gboolean quoted)
{
  guint letters, digits, signs;
  const gsize number = strspn (p, "0123456789");

  count_classes (p, n, &letters, &digits, &signs);
  if (n < MIN_PASSWORD || n > MAX_PASSWORD || attune_secret_is_placeholder (p, n)
      || attune_secret_entropy (p, n) < PASSWORD_ENTROPY)
    return FALSE;
  if (memchr (p, ' ', n) != NULL || memchr (p, '/', n) != NULL)
    return FALSE;
  if (!quoted && (memchr (p, '(', n) != NULL || memchr (p, '[', n) != NULL))
    return FALSE;
  if (number > 0 && p[number] == '-' && digits == number)
    return FALSE;
  return letters > 0 && (digits > 0 || signs > 0);
}

static gboolean
is_key (const char *p, gsize n)
{
  guint letters, digits, signs;

  count_classes (p, n, &letters, &digits, &signs);
  for (gsize i = 0; i < n; i++)
    if (!g_ascii_isalnum (p[i]) && strchr ("_-./+=~", p[i]) == NULL)
      return FALSE;
  return n >= MIN_KEY && n <= MAX_KEY && letters > 0 && digits > 1
         && !attune_secret_is_placeholder (p, n) && attune_secret_entropy (p, n) >= KEY_ENTROPY;
}

/* Behind the sign and the blanks, and words such as “is”; %NULL where there is no sign. @prose:
 * (out): it is said in words. */
static const char *
skip_sign (const char *p, gboolean *prose)
{
  static const char *const verbs[]
      = { " is ", " is: ", " was ", " ist ", " ist: ", " lautet ", " lautet: ", NULL };

  *prose = *p == ' ';
  if (*prose)
    {
      for (guint i = 0; verbs[i] != NULL; i++)
        if (strncmp (p, verbs[i], strlen (verbs[i])) == 0)
          return p + strlen (verbs[i]);
      return NULL;
    }
  p++;
  while (*p == '=' || *p == '>' || *p == ' ' || *p == '\t') /* “:=”, “=>” */
    p++;
  return p;
}

/* Parameters of a connection, as “Server=db;Uid=sa;Pwd=hunter;”: any value is a password. */
static gboolean
is_parameter (const char *text, const char *sign, const char *value, gsize n)
{
  const char *name = sign;

  if (*sign != '=' || n < 4 || n > MAX_PASSWORD || attune_secret_is_placeholder (value, n))
    return FALSE;
  while (name > text && g_ascii_isalnum (name[-1]))
    name--;
  return value[n] == ';' || (name > text && name[-1] == ';');
}

gboolean
attune_secret_match_announced (const char *text, const char *p, AttuneSpan *span)
{
  char name[MAX_NAME + 1];
  gboolean prose, quoted, password;
  const char *value = skip_sign (p, &prose);
  gsize n;

  if (value == NULL || *value == '\0')
    return FALSE;
  read_name (text, p, name);
  /* “Authorization: Bearer …” */
  if (!prose && g_str_has_suffix (name, "authorization"))
    {
      const gsize skip = g_ascii_strncasecmp (value, "bearer ", 7) == 0  ? 7
                         : g_ascii_strncasecmp (value, "basic ", 6) == 0 ? 6
                                                                         : 0;

      value += skip;
      n = read_value (&value, *p, &quoted);
      if (skip == 0 || n < MIN_KEY || attune_secret_is_placeholder (value, n)
          || attune_secret_entropy (value, n) < KEY_ENTROPY)
        return FALSE;
      *span = (AttuneSpan) { ATTUNE_SECRET_KEY, value - text, value - text + n };
      return TRUE;
    }
  password = ends_with (name, password_names);
  if (!password && !ends_with (name, key_names))
    return FALSE;
  n = read_value (&value, *p, &quoted);
  if (password ? !is_password (value, n, quoted) && !is_parameter (text, p, value, n)
               : !is_key (value, n))
    return FALSE;
  *span = (AttuneSpan) { password ? ATTUNE_SECRET_PASSWORD : ATTUNE_SECRET_KEY, value - text,
                         value - text + n };
  return TRUE;
}

gboolean
attune_secret_match_address (const char *text, const char *p, AttuneSpan *span)
{
  const char *user = p + 3, *colon = user + strcspn (user, ":/@?# \t\r\n<>\"'"), *end;

  if (p == text || !g_ascii_isalnum (p[-1]) || *colon != ':')
    return FALSE;
  end = colon + 1 + strcspn (colon + 1, "/@ \t\r\n<>\"'");
  if (*end != '@' || end - colon < 4 || end - colon > MAX_PASSWORD
      || !(g_ascii_isalnum (end[1]) || end[1] == '[')
      || attune_secret_is_placeholder (colon + 1, end - colon - 1))
    return FALSE;
  *span = (AttuneSpan) { ATTUNE_SECRET_PASSWORD, colon + 1 - text, end - text };
  return TRUE;
}
