/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers that states and their insurances give to people. A form and a check for each: what is
 * only a row of digits with one check digit, which every tenth number passes by chance, is taken
 * where a word before it says what it is.
 */
#include "data/personal-private.h"

#include <string.h>

/* Bytes before a number in which it may be announced. */
#define REACH 40
#define MAX_ID 20

static guint
value (char c)
{
  return g_ascii_isdigit (c) ? c - '0' : c - 'A' + 10;
}

static guint
two (const char *s)
{
  return value (s[0]) * 10 + value (s[1]);
}

static guint64
number_of (const char *s, guint n)
{
  guint64 number = 0;

  for (guint i = 0; i < n; i++)
    number = number * 10 + value (s[i]);
  return number;
}

static guint
weighted_sum (const char *s, const guint8 *weights, guint n)
{
  guint sum = 0;

  for (guint i = 0; i < n; i++)
    sum += value (s[i]) * weights[i];
  return sum;
}

static gboolean
is_day (guint day, guint month)
{
  return day >= 1 && day <= 31 && month >= 1 && month <= 12;
}

/* --- Germany */

/* Tax number: ISO 7064 MOD 11,10; of the first ten digits one is there twice or three times. */
static gboolean
check_german_tax (const char *s)
{
  guint counts[10] = { 0 }, product = 10, repeated = 0;

  for (guint i = 0; i < 10; i++)
    {
      const guint sum = (value (s[i]) + product) % 10;

      product = (sum == 0 ? 10 : sum) * 2 % 11;
      if (++counts[value (s[i])] == 2)
        repeated++;
      else if (counts[value (s[i])] > 3)
        return FALSE;
    }
  return s[0] != '0' && repeated == 1 && (11 - product) % 10 == value (s[10]);
}

static guint
sum_of_digits (guint n)
{
  return n / 10 + n % 10;
}

/* Health insurance: the letter as two digits, every other one doubled. */
static gboolean
check_german_health (const char *s)
{
  char digits[12];
  guint sum = 0;

  g_snprintf (digits, sizeof digits, "%02d%.9s", s[0] - 'A' + 1, s + 1);
  for (guint i = 0; i < 10; i++)
    sum += sum_of_digits (value (digits[i]) * (1 + i % 2));
  return sum % 10 == value (s[9]);
}

static gboolean
check_german_pension (const char *s)
{
  static const guint8 weights[12] = { 2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1 };
  char digits[14];
  guint sum = 0;

  g_snprintf (digits, sizeof digits, "%.8s%02d%.2s", s, s[8] - 'A' + 1, s + 9);
  for (guint i = 0; i < 12; i++)
    sum += sum_of_digits (value (digits[i]) * weights[i]);
  return is_day (two (s + 2) % 50, two (s + 4)) && sum % 10 == value (s[11]);
}

/* --- United Kingdom, United States */

static gboolean
check_nhs (const char *s)
{
  static const guint8 weights[9] = { 10, 9, 8, 7, 6, 5, 4, 3, 2 };

  return (11 - weighted_sum (s, weights, 9) % 11) % 11 == value (s[9]);
}

static gboolean
check_nino (const char *s)
{
  return strpbrk ((const char[]) { s[0], s[1], '\0' }, "DFIQUV") == NULL && s[1] != 'O'
         && s[8] <= 'D';
}

static gboolean
check_ssn (const char *s)
{
  const guint64 area = number_of (s, 3);

  return area != 0 && area != 666 && area < 900 && number_of (s + 3, 2) != 0
         && number_of (s + 5, 4) != 0;
}

/* --- other countries of Europe */

/* France: 97 less the remainder; the month is over 20 where it is not known. */
static gboolean
check_french (const char *s)
{
  const guint month = two (s + 3);

  return strchr ("123478", s[0]) != NULL && month >= 1 && (month <= 12 || month >= 20)
         && 97 - number_of (s, 13) % 97 == number_of (s + 13, 2);
}

static gboolean
check_spanish (const char *s)
{
  char digits[9];

  g_strlcpy (digits, s, sizeof digits);
  if (!g_ascii_isdigit (*digits))
    {
      if (*digits < 'X' || *digits > 'Z')
        return FALSE;
      *digits += '0' - 'X';
    }
  return "TRWAGMYFPDXBNJZSQVHLCKE"[number_of (digits, 8) % 23] == s[8];
}

/* Italy: characters at odd places count by a table of their own. */
static gboolean
check_italian (const char *s)
{
  static const guint8 odd[26] = { 1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                                  20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23 };
  guint sum = 0;

  for (guint i = 0; i < 15; i++)
    {
      const guint n = g_ascii_isdigit (s[i]) ? value (s[i]) : value (s[i]) - 10;

      sum += i % 2 == 0 ? odd[n] : n;
    }
  return sum % 26 + 'A' == (guint) s[15] && strchr ("ABCDEHLMPRST", s[8]) != NULL;
}

