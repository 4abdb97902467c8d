/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Accounts and cards: an IBAN (ISO 13616, checked by ISO 7064 MOD 97-10) and a payment card
 * (ISO/IEC 7812, checked by Luhn's sum).
 */
#include "data/personal-private.h"

#include <string.h>

/* Characters of an IBAN by its country; SWIFT's registry, release 99. */
static const struct
{
  char country[3];
  guint8 length;
} ibans[] = {
  { "AD", 24 }, { "AE", 23 }, { "AL", 28 }, { "AT", 20 }, { "AZ", 28 }, { "BA", 20 }, { "BE", 16 },
  { "BG", 22 }, { "BH", 22 }, { "BR", 29 }, { "CH", 21 }, { "CR", 22 }, { "CY", 28 }, { "CZ", 24 },
  { "DE", 22 }, { "DK", 18 }, { "DO", 28 }, { "EE", 20 }, { "EG", 29 }, { "ES", 24 }, { "FI", 18 },
  { "FO", 18 }, { "FR", 27 }, { "GB", 22 }, { "GE", 22 }, { "GI", 23 }, { "GL", 18 }, { "GR", 27 },
  { "GT", 28 }, { "HR", 21 }, { "HU", 28 }, { "IE", 22 }, { "IL", 23 }, { "IQ", 23 }, { "IS", 26 },
  { "IT", 27 }, { "JO", 30 }, { "KW", 30 }, { "KZ", 20 }, { "LB", 28 }, { "LI", 21 }, { "LT", 20 },
  { "LU", 20 }, { "LV", 21 }, { "MC", 27 }, { "MD", 24 }, { "ME", 22 }, { "MK", 19 }, { "MR", 27 },
  { "MT", 31 }, { "MU", 30 }, { "NL", 18 }, { "NO", 15 }, { "PK", 24 }, { "PL", 28 }, { "PS", 29 },
  { "PT", 25 }, { "QA", 29 }, { "RO", 24 }, { "RS", 22 }, { "SA", 24 }, { "SE", 24 }, { "SI", 19 },
  { "SK", 24 }, { "SM", 27 }, { "TN", 24 }, { "TR", 26 }, { "UA", 29 }, { "VA", 22 }, { "XK", 20 },
};

static guint
iban_length (const char *country)
{
  for (guint i = 0; i < G_N_ELEMENTS (ibans); i++)
    if (strncmp (ibans[i].country, country, 2) == 0)
      return ibans[i].length;
  return 0;
}

/* Letters count as 10 … 35; the first four characters come last. */
static gboolean
is_iban (const char *iban, guint n)
{
  guint remainder = 0;

  for (guint i = 0; i < n; i++)
    {
      const char c = iban[(i + 4) % n];

      remainder = g_ascii_isdigit (c) ? (remainder * 10 + c - '0') % 97
                                      : (remainder * 100 + c - 'A' + 10) % 97;
    }
  return remainder == 1;
}

gsize
attune_personal_match_iban (const char *text, const char *p)
{
  const char *start = p;
  const guint length = g_ascii_isupper (p[0]) && g_ascii_isupper (p[1]) && g_ascii_isdigit (p[2])
                               && g_ascii_isdigit (p[3])
                           ? iban_length (p)
                           : 0;
  char iban[35];
  guint n = 0;

  for (; n < length; p++)
    if (g_ascii_isdigit (*p) || g_ascii_isupper (*p))
      iban[n++] = *p;
    else if (*p != ' ' || p[-1] == ' ')
      return 0;
  return length > 0 && !g_unichar_isalnum (g_utf8_get_char (p)) && is_iban (iban, n) ? p - start
                                                                                     : 0;
}

static gboolean
is_luhn (const char *digits, guint n)
{
  guint sum = 0;

  for (guint i = 0; i < n; i++)
    {
      const guint digit = digits[n - 1 - i] - '0';

      sum += i % 2 == 0 ? digit : digit < 5 ? 2 * digit : 2 * digit - 9;
    }
  return sum % 10 == 0;
}

/* The networks' own first digits and lengths: 4 Visa, 51–55 and 22–27 Mastercard, 34 and 37
 * American Express, 30, 36, 38 Diners, 35 JCB, 50 and 56–67 Maestro and Discover. */
static gboolean
is_network (const char *digits, guint n)
{
  const guint first_two = (digits[0] - '0') * 10 + digits[1] - '0';

  if (digits[0] == '4')
    return n == 13 || n == 16 || n == 19;
  if (first_two == 34 || first_two == 37)
    return n == 15;
  if (first_two == 30 || first_two == 36 || first_two == 38)
    return n == 14 || n == 16;
  return n >= 16
         && (first_two == 35 || (first_two >= 22 && first_two <= 27)
             || (first_two >= 50 && first_two <= 67));
}

gsize
attune_personal_match_card (const char *text, const char *p)
{
  char digits[20];
  guint n;
  const gsize length
      = *p >= '2' && *p <= '6' ? attune_personal_read_digits (p, " -", 19, digits, &n) : 0;

  return length > 0 && n >= 13 && is_network (digits, n) && is_luhn (digits, n)
                 && strspn (digits, (const char[]) { digits[0], '\0' }) < n
             ? length
             : 0;
}
