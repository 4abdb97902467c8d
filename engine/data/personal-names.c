/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is personal by the words before it: a date of birth, and a name behind the field's name
 * ("Patient name: …"), behind a form of address ("Mrs …", "Frau …") or an introduction ("My name is
 * …"). A name by itself is not found: no list of names holds all of them, and half of the field's
 * own terms are somebody's name.
 */
#include "data/personal-private.h"

#include <string.h>

#define REACH 32

/* --- dates of birth */

static const char *const birth_words[]
    = { "born",    "dob",          "d.o.b",      "birth",   "birthdate", "birthday",      "geb",
        "geboren", "geburtsdatum", "geburtstag", "né",      "née",       "naissance",     "nacido",
        "nacida",  "nacimiento",   "nato il",    "nata il", "nascita",   "geboortedatum", NULL };

static const char *const months[]
    = { "january",   "february",  "march",    "april",    "may",      "june",       "july",
        "august",    "september", "october",  "november", "december", "januar",     "jänner",
        "februar",   "märz",      "mai",      "juni",     "juli",     "oktober",    "dezember",
        "janvier",   "février",   "mars",     "avril",    "juin",     "juillet",    "août",
        "septembre", "octobre",   "novembre", "décembre", "enero",    "febrero",    "marzo",
        "abril",     "mayo",      "junio",    "julio",    "agosto",   "septiembre", "octubre",
        "noviembre", "diciembre", "gennaio",  "febbraio", "aprile",   "maggio",     "giugno",
        "luglio",    "settembre", "ottobre",  "dicembre" };

/* Behind digits from @min to @max of them, or %NULL. */
static const char *
skip_digits (const char *p, gsize min, gsize max)
{
  const gsize n = p != NULL ? strspn (p, "0123456789") : 0;

  return n >= min && n <= max ? p + n : NULL;
}

/* Behind a month's name or three letters or more of its start, or %NULL. */
static const char *
skip_month (const char *p)
{
  const char *end = p;
  g_autofree char *lower = NULL;

  if (*p == '\0' || strchr ("adefgjlmnosADEFGJLMNOS", *p) == NULL) /* none begins otherwise */
    return NULL;
  while (g_unichar_isalpha (g_utf8_get_char (end)))
    end = g_utf8_next_char (end);
  lower = g_utf8_strdown (p, end - p);
  if (g_utf8_strlen (lower, -1) < 3)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (months); i++)
    if (g_str_has_prefix (months[i], lower))
      return *end == '.' ? end + 1 : end;
  return NULL;
}

/* Behind the ending of a day: 3rd, 3. */
static const char *
skip_ordinal (const char *p)
{
  static const char *const endings[] = { ".", "st", "nd", "rd", "th" };

  for (guint i = 0; p != NULL && i < G_N_ELEMENTS (endings); i++)
    if (strncmp (p, endings[i], strlen (endings[i])) == 0)
      return p + strlen (endings[i]);
  return p;
}

static const char *
skip_blanks (const char *p)
{
  return p != NULL ? p + strspn (p, " ,") : NULL;
}

/* 3.4.1962, 03/04/62, 1962-04-03 */
static const char *
skip_numeric_date (const char *p)
{
  const char *first = skip_digits (p, 1, 4);
  const char separator = first != NULL ? *first : '\0';
  const char *second, *third;

  if (separator == '\0' || strchr ("./-", separator) == NULL)
    return NULL;
  second = skip_digits (first + 1 + (separator == '.' && first[1] == ' '), 1, 2);
  if (second == NULL || *second != separator)
    return NULL;
  third = skip_digits (second + 1 + (separator == '.' && second[1] == ' '), 1, 4);
  return third;
}

/* 3 April 1962, 3. April 1962, 3rd of April 1962 */
static const char *
skip_day_first (const char *p)
{
  p = skip_blanks (skip_ordinal (skip_digits (p, 1, 2)));
  if (p != NULL && strncmp (p, "of ", 3) == 0)
    p += 3;
  return p != NULL && (p = skip_month (p)) != NULL ? skip_digits (skip_blanks (p), 4, 4) : NULL;
}

/* April 3, 1962 */
static const char *
skip_month_first (const char *p)
{
  p = skip_month (p);
  return skip_digits (skip_blanks (skip_ordinal (skip_digits (skip_blanks (p), 1, 2))), 4, 4);
}