static gboolean
check_dutch (const char *s)
{
  static const guint8 weights[8] = { 9, 8, 7, 6, 5, 4, 3, 2 };

  return (weighted_sum (s, weights, 8) + 10 * 11 - value (s[8])) % 11 == 0;
}

static gboolean
check_polish (const char *s)
{
  static const guint8 weights[11] = { 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1 };

  return is_day (two (s + 4), two (s + 2) % 20) && weighted_sum (s, weights, 11) % 10 == 0;
}

static gboolean
check_swiss (const char *s)
{
  static const guint8 weights[13] = { 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1 };

  return g_str_has_prefix (s, "756") && weighted_sum (s, weights, 13) % 10 == 0;
}

/* Belgium: 97 less the remainder; a 2 stands before what is of people born after 1999. */
static gboolean
check_belgian (const char *s)
{
  const guint64 n = number_of (s, 9), check = number_of (s + 9, 2);

  return is_day (two (s + 4), two (s + 2))
         && (97 - n % 97 == check || 97 - (G_GUINT64_CONSTANT (2000000000) + n) % 97 == check);
}

static gboolean
check_swedish (const char *s)
{
  guint sum = 0;

  for (guint i = 0; i < 10; i++)
    sum += sum_of_digits (value (s[i]) * (2 - i % 2));
  return is_day (two (s + 4), two (s + 2)) && sum % 10 == 0;
}

static gboolean
check_finnish (const char *s)
{
  return is_day (two (s), two (s + 2))
         && "0123456789ABCDEFHJKLMNPRSTUVWXY"[(number_of (s, 6) * 1000 + number_of (s + 6, 3)) % 31]
                == s[9];
}

static gboolean
check_danish (const char *s)
{
  return is_day (two (s), two (s + 2));
}

/* --- the table */

static const char *const german_tax[] = {
  "steuer-id", "steueridentifikationsnummer", "idnr", "identifikationsnummer", "tax id", "tin", NULL
};
static const char *const nhs[] = { "nhs", NULL };
static const char *const dutch[] = { "bsn", "burgerservicenummer", "sofinummer", NULL };
static const char *const polish[] = { "pesel", NULL };
static const char *const danish[] = { "cpr", "cpr-nummer", "personnummer", NULL };

/* In a form 9 is a digit, A a capital letter, X both; ~ may be a blank or a dash or nothing, and
 * everything else stands for itself. */
static const struct
{
  const char *form;
  gboolean (*check) (const char *id);
  const char *const *announced; /* (nullable): one of these must stand before it */
} ids[] = {
  { "99 999 999 999", check_german_tax },
  { "99999999999", check_german_tax, german_tax },
  { "A999999999", check_german_health },
  { "99~999999~A~999", check_german_pension },
  { "999 999 9999", check_nhs },
  { "9999999999", check_nhs, nhs },
  { "999-999-9999", check_nhs, nhs },
  { "AA~99~99~99~A", check_nino },
  { "999-99-9999", check_ssn },
  { "9~99~99~99~999~999~99", check_french },
  { "99999999~A", check_spanish },
  { "A~9999999~A", check_spanish },
  { "AAAAAA99A99A999A", check_italian },
  { "999999999", check_dutch, dutch },
  { "99999999999", check_polish, polish },
  { "999.9999.9999.99", check_swiss },
  { "99.99.99-999.99", check_belgian },
  { "999999-9999", check_swedish },
  { "999999-999X", check_finnish },
  { "999999A999X", check_finnish },
  { "999999-9999", check_danish, danish },
};

/* Reads @p by @form; @id: (out): its letters and digits. Returns: bytes, or 0. */
static gsize
read_form (const char *p, const char *form, char *id)
{
  const char *start = p;

  for (; *form != '\0'; form++)
    {
      const gboolean fits = *form == '9'   ? g_ascii_isdigit (*p)
                            : *form == 'A' ? g_ascii_isupper (*p)
                            : *form == 'X' ? g_ascii_isdigit (*p) || g_ascii_isupper (*p)
                                           : *form == '~' || *p == *form;

      if (!fits)
        return 0;
      if (*form == '9' || *form == 'A' || *form == 'X')
        *id++ = *p++;
      else if (*form != '~' || *p == ' ' || *p == '-')
        p++;
    }
  *id = '\0';
  return g_unichar_isalnum (g_utf8_get_char (p)) ? 0 : p - start;
}

gsize
attune_personal_match_id (const char *text, const char *p)
{
  if (!g_ascii_isdigit (*p) && !g_ascii_isupper (*p))
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      char id[MAX_ID];
      const gsize n = read_form (p, ids[i].form, id);

      if (n > 0 && ids[i].check (id)
          && (ids[i].announced == NULL
              || attune_personal_is_announced (text, p, REACH, ids[i].announced)))
        return n;
    }
  return 0;
}
