/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A date is up to three parts, each a number or a month's name.
 */
#include "data/date.h"

#include <string.h>

#define MAX_PARTS 3
/* Of "20240315101500". */
#define MAX_DIGITS 14
/* Of "September", and more than any other word that may stand first. */
#define MAX_WORD 32

typedef struct
{
  guint64 values[MAX_PARTS]; /* of the numbers, in their order */
  int digits[MAX_PARTS];
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

  if (digits > MAX_DIGITS)
    return NULL;
  parts->digits[parts->n] = digits;
  parts->values[parts->n++] = g_ascii_strtoull (p, NULL, 10);
  if (word - end == 2
      && (g_ascii_strncasecmp (end, "st", 2) == 0 || g_ascii_strncasecmp (end, "nd", 2) == 0
          || g_ascii_strncasecmp (end, "rd", 2) == 0 || g_ascii_strncasecmp (end, "th", 2) == 0))
    return word;
  return end;
}

/* Whether another part may be behind @c; "2024:03:15" is written by cameras. */
static gboolean
is_between (char c, const Parts *parts)
{
  if (c == ':')
    return parts->separator == ':' && parts->digits[0] == 4;
  return c != '\0' && strchr (" \t.,/-", c) != NULL;
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
      if (i + 1 == MAX_PARTS || !is_between (*next, parts))
        return next;
      p = skip_separators (next + 1);
    }
  return p;
}

static guint32
day_of (guint64 year, int digits, guint64 month, guint64 day)
{
  GDate date;

  if (digits == 2) /* as POSIX has it */
    year += year < 69 ? 2000 : 1900;
  else if (digits != 4)
    return 0;
  if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1 || year > 9999
      || !g_date_valid_dmy (day, month, year))
    return 0;
  g_date_clear (&date, 1);
  g_date_set_dmy (&date, day, month, year);
  return g_date_get_julian (&date);
}

/* Of three numbers, the day in each order that makes them a date; 0 in the others. */
static void
read_orders (const Parts *parts, guint32 *readings)
{
  const int *digits = parts->digits;
  const guint64 *v = parts->values;

  readings[ATTUNE_DATE_DAY_FIRST] = day_of (v[2], digits[2], v[1], v[0]);
  readings[ATTUNE_DATE_MONTH_FIRST] = day_of (v[2], digits[2], v[0], v[1]);
  readings[ATTUNE_DATE_YEAR_FIRST] = digits[0] == 2 ? day_of (v[0], 2, v[1], v[2]) : 0;
}

/* The day that all orders agree on, which make a date; else 0. */
static guint32
agree (const guint32 *readings)
{
  guint32 day = 0;

  for (guint i = 0; i < ATTUNE_N_DATE_ORDERS; i++)
    {
      if (readings[i] != 0 && day != 0 && readings[i] != day)
        return 0;
      day = MAX (day, readings[i]);
    }
  return day;
}

/* "20240315", or with a time behind it without a blank: "20240315101500". */
static guint32
day_of_digits (guint64 number, int digits)
{
  if (digits == 14)
    number /= 1000000;
  else if (digits != 8)
    return 0;
  return day_of (number / 10000, 4, number / 100 % 100, number % 100);
}

/* What is behind a date: nothing, a time, a word; not a fourth number, as an address has one, or a
 * version. */
static gboolean
ends_well (const char *end, const Parts *parts)
{
  if (g_ascii_isalpha (*end) && *end != 'T' && *end != 'Z')
    return FALSE;
  if (*end == ':') /* "15/Mar/2024:10:15:00", as servers write: the time behind a year */
    return parts->n == 2 && parts->month > 0 && parts->digits[1] == 4;
  return !(parts->n == MAX_PARTS && *end != '\0' && strchr (".-/", *end) != NULL
           && g_ascii_isdigit (end[1]));
}

/* "Fri Mar 15 10:15:00 +0000 2024": the year is the last word of @text; 0: it is none. */
static guint64
read_last_year (const char *text)
{
  const char *word = strrchr (text, ' ');

  return word != NULL && strspn (word + 1, "0123456789") == 4 && word[5] == '\0'
             ? g_ascii_strtoull (word + 1, NULL, 10)
             : 0;
}

/* @readings: of three numbers that can be in several orders; else zeros. Returns: the day of
 * anything else, or 0. */
static guint32
read_day (const char *text, guint32 *readings)
{
  Parts parts = { 0 };
  const char *end = read_parts (skip_separators (text), &parts);
  const int *digits = parts.digits;
  const guint64 *v = parts.values;

  memset (readings, 0, ATTUNE_N_DATE_ORDERS * sizeof *readings);
  if (end == NULL)
    return 0;
  if (parts.month > 0 && parts.n == 2 && *end == ':' && digits[1] <= 2)
    return day_of (read_last_year (end), 4, parts.month, v[0]);
  if (!ends_well (end, &parts))
    return 0;
  if (parts.month > 0 && parts.n == 1)
    return digits[0] == 4 ? day_of (v[0], 4, parts.month, 1) : 0;
  if (parts.month > 0 && parts.n == 2)
    return digits[0] == 4 ? day_of (v[0], 4, parts.month, v[1])
                          : day_of (v[1], digits[1], parts.month, v[0]);
  if (parts.month > 0)
    return 0;
  if (parts.n == 1)
    return day_of_digits (v[0], digits[0]);
  if (digits[0] == 4 && parts.n == 2 && parts.separator == ':')
    return 0; /* a time */
  if (digits[0] == 4 && parts.n >= 2)
    return day_of (v[0], 4, v[1], parts.n == 3 ? v[2] : 1);
  if (parts.n == MAX_PARTS && parts.separator == '.')
    return day_of (v[2], digits[2], v[1], v[0]);
  if (parts.n == MAX_PARTS)
    read_orders (&parts, readings);
  return 0;
}

guint32
attune_date_parse (const char *text)
{
  guint32 readings[ATTUNE_N_DATE_ORDERS];
  const guint32 day = read_day (text, readings);

  return day != 0 ? day : agree (readings);
}

gboolean
attune_date_read_orders (const char *text, guint32 *readings)
{
  read_day (text, readings);
  for (int i = 0; i < ATTUNE_N_DATE_ORDERS; i++)
    if (readings[i] != 0)
      return TRUE;
  return FALSE;
}

/* In seconds: 1971 to 2099. What is less has 8 digits, and can be a date. */
#define FIRST_STAMP 31536000
#define LAST_STAMP 4102444799
#define DAY_SECONDS 86400
#define EPOCH_DAY 719163 /* 1 January 1970, from 1 January of the year 1 */

guint32
attune_date_of_stamp (const char *text, gint64 per_second)
{
  const char *p = text + strspn (text, " \t");
  const gsize digits = strspn (p, "0123456789");
  const char *end = p + digits;
  guint64 seconds;

  if (*end == '.') /* "1710498600.25", and as tables of numbers are written: "1710498600.0" */
    end += 1 + strspn (end + 1, "0123456789");
  if (digits < 8 || digits > 13 || end[strspn (end, " \t")] != '\0')
    return 0;
  seconds = g_ascii_strtoull (p, NULL, 10) / per_second;
  if (seconds < FIRST_STAMP || seconds > LAST_STAMP)
    return 0;
  return EPOCH_DAY + seconds / DAY_SECONDS;
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
