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

gboolean
attune_secret_is_placeholder (const char *p, gsize n)
{
  /* the whole of it; AWS's documents end all their keys so */
  static const char *const parts[] = { "your",        "xxxx",  "****",   "....", "example",
                                       "placeholder", "dummy", "sample", "dein", NULL };
  static const char *const wholes[]
      = { "password", "passwort", "kennwort", "pass", "passwd", "pwd",  "secret", "geheim",
          "user",     "changeme", "redacted", "none", "null",   "true", "false",  NULL };
  g_autofree char *lower = g_ascii_strdown (p, n);

  if (n == 0 || strchr ("<{[(", *p) != NULL || (*p == '%' && (p[1] == '(' || p[1] == 's'))
      || (*p == '$' && (p[1] == '{' || g_ascii_isupper (p[1]))))
    return TRUE;
  for (guint i = 0; parts[i] != NULL; i++)
    if (strstr (lower, parts[i]) != NULL)
      return TRUE;
  return g_strv_contains (wholes, lower) || attune_secret_entropy (p, n) < 1;
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
      begins = !g_ascii_isalnum (*p) && *p != '_' && (guchar) *p < 0x80;
      p++;
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
