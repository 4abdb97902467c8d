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
#define ENDS " \t\r\n\"'`"

static const struct
{
  const char *open, *close; /* any of these */
} quotes[] = { { "\"", "\"" }, { "'", "'" }, { "`", "`" }, { "“", "”“" }, { "”", "”" },
               { "„", "“”" },  { "«", "»" }, { "»", "«" }, { "‘", "’" },  { "‚", "‘’" } };

/* Which quote stands at @p, or -1. */
static int
find_quote (const char *p)
{
  for (guint i = 0; i < G_N_ELEMENTS (quotes); i++)
    if (g_str_has_prefix (p, quotes[i].open))
      return i;
  return -1;
}

/* --- what is announced */

/* Before the quote that ends before @p, or @p. */
static const char *
skip_quote_back (const char *text, const char *p)
{
  for (guint i = 0; i < G_N_ELEMENTS (quotes); i++)
    {
      const gsize n = strlen (quotes[i].open);

      if ((gsize) (p - text) >= n && strncmp (p - n, quotes[i].open, n) == 0)
        return p - n;
    }
  return p;
}

/* The word before @start and a blank, or @start. */
static const char *
skip_word_back (const char *text, const char *start)
{
  const char *word = start - 1;

  if (start == text || start[-1] != ' ')
    return start;
  while (word > text && g_ascii_isalpha (word[-1]))
    word--;
  return word < start - 1 ? word : start;
}

/* The name that ends before @p, in small letters, without blanks, quotes and joints; empty where
 * there is none. */
