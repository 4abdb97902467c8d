/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ways to reach somebody: e-mail, telephone, the address of a computer.
 */
#include "data/personal-private.h"

#include <gio/gio.h>
#include <string.h>

/* --- e-mail */

#define MAX_LOCAL 64 /* RFC 5321 */

static gboolean
is_local (char c)
{
  return g_ascii_isalnum (c) || strchr ("._%+-", c) != NULL;
}

/* Behind the sign between name and domain, also as it is written to hide it; %NULL: there is none.
 */
static const char *
skip_at (const char *p)
{
  static const char *const signs[] = { "@", " (at) ", "(at)", " [at] ", "[at]" };

  for (guint i = 0; i < G_N_ELEMENTS (signs); i++)
    if (strncmp (p, signs[i], strlen (signs[i])) == 0)
      return p + strlen (signs[i]);
  return NULL;
}

gsize
attune_personal_match_email (const char *text, const char *p)
{
  const char *start = p, *dot = NULL;

  if (!g_ascii_isalnum (*p))
    return 0;
  while (*p != '\0' && p - start <= MAX_LOCAL && is_local (*p))
    p++;
  p = skip_at (p);
  for (; p != NULL && (g_ascii_isalnum (*p) || *p == '-' || *p == '.'); p++)
    if (*p == '.')
      {
        if (!g_ascii_isalnum (p[1])) /* the end of a sentence */
          break;
        dot = p;
      }
  return p != NULL && dot != NULL && p - dot > 2 && g_ascii_isalpha (dot[1]) ? p - start : 0;
}

/* --- computers */

/* In front of numbers with points that are no address, enzymes' among them. */
static const char *const no_address[]
    = { "version",   "release", "v",   "section", "chapter",   "clause",    "item",   "appendix",
        "table",     "figure",  "fig", "kapitel", "ziffer",    "abschnitt", "anhang", "tabelle",
        "abbildung", "abb",     "§",   "ec",      "ec number", NULL };

static gsize
match_ip4 (const char *text, const char *p)
{
  const char *start = p;

  for (guint i = 0; i < 4; i++)
    {
      const gsize n = strspn (p, "0123456789");

      if (n == 0 || n > 3 || atoi (p) > 255 || (n > 1 && *p == '0'))
        return 0;
      p += n;
      if (i < 3 && *p++ != '.')
        return 0;
    }
  if (g_unichar_isalnum (g_utf8_get_char (p)) || (*p == '.' && g_ascii_isdigit (p[1]))
      || attune_personal_is_announced (text, start, 16, no_address))
    return 0;
  return p - start;
}

static gsize
match_ip6 (const char *p)
{
  const gsize n = strspn (p, "0123456789abcdefABCDEF:");
  g_autofree char *address = NULL;
  guint colons = 0;

  if (n < 4 || n > 39 || memchr (p, ':', n) == NULL || g_unichar_isalnum (g_utf8_get_char (p + n)))
    return 0;
  for (gsize i = 0; i < n; i++)
    colons += p[i] == ':';
  address = g_strndup (p, n);
  /* "ab::cd" is a name in a program */
  return colons >= 3 && g_hostname_is_ip_address (address) ? n : 0;
}

gsize
attune_personal_match_ip (const char *text, const char *p)
{
  const gsize n = g_ascii_isdigit (*p) ? match_ip4 (text, p) : 0;

  return n > 0 ? n : g_ascii_isxdigit (*p) || *p == ':' ? match_ip6 (p) : 0;
}

/* --- telephone */

#define MAX_GROUPS 8
#define MAX_DIGITS 15 /* ITU-T E.164 */
#define REACH 24
#define MIN_ANNOUNCED 7 /* less is a count or an extension */

static const char *const phone_words[]
    = { "tel", "telephone", "telefon",   "telefonnummer", "phone",   "call",    "mobile",   "handy",
        "fax", "telefax",   "rufnummer", "durchwahl",     "hotline", "anrufen", "whatsapp", NULL };

/* Drugs, lots and books have numbers of the same shape. */
static const char *const no_phone[]
    = { "ndc", "pzn", "lot", "batch", "charge", "ref", "isbn", "ean", "gtin", "udi", NULL };

/* What is behind a number that was measured or is a dose. */
static const char *const units[]
    = { "mg",   "g",     "kg",        "mcg", "µg",      "μg",   "ug",    "ng", "ml",
        "l",    "dl",    "mmol",      "mol", "mm",      "cm",   "m",     "IU", "IE",
        "I.E.", "units", "Einheiten", "%",   "tablets", "kcal", "steps", NULL };

typedef struct
{
  gboolean plus, bracket;
  char digits[MAX_DIGITS + 1];
  guint n, n_groups;
  guint groups[MAX_GROUPS]; /* digits of each */
  char before[MAX_GROUPS];  /* the separator in front of each; the last character of several */
} Phone;

