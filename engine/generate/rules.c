/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See rules.h.
 */
#include "generate/rules.h"

#include "plan/policy.h"

#include <math.h>
#include <string.h>

struct _AttuneRules
{
  const AttunePlanValues *plan; /* borrowed */
  GRegex *format;               /* (nullable) */
};

AttuneRules *
attune_rules_new (const AttunePlanValues *plan, GError **error)
{
  g_autoptr (AttuneRules) self = g_new0 (AttuneRules, 1);

  self->plan = plan;
  if (plan->format_reward > 0)
    self->format = attune_plan_read_format (plan, error);
  return plan->format_reward > 0 && self->format == NULL ? NULL : g_steal_pointer (&self);
}

void
attune_rules_free (AttuneRules *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->format, g_regex_unref);
  g_free (self);
}

/* In one case, with one space between words, without what ends a sentence. */
static char *
simplify (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1), *folded = g_utf8_casefold (valid, -1);
  g_autoptr (GString) out = g_string_new (NULL);

  for (const char *p = folded; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);

      if (!g_unichar_isspace (c))
        g_string_append_unichar (out, c);
      else if (out->len > 0 && out->str[out->len - 1] != ' ')
        g_string_append_c (out, ' ');
    }
  while (out->len > 0 && strchr (" .!?", out->str[out->len - 1]) != NULL)
    g_string_truncate (out, out->len - 1);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* --- numbers */

/* Where digits end, with what parts them. */
static const char *
skip_digits (const char *p)
{
  while (g_ascii_isdigit (*p) || ((*p == '.' || *p == ',') && g_ascii_isdigit (p[1])))
    p++;
  return p;
}

static gboolean
ends_with_minus (const char *text, const char *end)
{
  static const char minus[] = "\u2212";
  const gsize n = strlen (minus);

  if (end > text && end[-1] == '-')
    return end - 1 == text || !g_ascii_isalnum (end[-2]); /* "3-4" is no -4 */
  return end >= text + n && memcmp (end - n, minus, n) == 0;
}

/* Whether what @mark parts are thousands. */
static gboolean
is_grouped (const char *begin, const char *end, char mark)
{
  int n = 0;

  for (const char *p = begin; p < end; p++)
    if (*p == mark)
      {
        if (p == begin || n > 3 || (p > begin + n && n != 3))
          return FALSE;
        n = 0;
      }
    else
      n++;
  return n == 3;
}

/* The one that parts whole and fraction, or '\0'; what stands before *@begin is another number. */
static char
find_decimal_mark (const char **begin, const char *end)
{
  const char *last = NULL;
  int points = 0, commas = 0;

  for (const char *p = *begin; p < end; p++)
    if (!g_ascii_isdigit (*p))
      {
        points += *p == '.';
        commas += *p == ',';
        last = p;
      }
  if (last == NULL)
    return '\0';
  if (points > 0 && commas > 0)
    {
      if ((*last == '.' ? points : commas) == 1
          && is_grouped (*begin, last, *last == '.' ? ',' : '.'))
        return *last; /* 1,250.5 and 1.250,5 */
    }
  else if (points + commas > 1)
    {
      if (is_grouped (*begin, end, *last))
        return '\0'; /* 1,250,000 */
    }
  else /* 1.250 is not quite 1, and 1,250 many */
    return *last == ',' && **begin != '0' && is_grouped (*begin, end, ',') ? '\0' : *last;
  *begin = last + 1; /* 1,2,3: a list */
  return '\0';
}

/* The last number in @text, as it is written in English or on the continent: "1,250.5" and
 * "1.250,5" are 1250.5, "3,5" is 3.5, "1e5" is 100000. FALSE: there is none. */
static gboolean
find_number (const char *text, double *number)
{
  gboolean found = FALSE;

  for (const char *p = text; *p != '\0'; p++)
    {
      const char *begin = p, *end, *q;
      g_autoptr (GString) digits = NULL;
      char mark = '.';

      if (!g_ascii_isdigit (*p))
        continue;
      digits = g_string_new (NULL);
      end = skip_digits (p);
      if (p > text && (p[-1] == '.' || p[-1] == ',') && (p - 1 == text || !g_ascii_isalnum (p[-2])))
        { /* .5 */
          g_string_append (digits, ends_with_minus (text, p - 1) ? "-." : ".");
          mark = '\0';
        }
      else if (ends_with_minus (text, p))
        g_string_append_c (digits, '-');
      if (mark != '\0')
        {
          mark = find_decimal_mark (&begin, end);
          if (begin != p)
            g_string_truncate (digits, 0);
        }
      for (q = begin; q < end; q++)
        if (g_ascii_isdigit (*q))
          g_string_append_c (digits, *q);
        else if (*q == mark)
          g_string_append_c (digits, '.');
      q = *end == 'e' ? end + 1 + (end[1] == '-' || end[1] == '+') : end;
      if (q > end && g_ascii_isdigit (*q))
        {
          q = skip_digits (q);
          g_string_append_len (digits, end, q - end);
          end = q;
        }
      *number = g_ascii_strtod (digits->str, NULL);
      found = TRUE;
      p = end - 1;
    }
  return found;
}

