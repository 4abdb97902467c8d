/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Through the text from sign to sign, the surest forms first; and what a secret looks like.
 */
#include "data/secrets.h"

#include "data/secret-private.h"

#include <math.h>
#include <string.h>

static const char *const names[ATTUNE_N_SECRETS] = {
  [ATTUNE_SECRET_KEY] = "key",
  [ATTUNE_SECRET_PRIVATE_KEY] = "private-key",
  [ATTUNE_SECRET_PASSWORD] = "password",
};

const char *
attune_secret_kind_get_name (AttuneSecretKind kind)
{
  g_return_val_if_fail ((guint) kind < ATTUNE_N_SECRETS, NULL);
  return names[kind];
}

double
attune_secret_entropy (const char *p, gsize n)
{
  guint counts[256] = { 0 };
  double bits = 0;

  for (gsize i = 0; i < n; i++)
    counts[(guchar) p[i]]++;
  for (guint i = 0; i < 256; i++)
    if (counts[i] > 0)
      bits -= (double) counts[i] / n * log2 ((double) counts[i] / n);
  return bits;
}

/* Whether a word of @lower says so: “my-example-key”, “sample1”, “yourpassword”; not what is part
 * of something longer, as in “n4dein!7”. */
static gboolean
has_placeholder (const char *lower)
{
  static const char *const words[]
      = { "your", "example", "placeholder", "dummy", "sample", "dein", "deine", NULL },
      *const ends[] = { "password", "passwort", "pass", "pwd",   "key", "apikey",
                        "secret",   "token",    "here", "value", NULL };
  g_auto (GStrv) parts = g_strsplit_set (lower, "-_.:/ <>{}[]()", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *rest;

      parts[i][strcspn (parts[i], "0123456789")] = '\0'; /* “sample1” */
      if (g_strv_contains (words, parts[i]))
        return TRUE;
      rest = g_str_has_prefix (parts[i], "your")   ? parts[i] + 4
             : g_str_has_prefix (parts[i], "dein") ? parts[i] + 4
                                                   : NULL;
      if (rest != NULL && g_strv_contains (ends, rest))
        return TRUE;
    }
  return FALSE;
}

/* “<key>”, “${KEY}”, “$KEY”, “%(key)s” */
static gboolean
is_variable (const char *p, gsize n)
{
  static const char *const brackets[] = { "<>", "{}", "[]", "()" };

  for (guint i = 0; i < G_N_ELEMENTS (brackets); i++)
    if (*p == brackets[i][0] && memchr (p, brackets[i][1], n) != NULL)
      return TRUE;
  if (*p == '%' && (p[1] == '(' || p[1] == 's'))
    return TRUE;
  if (*p != '$')
    return FALSE;
  return p[1] == '{' || (n > 1 && strspn (p + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") >= n - 1);
}

gboolean
attune_secret_is_placeholder (const char *p, gsize n)
{
  static const char *const wholes[]
      = { "password", "passwort", "kennwort", "pass", "passwd", "pwd",  "secret", "geheim",
          "user",     "changeme", "redacted", "none", "null",   "true", "false",  NULL },
      *const parts[] = { "xxxx", "****", "....", NULL };
  g_autofree char *text = NULL, *lower = NULL;

  if (n == 0 || is_variable (p, n))
    return TRUE;
  text = g_strndup (p, n);
  lower = g_ascii_strdown (p, n);
  for (guint i = 0; parts[i] != NULL; i++)
    if (strstr (lower, parts[i]) != NULL)
      return TRUE;
  /* AWS's documents end all their keys so */
  return strstr (text, "EXAMPLE") != NULL || has_placeholder (lower)
         || g_strv_contains (wholes, lower) || attune_secret_entropy (p, n) < 1;
}

/* What has been found at @p, or not. */
static gboolean
look (const char *text, const char *p, gboolean begins, AttuneSpan *span)
{
  gsize n = 0;

  if (*p == '-' && (n = attune_secret_match_block (p)) > 0)
    *span = (AttuneSpan) { ATTUNE_SECRET_PRIVATE_KEY, p - text, p - text + n };
  else if (begins && (n = attune_secret_match_form (p)) > 0)
    *span = (AttuneSpan) { *p == 'A' && p[1] == 'G' ? ATTUNE_SECRET_PRIVATE_KEY : ATTUNE_SECRET_KEY,
                           p - text, p - text + n };
  if (n > 0)
    return TRUE;
  if (*p == ':' && strncmp (p, "://", 3) == 0)
    return attune_secret_match_address (text, p, span);
  return (*p == ':' || *p == '=' || *p == ' ') && attune_secret_match_announced (text, p, span);
}

GArray *
attune_secrets_find (const char *text)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (AttuneSpan));
  gboolean begins = TRUE;

  for (const char *p = text; *p != '\0';)
    {
      AttuneSpan span;

      if (look (text, p, begins, &span))
        {
          g_array_append_val (spans, span);
          p = text + span.end;
          begins = FALSE;
          continue;
        }
      /* line ends are written out in JSON and logs */
      begins = *p == '\\' && p[1] != '\0' && strchr ("nrt", p[1]) != NULL;
      p += begins;
      begins = begins || (!g_unichar_isalnum (g_utf8_get_char (p)) && *p != '_');
      p = g_utf8_next_char (p);
    }
  return spans;
}

char *
attune_secrets_mask (const char *text, const GArray *spans)
{
  static const char *const masks[ATTUNE_N_SECRETS] = { "[KEY]", "[PRIVATE KEY]", "[PASSWORD]" };

  return attune_spans_mask (text, spans, masks);
}

char *
attune_secrets_hide (const char *text)
{
  /* “AKIA***”, “-----BEGIN***”, “h***” */
  static const guint shown[ATTUNE_N_SECRETS] = { 4, 10, 1 };
  g_autoptr (GArray) spans = attune_secrets_find (text);
  GString *hidden = g_string_new (NULL);
  gsize done = 0;

  for (guint i = 0; i < spans->len; i++)
    {
      const AttuneSpan *span = &g_array_index (spans, AttuneSpan, i);
      const char *kept = g_utf8_offset_to_pointer (text + span->start, shown[span->kind]);

      g_string_append_len (hidden, text + done, kept - text - done);
      g_string_append (hidden, "***");
      done = span->end;
    }
  g_string_append (hidden, text + done);
  return g_string_free (hidden, FALSE);
}