static void
read_name (const char *text, const char *p, char name[MAX_NAME + 1])
{
  const char *start;
  gsize n = 0;

  while (p > text)
    {
      const char *before = p[-1] == ' ' || p[-1] == '*' ? p - 1 : skip_quote_back (text, p);

      if (before == p)
        break;
      p = before;
    }
  for (start = p; start > text && p - start < MAX_NAME
                  && (g_ascii_isalnum (start[-1]) || strchr ("_-.", start[-1]) != NULL
                      || ((guchar) start[-1] >= 0x80 && skip_quote_back (text, start) == start));)
    start--;
  /* “API key”, “secret access key” */
  if (p - start == 3 && g_ascii_strncasecmp (start, "key", 3) == 0)
    for (int i = 0; i < 2; i++)
      start = skip_word_back (text, start);
  for (; start < p && n < MAX_NAME; start++)
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

/* Whether a value without quotes ends at @p. @sign: that stands before it: behind “=” a next
 * parameter may follow at once. */
static gboolean
ends_at (const char *p, char sign)
{
  if (strchr (ENDS, *p) != NULL || ((guchar) *p >= 0x80 && find_quote (p) >= 0))
    return TRUE;
  if (*p == ',' || *p == ';')
    return sign == '=' || p[1] == '\0' || strchr (ENDS, p[1]) != NULL;
  if (*p == '<') /* a tag */
    return g_ascii_isalpha (p[1]) || p[1] == '/';
  return *p == '&' && sign == '=';
}

/* From @p to the end of the word or quotation, whose quote @p is moved behind. @sign: as in
 * ends_at(). Returns: its bytes. */
static gsize
read_value (const char **p, char sign, gboolean *quoted)
{
  const int quote = find_quote (*p);
  const char *start = *p, *end;

  *quoted = quote >= 0;
  if (*quoted)
    {
      *p = start += strlen (quotes[quote].open);
      for (end = start; *end != '\0' && *end != '\n' && end - start <= MAX_KEY;
           end = g_utf8_next_char (end))
        if (g_utf8_strchr (quotes[quote].close, -1, g_utf8_get_char (end)) != NULL)
          return end - start;
      return 0;
    }
  for (end = start; !ends_at (end, sign); end++) /* at the text's end, too: strchr() finds it */
    if (end - start > MAX_KEY)
      return 0;
  /* of the sentence, not of it; “!” ends many passwords, and few sentences of this kind */
  while (end > start && strchr (".?):>", end[-1]) != NULL)
    end--;
  return end - start;
}

/* Signs are those that are in few words: not of “and/or”, “2-stufig”, “f(x)”. */
static void
count_classes (const char *p, gsize n, guint *letters, guint *digits, guint *signs)
{
  *letters = *digits = *signs = 0;
  for (gsize i = 0; i < n; i++)
    if (g_ascii_isdigit (p[i]))
      ++*digits;
    else if (g_ascii_isalpha (p[i]) || (guchar) p[i] >= 0x80)
      ++*letters;
    else if (strchr (".-_/()[]<>,;:'", p[i]) == NULL)
      ++*signs;
}

static gboolean
is_path (const char *p, gsize n)
{
  const char *slash = memchr (p, '/', n);

  return slash != NULL
         && (slash == p || p[0] == '.' || p[0] == '~'
             || memchr (slash + 1, '/', n - (slash + 1 - p)) != NULL);
}

/* Something of a program: “config.password1”, “get_password(user2)”, “os.environ["X"]”. */
static gboolean
is_code (const char *p, gsize n)
{
  gsize i = 0, parts = 0;

  do
    {
      const gsize start = i;

      if (i < n && g_ascii_isdigit (p[i]))
        return FALSE;
      while (i < n && (g_ascii_isalnum (p[i]) || p[i] == '_'))
        i++;
      if (i == start)
        return FALSE;
      parts++;
    }
  while (i < n && p[i] == '.' && ++i);
  if (i == n)
    return parts > 1;
  if (p[i] != '(' && p[i] != '[')
    return FALSE;
  /* it is closed in the line */
  p += i;
  return p[strcspn (p, *p == '(' ? ")\n" : "]\n")] == (*p == '(' ? ')' : ']');
}

/* Like “s3cr3t!x”, and not a word, a call, a path, “8-stellig”. */
static gboolean
is_password (const char *p, gsize n, gboolean quoted, gboolean prose)
{
  guint letters, digits, signs;
  const gsize number = strspn (p, "0123456789");
  gsize said = n; /* without what ends “It is wrong!” */

  while (said > 0 && p[said - 1] == '!')
    said--;
  count_classes (p, said, &letters, &digits, &signs);
  if (n < MIN_PASSWORD || n > MAX_PASSWORD || attune_secret_is_placeholder (p, n)
      || attune_secret_entropy (p, n) < PASSWORD_ENTROPY)
    return FALSE;
  if (memchr (p, ' ', n) != NULL || is_path (p, n) || (!quoted && is_code (p, n)))
    return FALSE;
  if (number > 0 && p[number] == '-' && digits == number)
    return FALSE;
  return letters > 0 && (digits > 0 || (signs > 0 && !prose));
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
  if (password ? !is_password (value, n, quoted, prose) && !is_parameter (text, p, value, n)
               : !is_key (value, n))
    return FALSE;
  *span = (AttuneSpan) { password ? ATTUNE_SECRET_PASSWORD : ATTUNE_SECRET_KEY, value - text,
                         value - text + n };
  return TRUE;
}

/* The “@” behind the password that begins at @p: people write “@”, “/” and “?” in it as they are,
 * and in what follows it. %NULL where there is none. */
static const char *
find_at (const char *p)
{
  const char *at = NULL, *q;

  /* a port, or a path behind “C:” */
  q = p + strspn (p, "0123456789");
  if (*q == '/' || (q > p && (*q == '?' || *q == '#')))
    return NULL;
  for (q = p; strchr (" \t\r\n<>\"'", *q) == NULL && q - p <= MAX_PASSWORD; q++)
    if (*q == '@')
      at = q;
    else if (at != NULL && strchr ("/?#", *q) != NULL)
      break;
  return at;
}

gboolean
attune_secret_match_address (const char *text, const char *p, AttuneSpan *span)
{
  const char *user = p + 3, *colon = user + strcspn (user, ":/@?# \t\r\n<>\"'"), *end;

  if (p == text || !g_ascii_isalnum (p[-1]) || *colon != ':')
    return FALSE;
  end = find_at (colon + 1);
  if (end == NULL || end - colon < 4 || !(g_ascii_isalnum (end[1]) || end[1] == '[')
      || attune_secret_is_placeholder (colon + 1, end - colon - 1))
    return FALSE;
  *span = (AttuneSpan) { ATTUNE_SECRET_PASSWORD, colon + 1 - text, end - text };
  return TRUE;
}