/* Bytes up to the next group, or 0 where the number ends. */
static gsize
read_separator (const char *p, char *separator)
{
  gsize n = strspn (p, " .-/()");

  if (n == 0 || n > 3 || !g_ascii_isdigit (p[n]))
    return 0;
  *separator = p[n - 1] == '(' && n > 1 ? p[n - 2] : p[n - 1];
  return n;
}

/* Reads group by group. Returns: bytes, or 0. */
static gsize
read_phone (const char *p, Phone *phone)
{
  const char *start = p;
  char separator = '\0';

  *phone = (Phone) { .plus = *p == '+', .bracket = *p == '(' };
  p += phone->plus || phone->bracket;
  while (phone->n_groups < MAX_GROUPS && g_ascii_isdigit (*p))
    {
      const gsize n = strspn (p, "0123456789");
      gsize gap;

      /* a digit by itself behind a blank is the next word: "… 1234567 2 times" */
      if (phone->n + n > MAX_DIGITS || (separator == ' ' && n == 1 && phone->n > 6))
        break;
      memcpy (phone->digits + phone->n, p, n);
      phone->n += n;
      phone->before[phone->n_groups] = separator;
      phone->groups[phone->n_groups++] = n;
      p += n;
      gap = read_separator (p, &separator);
      if (gap == 0)
        return g_unichar_isalnum (g_utf8_get_char (p)) || *p == '_' ? 0 : p - start;
      p += gap;
    }
  while (p > start && !g_ascii_isdigit (p[-1])) /* the separator that was in vain */
    p--;
  return p - start;
}

static gboolean
has_groups (const Phone *phone, guint first, const guint *expected, guint n)
{
  return phone->n_groups == first + n
         && memcmp (phone->groups + first, expected, n * sizeof *expected) == 0;
}

static gboolean
is_date (const Phone *phone)
{
  return phone->n_groups >= 3 && phone->groups[0] <= 2 && phone->groups[1] <= 2
         && strchr ("./-", phone->before[1]) != NULL && phone->before[1] == phone->before[2];
}

/* North America: (NXX) NXX-XXXX, maybe behind a 1; with slashes they are strengths of a drug. */
static gboolean
is_american (const Phone *phone)
{
  const guint first = phone->groups[0] == 1 && phone->digits[0] == '1' ? 1 : 0;

  return has_groups (phone, first, (const guint[]) { 3, 3, 4 }, 3) && phone->digits[first] >= '2'
         && phone->digits[first + 3] >= '2' && phone->before[first + 1] != '/'
         && phone->before[first + 2] != '/';
}

static gboolean
is_measured (const char *end)
{
  end += strspn (end, " ");
  for (guint i = 0; units[i] != NULL; i++)
    {
      const gsize n = strlen (units[i]);

      if (strncmp (end, units[i], n) == 0 && !g_unichar_isalnum (g_utf8_get_char (end + n)))
        return TRUE;
    }
  return FALSE;
}

/* The 0 of another area, in two groups at least. */
static gboolean
is_national (const Phone *phone)
{
  static const guint french[] = { 2, 2, 2, 2, 2 };

  if (phone->digits[0] != '0' || phone->n < 9 || phone->n_groups < 2)
    return FALSE;
  if (phone->digits[1] == '0') /* of another country */
    return phone->n >= 10 && phone->digits[2] != '0';
  return (phone->groups[0] >= 3 && phone->groups[0] <= 6)
         || (has_groups (phone, 0, french, 5) && phone->before[1] == phone->before[4]);
}

/* Whether groups of digits stand before it: then it is the rest of something else. */
static gboolean
goes_on (const char *text, const char *p)
{
  return p - text >= 2 && p[-1] == ' ' && g_ascii_isdigit (p[-2]) && g_ascii_isdigit (*p);
}

gsize
attune_personal_match_phone (const char *text, const char *p)
{
  Phone phone;
  const gsize n = g_ascii_isdigit (*p) || ((*p == '+' || *p == '(') && g_ascii_isdigit (p[1]))
                      ? read_phone (p, &phone)
                      : 0;

  if (n == 0 || phone.n < MIN_ANNOUNCED || is_date (&phone) || goes_on (text, p)
      || is_measured (p + n) || attune_personal_is_announced (text, p, 16, no_phone))
    return 0;
  if (phone.plus)
    return phone.n >= 8 && phone.digits[0] != '0' ? n : 0;
  if (is_american (&phone) || is_national (&phone))
    return n;
  if (phone.digits[0] == '0' && phone.digits[1] == '0' && phone.digits[2] != '0' && phone.n >= 11)
    return n;
  return attune_personal_is_announced (text, p, REACH, phone_words) ? n : 0;
}