/* --- words */

/* Whether @c goes on with a word. Where words are not parted by spaces, or endings are hung on
 * them, none can be told. */
static gboolean
is_of_word (gunichar c)
{
  switch (g_unichar_get_script (c))
    {
    case G_UNICODE_SCRIPT_HAN:
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA:
    case G_UNICODE_SCRIPT_HANGUL:
    case G_UNICODE_SCRIPT_THAI:
    case G_UNICODE_SCRIPT_LAO:
    case G_UNICODE_SCRIPT_KHMER:
    case G_UNICODE_SCRIPT_MYANMAR:
    case G_UNICODE_SCRIPT_TIBETAN:
      return FALSE;
    default:
      return g_unichar_isalnum (c) || g_unichar_ismark (c);
    }
}

/* Whether @inner, at the edge of what is looked for, and @next, beside it, are of one word or
 * number; @second: behind that. */
static gboolean
goes_on (gunichar inner, gunichar next, gunichar second)
{
  if (g_unichar_isdigit (inner) && (next == '.' || next == ','))
    return g_unichar_isdigit (second);
  return is_of_word (inner) && is_of_word (next);
}

static gunichar
get_before (const char *text, const char **p)
{
  if (*p == text)
    return 0;
  *p = g_utf8_prev_char (*p);
  return g_utf8_get_char (*p);
}

/* "no" is not in "I do not know". Both are simple, and @wanted is not empty. */
static gboolean
contains_words (const char *text, const char *wanted)
{
  const gunichar first = g_utf8_get_char (wanted),
                 last = g_utf8_get_char (g_utf8_prev_char (wanted + strlen (wanted)));

  for (const char *p = text; (p = strstr (p, wanted)) != NULL; p = g_utf8_next_char (p))
    {
      const char *q = p, *end = p + strlen (wanted);
      const gunichar before = get_before (text, &q), second = get_before (text, &q),
                     after = g_utf8_get_char (end);

      if (!goes_on (first, before, second)
          && !goes_on (last, after, after != 0 ? g_utf8_get_char (g_utf8_next_char (end)) : 0))
        return TRUE;
    }
  return FALSE;
}

double
attune_rule_answer (AttuneAnswerRule rule, const char *expected, const char *answer)
{
  g_autofree char *wanted = simplify (expected), *said = simplify (answer);
  double a, b;

  switch (rule)
    {
    case ATTUNE_ANSWER_EXACT:
      return g_str_equal (wanted, said);
    case ATTUNE_ANSWER_NUMBER:
      return find_number (wanted, &a) && find_number (said, &b)
             && fabs (a - b) <= 1e-6 * MAX (1, fabs (a));
    default:
      return *wanted != '\0' && contains_words (said, wanted);
    }
}

double
attune_rule_length (const char *answer, int limit)
{
  int n = 0;

  for (const char *p = answer; *p != '\0'; p++)
    n += !g_ascii_isspace (*p) && (p == answer || g_ascii_isspace (p[-1]));
  if (n == 0)
    return 0;
  return n <= limit ? 1 : MAX (0, 2 - (double) n / limit);
}

double
attune_rules_score (const AttuneRules *self, const char *expected, const char *answer)
{
  const AttunePlanValues *plan = self->plan;
  g_autofree char *stripped = g_strstrip (g_strdup (answer));
  g_autoptr (GError) error = NULL;
  double sum = 0;

  if (plan->answer_reward > 0)
    sum += plan->answer_reward * attune_rule_answer (plan->answer_match, expected, answer);
  if (plan->length_reward > 0)
    sum += plan->length_reward * attune_rule_length (answer, plan->length_limit);
  if (self->format != NULL && g_regex_match_full (self->format, stripped, -1, 0, 0, NULL, &error))
    sum += plan->format_reward;
  if (error != NULL) /* an answer that takes too long to compare has not the form */
    g_debug ("%s", error->message);
  return sum;
}

double
attune_rules_get_most (const AttuneRules *self)
{
  return self->plan->answer_reward + self->plan->length_reward + self->plan->format_reward;
}
