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

/* The last number in @text: "1,250.5" is 1250.5. FALSE: there is none. */
static gboolean
find_number (const char *text, double *number)
{
  gboolean found = FALSE;

  for (const char *p = text; *p != '\0';)
    {
      char digits[64];
      gsize n = 0;

      if (!g_ascii_isdigit (*p))
        {
          p++;
          continue;
        }
      if (p > text && (p[-1] == '-' || p[-1] == '.') && (p - 1 == text || !g_ascii_isalnum (p[-2])))
        digits[n++] = p[-1];
      for (; n < sizeof digits - 1 && *p != '\0'; p++)
        if (g_ascii_isdigit (*p) || (*p == '.' && g_ascii_isdigit (p[1])))
          digits[n++] = *p;
        else if (*p != ',' || !g_ascii_isdigit (p[1]))
          break;
      digits[n] = '\0';
      while (g_ascii_isdigit (*p))
        p++;
      *number = g_ascii_strtod (digits, NULL);
      found = TRUE;
    }
  return found;
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
      return *wanted != '\0' && strstr (said, wanted) != NULL;
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
  double sum = 0;

  if (plan->answer_reward > 0)
    sum += plan->answer_reward * attune_rule_answer (plan->answer_match, expected, answer);
  if (plan->length_reward > 0)
    sum += plan->length_reward * attune_rule_length (answer, plan->length_limit);
  if (self->format != NULL && g_regex_match (self->format, answer, 0, NULL))
    sum += plan->format_reward;
  return sum;
}

double
attune_rules_get_most (const AttuneRules *self)
{
  return self->plan->answer_reward + self->plan->length_reward + self->plan->format_reward;
}