gsize
attune_personal_match_birth (const char *text, const char *p)
{
  const char *end = NULL, *from = p;

  if (g_ascii_isdigit (*p))
    {
      end = skip_numeric_date (p);
      end = end != NULL ? end : skip_day_first (p);
    }
  else if (g_unichar_isupper (g_utf8_get_char (p)))
    end = skip_month_first (p);
  if (end == NULL || g_unichar_isalnum (g_utf8_get_char (end)))
    return 0;
  /* not another date's announcement: "born 3.4.1962, admitted 1.2.2024" */
  while (from > text && p - from < REACH && !g_ascii_isdigit (from[-1]))
    from--;
  return attune_personal_is_announced (from, p, REACH, birth_words) ? end - p : 0;
}

/* --- names */

/* With a colon behind them; @words: of the name that must follow, so that a conversation with
 * "Patient: Good morning" is none. */
static const struct
{
  const char *label;
  guint words;
} labels[] = {
  { "name", 2 }, /* "Name: Metformin" is a drug's */
  { "full name", 1 },
  { "first name", 1 },
  { "last name", 1 },
  { "surname", 1 },
  { "family name", 1 },
  { "patient name", 1 },
  { "patient's name", 1 },
  { "customer name", 1 },
  { "client name", 1 },
  { "vorname", 1 },
  { "nachname", 1 },
  { "familienname", 1 },
  { "patientenname", 1 },
  { "name des patienten", 1 },
  { "name der patientin", 1 },
  { "kundenname", 1 },
  { "patient", 2 },
  { "patientin", 2 },
  { "client", 2 },
  { "customer", 2 },
  { "contact", 2 },
  { "contact person", 2 },
  { "kunde", 2 },
  { "kundin", 2 },
  { "ansprechpartner", 2 },
  { "ansprechpartnerin", 2 },
  { "bewohner", 2 },
  { "bewohnerin", 2 },
  { "resident", 2 },
};

static const char *const introductions[]
    = { "my name is", "i am called", "ich heiße", "mein name ist", "je m'appelle", "me llamo" };

/* @words: that the name may have: German nouns have capitals too. "Miss" is a verb in too many
 * titles. */
static const struct
{
  const char *title;
  guint words;
} titles[] = {
  { "Mr", 3 },  { "Mrs", 3 },      { "Ms", 3 },     { "Herr", 1 },  { "Herrn", 1 },  { "Frau", 1 },
  { "Mme", 2 }, { "Monsieur", 2 }, { "Madame", 2 }, { "Señor", 2 }, { "Señora", 2 },
};

/* "Eine Frau Mitte 40" is nobody's name. */
static const char *const articles[]
    = { "eine",  "einer", "die",   "der",    "den",    "dem",   "jede",
        "jeder", "keine", "diese", "dieser", "ein",    "einem", "als",
        "pro",   "je",    "zur",   "junge",  "ältere", "alte",  "schwangere" };

static const char *const particles[]
    = { "von", "van", "de", "der", "den", "zu", "da", "di", "la", "del", "bin", "al", "ter" };

static gboolean
is_letter (gunichar c)
{
  return g_unichar_isalpha (c) || g_unichar_ismark (c) || c == '\'' || c == 0x2019 || c == '-';
}

/* Behind the word of a name at @p: Müller-Lüdenscheidt, O'Brien, "J."; %NULL: it is none. */
static const char *
skip_name_word (const char *p)
{
  const char *start = p;

  if (!g_unichar_isupper (g_utf8_get_char (p)))
    return NULL;
  while (is_letter (g_utf8_get_char (p)))
    p = g_utf8_next_char (p);
  while (p[-1] == '-' || p[-1] == '\'')
    p--;
  if (g_utf8_strlen (start, p - start) == 1)
    return *p == '.' ? p + 1 : NULL;
  /* an abbreviation is no name */
  return g_unichar_isupper (g_utf8_get_char (g_utf8_next_char (start)))
                 && g_utf8_strlen (start, p - start) <= 4
             ? NULL
             : p;
}

static const char *
skip_particles (const char *p)
{
  for (guint i = 0; i < G_N_ELEMENTS (particles); i++)
    {
      const gsize n = strlen (particles[i]);

      if (strncmp (p, particles[i], n) == 0 && p[n] == ' ')
        return skip_particles (p + n + 1);
    }
  return p;
}

