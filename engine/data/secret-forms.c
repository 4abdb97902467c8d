/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys that services give out: each has a prefix of its own, and a length. The forms are those that
 * the services document and gitleaks 8 lists.
 */
#include "data/secret-private.h"

#include <string.h>

#define HEX "0123456789abcdef"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define ALNUM UPPER LOWER "0123456789"
#define WEB ALNUM "_-" /* Base64 as addresses have it */

static const struct
{
  const char *prefix, *alphabet;
  guint min, max; /* characters behind the prefix */
} forms[] = {
  { "AKIA", UPPER "234567", 16, 16 }, /* Amazon's */
  { "ASIA", UPPER "234567", 16, 16 },
  { "AIza", WEB, 35, 35 }, /* Google's */
  { "ya29.", WEB, 20, 500 },
  { "GOCSPX-", WEB, 28, 28 },
  { "ghp_", ALNUM, 36, 36 }, /* GitHub's */
  { "gho_", ALNUM, 36, 36 },
  { "ghu_", ALNUM, 36, 36 },
  { "ghs_", ALNUM, 36, 36 },
  { "ghr_", ALNUM, 36, 36 },
  { "github_pat_", ALNUM "_", 82, 82 },
  { "glpat-", WEB, 20, 64 }, /* GitLab's */
  { "gldt-", WEB, 20, 64 },
  { "glrt-", WEB, 20, 64 },
  { "xoxb-", ALNUM "-", 20, 200 }, /* Slack's */
  { "xoxp-", ALNUM "-", 20, 200 },
  { "xoxa-", ALNUM "-", 20, 200 },
  { "xoxs-", ALNUM "-", 20, 200 },
  { "xapp-", ALNUM "-", 20, 200 },
  { "hooks.slack.com/services/", ALNUM "/", 40, 60 },
  { "sk-ant-", WEB, 40, 200 }, /* of language models */
  { "sk-proj-", WEB, 40, 250 },
  { "sk-svcacct-", WEB, 40, 250 },
  { "sk-or-v1-", HEX, 64, 64 },
  { "sk-", ALNUM, 32, 64 },
  { "gsk_", ALNUM, 52, 52 },
  { "hf_", ALNUM, 34, 40 },
  { "r8_", ALNUM, 37, 37 },
  { "npm_", ALNUM, 36, 36 }, /* of package registries */
  { "pypi-AgE", WEB, 50, 1000 },
  { "rubygems_", HEX, 48, 48 },
  { "dckr_pat_", WEB, 27, 40 },
  { "SG.", WEB ".", 60, 70 },     /* SendGrid's */
  { "sk_live_", ALNUM, 16, 250 }, /* Stripe's */
  { "sk_test_", ALNUM, 16, 250 },
  { "rk_live_", ALNUM, 16, 250 },
  { "shpat_", HEX, 32, 32 },      /* Shopify's */
  { "dop_v1_", HEX, 64, 64 },     /* DigitalOcean's */
  { "glsa_", ALNUM "_", 41, 41 }, /* Grafana's */
  { "lin_api_", ALNUM, 40, 40 },
  { "PMAK-", HEX "-", 59, 59 }, /* Postman's */
  { "hvs.", WEB, 90, 200 },     /* HashiCorp Vault's */
  { "AGE-SECRET-KEY-1", UPPER "0123456789", 58, 58 },
};

/* So that nearly all words are passed over at a glance. */
static gboolean
may_begin (char c)
{
  return c != '\0' && strchr ("AGPSdeghlnprsxy", c) != NULL;
}

/* Three parts with points between, of which two are JSON in Base64 (RFC 7519): they begin “{"”. */
static gsize
match_web_token (const char *p)
{
  const char *start = p;

  for (guint part = 0; part < 3; part++)
    {
      const gsize n = strspn (p, WEB);

      if (n < 10 || (part < 2 && (strncmp (p, "eyJ", 3) != 0 || p[n] != '.')))
        return 0;
      p += n + (part < 2);
    }
  return p - start;
}

gsize
attune_secret_match_form (const char *p)
{
  if (!may_begin (*p))
    return 0;
  if (strncmp (p, "eyJ", 3) == 0)
    return match_web_token (p);
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      const gsize skip = strlen (forms[i].prefix);
      gsize n;

      if (strncmp (p, forms[i].prefix, skip) != 0)
        continue;
      n = strspn (p + skip, forms[i].alphabet);
      while (n > 0 && strchr ("./", p[skip + n - 1]) != NULL) /* of the sentence */
        n--;
      /* part of something longer, or too short, or “sk-xxxxxxxx…” */
      if (n < forms[i].min || n > forms[i].max || g_ascii_isalnum (p[skip + n])
          || attune_secret_is_placeholder (p + skip, n)
          || attune_secret_entropy (p + skip, n) < 2.5)
        continue;
      return skip + n;
    }
  return 0;
}

/* “-----BEGIN RSA PRIVATE KEY-----” */
#define MAX_TITLE 80
/* RSA keys of 16384 bits have 13 KB. */
#define MAX_BLOCK 16384
/* Lines have 64 characters, 70 or 76; no word is as long. */
#define MIN_LINE 40
/* Of a key without an end, the last line is shorter. */
#define MIN_LAST_LINE 16
#define BASE64 ALNUM "+/="

/* The first line of Base64 from @p on, within @n bytes, or %NULL. */
static const char *
find_line (const char *p, gsize n)
{
  const char *const end = p + n;

  while (p < end)
    {
      const gsize run = strspn (p, BASE64);

      if (run >= MIN_LINE)
        return p;
      p += run + (p[run] != '\0');
      if (*p == '\0')
        break;
    }
  return NULL;
}

/* Behind the lines from @p on, which may have signs of a mail or program between: “> ”, “\n" +”. */
static const char *
skip_lines (const char *p)
{
  const char *end = p;

  for (;;)
    {
      gsize run = strspn (p, BASE64), gap;

      if (run < MIN_LINE && (run < MIN_LAST_LINE || end == p))
        return end;
      end = p + run;
      if (run < MIN_LINE)
        return end;
      gap = strcspn (end, ALNUM);
      if (end[gap] == 'n' && gap > 0 && end[gap - 1] == '\\') /* “\n” written out */
        gap += 1 + strcspn (end + gap + 1, ALNUM);
      p = end + gap;
      if (gap > 16)
        return end;
    }
}

gsize
attune_secret_match_block (const char *p)
{
  g_autofree char *last = NULL;
  const char *title = p + 11, *body, *end, *line;

  if (strncmp (p, "-----BEGIN ", 11) != 0
      || (end = g_strstr_len (title, MAX_TITLE, "-----")) == NULL
      || g_strstr_len (title, end - title, "PRIVATE KEY") == NULL
      || memchr (title, '\n', end - title) != NULL)
    return 0;
  body = end + 5;
  last = g_strdup_printf ("-----END %.*s-----", (int) (end - title), title);
  end = g_strstr_len (body, MAX_BLOCK, last);
  /* without a line of it, it is spoken of */
  line = find_line (body, end != NULL ? end - body : 1024);
  if (line == NULL)
    return 0;
  return (end != NULL ? end + strlen (last) : skip_lines (line)) - p;
}
