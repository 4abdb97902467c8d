/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See label-numbers.h.
 */
#include "data/label-numbers.h"

#include <math.h>
#include <string.h>

/* As many records to each different number are no chance … */
#define LEAST_REPEATS 3
/* … and amounts that come again fill at least this share of the numbers that there could be. */
#define LEAST_FILLED 0.05
/* Codes have so many digits behind their mark at most. */
#define MOST_PLACES 2

static gboolean
is_group (const char *digits)
{
  return g_ascii_isdigit (digits[0]) && g_ascii_isdigit (digits[1]) && g_ascii_isdigit (digits[2])
         && !g_ascii_isdigit (digits[3]);
}

/* Whether @text has nothing but what strtod() takes in a number, and no names of numbers and no
 * hexadecimal ones. */
static gboolean
looks_like_number (const char *text)
{
  const gsize n = strlen (text);

  return n > 0 && strspn (text, "0123456789+-.,eE") == n && strpbrk (text, "0123456789") != NULL
         && strchr ("eE", text[0]) == NULL;
}

/* Returns: (transfer full) (nullable): %NULL: it is none */
static char *
take_number (const char *text)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));

  return looks_like_number (copy) ? g_steal_pointer (&copy) : NULL;
}

/* --- marks */

/* How many texts say what, by their mark: 0 a point, 1 a comma. */
typedef struct
{
  guint decimal[2];      /* that it divides the fraction */
  guint either[2];       /* a fraction or thousands */
  guint n_short, n_long; /* without one: below a thousand, and from there on */
} Evidence;

static guint
count_char (const char *text, char c)
{
  guint n = 0;

  for (; *text != '\0'; text++)
    n += *text == c;
  return n;
}

static void
look_at (const char *text, Evidence *found)
{
  const char *digits = text + strspn (text, "+-"), *point = strrchr (digits, '.'),
             *comma = strrchr (digits, ',');
  const gsize before = strspn (digits, "0123456789");
  const int mark = comma != NULL;

  if (point == NULL && comma == NULL)
    {
      found->n_short += before <= 3;
      found->n_long += before > 3;
    }
  else if (point != NULL && comma != NULL)
    found->decimal[comma > point]++;
  else if (count_char (digits, mark ? ',' : '.') > 1)
    found->decimal[!mark]++;
  else if (before < 1 || before > 3 || digits[0] == '0' || !is_group (digits + before + 1)
           || digits[before + 4] != '\0')
    found->decimal[mark]++;
  else
    found->either[mark]++;
}

char
attune_label_find_decimal (const char *const *texts, guint n, gboolean *clear)
{
  Evidence found = { 0 };
  int mark;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *number = take_number (texts[i]);

      if (number != NULL)
        look_at (number, &found);
    }
  *clear = TRUE;
  if (found.decimal[0] > 0 || found.decimal[1] > 0)
    {
      *clear = found.decimal[0] == 0 || found.decimal[1] == 0;
      return found.decimal[1] > found.decimal[0] ? ',' : '.';
    }
  if (found.either[0] == 0 && found.either[1] == 0)
    return '.';
  mark = found.either[1] > found.either[0];
  *clear = found.either[!mark] == 0 && (found.n_short > 0 || found.n_long > 0);
  if (found.n_long > 0)
    return mark ? ',' : '.';
  return found.n_short > 0 && !mark ? ',' : '.';
}

/* Takes the marks of thousands out of @text and writes a point for what divides the fraction.
 * Returns FALSE where thousands are not in their places. */
static gboolean
write_plainly (char decimal, char *text)
{
  const char group = decimal == '.' ? ',' : '.';
  char *from = text + strspn (text, "+-"), *to = from;
  gboolean grouped = FALSE;

  for (gsize digits = strspn (from, "0123456789"); *from != '\0'; from++)
    {
      if (*from == group)
        {
          if (digits < 1 || digits > 3 || !is_group (from + 1))
            return FALSE;
          grouped = TRUE;
          digits = 3;
          continue;
        }
      if (!g_ascii_isdigit (*from))
        {
          if (strchr (from, group) != NULL || (grouped && *from != decimal))
            return FALSE;
        }
      *to++ = *from == decimal ? '.' : *from;
    }
  *to = '\0';
  return TRUE;
}

gboolean
attune_label_parse_number (char decimal, const char *text, double *number)
{
  g_autofree char *copy = take_number (text);
  char *comma, *end;

  if (copy == NULL)
    return FALSE;
  if (decimal == '.' || decimal == ',')
    {
      if (!write_plainly (decimal, copy))
        return FALSE;
    }
  else if ((comma = strchr (copy, ',')) != NULL && strchr (copy, '.') == NULL)
    *comma = '.';
  *number = g_ascii_strtod (copy, &end);
  return *end == '\0' && end > copy && isfinite (*number);
}

