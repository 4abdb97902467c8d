/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A date is up to three parts, each a number or a month's name.
 */
#include "data/date.h"

#include <string.h>

#define MAX_PARTS 3
/* Of "September", and more than any other word that may stand first. */
#define MAX_WORD 32

typedef struct
{
  int values[MAX_PARTS], digits[MAX_PARTS]; /* of the numbers, in their order */
  guint n;
  int month;      /* that was named, from 1; 0: none was */
  char separator; /* behind the first part */
} Parts;

/* The month that @word names, from 1, or begins to name with three letters at least; else 0. */
static int
month_of (const char *word, gsize length)
{
  static const char *const names[12][4] = {
    { "january", "januar", "jänner" },
    { "february", "februar" },
    { "march", "märz", "maerz", "mrz" },
    { "april" },
    { "may", "mai" },
    { "june", "juni" },
    { "july", "juli" },
    { "august" },
    { "september" },
    { "october", "oktober" },
    { "november" },
    { "december", "dezember" },
  };
  g_autofree char *lower = g_utf8_strdown (word, length);

  for (int month = 0; month < 12 && g_utf8_strlen (lower, -1) >= 3; month++)
    for (int i = 0; i < 4 && names[month][i] != NULL; i++)
      if (g_str_has_prefix (names[month][i], lower))
        return month + 1;
  return 0;
}

static const char *
end_of_word (const char *p)
{
  while (g_unichar_isalpha (g_utf8_get_char (p)))
    p = g_utf8_next_char (p);
  return p;
}

static const char *
skip_separators (const char *p)
{
  return p + strspn (p, " \t.,/-");
}

/* Reads the number at @p; "1st", "2nd" too. Returns: what is behind it, %NULL for no part of a
 * date. */
static const char *
read_number (const char *p, Parts *parts)
{
  const int digits = strspn (p, "0123456789");
  const char *end = p + digits, *word = end_of_word (end);

  if (digits > 8)
    return NULL;
  parts->digits[parts->n] = digits;
  parts->values[parts->n++] = (int) g_ascii_strtoll (p, NULL, 10);
  if (word - end == 2
      && (g_ascii_strncasecmp (end, "st", 2) == 0 || g_ascii_strncasecmp (end, "nd", 2) == 0
          || g_ascii_strncasecmp (end, "rd", 2) == 0 || g_ascii_strncasecmp (end, "th", 2) == 0))
    return word;
  return end;
}

/* Reads up to three parts; a word in front that is no month ("Fri,", "am") is passed over. Returns:
 * what is behind them, or %NULL. */
static const char *
read_parts (const char *p, Parts *parts)
{
  const char *word = end_of_word (p);

  if (word > p && word - p < MAX_WORD && month_of (p, word - p) == 0)
    p = skip_separators (word);
  for (guint i = 0; i < MAX_PARTS && *p != '\0'; i++)
    {
      const char *end = end_of_word (p), *next;

      if (g_ascii_isdigit (*p))
        next = read_number (p, parts);
      else if (end > p && end - p < MAX_WORD && parts->month == 0)
        next = (parts->month = month_of (p, end - p)) > 0 ? end : NULL;
      else
        return NULL;
      if (next == NULL)
        return NULL;
      if (i == 0)
        parts->separator = *next;
      /* "2024-03" ends here, "2024-03 10:15" does not say a day */
      p = i + 1 < MAX_PARTS && strchr (" \t.,/-", *next) != NULL ? skip_separators (next) : next;
      if (p == next)
        break;
    }
  return p;
}

static guint32
day_of (int year, int digits, int month, int day)
{
  GDate date;

  if (digits == 2) /* as POSIX has it */
    year += year < 69 ? 2000 : 1900;
  else if (digits != 4)
    return 0;
  if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1
      || !g_date_valid_dmy (day, month, year))
    return 0;
  g_date_clear (&date, 1);
  g_date_set_dmy (&date, day, month, year);
  return g_date_get_julian (&date);
}

/* Numbers alone, the year last or, of two digits, perhaps first. 0 where readings differ. */
static guint32
day_of_numbers (const Parts *parts)
{
  const int *v = parts->values, *digits = parts->digits;
  const guint32 day_first = day_of (v[2], digits[2], v[1], v[0]);
  const guint32 readings[] = { day_first, day_of (v[2], digits[2], v[0], v[1]),
                               digits[0] == 2 ? day_of (v[0], 2, v[1], v[2]) : 0 };
  guint32 day = 0;

  if (parts->separator == '.')
    return day_first;
  for (guint i = 0; i < G_N_ELEMENTS (readings); i++)
    {
      if (readings[i] != 0 && day != 0 && readings[i] != day)
        return 0;
      day = MAX (day, readings[i]);
    }
  return day;
}

guint32
attune_date_parse (const char *text)
{
  Parts parts = { 0 };
  const char *end = read_parts (skip_separators (text), &parts);
  const int *v = parts.values, *digits = parts.digits;

  if (end == NULL || (g_ascii_isalpha (*end) && *end != 'T' && *end != 'Z') || *end == ':')
    return 0;
  if (parts.n == MAX_PARTS && *end != '\0' && strchr (".-/", *end) != NULL
      && g_ascii_isdigit (end[1]))
    return 0; /* an address, or a number of a version */
  if (parts.month > 0 && parts.n == 1)
    return digits[0] == 4 ? day_of (v[0], 4, parts.month, 1) : 0;
  if (parts.month > 0 && parts.n == 2)
    return digits[0] == 4 ? day_of (v[0], 4, parts.month, v[1])
                          : day_of (v[1], digits[1], parts.month, v[0]);
  if (parts.month > 0)
    return 0;
  if (parts.n == 1 && digits[0] == 8)
    return day_of (v[0] / 10000, 4, v[0] / 100 % 100, v[0] % 100);
  if (digits[0] == 4 && parts.n >= 2)
    return day_of (v[0], 4, v[1], parts.n == 3 ? v[2] : 1);
  return parts.n == 3 ? day_of_numbers (&parts) : 0;
}

char *
attune_date_to_text (guint32 day)
{
  GDate date;

  g_return_val_if_fail (g_date_valid_julian (day), NULL);
  g_date_clear (&date, 1);
  g_date_set_julian (&date, day);
  return g_strdup_printf ("%04d-%02d-%02d", g_date_get_year (&date), g_date_get_month (&date),
                          g_date_get_day (&date));
}