/* Behind a name of at least @min and at most @max words. @comma: "Smith, John" is one. */
static const char *
skip_name (const char *p, guint min, guint max, gboolean comma)
{
  const char *end = NULL;
  guint n = 0;

  while (n < max)
    {
      const char *word = skip_name_word (n > 0 || max == 1 ? skip_particles (p) : p);

      if (word == NULL)
        break;
      end = word;
      n++;
      p = comma && n == 1 && *word == ',' ? word + 1 : word;
      if (*p != ' ')
        break;
      p++;
    }
  return n >= min ? end : NULL;
}

/* Whether @before, of @n bytes, ends in the word or words @tail; @start: (out): where they begin.
 */
static gboolean
ends_in (const char *before, gsize n, const char *tail, const char **start)
{
  const gsize length = strlen (tail);
  const char *previous;

  if (n < length || strncmp (before + n - length, tail, length) != 0)
    return FALSE;
  *start = before + n - length;
  previous = g_utf8_find_prev_char (before, *start);
  return previous == NULL || !g_unichar_isalnum (g_utf8_get_char (previous));
}

static gsize
trim_end (const char *text, gsize n, const char *characters)
{
  while (n > 0 && strchr (characters, text[n - 1]) != NULL)
    n--;
  return n;
}

/* Behind a label and its colon. A label begins its line or part of a sentence: "Brand name: …" is
 * not a person's. */
static const char *
match_label (const char *before, gsize n, const char *p)
{
  const char *start;

  if (n == 0 || before[n - 1] != ':')
    return NULL;
  n = trim_end (before, n - 1, " *_");
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    if (ends_in (before, n, labels[i].label, &start))
      {
        const gsize rest = trim_end (before, start - before, " *_");

        if (rest == 0 || strchr ("\n.,;|(-\"", before[rest - 1]) != NULL)
          return skip_name (p, labels[i].words, 4, TRUE);
      }
  return NULL;
}

static gboolean
follows_article (const char *before, gsize n)
{
  const char *start;

  n = trim_end (before, n, " ");
  for (guint i = 0; i < G_N_ELEMENTS (articles); i++)
    if (ends_in (before, n, articles[i], &start))
      return TRUE;
  return FALSE;
}

static const char *
match_title (const char *before, gsize n, const char *lower, const char *p)
{
  const char *start;

  n = trim_end (before, n, ".");
  while (ends_in (before, n, "Dr", &start) || ends_in (before, n, "Prof", &start))
    n = trim_end (before, start - before, " .");
  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    if (ends_in (before, n, titles[i].title, &start))
      return follows_article (lower, start - before) ? NULL
                                                     : skip_name (p, 1, titles[i].words, FALSE);
  return NULL;
}

/* Whether what stands before @p may end in a label, a title or an introduction: by the last two
 * letters of these. */
static gboolean
may_announce (const char *text, const char *p)
{
  static const char tails[] = "mr rs ms rr rn au me ur or ra dr of is ed \x9f"
                              "e st le mo";
  char tail[3] = { 0 };

  while (p > text && (p[-1] == ' ' || p[-1] == '.'))
    p--;
  if (p > text && p[-1] == ':')
    return TRUE;
  if (p - text < 2)
    return FALSE;
  tail[0] = g_ascii_tolower (p[-2]);
  tail[1] = g_ascii_tolower (p[-1]);
  return strstr (tails, tail) != NULL;
}

gsize
attune_personal_match_name (const char *text, const char *p)
{
  const char *from = p - text > REACH ? p - REACH : text, *end, *start;
  g_autofree char *before = NULL, *lower = NULL;
  gsize n;

  if (p == text || (p[-1] != ' ' && p[-1] != ':') || !may_announce (text, p)
      || (!g_unichar_isupper (g_utf8_get_char (p)) && skip_particles (p) == p))
    return 0;
  while (((guchar) *from & 0xc0) == 0x80)
    from++;
  before = g_strndup (from, p - from);
  n = trim_end (before, p - from, " ");
  if (n == 0 || strchr (",;!?\n", before[n - 1]) != NULL)
    return 0;
  before[n] = '\0';
  lower = g_utf8_strdown (before, -1);
  if (strlen (lower) != n) /* letters whose small form is longer: rare, and no label has one */
    return 0;
  end = match_label (lower, n, p);
  if (end == NULL)
    end = match_title (before, n, lower, p);
  for (guint i = 0; end == NULL && i < G_N_ELEMENTS (introductions); i++)
    if (ends_in (lower, n, introductions[i], &start))
      end = skip_name (p, 1, 3, FALSE);
  return end != NULL ? end - p : 0;
}