/* --- what is no amount */

/* How many digits the fraction of @text has, and whether the last is a zero that no program writes
 * behind others: "3.0" is written by many. */
static guint
count_places (char decimal, const char *text, gboolean *zero)
{
  const char *mark = strchr (text, decimal);
  const guint n = mark != NULL ? strspn (mark + 1, "0123456789") : 0;

  *zero = n > 1 && mark[n] == '0';
  return n;
}

static guint64
divide (guint64 a, guint64 b)
{
  while (b > 0)
    {
      const guint64 rest = a % b;

      a = b;
      b = rest;
    }
  return a;
}

/* Whether @values, which are @n different whole numbers, are few of those there could be between
 * the least and the most of them. */
static gboolean
are_sparse (const double *values, guint n)
{
  double least = values[0], most = values[0];
  guint64 step = 0;

  for (guint i = 1; i < n; i++)
    {
      least = MIN (least, values[i]);
      most = MAX (most, values[i]);
    }
  if (most - least > 1e15) /* beyond, not every whole number is a double */
    return FALSE;
  for (guint i = 0; i < n; i++)
    step = divide (step, (guint64) (values[i] - least));
  return step > 0 && n < LEAST_FILLED * ((most - least) / step + 1);
}

gboolean
attune_label_are_codes (char decimal, const char *const *texts, const guint64 *counts, guint n)
{
  g_autofree double *values = g_new (double, n + 1);
  guint least = G_MAXUINT, most = 0, n_numbers = 0;
  gboolean zeros = FALSE;
  guint64 records = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = take_number (texts[i]);
      gboolean zero;
      guint places;

      if (text == NULL || !attune_label_parse_number (decimal, text, &values[n_numbers]))
        continue;
      /* codes have no thousands, and are not less than nothing */
      if (strchr (text, decimal == '.' ? ',' : '.') != NULL || values[n_numbers] < 0)
        return FALSE;
      if (text[0] == '0' && g_ascii_isdigit (text[1]))
        return TRUE;
      places = count_places (decimal, text, &zero);
      zeros = zeros || zero;
      least = places > 0 ? MIN (least, places) : least;
      most = MAX (most, places);
      n_numbers++;
      records += counts[i];
    }
  if (zeros && least < most) /* programs write as many digits each time, or no zeros */
    return TRUE;
  if (n_numbers < 2 || records < LEAST_REPEATS * (guint64) n_numbers || most > MOST_PLACES)
    return FALSE;
  for (guint i = 0; i < n_numbers; i++)
    values[i] = rint (values[i] * pow (10, most));
  return are_sparse (values, n_numbers);
}

/* Whether @text is "1,2" or "1, 2, 5". @spaced: set where there is a space. */
static gboolean
is_list (const char *text, gboolean *spaced)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  guint64 last = 0;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *part = g_strstrip (parts[i]);
      const gsize n = strlen (part);
      guint64 number;

      if (n < 1 || n > 9 || strspn (part, "0123456789") < n || part[0] == '0')
        return FALSE;
      number = g_ascii_strtoull (part, NULL, 10);
      if (number <= last)
        return FALSE;
      last = number;
    }
  *spaced = *spaced || strchr (text, ' ') != NULL;
  return parts[0] != NULL && parts[1] != NULL;
}

gboolean
attune_label_are_lists (const char *const *texts, guint n)
{
  g_autoptr (GHashTable) alone = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean found = FALSE, spaced = FALSE, shared = FALSE, longer = FALSE;

  for (guint i = 0; i < n; i++)
    if (strchr (texts[i], ',') == NULL)
      g_hash_table_add (alone, (gpointer) texts[i]);
  for (guint i = 0; i < n; i++)
    {
      g_auto (GStrv) parts = NULL;

      if (strchr (texts[i], ',') == NULL)
        continue;
      if (!is_list (texts[i], &spaced))
        return FALSE;
      found = TRUE;
      parts = g_strsplit (texts[i], ",", -1);
      /* "1,200": a group of thousands is as likely */
      longer = longer || strlen (parts[1]) == 3;
      for (guint j = 0; parts[j] != NULL; j++)
        shared = shared || g_hash_table_contains (alone, g_strstrip (parts[j]));
    }
  return found && (spaced || (shared && !longer));
}
